//! One option between its inputs and its results: where it stands, and its prices.

use crate::{
    black_scholes::{Prices, PricingError},
    elementary::LN_WIDE_BITS,
    magnitude::Magnitude,
    tenor::{Deviation, Tenor},
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
    pub(crate) deviation: Deviation,
    pub(crate) position: Position,
    /// Value of the out-of-the-money side, WAD.
    pub(crate) time_value: Magnitude,
}

/// What a narrow deviation needs at more than ordinary precision.
struct Narrow {
    /// All ones when the forward is below the strike.
    call_is_out: u64,
    /// `|ln(F/K)|`, Q116.
    size: i128,
    position: Position,
}

impl Valuation {
    /// From the discounted forward, the discounted strike, and `ln(F/K)` in Q116: to 2^-60, and, on demand, to 2^-58 of itself
    /// where it is small. Inlined, so that what a caller does not read is never stored.
    #[inline(always)]
    pub(crate) fn of(
        (spot, spot_magnitude): (u128, Magnitude),
        (discounted_strike, strike_magnitude): (u128, Magnitude),
        tenor: Tenor,
        volatility: u128,
        log_moneyness: i128,
        exactly: impl FnOnce() -> i128,
    ) -> Result<Self, PricingError> {
        let deviation = tenor.deviation(Magnitude::from_u128(volatility));
        let seen = if deviation.half < NARROW {
            narrow(
                exactly(),
                deviation.half,
                deviation.whole,
                deviation.inverse,
            )
        } else {
            let call_is_out = (log_moneyness >> 127) as u64;
            let size = absolute(log_moneyness);
            let distance = deviation.distance(magnitude(size));
            Narrow {
                call_is_out,
                size,
                position: Standing::at(distance, deviation.half).position(),
            }
        };
        // One branch for both refusals.
        let largest = spot_magnitude.exponent.max(strike_magnitude.exponent);
        if (seen.size >= FARTHEST) | (largest > 62) {
            return Err(if seen.size >= FARTHEST {
                PricingError::StrikeTooFar
            } else {
                PricingError::Overflow
            });
        }
        let smaller = spot_magnitude.or_if(strike_magnitude, !seen.call_is_out);
        Ok(Self {
            spot,
            discounted_strike,
            spot_magnitude,
            strike_magnitude,
            call_is_out: seen.call_is_out,
            tenor,
            deviation,
            position: seen.position,
            time_value: smaller.times(seen.position.value),
        })
    }

    /// The smaller of spot and discounted strike.
    #[inline(always)]
    pub(crate) fn smaller(&self) -> Magnitude {
        self.spot_magnitude
            .or_if(self.strike_magnitude, !self.call_is_out)
    }

    /// The out-of-the-money side is the time value; the other adds the discounted intrinsic value.
    #[inline(always)]
    pub(crate) fn prices(&self) -> Prices {
        let forward = self.spot.wrapping_sub(self.discounted_strike) as i128;
        // Spot and strike are below 2^127, and prices below the larger of them, up to a unit.
        let call = self
            .time_value
            .wrapped_to_u128()
            .wrapping_add((forward & !(forward >> 127)) as u128);
        Prices {
            call,
            put: call.wrapping_sub(forward as u128),
        }
    }
}

/// The size of a number.
#[inline(always)]
const fn absolute(x: i128) -> i128 {
    let sign = x >> 127;
    (x ^ sign).wrapping_sub(sign)
}

/// A size in Q116 as a magnitude.
#[inline(always)]
const fn magnitude(size: i128) -> Magnitude {
    Magnitude::from_u128(size as u128).doubled(-LN_WIDE_BITS)
}

#[cold]
#[inline(never)]
fn narrow(log_moneyness: i128, half: u64, deviation: Magnitude, inverse: Magnitude) -> Narrow {
    let size = absolute(log_moneyness);
    let x = magnitude(size);
    let distance = x.times(inverse).to_fixed(Z_BITS).min(Z_CAP);
    Narrow {
        call_is_out: (log_moneyness >> 127) as u64,
        size,
        position: if deviation.is_zero() {
            Position::limit(size == 0)
        } else {
            Position::narrow(distance, half, deviation)
        },
    }
}
