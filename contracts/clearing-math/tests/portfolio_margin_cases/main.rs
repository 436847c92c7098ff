//! Margin cases that another venue published for its own managers, read from the shared data folder; its README states the formulas.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::doc_markdown,
    reason = "tests panic on overflow, and measure in doubles"
)]

#[path = "../support/mod.rs"]
mod support;

mod scenario;
mod skew;
mod standard;

use clearing_math::{
    leg::Leg,
    margin::{Linear, MarketData, Portfolio, Term},
};
use serde_json::Value;
use support::shared_text;

/// Expiries are stated in seconds from now.
const NOW: u64 = 1_000_000_000;
const ONE: u64 = 1_000_000_000_000_000_000;

/// The cases of a file by name; none, said aloud, where the shared data folder is absent.
fn cases(file: &str) -> Vec<(String, Value)> {
    let Some(text) = shared_text(&format!("data/reference/portfolio_margin/{file}")) else {
        return vec![];
    };
    let cases: Value = serde_json::from_str(&text).expect("JSON");
    let cases = cases.as_object().expect("cases by name");
    assert!(!cases.is_empty(), "{file} has no case");
    let owned = cases
        .iter()
        .map(|(name, case)| (name.clone(), case.clone()));
    owned.collect()
}

/// A list, empty where there is none.
fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// What a case asks about, as the model takes it.
struct Question {
    mid: u128,
    stable: u64,
    confidence: u64,
    terms: Vec<Term>,
    legs: Vec<Leg>,
    volatilities: Vec<u64>,
    cash: i128,
    base: u128,
    linear: Linear,
}

impl Question {
    fn market(&self) -> MarketData<'_> {
        MarketData {
            now: NOW,
            mid: self.mid,
            low: self.mid,
            high: self.mid,
            stable: self.stable,
            confidence: self.confidence,
            terms: &self.terms,
        }
    }

    fn portfolio(&self) -> Portfolio<'_> {
        Portfolio {
            legs: &self.legs,
            volatilities: &self.volatilities,
            ceilings: &[],
            cash: self.cash,
            base: self.base,
            linear: self.linear,
        }
    }
}
