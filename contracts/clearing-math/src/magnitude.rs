//! Positive numbers as a 64-bit mantissa and a power of two, the format of the pricing kernel.
//!
//! Every product costs three 32-bit partial products (some 1,600 ink) and is exact to 2^-62 of itself, whatever its
//! size; the `u128` product it replaces costs ten times that, a division by 1e18 two hundred times. The partial product
//! of the two low halves is left out on purpose: besides being cheaper, it keeps the compiler from recognising the
//! pattern and putting the library call back.

use core::num::NonZeroU64;

/// `mantissa · 2^exponent`. The top bit of the mantissa is set, or it is zero and so is the number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Magnitude {
    pub(crate) mantissa: u64,
    pub(crate) exponent: i32,
}

/// A number with a sign. Zero may carry either sign.
#[derive(Clone, Copy, Debug)]
pub struct Signed {
    /// Whether the number is below zero.
    pub negative: bool,
    /// Absolute value.
    pub size: Magnitude,
}

/// Upper 64 bits of `a · b`, at most three units too low, never too high.
#[cfg_attr(not(feature = "compact"), inline(always))]
pub(crate) const fn high(a: u64, b: u64) -> u64 {
    let (ah, al) = (a >> 32, a & 0xFFFF_FFFF);
    let (bh, bl) = (b >> 32, b & 0xFFFF_FFFF);
    // (2^32 - 1)^2 + 2·(2^32 - 1) = 2^64 - 1: the sum does not wrap.
    ah.wrapping_mul(bh)
        .wrapping_add(ah.wrapping_mul(bl) >> 32)
        .wrapping_add(al.wrapping_mul(bh) >> 32)
}

/// All ones when `x` is negative, zero otherwise.
#[cfg_attr(not(feature = "compact"), inline(always))]
const fn mask_if_negative(x: i32) -> u64 {
    (x >> 31) as i64 as u64
}

/// `x·2^64 >> by` for `by ≥ 1`, as (upper, lower) 64 bits; zero from 127 on.
#[cfg_attr(not(feature = "compact"), inline(always))]
pub(crate) const fn shifted_out(x: u64, by: i32) -> (u64, u64) {
    // In two halves, so that no shift reaches 64; what is not valid for this `by` is masked away.
    let half = by.unsigned_abs() >> 1;
    let valid = mask_if_negative(by.wrapping_sub(127));
    let upper = x
        .wrapping_shr(half)
        .wrapping_shr(by.unsigned_abs().wrapping_sub(half));
    let below_64 = mask_if_negative(by.wrapping_sub(64));
    let left = x.wrapping_shl(64_i32.wrapping_sub(by) as u32);
    let right = x.wrapping_shr(by.wrapping_sub(64) as u32);
    (
        upper & valid,
        ((left & below_64) | (right & !below_64)) & valid,
    )
}

/// [`shifted_out`] without the last bit of `x`, at two thirds of the cost.
///
/// Shifts by 0 or twice 32 stand for choices: the compiler makes of any mask a `select`, which costs ten times as much.
#[cfg_attr(not(feature = "compact"), inline(always))]
pub(crate) const fn even_shifted_out(x: u64, by: i32) -> (u64, u64) {
    // One place is shifted first, so that 127 and more leave nothing.
    let rest = (by as u32).wrapping_sub(1);
    let rest = if rest > 127 { 127 } else { rest };
    let x = x >> 1;
    let upper = x.wrapping_shr(rest);
    // `x << (64 − rest % 64)`, in two steps for a multiple of 64.
    let lower = (x << 1).wrapping_shl(!rest);
    let half = (rest >> 1) & 32;
    (
        upper.wrapping_shr(half).wrapping_shr(half),
        lower.wrapping_shr(half).wrapping_shr(half)
            | upper.wrapping_shl(half ^ 32).wrapping_shl(half ^ 32),
    )
}

/// `2^126 / m` for `m` from 2^63 on, eight units off at most: one division and one Newton step.
#[cfg_attr(not(feature = "compact"), inline(always))]
pub(crate) fn reciprocal_of_mantissa(m: u64) -> u64 {
    // 2^95 / m from below, to 31 bits: the divisor is in (2^31, 2^32].
    let divisor = NonZeroU64::MIN.saturating_add(m >> 32);
    let estimate = u64::MAX / divisor;
    // The residual 1 − m·estimate is in Q63, below 2^-30. The sum stays near 2^63.
    let residual = (1_u64 << 63).wrapping_sub(high(m, estimate << 31));
    (estimate << 30).wrapping_add(high(estimate << 30, residual << 1))
}

impl Magnitude {
    /// Zero.
    pub const ZERO: Self = Self {
        mantissa: 0,
        exponent: 0,
    };
    /// One.
    pub const ONE: Self = Self {
        mantissa: 1 << 63,
        exponent: -63,
    };

    pub(crate) const fn new(mantissa: u64, exponent: i32) -> Self {
        Self { mantissa, exponent }
    }

    /// The 64 significant bits: the top one is set, or all are zero.
    #[must_use]
    pub const fn mantissa(self) -> u64 {
        self.mantissa
    }

