//! Prices, sensitivities and implied volatilities.

use clearing_math::black_scholes::{ForwardInputs, Inputs, price};
use clearing_math::fixed::mul_div_down;
use clearing_math::implied_volatility::{Quote, implied_volatility};
use clearing_math::leg::OptionKind;
use clearing_math::magnitude::{Magnitude, Signed};
use clearing_math::{WAD, elementary};

use super::Measured;
use crate::quant::wire;

pub(super) fn measured(options: &[Inputs]) -> Vec<Measured> {
    let spot = || -> Vec<_> {
        let words = options.iter().map(|option| wire::inputs(option).to_vec());
        words.collect()
    };
    let forward = || -> Vec<_> {
        let words = options.iter().filter_map(forward_of);
        words
            .map(|inputs| wire::forward_inputs(&inputs).to_vec())
            .collect()
    };
    let quotes = quotes(options);
    vec![
        Measured::new("price", "call and put", spot()).with_bar(400_000, 250_000),
        Measured::new(
            "price_and_greeks",
            "call and put; delta, theta, rho of both; gamma, vega",
            spot(),
        )
        .with_bar(600_000, 400_000),
        Measured::new("evaluate", "the same, unrounded", spot()),
        Measured::new("cross_greeks", "vanna and volga", spot()),
        Measured::new("evaluate_cross_greeks", "the same, unrounded", spot()),
        Measured::new(
            "price_forward",
            "call and put from forward and discount factor",
            forward(),
        ),
        Measured::new(
            "evaluate_forward",
            "prices and greeks from forward and discount factor, unrounded",
            forward(),
        ),
        Measured::new(
            "implied_volatility",
            "volatility from the price of either side of each option whose WAD price determines one",
            quotes.clone(),
        )
        .with_bar(4_000_000, 2_000_000),
        Measured::new("implied_volatility_exact", "the same, unrounded", quotes),
    ]
}

/// The same option on its forward.
fn forward_of(option: &Inputs) -> Option<ForwardInputs> {
    // −rT; a year has 31,536,000 seconds.
    let years = Magnitude::scaled(option.seconds, 0).over(Magnitude::scaled(31_536_000, 0));
    let one = Magnitude::from_u128(WAD);
    let interest = Signed::from_i64(option.rate)
        .times(years)
        .times(one.reciprocal());
    let discount = elementary::exp(interest.negated()).times(one).to_u128()?;
    Some(ForwardInputs {
        forward: mul_div_down(option.spot, WAD, discount)?,
        strike: option.strike,
        discount,
        seconds: option.seconds,
        volatility: option.volatility,
    })
}

/// Both sides of every option, where a price in WAD has time value enough to tell a volatility.
fn quotes(options: &[Inputs]) -> Vec<Vec<u64>> {
    let mut quotes = Vec::new();
    for option in options {
        let Ok(prices) = price(option) else { continue };
        for (kind, price) in [
            (OptionKind::Call, prices.call),
            (OptionKind::Put, prices.put),
        ] {
            let quote = Quote {
                kind,
                price,
                spot: option.spot,
                strike: option.strike,
                seconds: option.seconds,
                rate: option.rate,
            };
            if implied_volatility(&quote).is_ok() {
                quotes.push(wire::quote(&quote).to_vec());
            }
        }
    }
    quotes
}
