//! Prices and greeks against published ones: Haug's tables, py_vollib's test data, the prices of Jäckel's own "Let's be rational";
//! read from the shared data folder.
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
    black_scholes::{Evaluation, ForwardInputs, Inputs, evaluate, evaluate_forward, price_forward},
};
use support::{exact::Exact, shared_text, wad, worst::Worst};

fn number(text: &str) -> f64 {
    text.parse().expect("a number")
}

fn seconds(years: f64) -> u64 {
    (years * 31_536_000.0).round() as u64
}

/// In natural units.
fn double(x: impl Into<Exact>) -> f64 {
    x.into().double() / 1e18
}

#[test]
fn haug_1998() {
    let Some(text) = shared_text("data/reference/haug_quantlib_european.csv") else {
        return;
    };
    // The printed figures have four decimals.
    let mut printed = Worst::new("Haug", 1e-4);
    for line in text.lines().skip(1) {
        let f: Vec<&str> = line.split(',').collect();
        let [strike, spot, dividend, rate, years, volatility, want] =
            [2, 3, 4, 5, 6, 7, 8].map(|i| number(f[i]));
        // A dividend yield is an underlying that is worth e^(−qT) of the spot.
        let carried = (-dividend * years).exp();
        let inputs = Inputs {
            spot: (spot * carried * 1e18) as u128,
            strike: (strike * 1e18) as u128,
            seconds: seconds(years),
            volatility: (volatility * 1e18) as u128,
            rate: (rate * 1e18) as i64,
        };
        let seen: Evaluation = evaluate(&inputs).unwrap();
        let call = f[1] == "call";
        let pick = |c, p| double(if call { c } else { p });
        let value = double(if call { seen.call } else { seen.put });
        let delta = carried * pick(seen.delta_call, seen.delta_put);
        // The dividend accrues on the underlying held.
        let theta = pick(seen.theta_call, seen.theta_put) + dividend * spot * delta;
        let got = match f[0] {
            "value" => value,
            "delta" => delta,
            "elasticity" => delta * spot / value,
            "gamma" => carried * carried * double(seen.gamma),
            "vega" => double(seen.vega),
            "theta" => theta,
            "theta_per_day" => theta / 365.0,
            "rho" => pick(seen.rho_call, seen.rho_put),
            "dividendRho" => -years * spot * delta,
            other => panic!("unknown quantity {other}"),
        };
        printed.see((got - want).abs(), line);
    }
    printed.hold(54);
}

#[test]
fn py_vollib() {
    let Some(text) = shared_text("data/reference/py_vollib_test_data.csv") else {
        return;
    };
    let mut price = Worst::new("vollib price", 1e-6);
    let mut greeks = Worst::new("vollib greeks", 1e-6);
    for line in text.lines().skip(1) {
        let f: Vec<f64> = line.split(',').map(number).collect();
        let wad = |i: usize| (f[i] * 1e18) as u128;
        let inputs = Inputs {
            spot: wad(0),
            strike: wad(1),
            seconds: seconds(f[3]),
            volatility: wad(4),
            rate: (f[2] * 1e18) as i64,
        };
        let seen = evaluate(&inputs).unwrap();
        price.see((double(seen.call) - f[5]).abs(), line);
        price.see((double(seen.put) - f[6]).abs(), line);
        for (got, i) in [
            (double(seen.delta_call), 7),
            (double(seen.gamma), 8),
            (double(seen.theta_call), 9),
            (double(seen.vega), 10),
            (double(seen.rho_call), 11),
            (double(seen.delta_put), 12),
            (double(seen.gamma), 13),
            (double(seen.theta_put), 14),
            (double(seen.vega), 15),
            (double(seen.rho_put), 16),
        ] {
            greeks.see((got - f[i]).abs(), line);
        }
    }
    price.hold(202);
    greeks.hold(1_010);
}

#[test]
fn lets_be_rational() {
    let Some(text) = shared_text("data/reference/lets_be_rational_test_values.csv.gz") else {
        return;
    };
    // His prices are doubles: a few units of 1.1e-16 of the larger of forward and strike.
    let mut price = Worst::new("Jäckel's price", 1e-15);
    for line in text.lines().skip(1) {
        let f: Vec<&str> = line.split(',').collect();
        let inputs = ForwardInputs {
            forward: wad(f[0]) as u128,
            strike: wad(f[1]) as u128,
            discount: WAD,
            seconds: seconds(number(f[3])),
            volatility: wad(f[2]) as u128,
        };
        let seen = evaluate_forward(&inputs).unwrap();
        let rounded = price_forward(&inputs).unwrap();
        let larger = inputs.forward.max(inputs.strike) as f64;
        let want = Exact::decimal(f[5], 18);
        let (got, integer) = if number(f[4]) > 0.0 {
            (seen.call, rounded.call)
        } else {
            (seen.put, rounded.put)
        };
        price.see(Exact::from(got).error(want) / larger, line);
        price.see(
            (Exact::from(integer).error(want) - 2.0).max(0.0) / larger,
            line,
        );
    }
    price.hold(2_000);
}
