//! Signed Q24 in 64 bits, for factors that need seven digits and no more: a plain product is exact enough and costs next to
//! nothing.
//!
//! Every caller keeps its operands below 2^12, so that products stay below 2^60.

use core::num::NonZeroU64;

use crate::{
    elementary::{ln_ratio, root_of_integer},
    magnitude::Magnitude,
};

/// One.
pub(super) const ONE: i64 = 1 << 24;

/// Fractional bits of [`logarithm`].
pub(super) const LOGARITHM_BITS: i32 = 56;

/// `a · b`, rounded down.
#[cfg_attr(not(feature = "compact"), inline(always))]
pub(super) const fn product(a: i64, b: i64) -> i64 {
    a.wrapping_mul(b) >> 24
}

/// `a / b` for `b > 0`, rounded towards zero; a `b` that is not positive counts as the smallest one that is.
#[cfg_attr(not(feature = "compact"), inline(always))]
pub(super) fn quotient(a: i64, b: i64) -> i64 {
    let divisor = NonZeroU64::new(b.max(1).unsigned_abs()).unwrap_or(NonZeroU64::MIN);
    let size = ((a.unsigned_abs() << 24) / divisor) as i64;
    if a < 0 { size.wrapping_neg() } else { size }
}

/// `√a` for `a ≥ 0`.
#[cfg_attr(not(feature = "compact"), inline(always))]
pub(super) fn root(a: i64) -> i64 {
    // √(a·2^24) = √a · 2^12.
    root_of_integer(a.max(0).unsigned_abs()).to_fixed(12) as i64
}

/// `ln m` in Q56 of a number between 2^-180 and 2^180 that is not zero; farther ones count as those.
pub(super) fn logarithm(m: Magnitude) -> i64 {
    let logarithm = ln_ratio(m, Magnitude::ONE);
    let size = logarithm.size.to_fixed(LOGARITHM_BITS);
    let size = size.min(i64::MAX.unsigned_abs()) as i64;
    if logarithm.negative {
        size.wrapping_neg()
    } else {
        size
    }
}
