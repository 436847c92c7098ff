//! Exponential, logarithm and square root of a [`Magnitude`].
//!
//! | function | domain | maximum error |
//! |---|---|---|
//! | [`exp`] | see there | |
//! | [`ln`] | all but zero | 2^-58 relative |
//! | [`square_root`] | all | 2^-60 relative |
//! | `e^(−z²/2)` | 0 ≤ z < 16 | 2^-60 + z²·2^-62 relative |
//! | `ln(a/b)`, fixed | any two magnitudes | 2^-60 absolute |

use core::num::NonZeroU64;

use crate::{
    magnitude::{Magnitude, Signed, even_shifted_out, high, reciprocal_of_mantissa},
    tables::{
        ATANH_POWERS, EXP2_POWERS, EXP2_STEPS, HALF_LOG2_E, LN_2_MAGNITUDE, LN_2_WIDE, LOG2_E,
    },
};

/// Fractional bits of a logarithm in 64 bits.
pub(crate) const LN_BITS: i32 = 58;
/// Fractional bits of a logarithm in 128 bits.
pub(crate) const LN_WIDE_BITS: i32 = 116;

/// `a·b >> 32` of factors below 2^32: a polynomial's small terms need no more.
#[cfg_attr(not(feature = "compact"), inline(always))]
pub(crate) const fn product_of_halves(a: u64, b: u64) -> u64 {
    a.wrapping_mul(b) >> 32
}

/// `(2^(w/64) − 1)/w`, Q64, for `w` in Q64.
#[cfg_attr(not(feature = "compact"), inline(always))]
fn exp2_slope(w: u64) -> u64 {
    let narrow = w >> 32;
    let [c5, c4, c3, c2, c1, c0] = EXP2_POWERS;
    // Q62, below 2^32.
    let sum = product_of_halves(c5, narrow).wrapping_add(c4);
    let sum = product_of_halves(sum, narrow).wrapping_add(c3);
    let sum = (sum.wrapping_mul(narrow) >> 30).wrapping_add(c2);
    let sum = high(sum, w).wrapping_add(c1);
    high(sum, w).wrapping_add(c0)
}

/// `2^(g/2^64)` as a Q63 mantissa: one of 64 steps times a polynomial.
#[cfg_attr(not(feature = "compact"), inline(always))]
fn exp2_mantissa(g: u64) -> u64 {
    let step = EXP2_STEPS[(g >> 58) as usize];
    let w = g << 6;
    // The result is below 2^64: products round down, and 2^g < 2.
    step.wrapping_add(high(step, high(exp2_slope(w), w)))
}

/// `e^x` for `|x|` below 2^18, beyond which the size of the argument counts as some number above 2^17.
/// Relative error 2^-60 + |x|·2^-60; exactly one at zero.
#[inline(never)]
#[must_use]
pub fn exp(x: Signed) -> Magnitude {
    if x.size.is_zero() {
        return Magnitude::ONE;
    }
    let t = x.size.times(LOG2_E);
    // Whole and fractional part, Q64.
    let (whole, fraction) =
        even_shifted_out(t.mantissa, 44_i32.max(0_i32.wrapping_sub(t.exponent)));
    if x.negative {
        // 2^-(n+f) = 2^(1-f) · 2^-(n+1), so that the polynomial only sees positive powers; `!f` is 1 − f less 2^-64.
        Magnitude::new(
            exp2_mantissa(!fraction),
            (-64_i32).wrapping_sub(whole as i32),
        )
    } else {
        Magnitude::new(exp2_mantissa(fraction), (whole as i32).wrapping_sub(63))
    }
}

/// `e^y − 1` for `y` below 1/128, to 2^-59 of itself; `None` beyond.
#[cfg_attr(not(feature = "compact"), inline(always))]
pub(crate) fn exp_minus_one(y: Magnitude) -> Option<Magnitude> {
    // y < 1/128 has 64·y·log2(e) < 1.
    if y.exponent >= -70 {
        return None;
    }
    let w = y.times(LOG2_E).doubled(6);
    Some(w.times(Magnitude::scaled(exp2_slope(w.to_fixed(64)), -64)))
}

