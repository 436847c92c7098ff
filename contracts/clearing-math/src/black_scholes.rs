//! Black-Scholes price and greeks of a European call and put on an asset without dividends.
//!
//! Call and put come from one evaluation: the out-of-the-money one from the Mills-ratio formula of `time_value`, the other by parity, so
//! `call − put = spot − strike·e^(−rT)` holds to the last digit. Years have 365 days. Limits are taken where the formula
//! has none: no time left or no volatility gives the discounted intrinsic value.

use crate::{
    elementary::{LN_BITS, exp, ln_ratio, square_root},
    magnitude::{Magnitude, high},
    tables::{PER_SQRT_YEAR, PER_WAD, PER_YEAR},
    time_value::{NARROW, Standing, Z_BITS, Z_CAP},
};

pub use crate::greeks::Greeks;

/// `|ln(F/K)|` must be below this, Q58.
pub(crate) const FARTHEST: u64 = 30 << LN_BITS;
/// Longest time to expiry priced: 100 years.
pub const MAX_SECONDS: u64 = 3_153_600_000;

/// What an option is priced from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Inputs {
    /// Price of the underlying, WAD quote.
    pub spot: u128,
    /// Strike, WAD quote.
    pub strike: u128,
    /// Time to expiry, seconds.
    pub seconds: u64,
    /// Volatility per square root of a year, WAD: up to 1,844 %.
    pub volatility: u64,
    /// Interest rate per year, continuously compounded, WAD; may be negative.
    pub rate: i64,
}

/// Prices, WAD quote per unit of the underlying, rounded down.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Prices {
    /// Value of the call.
    pub call: u128,
    /// Value of the put.
    pub put: u128,
}

/// Why inputs have no price here.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PricingError {
    /// The spot is zero.
    ZeroSpot,
    /// The strike is zero.
    ZeroStrike,
    /// The time to expiry exceeds the allowed one.
    TimeTooLong {
        /// Seconds given.
        given: u64,
        /// Most seconds allowed.
        allowed: u64,
    },
    /// `|ln(forward / strike)|` is 30 or more.
    StrikeTooFar,
    /// A result does not fit its type.
    Overflow,
}

/// Call and put price.
///
/// # Errors
/// [`PricingError`] outside of the domain in the crate documentation; never a panic.
pub fn price(inputs: &Inputs) -> Result<Prices, PricingError> {
    Ok(Valuation::of(inputs)?.prices())
}

/// Prices and first-order greeks with gamma.
///
/// # Errors
/// [`PricingError`] outside of the domain in the crate documentation; never a panic.
pub fn price_and_greeks(inputs: &Inputs) -> Result<(Prices, Greeks), PricingError> {
    let valuation = Valuation::of(inputs)?;
    Ok((valuation.prices(), valuation.greeks(inputs)?))
}

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
        let interest = Magnitude::scaled(rate.unsigned_abs(), 0)
            .times(PER_WAD)
            .times(Magnitude::scaled(seconds, 0))
            .times(PER_YEAR);
        Ok(Self {
            root_years: square_root(seconds).times(PER_SQRT_YEAR),
            discount: if interest.is_zero() {
                None
            } else {
                Some(exp(interest, rate < 0))
            },
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

    /// `σ√T` for a WAD volatility.
    #[inline(always)]
    #[must_use]
    pub fn deviation(&self, volatility: u64) -> Deviation {
        let deviation = Magnitude::scaled(volatility, 0)
            .times(PER_WAD)
            .times(self.root_years);
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

/// One option's evaluation, from which prices and greeks are read.
pub(crate) struct Valuation {
    spot: u128,
    /// `K·e^(−rT)`, WAD, rounded down.
    discounted_strike: u128,
    /// Spot, WAD.
    pub(crate) spot_magnitude: Magnitude,
    /// `K·e^(−rT)`, WAD.
    pub(crate) strike_magnitude: Magnitude,
    pub(crate) tenor: Tenor,
    pub(crate) deviation: Deviation,
    /// `None` without deviation.
    pub(crate) standing: Option<Standing>,
    /// Value of the out-of-the-money side, WAD.
    time_value: u128,
}

impl Valuation {
    /// Inlined, so that what a caller does not read is never stored.
    #[inline(always)]
    fn of(inputs: &Inputs) -> Result<Self, PricingError> {
        if inputs.spot == 0 {
            return Err(PricingError::ZeroSpot);
        }
        if inputs.strike == 0 {
            return Err(PricingError::ZeroStrike);
        }
        let tenor = Tenor::new(inputs.seconds, inputs.rate)?;
        let spot = Magnitude::from_u128(inputs.spot);
        let (discounted_strike, strike) = tenor
            .discounted(inputs.strike)
            .ok_or(PricingError::Overflow)?;
        let log_moneyness = ln_ratio(spot, strike).size;
        if log_moneyness.to_fixed(LN_BITS) >= FARTHEST {
            return Err(PricingError::StrikeTooFar);
        }
        let deviation = tenor.deviation(inputs.volatility);
        let (standing, value) = deviation.standing(log_moneyness).unzip();
        let value = value.unwrap_or(Magnitude::ZERO);
        let smaller = if spot.is_below(strike) { spot } else { strike };
        let time_value = smaller
            .times(value)
            .to_u128()
            .ok_or(PricingError::Overflow)?;
        Ok(Self {
            spot: inputs.spot,
            discounted_strike,
            spot_magnitude: spot,
            strike_magnitude: strike,
            tenor,
            deviation,
            standing,
            time_value,
        })
    }

    /// The out-of-the-money side is the time value; the other adds the discounted intrinsic value.
    #[inline(always)]
    fn prices(&self) -> Prices {
        // A price is below the larger of spot and discounted strike, up to a unit.
        let with = |intrinsic: u128| self.time_value.saturating_add(intrinsic);
        Prices {
            call: with(self.spot.saturating_sub(self.discounted_strike)),
            put: with(self.discounted_strike.saturating_sub(self.spot)),
        }
    }
}
