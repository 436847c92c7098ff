//! More is never less, and together is never more: what an account buys or joins costs it nothing.

use clearing_math::{
    leg::Leg,
    margin::{
        Basis, DERIBIT_STYLE, FULL_COLLATERAL, LONGS_HARMLESS, Linear, NOVATION_DEFAULT, PMRM,
        RiskProfile, ScenarioProfile, Scenarios, TOGETHER_NO_MORE,
    },
};
use proptest::prelude::*;

use crate::{
    portfolio::{ONE, UNIT, leg, legs, scenarios_of, scenery},
    profiles::{bound, promising_profiles, reprices, units},
};

/// A profile of scenarios, and what is left of it with one of its scenarios and no other move: every kind of scenario gets to be the worst.
fn with_one_scenario(profile: &RiskProfile, index: usize) -> Vec<RiskProfile> {
    if !reprices(profile) {
        return vec![*profile];
    }
    let whole = scenarios_of(profile);
    let scenarios = whole.scenarios.as_slice();
    let one = ScenarioProfile {
        scenarios: Scenarios::new(&[scenarios[index % scenarios.len()]]).unwrap(),
        basis: Basis {
            share: 0,
            share_per_year: 0,
            ..whole.basis
        },
        ..whole
    };
    vec![*profile, RiskProfile::ScenarioReprice(one)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Adding a long option never raises the requirement: no balance falls by more than rounding.
    #[test]
    fn adding_a_long_leg_never_raises_the_requirement(
        profiles in promising_profiles(LONGS_HARMLESS), scenery in scenery(), legs in legs(0..8), long in leg(), base in units(),
        one in prop_oneof![0..40_usize, 31..33_usize],
    ) {
        let mut more = legs.clone();
        more.push(Leg { contracts: long.contracts.abs(), ..long });
        let bound = bound(&scenery, &more, base);
        let (legs, more) = (scenery.account(&legs, 0, base), scenery.account(&more, 0, base));
        for profile in &profiles.iter().flat_map(|profile| with_one_scenario(profile, one)).collect::<Vec<_>>() {
            let (before, after) = (scenery.require(profile, &legs), scenery.require(profile, &more));
            prop_assert!(after.initial >= before.initial - bound, "{before:?} {after:?}");
            prop_assert!(after.maintenance >= before.maintenance - bound, "{before:?} {after:?}");
            prop_assert!(after.mark >= before.mark - bound);
        }
    }

    /// Adding base asset never raises the requirement.
    #[test]
    fn adding_base_asset_never_raises_the_requirement(scenery in scenery(), legs in legs(0..8), base in units(), more in units()) {
        let bound = bound(&scenery, &legs, base + more);
        let (less, more) = (scenery.account(&legs, 0, base), scenery.account(&legs, 0, base + more));
        for profile in &[NOVATION_DEFAULT, DERIBIT_STYLE, FULL_COLLATERAL] {
            let (before, after) = (scenery.require(profile, &less), scenery.require(profile, &more));
            prop_assert!(after.initial >= before.initial - bound);
            prop_assert!(after.maintenance >= before.maintenance - bound);
        }
    }

    /// margin(A ∪ B) ≤ margin(A) + margin(B): together two portfolios have at least the sum of their balances.
    #[test]
    fn two_portfolios_together_need_no_more(
        profiles in promising_profiles(TOGETHER_NO_MORE), scenery in scenery(), a in legs(0..6), b in legs(0..6), x in units(), y in units(),
        one in prop_oneof![0..40_usize, 31..33_usize],
    ) {
        let together: Vec<Leg> = a.iter().chain(&b).copied().collect();
        let bound = bound(&scenery, &together, x + y);
        let (a, b) = (scenery.account(&a, 3, x), scenery.account(&b, -5, y));
        let both = scenery.account(&together, -2, x + y);
        for profile in &profiles.iter().flat_map(|profile| with_one_scenario(profile, one)).collect::<Vec<_>>() {
            let [ra, rb, both] = [&a, &b, &both].map(|account| scenery.require(profile, account));
            prop_assert!(both.initial >= ra.initial + rb.initial - bound, "{ra:?} {rb:?} {both:?}");
            prop_assert!(both.maintenance >= ra.maintenance + rb.maintenance - bound, "{ra:?} {rb:?} {both:?}");
        }
    }

    /// The same with delta-one contracts.
    #[test]
    fn two_portfolios_with_delta_one_contracts_together_need_no_more(
        scenery in scenery(), a in legs(0..6), b in legs(0..6), x in units(), y in units(), l in -100_i128..100, m in -100_i128..100,
        one in prop_oneof![0..33_usize, 31..33_usize],
    ) {
        let together: Vec<Leg> = a.iter().chain(&b).copied().collect();
        let linear = |contracts: i128| Linear { contracts: contracts * UNIT, price: 0, confidence: ONE / 2 };
        let bound = bound(&scenery, &together, x + y) + bound(&scenery, &[], 200 * UNIT as u128);
        let (mut a, mut b) = (scenery.account(&a, 0, x), scenery.account(&b, 0, y));
        let mut both = scenery.account(&together, 0, x + y);
        (a.linear, b.linear, both.linear) = (linear(l), linear(m), linear(l + m));
        // Whether the price of delta-one contracts counts must not differ between the three.
        prop_assume!(l != 0 && m != 0 && l + m != 0);
        for profile in &[NOVATION_DEFAULT, DERIBIT_STYLE, PMRM].map(|profile| with_one_scenario(&profile, one)).concat() {
            let [ra, rb, both] = [&a, &b, &both].map(|account| scenery.require(profile, account));
            prop_assert!(both.initial >= ra.initial + rb.initial - bound, "{ra:?} {rb:?} {both:?}");
            prop_assert!(both.maintenance >= ra.maintenance + rb.maintenance - bound);
        }
    }
}
