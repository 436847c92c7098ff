//! The same options from a forward and a discount factor: Black's formula of 1976.
//!
//! Sensitivities are those of Black-76: delta, gamma and vanna are to the forward; rate moves the discount factor
//! only, so rho is `−T` times the price, and theta earns interest on the price.

use crate::{
    black_scholes::{Prices, PricingError},
    elementary::ln,
    evaluation::{CrossEvaluation, Evaluation, Terms},
    greeks::{CrossGreeks, Greeks},
    magnitude::{Magnitude, Signed},
    tables::PER_WAD,
    tenor::Tenor,
    valuation::Valuation,
};

/// What an option on a forward is priced from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ForwardInputs {
    /// Forward price at expiry, WAD quote.
    pub forward: u128,
    /// Strike, WAD quote.
    pub strike: u128,
    /// Value now of one unit of quote at expiry, WAD; above one where rates are negative.
    pub discount: u128,
    /// Time to expiry, seconds.
    pub seconds: u64,
    /// Volatility per square root of a year, WAD, up to [`crate::black_scholes::MAX_VOLATILITY`].
    pub volatility: u128,
}

/// Call and put price.
///
/// # Errors
/// [`PricingError`] outside of the domain in the crate documentation; never a panic.
pub fn price_forward(inputs: &ForwardInputs) -> Result<Prices, PricingError> {
    Ok(valuation(inputs)?.prices())
}

/// Prices and first-order greeks with gamma.
///
/// # Errors
/// [`PricingError`] outside of the domain in the crate documentation; never a panic.
pub fn price_and_greeks_forward(inputs: &ForwardInputs) -> Result<(Prices, Greeks), PricingError> {
    let valuation = valuation(inputs)?;
    let greeks = Greeks::rounded(&valuation.evaluation(&terms(inputs)))?;
    Ok((valuation.prices(), greeks))
}

/// Prices and first-order greeks with gamma, unrounded.
///
/// # Errors
/// [`PricingError`] outside of the domain in the crate documentation; never a panic.
pub fn evaluate_forward(inputs: &ForwardInputs) -> Result<Evaluation, PricingError> {
    Ok(valuation(inputs)?.evaluation(&terms(inputs)))
}

/// Vanna and volga.
///
/// # Errors
/// [`PricingError`] outside of the domain in the crate documentation; never a panic.
pub fn cross_greeks_forward(inputs: &ForwardInputs) -> Result<CrossGreeks, PricingError> {
    CrossGreeks::rounded(&evaluate_cross_greeks_forward(inputs)?)
}

/// Vanna and volga, unrounded.
///
/// # Errors
/// [`PricingError`] outside of the domain in the crate documentation; never a panic.
pub fn evaluate_cross_greeks_forward(
    inputs: &ForwardInputs,
) -> Result<CrossEvaluation, PricingError> {
    Ok(valuation(inputs)?.cross_evaluation(&terms(inputs)))
}

fn valuation(inputs: &ForwardInputs) -> Result<Valuation, PricingError> {
    if inputs.forward == 0 {
        return Err(PricingError::ZeroSpot);
    }
    if inputs.strike == 0 {
        return Err(PricingError::ZeroStrike);
    }
    if inputs.discount == 0 {
        return Err(PricingError::ZeroDiscount);
    }
    let tenor = Tenor::discounting(inputs.seconds, discount(inputs))?;
    let overflow = PricingError::Overflow;
    let spot = tenor.discounted(inputs.forward).ok_or(overflow)?;
    let strike = tenor.discounted(inputs.strike).ok_or(overflow)?;
    Valuation::of(spot, strike, tenor, inputs.volatility)
}

fn discount(inputs: &ForwardInputs) -> Magnitude {
    if inputs.discount == crate::WAD {
        return Magnitude::ONE;
    }
    Magnitude::from_u128(inputs.discount).times(PER_WAD)
}

/// The rate is the one that gives the discount factor; without time there is none.
fn terms(inputs: &ForwardInputs) -> Terms {
    let rate = match ln(discount(inputs)) {
        Some(logarithm) if inputs.seconds != 0 => {
            let years = Magnitude::scaled(inputs.seconds, 0).times(crate::tables::PER_YEAR);
            logarithm.negated().times(years.reciprocal())
        }
        _ => Signed::ZERO,
    };
    Terms {
        underlying: Magnitude::from_u128(inputs.forward),
        delta: Magnitude::from_u128(inputs.discount),
        volatility: Magnitude::from_u128(inputs.volatility).times(PER_WAD),
        rate,
        forward: true,
    }
}
