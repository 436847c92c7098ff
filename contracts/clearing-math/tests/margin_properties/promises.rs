//! What profiles promise, and that those which do not promise it break it: no promise is withheld, or made, for nothing. The two that
//! margin by percentages lacks are broken in `percentage_margin`.

use clearing_math::{
    leg::{Leg, OptionKind},
    margin::{
        ALL_GUARANTEES, BasisRule, DERIBIT_STYLE, FULL_COLLATERAL, LONGS_HARMLESS, NO_STEPS,
        NOVATION_DEFAULT, PMRM, PMRM_2, RiskProfile, STANDARD_STYLE, Scenario, ScenarioProfile,
        Scenarios, SkewCounting, TOGETHER_NO_MORE,
    },
};

use crate::{
    portfolio::{EXPIRIES, ONE, Scenery, UNIT, default_profile, scenarios_of},
    profiles::PRESETS,
};

/// Two years out.
const FAR: u32 = EXPIRIES[5].0;

fn option(kind: OptionKind, strike: u64, contracts: i128) -> Leg {
    Leg {
        expiry: FAR,
        strike: strike * 100_000_000,
        kind,
        contracts: contracts * UNIT,
    }
}

fn calm() -> Scenery {
    Scenery::calm(3_000 * UNIT as u128)
}

fn initial(profile: &RiskProfile, scenery: &Scenery, legs: &[Leg]) -> i128 {
    let account = scenery.account(legs, 0, 0);
    scenery.require(profile, &account).initial
}

fn changed(change: impl FnOnce(&mut ScenarioProfile)) -> RiskProfile {
    let mut profile = default_profile();
    change(&mut profile);
    let profile = RiskProfile::ScenarioReprice(profile);
    assert_eq!(profile.validate(), Ok(()));
    profile
}

#[test]
fn the_default_promises_all_and_published_profiles_what_they_hold() {
    let promised = PRESETS.map(|profile| profile.guarantees());
    let all = ALL_GUARANTEES;
    assert_eq!(promised, [all, all, TOGETHER_NO_MORE, 0, all, 0]);
    assert_eq!(PRESETS[0], NOVATION_DEFAULT);
    assert_eq!(PRESETS[1], DERIBIT_STYLE);
    assert_eq!([PRESETS[3], PRESETS[4]], [STANDARD_STYLE, FULL_COLLATERAL]);
    assert_eq!([PRESETS[2], PRESETS[5]], [PMRM, PMRM_2]);
    assert!(PRESETS.iter().all(|profile| profile.validate().is_ok()));
    let bits = [LONGS_HARMLESS, TOGETHER_NO_MORE, NO_STEPS];
    assert_eq!(bits.map(u8::count_ones), [1; 3]);
    assert_eq!(bits.iter().sum::<u8>(), all);
}

#[test]
fn where_longs_are_not_harmless_one_raises_a_requirement() {
    // Bought for nothing, so that the balance was nothing before.
    let raises = |profile: &RiskProfile, scenery: &Scenery, strike: u64| {
        assert_eq!(profile.guarantees() & LONGS_HARMLESS, 0);
        let long = [option(OptionKind::Call, strike, 1)];
        let after = initial(profile, scenery, &long);
        assert!(after < -UNIT / 1_000, "{after}");
    };
    // A factor above one on a loss of nearly all the option is worth.
    raises(&PMRM, &calm(), 6_000);
    let factor = changed(|profile| profile.initial_factor = 2 * ONE);
    raises(&factor, &calm(), 6_000);
    // Several times the change of the basis.
    let basis = changed(|profile| {
        profile.basis.most = u64::MAX;
        profile.basis.share = 5_000_000_000_000;
        profile.basis.share_per_year = 10_000_000_000_000;
        profile.basis.rule = BasisRule::Apart;
    });
    raises(&basis, &calm(), 6_000);
    // A gain counted as a loss that is more than the option was worth.
    let skews = changed(|profile| {
        let skews = profile.scenarios.as_slice().iter().copied();
        let skews: Vec<Scenario> = skews.skip(31).collect();
        profile.scenarios = Scenarios::new(&skews).unwrap();
        profile.skew.counting = SkewCounting::Magnitude;
        profile.skew.linear_cap = ONE;
    });
    raises(&skews, &calm(), 15_000);
    // Doubt charged on longs too.
    let unsure = Scenery {
        confidence: ONE / 10,
        ..calm()
    };
    let doubt = changed(|profile| {
        profile.contingencies.doubt_rule = scenarios_of(&PMRM).contingencies.doubt_rule;
    });
    raises(&doubt, &unsure, 6_000);
}

#[test]
fn where_together_may_need_more_a_portfolio_does() {
    let RiskProfile::ScenarioReprice(mut skews) = PMRM_2 else {
        unreachable!("a profile of scenarios");
    };
    let linear: Vec<Scenario> = skews.scenarios.as_slice()[29..30].to_vec();
    skews.scenarios = Scenarios::new(&linear).unwrap();
    skews.basis.share = 0;
    skews.basis.share_per_year = 0;
    let most_costly = |profile: &RiskProfile| {
        let strikes = || (5..30_u64).map(|hundreds| hundreds * 400);
        let pairs = strikes().flat_map(|bought| strikes().map(move |sold| (bought, sold)));
        let costs = pairs.map(|(bought, sold)| {
            let bought = option(OptionKind::Call, bought, 1);
            let sold = option(OptionKind::Put, sold, -1);
            let of = |legs: &[Leg]| initial(profile, &calm(), legs);
            of(&[bought]) + of(&[sold]) - of(&[bought, sold])
        });
        costs.max().unwrap()
    };
    // The change of either is nearly nothing, that of both a gain, because the discounts meet: and a gain counts as a loss.
    let published = RiskProfile::ScenarioReprice(skews);
    assert_eq!(published.guarantees() & TOGETHER_NO_MORE, 0);
    assert!(most_costly(&published) > UNIT);
    skews.skew.counting = SkewCounting::BothWays;
    let both_ways = RiskProfile::ScenarioReprice(skews);
    assert_ne!(both_ways.guarantees() & TOGETHER_NO_MORE, 0);
    assert!(most_costly(&both_ways) <= 1_000);
}

#[test]
fn where_steps_are_not_excluded_there_is_one() {
    for (profile, threshold) in [
        (PMRM, scenarios_of(&PMRM).contingencies.confidence_threshold),
        (
            PMRM_2,
            scenarios_of(&PMRM_2).contingencies.confidence_threshold,
        ),
        (STANDARD_STYLE, ONE / 100 * 40),
    ] {
        assert_eq!(profile.guarantees() & NO_STEPS, 0);
        let legs = [option(OptionKind::Call, 3_000, -1)];
        let at = |confidence: u64| {
            let scenery = Scenery {
                confidence,
                ..calm()
            };
            initial(&profile, &scenery, &legs)
        };
        // A billionth less of confidence costs a tenth of the notional.
        assert!(at(threshold) - at(threshold - 1_000_000_000) > 300 * UNIT);
    }
}
