//! Why a row has no result, in words: what was given and what is allowed.

use clearing_math::black_scholes::{Inputs, PricingError};
use clearing_math::implied_volatility::ImpliedVolatilityError;

/// What an option is identified by besides its volatility, for messages.
#[derive(Clone, Copy, Debug)]
pub struct Given {
    /// Spot, WAD.
    pub spot: u128,
    /// Strike, WAD.
    pub strike: u128,
}

impl From<&Inputs> for Given {
    fn from(inputs: &Inputs) -> Self {
        Self {
            spot: inputs.spot,
            strike: inputs.strike,
        }
    }
}

/// Why an option has no price.
pub fn pricing(error: PricingError, given: Given) -> String {
    match error {
        PricingError::ZeroSpot => "S_wad is 0: at least 1 is allowed".into(),
        PricingError::ZeroStrike => "K_wad is 0: at least 1 is allowed".into(),
        PricingError::ZeroDiscount => "the discount factor is 0: at least 1e-18 is allowed".into(),
        PricingError::TimeTooLong { given, allowed } => {
            format!("T_sec is {given}: at most {allowed} is allowed")
        }
        PricingError::VolatilityTooHigh { given, allowed } => {
            format!("vol_wad is {given}: at most {allowed} is allowed")
        }
        PricingError::StrikeTooFar => format!(
            "K_wad {} discounted is too far from S_wad {}: a ratio between e^-30 and e^30 is allowed",
            given.strike, given.spot
        ),
        PricingError::Overflow => format!(
            "a result for S_wad {} and K_wad {} discounted exceeds 2^127 of 1e-18: smaller prices are allowed",
            given.spot, given.strike
        ),
    }
}

/// Why a price implies no volatility.
pub fn volatility(error: ImpliedVolatilityError, given: Given) -> String {
    use ImpliedVolatilityError as E;
    match error {
        E::Inputs(error) => pricing(error, given),
        E::NoTimeLeft => {
            "T_sec is 0, every volatility gives the same price: at least 1 is allowed".into()
        }
        E::BelowIntrinsicValue { given, allowed } => format!(
            "price_wad is {given}, below the discounted intrinsic value: at least {allowed} is allowed"
        ),
        E::NoTimeValue { given, allowed } => format!(
            "price_wad is {given}, the discounted intrinsic value, which says nothing of volatility: at least {allowed} is allowed"
        ),
        E::TimeValueTooSmall { given, allowed } => format!(
            "price_wad is {given}, with too little time value to tell a volatility: at least {allowed} is allowed"
        ),
        E::AtUpperBound { given, allowed } => format!(
            "price_wad is {given}, which no volatility reaches: at most {allowed} is allowed"
        ),
        E::VolatilityTooHigh { given, allowed } => format!(
            "price_wad implies a volatility of {given} (1e-18): at most {allowed} is allowed"
        ),
        E::NotConverged { allowed } => {
            format!(
                "no volatility found in {allowed} steps, which is not known to happen: please report this row"
            )
        }
    }
}
