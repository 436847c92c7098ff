//! The out-of-the-money value of a European option, relative to the smaller of spot and discounted strike.
//!
//! With `x = ln(F/K)`, `s = σ√T`, `a = |x|/s − s/2`, `b = |x|/s + s/2` and the Mills ratio `M(z) = (1 − Φ(z))/φ(z)`, the
//! out-of-the-money option (the call below the forward strike, the put above) is worth
//!
//! `min(S, K·e^(−rT)) · φ(a) · (M(a) − M(b))`  for a ≥ 0, and
//! `min(S, K·e^(−rT)) · (1 − φ(a) · (M(|a|) + M(b)))`  otherwise,
//!
//! one formula for both sides, because `S·φ(d1) = K·e^(−rT)·φ(d2)`. No difference of two distribution functions is ever
//! taken, so deep options keep their digits. The in-the-money side is parity.

use crate::{
    elementary::exp_negative_half_square,
    magnitude::{Magnitude, Signed, high},
    tables::{DENSITY_AT_ZERO, MILLS},
};

/// Fractional bits of `a` and `b`: with both parts below 16 their sum fits.
pub(crate) const Z_BITS: i32 = 59;
/// What `|x|/s` and `s/2` are held below.
pub(crate) const Z_CAP: u64 = (16 << Z_BITS) - 1;
/// The Mills table ends at 11; beyond, `e^(−z²/2)` is below 1e-26.
pub(crate) const Z_END: u64 = (11 << Z_BITS) - 1;

/// Below this (2^-12, as half in Q59) a deviation is narrow.
pub(crate) const NARROW: u64 = 1 << (Z_BITS - 13);

/// Where an option stands: `φ(a)` and the two Mills ratios.
#[derive(Clone, Copy)]
pub(crate) struct Standing {
    /// Whether `a` is negative: less than half a standard deviation out of the money.
    near: bool,
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

/// `M(z)/√2π` in Q64 for `z` in Q59 up to [`Z_END`]: at most one half.
/// Pieces are 1/16 wide below 1, 1/8 below 3, 1/4 below 7, 1/2 below 11: octaves of `z + 1` in 16 pieces each.
#[inline(always)]
pub(crate) fn mills(z: u64) -> u64 {
    let y = z.wrapping_add(1 << Z_BITS);
    let zeros = y.leading_zeros();
    let aligned = y.wrapping_shl(zeros);
    // Octave from the leading zeros (4 down to 1), piece from the four bits below the leading one.
    let index = (u64::from(4_u32.wrapping_sub(zeros)) << 4) | ((aligned >> 59) & 15);
    // A quarter of the distance from the right end of the piece, Q64.
    let v = !(aligned << 5) >> 2;
    let [c9, c8, c7, c6, c5, c4, c3, c2, c1, c0] = MILLS[(index & 63) as usize];
    let sum = high(c9, v).wrapping_add(c8);
    let sum = high(sum, v).wrapping_add(c7);
    let sum = high(sum, v).wrapping_add(c6);
    let sum = high(sum, v).wrapping_add(c5);
    let sum = high(sum, v).wrapping_add(c4);
    let sum = high(sum, v).wrapping_add(c3);
    let sum = high(sum, v).wrapping_add(c2);
    let sum = high(sum, v).wrapping_add(c1);
    high(sum, v).wrapping_add(c0)
}

impl Standing {
    /// `distance` is `|ln(F/K)|/s`, `half_deviation` is `s/2`; both in Q59, at most [`Z_CAP`].
    ///
    /// With `|ln(F/K)|` below 32 only one of the two can be near the cap, so caps never meet.
    #[inline(always)]
    pub(crate) fn at(distance: u64, half_deviation: u64) -> Self {
        let near = distance < half_deviation;
        let (a, b) = (
            distance.abs_diff(half_deviation),
            distance.wrapping_add(half_deviation),
        );
        let (a, b) = (a.min(Z_END), b.min(Z_END));
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
    #[inline(always)]
    pub(crate) fn value(&self) -> (u64, i32) {
        if self.near {
            // Both ratios are at most one half in Q64: their halves add up without a carry, in Q63.
            let sum = (self.mills_a >> 1).wrapping_add(self.mills_b >> 1);
            let taken = high(self.density.to_fixed(64), sum);
            ((1_u64 << 63).saturating_sub(taken), -63)
        } else {
            // Never negative: the table is monotonic, tested.
            let difference = self.mills_a.saturating_sub(self.mills_b);
            let zeros = difference.leading_zeros();
            let mantissa = high(self.density.mantissa, difference.wrapping_shl(zeros));
            (mantissa, self.density.exponent.wrapping_sub(zeros as i32))
        }
    }

    /// [`Standing::value`] for a deviation `s = 2t` so small that `M(a) − M(b)` loses digits; `distance` and `half` as
    /// given to [`Standing::at`].
    ///
    /// `M(h − t) − M(h + t) = −2t·(M′ + t²/6·M‴)` at `h = |x|/s`, with `M′ = h·M − 1` and `M‴ = (h² + 3)·M′ + 1`, where `M(h)` is
    /// the mean of the two ratios less `t²/2·M″`. Together: `2t·(m + t²/3·(1 − h²·m))`, `m = 1 − h·(M(a) + M(b))/2`.
    #[inline(always)]
    pub(crate) fn narrow_value(&self, distance: u64, half: u64, deviation: Magnitude) -> Magnitude {
        // h in Q60; below, everything over √2π and in Q64.
        let h = distance.min(Z_END) << 1;
        let mean = (self.mills_a >> 1).wrapping_add(self.mills_b >> 1);
        let slope = DENSITY_AT_ZERO.saturating_sub(high(h, mean) << 4);
        // h² is in Q56; t < 2^-13, so t² is in Q90.
        let bend = DENSITY_AT_ZERO.saturating_sub(high(high(h, h), slope) << 8);
        let bend = high(high(half << 18, half << 18), high(bend, u64::MAX / 3)) >> 26;
        self.density
            .times(Magnitude::scaled(slope.wrapping_add(bend), -64))
            .times(deviation)
    }

    /// Whether `a` is negative.
    pub(crate) const fn is_near(&self) -> bool {
        self.near
    }

    /// `φ(a)·√2π`.
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

    /// `a`
    pub(crate) const fn a(&self) -> Signed {
        Signed {
            negative: self.near,
            size: Magnitude::scaled(self.a, -Z_BITS),
        }
    }

    /// `b`
    pub(crate) const fn b(&self) -> Magnitude {
        Magnitude::scaled(self.b, -Z_BITS)
    }
}

/// `1 − p` for a probability.
pub(crate) fn complement(p: Magnitude) -> Magnitude {
    Magnitude::scaled((1_u64 << 63).saturating_sub(p.to_fixed(63)), -63)
}
