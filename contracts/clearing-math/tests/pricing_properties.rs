//! What must hold of any price: bounds, parity, monotonicity, convexity, limits; over the whole domain.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::doc_markdown,
    reason = "tests panic on overflow, and measure in doubles"
)]

use clearing_math::{
    WAD,
    black_scholes::{Inputs, MAX_SECONDS, PricingError, price, price_and_greeks},
};
use proptest::prelude::*;

/// Every decade equally often.
fn decades(low: f64, high: f64) -> impl Strategy<Value = f64> {
    (low.ln()..high.ln()).prop_map(f64::exp)
}

prop_compose! {
    fn inputs()(
        spot in decades(1e-9, 1e12), near in any::<bool>(), ratio in decades(1e-6, 1e6), step in -4.0..4.0_f64,
        seconds in decades(1.0, 315_360_000.0), volatility in decades(0.001, 18.4), rate in prop_oneof![Just(0.0), -0.5..1.0_f64],
    ) -> Inputs {
        let years: f64 = seconds / 31_536_000.0;
        let deviation = volatility * years.sqrt();
        let ratio = if near { (step * deviation + rate * years).exp().clamp(1e-6, 1e6) } else { ratio };
        Inputs {
            spot: (spot * 1e18) as u128,
            strike: ((spot * ratio).clamp(1e-9, 1e12) * 1e18) as u128,
            seconds: seconds as u64,
            volatility: (volatility * 1e18) as u128,
            rate: (rate * 1e18) as i64,
        }
    }
}

/// Error of a price, WAD: 1e-17 of the larger of spot and discounted strike, which at −50 % over ten years is 148 times the
/// strike, and two units.
fn tolerance(inputs: &Inputs) -> u128 {
    inputs.spot.max(inputs.strike) / 100_000_000_000_000_000 * 160 + 2
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    /// Nothing inside of the domain is refused; prices are within the no-arbitrage bounds; delta, gamma and vega have their
    /// signs.
    #[test]
    fn prices_are_within_no_arbitrage_bounds(inputs in inputs()) {
        let (prices, greeks) = price_and_greeks(&inputs).unwrap();
        prop_assert_eq!(price(&inputs), Ok(prices));
        prop_assert!(prices.call <= inputs.spot + 1);
        prop_assert!(greeks.delta_call >= 0 && greeks.delta_call <= WAD as i128);
        prop_assert_eq!(greeks.delta_call - greeks.delta_put, WAD as i128);
        if inputs.rate == 0 {
            prop_assert!(prices.put <= inputs.strike + 1);
            // Parity to the last digit.
            prop_assert_eq!(prices.call as i128 - prices.put as i128, inputs.spot as i128 - inputs.strike as i128);
            prop_assert!(greeks.theta_call <= 0 && greeks.theta_put <= 0);
        }
    }

    /// Call up and put down with spot, the other way round with strike, both up with volatility and, without rate, time.
    #[test]
    fn prices_are_monotone(inputs in inputs(), factor in decades(1.0 + 1e-12, 3.0)) {
        let more = |x: u128| (x as f64 * factor) as u128;
        let here = price(&inputs).unwrap();
        let slack = tolerance(&inputs);
        let spot = price(&Inputs { spot: more(inputs.spot), ..inputs }).unwrap();
        prop_assert!(spot.call + slack >= here.call && spot.put <= here.put + slack);
        let strike = price(&Inputs { strike: more(inputs.strike), ..inputs }).unwrap();
        prop_assert!(strike.call <= here.call + slack && strike.put + slack >= here.put);
        let volatility = more(inputs.volatility);
        let volatile = price(&Inputs { volatility, ..inputs }).unwrap();
        prop_assert!(volatile.call + slack >= here.call && volatile.put + slack >= here.put);
        if inputs.rate == 0 {
            let later = price(&Inputs { seconds: more(inputs.seconds.into()) as u64, ..inputs }).unwrap();
            prop_assert!(later.call + slack >= here.call && later.put + slack >= here.put);
        }
    }

    /// A butterfly of three equally spaced strikes is never worth less than nothing.
    #[test]
    fn prices_are_convex_in_strike(inputs in inputs(), width in 0.0..0.9_f64) {
        let step = (inputs.strike as f64 * width) as u128;
        let at = |strike| price(&Inputs { strike, ..inputs }).unwrap().put;
        let (low, mid, high) = (at(inputs.strike - step), at(inputs.strike), at(inputs.strike + step));
        prop_assert!(low + high + 4 * tolerance(&inputs) >= 2 * mid);
    }

    /// Neighbouring inputs have neighbouring prices: no jump where one branch or table piece ends and the next begins.
    #[test]
    fn prices_are_continuous(inputs in inputs()) {
        let here = price(&inputs).unwrap();
        let next = price(&Inputs { volatility: inputs.volatility + 1, ..inputs }).unwrap();
        prop_assert!(next.call.abs_diff(here.call) <= tolerance(&inputs) + 10 * inputs.spot.max(inputs.strike) / WAD);
    }

    /// Whatever the input, an answer or a typed refusal.
    #[test]
    fn no_input_panics(spot: u128, strike: u128, by: (u32, u32), seconds: u64, volatility: u64, rate: i64) {
        let inputs = Inputs { spot: spot >> (by.0 % 128), strike: strike >> (by.1 % 128), seconds, volatility: volatility.into(), rate };
        let _ = price_and_greeks(&inputs);
        let _ = price_and_greeks(&Inputs { seconds: seconds % MAX_SECONDS, ..inputs });
    }
}

