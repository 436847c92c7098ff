//! Total variance of a slice, its derivatives in `k`, and the implied volatility.
//!
//! With `x = k − m` and `R = √(x² + σ²)`: `w = a + b·(ρx + R)`, `w′ = b·(ρ + x/R)`, `w″ = b·σ²/R³`. Where `|ρ| > 0.99`
//! and `ρx` and `R` would cancel, in the flatter wing, `ρx + R` is `(σ² + (1 − ρ²)·x²)/(R + |ρx|)`, so steep skews keep their digits.
//!
//! | quantity | maximum error, given `k` |
//! |---|---|
//! | `w` | 2^-58 of `\|a\| + b·(ρx + R)`: relative where `a ≥ 0`, and lost only to the extent that a negative `a` cancels |
//! | `w′` | 2^-58 of `b` |
//! | `w″` | 2^-57 of itself |
//! | implied volatility | half of the relative error of `w`, plus 2^-59 |
//!
//! An error of `k` comes on top, times `w′`: 2^-60 of `k` and 2^-63 where neither price is twice the other, else 2^-58. Tested against
//! 80 digits in `tests/svi_accuracy.rs`: over 20,000 slices, half of them as fits to listed options give them, the volatility of these
//! is wrong by at most 2.2e-16 of itself, where a negative level cancels nearly all of `w`; on the 400 rows committed by 7e-18.
//! Parameters are read exactly: 18 decimals fit 64 bits.
//!
//! Ink on the Stylus VM, measured under the local node's meter with the contracts' build settings: the implied volatility of a
//! strike, logarithm included, 191,000 on average from a prepared [`ExpirySmile`] (about 110,000 from `k`), 235,000 from the bare
//! parameters (218,000 to 258,000 over 384 cases).

use super::{
    LogMoneyness, ONE, Slice, SliceError,
    root::root_and_reciprocal,
    sum::{difference, lesser_added, signed_sum, sum},
    wad,
};
use crate::{
    black_scholes::MAX_SECONDS,
    magnitude::{Magnitude, Signed},
    tables::PER_WAD,
};

/// Correlation beyond which the flatter wing is written without a difference, WAD: 0.99. Up to it, the difference keeps all but
/// the last 8 bits.
const STEEP: u64 = 990_000_000_000_000_000;

/// A WAD integer as the number it stands for.
pub(super) const fn number(x: u64) -> Magnitude {
    Magnitude::scaled(x, 0).times(PER_WAD)
}

/// The same, signed.
const fn signed_number(x: i64) -> Signed {
    Signed {
        negative: x < 0,
        size: number(x.unsigned_abs()),
    }
}

/// A slice, prepared for many strikes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Smile {
    /// `a`.
    pub(super) level: Signed,
    /// `b`.
    pub(super) slope: Magnitude,
    /// `ρ`.
    pub(super) correlation: Signed,
    /// `1 − ρ²`, to its last bits however steep the skew.
    pub(super) flatness: Magnitude,
    /// Whether `|ρ|` is above [`STEEP`].
    is_steep: bool,
    /// `m`.
    pub(super) centre: Signed,
    /// `σ`.
    pub(super) width: Magnitude,
    /// `σ²`.
    square_width: Magnitude,
    /// `b·(1 − ρ)`: how steeply variance rises to the left.
    pub(super) left_slope: Magnitude,
    /// `b·(1 + ρ)`: how steeply variance rises to the right.
    pub(super) right_slope: Magnitude,
}

/// Parameters of a slice as numbers; `rho` WAD.
pub(crate) struct Parameters {
    pub level: Signed,
    pub slope: Magnitude,
    pub rho: i64,
    pub centre: Signed,
    pub width: Magnitude,
}

/// What a slice is evaluated from at one log-moneyness.
struct Arms {
    /// `k − m`.
    x: Signed,
    /// `x²`.
    square: Magnitude,
    /// `R = √(x² + σ²)`.
    radius: Magnitude,
    /// `1/R`.
    inverse: Magnitude,
}

