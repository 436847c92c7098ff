//! The same options from a forward and a discount factor: Black's formula of 1976.
//!
//! Sensitivities are those of Black-76: delta, gamma and vanna are to the forward; rate moves the discount factor
//! only, so rho is `−T` times the price, and theta earns interest on the price.

use crate::{
    black_scholes::{MAX_VOLATILITY, Prices, PricingError},
    elementary::{ln, ln_from, ln_ratio_exact},
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
    /// Volatility per square root of a year, WAD, up to [`MAX_VOLATILITY`].
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
    let terms = terms(inputs);
    let greeks = valuation
        .sensitivities(&terms)
        .rounded(&terms, &valuation)?;
    Ok((valuation.prices(), greeks))
}

/// Prices and first-order greeks with gamma, unrounded.
///
/// # Errors
/// [`PricingError`] outside of the domain in the crate documentation; never a panic.
pub fn evaluate_forward(inputs: &ForwardInputs) -> Result<Evaluation, PricingError> {
    let forward_value = difference(inputs).times(discount(inputs));
    Ok(valuation(inputs)?.evaluation(&terms(inputs), forward_value))
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

#[inline(never)]
fn valuation(inputs: &ForwardInputs) -> Result<Valuation, PricingError> {
    let &ForwardInputs {
        forward,
        strike,
        seconds,
        volatility,
        ..
    } = inputs;
    if forward == 0 {
        return Err(PricingError::ZeroSpot);
    }
    if strike == 0 {
        return Err(PricingError::ZeroStrike);
    }
    if inputs.discount == 0 {
        return Err(PricingError::ZeroDiscount);
    }
    if volatility > MAX_VOLATILITY {
        return Err(PricingError::VolatilityTooHigh {
            given: volatility,
            allowed: MAX_VOLATILITY,
        });
    }
    let tenor = Tenor::discounting(seconds, discount(inputs))?;
    let (forward_magnitude, strike_magnitude) =
        (Magnitude::from_u128(forward), Magnitude::from_u128(strike));
    let mut discounted_forward = tenor.wrapped_discounted(forward, forward_magnitude);
    let mut discounted_strike = tenor.wrapped_discounted(strike, strike_magnitude);
    // The larger from the smaller: their difference is known better than from two that are rounded.
    let difference = difference(inputs);
    let value = tenor.wrapped_discounted(forward.abs_diff(strike), difference.size);
    if difference.negative {
        discounted_strike.0 = discounted_forward.0.wrapping_add(value.0);
    } else {
        discounted_forward.0 = discounted_strike.0.wrapping_add(value.0);
    }
    Valuation::careful(
        discounted_forward,
        discounted_strike,
        tenor,
        Magnitude::from_u128(volatility),
        ln_ratio_exact(forward, strike),
    )
}

/// `F − K`
fn difference(inputs: &ForwardInputs) -> Signed {
    Signed {
        negative: inputs.forward < inputs.strike,
        size: Magnitude::from_u128(inputs.forward.abs_diff(inputs.strike)),
    }
}

fn discount(inputs: &ForwardInputs) -> Magnitude {
    if inputs.discount == crate::WAD {
        return Magnitude::ONE;
    }
    Magnitude::from_u128(inputs.discount).times(PER_WAD)
}

/// `ln D`. Next to one it hangs on `D − 1`, which 64 bits of `D` would hold to few digits.
fn log_discount(inputs: &ForwardInputs) -> Option<Signed> {
    let one = crate::WAD;
    if inputs.discount.abs_diff(one) > one / 4 {
        return ln(discount(inputs));
    }
    let difference = Signed {
        negative: inputs.discount < one,
        size: Magnitude::from_u128(inputs.discount.abs_diff(one)),
    };
    let sum = Magnitude::from_u128(inputs.discount.wrapping_add(one));
    Some(ln_from(difference, sum))
}

/// The rate is the one that gives the discount factor; without time there is none.
fn terms(inputs: &ForwardInputs) -> Terms {
    let rate = match log_discount(inputs) {
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
