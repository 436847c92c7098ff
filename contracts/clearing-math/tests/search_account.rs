//! The most that may be withdrawn or traded, and the price of liquidation, of random accounts under every model of margin.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "tests panic on overflow"
)]

#[path = "support/portfolio.rs"]
mod portfolio;

use clearing_math::{
    leg::{Leg, OptionKind},
    margin::{
        FULL_COLLATERAL, MarketData, NOVATION_DEFAULT, Portfolio, Requirement, RiskProfile,
        STANDARD_STYLE, Term, margin,
    },
    search::{
        Crossing, Direction, Ladder, Limits, Outcome, cash_withdrawal, largest_base_withdrawal,
        largest_trade, liquidation_price_of, moved_term,
    },
};
use portfolio::{Account, EXPIRIES, Scenery, UNIT, legs, scenery};
use proptest::{prelude::*, strategy::ValueTree};

const WAD: u128 = UNIT as u128;
/// To 1e-9 of a unit.
const LIMITS: Limits = Limits {
    questions: 64,
    resolution: 1_000_000_000,
};

fn profiles() -> impl Strategy<Value = RiskProfile> {
    prop_oneof![
        Just(NOVATION_DEFAULT),
        Just(STANDARD_STYLE),
        Just(FULL_COLLATERAL)
    ]
}

/// The account with enough cash to be healthy by a share of what it lacks or has.
fn funded(
    profile: &RiskProfile,
    scenery: &Scenery,
    legs: &[Leg],
    base: u128,
    share: i128,
) -> Account {
    let unfunded = scenery.account(legs, 0, base);
    let required = scenery.require(profile, &unfunded);
    let lacking = required.initial.min(0).saturating_abs();
    Account {
        cash: lacking / 100 * share + UNIT,
        ..unfunded
    }
}

fn require(profile: &RiskProfile, market: &MarketData, portfolio: &Portfolio) -> Requirement {
    margin(profile, market, portfolio).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    /// What may be withdrawn leaves initial margin, a little more does not.
    #[test]
    fn the_largest_withdrawal_is_allowed_and_more_is_not(
        profile in profiles(), scenery in scenery(), legs in legs(1..6), base in 1..60_u128, share in 50..200_i128,
    ) {
        let account = funded(&profile, &scenery, &legs, base * WAD, share);
        let (market, portfolio) = (scenery.market(), account.portfolio());
        let initial = require(&profile, &market, &portfolio).initial;
        let cash = cash_withdrawal(initial);
        if initial >= 0 {
            let left = Portfolio { cash: portfolio.cash - cash as i128, ..portfolio };
            prop_assert_eq!(require(&profile, &market, &left).initial, 0);
        } else {
            prop_assert_eq!(cash, 0);
        }
        let most = largest_base_withdrawal(&profile, &market, &portfolio, LIMITS).unwrap();
        let after = |amount: u128| {
            let left = Portfolio { base: portfolio.base - amount, ..portfolio };
            require(&profile, &market, &left).initial
        };
        prop_assert_eq!(most.allowed.is_some(), initial >= 0);
        if let Some(allowed) = most.allowed {
            prop_assert!(after(allowed) >= 0);
            if let Some(refused) = most.refused {
                prop_assert!(after(refused) < 0);
                prop_assert!(refused - allowed <= LIMITS.resolution, "after {} questions", most.questions);
            } else {
                prop_assert_eq!(allowed, portfolio.base);
            }
        }
    }

    /// What may be traded leaves initial margin, a little more does not, and the legs are as they were.
    #[test]
    fn the_largest_trade_is_allowed_and_more_is_not(
        profile in profiles(), scenery in scenery(), legs in legs(1..6), base in 1..60_u128, share in 90..200_i128, sold: bool, premium in 0..500_u128,
    ) {
        let account = funded(&profile, &scenery, &legs, base * WAD, share);
        let (market, portfolio) = (scenery.market(), account.portfolio());
        let initial = require(&profile, &market, &portfolio).initial;
        let mut traded = account.legs.clone();
        let most = largest_trade(&profile, &market, &portfolio, &mut traded, 0, sold, premium * WAD, 10_000 * WAD, LIMITS).unwrap();
        prop_assert_eq!(&traded, &account.legs);
        prop_assert_eq!(most.allowed.is_some(), initial >= 0);
        let after = |amount: u128| {
            let mut legs = account.legs.clone();
            let change = if sold { -(amount as i128) } else { amount as i128 };
            legs[0].contracts += change;
            let paid = amount * premium;
            let cash = if sold { portfolio.cash + paid as i128 } else { portfolio.cash - paid as i128 };
            let left = Portfolio { legs: &legs, cash, ..portfolio };
            require(&profile, &market, &left).initial
        };
        if let Some(allowed) = most.allowed {
            prop_assert!(after(allowed) >= 0);
        }
        if let (Some(allowed), Some(refused)) = (most.allowed, most.refused) {
            prop_assert!(after(refused) < 0);
            prop_assert!(refused - allowed <= LIMITS.resolution, "after {} questions", most.questions);
        }
    }

    /// On one side of the price of liquidation the account is healthy, on the other it is not, and no rung before is unhealthy.
    #[test]
    fn the_liquidation_price_separates_health(
        profile in profiles(), scenery in scenery(), legs in legs(1..6), base in 0..20_u128, share in 0..300_i128, up: bool,
    ) {
        let account = funded(&profile, &scenery, &legs, base * WAD, share);
        let (market, portfolio) = (scenery.market(), account.portfolio());
        let direction = if up { Direction::Up } else { Direction::Down };
        let mut moved = scenery.terms.clone();
        let found = liquidation_price_of(&profile, &market, &portfolio, direction, Ladder::DEFAULT, &mut moved).unwrap();
        let at = |price: u128| {
            let terms: Vec<Term> = scenery.terms.iter().map(|term| moved_term(term, scenery.mid, price).unwrap()).collect();
            let market = MarketData { mid: price, low: price, high: price, terms: &terms, ..market };
            require(&profile, &market, &portfolio).maintenance
        };
        match found {
            Outcome::Now => prop_assert!(at(scenery.mid) < 0),
            Outcome::At(Crossing { healthy, liquidatable }) => {
                prop_assert!(at(healthy) >= 0 && at(liquidatable) < 0);
                prop_assert_eq!(liquidatable > healthy, up);
                prop_assert!(healthy.abs_diff(liquidatable) <= liquidatable / 800_000_000 + 1);
            }
            Outcome::Never { last } => prop_assert!(at(last) >= 0),
        }
    }
}