fn three_thousand() -> Inputs {
    Inputs {
        spot: 3_000 * WAD,
        strike: 2_900 * WAD,
        seconds: 86_400,
        volatility: WAD / 2,
        rate: 0,
    }
}

#[test]
fn without_time_or_volatility_an_option_is_its_intrinsic_value() {
    for inputs in [
        Inputs {
            seconds: 0,
            ..three_thousand()
        },
        Inputs {
            volatility: 0,
            ..three_thousand()
        },
    ] {
        let (prices, greeks) = price_and_greeks(&inputs).unwrap();
        assert_eq!((prices.call, prices.put), (100 * WAD, 0));
        assert_eq!(
            (
                greeks.delta_call,
                greeks.delta_put,
                greeks.gamma,
                greeks.vega
            ),
            (WAD as i128, 0, 0, 0)
        );
        assert_eq!((greeks.theta_call, greeks.theta_put), (0, 0));
    }
}

#[test]
fn refusals_say_what_is_wrong() {
    let of = |inputs: Inputs| price(&inputs).unwrap_err();
    assert_eq!(
        of(Inputs {
            spot: 0,
            ..three_thousand()
        }),
        PricingError::ZeroSpot
    );
    assert_eq!(
        of(Inputs {
            strike: 0,
            ..three_thousand()
        }),
        PricingError::ZeroStrike
    );
    let long = Inputs {
        seconds: MAX_SECONDS + 1,
        ..three_thousand()
    };
    assert_eq!(
        of(long),
        PricingError::TimeTooLong {
            given: MAX_SECONDS + 1,
            allowed: MAX_SECONDS
        }
    );
    assert_eq!(
        of(Inputs {
            spot: 1,
            strike: u128::MAX >> 2,
            ..three_thousand()
        }),
        PricingError::StrikeTooFar
    );
    assert_eq!(
        of(Inputs {
            spot: u128::MAX,
            strike: u128::MAX,
            rate: -1,
            ..three_thousand()
        }),
        PricingError::Overflow
    );
}

#[test]
fn a_textbook_option_has_its_textbook_price() {
    // Hull: S = 42, K = 40, r = 10 %, σ = 20 %, six months: 4.76 and 0.81.
    let inputs = Inputs {
        spot: 42 * WAD,
        strike: 40 * WAD,
        seconds: 15_768_000,
        volatility: WAD / 5,
        rate: WAD as i64 / 10,
    };
    let prices = price(&inputs).unwrap();
    assert_eq!(prices.call / (WAD / 100), 475);
    assert_eq!(prices.put / (WAD / 100), 80);
}
