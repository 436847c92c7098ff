//! Sensitivities as WAD integers, rounded towards zero.

use crate::{
    black_scholes::PricingError,
    evaluation::{CrossEvaluation, Evaluation},
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

impl Greeks {
    /// Rounds towards zero.
    pub(crate) fn rounded(exact: &Evaluation) -> Result<Self, PricingError> {
        let overflow = PricingError::Overflow;
        let delta_call = exact.delta_call.to_i128().ok_or(overflow)?;
        Ok(Self {
            delta_call,
            delta_put: exact.delta_put.to_i128().ok_or(overflow)?,
            gamma: exact.gamma.to_u128().ok_or(overflow)?,
            vega: exact.vega.to_u128().ok_or(overflow)?,
            theta_call: exact.theta_call.to_i128().ok_or(overflow)?,
            theta_put: exact.theta_put.to_i128().ok_or(overflow)?,
            rho_call: exact.rho_call.to_i128().ok_or(overflow)?,
            rho_put: exact.rho_put.to_i128().ok_or(overflow)?,
        })
    }
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
