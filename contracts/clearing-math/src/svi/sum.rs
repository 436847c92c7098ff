//! Sums in one 64-bit word: to 2^-61 of the larger addend, without a branch.
//!
//! [`Signed::plus`] loses nothing to cancellation and costs ten times as much. A surface does not need that: its inputs have 18
//! decimals, and where their sum cancels, the result is no better determined than this.

use crate::magnitude::{Magnitude, Signed};

/// The exponent by which numbers are compared: that of zero is below all.
#[inline(always)]
const fn rank(x: Magnitude) -> i32 {
    let is_zero = ((x.mantissa >> 63) as i32).wrapping_sub(1);
    x.exponent.wrapping_add(is_zero << 20)
}

/// Mantissas of the larger-ranked and of the other in the unit of the first, the rank of the first, and whether that is `b` (all
/// ones) or `a` (zero).
#[inline(always)]
const fn aligned(a: Magnitude, b: Magnitude) -> (u64, u64, i32, u64) {
    let (rank_a, rank_b) = (rank(a), rank(b));
    let apart = rank_a.wrapping_sub(rank_b);
    let flip = apart >> 31;
    let flip_wide = flip as i64 as u64;
    let mixed = (a.mantissa ^ b.mantissa) & flip_wide;
    let apart = (apart ^ flip).wrapping_sub(flip);
    // From 63 on it is at most one unit of the larger, and nothing of a zero.
    let by = if apart < 63 { apart as u32 } else { 63 };
    let small = (b.mantissa ^ mixed).wrapping_shr(by);
    let top = rank_a.wrapping_add(apart & flip);
    (a.mantissa ^ mixed, small, top, flip_wide)
}

/// Sum of two numbers that are not negative, at most 2^-62 of itself too low.
#[inline(always)]
pub(super) const fn sum(a: Magnitude, b: Magnitude) -> Magnitude {
    let (large, small, rank, _) = aligned(a, b);
    Magnitude::scaled((large >> 1).wrapping_add(small >> 1), rank.wrapping_add(1))
}

/// Sum, to 2^-61 of the larger addend.
#[inline(always)]
pub(super) const fn signed_sum(a: Signed, b: Signed) -> Signed {
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

/// Difference, as precise as [`signed_sum`].
#[inline(always)]
pub(super) const fn difference(a: Signed, b: Signed) -> Signed {
    signed_sum(a, b.negated())
}
