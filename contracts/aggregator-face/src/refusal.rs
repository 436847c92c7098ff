//! The errors of the face. Encoded word by word: the generated encoders cost kilobytes.

use alloy_primitives::aliases::U80;
use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::SolError;
use interfaces::IAggregatorFace::{
    NoData, OracleUnsupportedPair, OracleUntrustedData, Overflow, ParameterOutOfBounds,
};
use interfaces::Revert;
use interfaces::words::{Word, encode};

#[inline(never)]
fn refuse(selector: [u8; 4], words: &[B256]) -> Revert {
    Revert::from_callee(encode(&selector, words))
}

/// Errors: `ParameterOutOfBounds` above `most`.
pub(crate) fn at_most(given: usize, most: usize) -> Result<(), Revert> {
    if given > most {
        let words = [given, 0, most].map(|value| U256::from(value).word());
        return Err(refuse(ParameterOutOfBounds::SELECTOR, &words));
    }
    Ok(())
}

pub(crate) fn no_data(round: U80) -> Revert {
    refuse(NoData::SELECTOR, &[U256::from(round).word()])
}

pub(crate) fn overflow() -> Revert {
    refuse(Overflow::SELECTOR, &[])
}

pub(crate) fn unsupported_pair(base: Address, quote: Address) -> Revert {
    refuse(
        OracleUnsupportedPair::SELECTOR,
        &[base.word(), quote.word()],
    )
}

pub(crate) fn untrusted_data(base: Address, quote: Address) -> Revert {
    refuse(OracleUntrustedData::SELECTOR, &[base.word(), quote.word()])
}