/// `e^(-z²/2)` for `z` below 16 in Q59.
#[cfg_attr(not(feature = "compact"), inline(always))]
pub(crate) fn exp_negative_half_square(z: u64) -> Magnitude {
    // Below 1 the scale is held at Q63, so that whole and fractional part separate by shifts in 1..=63.
    let zeros = (z | (1 << 59)).leading_zeros();
    let shifted = z.wrapping_shl(zeros);
    // z² in Q(54 + 2·zeros), then the exponent of two in the same scale; it has 10 − 2·zeros whole bits.
    let t = high(high(shifted, shifted), HALF_LOG2_E);
    let whole = t.wrapping_shr(zeros.wrapping_mul(2).wrapping_add(54)) as i32;
    let fraction = t.wrapping_shl(10_u32.wrapping_sub(zeros.wrapping_mul(2)));
    // `!fraction` is 1 − fraction less 2^-64, without a special case for zero.
    Magnitude::new(exp2_mantissa(!fraction), (-64_i32).wrapping_sub(whole))
}

/// `ln x`, `None` of zero. Relative error 2^-58.
#[must_use]
pub fn ln(x: Magnitude) -> Option<Signed> {
    if x.is_zero() {
        return None;
    }
    // The power of two that brings x into 1/√2..√2, 46341/65536 being 1/√2.
    let below = i32::from((x.mantissa >> 48) < 46_341);
    let power = x.exponent.wrapping_add(64).wrapping_sub(below);
    let near_one = Signed::positive(x.doubled(power.wrapping_neg()));
    let one = Signed::positive(Magnitude::ONE);
    let power = Signed::from_i64(power.into());
    Some(
        power
            .times(LN_2_MAGNITUDE)
            .plus(ln_from(near_one.minus(one), near_one.plus(one).size)),
    )
}

/// `ln(p/q)` from `p − q` and `p + q`, for a ratio between 1/√2 and √2, to 2^-59 of itself: `2·atanh((p − q)/(p + q))`.
#[cfg_attr(not(feature = "compact"), inline(always))]
pub(crate) fn ln_from(difference: Signed, sum: Magnitude) -> Signed {
    let u = difference.size.over(sum);
    let series = atanh_series(u.times(u).to_fixed(64 + 5));
    Signed {
        negative: difference.negative,
        size: u.times(Magnitude::scaled(series, -63)).doubled(1),
    }
}

/// `atanh(u)/u`, Q63, for `w = 32·u²` in Q64.
#[cfg_attr(not(feature = "compact"), inline(always))]
fn atanh_series(w: u64) -> u64 {
    let narrow = w >> 32;
    let [c8, c7, c6, c5, c4, c3, c2, c1, c0] = ATANH_POWERS;
    // Q60, below 2^32.
    let sum = product_of_halves(c8, narrow).wrapping_add(c7);
    let sum = product_of_halves(sum, narrow).wrapping_add(c6);
    let sum = product_of_halves(sum, narrow).wrapping_add(c5);
    let sum = (sum.wrapping_mul(narrow) >> 29).wrapping_add(c4);
    let sum = high(sum, w).wrapping_add(c3);
    let sum = high(sum, w).wrapping_add(c2);
    let sum = high(sum, w).wrapping_add(c1);
    high(sum, w).wrapping_add(c0)
}

/// `power·ln 2`, Q116.
#[cfg_attr(not(feature = "compact"), inline(always))]
pub(crate) fn times_ln_2(power: i32) -> i128 {
    let power = i64::from(power);
    let [whole, rest] = LN_2_WIDE;
    (i128::from(power.wrapping_mul(whole)) << 64)
        .wrapping_add(i128::from(power.wrapping_mul(rest)) << 32)
}

