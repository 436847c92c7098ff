//! Risk profiles: listed, offered anew, waited for, withdrawn.

use alloc::vec::Vec;

use alloy_primitives::{Address, U256};
use clearing_math::margin::{
    ALL_GUARANTEES, DERIBIT_STYLE, FULL_COLLATERAL, LONGS_HARMLESS, NOVATION_DEFAULT, PMRM,
    RiskProfile, STANDARD_STYLE, ScenarioProfile, TOGETHER_NO_MORE,
};
use interfaces::{IOwnable2Step, ISeriesFactory};
use motsu::prelude::*;
use stylus_sdk::abi::Bytes;

use super::world::{NOW, World, assert_reverts, encoded};
use crate::risk_profile::{LOOSENING_DELAY, RAMP, Weights};

/// The default with one change.
fn changed(change: impl FnOnce(&mut ScenarioProfile)) -> Bytes {
    let RiskProfile::ScenarioReprice(mut profile) = NOVATION_DEFAULT else {
        panic!("the default reprices scenarios");
    };
    change(&mut profile);
    encoded(&RiskProfile::ScenarioReprice(profile))
}

fn stricter() -> Bytes {
    changed(|profile| profile.contingencies.naked_short.both += 1)
}

fn milder() -> Bytes {
    changed(|profile| profile.contingencies.naked_short.both -= 1)
}

#[motsu::test]
fn only_the_owner_lists_offers_and_withdraws() {
    let world = World::new();
    let (alice, error) = (
        world.alice,
        IOwnable2Step::OwnableUnauthorizedAccount {
            account: world.alice,
        },
    );
    let mut factory = world.factory.sender(alice);
    assert_reverts(factory.list_risk_profile(stricter()), error.clone());
    let mut factory = world.factory.sender(alice);
    assert_reverts(factory.propose_risk_profile(1, stricter()), error.clone());
    let mut factory = world.factory.sender(alice);
    assert_reverts(factory.cancel_risk_profile(1), error);
}

#[motsu::test]
fn bytes_that_are_no_profile_and_numbers_out_of_bounds_are_refused() {
    let world = World::new();
    let mut cut = encoded(&NOVATION_DEFAULT);
    cut.0.pop();
    let mut longer = encoded(&NOVATION_DEFAULT);
    longer.0.push(0);
    for bytes in [Bytes(Vec::new()), Bytes(vec![9]), cut, longer] {
        let length = U256::from(bytes.len());
        let error = ISeriesFactory::MalformedRiskProfile { length };
        let mut factory = world.factory.sender(world.owner);
        assert_reverts(factory.list_risk_profile(bytes), error);
    }
    let beyond = changed(|profile| profile.initial_factor = u64::MAX);
    let mut factory = world.factory.sender(world.owner);
    let refused = factory.list_risk_profile(beyond).motsu_unwrap_err();
    let expected = ISeriesFactory::RiskProfileOutOfBounds {
        parameter: 10,
        index: 0,
        given: U256::from(u64::MAX),
        least: U256::from(500_000_000_000_000_000_u64),
        most: U256::from(5_000_000_000_000_000_000_u64),
    };
    assert_eq!(refused, expected.into());
}

#[motsu::test]
fn an_unknown_profile_has_nothing() {
    let world = World::new();
    let error = || ISeriesFactory::UnknownRiskProfile { riskProfile: 7 };
    let factory = || world.factory.sender(world.owner);
    assert_reverts(factory().propose_risk_profile(7, stricter()), error());
    assert_reverts(factory().apply_risk_profile(7), error());
    assert_reverts(factory().cancel_risk_profile(7), error());
    assert_reverts(factory().risk_profile_versions(7), error());
    assert_reverts(factory().risk_profile_bytes(7), error());
    assert_reverts(factory().risk_profile_guarantees(7), error());
}

#[motsu::test]
fn presets_are_kept_as_they_are_given() {
    let world = World::new();
    for (id, profile) in [(2, &PMRM), (3, &FULL_COLLATERAL)] {
        let mut factory = world.factory.sender(world.owner);
        let listed = factory.list_risk_profile(encoded(profile)).motsu_unwrap();
        assert_eq!(listed, id);
        assert_eq!(factory.risk_profile_count(), id);
        let bytes = factory.risk_profile_bytes(id).motsu_unwrap();
        assert_eq!(bytes.0, encoded(profile).0);
        let (version, current, previous, ..) = factory.risk_profile_versions(id).motsu_unwrap();
        assert_eq!((version, previous), (1, Address::ZERO));
        assert_ne!(current, Address::ZERO);
    }
}

