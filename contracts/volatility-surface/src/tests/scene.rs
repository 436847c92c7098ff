//! A feed with three publishers, a day's, a month's and a quarter's expiry, and the real proof beside the surface.

use alloy_primitives::{Address, B256};
use clearing_math::surface::PublishedSmile;
use interfaces::Revert;
use motsu::prelude::*;
use smile_proof::SmileProof;

use super::host::START;
use crate::VolatilitySurface;

pub(crate) const FEED: B256 = B256::repeat_byte(0xfe);
pub(crate) const OTHER_FEED: B256 = B256::repeat_byte(0xef);
pub(crate) const NOW: u32 = START as u32;
pub(crate) const DAY: u32 = 86_400;
pub(crate) const MONTH: u32 = NOW + 30 * DAY;
pub(crate) const QUARTER: u32 = NOW + 90 * DAY;
pub(crate) const MAX_AGE: u32 = 600;
/// 200 %.
pub(crate) const CEILING: u64 = 2_000_000_000_000_000_000;

/// A flat volatility in percent, stamped at publication.
pub(crate) fn flat(percent: u64, expiry: u32) -> B256 {
    let smile = PublishedSmile::flat(percent * 10_000_000_000_000_000, expiry, 0).unwrap();
    B256::new(smile.to_word())
}

/// A skew around 65 %, 30 days.
pub(crate) const SKEW: PublishedSmile = PublishedSmile {
    a: 200_000_000,
    b: 900_000_000,
    rho: -300_000_000,
    m: 20_000_000,
    sigma: 240_000_000,
    expiry: MONTH,
    published_at: 0,
};

pub(crate) fn word(smile: PublishedSmile) -> B256 {
    B256::new(smile.to_word())
}

/// The surface with its owner, and the feed with these publishers, any change allowed.
pub(crate) fn listed(
    surface: &Contract<VolatilitySurface>,
    proof: &Contract<SmileProof>,
    owner: Address,
    publishers: &[Address],
) {
    surface
        .sender(owner)
        .constructor(owner, proof.address())
        .motsu_unwrap();
    surface
        .sender(owner)
        .list_surface(FEED, publishers.to_vec(), 0, MAX_AGE, CEILING, 0)
        .motsu_unwrap();
}

/// Publishes smiles without terms.
pub(crate) fn publish(
    surface: &Contract<VolatilitySurface>,
    caller: Address,
    index: u8,
    smiles: &[B256],
) -> Result<(), Revert> {
    surface
        .sender(caller)
        .publish_surface(FEED, index, smiles.to_vec(), vec![], 0, vec![].into())
        .motsu_res()
}

/// The error, as the caller sees it.
pub(crate) fn error<E: alloy_sol_types::SolError>(expected: E) -> Revert {
    expected.into()
}
