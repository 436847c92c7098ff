//! What an option pays at expiry.
//!
//! | quantity | value | rounding |
//! |---|---|---|
//! | [`intrinsic`] | call `max(P − K, 0)`, put `max(K − P, 0)`, per contract | exact |
//! | [`long_down`] | `contracts · intrinsic`, paid to a long | down |
//! | [`short_up`] | `contracts · intrinsic`, owed by a short | up |
//!
//! So a short owes at least what the long on its other side is paid, whatever pieces the position is settled in, and dust stays in
//! the vault. At the strike both sides are worth nothing; call less put is `P − K`, exactly.

use crate::{
    fixed::{mul_down, mul_up},
    leg::OptionKind,
};

/// A strike of 1e-8 quote units as a WAD price. Exact: 2^64 · 1e10 < 2^98.
#[must_use]
pub const fn strike_to_wad(strike: u64) -> u128 {
    ten_to_the_ten_times::<32>(strike)
}

/// `x · 1e10` from two halves, the lower of `HALF` bits: a `u128` product would be a library call in the margin loop. The halves
/// of `x` must be below 2^40.
#[cfg_attr(not(feature = "compact"), inline(always))]
const fn ten_to_the_ten_times<const HALF: u32>(x: u64) -> u128 {
    // 1e10 = 5^10 · 2^10, and 5^10 < 2^24.
    const FIVE_TO_THE_TEN: u64 = 9_765_625;
    let mask = u64::MAX >> 64_u32.wrapping_sub(HALF);
    let upper = (x >> HALF).wrapping_mul(FIVE_TO_THE_TEN) as u128;
    let lower = (x & mask).wrapping_mul(FIVE_TO_THE_TEN) as u128;
    (upper << HALF.wrapping_add(10)).wrapping_add(lower << 10)
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
    mul_down(contracts, intrinsic)
}

/// What `contracts` (1e-18, given as a magnitude) short contracts owe, WAD quote units, rounded up.
/// `None` on overflow.
#[must_use]
pub fn short_up(contracts: u128, intrinsic: u128) -> Option<u128> {
    mul_up(contracts, intrinsic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_16_bit_strikes_convert_exactly_in_halves_of_8_bits() {
        for strike in 0..=u64::from(u16::MAX) {
            assert_eq!(
                ten_to_the_ten_times::<8>(strike),
                u128::from(strike) * 10_000_000_000
            );
        }
        // The width in use, where its halves begin and end.
        for strike in [
            0,
            1,
            u64::from(u32::MAX),
            1 << 32,
            (1 << 32) + 1,
            u64::MAX - 1,
            u64::MAX,
        ] {
            assert_eq!(strike_to_wad(strike), u128::from(strike) * 10_000_000_000);
        }
    }

    /// Strikes and prices of 8 bits each, the prices in steps of 1e-8 and one unit to both sides of each.
    #[test]
    fn all_small_payoffs_are_exact_and_differ_by_the_forward() {
        for strike in 0..=255_u64 {
            let wad_strike = i128::from(strike) * 10_000_000_000;
            for price in 0..=255_i128 {
                for offset in [-1, 0, 1] {
                    let Ok(price) = u128::try_from(price * 10_000_000_000 + offset) else {
                        continue;
                    };
                    let call = intrinsic(OptionKind::Call, strike, price) as i128;
                    let put = intrinsic(OptionKind::Put, strike, price) as i128;
                    assert_eq!(call - put, price as i128 - wad_strike);
                    assert!(call >= 0 && put >= 0 && (call == 0 || put == 0));
                }
            }
        }
    }
}
