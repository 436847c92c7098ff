//! The errors of the engine, encoded word by word: the generated encoders are instantiated per error and cost kilobytes.

use alloy_primitives::{B256, U256};
use alloy_sol_types::SolError;
use interfaces::IMarginEngine::{
    BadLeg, BadMarketData, DuplicateLeg, Overflow, TooManyLegs, UnknownRiskProfile,
};
use interfaces::Revert;
use interfaces::words::{Word, encode};

#[inline(never)]
fn refuse(selector: [u8; 4], words: &[B256]) -> Revert {
    Revert::from_callee(encode(&selector, words))
}

fn index(index: usize) -> B256 {
    U256::from(index).word()
}

pub(crate) fn bad_leg(leg: usize) -> Revert {
    refuse(BadLeg::SELECTOR, &[index(leg)])
}

pub(crate) fn duplicate_leg(leg: usize) -> Revert {
    refuse(DuplicateLeg::SELECTOR, &[index(leg)])
}

pub(crate) fn too_many_legs(given: usize, most: usize) -> Revert {
    refuse(TooManyLegs::SELECTOR, &[index(given), index(most)])
}

pub(crate) fn unknown_risk_profile(profile: u32) -> Revert {
    refuse(UnknownRiskProfile::SELECTOR, &[profile.word()])
}

pub(crate) fn bad_market_data() -> Revert {
    refuse(BadMarketData::SELECTOR, &[])
}

pub(crate) fn overflow() -> Revert {
    refuse(Overflow::SELECTOR, &[])
}
