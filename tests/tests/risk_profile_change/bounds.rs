//! F-40 for risk profiles: every kind of number at its bound is taken, one past it is refused by name.

use anyhow::ensure;
use clearing_math::margin::{Scenario, ScenarioProfile, Scenarios};
use end_to_end::on_the_local_node;
use novation::bindings::ISeriesFactory::RiskProfileOutOfBounds;

use super::{default_with, factory, offer, propose, versions};

const ONE: u64 = 1_000_000_000_000_000_000;
/// One, in 1e-12.
const PICO: u64 = 1_000_000_000_000;

/// A number of a profile with one of its bounds.
struct Bound {
    /// As the error names it.
    parameter: u8,
    index: u32,
    /// The least and the most.
    least: u64,
    most: u64,
    /// Sets it.
    set: fn(&mut ScenarioProfile, u64),
}

fn scenario(profile: &mut ScenarioProfile, change: impl FnOnce(&mut Scenario)) {
    let mut list = profile.scenarios.as_slice().to_vec();
    if let Some(last) = list.last_mut() {
        change(last);
    }
    if let Some(changed) = Scenarios::new(&list) {
        profile.scenarios = changed;
    }
}

const BOUNDS: [Bound; 13] = [
    Bound {
        parameter: 1,
        index: 32,
        least: ONE / 10,
        most: 10 * ONE,
        set: |profile, value| scenario(profile, |last| last.spot = value),
    },
    Bound {
        parameter: 2,
        index: 32,
        least: 1,
        most: ONE,
        set: |profile, value| scenario(profile, |last| last.damping = value),
    },
    Bound {
        parameter: 3,
        index: 0,
        least: 0,
        most: 2 * ONE,
        set: |profile, value| profile.volatility.up = value,
    },
    Bound {
        parameter: 3,
        index: 5,
        least: 1,
        most: 30 * 86_400,
        set: |profile, value| profile.volatility.shortest = value,
    },
    Bound {
        parameter: 4,
        index: 4,
        least: ONE / 1_000,
        most: 10 * ONE,
        set: |profile, value| profile.skew.least_width = value,
    },
    Bound {
        parameter: 5,
        index: 0,
        least: ONE / 10,
        most: ONE,
        set: |profile, value| profile.discounts.owned.base = value,
    },
    Bound {
        parameter: 5,
        index: 3,
        least: ONE,
        most: 5 * ONE,
        set: |profile, value| profile.discounts.owed.base = value,
    },
    Bound {
        parameter: 6,
        index: 0,
        least: ONE,
        most: 2 * ONE,
        set: |profile, value| profile.basis.up = value,
    },
    Bound {
        parameter: 6,
        index: 2,
        least: 0,
        most: 5 * PICO,
        set: |profile, value| profile.basis.share = value,
    },
    Bound {
        parameter: 7,
        index: 0,
        least: 0,
        most: ONE,
        set: |profile, value| profile.contingencies.naked_short.both = value,
    },
    Bound {
        parameter: 8,
        index: 3,
        least: 0,
        most: 10 * ONE,
        set: |profile, value| profile.contingencies.peg_factor = value,
    },
    // Never above the initial factor, which the default has at one.
    Bound {
        parameter: 9,
        index: 0,
        least: ONE / 2,
        most: ONE,
        set: |profile, value| profile.maintenance_factor = value,
    },
    Bound {
        parameter: 10,
        index: 0,
        least: ONE / 2,
        most: 5 * ONE,
        set: |profile, value| {
            profile.initial_factor = value;
            profile.maintenance_factor = profile.maintenance_factor.min(value);
        },
    },
];

#[test]
fn f_40_a_number_of_a_profile_at_its_bound_is_taken_and_one_past_it_is_refused() {
    on_the_local_node(async |stage| {
        let (at, owner) = (factory(stage), &stage.owner);
        for bound in &BOUNDS {
            let (least, most) = (bound.least, bound.most);
            for given in [least.checked_sub(1), most.checked_add(1)] {
                let Some(given) = given else {
                    continue;
                };
                let profile = default_with(|profile| (bound.set)(profile, given))?;
                let error: RiskProfileOutOfBounds =
                    stage.reverts_with(owner, at, &offer(&profile)).await?;
                let named = (error.parameter, error.index);
                ensure!(named == (bound.parameter, bound.index), "{named:?}");
                let numbers = [error.given, error.least, error.most];
                let expected = [given, least, most].map(alloy::primitives::U256::from);
                ensure!(numbers == expected, "{named:?}: {numbers:?} {expected:?}");
            }
            for given in [least, most] {
                // Each from the version of the opening: one that takes effect at once would start a ramp.
                let opening = stage.protocol.chain().snapshot().await?;
                let profile = default_with(|profile| (bound.set)(profile, given))?;
                propose(stage, &profile).await?;
                let stored = versions(stage).await?;
                ensure!(
                    stored.version == 2 || !stored.pending.is_zero(),
                    "neither in effect nor waiting"
                );
                stage.protocol.chain().go_back(opening).await?;
            }
        }
        Ok(())
    });
}
