//! Sums in one 64-bit word: to 2^-61 of the larger addend, without a branch.
//!
//! [`Signed::plus`] loses nothing to cancellation and costs ten times as much. A surface does not need that: its inputs have 18
//! decimals, and where their sum cancels, the result is no better determined than this.

use crate::magnitude::{Magnitude, Signed};

/// The exponent by which numbers are compared: that of zero is below all.
#[cfg_attr(not(feature = "compact"), inline(always))]
const fn rank(x: Magnitude) -> i64 {
    let is_zero = (x.mantissa >> 63).wrapping_sub(1) as i64;
    (x.exponent as i64).wrapping_add(is_zero << 20)
}

/// `x >> by`, where from 63 on what is left is at most one, and nothing of a zero. Not written as a minimum, which would become a
/// branch.
#[cfg_attr(not(feature = "compact"), inline(always))]
const fn shifted(x: u64, by: i64) -> u64 {
    let all = 63_i64.wrapping_sub(by) >> 63;
    x.wrapping_shr((by | all) as u32)
}

/// Mantissas of the higher-ranked and of the other in the unit of the first, the rank of the first, and whether that is `b` (all
/// ones) or `a` (zero). In words of 64 bits throughout: of masks that are extended the compiler makes branches.
#[cfg_attr(not(feature = "compact"), inline(always))]
const fn aligned(a: Magnitude, b: Magnitude) -> (u64, u64, i32, u64) {
    let rank_a = rank(a);
    let apart = rank_a.wrapping_sub(rank(b));
    let flip = apart >> 63;
    let mixed = (a.mantissa ^ b.mantissa) & flip as u64;
    let apart = (apart ^ flip).wrapping_sub(flip);
    let small = shifted(b.mantissa ^ mixed, apart);
    let top = rank_a.wrapping_add(apart & flip);
    (a.mantissa ^ mixed, small, top as i32, flip as u64)
}

/// Sum of two numbers that are not negative, at most 2^-62 of itself too low.
#[cfg_attr(not(feature = "compact"), inline(always))]
pub(super) const fn sum(a: Magnitude, b: Magnitude) -> Magnitude {
    let (large, small, rank, _) = aligned(a, b);
    Magnitude::scaled((large >> 1).wrapping_add(small >> 1), rank.wrapping_add(1))
}

/// Sum, to 2^-61 of the larger addend.
#[cfg_attr(not(feature = "compact"), inline(always))]
pub(crate) const fn signed_sum(a: Signed, b: Signed) -> Signed {
    let (large, small, rank, flip) = aligned(a.size, b.size);
    let unlike = ((a.negative ^ b.negative) as u64).wrapping_neg();
    let small = ((small >> 2) ^ unlike).wrapping_sub(unlike);
    // Both below 2^62; with equal exponents the second may be the larger.
    let sum = (large >> 2).wrapping_add(small);
    let below = ((sum as i64) >> 63) as u64;
    let leads_negative = (a.negative as u64) ^ (((a.negative ^ b.negative) as u64) & flip);
    Signed {
        negative: (leads_negative ^ (below & 1)) != 0,
        size: Magnitude::scaled((sum ^ below).wrapping_sub(below), rank.wrapping_add(2)),
    }
}

/// Sum of a positive number and one of lesser size, to 2^-61 of the first.
#[cfg_attr(not(feature = "compact"), inline(always))]
pub(super) const fn lesser_added(a: Magnitude, b: Signed) -> Magnitude {
    // A zero's mantissa is nothing, however it is shifted.
    let apart = (a.exponent as i64).wrapping_sub(b.size.exponent as i64);
    let minus = (b.negative as u64).wrapping_neg();
    let small = (shifted(b.size.mantissa >> 1, apart) ^ minus).wrapping_sub(minus);
    Magnitude::scaled(
        (a.mantissa >> 1).wrapping_add(small),
        a.exponent.wrapping_add(1),
    )
}

/// Difference, as precise as [`signed_sum`].
#[cfg_attr(not(feature = "compact"), inline(always))]
pub(super) const fn difference(a: Signed, b: Signed) -> Signed {
    signed_sum(a, b.negated())
}
