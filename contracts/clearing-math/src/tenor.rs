//! Time to expiry and deviation in the forms that pricing reads.

use crate::{
    black_scholes::{MAX_SECONDS, PricingError},
    elementary::{LN_BITS, exp, exp_minus_one, root_of_integer, wide},
    magnitude::{Magnitude, Signed, high},
    tables::{PER_SQRT_YEAR, PER_WAD_SQRT_YEAR, PER_WAD_YEAR},
    time_value::{Standing, Z_BITS, Z_CAP},
};

/// Discounting and the square root of time, shared by every option of an expiry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tenor {
    /// `√T`, T in years.
    pub(crate) root_years: Magnitude,
    /// Root of the seconds.
    root_seconds: Magnitude,
    /// `rT`.
    interest: Signed,
    /// `None` when the discount factor is exactly one.
    discount: Option<Discount>,
}

/// A discount factor that is not one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Discount {
    /// `e^(−rT)`
    factor: Magnitude,
    /// `e^(−rT) − 1` to its own last digits, zero where the factor says as much: what a strike loses is known much better
    /// than what is left of it.
    change: Signed,
}

impl Discount {
    /// Of the interest `rT`, which is not zero.
    #[cfg_attr(not(feature = "compact"), inline(always))]
    fn of(interest: Signed) -> Self {
        let negative = !interest.negative;
        let Some(growth) = exp_minus_one(interest.size) else {
            return Self {
                factor: exp(interest.negated()),
                change: Signed::ZERO,
            };
        };
        // e^y, in 1..2, and 1 − e^(−y) = (e^y − 1)·e^(−y).
        let grown = Magnitude::new((1 << 63) | growth.to_fixed(63), -63);
        let shrunk = grown.reciprocal();
        let loss = growth.times(shrunk);
        let mask = 0_u64.wrapping_sub(u64::from(negative));
        Self {
            factor: grown.or_if(shrunk, mask),
            change: Signed {
                negative,
                size: growth.or_if(loss, mask),
            },
        }
    }
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
        let rate = if seconds == 0 { 0 } else { rate };
        Ok(Self::within(seconds, root_of_integer(seconds), rate))
    }

    /// [`Tenor::new`] of a time that is not too long, and its root; of no time without a rate.
    #[cfg_attr(not(feature = "compact"), inline(always))]
    pub(crate) fn within(seconds: u64, root_seconds: Magnitude, rate: i64) -> Self {
        if rate == 0 {
            return Self::undiscounted(root_seconds);
        }
        let interest = Signed::from_i64(rate)
            .times(Magnitude::scaled(seconds, 0))
            .times(PER_WAD_YEAR);
        Self {
            root_years: root_seconds.times(PER_SQRT_YEAR),
            root_seconds,
            interest,
            discount: Some(Discount::of(interest)),
        }
    }

    const fn undiscounted(root_seconds: Magnitude) -> Self {
        Self {
            root_years: root_seconds.times(PER_SQRT_YEAR),
            root_seconds,
            interest: Signed::ZERO,
            discount: None,
        }
    }

    /// `seconds` to expiry with a discount factor that is known, and no interest between spot and forward.
    ///
    /// # Errors
    /// [`PricingError::TimeTooLong`] beyond [`MAX_SECONDS`].
    pub(crate) fn discounting(seconds: u64, discount: Magnitude) -> Result<Self, PricingError> {
        let undiscounted = Self::new(seconds, 0)?;
        let discount = (discount != Magnitude::ONE).then_some(Discount {
            factor: discount,
            change: Signed::ZERO,
        });
        Ok(Self {
            discount,
            ..undiscounted
        })
    }

    /// `K·e^(−rT)` in the unit of the strike, as an integer rounded down and as a magnitude.
    /// `None` from 2^127 on.
    #[cfg_attr(not(feature = "compact"), inline(always))]
    #[must_use]
    pub fn discounted(&self, strike: u128) -> Option<(u128, Magnitude)> {
        let magnitude = Magnitude::from_u128(strike);
        let discounted = self.wrapped_discounted(strike, magnitude);
        (discounted.1.exponent <= 62).then_some(discounted)
    }

    /// [`Tenor::discounted`] of a strike given twice, with whatever integer for magnitudes whose exponent exceeds 62.
    #[cfg_attr(not(feature = "compact"), inline(always))]
    pub(crate) fn wrapped_discounted(
        &self,
        strike: u128,
        magnitude: Magnitude,
    ) -> (u128, Magnitude) {
        match self.discount {
            None => (strike, magnitude),
            Some(Discount { factor, change }) => {
                let discounted = magnitude.times(factor);
                if change.size.is_zero() {
                    return (discounted.wrapped_to_u128(), discounted);
                }
                let change_of_strike = magnitude.times(change.size).wrapped_to_u128();
                let integer = if change.negative {
                    // Rounded down: what is taken off is rounded up.
                    strike.wrapping_sub(change_of_strike).wrapping_sub(1)
                } else {
                    strike.wrapping_add(change_of_strike)
                };
                (integer, discounted)
            }
        }
    }

    /// `S − K·e^(−rT)` of a strike whose discounted magnitude is `discounted`, to 2^-59 of its largest part.
    pub(crate) fn forward_value(&self, spot: u128, strike: u128, discounted: Magnitude) -> Signed {
        let undiscounted = Signed {
            negative: spot < strike,
            size: Magnitude::from_u128(spot.abs_diff(strike)),
        };
        match self.discount {
            None => undiscounted,
            Some(Discount { change, .. }) if !change.size.is_zero() => {
                undiscounted.minus(change.times(Magnitude::from_u128(strike)))
            }
            Some(_) => {
                Signed::positive(Magnitude::from_u128(spot)).minus(Signed::positive(discounted))
            }
        }
    }

    /// `rT`, Q116.
    #[cfg_attr(not(feature = "compact"), inline(always))]
    pub(crate) const fn wide_interest(&self) -> i128 {
        wide(self.interest)
    }

    /// `σ√T` for a volatility in WAD units.
    #[cfg_attr(not(feature = "compact"), inline(always))]
    #[must_use]
    pub fn deviation(&self, volatility: Magnitude) -> Deviation {
        let whole = whole_deviation(volatility, self.root_seconds);
        let inverse = whole.reciprocal();
        Deviation {
            whole,
            half: whole.doubled(-1).to_fixed(Z_BITS).min(Z_CAP),
            inverse,
        }
    }
}

