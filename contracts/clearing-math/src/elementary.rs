//! Square root, powers of two and logarithm of a [`Magnitude`].
//!
//! | function | domain | maximum error |
//! |---|---|---|
//! | [`exp`] | see there | |
//! | [`ln`] | all but zero | 2^-59 relative |
//! | [`square_root`] | all | 2^-61 relative |
//! | powers of two | exponents below 2^11 | 2^-60 relative, plus the argument's own |
//! | `e^(-z²/2)` | 0 ≤ z < 16 | 2^-60 + z²·2^-62 relative |
//! | `ln(a/b)` | any two magnitudes | 2^-60 relative where neither is twice the other, else 2^-58 absolute |

use core::num::NonZeroU64;

use crate::{
    magnitude::{Magnitude, Signed, high},
    tables::{ATANH_POWERS, EXP2_POWERS, EXP2_STEPS, HALF_LOG2_E, LN_2, LOG2_E},
};

/// Powers of two beyond which a logarithm saturates: 44·ln 2 + ln √2 < 31, and 32 fills Q58.
const MAX_POWER: u32 = 44;

/// Fractional bits of a logarithm.
pub(crate) const LN_BITS: i32 = 58;

/// `2^(g/2^64)` as a Q63 mantissa: one of 16 steps times a polynomial.
#[inline(always)]
fn exp2_mantissa(g: u64) -> u64 {
    let step = EXP2_STEPS[(g >> 60) as usize];
    let w = g << 4;
    let [c6, c5, c4, c3, c2, c1, c0] = EXP2_POWERS;
    let sum = high(c6, w).wrapping_add(c5);
    let sum = high(sum, w).wrapping_add(c4);
    let sum = high(sum, w).wrapping_add(c3);
    let sum = high(sum, w).wrapping_add(c2);
    let sum = high(sum, w).wrapping_add(c1);
    let sum = high(sum, w).wrapping_add(c0);
    // The result is below 2^64: products round down, and 2^g < 2.
    step.wrapping_add(high(step, high(sum, w)))
}

/// Whole and fractional (Q64) part of a magnitude below 2^11; larger ones count as 2^11.
#[inline(always)]
fn split(t: Magnitude) -> (i32, u64) {
    let top = t.exponent.wrapping_add(64);
    if t.mantissa == 0 || top < -63 {
        return (0, 0);
    }
    if top > 11 {
        return (1 << 11, 0);
    }
    if top <= 0 {
        return (0, t.mantissa.wrapping_shr(top.unsigned_abs()));
    }
    let by = top.unsigned_abs();
    (
        t.mantissa.wrapping_shr(64_u32.wrapping_sub(by)) as i32,
        t.mantissa.wrapping_shl(by),
    )
}

/// `2^-t`.
pub(crate) fn exp2_negative(t: Magnitude) -> Magnitude {
    let (whole, fraction) = split(t);
    if fraction == 0 {
        return Magnitude::new(1 << 63, (-63_i32).wrapping_sub(whole));
    }
    // 2^-(n+f) = 2^(1-f) · 2^-(n+1), so that the polynomial only sees positive powers.
    Magnitude::new(
        exp2_mantissa(fraction.wrapping_neg()),
        (-64_i32).wrapping_sub(whole),
    )
}

/// `2^t`.
pub(crate) fn exp2(t: Magnitude) -> Magnitude {
    let (whole, fraction) = split(t);
    Magnitude::new(exp2_mantissa(fraction), whole.wrapping_sub(63))
}

/// `e^x` for `|x|` up to 1,400, beyond which the argument counts as 1,419. Relative error 2^-60 + |x|·2^-60.
#[inline(never)]
#[must_use]
pub fn exp(x: Signed) -> Magnitude {
    let t = x.size.times(LOG2_E);
    if x.negative {
        exp2_negative(t)
    } else {
        exp2(t)
    }
}

/// `ln x`, `None` of zero. Relative error 2^-60 for `x` in 1/2..2, 2^-59 elsewhere.
#[must_use]
pub fn ln(x: Magnitude) -> Option<Signed> {
    if x.is_zero() {
        return None;
    }
    // The power of two that brings x into 1/√2..√2, 46341/65536 being 1/√2.
    let below = u32::from((x.mantissa >> 48) < 46_341);
    let power = x.exponent.wrapping_add(64).wrapping_sub(below as i32);
    let near_one = ln_ratio(x.doubled(power.wrapping_neg()), Magnitude::ONE);
    let power = Signed {
        negative: power < 0,
        size: Magnitude::scaled(power.unsigned_abs().into(), 0),
    };
    Some(power.times(Magnitude::scaled(LN_2, -64)).plus(near_one))
}

/// `√x`, to 2^-61 of itself.
#[must_use]
pub fn square_root(x: Magnitude) -> Magnitude {
    let odd = x.exponent & 1;
    let root = root_of_integer(x.mantissa.wrapping_shr(odd.unsigned_abs()));
    root.doubled(x.exponent.wrapping_add(odd) >> 1)
}

/// `e^(-z²/2)` for `z` below 16 in Q59.
#[inline(always)]
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

/// In Q58; for logarithms that saturate below 32.
pub(crate) const fn to_fixed(x: Signed) -> i64 {
    let size = x.size.to_fixed(LN_BITS) as i64;
    if x.negative {
        size.wrapping_neg()
    } else {
        size
    }
}

