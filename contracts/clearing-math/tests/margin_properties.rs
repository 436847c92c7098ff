//! Scenario margin is continuous: a little more of time, spot, volatility, confidence or peg changes a balance by little, so nothing
//! is in steps. Its other properties stand in `portfolio_margin`, those of the simpler models in `percentage_margin` and
//! `maximum_loss`.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "tests panic on overflow, and measure in doubles"
)]

#[path = "support/portfolio.rs"]
mod portfolio;

use clearing_math::{
    leg::Leg,
    margin::{
        DERIBIT_STYLE, MAX_SCENARIOS, MAX_SKEWS, NOVATION_DEFAULT, Parameter, RiskProfile,
        SKEW_COUNT, Scenario, Scenarios, VolatilityMove,
    },
};
use portfolio::{Account, EXPIRIES, ONE, Scenery, UNIT, gross, legs, scenery};
use proptest::prelude::*;

/// Relative size of a step in anything but time.
const STEP: u64 = 1_000_000_000;

fn profiles() -> impl Strategy<Value = RiskProfile> {
    prop_oneof![Just(NOVATION_DEFAULT), Just(DERIBIT_STYLE)]
}

/// Legs that have a day or more: one day, seven, thirty exactly, and two years. A second before and after, shocks of volatility follow
/// another formula.
fn lasting(legs: Vec<Leg>) -> Vec<Leg> {
    legs.into_iter()
        .filter(|leg| {
            EXPIRIES[2..]
                .iter()
                .any(|(expiry, _)| *expiry == leg.expiry)
        })
        .collect()
}

fn balances(profile: &RiskProfile, scenery: &Scenery, account: &Account) -> [f64; 2] {
    let required = scenery.require(profile, account);
    [required.initial, required.maintenance].map(|balance| balance as f64)
}

/// A number and its neighbour, a billionth away.
fn next(number: u64) -> u64 {
    number - number / STEP
}

/// The same market a little further.
fn stepped(scenery: &Scenery, what: usize) -> Scenery {
    let mut moved = scenery.clone();
    match what {
        0 => {
            let by = |price: &mut u128| *price += *price / u128::from(STEP);
            for price in [&mut moved.low, &mut moved.mid, &mut moved.high] {
                by(price);
            }
            for term in &mut moved.terms {
                by(&mut term.forward);
                by(&mut term.fixed);
            }
        }
        1 => moved.confidence = next(moved.confidence),
        2 => moved.stable = next(moved.stable),
        3 => moved
            .terms
            .iter_mut()
            .for_each(|term| term.confidence = next(term.confidence)),
        _ => moved.now += 1,
    }
    moved
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn margin_is_continuous(
        profile in profiles(), scenery in scenery(), legs in legs(1..10), base in 0..40_u128, around in prop_oneof![Just(0_u64), 0..3_u64],
    ) {
        let legs = lasting(legs);
        let scenery = Scenery { now: scenery.now - around, ..scenery };
        let account = scenery.account(&legs, 0, base * UNIT as u128);
        let here = balances(&profile, &scenery, &account);
        let scale = gross(&scenery, &legs, account.base) as f64 + 1e18;
        for (what, name) in ["spot", "confidence", "peg", "confidence of terms", "time"].into_iter().enumerate() {
            // A second of a day is worth σ'·√(1 day)/2/86,400 of spot: below 2e-6 for volatilities up to 700 %.
            let bound = if name == "time" { 2e-6 } else { 1e-8 } * scale;
            let there = balances(&profile, &stepped(&scenery, what), &account);
            for (there, here) in there.into_iter().zip(here) {
                prop_assert!((there - here).abs() <= bound, "{name}: {there:e} beside {here:e}, of {scale:e}");
            }
        }
        let mut shaken = account.clone();
        for volatility in shaken.volatilities.iter_mut().chain(&mut shaken.ceilings) {
            *volatility += *volatility / STEP;
        }
        for (there, here) in balances(&profile, &scenery, &shaken).into_iter().zip(here) {
            prop_assert!((there - here).abs() <= 1e-8 * scale, "volatility: {there:e} beside {here:e}, of {scale:e}");
        }
    }
}

#[test]
fn thresholds_of_doubt_are_no_steps() {
    // Right at the default profile's thresholds, where a charge begins.
    let legs = [Leg {
        expiry: EXPIRIES[4].0,
        strike: 3_000 * 100_000_000,
        kind: clearing_math::leg::OptionKind::Call,
        contracts: -UNIT,
    }];
    let calm = Scenery::calm(3_000 * UNIT as u128);
    let initial = |confidence: u64, stable: u64| {
        let scenery = Scenery {
            stable,
            confidence,
            ..calm.clone()
        };
        scenery
            .require(&NOVATION_DEFAULT, &scenery.account(&legs, 0, 0))
            .initial
    };
    let (doubt, peg) = (ONE / 100 * 55, ONE / 100 * 99);
    let sure = initial(ONE, ONE);
    assert_eq!(initial(doubt, peg), sure);
    // A billionth less is charged a billionth of the notional, not half of it.
    for charged in [initial(doubt - STEP, ONE), initial(ONE, peg - STEP)] {
        assert!(
            charged < sure && charged > sure - 10_000 * i128::from(STEP),
            "{charged} {sure}"
        );
    }
}

/// A profile that may be listed can be margined by: as many skews as are allowed, valued both ways, beside as many other scenarios.
#[test]
fn no_profile_within_its_bounds_is_refused_by_margin() {
    let skewed = |count: usize| {
        let RiskProfile::ScenarioReprice(mut profile) = NOVATION_DEFAULT else {
            unreachable!("a scenario profile");
        };
        let scenarios: Vec<Scenario> = (0..MAX_SCENARIOS as u64)
            .map(|index| Scenario {
                spot: ONE + index,
                volatility: if index < count as u64 {
                    VolatilityMove::LinearSkew
                } else {
                    VolatilityMove::Up
                },
                damping: ONE,
            })
            .collect();
        profile.scenarios = Scenarios::new(&scenarios).unwrap();
        RiskProfile::ScenarioReprice(profile)
    };
    let calm = Scenery::calm(3_000 * UNIT as u128);
    let most = skewed(MAX_SKEWS);
    assert_eq!(most.validate(), Ok(()));
    calm.require(&most, &calm.account(&[], 0, 0));
    let refused = skewed(MAX_SKEWS + 1).validate().unwrap_err();
    assert_eq!(refused.parameter, Parameter::Skew(SKEW_COUNT));
    assert_eq!((refused.given, refused.maximum), (9, 8));
}
