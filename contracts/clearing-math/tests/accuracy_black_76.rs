//! Options on forwards, Black's formula of 1976, against the 130-digit reference (`generate/golden_black_76.py`).
//! `NOVATION_BLACK_76=FILE` adds the rows of a larger set. Bars and scales: `support/bars.rs`.
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

use support::{
    bars,
    golden::{Row, forward_rows},
};

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(forward_rows);

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
    bars::rhos_of_forwards(&ROWS);
}

#[test]
fn vanna_and_volga() {
    bars::vanna_and_volga(&ROWS);
}
