//! The errors of the lens, encoded word by word.

use alloy_primitives::{B256, U256};
use alloy_sol_types::SolError;
use interfaces::IRiskLens::{
    BadLeg, BadSeries, ExpiredLeg, NoImpliedVolatility, Overflow, SeriesExpired, UnacceptedAsset,
    WrongPool,
};
use interfaces::Revert;
use interfaces::words::{Word, encode};

#[inline(never)]
fn refuse(selector: [u8; 4], words: &[B256]) -> Revert {
    Revert::from_callee(encode(&selector, words))
}

pub(crate) fn bad_series(series: U256) -> Revert {
    refuse(BadSeries::SELECTOR, &[series.word()])
}

pub(crate) fn series_expired(series: U256, expiry: u32) -> Revert {
    refuse(SeriesExpired::SELECTOR, &[series.word(), expiry.word()])
}

pub(crate) fn no_implied_volatility(series: U256, price: U256) -> Revert {
    refuse(
        NoImpliedVolatility::SELECTOR,
        &[series.word(), price.word()],
    )
}

pub(crate) fn bad_leg(index: usize) -> Revert {
    refuse(BadLeg::SELECTOR, &[(index as u64).word()])
}

pub(crate) fn expired_leg(index: usize) -> Revert {
    refuse(ExpiredLeg::SELECTOR, &[(index as u64).word()])
}

pub(crate) fn wrong_pool(given: u32, expected: u32) -> Revert {
    refuse(WrongPool::SELECTOR, &[given.word(), expected.word()])
}

pub(crate) fn unaccepted_asset(pool: u32, asset: B256) -> Revert {
    refuse(UnacceptedAsset::SELECTOR, &[pool.word(), asset])
}

pub(crate) fn overflow() -> Revert {
    refuse(Overflow::SELECTOR, &[])
}
