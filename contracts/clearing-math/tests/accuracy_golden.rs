//! Prices and greeks against 60-digit closed forms over the whole domain (`generate/golden.py`), extremes over-weighted.
//!
//! The bounds asserted here are the ones the crate documentation states.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::doc_markdown,
    reason = "tests panic on overflow, and measure in doubles"
)]

use clearing_math::black_scholes::{Greeks, Inputs, Prices, price, price_and_greeks};

struct Row {
    inputs: Inputs,
    /// call, put, delta_call, delta_put, gamma, vega, theta_call, theta_put, rho_call, rho_put
    want: Vec<i128>,
}

fn rows() -> Vec<Row> {
    include_str!("golden/black_scholes.csv")
        .lines()
        .skip(1)
        .map(|line| {
            let f: Vec<i128> = line.split(',').map(|x| x.parse().unwrap()).collect();
            let inputs = Inputs {
                spot: f[0] as u128,
                strike: f[1] as u128,
                seconds: f[2] as u64,
                volatility: f[3] as u64,
                rate: f[4] as i64,
            };
            Row {
                inputs,
                want: f[5..].to_vec(),
            }
        })
        .collect()
}

fn got(prices: Prices, greeks: Greeks) -> [i128; 10] {
    [
        prices.call as i128,
        prices.put as i128,
        greeks.delta_call.into(),
        greeks.delta_put.into(),
        greeks.gamma as i128,
        greeks.vega as i128,
        greeks.theta_call,
        greeks.theta_put,
        greeks.rho_call,
        greeks.rho_put,
    ]
}

/// Errors of column `of` in units of `scale(row)`, two units of 1e-18 forgiven, worst first.
fn worst(of: usize, scale: impl Fn(&Row) -> f64) -> f64 {
    rows()
        .iter()
        .map(|row| {
            let (prices, greeks) = price_and_greeks(&row.inputs).unwrap();
            assert_eq!(price(&row.inputs), Ok(prices));
            let error = (got(prices, greeks)[of] - row.want[of]).abs() - 2;
            error.max(0) as f64 / scale(row)
        })
        .fold(0.0, f64::max)
}

fn years(row: &Row) -> f64 {
    row.inputs.seconds as f64 / 31_536_000.0
}

/// `K·e^(−rT)`, WAD.
fn discounted(row: &Row) -> f64 {
    row.inputs.strike as f64 * (-row.inputs.rate as f64 / 1e18 * years(row)).exp()
}

fn larger(row: &Row) -> f64 {
    discounted(row).max(row.inputs.spot as f64)
}

fn smaller(row: &Row) -> f64 {
    discounted(row).min(row.inputs.spot as f64)
}

/// `1 / σ√T`, the factor by which a relative error of the inputs grows in `d1`.
fn steepness(row: &Row) -> f64 {
    (row.inputs.volatility as f64 / 1e18 * years(row).sqrt())
        .recip()
        .max(1.0)
}

fn report(name: &str, error: f64, bound: f64) {
    println!("{name:28} {error:.2e}  (bound {bound:.0e})");
    assert!(error <= bound, "{name}: {error:e} exceeds {bound:e}");
}

#[test]
fn prices_are_within_1e_17_of_spot_or_discounted_strike() {
    report("call / max(S, Kd)", worst(0, larger), 1e-17);
    report("put / max(S, Kd)", worst(1, larger), 1e-17);
}

#[test]
fn the_out_of_the_money_side_keeps_its_digits() {
    // Where it is at least 1e-9 of the smaller of spot and discounted strike.
    let relative = |of: usize| {
        worst(of, |row| {
            let want = row.want[of] as f64;
            if want >= 1e-9 * smaller(row) {
                want
            } else {
                f64::INFINITY
            }
        })
    };
    report("call relative", relative(0), 1e-11);
    report("put relative", relative(1), 1e-11);
}

#[test]
fn greeks_are_within_their_bounds() {
    report(
        "delta call · σ√T",
        worst(2, |row| 1e18 * steepness(row)),
        5e-18,
    );
    report(
        "delta put · σ√T",
        worst(3, |row| 1e18 * steepness(row)),
        5e-18,
    );
    let of_scale = |row: &Row| 1e36 / row.inputs.spot as f64 * steepness(row);
    report(
        "gamma·S·σ√T",
        worst(4, |row| of_scale(row) * steepness(row)),
        1e-17,
    );
    report(
        "vega / S√T",
        worst(5, |row| larger(row) * years(row).sqrt() * steepness(row)),
        1e-17,
    );
    let theta = |row: &Row| {
        let decay =
            row.inputs.volatility as f64 / 1e18 / years(row).sqrt() * smaller(row) * steepness(row);
        decay + (row.inputs.rate as f64 / 1e18).abs() * discounted(row) * steepness(row)
    };
    report("theta call", worst(6, theta), 1e-17);
    report("theta put", worst(7, theta), 1e-17);
    let rho = |row: &Row| discounted(row) * years(row) * steepness(row);
    report("rho call / KdT", worst(8, rho), 1e-17);
    report("rho put / KdT", worst(9, rho), 1e-17);
}
