//! The out-of-the-money value of a European option, relative to the smaller of spot and discounted strike.
//!
//! With `x = ln(F/K)`, `s = σ√T`, `h = |x|/s`, `t = s/2`, `a = h − t`, `b = h + t` and the Mills ratio
//! `M(z) = (1 − Φ(z))/φ(z)`, the out-of-the-money option (the call below the forward strike, the put above) is worth
//!
//! `min(S, K·e^(−rT)) · φ(a) · (M(a) − M(b))`  for a ≥ 0, and
//! `min(S, K·e^(−rT)) · (1 − φ(a) · (M(|a|) + M(b)))`  otherwise,
//!
//! one formula for both sides, because `S·φ(d1) = K·e^(−rT)·φ(d2)`. No difference of two distribution functions is ever
//! taken, so deep options keep their digits. The in-the-money side is parity.
//!
//! When the deviation is narrow, `M(a)` and `M(b)` lose digits in their difference. Both then come from one expansion around
//! `h`, in which the difference is a sum of its own. Ratios here are over `√2π`, so that they are at most one half.

use crate::{
    elementary::{exp_negative_half_square, product_of_halves},
    magnitude::{Magnitude, Signed, high},
    tables::{DENSITY_AT_ZERO, MILLS},
};

/// Fractional bits of `a` and `b`: with both parts below 16 their sum fits.
pub(crate) const Z_BITS: i32 = 59;
/// What `|x|/s` and `s/2` are held below.
pub(crate) const Z_CAP: u64 = (16 << Z_BITS) - 1;
/// The Mills table ends at 15; beyond, `e^(−z²/2)` is below 1e-48.
pub(crate) const Z_END: u64 = (15 << Z_BITS) - 1;

/// One third and one fifth, Q64.
const THIRD: u64 = u64::MAX / 3;
const FIFTH: u64 = u64::MAX / 5;

/// Below this (2^-8, as half in Q59) a deviation is narrow.
pub(crate) const NARROW: u64 = 1 << (Z_BITS - 9);

/// `M(z)/√2π` in Q64 for `z` in Q59 up to [`Z_END`]: at most one half.
/// Pieces are 1/16 wide below 1, 1/8 below 3, 1/4 below 7, 1/2 below 15: octaves of `z + 1` in 16 pieces each.
#[cfg_attr(not(feature = "compact"), inline(always))]
pub(crate) fn mills(z: u64) -> u64 {
    let y = z.wrapping_add(1 << Z_BITS);
    let zeros = y.leading_zeros();
    let aligned = y.wrapping_shl(zeros);
    // Octave from the leading zeros (4 down to 1), piece from the four bits below the leading one.
    let index = (u64::from(4_u32.wrapping_sub(zeros)) << 4) | ((aligned >> 59) & 15);
    // A quarter of the distance from the right end of the piece, Q64.
    let v = !(aligned << 5) >> 2;
    let narrow = v >> 32;
    let [c98, c76, c5, c4, c3, c2, c1, c0] = MILLS[(index & 63) as usize];
    // Q47, below 2^32.
    let sum = product_of_halves(c98 >> 32, narrow).wrapping_add(c98 & 0xFFFF_FFFF);
    let sum = product_of_halves(sum, narrow).wrapping_add(c76 >> 32);
    let sum = product_of_halves(sum, narrow).wrapping_add(c76 & 0xFFFF_FFFF);
    // From here on Q64, and all bits of v count.
    let sum = (sum.wrapping_mul(narrow) >> 15)
        .wrapping_add(sum.wrapping_mul(v & 0xFFFF_FFFF) >> 47)
        .wrapping_add(c5);
    let sum = high(sum, v).wrapping_add(c4);
    let sum = high(sum, v).wrapping_add(c3);
    let sum = high(sum, v).wrapping_add(c2);
    let sum = high(sum, v).wrapping_add(c1);
    high(sum, v).wrapping_add(c0)
}

