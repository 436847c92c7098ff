//! Black-Scholes price and sensitivities of a European call and put on an asset without dividends.
//!
//! Call and put come from one evaluation: the out-of-the-money one from the Mills-ratio formula of `time_value`, the other by parity, so
//! `call − put = spot − strike·e^(−rT)` holds to the last digit. Years have 365 days. Limits are taken where the formula
//! has none: no time left or no volatility gives the discounted intrinsic value.

use crate::{
    WAD,
    elementary::{ln_ratio_exact, ln_ratio_wide, root_of_integer},
    evaluation::{ONE_WAD, Terms},
    magnitude::{Magnitude, Signed},
    tables::PER_WAD,
    tenor::{Tenor, whole_deviation},
    valuation::{ORDINARY_DEVIATIONS, Valuation},
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

/// Prices, WAD quote per unit of the underlying: the model's value to within three units. Each part is rounded down, but the
/// in-the-money side adds the intrinsic value, whose discounted strike may be subtracted.
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
    match ordinary(inputs) {
        Some(valuation) => Ok(valuation.prices()),
        None => careful_price(inputs),
    }
}

/// [`price`] of inputs that need care.
#[cold]
#[inline(never)]
fn careful_price(inputs: &Inputs) -> Result<Prices, PricingError> {
    Ok(careful(inputs)?.prices())
}

/// Prices and first-order greeks with gamma.
///
/// # Errors
/// [`PricingError`] outside of the domain in the crate documentation; never a panic.
pub fn price_and_greeks(inputs: &Inputs) -> Result<(Prices, Greeks), PricingError> {
    match ordinary(inputs) {
        Some(valuation) => prices_and_greeks_of(&valuation, inputs),
        None => careful_price_and_greeks(inputs),
    }
}

/// [`price_and_greeks`] of inputs that need care.
#[cold]
#[inline(never)]
fn careful_price_and_greeks(inputs: &Inputs) -> Result<(Prices, Greeks), PricingError> {
    prices_and_greeks_of(&careful(inputs)?, inputs)
}

#[cfg_attr(not(feature = "compact"), inline(always))]
fn prices_and_greeks_of(
    valuation: &Valuation,
    inputs: &Inputs,
) -> Result<(Prices, Greeks), PricingError> {
    let terms = terms(inputs, valuation.spot_magnitude);
    let greeks = valuation.sensitivities(&terms).rounded(&terms, valuation)?;
    Ok((valuation.prices(), greeks))
}

/// Prices and first-order greeks with gamma, unrounded: 64 significant bits each, however small.
///
/// # Errors
/// [`PricingError`] outside of the domain in the crate documentation; never a panic.
pub fn evaluate(inputs: &Inputs) -> Result<Evaluation, PricingError> {
    let valuation = shared(inputs)?;
    let forward_value =
        valuation
            .tenor
            .forward_value(inputs.spot, inputs.strike, valuation.strike_magnitude);
    let terms = terms(inputs, valuation.spot_magnitude);
    Ok(valuation.evaluation(&terms, forward_value))
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
    let valuation = shared(inputs)?;
    Ok(valuation.cross_evaluation(&terms(inputs, valuation.spot_magnitude)))
}

/// The valuation of nearly all inputs, without a branch for each of the others: `None` for inputs that are refused, a
/// deviation that is narrow or very wide, a forward very far from the strike. Inlined, so that what a caller does not read is
/// never stored.
#[cfg_attr(not(feature = "compact"), inline(always))]
fn ordinary(inputs: &Inputs) -> Option<Valuation> {
    let &Inputs {
        spot,
        strike,
        seconds,
        volatility,
        rate,
    } = inputs;
    let spot_magnitude = Magnitude::from_u128(spot);
    let strike_magnitude = Magnitude::from_u128(strike);
    let volatility_magnitude = Magnitude::from_u128(volatility);
    let root_seconds = root_of_integer(seconds);
    let deviation = whole_deviation(volatility_magnitude, root_seconds);
    // Every sign says that something is out of the ordinary: nothing given, too much, too narrow or too wide. One branch for
    // all, as each costs 3,000 ink.
    let nothing = !(spot_magnitude.mantissa & strike_magnitude.mantissa);
    let too_long = MAX_SECONDS.wrapping_sub(seconds) | seconds;
    let too_volatile = (MAX_VOLATILITY.wrapping_sub(volatility) | volatility) >> 64;
    let (narrowest, widest) = ORDINARY_DEVIATIONS;
    let unusual =
        deviation.exponent.wrapping_sub(narrowest) | widest.wrapping_sub(deviation.exponent);
    let signs = nothing | too_long | too_volatile as u64 | i64::from(unusual) as u64;
    if (signs as i64) < 0 {
        return None;
    }
    let tenor = Tenor::within(seconds, root_seconds, rate);
    let discounted_strike = tenor.wrapped_discounted(strike, strike_magnitude);
    Valuation::ordinary(
        (spot, spot_magnitude),
        discounted_strike,
        tenor,
        deviation,
        // ln(F/K) = ln(S/K) + rT.
        ln_ratio_wide(spot_magnitude, strike_magnitude).wrapping_add(tenor.wide_interest()),
    )
}

/// The same valuation as that of prices, in one copy for whatever is not in a hurry.
#[inline(never)]
fn shared(inputs: &Inputs) -> Result<Valuation, PricingError> {
    match ordinary(inputs) {
        Some(valuation) => Ok(valuation),
        None => careful(inputs),
    }
}

/// The valuation of any inputs.
#[cfg_attr(not(feature = "compact"), inline(always))]
fn careful(inputs: &Inputs) -> Result<Valuation, PricingError> {
    let &Inputs {
        spot,
        strike,
        seconds,
        volatility,
        rate,
    } = inputs;
    if spot == 0 {
        return Err(PricingError::ZeroSpot);
    }
    if strike == 0 {
        return Err(PricingError::ZeroStrike);
    }
    if volatility > MAX_VOLATILITY {
        return Err(PricingError::VolatilityTooHigh {
            given: volatility,
            allowed: MAX_VOLATILITY,
        });
    }
    if seconds > MAX_SECONDS {
        return Err(PricingError::TimeTooLong {
            given: seconds,
            allowed: MAX_SECONDS,
        });
    }
    let rate = if seconds == 0 { 0 } else { rate };
    let tenor = Tenor::within(seconds, root_of_integer(seconds), rate);
    let spot_magnitude = Magnitude::from_u128(spot);
    let strike_magnitude = Magnitude::from_u128(strike);
    Valuation::careful(
        (spot, spot_magnitude),
        tenor.wrapped_discounted(strike, strike_magnitude),
        tenor,
        Magnitude::from_u128(volatility),
        ln_ratio_exact(spot, strike).wrapping_add(tenor.wide_interest()),
    )
}

#[cfg_attr(not(feature = "compact"), inline(always))]
fn terms(inputs: &Inputs, spot: Magnitude) -> Terms {
    Terms {
        underlying: spot,
        delta: ONE_WAD,
        volatility: Magnitude::from_u128(inputs.volatility).times(PER_WAD),
        rate: Signed::from_i64(inputs.rate).times(PER_WAD),
        forward: false,
    }
}
