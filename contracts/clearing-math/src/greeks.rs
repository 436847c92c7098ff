//! First-order sensitivities and gamma, from the same evaluation as the price.
//!
//! Everything hangs on `D = S·φ(d1) = K·e^(−rT)·φ(d2) = min(S, K·e^(−rT))·φ(a)`. Without volatility or time the limits
//! are taken off the money: deltas 0 or ±1 (one half where spot equals the discounted strike), no gamma, no vega.

use crate::{
    WAD,
    black_scholes::{Inputs, PricingError, Valuation},
    magnitude::Magnitude,
    tables::{INVERSE_SQRT_TWO_PI, PER_WAD},
    time_value::complement,
};

/// Sensitivities of the two prices.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Greeks {
    /// Change of the call per unit of spot, WAD, 0..1.
    pub delta_call: i64,
    /// Change of the put per unit of spot, WAD, −1..0.
    pub delta_put: i64,
    /// Change of either delta per unit of spot, WAD.
    pub gamma: u128,
    /// Change of either price per 1.00 of volatility, WAD quote.
    pub vega: u128,
    /// Change of the call per year that passes, WAD quote.
    pub theta_call: i128,
    /// Change of the put per year that passes, WAD quote.
    pub theta_put: i128,
    /// Change of the call per 1.00 of rate, WAD quote.
    pub rho_call: i128,
    /// Change of the put per 1.00 of rate, WAD quote.
    pub rho_put: i128,
}

/// WAD as a magnitude; exact.
const ONE_WAD: Magnitude = Magnitude::scaled(WAD as u64, 0);

impl Valuation {
    /// The greeks of the valued option; `inputs` are those it was valued from.
    pub(crate) fn greeks(&self, inputs: &Inputs) -> Result<Greeks, PricingError> {
        let (spot, strike) = (self.spot_magnitude, self.strike_magnitude);
        let call_is_out = spot.is_below(strike);
        let smaller = if call_is_out { spot } else { strike };
        // Φ(d1), Φ(d2), Φ(−d2), D.
        let (delta, exercised, abandoned, density) = if let Some(standing) = &self.standing {
            let (a, b) = (standing.tail_a(), standing.tail_b());
            let density = smaller.times(standing.density()).times(INVERSE_SQRT_TWO_PI);
            if call_is_out {
                (a, b, complement(b), density)
            } else {
                (complement(b), complement(a), a, density)
            }
        } else {
            let half = Magnitude::ONE.doubled(-1);
            let (call, put) = if call_is_out {
                (Magnitude::ZERO, Magnitude::ONE)
            } else if strike.is_below(spot) {
                (Magnitude::ONE, Magnitude::ZERO)
            } else {
                (half, half)
            };
            (call, call, put, Magnitude::ZERO)
        };
        let per_spot = spot.reciprocal().times(ONE_WAD);
        let gamma = density
            .times(per_spot)
            .times(per_spot)
            .times(self.deviation.inverse);
        let root_years = self.tenor.root_years;
        let vega = density.times(root_years);
        // D·σ/(2√T): what both sides lose to the passing of time.
        let volatility = Magnitude::scaled(inputs.volatility, 0).times(PER_WAD);
        let decay = integer(density.times(volatility).over(root_years).doubled(-1))?;
        let call_strike = strike.times(exercised);
        let put_strike = strike.times(abandoned);
        let rate = Magnitude::scaled(inputs.rate.unsigned_abs(), 0).times(PER_WAD);
        let signed = |size: i128| {
            if inputs.rate < 0 {
                size.wrapping_neg()
            } else {
                size
            }
        };
        let call_interest = signed(integer(call_strike.times(rate))?);
        let put_interest = signed(integer(put_strike.times(rate))?);
        let years = root_years.times(root_years);
        let overflow = PricingError::Overflow;
        let delta_call = delta.times(ONE_WAD).to_fixed(0) as i64;
        Ok(Greeks {
            delta_call,
            delta_put: delta_call.wrapping_sub(WAD as i64),
            gamma: gamma.to_u128().ok_or(overflow)?,
            vega: vega.to_u128().ok_or(overflow)?,
            theta_call: 0_i128
                .checked_sub(decay)
                .and_then(|theta| theta.checked_sub(call_interest))
                .ok_or(overflow)?,
            theta_put: put_interest.checked_sub(decay).ok_or(overflow)?,
            rho_call: integer(call_strike.times(years))?,
            rho_put: integer(put_strike.times(years))?.wrapping_neg(),
        })
    }
}

/// A magnitude as a signed integer, rounded down.
fn integer(magnitude: Magnitude) -> Result<i128, PricingError> {
    // to_u128 stays below 2^127.
    magnitude
        .to_u128()
        .map(|size| size as i128)
        .ok_or(PricingError::Overflow)
}
