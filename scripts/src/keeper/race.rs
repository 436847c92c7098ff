//! Races a keeper loses: a transaction that would have gone through when it was sent, and was refused in its block.
//!
//! One is no fault: the next step reads the state anew and tries again. The same one lost over and over is something else that looks like a
//! race, and a person should look at it.

use std::collections::BTreeMap;

use super::Action;

/// Losses of the same race in a row that are still bad luck.
const MOST_IN_A_ROW: u32 = 3;

/// How often what was lost in the last step has been lost, by what was tried.
#[derive(Debug, Default)]
pub(super) struct Races {
    lost: BTreeMap<String, u32>,
}

impl Races {
    /// Numbers the races lost in a step; whatever was not lost in it begins anew. One lost too often in a row becomes a failure.
    pub(super) fn count(&mut self, actions: &mut [Action]) {
        let before = std::mem::take(&mut self.lost);
        for action in actions {
            let Action::RaceLost {
                what,
                error,
                in_a_row,
            } = action
            else {
                continue;
            };
            *in_a_row = before.get(what).copied().unwrap_or(0).saturating_add(1);
            self.lost.insert(what.clone(), *in_a_row);
            if *in_a_row > MOST_IN_A_ROW {
                *action = Action::Failed {
                    what: what.clone(),
                    error: format!("{in_a_row} races lost in a row: {error}"),
                };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::errors::{ChainError, Revert};

    fn overtaken(what: &str) -> Action {
        let error = ChainError::Overtaken {
            action: "bid",
            revert: Revert(alloy::primitives::Bytes::new()),
        };
        Action::refused(what, &error)
    }

    fn step(races: &mut Races, what: &str) -> Action {
        let mut actions = [overtaken(what)];
        races.count(&mut actions);
        let [action] = actions;
        action
    }

    #[test]
    fn a_race_is_numbered_and_too_many_in_a_row_are_a_failure() {
        let mut races = Races::default();
        for time in 1..=MOST_IN_A_ROW {
            let action = step(&mut races, "a bid");
            assert!(
                matches!(action, Action::RaceLost { in_a_row, .. } if in_a_row == time),
                "{action}"
            );
            assert!(!action.is_failure());
        }
        assert!(step(&mut races, "a bid").is_failure());
    }

    #[test]
    fn a_step_without_it_begins_anew_and_another_one_is_another() {
        let mut races = Races::default();
        step(&mut races, "a bid");
        races.count(&mut []);
        for what in ["a bid", "another bid"] {
            let action = step(&mut races, what);
            assert!(
                matches!(action, Action::RaceLost { in_a_row: 1, .. }),
                "{action}"
            );
        }
    }

    #[test]
    fn what_is_refused_in_its_trial_is_no_race() {
        let error = ChainError::Reverted {
            action: "bid",
            revert: Revert(alloy::primitives::Bytes::new()),
        };
        assert!(Action::refused("a bid", &error).is_failure());
    }
}
