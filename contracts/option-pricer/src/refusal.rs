//! The errors of the pricer, encoded word by word.

use alloy_primitives::{B256, U256};
use alloy_sol_types::SolError;
use interfaces::IOptionPricer::{BadLeg, BadSeries, MissingVolatility, Overflow, SeriesExpired};
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

pub(crate) fn missing_volatility(expiry: u32) -> Revert {
    refuse(MissingVolatility::SELECTOR, &[expiry.word()])
}

pub(crate) fn bad_leg(index: usize) -> Revert {
    refuse(BadLeg::SELECTOR, &[(index as u64).word()])
}

pub(crate) fn overflow() -> Revert {
    refuse(Overflow::SELECTOR, &[])
}
