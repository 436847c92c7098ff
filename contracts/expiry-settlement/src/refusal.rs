//! Revert data of this contract's errors.

use alloy_primitives::B256;
use alloy_sol_types::SolError;
use interfaces::words::encode;
use interfaces::{IExpirySettlement, Revert};

/// The error with this selector and these static values.
#[inline(never)]
pub fn refusal(selector: [u8; 4], words: &[B256]) -> Revert {
    Revert::from_callee(encode(&selector, words))
}

/// A number left the range the settlement calculates in.
pub fn overflow() -> Revert {
    refusal(IExpirySettlement::Overflow::SELECTOR, &[])
}
