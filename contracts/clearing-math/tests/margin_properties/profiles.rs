//! Profiles the properties are asked of, and what rounding may hide.

use clearing_math::{
    leg::Leg,
    margin::{
        DERIBIT_STYLE, DoubtRule, FULL_COLLATERAL, NOVATION_DEFAULT, PMRM, PMRM_2, RiskProfile,
        STANDARD_STYLE, ScenarioProfile, SkewCounting, rounding_bound,
    },
};
use proptest::prelude::*;

use crate::{
    portfolio::{ONE, Scenery, UNIT, gross, percentages},
    random::Random,
};

pub const PRESETS: [RiskProfile; 6] = [
    NOVATION_DEFAULT,
    DERIBIT_STYLE,
    PMRM,
    STANDARD_STYLE,
    FULL_COLLATERAL,
    PMRM_2,
];

/// Whether a profile is of scenarios.
pub fn reprices(profile: &RiskProfile) -> bool {
    matches!(profile, RiskProfile::ScenarioReprice(_))
}

/// Scenarios, shocks, skews, discounts, charges and rules at random, within bounds.
pub fn random_scenarios() -> impl Strategy<Value = ScenarioProfile> {
    any::<u64>().prop_map(|seed| {
        let RiskProfile::ScenarioReprice(profile) = Random::new(seed).profile() else {
            unreachable!("profiles of scenarios");
        };
        profile
    })
}

/// One of those, with the rules that promises about long options and of no steps need.
fn promising() -> impl Strategy<Value = ScenarioProfile> {
    (random_scenarios(), 0..=ONE / 2, 0..=ONE / 2).prop_map(|(mut profile, less, lesser)| {
        profile.initial_factor = ONE - less;
        profile.maintenance_factor = profile.initial_factor.min(ONE - lesser);
        profile.basis.most = profile.basis.most.min(1_000_000_000_000);
        profile.skew.counting = SkewCounting::BothWays;
        profile.contingencies.doubt_rule = DoubtRule::NakedShorts;
        profile
    })
}

/// All presets, two random profiles of scenarios - one of them with the rules that promises need - and random percentages.
pub fn profiles() -> impl Strategy<Value = Vec<RiskProfile>> {
    (random_scenarios(), promising(), percentages()).prop_map(|(random, promising, percentages)| {
        let random = [
            RiskProfile::ScenarioReprice(random),
            RiskProfile::ScenarioReprice(promising),
            RiskProfile::Percentages(percentages),
        ];
        let all = [&PRESETS[..], &random].concat();
        assert!(all.iter().all(|profile| profile.validate() == Ok(())));
        all
    })
}

/// Those of them that promise `guarantee`: without it nothing is asked.
pub fn promising_profiles(guarantee: u8) -> impl Strategy<Value = Vec<RiskProfile>> {
    profiles().prop_map(move |mut profiles| {
        profiles.retain(|profile| profile.guarantees() & guarantee != 0);
        // Three presets at least, and one random profile.
        assert!(profiles.len() >= 4, "{}", profiles.len());
        profiles
    })
}

/// What rounding may take off a balance: what the crate says, skews to 2^-48, doubted contracts to 1e-18 of one an expiry; each times a
/// factor of at most two.
pub fn bound(scenery: &Scenery, legs: &[Leg], base: u128) -> i128 {
    let gross = gross(scenery, legs, base);
    let of_doubt = 8 * (scenery.high / UNIT as u128 + 1);
    (2 * (rounding_bound(legs.len(), gross) + (gross >> 48) + of_doubt)) as i128
}

pub fn units() -> impl Strategy<Value = u128> {
    prop_oneof![Just(0), 0..1_000_000_u128].prop_map(|milli| milli * UNIT as u128 / 1_000)
}
