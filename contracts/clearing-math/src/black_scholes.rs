//! Black-Scholes price and sensitivities of a European call and put on an asset without dividends.
//!
//! Call and put come from one evaluation: the out-of-the-money one from the Mills-ratio formula of `time_value`, the other by parity, so
//! `call − put = spot − strike·e^(−rT)` holds to the last digit. Years have 365 days. Limits are taken where the formula
//! has none: no time left or no volatility gives the discounted intrinsic value.

use crate::{
    WAD,
    evaluation::{ONE_WAD, Terms},
    magnitude::{Magnitude, Signed},
    tables::PER_WAD,
    tenor::Tenor,
    valuation::Valuation,
};

pub use crate::{
    black_76::{
        ForwardInputs, cross_greeks_forward, evaluate_cross_greeks_forward, evaluate_forward,
        price_and_greeks_forward, price_forward,
    },
    evaluation::{CrossEvaluation, Evaluation},
    greeks::{CrossGreeks, Greeks},
};

/// Longest time to expiry priced: 100 years.
pub const MAX_SECONDS: u64 = 3_153_600_000;
/// Highest volatility priced: 10,000 %, WAD.
pub const MAX_VOLATILITY: u128 = 100 * WAD;

/// What an option is priced from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Inputs {
    /// Price of the underlying, WAD quote.
    pub spot: u128,
    /// Strike, WAD quote.
    pub strike: u128,
    /// Time to expiry, seconds.
    pub seconds: u64,
    /// Volatility per square root of a year, WAD, up to [`MAX_VOLATILITY`].
    pub volatility: u128,
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
    /// The spot, or the forward, is zero.
    ZeroSpot,
    /// The strike is zero.
    ZeroStrike,
    /// The discount factor is zero.
    ZeroDiscount,
    /// The time to expiry exceeds the allowed one.
    TimeTooLong {
        /// Seconds given.
        given: u64,
        /// Most seconds allowed.
        allowed: u64,
    },
    /// The volatility exceeds the allowed one.
    VolatilityTooHigh {
        /// Volatility given, WAD.
        given: u128,
        /// Highest volatility allowed, WAD.
        allowed: u128,
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
    Ok(valuation(inputs)?.prices())
}

/// Prices and first-order greeks with gamma.
///
/// # Errors
/// [`PricingError`] outside of the domain in the crate documentation; never a panic.
pub fn price_and_greeks(inputs: &Inputs) -> Result<(Prices, Greeks), PricingError> {
    let valuation = valuation(inputs)?;
    let greeks = Greeks::rounded(&valuation.evaluation(&terms(inputs)))?;
    // By parity, to the last digit. A delta is between zero and one.
    let delta_put = greeks.delta_call.wrapping_sub(WAD as i128);
    Ok((
        valuation.prices(),
        Greeks {
            delta_put,
            ..greeks
        },
    ))
}

/// Prices and first-order greeks with gamma, unrounded: 64 significant bits each, however small.
///
/// # Errors
/// [`PricingError`] outside of the domain in the crate documentation; never a panic.
pub fn evaluate(inputs: &Inputs) -> Result<Evaluation, PricingError> {
    Ok(valuation(inputs)?.evaluation(&terms(inputs)))
}

/// Vanna and volga.
///
/// # Errors
/// [`PricingError`] outside of the domain in the crate documentation; never a panic.
pub fn cross_greeks(inputs: &Inputs) -> Result<CrossGreeks, PricingError> {
    CrossGreeks::rounded(&evaluate_cross_greeks(inputs)?)
}

/// Vanna and volga, unrounded.
///
/// # Errors
/// [`PricingError`] outside of the domain in the crate documentation; never a panic.
pub fn evaluate_cross_greeks(inputs: &Inputs) -> Result<CrossEvaluation, PricingError> {
    Ok(valuation(inputs)?.cross_evaluation(&terms(inputs)))
}

/// Inlined, so that what a caller does not read is never stored.
#[inline(always)]
fn valuation(inputs: &Inputs) -> Result<Valuation, PricingError> {
    if inputs.spot == 0 {
        return Err(PricingError::ZeroSpot);
    }
    if inputs.strike == 0 {
        return Err(PricingError::ZeroStrike);
    }
    let tenor = Tenor::new(inputs.seconds, inputs.rate)?;
    let discounted = tenor.discounted(inputs.strike);
    let strike = discounted.ok_or(PricingError::Overflow)?;
    let spot = (inputs.spot, Magnitude::from_u128(inputs.spot));
    Valuation::of(spot, strike, tenor, inputs.volatility)
}

fn terms(inputs: &Inputs) -> Terms {
    Terms {
        underlying: Magnitude::from_u128(inputs.spot),
        delta: ONE_WAD,
        volatility: Magnitude::from_u128(inputs.volatility).times(PER_WAD),
        rate: Signed::from_i64(inputs.rate).times(PER_WAD),
        forward: false,
    }
}
