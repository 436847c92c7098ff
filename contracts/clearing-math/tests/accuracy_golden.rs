//! Prices and greeks against the 130-digit reference (`generate/reference.py`) over the whole domain, extremes over-weighted
//! (`generate/golden.py`). `NOVATION_GOLDEN=FILE` adds the rows of a larger set. Bars and scales: `support/bars.rs`.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::doc_markdown,
    clippy::neg_cmp_op_on_partial_ord,
    reason = "tests panic on overflow, and measure in doubles"
)]

mod support;

use std::sync::LazyLock;

use clearing_math::black_scholes::{cross_greeks, price, price_and_greeks};
use support::{
    bars,
    exact::Exact,
    golden::{Given, Row, spot_rows},
};

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(spot_rows);

#[test]
fn prices() {
    bars::prices(&ROWS);
}

#[test]
fn deltas() {
    bars::deltas(&ROWS);
}

#[test]
fn gamma() {
    bars::gamma(&ROWS);
}

#[test]
fn vega() {
    bars::vega(&ROWS);
}

#[test]
fn thetas() {
    bars::thetas(&ROWS);
}

#[test]
fn rhos() {
    bars::rhos(&ROWS);
}

#[test]
fn vanna_and_volga() {
    bars::vanna_and_volga(&ROWS);
}

/// The integers are the unrounded results in units of 1e-18: greeks off by less than two such units, prices by less than three, thetas four.
/// Both are sums of two that were cut.
#[test]
fn integers_are_the_unrounded_results_rounded() {
    for row in ROWS.iter() {
        let Given::Spot(inputs) = row.given else {
            unreachable!("rows on spot")
        };
        let (prices, greeks) = price_and_greeks(&inputs).unwrap();
        assert_eq!(price(&inputs), Ok(prices));
        let cross = cross_greeks(&inputs).unwrap();
        let of = &row.seen;
        for (name, got, exact, least, most) in [
            ("call", prices.call as i128, of.call, -2.0, 3.0),
            ("put", prices.put as i128, of.put, -2.0, 3.0),
            ("delta call", greeks.delta_call, of.delta_call, -2.0, 2.0),
            ("delta put", greeks.delta_put, of.delta_put, -2.0, 2.0),
            ("gamma", greeks.gamma as i128, of.gamma, -2.0, 2.0),
            ("vega", greeks.vega as i128, of.vega, -2.0, 2.0),
            ("theta call", greeks.theta_call, of.theta_call, -4.0, 4.0),
            ("theta put", greeks.theta_put, of.theta_put, -4.0, 4.0),
            ("rho call", greeks.rho_call, of.rho_call, -2.0, 2.0),
            ("rho put", greeks.rho_put, of.rho_put, -2.0, 2.0),
            ("vanna", cross.vanna, of.vanna, -2.0, 2.0),
            ("volga", cross.volga, of.volga, -2.0, 2.0),
        ] {
            let cut = exact.minus(Exact::from(got)).double();
            // The 64 bits of the unrounded result, or of what it is a sum of; a price is as good as its relative bar.
            let decay = row.decay(row.want.vega.double());
            let digits = match name {
                "call" | "put" if exact.double() >= 1e-9 * row.underlying => {
                    (exact.double() * 1e-13).min(row.larger() * 2_f64.powi(-59))
                }
                "call" | "put" => row.larger() * 2_f64.powi(-59),
                "theta call" => (decay + row.carry(row.want.rho_call)) * 2_f64.powi(-59),
                "theta put" => (decay + row.carry(row.want.rho_put)) * 2_f64.powi(-59),
                _ => exact.double().abs() * 2_f64.powi(-59),
            };
            assert!(
                cut >= least - digits && cut <= most + digits,
                "{name}: {got} is {cut:e} from {exact:?} in {row}"
            );
        }
    }
}