/// Where an option stands, the deviation not being narrow: `φ(a)` and the two Mills ratios.
#[derive(Clone, Copy)]
pub(crate) struct Standing {
    /// All ones when `a` is negative, less than half a standard deviation out of the money; else zero.
    near: u64,
    /// `e^(−a²/2)`.
    density: Magnitude,
    /// `M(|a|)/√2π`, Q64.
    mills_a: u64,
    /// `M(b)/√2π`, Q64.
    mills_b: u64,
    /// `|a|`, Q59.
    a: u64,
    /// `b`, Q59.
    b: u64,
}

impl Standing {
    /// `distance` is `|ln(F/K)|/s`, `half_deviation` is `s/2`; both in Q59, at most [`Z_CAP`].
    ///
    /// With `|ln(F/K)|` below 32 only one of the two can be near the cap, so caps never meet.
    #[cfg_attr(not(feature = "compact"), inline(always))]
    pub(crate) fn at(distance: u64, half_deviation: u64) -> Self {
        // Both are below 2^63.
        let a = distance.wrapping_sub(half_deviation) as i64;
        let near = (a >> 63) as u64;
        let a = (a as u64 ^ near).wrapping_sub(near).min(Z_END);
        let b = distance.wrapping_add(half_deviation).min(Z_END);
        Self {
            near,
            density: exp_negative_half_square(a),
            mills_a: mills(a),
            mills_b: mills(b),
            a,
            b,
        }
    }

    /// Value over `min(S, K·e^(−rT))`, between 0 and 1, as mantissa (leading zeros allowed) and exponent.
    #[cfg_attr(not(feature = "compact"), inline(always))]
    pub(crate) fn value(&self) -> (u64, i32) {
        // Half of M(a) ± M(b), Q64: never negative, the table being monotonic, and below 2^63.
        let far = !self.near;
        let other = ((self.mills_b >> 1) ^ far).wrapping_sub(far);
        let sum = (self.mills_a >> 1).wrapping_add(other);
        let zeros = sum.leading_zeros();
        let product = high(self.density.mantissa, sum.wrapping_shl(zeros));
        // Twice as much, for the halves.
        let exponent = self
            .density
            .exponent
            .wrapping_sub(zeros as i32)
            .wrapping_add(1);
        if self.near == 0 {
            return (product, exponent);
        }
        // Below one and above 2^-170: by 0 to 171, in four steps of at most 45.
        let by = (-63_i32).wrapping_sub(exponent) as u32;
        let quarter = by >> 2;
        let taken = product
            .wrapping_shr(quarter)
            .wrapping_shr(quarter)
            .wrapping_shr(quarter)
            .wrapping_shr(by.wrapping_sub(quarter.wrapping_mul(3)));
        ((1_u64 << 63).saturating_sub(taken), -63)
    }

    /// `φ(a)·√2π`
    pub(crate) const fn density(&self) -> Magnitude {
        self.density
    }

    /// `M(|a|)/√2π`
    pub(crate) const fn mills_a(&self) -> Magnitude {
        Magnitude::scaled(self.mills_a, -64)
    }

    /// `M(b)/√2π`
    pub(crate) const fn mills_b(&self) -> Magnitude {
        Magnitude::scaled(self.mills_b, -64)
    }

    /// The standing for whoever wants more than the value.
    #[cfg_attr(not(feature = "compact"), inline(always))]
    pub(crate) fn position(&self) -> Position {
        let tail = self.density.times(self.mills_a());
        let (mantissa, exponent) = self.value();
        Position {
            density: self.density,
            tail_a: if self.near == 0 {
                tail
            } else {
                complement(tail)
            },
            rest_a: if self.near == 0 {
                complement(tail)
            } else {
                tail
            },
            tail_b: self.density.times(self.mills_b()),
            value: Magnitude::scaled(mantissa, exponent),
            a: Signed {
                negative: self.near != 0,
                size: Magnitude::scaled(self.a, -Z_BITS),
            },
            b: Magnitude::scaled(self.b, -Z_BITS),
        }
    }
}