/// `ln(a / b)` of two numbers that are not zero: `2·atanh((a − b)/(a + b))` of the mantissas, brought within √2 of
/// each other, plus a multiple of `ln 2`. Exactly zero for equal numbers; saturates just below ±31.
#[inline(never)]
pub(crate) fn ln_ratio(a: Magnitude, b: Magnitude) -> Signed {
    ln_ratio_here(a, b)
}

/// [`ln_ratio`] where it is called: larger code, 12,000 ink less.
#[inline(always)]
pub(crate) fn ln_ratio_here(a: Magnitude, b: Magnitude) -> Signed {
    let mut power = a.exponent.wrapping_sub(b.exponent);
    let (p, q) = (a.mantissa, b.mantissa);
    // Doubles the smaller one when it is below 1/√2 = 46341/65536 of the other; at most one is.
    let q_is_small = (p >> 16).wrapping_mul(46_341) > (q >> 16).wrapping_mul(65_536);
    let p_is_small = (q >> 16).wrapping_mul(46_341) > (p >> 16).wrapping_mul(65_536);
    let (by_p, by_q) = (u32::from(p_is_small), u32::from(q_is_small));
    power = power.wrapping_add(by_q as i32).wrapping_sub(by_p as i32);
    // The difference is below 2^64 whichever is doubled, so it is exact modulo 2^64: near the money every bit counts.
    let negative = (p < q) ^ (p_is_small | q_is_small);
    let difference = p.wrapping_shl(by_p).wrapping_sub(q.wrapping_shl(by_q));
    let difference = if negative {
        difference.wrapping_neg()
    } else {
        difference
    };
    let sum = (p >> 2)
        .wrapping_shl(by_p)
        .wrapping_add((q >> 2).wrapping_shl(by_q));
    let u = Magnitude::scaled(difference, 0).over(Magnitude::scaled(sum, 2));
    // |u| ≤ 0.172, so 32·u² fits Q64.
    let w = u.times(u).to_fixed(64 + 5);
    let [c8, c7, c6, c5, c4, c3, c2, c1, c0] = ATANH_POWERS;
    let sum = high(c8, w).wrapping_add(c7);
    let sum = high(sum, w).wrapping_add(c6);
    let sum = high(sum, w).wrapping_add(c5);
    let sum = high(sum, w).wrapping_add(c4);
    let sum = high(sum, w).wrapping_add(c3);
    let sum = high(sum, w).wrapping_add(c2);
    let sum = high(sum, w).wrapping_add(c1);
    let sum = high(sum, w).wrapping_add(c0);
    let size = u.times(Magnitude::scaled(sum, -63)).doubled(1);
    if power == 0 {
        return Signed { negative, size };
    }
    // Beyond e^±44 nothing is priced; the cap keeps the sum below 2^63.
    let steps = u64::from(power.unsigned_abs().min(MAX_POWER));
    // steps·ln2 in Q58, from the two halves of ln2 so that it is exact to one unit.
    let whole = (steps.wrapping_mul(LN_2 >> 32) << 26)
        .wrapping_add(steps.wrapping_mul(LN_2 & 0xFFFF_FFFF) >> 6);
    let whole = if power < 0 {
        (whole as i64).wrapping_neg()
    } else {
        whole as i64
    };
    let part = size.to_fixed(LN_BITS) as i64;
    let sum = whole.wrapping_add(if negative { part.wrapping_neg() } else { part });
    Signed {
        negative: sum < 0,
        size: Magnitude::scaled(sum.unsigned_abs(), -LN_BITS),
    }
}

/// `a / b` for `b` from 2^31 on: a divisor whose bit is known to be set needs no test for zero.
#[inline(always)]
fn divided(a: u64, b: u64) -> u64 {
    let has_bit = NonZeroU64::new(b.max(1 << 31)).unwrap_or(NonZeroU64::MIN);
    a / has_bit
}

/// `√n`.
#[inline(always)]
pub(crate) fn root_of_integer(n: u64) -> Magnitude {
    if n == 0 {
        return Magnitude::ZERO;
    }
    // An even shift, so that the root of the power of two is one.
    let zeros = n.leading_zeros() & !1;
    let m = n.wrapping_shl(zeros);
    // Root of the top half by Newton from a chord (5 % off): 1e-3, 8e-7, 3e-13, then exact or one too large.
    let guess = 1_546_188_227_u64.wrapping_add((m >> 32).wrapping_mul(2703) >> 12);
    let guess = guess.wrapping_add(divided(m, guess)) >> 1;
    let guess = guess.wrapping_add(divided(m, guess)) >> 1;
    let guess = guess.wrapping_add(divided(m, guess)) >> 1;
    let root = guess.min(0xFFFF_FFFF);
    let root = root.wrapping_sub(u64::from(root.wrapping_mul(root) > m));
    // m = root² + rest with rest ≤ 2·root; √m = root + δ − δ²/(2·root), δ = rest / (2·root) in Q32.
    let rest = m.wrapping_sub(root.wrapping_mul(root));
    let delta = divided(rest << 31, root).min(0xFFFF_FFFF);
    let bend = (delta.wrapping_mul(delta) >> 33)
        .checked_div(root)
        .unwrap_or(0);
    let fixed = (root << 32) | delta;
    Magnitude::scaled(
        fixed.wrapping_sub(bend),
        (-32_i32).wrapping_sub((zeros / 2) as i32),
    )
}