/// A slice at one log-moneyness.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Point {
    /// `w(k)`.
    pub total_variance: Signed,
    /// `dw/dk`.
    pub slope: Signed,
    /// `d²w/dk²`, never negative.
    pub curvature: Magnitude,
}

impl Point {
    /// `w`, `w′` and `w″` in WAD, each rounded towards zero; what does not fit is shown as the largest.
    #[must_use]
    pub fn to_wad(&self) -> [i128; 3] {
        [
            self.total_variance,
            self.slope,
            Signed::positive(self.curvature),
        ]
        .map(wad)
    }
}

impl Smile {
    /// Of parameters whose ranges were checked.
    #[cfg_attr(not(feature = "compact"), inline(always))]
    pub(super) fn of(slice: &Slice) -> Self {
        Self::from_parameters(&Parameters {
            level: signed_number(slice.a),
            slope: number(slice.b),
            rho: slice.rho,
            centre: signed_number(slice.m),
            width: number(slice.sigma),
        })
    }

    /// Of parameters in other units, whose ranges were checked.
    #[cfg_attr(not(feature = "compact"), inline(always))]
    pub(crate) fn from_parameters(parameters: &Parameters) -> Self {
        let Parameters {
            level,
            slope,
            rho,
            centre,
            width,
        } = *parameters;
        // |ρ| < 1, so neither sum leaves 0..2e18.
        let above = number(ONE.wrapping_add_signed(rho));
        let below = number(ONE.wrapping_add_signed(rho.wrapping_neg()));
        Self {
            level,
            slope,
            correlation: signed_number(rho),
            flatness: above.times(below),
            is_steep: rho.unsigned_abs() > STEEP,
            centre,
            width,
            square_width: width.times(width),
            left_slope: slope.times(below),
            right_slope: slope.times(above),
        }
    }

    /// `x`, `R` and `1/R` at `k`.
    #[cfg_attr(not(feature = "compact"), inline(always))]
    fn arms(&self, k: Signed) -> Arms {
        let x = difference(k, self.centre);
        let square = x.size.times(x.size);
        let (radius, inverse) = root_and_reciprocal(sum(square, self.square_width));
        Arms {
            x,
            square,
            radius,
            inverse,
        }
    }

    /// `w` from what it is made of.
    #[cfg_attr(not(feature = "compact"), inline(always))]
    fn variance(&self, arms: &Arms) -> Signed {
        let tilt = Signed {
            negative: self.correlation.negative != arms.x.negative,
            size: self.correlation.size.times(arms.x.size),
        };
        let rise = if self.is_steep {
            let square = self.flatness.times(arms.square);
            steep_rise(arms.radius, tilt, sum(self.square_width, square))
        } else {
            // |ρx| ≤ 0.99·R.
            lesser_added(arms.radius, tilt)
        };
        signed_sum(self.level, Signed::positive(self.slope.times(rise)))
    }

    /// `w(k)`; below zero only for parameters with arbitrage.
    #[cfg_attr(not(feature = "compact"), inline(always))]
    #[must_use]
    pub fn total_variance(&self, k: LogMoneyness) -> Signed {
        self.variance_at(k.exact())
    }

    /// The same for any `k`.
    #[cfg_attr(not(feature = "compact"), inline(always))]
    pub(super) fn variance_at(&self, k: Signed) -> Signed {
        self.variance(&self.arms(k))
    }

    /// `w`, `w′` and `w″` at `k`.
    #[must_use]
    pub fn at(&self, k: LogMoneyness) -> Point {
        self.point(k.exact())
    }

    /// The same for any `k`.
    pub(super) fn point(&self, k: Signed) -> Point {
        let arms = self.arms(k);
        // R ≥ σ > 0.
        let bend = self.width.times(arms.inverse);
        Point {
            total_variance: self.variance(&arms),
            slope: signed_sum(self.correlation, arms.x.times(arms.inverse)).times(self.slope),
            curvature: self.slope.times(bend).times(bend).times(arms.inverse),
        }
    }

