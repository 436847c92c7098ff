//! What an option pays at expiry. A long is paid rounded down, a short owes rounded up: dust stays in the vault.

use crate::{
    WAD,
    fixed::{mul_div_down, mul_div_up},
    leg::OptionKind,
};

/// A strike of 1e-8 quote units as a WAD price. Exact: 2^64 · 1e10 < 2^98.
#[must_use]
pub const fn strike_to_wad(strike: u64) -> u128 {
    // 1e10 = 5^10 · 2^10, half by half: a `u128` product would be a library call in the margin loop.
    const FIVE_TO_THE_TEN: u64 = 9_765_625;
    let upper = (strike >> 32).wrapping_mul(FIVE_TO_THE_TEN) as u128;
    let lower = (strike & 0xFFFF_FFFF).wrapping_mul(FIVE_TO_THE_TEN) as u128;
    (upper << 42).wrapping_add(lower << 10)
}

/// Value of one contract at expiry, WAD quote per unit of the underlying. Exact.
/// `strike` in 1e-8 quote units, `price` the settlement price in WAD.
#[must_use]
pub const fn intrinsic(kind: OptionKind, strike: u64, price: u128) -> u128 {
    let strike = strike_to_wad(strike);
    match kind {
        OptionKind::Call => price.saturating_sub(strike),
        OptionKind::Put => strike.saturating_sub(price),
    }
}

/// What `contracts` (1e-18) long contracts are paid, WAD quote units, rounded down. `None` on overflow.
#[must_use]
pub fn long_down(contracts: u128, intrinsic: u128) -> Option<u128> {
    mul_div_down(contracts, intrinsic, WAD)
}

/// What `contracts` (1e-18, given as a magnitude) short contracts owe, WAD quote units, rounded up.
/// `None` on overflow.
#[must_use]
pub fn short_up(contracts: u128, intrinsic: u128) -> Option<u128> {
    mul_div_up(contracts, intrinsic, WAD)
}