/// What prices and sensitivities are made of. Everything is relative to the smaller of spot and discounted strike.
#[derive(Clone, Copy)]
pub(crate) struct Position {
    /// `φ(a)·√2π`.
    pub density: Magnitude,
    /// `Φ(−a)`: the probability, under the measure of the smaller, that the option ends in the money.
    pub tail_a: Magnitude,
    /// `Φ(a)`, to its own last digits where it is the smaller.
    pub rest_a: Magnitude,
    /// `φ(a)·M(b)`: the same under the measure of the larger, times their ratio.
    pub tail_b: Magnitude,
    /// Value of the out-of-the-money option.
    pub value: Magnitude,
    /// `a`
    pub a: Signed,
    /// `b`
    pub b: Magnitude,
}

impl Position {
    /// Of an option with a narrow deviation, `distance` and `half` as in [`Standing::at`].
    ///
    /// With `mₙ = |M⁽ⁿ⁾(h)|`, where `m₁ = φ(0) − h·M` and `mₙ₊₁ = n·mₙ₋₁ − h·mₙ` (φ(0) for the unit of ratios here),
    /// `M(h ∓ t) = M + t²/2·m₂ + t⁴/24·m₄ ± (t·m₁ + t³/6·m₃ + t⁵/120·m₅)`. What is left out is below 2^-60 of either part.
    #[cfg_attr(not(feature = "compact"), inline(always))]
    pub(crate) fn narrow(distance: u64, half: u64, deviation: Magnitude) -> Self {
        let h = distance.min(Z_END);
        let m0 = mills(h);
        let times_h = |m: u64| high(h << 1, m) << 4;
        // Each is positive; far out, where it drowns in the rounding of the one before, it does not count.
        let m1 = DENSITY_AT_ZERO.saturating_sub(times_h(m0));
        let m2 = m0.saturating_sub(times_h(m1));
        let m3 = (m1 << 1).saturating_sub(times_h(m2));
        // These two can exceed one: Q62.
        let m4 = (m2 >> 2).wrapping_mul(3).saturating_sub(times_h(m3) >> 2);
        let m5 = m3.saturating_sub(times_h(m4));
        // t is below 2^-9: t in Q73, t² in Q82.
        let t = half << 14;
        let square = high(t, t);
        // m₁ + t²/6·(m₃ + t²/20·m₅)
        let inner = m3.wrapping_add(high(high(square, m5), FIFTH) >> 18);
        let bend = high(high(square, inner), THIRD) >> 19;
        let odd = Magnitude::scaled(m1.wrapping_add(bend), -64);
        // m₀ + t²/2·(m₂ + t²/12·m₄)
        let inner = m2.wrapping_add(high(high(square, m4), THIRD) >> 18);
        let even = m0.wrapping_add(high(square, inner) >> 19);
        let apart = high(t, m1.wrapping_add(bend)) >> 9;
        // a may be just below zero, and M(a) just above one half.
        let a = distance.wrapping_sub(half) as i64;
        let size = Magnitude::scaled(a.unsigned_abs().min(Z_END), -Z_BITS);
        let density = exp_negative_half_square(a.unsigned_abs().min(Z_END));
        let tail_a = density.times(Magnitude::scaled(even.wrapping_add(apart), -64));
        Self {
            density,
            tail_a,
            rest_a: complement(tail_a),
            tail_b: density.times(Magnitude::scaled(even.saturating_sub(apart), -64)),
            value: density.times(odd).times(deviation),
            a: Signed {
                negative: a < 0,
                size,
            },
            b: Magnitude::scaled(distance.wrapping_add(half).min(Z_END), -Z_BITS),
        }
    }

    /// Of an option without time or volatility: worth nothing out of the money, where it never ends in the money; at the
    /// money it does so every second time.
    pub(crate) fn limit(at_the_money: bool) -> Self {
        let tail = if at_the_money {
            Magnitude::ONE.doubled(-1)
        } else {
            Magnitude::ZERO
        };
        Self {
            density: Magnitude::ZERO,
            tail_a: tail,
            rest_a: complement(tail),
            tail_b: tail,
            value: Magnitude::ZERO,
            a: Signed::ZERO,
            b: Magnitude::ZERO,
        }
    }
}

/// `1 − p` for a probability.
pub(crate) fn complement(p: Magnitude) -> Magnitude {
    Magnitude::scaled((1_u64 << 63).saturating_sub(p.to_fixed(63)), -63)
}
