//! Prices and greeks against 50-digit references, read from the shared data folder.
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

use clearing_math::black_scholes::{Inputs, price_and_greeks};
use support::{gunzip, shared, wad};

/// Largest deviation seen of one quantity, relative to its own scale.
#[derive(Default)]
struct Worst(f64, String);

impl Worst {
    fn see(&mut self, got: i128, want: i128, scale: f64, row: &str) {
        let error = (got - want).abs() as f64 / scale;
        if error > self.0 {
            *self = Self(error, row.to_owned());
        }
    }
}

#[test]
fn prices_and_greeks_match_fifty_digit_references() {
    let Some(folder) = shared() else {
        println!("NOT RUN: the shared data folder is absent (set NOVATION_SHARED)");
        return;
    };
    let text = gunzip(&folder.join("data/reference/quantlib_mpmath_bsm_grid.csv.gz"));
    let mut rows = 0;
    let [
        mut price,
        mut relative,
        mut delta,
        mut gamma,
        mut vega,
        mut theta,
        mut rho,
    ]: [Worst; 7] = Default::default();
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
        let (prices, greeks) = price_and_greeks(&inputs).unwrap();
        let call = f[0] == "call";
        let pick = |c: i128, p: i128| if call { c } else { p };
        let larger = inputs.spot.max(inputs.strike) as f64;
        let got = pick(prices.call as i128, prices.put as i128);
        let want = wad(f[13]);
        price.see(got, want, larger, line);
        if want as f64 >= 1e-9 * inputs.spot as f64 {
            relative.see(got, want, want as f64, line);
        }
        let (spot, strike) = (inputs.spot as f64, inputs.strike as f64);
        delta.see(
            pick(greeks.delta_call, greeks.delta_put),
            wad(f[14]),
            1e18,
            line,
        );
        gamma.see(
            greeks.gamma as i128,
            wad(f[15]),
            (wad(f[15]) as f64).max(1e18 / spot * 1e18),
            line,
        );
        vega.see(greeks.vega as i128, wad(f[16]), spot, line);
        theta.see(
            pick(greeks.theta_call, greeks.theta_put),
            wad(f[17]),
            (wad(f[17]) as f64).abs().max(spot),
            line,
        );
        rho.see(
            pick(greeks.rho_call, greeks.rho_put),
            wad(f[18]),
            strike * (seconds as f64 / 31_536_000.0).max(1.0),
            line,
        );
        rows += 1;
    }
    assert_eq!(rows, 7_056);
    // The reference's years are doubles, 1e-16 off in time: its own limit. Greeks below 1e-15 of scale are not told apart.
    for (name, worst, bound) in [
        ("price / max(S, K)", &price, 1e-16),
        ("price, relative", &relative, 1e-13),
        ("delta", &delta, 1e-14),
        ("gamma", &gamma, 1e-14),
        ("vega", &vega, 1e-16),
        ("theta", &theta, 1e-14),
        ("rho", &rho, 1e-16),
    ] {
        println!("{name:20} {:.2e} (bound {bound:.0e})  {}", worst.0, worst.1);
        assert!(worst.0 < bound, "{name}: {:e} in {}", worst.0, worst.1);
    }
}
