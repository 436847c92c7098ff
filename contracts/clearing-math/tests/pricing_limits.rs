//! The ends of the domain: no time or volatility left, the approach to those limits, refusals, a textbook option.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::doc_markdown,
    reason = "tests panic on overflow, and measure in doubles"
)]

mod support;

use clearing_math::{
    WAD,
    black_scholes::{
        ForwardInputs, Inputs, MAX_SECONDS, MAX_VOLATILITY, PricingError, evaluate, price,
        price_and_greeks, price_forward,
    },
};
use proptest::prelude::*;
use support::{draw::options, exact::Exact};

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
    let wild = Inputs {
        volatility: MAX_VOLATILITY + 1,
        ..three_thousand()
    };
    assert_eq!(
        of(wild),
        PricingError::VolatilityTooHigh {
            given: MAX_VOLATILITY + 1,
            allowed: MAX_VOLATILITY
        }
    );
    let worthless = ForwardInputs {
        forward: WAD,
        strike: WAD,
        discount: 0,
        seconds: 1,
        volatility: WAD,
    };
    assert_eq!(price_forward(&worthless), Err(PricingError::ZeroDiscount));
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5_000))]

    /// Towards no volatility and towards no time, prices fall to the discounted intrinsic value, and get there.
    #[test]
    fn prices_tend_to_the_intrinsic_value(inputs in options()) {
        let sum = |of: &Inputs| {
            let seen = evaluate(of).unwrap();
            Exact::from(seen.call).plus(seen.put.into()).double()
        };
        // Call and put together are |S − Kd| and twice the time value.
        let end = Inputs { volatility: 0, ..inputs };
        let mut above = sum(&inputs);
        let slack = above * 1e-16;
        for halvings in [1, 5, 10, 20, 40, 60] {
            let nearer = sum(&Inputs { volatility: inputs.volatility >> halvings, ..inputs });
            prop_assert!(nearer <= above + slack);
            above = nearer;
        }
        prop_assert!((above - sum(&end)).abs() <= slack, "{above:e} {:e}", sum(&end));
        if inputs.rate == 0 {
            let intrinsic = inputs.spot.abs_diff(inputs.strike);
            prop_assert_eq!(price(&end).unwrap().call + price(&end).unwrap().put, intrinsic);
            let expired = price(&Inputs { seconds: 0, ..inputs }).unwrap();
            prop_assert_eq!(expired.call + expired.put, intrinsic);
            let last = sum(&Inputs { seconds: 1, ..inputs });
            // A second of 2,000 %: s is 3.6e-3, and at the money the time value 0.4·s of spot.
            prop_assert!(last - intrinsic as f64 <= 2.0 * 1.5e-3 * inputs.spot.min(inputs.strike) as f64 + slack);
        }
    }

    /// Towards all the volatility there is, the call tends to the spot and the put to the discounted strike.
    #[test]
    fn prices_tend_to_their_upper_bounds(inputs in options()) {
        let inputs = Inputs { volatility: MAX_VOLATILITY, seconds: MAX_SECONDS, rate: 0, ..inputs };
        let prices = price(&inputs).unwrap();
        for (price, bound) in [(prices.call, inputs.spot), (prices.put, inputs.strike)] {
            prop_assert!(price.abs_diff(bound) <= inputs.spot.max(inputs.strike) / 10_u128.pow(18) + 1);
        }
    }
}
