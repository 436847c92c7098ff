//! Portfolio margin: accounts whose balances are known. Its properties stand in `margin_properties`.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::doc_markdown,
    reason = "tests panic on overflow, and measure in doubles"
)]

#[path = "support/portfolio.rs"]
mod portfolio;

use clearing_math::{
    leg::{Leg, OptionKind},
    margin::{MAX_MOVES, NOVATION_DEFAULT, Requirement, mark, scenario_changes},
};
use portfolio::{EXPIRIES, NOW, ONE, Scenery, UNIT, default_profile};

fn calm() -> Scenery {
    Scenery::calm(3_000 * UNIT as u128)
}

fn option(expiry: usize, strike: u64, kind: OptionKind, contracts: i128) -> Leg {
    Leg {
        expiry: EXPIRIES[expiry].0,
        strike: strike * 100_000_000,
        kind,
        contracts: contracts * UNIT,
    }
}

fn require(scenery: &Scenery, legs: &[Leg], cash: i128, base: u128) -> Requirement {
    scenery.require(&NOVATION_DEFAULT, &scenery.account(legs, cash, base))
}

#[test]
fn an_empty_account_is_worth_its_cash() {
    let got = require(&calm(), &[], -7, 0);
    assert_eq!((got.initial, got.maintenance, got.mark), (-7, -7, -7));
}

#[test]
fn a_covered_call_needs_no_cash_for_its_delta() {
    // Short deep in-the-money call against the asset: what is left is the strike, less the contingencies.
    let legs = [option(3, 1_000, OptionKind::Call, -1)];
    let got = require(&calm(), &legs, 0, UNIT as u128);
    assert!((got.mark - 1_000 * UNIT).abs() < UNIT / 1_000);
    assert!(
        got.maintenance > 900 * UNIT && got.initial > 880 * UNIT,
        "{got:?}"
    );
}

#[test]
fn a_synthetic_forward_moves_with_the_asset_exactly() {
    let legs = [
        option(4, 2_900, OptionKind::Call, 1),
        option(4, 2_900, OptionKind::Put, -1),
    ];
    let scenery = calm();
    let account = scenery.account(&legs, 0, 0);
    let (market, portfolio) = (scenery.market(), account.portfolio());
    assert_eq!(mark(&market, &portfolio), Ok(100 * UNIT - 1));
    let mut changes = [0; MAX_MOVES];
    let count = scenario_changes(&NOVATION_DEFAULT, &market, &portfolio, &mut changes);
    assert_eq!(count, Ok(35));
    // Skew does not move it: what is left is the static discount.
    let discounted = 100.0 * ((-0.16 * 30.0 / 365.0_f64).exp() - 1.0);
    for skew in &changes[31..33] {
        assert!((*skew as f64 / 1e18 - discounted).abs() < 1e-12);
    }
    // Basis moves have no static discount: 4.5 % of 3,000, times the share .5 + 2·30/365.
    let share = 0.5 + 60.0 / 365.0;
    assert!((changes[33] as f64 / 1e18 - 135.0 * share).abs() < 1e-12);
    assert!((changes[34] as f64 / 1e18 + 135.0 * share).abs() < 1e-12);
}

#[test]
fn the_worst_scenario_is_named() {
    let scenarios = default_profile().scenarios;
    let worst = |legs: &[Leg]| {
        let index = require(&calm(), legs, 0, 0).worst_scenario;
        scenarios.as_slice()[index as usize]
    };
    assert!(worst(&[option(3, 3_000, OptionKind::Put, -1)]).spot < ONE);
    assert!(worst(&[option(3, 3_000, OptionKind::Call, -1)]).spot > ONE);
    assert_eq!(NOW, calm().now);
}

#[test]
fn margin_is_continuous_through_expiry() {
    // One second before expiry nothing but a second's volatility is left: at most S·σ_up·√(1 s / 1 y) per contract.
    let legs = [
        option(3, 3_000, OptionKind::Call, -1),
        option(3, 2_500, OptionKind::Put, -2),
    ];
    let at = |now| require(&Scenery { now, ..calm() }, &legs, 0, 0);
    let expiry = u64::from(EXPIRIES[3].0);
    let (before, after, later) = (at(expiry - 1), at(expiry), at(expiry + 1_000_000));
    assert_eq!(after, later);
    let second = (3_000.0 * 2.0 * (1.0_f64 / 31_536_000.0).sqrt() * 3.0 * 1e18) as i128;
    assert!((before.initial - after.initial).abs() < second);
    assert!((before.maintenance - after.maintenance).abs() < second);
}