    /// `a + bσ√(1 − ρ²)`, the least variance of all strikes.
    #[must_use]
    pub fn least_variance(&self) -> Signed {
        let bend = self
            .slope
            .times(self.width)
            .times(root_and_reciprocal(self.flatness).0);
        signed_sum(self.level, Signed::positive(bend))
    }

    /// Whether the two differ in level only.
    pub(super) fn is_parallel_to(&self, other: &Self) -> bool {
        Self {
            level: other.level,
            ..*self
        } == *other
    }

    /// Durrleman's `g(k) = (1 − k·w′/2w)² − w′²/4·(1/w + 1/4) + w″/2`, what the risk-neutral density is proportional to.
    /// Meaningless where there is no variance.
    #[must_use]
    pub fn butterfly(&self, k: LogMoneyness) -> Signed {
        self.butterfly_at(k.exact())
    }

    /// The same for any `k`.
    pub(super) fn butterfly_at(&self, k: Signed) -> Signed {
        let point = self.point(k);
        let per_variance = point.total_variance.size.reciprocal();
        let half_slope = point.slope.size.doubled(-1);
        let lean = Signed {
            negative: point.slope.negative != k.negative,
            size: k.size.times(half_slope).times(per_variance),
        };
        let upright = difference(Signed::positive(Magnitude::ONE), lean).size;
        let square_slope = half_slope.times(half_slope);
        let quarter = Magnitude::ONE.doubled(-2);
        let taken = sum(
            square_slope.times(per_variance),
            square_slope.times(quarter),
        );
        let left = sum(upright.times(upright), point.curvature.doubled(-1));
        difference(Signed::positive(left), Signed::positive(taken))
    }

    /// Prepares what every strike of an expiry shares; `forward` WAD.
    ///
    /// # Errors
    /// [`SliceError::ZeroForward`], [`SliceError::NoTime`], [`SliceError::TimeTooLong`].
    pub fn expiring_in(&self, seconds: u64, forward: u128) -> Result<ExpirySmile, SliceError> {
        self.expiring(seconds, forward)
    }

    /// [`Smile::expiring_in`] where it is called.
    #[cfg_attr(not(feature = "compact"), inline(always))]
    fn expiring(&self, seconds: u64, forward: u128) -> Result<ExpirySmile, SliceError> {
        if (forward == 0) | (seconds.wrapping_sub(1) >= MAX_SECONDS) {
            return Err(not_an_expiry(seconds, forward));
        }
        Ok(ExpirySmile {
            smile: *self,
            forward: Magnitude::from_u128(forward),
            square_half_wads_per_year: SQUARE_HALF_WADS_YEAR.over(Magnitude::scaled(seconds, 0)),
        })
    }
}

/// `R + ρx` where the two may cancel, as `(R² − (ρx)²)/(R + |ρx|)` then; `product` is the numerator.
#[cold]
#[inline(never)]
fn steep_rise(radius: Magnitude, tilt: Signed, product: Magnitude) -> Magnitude {
    let reach = sum(radius, tilt.size);
    if tilt.negative {
        product.over(reach)
    } else {
        reach
    }
}

#[cold]
#[inline(never)]
const fn not_an_expiry(seconds: u64, forward: u128) -> SliceError {
    if forward == 0 {
        SliceError::ZeroForward
    } else if seconds == 0 {
        SliceError::NoTime
    } else {
        SliceError::TimeTooLong {
            given: seconds,
            allowed: MAX_SECONDS,
        }
    }
}

/// `(2e18)²·31,536,000`: half WADs squared, times the seconds of a year of 365 days.
const SQUARE_HALF_WADS_YEAR: Magnitude = Magnitude::scaled(ONE, 1)
    .times(Magnitude::scaled(ONE, 1))
    .times(Magnitude::scaled(365 * 86_400, 0));

