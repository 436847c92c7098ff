//! How many accounts a core re-margins in a second: ten legs over four expiries, the default profile, no band around the price.
//!
//! `cargo run --release -p clearing-math --example margin_throughput`
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "a measurement; its numbers are small"
)]

use std::{hint::black_box, time::Instant};

use clearing_math::{
    WAD,
    leg::{Leg, OptionKind},
    margin::{Linear, MarginError, MarketData, NOVATION_DEFAULT, Portfolio, Term, margin},
};

const NOW: u64 = 1_800_000_000;
const ONE: u64 = WAD as u64;
/// Days to expiry, and a volatility in percent.
const EXPIRIES: [(u32, u64); 4] = [(3, 70), (14, 65), (45, 60), (180, 55)];
const LEGS: usize = 10;
const ACCOUNTS: u64 = 20_000;

/// Strikes 60 % to 140 % of spot, sides and signs mixed.
fn leg(account: u64, index: u64) -> (Leg, u64) {
    let mixed = account.wrapping_mul(7_919) + index * 7;
    let (days, percent) = EXPIRIES[index as usize % EXPIRIES.len()];
    let leg = Leg {
        expiry: NOW as u32 + days * 86_400,
        strike: (180_000 + (mixed * 6_151) % 240_000) * 1_000_000,
        kind: if mixed.is_multiple_of(3) {
            OptionKind::Put
        } else {
            OptionKind::Call
        },
        contracts: if mixed % 5 < 2 { -1 } else { 1 } * i128::from(ONE),
    };
    (leg, percent * (ONE / 100))
}

fn main() -> Result<(), MarginError> {
    let mid = 3_000 * WAD;
    let term = |(days, _)| Term {
        expiry: NOW as u32 + days * 86_400,
        forward: mid + mid / 1_000 * u128::from(days / 30),
        fixed: 0,
        rate: 0,
        confidence: ONE,
    };
    let terms = EXPIRIES.map(term);
    let market = MarketData {
        now: NOW,
        mid,
        low: mid,
        high: mid,
        stable: ONE,
        confidence: ONE,
        terms: &terms,
    };
    let accounts: Vec<[(Leg, u64); LEGS]> = (0..ACCOUNTS)
        .map(|account| std::array::from_fn(|index| leg(account, index as u64)))
        .collect();
    let start = Instant::now();
    for account in &accounts {
        let portfolio = Portfolio {
            legs: &account.map(|(leg, _)| leg),
            volatilities: &account.map(|(_, volatility)| volatility),
            ceilings: &[],
            cash: 10_000 * i128::from(ONE),
            base: WAD,
            linear: Linear::NONE,
        };
        black_box(margin(&NOVATION_DEFAULT, black_box(&market), &portfolio)?);
    }
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{:.0} accounts of {LEGS} legs a second ({:.2} µs each)",
        ACCOUNTS as f64 / seconds,
        seconds / ACCOUNTS as f64 * 1e6
    );
    Ok(())
}
