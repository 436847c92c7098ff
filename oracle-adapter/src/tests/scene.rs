//! A listed feed of three sources at 100, 101 and 102 quote units, with a publisher.

use alloc::vec;
use alloc::vec::Vec;

use alloy_primitives::{Address, B256, I256, U256};
use interfaces::Revert;
use motsu::prelude::*;

use crate::OracleAdapter;
use crate::tests::host::START;
use crate::tests::source::{Script, Source};

pub(crate) const FEED: B256 = B256::repeat_byte(0xfe);
pub(crate) const OTHER_FEED: B256 = B256::repeat_byte(0x0f);
pub(crate) const MAX_AGE: u32 = 3_600;
pub(crate) const WAD: u128 = 1_000_000_000_000_000_000;
/// Decimals of the sources.
pub(crate) const DECIMALS: u32 = 8;

/// Quote units in WAD.
pub(crate) fn wad(units: u128) -> U256 {
    U256::from(units * WAD)
}

/// Quote units as a source with eight decimals answers them.
pub(crate) fn answer(units: i64) -> I256 {
    I256::try_from(units * 10_i64.pow(DECIMALS)).unwrap()
}

/// A source that answers `units` as of now.
pub(crate) fn fresh(source: &Contract<Source>, units: i64) {
    fresh_at(source, units, START);
}

pub(crate) fn fresh_at(source: &Contract<Source>, units: i64, time: u64) {
    source.set_decimals(U256::from(DECIMALS));
    source.say(answer(units), U256::from(time));
}

/// Lists `sources` under the feed, bounds 1 to 1,000,000, the least quorum.
pub(crate) fn list(
    adapter: &Contract<OracleAdapter>,
    owner: Address,
    sources: Vec<Address>,
) -> Result<(), Revert> {
    let max_ages = vec![MAX_AGE; sources.len()];
    adapter
        .sender(owner)
        .list_feed(FEED, sources, max_ages, wad(1), wad(1_000_000), 0)
}

/// Owner and publisher are `owner`.
pub(crate) fn set_scene(
    adapter: &Contract<OracleAdapter>,
    owner: Address,
    sources: [&Contract<Source>; 3],
) {
    adapter.sender(owner).constructor(owner).motsu_unwrap();
    for (source, price) in sources.iter().zip([100, 101, 102]) {
        fresh(source, price);
    }
    list(
        adapter,
        owner,
        sources.iter().map(|source| source.at()).collect(),
    )
    .motsu_unwrap();
    adapter
        .sender(owner)
        .set_publisher(FEED, owner, 600)
        .motsu_unwrap();
}

/// The error, as the caller sees it.
pub(crate) fn error<E: alloy_sol_types::SolError>(expected: E) -> Revert {
    expected.into()
}