#[test]
fn a_short_straddle_is_liquidated_on_both_sides_of_the_price() {
    let scenery = Scenery::calm(3_000 * WAD);
    let option = |kind| Leg {
        expiry: EXPIRIES[4].0,
        strike: 3_000 * 100_000_000,
        kind,
        contracts: -UNIT,
    };
    let legs = [option(OptionKind::Call), option(OptionKind::Put)];
    let account = scenery.account(&legs, 2_000 * UNIT, 0);
    let mut moved = scenery.terms.clone();
    let mut liquidated_at = |profile: &RiskProfile, direction| {
        let (market, portfolio) = (scenery.market(), account.portfolio());
        let ladder = Ladder::DEFAULT;
        match liquidation_price_of(profile, &market, &portfolio, direction, ladder, &mut moved) {
            Ok(Outcome::At(found)) => found.liquidatable as f64 / 1e18,
            other => panic!("{other:?}"),
        }
    };
    let (down, up) = (
        liquidated_at(&NOVATION_DEFAULT, Direction::Down),
        liquidated_at(&NOVATION_DEFAULT, Direction::Up),
    );
    assert!(
        (1_000.0..2_900.0).contains(&down) && (3_100.0..5_000.0).contains(&up),
        "{down} {up}"
    );
    // Full collateral does not look at the price: 2,000 never covers a put that may cost 3,000.
    let (market, portfolio) = (scenery.market(), account.portfolio());
    let at_once = liquidation_price_of(
        &FULL_COLLATERAL,
        &market,
        &portfolio,
        Direction::Up,
        Ladder::DEFAULT,
        &mut moved,
    );
    assert_eq!(at_once, Ok(Outcome::Now));
}

/// How often margin is asked, over the same random accounts every time: what the answers cost where margin is an outside call.
#[test]
fn few_questions_answer() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let strategy = (scenery(), legs(1..6), 1..60_u128);
    let (mut withdrawals, mut trades, mut count) = (0, 0, 0);
    for profile in [NOVATION_DEFAULT, STANDARD_STYLE, FULL_COLLATERAL] {
        for _ in 0..100 {
            let (scenery, legs, base) = strategy.new_tree(&mut runner).unwrap().current();
            let account = funded(&profile, &scenery, &legs, base * WAD, 120);
            let (market, portfolio) = (scenery.market(), account.portfolio());
            let withdrawn = largest_base_withdrawal(&profile, &market, &portfolio, LIMITS).unwrap();
            let (mut legs, price, most) = (account.legs.clone(), 10 * WAD, 10_000 * WAD);
            let most_traded = largest_trade(
                &profile, &market, &portfolio, &mut legs, 0, true, price, most, LIMITS,
            );
            withdrawals += withdrawn.questions;
            trades += most_traded.unwrap().questions;
            count += 1;
        }
    }
    println!(
        "questions on average, to 1e-9 of a unit: {:.1} a withdrawal, {:.1} a trade",
        f64::from(withdrawals) / f64::from(count),
        f64::from(trades) / f64::from(count),
    );
    assert!(withdrawals + trades < 2 * 20 * count);
}
