//! Time to expiry and deviation in the forms that pricing reads.

use crate::{
    black_scholes::{MAX_SECONDS, PricingError},
    elementary::{LN_BITS, exp, root_of_integer},
    magnitude::{Magnitude, Signed, high},
    tables::{PER_SQRT_YEAR, PER_WAD, PER_YEAR},
    time_value::{NARROW, Standing, Z_BITS, Z_CAP},
};

/// Discounting and the square root of time, shared by every option of an expiry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tenor {
    /// `√T`, T in years.
    pub(crate) root_years: Magnitude,
    /// `e^(−rT)`, or `None` when it is exactly one.
    discount: Option<Magnitude>,
}

impl Tenor {
    /// `seconds` to expiry at the yearly WAD `rate`.
    ///
    /// # Errors
    /// [`PricingError::TimeTooLong`] beyond [`MAX_SECONDS`].
    #[inline(never)]
    pub fn new(seconds: u64, rate: i64) -> Result<Self, PricingError> {
        if seconds > MAX_SECONDS {
            return Err(PricingError::TimeTooLong {
                given: seconds,
                allowed: MAX_SECONDS,
            });
        }
        let interest = Signed::from_i64(rate)
            .times(PER_WAD)
            .times(Magnitude::scaled(seconds, 0))
            .times(PER_YEAR);
        Ok(Self {
            root_years: root_of_integer(seconds).times(PER_SQRT_YEAR),
            discount: if interest.size.is_zero() {
                None
            } else {
                Some(exp(interest.negated()))
            },
        })
    }

    /// `seconds` to expiry with a discount factor that is known.
    ///
    /// # Errors
    /// [`PricingError::TimeTooLong`] beyond [`MAX_SECONDS`].
    pub(crate) fn discounting(seconds: u64, discount: Magnitude) -> Result<Self, PricingError> {
        let undiscounted = Self::new(seconds, 0)?;
        let discount = (discount != Magnitude::ONE).then_some(discount);
        Ok(Self {
            discount,
            ..undiscounted
        })
    }

    /// `K·e^(−rT)` in the unit of the strike, as an integer rounded down and as a magnitude.
    /// `None` from 2^127 on.
    #[inline(always)]
    #[must_use]
    pub fn discounted(&self, strike: u128) -> Option<(u128, Magnitude)> {
        let magnitude = Magnitude::from_u128(strike);
        match self.discount {
            None => Some((strike, magnitude)),
            Some(discount) => {
                let discounted = magnitude.times(discount);
                Some((discounted.to_u128()?, discounted))
            }
        }
    }

    /// `σ√T` for a volatility in WAD units.
    #[inline(always)]
    #[must_use]
    pub fn deviation(&self, volatility: Magnitude) -> Deviation {
        let deviation = volatility.times(PER_WAD).times(self.root_years);
        let inverse = if deviation.is_zero() {
            Magnitude::ZERO
        } else {
            deviation.reciprocal()
        };
        // ln in Q58 times the mantissa, shifted by this, is the distance in Q59. With half the deviation visible in Q59
        // the shift is at most 62; below, distances do not matter.
        let shift = inverse.exponent.wrapping_add(64 - LN_BITS + Z_BITS);
        let shift_left = shift.clamp(0, 62).unsigned_abs();
        Deviation {
            whole: deviation,
            half: deviation.doubled(-1).to_fixed(Z_BITS).min(Z_CAP),
            inverse,
            shift_left,
            shift_right: shift.clamp(-63, 0).unsigned_abs(),
            cap: Z_CAP.wrapping_shr(shift_left),
        }
    }
}

/// `σ√T` in the forms that pricing reads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Deviation {
    /// `σ√T`.
    whole: Magnitude,
    /// `1 / σ√T`, zero when there is no deviation.
    pub(crate) inverse: Magnitude,
    /// `σ√T / 2`, Q59, capped.
    half: u64,
    shift_left: u32,
    shift_right: u32,
    cap: u64,
}

impl Deviation {
    /// Where an option at `x = |ln(F/K)|` stands, to the last bits of `x`, and its value over `min(S, K·e^(−rT))`.
    /// `None` when there is no deviation.
    #[inline(always)]
    pub(crate) fn standing(&self, x: Magnitude) -> Option<(Standing, Magnitude)> {
        // Below 2^-59 the option has no time value that any unit here can show.
        if self.half == 0 {
            return None;
        }
        let distance = x.times(self.inverse).to_fixed(Z_BITS).min(Z_CAP);
        let standing = Standing::at(distance, self.half);
        // Near the money the ratios are added, and nothing is lost.
        let value = if self.half < NARROW && !standing.is_near() {
            standing.narrow_value(distance, self.half, self.whole)
        } else {
            let (mantissa, exponent) = standing.value();
            Magnitude::scaled(mantissa, exponent)
        };
        Some((standing, value))
    }

    /// The same for `x` in Q58 below 32, to 2^-57 of spot, with fewer steps and without a case of its own for no
    /// deviation: then `a = b`, and the value is zero.
    #[inline(always)]
    pub(crate) fn standing_of_fixed(&self, x: u64) -> Standing {
        let distance = high(x, self.inverse.mantissa).min(self.cap);
        Standing::at(
            distance
                .wrapping_shl(self.shift_left)
                .wrapping_shr(self.shift_right),
            self.half,
        )
    }
}
