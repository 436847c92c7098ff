//! One option between its inputs and its results: where it stands, and its prices.

use crate::{
    black_scholes::{MAX_VOLATILITY, Prices, PricingError},
    elementary::{LN_BITS, ln_ratio},
    magnitude::Magnitude,
    tenor::{Deviation, Tenor},
    time_value::Standing,
};

/// `|ln(F/K)|` must be below this, Q58.
const FARTHEST: u64 = 30 << LN_BITS;

/// One option's valuation, from which prices and greeks are read.
pub(crate) struct Valuation {
    /// Discounted forward, WAD, rounded down.
    pub(crate) spot: u128,
    /// `K·e^(−rT)`, WAD, rounded down.
    pub(crate) discounted_strike: u128,
    /// Discounted forward, WAD.
    pub(crate) spot_magnitude: Magnitude,
    /// `K·e^(−rT)`, WAD.
    pub(crate) strike_magnitude: Magnitude,
    pub(crate) tenor: Tenor,
    pub(crate) deviation: Deviation,
    /// `None` without deviation.
    pub(crate) standing: Option<Standing>,
    /// Value of the out-of-the-money side, WAD.
    pub(crate) time_value: Magnitude,
    /// The same, rounded down.
    rounded_time_value: u128,
}

impl Valuation {
    /// Inlined, so that what a caller does not read is never stored.
    #[inline(always)]
    pub(crate) fn of(
        (spot, spot_magnitude): (u128, Magnitude),
        (discounted_strike, strike): (u128, Magnitude),
        tenor: Tenor,
        volatility: u128,
    ) -> Result<Self, PricingError> {
        if volatility > MAX_VOLATILITY {
            return Err(PricingError::VolatilityTooHigh {
                given: volatility,
                allowed: MAX_VOLATILITY,
            });
        }
        let log_moneyness = ln_ratio(spot_magnitude, strike).size;
        if log_moneyness.to_fixed(LN_BITS) >= FARTHEST {
            return Err(PricingError::StrikeTooFar);
        }
        let deviation = tenor.deviation(Magnitude::from_u128(volatility));
        let (standing, value) = deviation.standing(log_moneyness).unzip();
        let value = value.unwrap_or(Magnitude::ZERO);
        let smaller = if spot_magnitude.is_below(strike) {
            spot_magnitude
        } else {
            strike
        };
        let time_value = smaller.times(value);
        Ok(Self {
            spot,
            discounted_strike,
            spot_magnitude,
            strike_magnitude: strike,
            tenor,
            deviation,
            standing,
            time_value,
            rounded_time_value: time_value.to_u128().ok_or(PricingError::Overflow)?,
        })
    }

    /// The out-of-the-money side is the time value; the other adds the discounted intrinsic value.
    #[inline(always)]
    pub(crate) fn prices(&self) -> Prices {
        // A price is below the larger of spot and discounted strike, up to a unit.
        let with = |intrinsic: u128| self.rounded_time_value.saturating_add(intrinsic);
        Prices {
            call: with(self.spot.saturating_sub(self.discounted_strike)),
            put: with(self.discounted_strike.saturating_sub(self.spot)),
        }
    }
}
