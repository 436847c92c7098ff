//! Where branches and table pieces meet, nothing jumps: prices and greeks of neighbouring options, on both sides of every seam,
//! differ by what their slope explains and the errors that the bars allow.
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
    black_scholes::{Evaluation, Inputs, evaluate},
};
use support::{
    draw::{deviation, larger, years},
    exact::Exact,
    golden::DENSITY_AT_ZERO,
};

/// Error of a price over the larger of spot and discounted strike, and over itself; error of a greek.
const PRICE: f64 = 2e-17;
const RELATIVE: f64 = 1e-13;
const GREEK: f64 = 1e-15;

const SPOT: u128 = 1_000_000 * WAD;
const YEAR: u64 = 31_536_000;

/// Call, put, delta, gamma, vega.
fn results(of: &Evaluation) -> [Exact; 5] {
    [
        of.call.into(),
        of.put.into(),
        of.delta_call.into(),
        of.gamma.into(),
        of.vega.into(),
    ]
}

/// Walks 100 steps to each side of `centre` by `vary`, in steps of `widths`, and compares neighbours. A step of relative size `e`
/// may move a price by `e·(1 + |d|/s)` of what its greeks say.
fn walk(seam: &str, centre: Inputs, widths: [u128; 3], vary: impl Fn(Inputs, i128) -> Inputs) {
    // Out of the domain.
    if centre.strike < SPOT / 1_000_000 || centre.strike / 1_000_000 > SPOT {
        return;
    }
    for width in widths {
        let mut before: Option<(Inputs, [Exact; 5])> = None;
        for step in -100..=100_i128 {
            let inputs = vary(centre, step * width as i128);
            let here = results(&evaluate(&inputs).unwrap());
            if let Some((last, there)) = before {
                compare(seam, &last, &there, &inputs, &here);
            }
            before = Some((inputs, here));
        }
    }
}

fn compare(seam: &str, last: &Inputs, there: &[Exact; 5], inputs: &Inputs, here: &[Exact; 5]) {
    let s = deviation(inputs);
    let share = |a: f64, b: f64| ((a - b) / a).abs();
    // How far the option moves, in deviations, and in volatility.
    let log = |i: &Inputs| (i.spot as f64 / i.strike as f64).ln() + i.rate as f64 / 1e18 * years(i);
    let strike = inputs.strike.abs_diff(last.strike) as f64 / inputs.strike as f64;
    let rate = inputs.rate.abs_diff(last.rate) as f64 / 1e18 * years(inputs);
    let volatility = share(inputs.volatility as f64, last.volatility as f64);
    let d = log(inputs).abs() / s + s;
    let moved = (strike + rate) / s + volatility * d;
    let vega = here[4].double() / 1e18;
    let scale = larger(inputs);
    let allowed = [
        strike * scale + rate * scale + vega * volatility * inputs.volatility as f64,
        strike * scale + rate * scale + vega * volatility * inputs.volatility as f64,
        moved * DENSITY_AT_ZERO * 1e18,
        (moved * d + volatility) * DENSITY_AT_ZERO / s / inputs.spot as f64 * 1e36,
        (moved * d + rate) * DENSITY_AT_ZERO * scale * years(inputs).sqrt(),
    ];
    let errors = [
        PRICE * scale,
        PRICE * scale,
        GREEK * 1e18,
        GREEK * DENSITY_AT_ZERO / s / inputs.spot as f64 * 1e36,
        GREEK * DENSITY_AT_ZERO * inputs.spot as f64 * years(inputs).sqrt(),
    ];
    for (i, name) in ["call", "put", "delta", "gamma", "vega"]
        .into_iter()
        .enumerate()
    {
        let jump = here[i].error(there[i]);
        let most = 2.0 * allowed[i] + 2.0 * errors[i];
        assert!(
            jump <= most,
            "{seam}: {name} jumps by {jump:e}, {:.1} of what is allowed, at {inputs:?}",
            jump / most
        );
    }
    for (i, name) in ["call", "put"].into_iter().enumerate() {
        let price = here[i].double();
        if price >= 1e-9 * inputs.spot as f64 {
            let jump = here[i].error(there[i]) / price;
            assert!(
                jump <= 2.0 * allowed[i] / price + 2.0 * RELATIVE,
                "{seam}: {name} jumps by {jump:e} of itself at {inputs:?}"
            );
        }
    }
}