#[motsu::test]
fn a_stricter_version_takes_effect_at_once_and_only_one_ramp_runs() {
    let world = World::new();
    let now = u64::from(NOW);
    let mut factory = world.factory.sender(world.owner);
    let (_, before, ..) = factory.risk_profile_versions(1).motsu_unwrap();
    let at = factory.propose_risk_profile(1, stricter()).motsu_unwrap();
    assert_eq!(at, now);
    let (version, current, previous, start, end, pending, _) =
        factory.risk_profile_versions(1).motsu_unwrap();
    assert_eq!((version, previous), (2, before));
    assert_eq!((start, end, pending), (now, now + RAMP, Address::ZERO));
    assert_eq!(factory.risk_profile_bytes(1).motsu_unwrap().0, stricter().0);

    let weights = |now| factory.risk_profiles.getter(1).weights(now);
    let ramp = Weights {
        current,
        previous,
        ramp_start: start,
        ramp_end: end,
    };
    assert_eq!(weights(end - 1), ramp);
    let after = Weights {
        current,
        previous: Address::ZERO,
        ramp_start: 0,
        ramp_end: 0,
    };
    assert_eq!(weights(end), after);

    let again = changed(|profile| profile.contingencies.naked_short.both += 2);
    let error = ISeriesFactory::RampUnderway {
        riskProfile: 1,
        rampEnd: end,
    };
    let mut factory = world.factory.sender(world.owner);
    assert_reverts(factory.propose_risk_profile(1, again), error);
}

#[motsu::test]
fn a_milder_version_waits_and_may_be_withdrawn() {
    let world = World::new();
    let now = u64::from(NOW);
    let mut factory = world.factory.sender(world.owner);
    let nothing = || ISeriesFactory::NothingPending { riskProfile: 1 };
    assert_reverts(factory.cancel_risk_profile(1), nothing());
    let mut factory = world.factory.sender(world.owner);
    let at = factory.propose_risk_profile(1, milder()).motsu_unwrap();
    assert_eq!(at, now + LOOSENING_DELAY);
    let (version, .., pending, effective_at) = factory.risk_profile_versions(1).motsu_unwrap();
    assert_eq!((version, effective_at), (1, at));
    assert_ne!(pending, Address::ZERO);
    let early = ISeriesFactory::TooEarly {
        time: now,
        effectiveAt: at,
    };
    let mut anyone = world.factory.sender(world.alice);
    assert_reverts(anyone.apply_risk_profile(1), early);
    let mut factory = world.factory.sender(world.owner);
    factory.cancel_risk_profile(1).motsu_unwrap();
    let (.., pending, effective_at) = factory.risk_profile_versions(1).motsu_unwrap();
    assert_eq!((pending, effective_at), (Address::ZERO, 0));
    let mut anyone = world.factory.sender(world.alice);
    assert_reverts(anyone.apply_risk_profile(1), nothing());
}

#[motsu::test]
fn what_a_profile_promises_is_told_of_every_preset() {
    let world = World::new();
    let promised = |id| {
        let factory = world.factory.sender(world.alice);
        factory.risk_profile_guarantees(id).motsu_unwrap()
    };
    assert_eq!(promised(1), (ALL_GUARANTEES, ALL_GUARANTEES));
    for (id, preset, bits) in [
        (2, &DERIBIT_STYLE, ALL_GUARANTEES),
        (3, &PMRM, TOGETHER_NO_MORE),
        (4, &STANDARD_STYLE, 0),
        (5, &FULL_COLLATERAL, ALL_GUARANTEES),
    ] {
        let mut factory = world.factory.sender(world.owner);
        factory.list_risk_profile(encoded(preset)).motsu_unwrap();
        assert_eq!(promised(id), (bits, bits));
    }
}

#[motsu::test]
fn a_stricter_version_that_promises_less_waits() {
    let world = World::new();
    // A factor above one asks more of everybody, and lets a bought option raise a requirement.
    let breaking = changed(|profile| profile.initial_factor += 1);
    let mut factory = world.factory.sender(world.owner);
    let at = factory.propose_risk_profile(1, breaking).motsu_unwrap();
    assert_eq!(at, u64::from(NOW) + LOOSENING_DELAY);
    let factory = world.factory.sender(world.alice);
    let promised = factory.risk_profile_guarantees(1).motsu_unwrap();
    assert_eq!(promised, (ALL_GUARANTEES, ALL_GUARANTEES & !LONGS_HARMLESS));
}

#[motsu::test]
fn during_a_ramp_a_profile_promises_what_both_versions_do() {
    let world = World::new();
    let mut factory = world.factory.sender(world.owner);
    let breaking = changed(|profile| profile.initial_factor += 1);
    factory.list_risk_profile(breaking).motsu_unwrap();
    let mut factory = world.factory.sender(world.owner);
    factory.propose_risk_profile(2, stricter()).motsu_unwrap();
    let factory = world.factory.sender(world.owner);
    // The stricter default is milder in its factor than what it is to follow.
    let (now, next) = factory.risk_profile_guarantees(2).motsu_unwrap();
    assert_eq!(
        (now, next),
        (ALL_GUARANTEES & !LONGS_HARMLESS, ALL_GUARANTEES)
    );
    drop(factory);
    // In effect, the promise is whole again only when the ramp is over: the version before it still counts.
    let mut factory = world.factory.sender(world.owner);
    let (pending, _) = factory.risk_profiles.setter(2).take_pending(2).unwrap();
    factory.change_profile(2, pending).motsu_unwrap();
    let (now, next) = factory.risk_profile_guarantees(2).motsu_unwrap();
    assert_eq!(
        (now, next),
        (ALL_GUARANTEES & !LONGS_HARMLESS, ALL_GUARANTEES)
    );
}
