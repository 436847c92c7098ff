//! Prices and greeks against 50-digit references and QuantLib, read from the shared data folder.
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

use clearing_math::black_scholes::{Inputs, evaluate};
use support::{exact::Exact, shared_text, wad, worst::Worst};

#[test]
fn prices_and_greeks_match_fifty_digit_references() {
    let Some(text) = shared_text("data/reference/quantlib_mpmath_bsm_grid.csv.gz") else {
        return;
    };
    // The reference took years as doubles, up to 1e-16 of them off: nothing finer can be told.
    let mut price = Worst::new("price / larger", 1e-16);
    let mut relative = Worst::new("price relative", 1e-13);
    let mut delta = Worst::new("delta", 1e-15);
    let mut gamma = Worst::new("gamma / peak", 1e-15);
    let mut vega = Worst::new("vega / peak", 1e-15);
    let mut theta = Worst::new("theta / peak", 1e-15);
    let mut rho = Worst::new("rho / peak", 1e-15);
    let mut quantlib = Worst::new("QuantLib's price", 2e-15);
    for line in text.lines().skip(1) {
        let f: Vec<&str> = line.split(',').collect();
        let seconds = (f[5].parse::<f64>().unwrap() * 31_536_000.0).round() as u64;
        let inputs = Inputs {
            spot: wad(f[1]) as u128,
            strike: wad(f[2]) as u128,
            seconds,
            volatility: wad(f[6]) as u128,
            rate: wad(f[3]) as i64,
        };
        let seen = evaluate(&inputs).unwrap();
        let call = f[0] == "call";
        // Below 1e-200 a reference is nothing: doubles end there.
        let exponent = |text: &str| text.split_once('e').map_or(0, |(_, e)| e.parse().unwrap());
        let want = |i: usize| {
            if exponent(f[i]) < -200 {
                Exact::default()
            } else {
                Exact::decimal(f[i], 18)
            }
        };
        let (spot, strike) = (inputs.spot as f64, inputs.strike as f64);
        let (years, rate) = (seconds as f64 / 31_536_000.0, inputs.rate as f64 / 1e18);
        let volatility = inputs.volatility as f64 / 1e18;
        let discounted = strike * (-rate * years).exp();
        let larger = spot.max(discounted);
        let got = Exact::from(if call { seen.call } else { seen.put });
        let error = got.error(want(13));
        price.see(error / larger, line);
        quantlib.see(got.error(want(7)) / larger, line);
        if want(13).double() >= 1e-9 * spot {
            relative.see(error / want(13).double(), line);
        }
        let pick = |c, p| Exact::from(if call { c } else { p });
        let deviation = volatility * years.sqrt();
        let peak = support::golden::DENSITY_AT_ZERO;
        delta.see(
            pick(seen.delta_call, seen.delta_put).error(want(14)) / 1e18,
            line,
        );
        gamma.see(
            Exact::from(seen.gamma).error(want(15)) / (peak / deviation / spot * 1e36),
            line,
        );
        vega.see(
            Exact::from(seen.vega).error(want(16)) / (peak * spot * years.sqrt()),
            line,
        );
        theta.see(
            pick(seen.theta_call, seen.theta_put).error(want(17))
                / (peak * spot * volatility / (2.0 * years.sqrt()) + rate.abs() * discounted),
            line,
        );
        rho.see(
            pick(seen.rho_call, seen.rho_put).error(want(18)) / (discounted * years),
            line,
        );
    }
    for worst in [&price, &delta, &gamma, &vega, &theta, &rho, &quantlib] {
        worst.hold(7_056);
    }
    relative.hold(3_000);
}