/// A year's option with `σ = s` and `ln(F/K) = x`.
fn option(s: f64, x: f64) -> Inputs {
    Inputs {
        spot: SPOT,
        strike: (SPOT as f64 * (-x).exp()) as u128,
        seconds: YEAR,
        volatility: (s * 1e18) as u128,
        rate: 0,
    }
}

fn walk_volatility(seam: &str, centre: Inputs) {
    walk(seam, centre, [1, 64, 40_961], |i, by| Inputs {
        volatility: (i.volatility as i128 + by) as u128,
        ..i
    });
}

fn walk_strike(seam: &str, centre: Inputs) {
    walk(seam, centre, [1, 100_001, 40_000_000_001], |i, by| Inputs {
        strike: (i.strike as i128 + by) as u128,
        ..i
    });
}

const DEVIATIONS: [f64; 8] = [1.7e-3, 0.01, 0.1, 0.3, 1.0, 2.0, 4.0, 12.0];

#[test]
fn where_an_option_is_half_a_deviation_out_of_the_money() {
    for s in DEVIATIONS {
        for side in [1.0, -1.0] {
            let seam = option(s, side * s * s / 2.0);
            walk_volatility("a = 0", seam);
            walk_strike("a = 0", seam);
        }
    }
}

#[test]
fn where_spot_is_the_discounted_strike() {
    for s in DEVIATIONS {
        walk_strike("S = Kd", option(s, 0.0));
        let rate = WAD as i64 / 10;
        let seam = Inputs {
            rate,
            ..option(s, -0.1)
        };
        walk_strike("S = Kd", seam);
    }
}

#[test]
fn where_a_deviation_becomes_narrow() {
    for power in -22..=-4 {
        let s = 2_f64.powi(power);
        for h in [0.0, 0.3, 1.0, 2.0, 5.0, -0.7, -3.0] {
            walk_volatility("s = 2^-n", option(s, h * s));
        }
    }
}

/// The right ends of the pieces of the Mills table, and the ends of what is computed.
fn seams() -> impl Iterator<Item = f64> {
    (0..4)
        .flat_map(|octave| {
            (1..=16).map(move |piece| 2_f64.powi(octave) * (1.0 + f64::from(piece) / 16.0) - 1.0)
        })
        .chain([11.0, 16.0])
}

#[test]
fn where_pieces_of_the_mills_table_meet() {
    for z in seams() {
        for s in [0.01, 0.3, 2.0] {
            for side in [1.0, -1.0] {
                walk_volatility("a", option(s, side * s * (z + s / 2.0)));
                if z > s / 2.0 {
                    walk_volatility("b", option(s, side * s * (z - s / 2.0)));
                }
                if z < s / 2.0 {
                    walk_volatility("-a", option(s, side * s * (s / 2.0 - z)));
                }
            }
        }
    }
}

#[test]
fn where_the_logarithm_takes_another_power_of_two() {
    for half in -26..=26 {
        let x = f64::from(half) * std::f64::consts::LN_2 / 2.0;
        for s in [0.3, 3.0] {
            walk_strike("ln", option(s, x));
        }
    }
}

#[test]
fn where_the_discount_takes_another_step() {
    for sixteenth in -80..=160 {
        let rt = f64::from(sixteenth) * std::f64::consts::LN_2 / 16.0;
        let inputs = Inputs {
            rate: (rt / 10.0 * 1e18) as i64,
            seconds: 10 * YEAR,
            strike: (SPOT as f64 * rt.exp() * 1.1) as u128,
            ..option(0.3, 0.0)
        };
        walk("rT", inputs, [1, 7, 101], |i, by| Inputs {
            rate: i.rate + by as i64,
            ..i
        });
    }
}

#[test]
fn where_the_rate_changes_its_sign() {
    for s in DEVIATIONS {
        walk("r = 0", option(s, s), [1, 64, 4_097], |i, by| Inputs {
            rate: i.rate + by as i64,
            ..i
        });
    }
}