/// `ln(a / b)`, Q116, to 2^-60, of two numbers that are not zero and less than 2^128 apart: that of the mantissas, brought
/// within √2 of each other, plus a multiple of `ln 2`. Exactly zero for equal numbers.
#[cfg_attr(not(feature = "compact"), inline(always))]
pub(crate) fn ln_ratio_wide(a: Magnitude, b: Magnitude) -> i128 {
    let (p, q) = (a.mantissa >> 2, b.mantissa >> 2);
    // Doubles the smaller one when it is below 1/√2 = 46341/65536 of the other; at most one is.
    let by_q = u32::from((p >> 14).wrapping_mul(46_341) > (q >> 14) << 16);
    let by_p = u32::from((q >> 14).wrapping_mul(46_341) > (p >> 14) << 16);
    let power = a
        .exponent
        .wrapping_sub(b.exponent)
        .wrapping_add(by_q as i32)
        .wrapping_sub(by_p as i32);
    let (p, q) = (p.wrapping_shl(by_p), q.wrapping_shl(by_q));
    let difference = p.wrapping_sub(q) as i64;
    let sign = difference >> 63;
    let difference = (difference ^ sign).wrapping_sub(sign) as u64;
    // The sum is in 2^62..2^64; its reciprocal in Q126 of the aligned one.
    let sum = p.wrapping_add(q);
    let zeros = sum.leading_zeros();
    let inverse = reciprocal_of_mantissa(sum.wrapping_shl(zeros));
    // |u| ≤ 0.172, Q64.
    let u = high(difference.wrapping_shl(zeros.wrapping_add(2)), inverse);
    // Twice the product of Q64 and Q63.
    let part = high(u, atanh_series(high(u, u) << 5)) as i64;
    let part = (part ^ sign).wrapping_sub(sign);
    (i128::from(part) << (LN_WIDE_BITS - 62)).wrapping_add(times_ln_2(power))
}

/// [`ln_ratio_wide`] of integers to 2^-59 of itself where neither is √2 times the other.
#[cfg_attr(not(feature = "compact"), inline(always))]
pub(crate) fn ln_ratio_exact(a: u128, b: u128) -> i128 {
    let (p, q) = (Magnitude::from_u128(a), Magnitude::from_u128(b));
    let difference = Signed {
        negative: a < b,
        size: Magnitude::from_u128(a.abs_diff(b)),
    };
    // Both halved first if the sum does not fit: then the last bit does not matter.
    let by = ((a | b) >> 127) as u32;
    let sum = Magnitude::from_u128((a >> by).wrapping_add(b >> by)).doubled(by as i32);
    // Twice the difference within a third of the sum.
    if !difference.size.times(Magnitude::scaled(6, 0)).is_below(sum) {
        return ln_ratio_wide(p, q);
    }
    wide(ln_from(difference, sum))
}

/// `ln(a / b)`, Q58, held within ±31.
#[inline(never)]
pub(crate) fn ln_ratio_fixed(a: Magnitude, b: Magnitude) -> i64 {
    const MOST: i128 = 31 << LN_BITS;
    let fixed = ln_ratio_wide(a, b) >> (LN_WIDE_BITS - LN_BITS);
    fixed.clamp(-MOST, MOST) as i64
}

/// `ln(a / b)` of two numbers that are not zero and less than 2^128 apart: to 2^-59 of itself where neither is twice the
/// other, else to 2^-60. Exactly zero for equal numbers.
#[inline(never)]
pub(crate) fn ln_ratio(a: Magnitude, b: Magnitude) -> Signed {
    ln_ratio_here(a, b)
}

