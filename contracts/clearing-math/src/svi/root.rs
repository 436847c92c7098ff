//! A square root together with its reciprocal, without a division.
//!
//! The reciprocal root `y` of `v` in 1/4..1 comes from a cubic (0.7 % off) and two Newton steps in 32-bit words (1.3e-8); the error
//! `ε = 1 − v·y²` is then known to the last bits, and `√v = v·y·(1 + ε/2 + 3ε²/8)`, `1/√v = y·(1 + ε/2 + 3ε²/8)`. What follows in
//! `ε³` is below 2^-70. Every step rounds so that `y` stays below and `ε` above zero.

use crate::magnitude::{Magnitude, high};

/// The cubic for `1/√v` with the least relative error on 1/4..1, Q28, signs alternating.
const GUESS: [u64; 4] = [835_471_598, 1_586_696_360, 1_672_337_536, 654_567_279];

/// `√x` and `1/√x`, both to 2^-59 of themselves. The reciprocal of zero's root is meaningless but does not trap.
#[cfg_attr(not(feature = "compact"), inline(always))]
pub(super) const fn root_and_reciprocal(x: Magnitude) -> (Magnitude, Magnitude) {
    let odd = x.exponent & 1;
    // v in Q64, and half of the power of two it was divided by.
    let v = x.mantissa >> odd;
    let power = x.exponent.wrapping_add(odd) >> 1;
    let top = v >> 32;

    let [c0, c1, c2, c3] = GUESS;
    let guess = c2.wrapping_sub(c3.wrapping_mul(top) >> 32);
    let guess = c1.wrapping_sub(guess.wrapping_mul(top) >> 32);
    let guess = c0.wrapping_sub(guess.wrapping_mul(top) >> 32);
    // Three units cover what the steps may round up.
    let y = refined(refined(guess << 2, top), top).wrapping_sub(3);

    // y < 2, so y² in Q62 fits; v·y² in Q62 is one, less ε.
    let missing = (1_u64 << 62).wrapping_sub(high(v, y.wrapping_mul(y) << 2));
    // ε < 2^-25.
    let square = (missing >> 6).wrapping_mul(missing >> 6) >> 50;
    let correction = ((missing >> 1).wrapping_add(square.wrapping_mul(3) >> 3)) << 27;

    let root = high(v, y << 33);
    let root = root.wrapping_add(high(root << 1, correction) >> 26);
    let inverse = y << 32;
    let inverse = inverse.wrapping_add(high(inverse, correction) >> 25);
    (
        Magnitude::scaled(root, power.wrapping_sub(31)),
        Magnitude::scaled(inverse, (-94_i32).wrapping_sub(power)),
    )
}

/// One Newton step for `1/√v`, from `y` in Q30 and the upper half of `v`, in Q32.
#[cfg_attr(not(feature = "compact"), inline(always))]
const fn refined(y: u64, top: u64) -> u64 {
    // v rounded up; v·y² is near one, in Q62, and then in Q31.
    let product = (y.wrapping_mul(y) >> 30).wrapping_mul(top.wrapping_add(1)) >> 31;
    y.wrapping_mul((3_u64 << 31).wrapping_sub(product)) >> 32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `√x` and `1/√x` against the integer square root of 128 bits, on mantissas dense at the ends of their range.
    #[test]
    fn roots_and_reciprocals_are_within_2_to_the_minus_59() {
        let mut state = 1_u64;
        let mut worst = (0_u64, 0_u64);
        for round in 0..400_000_u64 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let mantissa = match round % 4 {
                0 => (1 << 63) | (round >> 2),
                1 => u64::MAX - (round >> 2),
                _ => (1 << 63) | (state >> 1),
            };
            let odd = i32::from(round & 8 != 0);
            let (root, inverse) = root_and_reciprocal(Magnitude::new(mantissa, odd - 64));
            // v·2^128 for v in 1/4..1, or 1/2..1: mantissa·2^(odd − 64) is v·2^(2·odd).
            let n = u128::from(mantissa) << (64 - odd.unsigned_abs());
            let expected = n.isqrt();
            let found = shown(root.doubled(-odd), 64);
            worst.0 = worst.0.max(found.abs_diff(expected) as u64);
            // √v·(1/√v) = 1.
            let one = shown(root.times(inverse), 62);
            worst.1 = worst.1.max(one.abs_diff(1 << 62) as u64);
        }
        // 2^-59 of at least a half is 16 units of 2^-64. The product adds the error of the reciprocal and of itself.
        assert!(worst.0 <= 10, "root: {} units of 2^-64", worst.0);
        assert!(worst.1 <= 8, "product: {} units of 2^-62", worst.1);
    }

    #[test]
    fn exact_squares_and_zero() {
        let (root, inverse) = root_and_reciprocal(Magnitude::scaled(4, 0));
        assert!(shown(root, 60).abs_diff(2 << 60) <= 4);
        assert!(shown(inverse, 60).abs_diff(1 << 59) <= 4);
        assert!(root_and_reciprocal(Magnitude::ZERO).0.is_zero());
    }

    fn shown(x: Magnitude, bits: i32) -> u128 {
        x.doubled(bits).to_u128().expect("small")
    }
}
