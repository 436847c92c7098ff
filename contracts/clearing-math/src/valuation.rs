//! One option between its inputs and its results: where it stands, and its prices.

use crate::{
    black_scholes::{Prices, PricingError},
    elementary::LN_WIDE_BITS,
    magnitude::Magnitude,
    tenor::Tenor,
    time_value::{NARROW, Position, Standing, Z_BITS, Z_CAP},
};

/// `|ln(F/K)|` must be below this, Q116.
const FARTHEST: i128 = 30 << LN_WIDE_BITS;

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
    /// All ones when the forward is below the strike, and the call out of the money; else zero.
    pub(crate) call_is_out: u64,
    pub(crate) tenor: Tenor,
    /// `1/s`, meaningless without deviation.
    pub(crate) inverse_deviation: Magnitude,
    pub(crate) position: Position,
    /// Value of the out-of-the-money side, WAD.
    pub(crate) time_value: Magnitude,
}

/// Exponents of deviations that need no care: those from 2^-8, where they are no longer narrow, up to 16.
pub(crate) const ORDINARY_DEVIATIONS: (i32, i32) = (-71, -60);

/// An integer rounded down, and a magnitude of 64 bits.
type Amount = (u128, Magnitude);

impl Valuation {
    /// From the discounted forward, the discounted strike, a volatility in WAD units and `ln(F/K)` in Q116, to 2^-58 of itself
    /// where it is small.
    #[cfg_attr(not(feature = "compact"), inline(always))]
    pub(crate) fn careful(
        spot: Amount,
        strike: Amount,
        tenor: Tenor,
        volatility: Magnitude,
        log_moneyness: i128,
    ) -> Result<Self, PricingError> {
        let size = absolute(log_moneyness);
        if size >= FARTHEST {
            return Err(PricingError::StrikeTooFar);
        }
        if spot.1.exponent.max(strike.1.exponent) > 62 {
            return Err(PricingError::Overflow);
        }
        let deviation = tenor.deviation(volatility);
        let x = magnitude(size);
        let distance = deviation.distance(x);
        let position = if deviation.whole.is_zero() {
            Position::limit(size == 0)
        } else if deviation.half < NARROW {
            Position::narrow(distance, deviation.half, deviation.whole)
        } else {
            Standing::at(distance, deviation.half).position()
        };
        Ok(Self::at(
            spot,
            strike,
            tenor,
            deviation.inverse,
            log_moneyness,
            position,
        ))
    }

    /// The same of a deviation whose exponent is within [`ORDINARY_DEVIATIONS`] and `ln(F/K)` to 2^-60; `None` where anything else
    /// is out of the ordinary. Inlined, so that what a caller does not read is never stored.
    #[cfg_attr(not(feature = "compact"), inline(always))]
    pub(crate) fn ordinary(
        spot: Amount,
        strike: Amount,
        tenor: Tenor,
        deviation: Magnitude,
        log_moneyness: i128,
    ) -> Option<Self> {
        let x = magnitude(absolute(log_moneyness));
        // x below 16, prices below 2^127.
        let signs = (-60_i32).wrapping_sub(x.exponent)
            | 62_i32.wrapping_sub(spot.1.exponent)
            | 62_i32.wrapping_sub(strike.1.exponent);
        if signs < 0 {
            return None;
        }
        let inverse = deviation.reciprocal();
        let distance = x.times(inverse);
        let fixed = distance.below_16();
        let fixed = if distance.exponent > -60 {
            Z_CAP
        } else {
            fixed
        };
        // s/2 in Q59.
        let by = (1 - Z_BITS).wrapping_sub(deviation.exponent);
        let half = deviation.mantissa.wrapping_shr(by as u32);
        Some(Self::at(
            spot,
            strike,
            tenor,
            inverse,
            log_moneyness,
            Standing::at(fixed, half).position(),
        ))
    }

    #[cfg_attr(not(feature = "compact"), inline(always))]
    fn at(
        (spot, spot_magnitude): Amount,
        (discounted_strike, strike_magnitude): Amount,
        tenor: Tenor,
        inverse_deviation: Magnitude,
        log_moneyness: i128,
        position: Position,
    ) -> Self {
        let call_is_out = (log_moneyness >> 127) as u64;
        let smaller = spot_magnitude.or_if(strike_magnitude, !call_is_out);
        Self {
            spot,
            discounted_strike,
            spot_magnitude,
            strike_magnitude,
            call_is_out,
            tenor,
            inverse_deviation,
            position,
            time_value: smaller.times(position.value),
        }
    }

    /// The smaller of spot and discounted strike.
    #[cfg_attr(not(feature = "compact"), inline(always))]
    pub(crate) fn smaller(&self) -> Magnitude {
        self.spot_magnitude
            .or_if(self.strike_magnitude, !self.call_is_out)
    }

    /// The out-of-the-money side is the time value; the other adds the discounted intrinsic value.
    #[cfg_attr(not(feature = "compact"), inline(always))]
    pub(crate) fn prices(&self) -> Prices {
        let forward = self.spot.wrapping_sub(self.discounted_strike) as i128;
        // Spot and strike are below 2^127, and prices below the larger of them, up to a unit.
        let call = self
            .time_value
            .wrapped_to_u128()
            .wrapping_add(positive_part(forward));
        Prices {
            call,
            put: call.wrapping_sub(forward as u128),
        }
    }
}

/// `max(x, 0)`. By shifts, twice 32 for a negative number: the compiler makes a comparison of four words of any mask.
#[cfg_attr(not(feature = "compact"), inline(always))]
const fn positive_part(x: i128) -> u128 {
    let (top, low) = ((x >> 64) as u64, x as u64);
    let by = (top >> 58) as u32 & 32;
    let top = top.wrapping_shr(by).wrapping_shr(by);
    let low = low.wrapping_shr(by).wrapping_shr(by);
    ((top as u128) << 64) | low as u128
}

/// The size of a number.
#[cfg_attr(not(feature = "compact"), inline(always))]
const fn absolute(x: i128) -> i128 {
    let sign = x >> 127;
    (x ^ sign).wrapping_sub(sign)
}

/// A size in Q116 as a magnitude.
#[cfg_attr(not(feature = "compact"), inline(always))]
const fn magnitude(size: i128) -> Magnitude {
    Magnitude::from_u128(size as u128).doubled(-LN_WIDE_BITS)
}