    /// The power of two that the mantissa is multiplied by.
    #[must_use]
    pub const fn exponent(self) -> i32 {
        self.exponent
    }

    /// `m · 2^exponent` for any `m`.
    #[cfg_attr(not(feature = "compact"), inline(always))]
    #[must_use]
    pub const fn scaled(m: u64, exponent: i32) -> Self {
        let zeros = m.leading_zeros();
        Self {
            mantissa: m.wrapping_shl(zeros),
            exponent: exponent.wrapping_sub(zeros as i32),
        }
    }

    /// The integer `x`, rounded down to 64 significant bits.
    #[cfg_attr(not(feature = "compact"), inline(always))]
    #[must_use]
    pub const fn from_u128(x: u128) -> Self {
        let (top, low) = ((x >> 64) as u64, x as u64);
        // 64 when the upper half is empty; then the lower half is left as it is, to be aligned below. No branch: it costs more.
        let zeros = top.leading_zeros();
        let down = 64_u32.wrapping_sub(zeros);
        // In two halves, so that no shift reaches 64.
        let lower = low
            .wrapping_shr(down >> 1)
            .wrapping_shr(down.wrapping_sub(down >> 1));
        let aligned = top.wrapping_shl(zeros) | lower;
        let more = aligned.leading_zeros();
        Self {
            mantissa: aligned.wrapping_shl(more),
            exponent: (down as i32).wrapping_sub(more as i32),
        }
    }

    /// The value as an integer, rounded down. `None` from 2^127 on, so that it fits `i128` as well.
    #[cfg_attr(not(feature = "compact"), inline(always))]
    #[must_use]
    pub const fn to_u128(self) -> Option<u128> {
        // Zero has an exponent far below any that counts.
        if self.exponent > 62 && self.mantissa != 0 {
            return None;
        }
        let (upper, lower) = shifted_out(self.mantissa, 64_i32.wrapping_sub(self.exponent));
        Some(((upper as u128) << 64) | lower as u128)
    }

    /// The value as an integer, rounded down from 63 significant bits, for exponents up to 62; anything beyond.
    #[cfg_attr(not(feature = "compact"), inline(always))]
    pub(crate) const fn wrapped_to_u128(self) -> u128 {
        let (upper, lower) = even_shifted_out(self.mantissa, 64_i32.wrapping_sub(self.exponent));
        ((upper as u128) << 64) | lower as u128
    }

    /// The value in units of 2^-bits, rounded down, at most `u64::MAX`.
    #[cfg_attr(not(feature = "compact"), inline(always))]
    #[must_use]
    pub const fn to_fixed(self, bits: i32) -> u64 {
        let by = 0_i32.wrapping_sub(self.exponent.wrapping_add(bits));
        let half = by as u32 >> 1;
        let shifted = self
            .mantissa
            .wrapping_shr(half)
            .wrapping_shr((by as u32).wrapping_sub(half));
        // Too far down is nothing; up does not fit, unless there is nothing to shift.
        let not_up = !mask_if_negative(by);
        let not_gone = mask_if_negative(by.wrapping_sub(127));
        (shifted & not_up & not_gone) | (!not_up & 0_u64.wrapping_sub(self.mantissa >> 63))
    }

    /// A number below 16 and from 2^-67 on, or zero, in Q59, rounded down.
    #[cfg_attr(not(feature = "compact"), inline(always))]
    pub(crate) const fn below_16(self) -> u64 {
        let by = (-59_i32).wrapping_sub(self.exponent) as u32;
        let half = by >> 1;
        self.mantissa
            .wrapping_shr(half)
            .wrapping_shr(by.wrapping_sub(half))
    }

    /// Product, at most 2^-61 of itself too low.
    #[cfg_attr(not(feature = "compact"), inline(always))]
    #[must_use]
    pub const fn times(self, other: Self) -> Self {
        Self::scaled(
            high(self.mantissa, other.mantissa),
            self.exponent.wrapping_add(other.exponent).wrapping_add(64),
        )
    }

    /// Product whose mantissa may lack its top bit, for whoever multiplies once more or shifts it away.
    #[cfg_attr(not(feature = "compact"), inline(always))]
    #[must_use]
    pub(crate) const fn loosely_times(self, other: Self) -> Self {
        Self {
            mantissa: high(self.mantissa, other.mantissa),
            exponent: self.exponent.wrapping_add(other.exponent).wrapping_add(64),
        }
    }

    /// The same number with the top bit of its mantissa set.
    #[cfg_attr(not(feature = "compact"), inline(always))]
    #[must_use]
    pub(crate) const fn aligned(self) -> Self {
        Self::scaled(self.mantissa, self.exponent)
    }

    /// Reciprocal to 2^-60 of itself; the reciprocal of zero is meaningless but does not trap.
    #[cfg_attr(not(feature = "compact"), inline(always))]
    #[must_use]
    pub fn reciprocal(self) -> Self {
        Self::scaled(
            reciprocal_of_mantissa(self.mantissa),
            (-126_i32).wrapping_sub(self.exponent),
        )
    }

