//! Revert data of this contract's errors.

use alloy_primitives::{B256, U256};
use alloy_sol_types::SolError;
use interfaces::words::{Word, encode};
use interfaces::{ILiquidationAuction, Revert};

/// The error with this selector and these static values.
#[inline(never)]
pub fn refusal(selector: [u8; 4], words: &[B256]) -> Revert {
    Revert::from_callee(encode(&selector, words))
}

/// The account needs no liquidation: `balance` (WAD quote units) is not below zero.
pub fn healthy(account: U256, balance: i128) -> Revert {
    refusal(
        ILiquidationAuction::Healthy::SELECTOR,
        &[account.word(), balance.word()],
    )
}

/// A number left the range the auction calculates in.
pub fn overflow() -> Revert {
    refusal(ILiquidationAuction::Overflow::SELECTOR, &[])
}
