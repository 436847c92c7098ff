//! The errors of the lens and of what stands behind it, encoded word by word. One error has one meaning in all three interfaces.

use alloy_primitives::{B256, U256};
use alloy_sol_types::SolError;
use interfaces::IRiskLens::{
    BadLeg, BadSeries, ExpiredLeg, LengthMismatch, MissingVolatility, NoImpliedVolatility,
    Overflow, SeriesExpired, UnacceptedAsset, WrongPool,
};
use interfaces::Revert;
use interfaces::words::{Word, encode};

#[inline(never)]
fn refuse(selector: [u8; 4], words: &[B256]) -> Revert {
    Revert::from_callee(encode(&selector, words))
}

/// A series id is malformed.
#[must_use]
pub fn bad_series(series: U256) -> Revert {
    refuse(BadSeries::SELECTOR, &[series.word()])
}

/// A series has expired.
#[must_use]
pub fn series_expired(series: U256, expiry: u32) -> Revert {
    refuse(SeriesExpired::SELECTOR, &[series.word(), expiry.word()])
}

/// An expiry has no volatility.
#[must_use]
pub fn missing_volatility(expiry: u32) -> Revert {
    refuse(MissingVolatility::SELECTOR, &[expiry.word()])
}

/// No volatility gives this price.
#[must_use]
pub fn no_implied_volatility(series: U256, price: U256) -> Revert {
    let words = [series.word(), price.word()];
    refuse(NoImpliedVolatility::SELECTOR, &words)
}

/// A leg word is malformed.
#[must_use]
pub fn bad_leg(index: usize) -> Revert {
    refuse(BadLeg::SELECTOR, &[(index as u64).word()])
}

/// A leg to be added has expired.
#[must_use]
pub fn expired_leg(index: usize) -> Revert {
    refuse(ExpiredLeg::SELECTOR, &[(index as u64).word()])
}

/// A series belongs to another pool than the account.
#[must_use]
pub fn wrong_pool(given: u32, expected: u32) -> Revert {
    refuse(WrongPool::SELECTOR, &[given.word(), expected.word()])
}

/// An asset (as a word) is none of the pool's.
#[must_use]
pub fn unaccepted_asset(pool: u32, asset: B256) -> Revert {
    refuse(UnacceptedAsset::SELECTOR, &[pool.word(), asset])
}

/// Lists that belong together differ in length.
#[must_use]
pub fn length_mismatch(first: usize, second: usize) -> Revert {
    let words = [first as u64, second as u64].map(Word::word);
    refuse(LengthMismatch::SELECTOR, &words)
}

/// A number does not fit.
#[must_use]
pub fn overflow() -> Revert {
    refuse(Overflow::SELECTOR, &[])
}