    /// Ratio to 2^-59 of itself.
    #[cfg_attr(not(feature = "compact"), inline(always))]
    #[must_use]
    pub fn over(self, other: Self) -> Self {
        self.times(other.reciprocal())
    }

    /// The same number times 2^power.
    #[cfg_attr(not(feature = "compact"), inline(always))]
    #[must_use]
    pub const fn doubled(self, power: i32) -> Self {
        Self {
            mantissa: self.mantissa,
            exponent: self.exponent.wrapping_add(power),
        }
    }

    /// Whether this number is below `other`.
    #[cfg_attr(not(feature = "compact"), inline(always))]
    #[must_use]
    pub const fn is_below(self, other: Self) -> bool {
        if self.mantissa == 0 || other.mantissa == 0 {
            return self.mantissa < other.mantissa;
        }
        self.exponent < other.exponent
            || (self.exponent == other.exponent && self.mantissa < other.mantissa)
    }

    /// `other` where `mask` is all ones, this number where it is zero.
    #[cfg_attr(not(feature = "compact"), inline(always))]
    #[must_use]
    pub(crate) const fn or_if(self, other: Self, mask: u64) -> Self {
        Self {
            mantissa: self.mantissa ^ ((self.mantissa ^ other.mantissa) & mask),
            exponent: self.exponent ^ ((self.exponent ^ other.exponent) & mask as i32),
        }
    }

    /// `self − part` for a `part` that is not larger, to 2^-63 of this number; zero for one that is.
    #[cfg_attr(not(feature = "compact"), inline(always))]
    #[must_use]
    pub(crate) const fn less(self, part: Self) -> Self {
        let by = self.exponent.wrapping_sub(part.exponent);
        let (_, aligned) = even_shifted_out(part.mantissa, by.wrapping_add(64));
        Self::scaled(self.mantissa.saturating_sub(aligned), self.exponent)
    }

    /// Whether the number is zero.
    #[cfg_attr(not(feature = "compact"), inline(always))]
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.mantissa == 0
    }
}

impl PartialEq for Signed {
    fn eq(&self, other: &Self) -> bool {
        self.size == other.size && (self.negative == other.negative || self.size.is_zero())
    }
}

impl Eq for Signed {}

impl Signed {
    /// Zero.
    pub const ZERO: Self = Self::positive(Magnitude::ZERO);

    /// A number that is not negative.
    #[must_use]
    pub const fn positive(size: Magnitude) -> Self {
        Self {
            negative: false,
            size,
        }
    }

    /// A number that is not positive.
    #[must_use]
    pub const fn negative(size: Magnitude) -> Self {
        Self {
            negative: true,
            size,
        }
    }

    /// The same number, or its opposite when `opposite`.
    #[must_use]
    pub const fn signed_by(self, opposite: bool) -> Self {
        Self {
            negative: self.negative ^ opposite,
            size: self.size,
        }
    }

    /// The integer `x`; exact.
    #[must_use]
    pub const fn from_i64(x: i64) -> Self {
        Self {
            negative: x < 0,
            size: Magnitude::scaled(x.unsigned_abs(), 0),
        }
    }

    /// The opposite number.
    #[must_use]
    pub const fn negated(self) -> Self {
        Self {
            negative: !self.negative,
            size: self.size,
        }
    }

    /// Product with a magnitude, at most 2^-61 of itself too small.
    #[must_use]
    pub const fn times(self, factor: Magnitude) -> Self {
        Self {
            negative: self.negative,
            size: self.size.times(factor),
        }
    }

    /// Sum, to 2^-63 of itself or of 2^-60 of the smaller addend, whichever is more: nothing is lost to cancellation.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        let (large, small) = if self.size.is_below(other.size) {
            (other, self)
        } else {
            (self, other)
        };
        if small.size.is_zero() {
            return large;
        }
        let apart = large.size.exponent.wrapping_sub(small.size.exponent);
        // Both in units of 2^-63 of the larger's last bit, below 2^127.
        let (upper, lower) = shifted_out(large.size.mantissa, 1);
        let aligned = ((upper as u128) << 64) | lower as u128;
        let (upper, lower) = shifted_out(small.size.mantissa, apart.wrapping_add(1));
        let added = ((upper as u128) << 64) | lower as u128;
        let sum = if large.negative == small.negative {
            aligned.wrapping_add(added)
        } else {
            aligned.wrapping_sub(added)
        };
        Self {
            negative: large.negative,
            size: Magnitude::from_u128(sum).doubled(large.size.exponent.wrapping_sub(63)),
        }
    }

    /// Difference, as precise as [`Signed::plus`].
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        self.plus(other.negated())
    }

    /// The value as an integer, rounded towards zero. `None` from 2^127 on.
    #[must_use]
    pub const fn to_i128(self) -> Option<i128> {
        match self.size.to_u128() {
            Some(size) if self.negative => Some((size as i128).wrapping_neg()),
            Some(size) => Some(size as i128),
            None => None,
        }
    }
}
