//! A listed feed of three sources at 100, 101 and 102 quote units.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, I256, U256};
use interfaces::Revert;
use motsu::prelude::*;

use crate::OracleAdapter;
use crate::abi_types::{self, FeedRules};
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

/// Aggregators, each an origin of its own, with their greatest ages.
pub(crate) fn aggregators(sources: &[(Address, u32)]) -> Vec<abi_types::Source> {
    let source = |(account, max_age): &(Address, u32)| abi_types::Source {
        account: *account,
        kind: 0,
        maxAge: *max_age,
        origin: account.into_word(),
        id: B256::ZERO,
    };
    sources.iter().map(source).collect()
}

/// Bounds 1 to 1,000,000, the least quorum, thresholds of 1 %, 2 % and 10 % for a minute.
pub(crate) fn rules() -> FeedRules {
    FeedRules {
        minPrice: wad(1),
        maxPrice: wad(1_000_000),
        quorum: 0,
        warnBps: 100,
        haltBps: 200,
        jumpBps: 1_000,
        jumpDelay: 60,
        confidenceBps: 100,
        twapBps: 300,
    }
}

/// Lists `sources` under the feed with [`rules`].
pub(crate) fn list(
    adapter: &Contract<OracleAdapter>,
    owner: Address,
    sources: Vec<Address>,
) -> Result<(), Revert> {
    let sources: Vec<_> = sources
        .into_iter()
        .map(|source| (source, MAX_AGE))
        .collect();
    adapter
        .sender(owner)
        .list_feed(FEED, aggregators(&sources), rules())
}

/// The owner is `owner`; there is no volatility surface.
pub(crate) fn set_scene(
    adapter: &Contract<OracleAdapter>,
    owner: Address,
    sources: [&Contract<Source>; 3],
) {
    adapter
        .sender(owner)
        .constructor(owner, Address::ZERO)
        .motsu_unwrap();
    for (source, price) in sources.iter().zip([100, 101, 102]) {
        fresh(source, price);
    }
    list(
        adapter,
        owner,
        sources.iter().map(|source| source.at()).collect(),
    )
    .motsu_unwrap();
}

/// The error, as the caller sees it.
pub(crate) fn error<E: alloy_sol_types::SolError>(expected: E) -> Revert {
    expected.into()
}
