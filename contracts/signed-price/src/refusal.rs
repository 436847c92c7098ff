//! The errors of the source beside those of signed data. Encoded word by word: the generated encoders cost kilobytes.

use alloy_primitives::aliases::U80;
use alloy_primitives::{B256, U256};
use alloy_sol_types::SolError;
use interfaces::ISignedPrice::{LowConfidence, NoData, ParameterOutOfBounds, WrongGeneration};
use interfaces::Revert;
use interfaces::words::{Word, encode};

#[inline(never)]
fn refuse(selector: [u8; 4], words: &[B256]) -> Revert {
    Revert::from_callee(encode(&selector, words))
}

/// Errors: `ParameterOutOfBounds` outside of [least, most].
pub(crate) fn within(given: u128, least: u128, most: u128) -> Result<(), Revert> {
    if given < least || given > most {
        return Err(parameter_out_of_bounds(U256::from(given), least, most));
    }
    Ok(())
}

pub(crate) fn parameter_out_of_bounds(given: U256, least: u128, most: u128) -> Revert {
    refuse(
        ParameterOutOfBounds::SELECTOR,
        &[given.word(), least.word(), most.word()],
    )
}

pub(crate) fn low_confidence(given: u64, least: u64) -> Revert {
    refuse(LowConfidence::SELECTOR, &[given.word(), least.word()])
}

pub(crate) fn wrong_generation(given: u64, current: u64) -> Revert {
    refuse(WrongGeneration::SELECTOR, &[given.word(), current.word()])
}

pub(crate) fn no_data(round: U80) -> Revert {
    refuse(NoData::SELECTOR, &[U256::from(round).word()])
}
