//! Sensitivities as WAD integers, rounded towards zero.

use crate::{
    black_scholes::{Prices, PricingError},
    evaluation::{CrossEvaluation, Sensitivities, Terms},
    magnitude::Magnitude,
    valuation::Valuation,
};

/// First-order sensitivities of the two prices, and gamma. "The underlying" is the spot for spot inputs and the forward for
/// forward inputs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Greeks {
    /// Change of the call per unit of the underlying, WAD; 0..1, times the discount factor for forward inputs.
    pub delta_call: i128,
    /// Change of the put per unit of the underlying, WAD; −1..0, times the discount factor for forward inputs.
    pub delta_put: i128,
    /// Change of either delta per unit of the underlying, WAD.
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

/// Second-order sensitivities to volatility, the same for call and put.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CrossGreeks {
    /// Change of either delta per 1.00 of volatility, WAD.
    pub vanna: i128,
    /// Change of vega per 1.00 of volatility, WAD quote.
    pub volga: i128,
}

impl Sensitivities {
    /// Rounded towards zero, each of the two parts of theta by itself; deltas by parity to the last digit.
    #[cfg_attr(not(feature = "compact"), inline(always))]
    pub(crate) fn rounded(
        &self,
        terms: &Terms,
        valuation: &Valuation,
    ) -> Result<Greeks, PricingError> {
        // What interest is earned or paid on, signs apart.
        let (call_owes, put_owes) = if terms.forward {
            let Prices { call, put } = valuation.prices();
            (Magnitude::from_u128(call), Magnitude::from_u128(put))
        } else {
            (self.strike_in, self.strike_out)
        };
        let rho = [call_owes, put_owes].map(|owed| owed.loosely_times(self.years));
        let rate = terms.rate.size;
        let interest = [call_owes, put_owes].map(|owed| owed.times(rate));
        // One test for all: below 2^126 each, sums and differences fit.
        let all = [
            self.gamma,
            self.vega,
            self.decay,
            rho[0],
            rho[1],
            interest[0],
            interest[1],
        ];
        let signs = all.iter().fold(0_i32, |seen, size| {
            seen | 61_i32.wrapping_sub(size.exponent)
        });
        if signs < 0 {
            return Err(PricingError::Overflow);
        }
        let [rho_call, rho_put] = rho.map(integer);
        let [call_interest, put_interest] = interest.map(integer);
        let decay = integer(self.decay);
        // Interest costs the call and earns for the put; the other way round with a negative rate, and for the call of
        // a forward.
        let negated = |x: i128, negative: bool| if negative { x.wrapping_neg() } else { x };
        let delta = integer(terms.delta);
        let delta_call = integer(self.delta_call);
        Ok(Greeks {
            delta_call,
            delta_put: delta_call.wrapping_sub(delta),
            gamma: self.gamma.wrapped_to_u128(),
            vega: self.vega.wrapped_to_u128(),
            theta_call: negated(call_interest, terms.rate.negative == terms.forward)
                .wrapping_sub(decay),
            theta_put: negated(put_interest, terms.rate.negative).wrapping_sub(decay),
            rho_call: negated(rho_call, terms.forward),
            rho_put: rho_put.wrapping_neg(),
        })
    }
}

/// A magnitude below 2^126 as an integer, rounded down.
#[cfg_attr(not(feature = "compact"), inline(always))]
fn integer(magnitude: Magnitude) -> i128 {
    magnitude.wrapped_to_u128() as i128
}

impl CrossGreeks {
    /// Rounds towards zero.
    pub(crate) fn rounded(exact: &CrossEvaluation) -> Result<Self, PricingError> {
        let overflow = PricingError::Overflow;
        Ok(Self {
            vanna: exact.vanna.to_i128().ok_or(overflow)?,
            volga: exact.volga.to_i128().ok_or(overflow)?,
        })
    }
}
