//! A face of ether (18 decimals) in dollars of 6 decimals, answered with 8.

use alloc::string::ToString;

use alloy_primitives::{Address, B256, address};
use alloy_sol_types::SolError;
use interfaces::Revert;
use motsu::prelude::*;

use super::adapter::Adapter;
use crate::AggregatorFace;

pub(crate) const FEED: B256 = B256::repeat_byte(0xfe);
/// Motsu's clock, which stands still.
pub(crate) const NOW: u64 = 1_735_689_600;
pub(crate) const WAD: u128 = 1_000_000_000_000_000_000;
pub(crate) const ETHER: Address = address!("EeeeeEeeeEeEeeEeEeEeeEEEeeeeEeeeeeeeEEeE");
pub(crate) const DOLLAR: Address = Address::repeat_byte(0xd0);
pub(crate) const MAX_AGE: u32 = 600;
/// Anybody.
pub(crate) const RELAYER: Address = Address::repeat_byte(0x77);

pub(crate) fn open(face: &Contract<AggregatorFace>, adapter: &Contract<Adapter>) {
    construct(face, adapter, 8, [18, 6]).motsu_unwrap();
}

pub(crate) fn construct(
    face: &Contract<AggregatorFace>,
    adapter: &Contract<Adapter>,
    decimals: u8,
    [ether, dollar]: [u8; 2],
) -> Result<(), Revert> {
    face.sender(RELAYER).constructor(
        adapter.address(),
        FEED,
        decimals,
        ETHER,
        ether,
        DOLLAR,
        dollar,
        MAX_AGE,
        "ETH / USD".to_string(),
    )
}

/// The error, as the caller sees it.
pub(crate) fn error<E: SolError>(expected: E) -> Revert {
    expected.into()
}