/// [`ln_ratio`] where it is called: larger code, 12,000 ink less.
#[cfg_attr(not(feature = "compact"), inline(always))]
pub(crate) fn ln_ratio_here(a: Magnitude, b: Magnitude) -> Signed {
    let power = a.exponent.wrapping_sub(b.exponent);
    let (p, q) = (a.mantissa, b.mantissa);
    // Doubles the smaller one when it is below 1/√2 = 46341/65536 of the other; at most one is.
    let by_q = u32::from((p >> 16).wrapping_mul(46_341) > (q >> 16) << 16);
    let by_p = u32::from((q >> 16).wrapping_mul(46_341) > (p >> 16) << 16);
    let power = power.wrapping_add(by_q as i32).wrapping_sub(by_p as i32);
    // The difference is below 2^64 whichever is doubled, so it is exact modulo 2^64: near the money every bit counts.
    let negative = (p < q) ^ ((by_p | by_q) != 0);
    let difference = p.wrapping_shl(by_p).wrapping_sub(q.wrapping_shl(by_q));
    let sign = 0_u64.wrapping_sub(u64::from(negative));
    let difference = (difference ^ sign).wrapping_sub(sign);
    let sum = (p >> 2)
        .wrapping_shl(by_p)
        .wrapping_add((q >> 2).wrapping_shl(by_q));
    let part = ln_from(
        Signed {
            negative,
            size: Magnitude::scaled(difference, 0),
        },
        Magnitude::scaled(sum, 2),
    );
    if power == 0 {
        return part;
    }
    let wide = times_ln_2(power).wrapping_add(wide(part));
    Signed {
        negative: wide < 0,
        size: Magnitude::from_u128(wide.unsigned_abs()).doubled(-LN_WIDE_BITS),
    }
}

/// A number below 2^11 in Q116.
#[cfg_attr(not(feature = "compact"), inline(always))]
pub(crate) const fn wide(x: Signed) -> i128 {
    let Magnitude { mantissa, exponent } = x.size;
    let (upper, lower) = even_shifted_out(mantissa, (64 - LN_WIDE_BITS).wrapping_sub(exponent));
    let size = ((upper as i128) << 64) | lower as i128;
    if x.negative {
        size.wrapping_neg()
    } else {
        size
    }
}

/// `√x`, to 2^-60 of itself.
#[must_use]
pub fn square_root(x: Magnitude) -> Magnitude {
    let odd = x.exponent & 1;
    let root = root_of_integer(x.mantissa.wrapping_shr(odd.unsigned_abs()));
    root.doubled(x.exponent.wrapping_add(odd) >> 1)
}

/// `x + 1` for `x` below 2^63: a divisor that needs no test for zero.
#[cfg_attr(not(feature = "compact"), inline(always))]
fn successor(x: u64) -> NonZeroU64 {
    NonZeroU64::MIN.saturating_add(x & (u64::MAX >> 1))
}

/// The mean of `g` and `m / g`.
#[cfg_attr(not(feature = "compact"), inline(always))]
fn newton(m: u64, g: NonZeroU64) -> u64 {
    g.get().wrapping_add(m / g) >> 1
}

/// `√n`.
#[cfg_attr(not(feature = "compact"), inline(always))]
pub(crate) fn root_of_integer(n: u64) -> Magnitude {
    // An even shift, so that the root of the power of two is one.
    let zeros = n.leading_zeros() & 0x3E;
    let m = n.wrapping_shl(zeros);
    // Root of the top half by Newton from a parabola (0.5 % off): 1.4e-5, then half a unit.
    let y = m >> 32;
    let parabola = (y.wrapping_mul(4_296) >> 12)
        .wrapping_sub(product_of_halves(y, y).wrapping_mul(1_286) >> 12);
    let guess = newton(m, successor(parabola.wrapping_add(1_116_691_497)));
    // Not below √m, less than two above.
    let root = successor(newton(m, successor(guess)));
    // √m = root − δ − δ²/(2·root), δ = (root² − m)/(2·root); the last term is below 2^-61 of the result.
    // Sums are modulo 2^64. The result has its top bit set, or is rounded up to 2^64 and held one below.
    let excess = root.get().wrapping_mul(root.get()).wrapping_sub(m);
    let delta = ((excess << 29) / root) << 2 | 3;
    let mantissa = (root.get() << 32).wrapping_sub(delta);
    let mantissa = mantissa | !((mantissa as i64) >> 63) as u64;
    Magnitude {
        mantissa: if n == 0 { 0 } else { mantissa },
        exponent: (-32_i32).wrapping_sub((zeros / 2) as i32),
    }
}
