//! Margin is continuous: a little more of time, spot or volatility changes a balance by little, whatever the profile; and so does a
//! little of confidence or peg, right at the thresholds of profiles that promise to have no steps.

use clearing_math::{
    leg::{Leg, OptionKind},
    margin::{
        MAX_SCENARIOS, MAX_SKEWS, NO_STEPS, NOVATION_DEFAULT, Parameter, Requirement, RiskProfile,
        SKEW_COUNT, Scenario, Scenarios, Term, VolatilityMove,
    },
};
use proptest::prelude::*;

use crate::{
    portfolio::{EXPIRIES, ONE, Scenery, UNIT, gross, legs, scenery},
    profiles::{PRESETS, profiles, promising_profiles, random_scenarios},
};

const YEAR: f64 = 31_536_000.0;
/// A small step of anything but time is one part in so many.
const STEP: u64 = 1_000_000_000;

/// Contracts times the higher of spot and strike, in doubles: what a move can be worth at most.
fn notional(scenery: &Scenery, legs: &[Leg], base: u128) -> f64 {
    gross(scenery, legs, base) as f64 / 1e18
}

fn apart(a: &Requirement, b: &Requirement) -> f64 {
    let balances = [
        (a.initial, b.initial),
        (a.maintenance, b.maintenance),
        (a.mark, b.mark),
    ];
    let differences = balances.map(|(a, b)| (a - b).unsigned_abs());
    differences.into_iter().max().unwrap_or(0) as f64 / 1e18
}

/// A market without interest: a random profile may multiply it by four and count it for two years.
fn without_rates(scenery: &Scenery) -> Scenery {
    let terms = scenery.terms.iter().map(|term| Term { rate: 0, ..*term });
    Scenery {
        terms: terms.collect(),
        ..scenery.clone()
    }
}

