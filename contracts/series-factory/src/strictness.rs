//! Whether one risk profile demands at least as much as another, of every portfolio in every market.
//!
//! True only where it can be proved number by number: the same shape, every scenario of the old one at no less weight (further ones only lower the worst loss), and
//! no smaller factor, charge, discount, share or threshold. Numbers that move a scenario itself - shocks of volatility, skews, moves of the forward -
//! must be the same: a larger shock helps some portfolios. Whatever cannot be proved counts as milder, and waits.

use clearing_math::margin::{
    Charge, Discount, RiskProfile, Scenario, ScenarioProfile, StaticDiscounts,
};

/// Whether `new` is nowhere milder than `old`.
pub fn is_at_least_as_strict(new: &RiskProfile, old: &RiskProfile) -> bool {
    match (new, old) {
        (RiskProfile::ScenarioReprice(new), RiskProfile::ScenarioReprice(old)) => {
            scenario_profile(new, old)
        }
        (new, old) => new == old,
    }
}

fn scenario_profile(new: &ScenarioProfile, old: &ScenarioProfile) -> bool {
    let (n, o) = (&new.contingencies, &old.contingencies);
    let rules = new.volatility == old.volatility
        && new.skew == old.skew
        && new.basis.rule == old.basis.rule
        && (new.basis.up, new.basis.down) == (old.basis.up, old.basis.down)
        && n.naked_rule == o.naked_rule
        && n.factored == o.factored
        && n.doubt_rule == o.doubt_rule;
    let numbers = [
        (new.maintenance_factor, old.maintenance_factor),
        (new.initial_factor, old.initial_factor),
        (new.basis.share, old.basis.share),
        (new.basis.share_per_year, old.basis.share_per_year),
        (new.basis.most, old.basis.most),
        (n.confidence_threshold, o.confidence_threshold),
        (n.confidence_factor, o.confidence_factor),
        (n.peg_threshold, o.peg_threshold),
        (n.peg_factor, o.peg_factor),
    ];
    let charges = [
        (n.naked_short, o.naked_short),
        (n.base, o.base),
        (n.linear, o.linear),
    ];
    rules
        && numbers.iter().all(|(new, old)| new >= old)
        && charges.iter().all(|(new, old)| charge(new, old))
        && discounts(&new.discounts, &old.discounts)
        && old.scenarios.as_slice().iter().all(|old| {
            let mut candidates = new.scenarios.as_slice().iter();
            candidates.any(|new| scenario(new, old))
        })
}

fn scenario(new: &Scenario, old: &Scenario) -> bool {
    (new.spot, new.volatility) == (old.spot, old.volatility) && new.damping >= old.damping
}

/// Initial margin takes both parts: neither may fall, and what is shared counts for maintenance too.
fn charge(new: &Charge, old: &Charge) -> bool {
    new.both >= old.both && new.initial >= old.initial
}

fn discounts(new: &StaticDiscounts, old: &StaticDiscounts) -> bool {
    let steeper =
        |new: &Discount, old: &Discount| new.add >= old.add && new.multiple >= old.multiple;
    new.owed_at_most_undiscounted == old.owed_at_most_undiscounted
        && new.at_market_rate == old.at_market_rate
        && steeper(&new.owned, &old.owned)
        && steeper(&new.owed, &old.owed)
        && new.owned.base <= old.owned.base
        && new.owed.base >= old.owed.base
}

#[cfg(test)]
mod tests {
    use clearing_math::margin::{NOVATION_DEFAULT, Scenarios, VolatilityMove};

    use super::*;

    fn default() -> ScenarioProfile {
        match NOVATION_DEFAULT {
            RiskProfile::ScenarioReprice(profile) => profile,
            #[allow(unreachable_patterns, reason = "other models have no scenarios")]
            _ => panic!("the default reprices scenarios"),
        }
    }

    /// Whether a changed default is as strict as the default, and the default as strict as it.
    fn compare(change: impl FnOnce(&mut ScenarioProfile)) -> [bool; 2] {
        let (old, mut new) = (default(), default());
        change(&mut new);
        let [old, new] = [old, new].map(RiskProfile::ScenarioReprice);
        [
            is_at_least_as_strict(&new, &old),
            is_at_least_as_strict(&old, &new),
        ]
    }

    fn scenarios(change: impl FnOnce(&mut Vec<Scenario>)) -> Scenarios {
        let mut list = default().scenarios.as_slice().to_vec();
        change(&mut list);
        Scenarios::new(&list).unwrap()
    }

    extern crate std;
    use std::vec::Vec;

    #[test]
    fn a_profile_is_as_strict_as_itself() {
        assert_eq!(compare(|_| ()), [true, true]);
    }

    #[test]
    fn every_number_that_only_adds_margin_tightens_one_way() {
        let tighter: [fn(&mut ScenarioProfile); 14] = [
            |p| p.maintenance_factor += 1,
            |p| p.initial_factor += 1,
            |p| p.basis.share += 1,
            |p| p.basis.most += 1,
            |p| p.contingencies.naked_short.both += 1,
            |p| p.contingencies.base.initial += 1,
            |p| p.contingencies.confidence_threshold += 1,
            |p| p.contingencies.peg_factor += 1,
            |p| p.discounts.owned.add += 1,
            |p| p.discounts.owned.base -= 1,
            |p| p.discounts.owed.base += 1,
            |p| {
                p.scenarios = scenarios(|list| {
                    list.push(Scenario {
                        spot: 1 << 59,
                        ..Scenario::NONE
                    });
                });
            },
            |p| p.scenarios = scenarios(|list| list.reverse()),
            |p| {
                p.scenarios = scenarios(|list| {
                    let tail = list.iter_mut().find(|scenario| scenario.damping < 1 << 59);
                    tail.unwrap().damping += 1;
                });
            },
        ];
        for (index, change) in tighter.into_iter().enumerate() {
            let same = index == 12;
            assert_eq!(compare(change), [true, same], "{index}");
        }
    }

    #[test]
    fn what_helps_some_portfolios_is_no_tightening_either_way() {
        let other: [fn(&mut ScenarioProfile); 5] = [
            |p| p.volatility.up += 1,
            |p| p.skew.width += 1,
            |p| p.basis.up += 1,
            |p| {
                p.scenarios = scenarios(|list| {
                    list[0].spot -= 1;
                });
            },
            |p| {
                p.scenarios = scenarios(|list| {
                    list[1].volatility = VolatilityMove::Down;
                    list[2].damping -= 1;
                    list.truncate(30);
                });
            },
        ];
        for (index, change) in other.into_iter().enumerate() {
            let [tightens, loosens] = compare(change);
            assert!(!tightens, "{index}");
            assert!(!loosens || index == 4, "{index}");
        }
        // Tighter in one number, milder in another.
        let mixed = compare(|p| {
            p.initial_factor += 1;
            p.maintenance_factor -= 1;
        });
        assert_eq!(mixed, [false, false]);
    }
}
