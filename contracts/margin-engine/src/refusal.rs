//! The errors of the engine, encoded word by word: the generated encoders are instantiated per error and cost kilobytes.

use alloy_primitives::{B256, U256};
use alloy_sol_types::SolError;
use clearing_math::margin::MarginError;
use interfaces::IMarginEngine::{
    BadLeg, BadSeries, MissingVolatility, Overflow, SeriesExpired, TooManyLegs, UnknownRiskProfile,
};
use interfaces::Revert;
use interfaces::words::{Word, encode};

#[inline(never)]
fn refuse(selector: [u8; 4], words: &[B256]) -> Revert {
    Revert::from_callee(encode(&selector, words))
}

pub(crate) fn bad_leg(index: usize) -> Revert {
    refuse(BadLeg::SELECTOR, &[U256::from(index).word()])
}

pub(crate) fn too_many_legs(given: usize, most: usize) -> Revert {
    refuse(
        TooManyLegs::SELECTOR,
        &[U256::from(given).word(), U256::from(most).word()],
    )
}

pub(crate) fn unknown_risk_profile(profile: u32) -> Revert {
    refuse(UnknownRiskProfile::SELECTOR, &[profile.word()])
}

pub(crate) fn missing_volatility(expiry: u32) -> Revert {
    refuse(MissingVolatility::SELECTOR, &[expiry.word()])
}

pub(crate) fn overflow() -> Revert {
    refuse(Overflow::SELECTOR, &[])
}

pub(crate) fn series_expired(series: U256, expiry: u32) -> Revert {
    refuse(SeriesExpired::SELECTOR, &[series.word(), expiry.word()])
}

pub(crate) fn bad_series(series: U256) -> Revert {
    refuse(BadSeries::SELECTOR, &[series.word()])
}

/// What the mathematics refuses. Legs, strikes and profile are checked before, and the adapter gives an ordered band above zero: what is left is
/// a volatility that is missing, or numbers out of the range calculated in.
pub(crate) fn margin_error(error: MarginError) -> Revert {
    match error {
        MarginError::MissingVolatility(expiry) => missing_volatility(expiry),
        _ => overflow(),
    }
}
