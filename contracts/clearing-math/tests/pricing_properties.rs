//! What must hold of any price: no-arbitrage bounds, parity, monotonicity, convexity; over the whole domain.
//!
//! Of unrounded prices, to [`ERROR`] of the larger of spot and discounted strike, twice what `accuracy_golden` sees.
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
        Evaluation, ForwardInputs, Inputs, cross_greeks, cross_greeks_forward, evaluate,
        evaluate_forward, price, price_and_greeks, price_and_greeks_forward, price_forward,
    },
};
use proptest::prelude::*;
use support::{
    draw::{decades, deviation, larger, options, years},
    exact::Exact,
};

/// Error of a price over the larger of spot and discounted strike.
const ERROR: f64 = 2e-17;

fn call(of: &Evaluation) -> Exact {
    of.call.into()
}

fn put(of: &Evaluation) -> Exact {
    of.put.into()
}

/// `a ≥ b` up to the error of prices of these inputs.
fn at_least(a: Exact, b: Exact, scale: f64) -> bool {
    a.minus(b).double() >= -2.0 * ERROR * scale
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    /// Nothing inside of the domain is refused, by any entry point.
    #[test]
    fn nothing_in_the_domain_is_refused(inputs in options()) {
        prop_assert!(price(&inputs).is_ok());
        prop_assert!(price_and_greeks(&inputs).is_ok());
        prop_assert!(evaluate(&inputs).is_ok());
        prop_assert!(cross_greeks(&inputs).is_ok());
        let discount = (WAD as f64 * (-(inputs.rate as f64) / 1e18 * years(&inputs)).exp()) as u128;
        let forward = ForwardInputs {
            forward: inputs.spot,
            strike: inputs.strike,
            discount,
            seconds: inputs.seconds,
            volatility: inputs.volatility,
        };
        prop_assert!(price_forward(&forward).is_ok());
        prop_assert!(price_and_greeks_forward(&forward).is_ok());
        prop_assert!(evaluate_forward(&forward).is_ok());
        prop_assert!(cross_greeks_forward(&forward).is_ok());
    }

    /// max(S − Kd, 0) ≤ call ≤ S, max(Kd − S, 0) ≤ put ≤ Kd; greeks have their signs.
    #[test]
    fn prices_are_within_no_arbitrage_bounds(inputs in options()) {
        let seen = evaluate(&inputs).unwrap();
        let scale = larger(&inputs);
        let spot = Exact::from(inputs.spot);
        let zero = Exact::default();
        prop_assert!(at_least(spot, call(&seen), scale));
        // The put against the same, by a discounted strike that parity gives.
        let discounted = put(&seen).minus(call(&seen)).plus(spot);
        prop_assert!(at_least(discounted, put(&seen), scale));
        prop_assert!(at_least(call(&seen), spot.minus(discounted), scale));
        prop_assert!(at_least(put(&seen), discounted.minus(spot), scale));
        let delta = |x| Exact::from(x).double() / 1e18;
        prop_assert!((0.0..=1.0).contains(&delta(seen.delta_call)), "{:e}", delta(seen.delta_call));
        prop_assert!((-1.0..=0.0).contains(&delta(seen.delta_put)), "{:e}", delta(seen.delta_put));
        let one = Exact::from(seen.delta_call).minus(seen.delta_put.into());
        prop_assert!(one.error(Exact::from(WAD)) <= 1.0, "{one:?}");
        prop_assert!(Exact::from(seen.rho_call).double() >= 0.0 && Exact::from(seen.rho_put).double() <= 0.0);
        if inputs.rate == 0 {
            prop_assert!(discounted.error(Exact::from(inputs.strike)) <= 2.0 * ERROR * scale);
            prop_assert!(seen.theta_call == seen.theta_put && Exact::from(seen.theta_call).minus(zero).double() <= 0.0);
        }
    }

    /// call − put = S − Kd: to the unit of the integers, whose discounted strike is rounded once.
    #[test]
    fn parity_holds_to_the_last_digit(inputs in options(), other in 0.001..3.0_f64) {
        let difference = |of: &Inputs| {
            let prices = price(of).unwrap();
            prices.call as i128 - prices.put as i128
        };
        let here = difference(&inputs);
        if inputs.rate == 0 {
            prop_assert_eq!(here, inputs.spot as i128 - inputs.strike as i128);
        }
        // Whatever the volatility.
        let volatility = (inputs.volatility as f64 * other) as u128;
        prop_assert_eq!(difference(&Inputs { volatility, ..inputs }), here);
    }

    /// Call up and put down with spot, the other way round with strike, both up with volatility and, without rate, time.
    #[test]
    fn prices_are_monotone(inputs in options(), factor in decades(1.0 + 1e-15, 3.0)) {
        let more = |x: u128| ((x as f64 * factor) as u128).max(x + 1);
        let here = evaluate(&inputs).unwrap();
        let of = |inputs: Inputs| (evaluate(&inputs).unwrap(), larger(&inputs));
        let (then, scale) = of(Inputs { spot: more(inputs.spot), ..inputs });
        prop_assert!(at_least(call(&then), call(&here), scale) && at_least(put(&here), put(&then), scale), "spot");
        let (then, scale) = of(Inputs { strike: more(inputs.strike), ..inputs });
        prop_assert!(at_least(call(&here), call(&then), scale) && at_least(put(&then), put(&here), scale), "strike");
        let (then, scale) = of(Inputs { volatility: more(inputs.volatility), ..inputs });
        prop_assert!(at_least(call(&then), call(&here), scale) && at_least(put(&then), put(&here), scale), "volatility");
        if inputs.rate == 0 {
            let (then, scale) = of(Inputs { seconds: more(inputs.seconds.into()) as u64, ..inputs });
            prop_assert!(at_least(call(&then), call(&here), scale) && at_least(put(&then), put(&here), scale), "time");
        }
    }

    /// A butterfly of three equally spaced strikes is never worth less than nothing.
    #[test]
    fn prices_are_convex_in_strike(inputs in options(), wide in any::<bool>(), width in 0.0..0.9_f64) {
        let width = if wide { width } else { (width * deviation(&inputs)).min(0.9) };
        let step = (inputs.strike as f64 * width) as u128;
        let at = |strike| evaluate(&Inputs { strike, ..inputs }).unwrap();
        let (low, mid, high) = (at(inputs.strike - step), at(inputs.strike), at(inputs.strike + step));
        let scale = 4.0 * larger(&inputs);
        prop_assert!(at_least(put(&low).plus(put(&high)), put(&mid).scaled(1), scale));
        prop_assert!(at_least(call(&low).plus(call(&high)), call(&mid).scaled(1), scale));
    }

    /// Greeks are the slopes of the prices: central differences of the kernel's own prices, whose error is theirs over the step
    /// plus the step's square.
    #[test]
    fn greeks_are_slopes_of_prices(inputs in options()) {
        // Prices are in proportion: large ones, so that small steps are many units.
        let lift = (10_u128.pow(24) / inputs.spot).max(1);
        let inputs = Inputs { spot: inputs.spot * lift, strike: inputs.strike * lift, ..inputs };
        let s = deviation(&inputs);
        let seen = evaluate(&inputs).unwrap();
        // A step of 1/2000 of what moves d1 by one.
        let share = s.min(1.0) / 2_000.0;
        let step = (inputs.spot as f64 * share) as u128;
        let at = |spot| evaluate(&Inputs { spot, ..inputs }).unwrap();
        let (low, high) = (at(inputs.spot - step), at(inputs.spot + step));
        let slope = call(&high).minus(call(&low)).double() / (2.0 * step as f64);
        let noise = 4.0 * ERROR * larger(&inputs) / step as f64;
        let delta = Exact::from(seen.delta_call).double() / 1e18;
        prop_assert!((slope - delta).abs() <= 1e-6 + noise, "delta {delta:e} slope {slope:e}");
        let slope = Exact::from(high.delta_call).minus(low.delta_call.into()).double() / (2.0 * step as f64);
        let gamma = Exact::from(seen.gamma).double() / 1e18;
        let at_the_money = 0.4 / s / (inputs.spot as f64 / 1e18);
        prop_assert!((slope - gamma).abs() <= 1e-5 * at_the_money, "gamma {gamma:e} slope {slope:e}");
        // Volatility moves d1 by one when it moves by itself over |d|.
        let step = inputs.volatility / 20_000;
        let at = |volatility| evaluate(&Inputs { volatility, ..inputs }).unwrap();
        let (low, high) = (at(inputs.volatility - step), at(inputs.volatility + step));
        let slope = put(&high).minus(put(&low)).double() / (2.0 * step as f64) * 1e18;
        let vega = Exact::from(seen.vega).double();
        let noise = 4.0 * ERROR * larger(&inputs) / step as f64 * 1e18;
        let at_the_money = 0.4 * larger(&inputs) * years(&inputs).sqrt();
        prop_assert!((slope - vega).abs() <= 1e-5 * at_the_money + noise, "vega {vega:e} slope {slope:e}");
    }

    /// Whatever the input, an answer or a typed refusal.
    #[test]
    fn no_input_panics(spot: u128, strike: u128, by: (u32, u32, u32), seconds: u64, volatility: u128, rate: i64, discount: u128) {
        let short = seconds % clearing_math::black_scholes::MAX_SECONDS;
        for seconds in [seconds, short] {
            let inputs = Inputs {
                spot: spot >> (by.0 % 128),
                strike: strike >> (by.1 % 128),
                seconds,
                volatility: volatility >> (by.2 % 128),
                rate: rate >> (by.0 % 64),
            };
            let _ = (price(&inputs), price_and_greeks(&inputs), evaluate(&inputs), cross_greeks(&inputs));
            let inputs = ForwardInputs {
                forward: inputs.spot,
                strike: inputs.strike,
                discount: discount >> (by.1 % 128),
                seconds,
                volatility: inputs.volatility,
            };
            let _ = (price_forward(&inputs), price_and_greeks_forward(&inputs), evaluate_forward(&inputs));
            let _ = cross_greeks_forward(&inputs);
        }
    }
}