/// `σ√T` for a volatility in WAD units and the root of the seconds.
#[cfg_attr(not(feature = "compact"), inline(always))]
pub(crate) const fn whole_deviation(volatility: Magnitude, root_seconds: Magnitude) -> Magnitude {
    volatility.times(root_seconds).times(PER_WAD_SQRT_YEAR)
}

/// `σ√T` in the forms that pricing reads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Deviation {
    /// `σ√T`.
    pub(crate) whole: Magnitude,
    /// `1 / σ√T`, meaningless when there is no deviation.
    pub(crate) inverse: Magnitude,
    /// `σ√T / 2`, Q59, capped.
    pub(crate) half: u64,
}

impl Deviation {
    /// `x/σ√T`, Q59, capped.
    #[cfg_attr(not(feature = "compact"), inline(always))]
    pub(crate) fn distance(&self, x: Magnitude) -> u64 {
        x.times(self.inverse).to_fixed(Z_BITS).min(Z_CAP)
    }
}

/// `σ√T` in the forms that valuing at many fixed distances reads, and no other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Width {
    /// Mantissa of `1 / σ√T`.
    inverse: u64,
    /// `σ√T / 2`, Q59, capped.
    half: u64,
    cap: u64,
    shift_left: u32,
    shift_right: u32,
}

impl Width {
    /// Of `σ√T`.
    #[cfg_attr(not(feature = "compact"), inline(always))]
    pub(crate) fn new(whole: Magnitude) -> Self {
        let inverse = whole.reciprocal();
        // ln in Q58 times the mantissa, shifted by this, is the distance in Q59. With half the deviation visible in Q59
        // the shift is at most 62; below, distances do not matter.
        let shift = inverse.exponent.wrapping_add(64 - LN_BITS + Z_BITS);
        let shift_left = shift.clamp(0, 62).unsigned_abs();
        Self {
            inverse: inverse.mantissa,
            half: whole.doubled(-1).to_fixed(Z_BITS).min(Z_CAP),
            cap: Z_CAP.wrapping_shr(shift_left),
            shift_left,
            shift_right: shift.clamp(-63, 0).unsigned_abs(),
        }
    }

    /// Where an option at `x = |ln(F/K)|`, Q58, below 32, stands: to 2^-57 of spot, with fewer steps, and without a case of
    /// its own for no deviation: then `a = b`, and the value is zero. `None` more than nine deviations out of the money, where it
    /// is worth less than 2^-62 of spot.
    #[cfg_attr(not(feature = "compact"), inline(always))]
    pub(crate) fn standing_at(&self, x: u64) -> Option<Standing> {
        const FAR: i64 = 9 << Z_BITS;
        let distance = high(x, self.inverse)
            .min(self.cap)
            .wrapping_shl(self.shift_left)
            .wrapping_shr(self.shift_right);
        // Both are below 2^63.
        if distance.wrapping_sub(self.half) as i64 > FAR {
            return None;
        }
        Some(Standing::at(distance, self.half))
    }
}