/// A slice with its time to expiry and forward, prepared for many strikes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ExpirySmile {
    smile: Smile,
    /// Forward, WAD.
    forward: Magnitude,
    /// `(2e18)²/T`, T in years: the square of volatility in half WADs per total variance.
    square_half_wads_per_year: Magnitude,
}

impl ExpirySmile {
    /// The slice alone.
    #[must_use]
    pub const fn smile(&self) -> &Smile {
        &self.smile
    }

    /// `ln(K/F)` of a strike, WAD.
    ///
    /// # Errors
    /// [`SliceError::ZeroStrike`], [`SliceError::StrikeTooFar`].
    #[cfg_attr(not(feature = "compact"), inline(always))]
    pub fn log_moneyness(&self, strike: u128) -> Result<LogMoneyness, SliceError> {
        if strike == 0 {
            return Err(SliceError::ZeroStrike);
        }
        LogMoneyness::between(Magnitude::from_u128(strike), self.forward)
    }

    /// Twice the volatility, WAD.
    #[cfg_attr(not(feature = "compact"), inline(always))]
    fn doubled_volatility(&self, k: LogMoneyness) -> Result<Magnitude, SliceError> {
        let variance = self.smile.total_variance(k);
        if variance.negative & !variance.size.is_zero() {
            return Err(negative(variance));
        }
        Ok(root_and_reciprocal(variance.size.times(self.square_half_wads_per_year)).0)
    }

    /// `√(w(k)/T)` per square root of a year, in WAD units and all 64 bits.
    ///
    /// # Errors
    /// [`SliceError::NegativeVariance`].
    pub fn volatility_exact(&self, k: LogMoneyness) -> Result<Magnitude, SliceError> {
        Ok(self.doubled_volatility(k)?.doubled(-1))
    }

    /// `√(w(k)/T)` per square root of a year, WAD: the integer nearest to [`ExpirySmile::volatility_exact`].
    ///
    /// # Errors
    /// [`SliceError::NegativeVariance`].
    #[cfg_attr(not(feature = "compact"), inline(always))]
    pub fn volatility(&self, k: LogMoneyness) -> Result<u128, SliceError> {
        let halves = self.doubled_volatility(k)?;
        let by = halves.exponent().wrapping_neg().cast_unsigned();
        if by.wrapping_sub(1) >= 126 {
            // √(8 + 8·32) over the square root of a second is below 1e5, 2^78 half WADs.
            return Ok(halves.to_u128().unwrap_or(u128::MAX).saturating_add(1) >> 1);
        }
        // Below 2^64, as nearly every volatility is. In two steps, so that no shift reaches 64.
        let first = by >> 1;
        let whole = halves
            .mantissa()
            .wrapping_shr(first)
            .wrapping_shr(by.wrapping_sub(first));
        Ok((whole.wrapping_add(1) >> 1).into())
    }

    /// Implied volatility of a strike, WAD, rounded as [`ExpirySmile::volatility`]; `strike` WAD.
    ///
    /// # Errors
    /// [`SliceError`]: a strike of zero or too far away, or no variance there.
    #[cfg_attr(not(feature = "compact"), inline(always))]
    pub fn implied_volatility(&self, strike: u128) -> Result<u128, SliceError> {
        self.volatility(self.log_moneyness(strike)?)
    }
}

impl Slice {
    /// Implied volatility of one strike, WAD, rounded as [`ExpirySmile::volatility`]; `forward` and `strike` WAD. For many strikes of an expiry, keep
    /// `prepare()?.expiring_in(seconds, forward)?`.
    ///
    /// # Errors
    /// [`SliceError`]: a parameter, the time or a price out of range, or no variance there.
    pub fn implied_volatility(
        &self,
        forward: u128,
        strike: u128,
        seconds: u64,
    ) -> Result<u128, SliceError> {
        self.prepared()?
            .expiring(seconds, forward)?
            .implied_volatility(strike)
    }
}

#[cold]
#[inline(never)]
fn negative(variance: Signed) -> SliceError {
    SliceError::NegativeVariance {
        total_variance: wad(variance),
    }
}