/// Profiles, and how much faster than the presets' their balances may move in time: in a random one shocks grow to 28 times a volatility
/// in the last hour.
fn in_time() -> impl Strategy<Value = Vec<(RiskProfile, f64)>> {
    random_scenarios().prop_map(|random| {
        let presets = PRESETS.map(|profile| (profile, 1.0));
        let random = (RiskProfile::ScenarioReprice(random), 30.0);
        [&presets[..], &[random]].concat()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// A second changes a requirement by no more than it takes off the widest deviation of each expiry, and a second's interest and
    /// discount: no step at expiry, at one day, at thirty days, or anywhere.
    #[test]
    fn requirements_are_continuous_in_time(
        profiles in in_time(), scenery in scenery(), legs in legs(1..6), base in 0..5_u128,
        seam in 0..EXPIRIES.len(), days in prop_oneof![Just(0_u64), Just(1), Just(30), 0..40_u64], seconds in -2_i64..2,
    ) {
        let scenery = Scenery { terms: scenery.terms.iter().map(|term| Term { fixed: 0, ..*term }).collect(), ..scenery };
        let base = base * UNIT as u128;
        let now = (u64::from(EXPIRIES[seam].0) - days * 86_400).checked_add_signed(seconds).unwrap();
        // Ten times the widest volatility after a shock, and rates, discounts and basis of at most 10 a year together.
        let slope = |at: u64| legs.iter().map(|leg| {
            let left = |now: u64| u64::from(leg.expiry).saturating_sub(now) as f64 / YEAR;
            let (before, after) = (left(at), left(at + 1));
            10.0 * (before.sqrt() - after.sqrt()) + 10.0 * (before - after)
        }).fold(0.0, f64::max);
        for (profile, faster) in profiles {
            let scenery = if faster > 1.0 { without_rates(&scenery) } else { scenery.clone() };
            let at = |now| Scenery { now, ..scenery.clone() };
            let account = scenery.account(&legs, 0, base);
            let (before, after) = (at(now).require(&profile, &account), at(now + 1).require(&profile, &account));
            let allowed = notional(&scenery, &legs, base) * (faster * slope(now) + 1e-14);
            prop_assert!(apart(&before, &after) <= allowed, "{before:?} {after:?}, {allowed:e}");
        }
    }

    /// A billionth of spot, forward and band, or of volatility, changes a requirement by as little of the notional, up and down.
    #[test]
    fn requirements_are_continuous_in_spot_and_volatility(
        profiles in profiles(), scenery in scenery(), legs in legs(1..6), base in 0..5_u128, down: bool,
    ) {
        let base = base * UNIT as u128;
        let moved = |x: u128| if down { x - x / u128::from(STEP) } else { x + x / u128::from(STEP) };
        for profile in profiles {
            let scenery = if PRESETS.contains(&profile) { scenery.clone() } else { without_rates(&scenery) };
            let terms = scenery.terms.iter().map(|term| Term { forward: moved(term.forward), fixed: moved(term.fixed), ..*term });
            let elsewhere = Scenery {
                mid: moved(scenery.mid),
                low: moved(scenery.low),
                high: moved(scenery.high),
                terms: terms.collect(),
                ..scenery.clone()
            };
            let account = scenery.account(&legs, 0, base);
            let mut other = account.clone();
            for volatility in other.volatilities.iter_mut().chain(&mut other.ceilings) {
                *volatility = moved(u128::from(*volatility)) as u64;
            }
            let allowed = notional(&scenery, &legs, base) * 10e-9;
            let here = scenery.require(&profile, &account);
            let by_spot = apart(&here, &elsewhere.require(&profile, &account));
            prop_assert!(by_spot <= allowed, "{by_spot:e}, {allowed:e}");
            let by_volatility = apart(&here, &scenery.require(&profile, &other));
            prop_assert!(by_volatility <= allowed, "{by_volatility:e}, {allowed:e}");
            // The band's width and a ceiling open without a step as well.
            let narrow = Scenery { low: scenery.mid, high: scenery.mid, doubt: 0, ..scenery.clone() };
            let ajar = Scenery { low: scenery.mid - scenery.mid / u128::from(STEP), high: scenery.mid + scenery.mid / u128::from(STEP), doubt: 1_000_000_000, ..narrow.clone() };
            let of = |scenery: &Scenery| scenery.require(&profile, &scenery.account(&legs, 0, base));
            let opened = apart(&of(&narrow), &of(&ajar));
            prop_assert!(opened <= allowed, "{opened:e}, {allowed:e}");
        }
    }

    /// A billionth of confidence or peg, at random places and right at the profile's thresholds, changes a balance by as little.
    #[test]
    fn doubt_and_de_peg_make_no_steps(
        profiles in promising_profiles(NO_STEPS), scenery in scenery(), legs in legs(1..10), base in 0..40_u128, at_threshold: bool,
    ) {
        for profile in profiles {
            let thresholds = match &profile {
                RiskProfile::ScenarioReprice(profile) => [profile.contingencies.confidence_threshold, profile.contingencies.peg_threshold],
                _ => [scenery.confidence, scenery.stable],
            };
            let mut here = scenery.clone();
            if at_threshold {
                [here.confidence, here.stable] = thresholds;
                here.terms.iter_mut().for_each(|term| term.confidence = thresholds[0]);
            }
            let account = here.account(&legs, 0, base * UNIT as u128);
            let scale = notional(&here, &legs, account.base) + 1.0;
            let next = |number: u64| number - number / STEP;
            let unsure = Scenery { confidence: next(here.confidence), ..here.clone() };
            let off = Scenery { stable: next(here.stable), ..here.clone() };
            let terms = here.terms.iter().map(|term| Term { confidence: next(term.confidence), ..*term });
            let unsure_terms = Scenery { terms: terms.collect(), ..here.clone() };
            let before = here.require(&profile, &account);
            for there in [unsure, off, unsure_terms] {
                let after = there.require(&profile, &account);
                prop_assert!(apart(&before, &after) <= 1e-8 * scale, "{after:?} beside {before:?}, of {scale:e}");
            }
        }
    }
}

#[test]
fn thresholds_of_doubt_are_no_steps() {
    // Right at the default profile's thresholds, where a charge begins.
    let legs = [Leg {
        expiry: EXPIRIES[4].0,
        strike: 3_000 * 100_000_000,
        kind: OptionKind::Call,
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
