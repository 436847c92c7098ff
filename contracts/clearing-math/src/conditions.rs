//! The market as the contracts exchange it, and what a margin call takes from it: a forward for every expiry, a volatility for every leg.
//!
//! The oracle adapter answers prices, and per expiry carry, rate and the publishers' smiles. `F = mid·e^(carry·T)`; the volatility of a leg is
//! the median over the publishers of each one's volatility at the leg's strike ([`crate::surface`]). Engine, lens and native tools all
//! come through here, so they agree to the last digit.

use crate::{
    fixed::mul_div_floor,
    leg::Leg,
    margin::{self, MarginError, Requirement, Term},
    payoff::strike_to_wad,
    surface::{self, SmilePair},
};

/// What the market says of one expiry.
#[derive(Clone, Copy, Debug)]
pub struct QuotedTerm<'a> {
    /// Unix seconds, after now.
    pub expiry: u32,
    /// Growth of the forward per year, WAD: `F = mid·e^(carry·T)`.
    pub carry: i64,
    /// Interest per year, WAD: a unit of quote at expiry is worth `e^(−rate·T)`.
    pub rate: i64,
    /// How sure its publishers are, WAD.
    pub confidence: u64,
    /// Zero while the volatility is fresh; else initial margin must hold at this volatility too, WAD.
    pub volatility_ceiling: u64,
    /// The neighbouring smiles of every publisher that counts; none: there is no volatility.
    pub smiles: &'a [SmilePair],
}

impl QuotedTerm<'_> {
    /// What the model is told of the expiry. Errors: [`MarginError::Overflow`].
    pub fn term(&self, mid: u128, now: u64) -> Result<Term, MarginError> {
        let seconds = u64::from(self.expiry).saturating_sub(now);
        Ok(Term {
            expiry: self.expiry,
            forward: margin::forward(mid, self.carry, seconds)?,
            fixed: 0,
            rate: self.rate,
            confidence: self.confidence,
        })
    }

    /// Volatility at a strike of the series' scale (1e-8), WAD; zero when no publisher has one.
    #[must_use]
    pub fn volatility(&self, forward: u128, strike: u64) -> u64 {
        surface::volatility(self.smiles, forward, strike_to_wad(strike)).unwrap_or(0)
    }
}

/// Writes the volatility of every leg, and its ceiling; zero for legs past their expiry, which need none, and for those whose expiry has none.
/// `terms` are those of `quoted`, in the same order; `volatilities` and `ceilings` as long as `legs`. Returns whether there is any ceiling.
pub fn volatilities(
    quoted: &[QuotedTerm],
    terms: &[Term],
    legs: &[Leg],
    now: u64,
    volatilities: &mut [u64],
    ceilings: &mut [u64],
) -> bool {
    let mut any_ceiling = false;
    let outputs = volatilities.iter_mut().zip(ceilings);
    for (leg, (volatility, ceiling)) in legs.iter().zip(outputs) {
        let known = quoted.iter().zip(terms);
        let known = known
            .filter(|_| u64::from(leg.expiry) > now)
            .find(|(quoted, _)| quoted.expiry == leg.expiry);
        (*volatility, *ceiling) = known.map_or((0, 0), |(quoted, term)| {
            let volatility = quoted.volatility(term.forward, leg.strike);
            (volatility, quoted.volatility_ceiling)
        });
        any_ceiling |= *ceiling != 0;
    }
    any_ceiling
}

/// How far maintenance margin is on its way from one version of a risk profile to the next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ramp {
    /// Unix seconds.
    pub start: u64,
    /// Unix seconds, after `start`.
    pub end: u64,
}

impl Ramp {
    /// What holds at `now` between `old` and `new`: maintenance `(1 − λ)·old + λ·new`, rounded down, with λ growing in a straight line from 0
    /// at the start to 1 at the end; the lower of the two initial balances, at once. `None` when the difference does not fit.
    #[must_use]
    pub fn between(&self, old: &Requirement, new: &Requirement, now: u64) -> Option<Requirement> {
        let length = self
            .end
            .checked_sub(self.start)
            .filter(|length| *length > 0)?;
        let passed = now.saturating_sub(self.start).min(length);
        let change = new.maintenance.checked_sub(old.maintenance)?;
        let moved = mul_div_floor(change, u128::from(passed), u128::from(length))?;
        Some(Requirement {
            initial: old.initial.min(new.initial),
            maintenance: old.maintenance.checked_add(moved)?,
            mark: new.mark,
            worst_scenario: new.worst_scenario,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn requirement(initial: i128, maintenance: i128) -> Requirement {
        Requirement {
            initial,
            maintenance,
            mark: 7,
            worst_scenario: 3,
        }
    }

    #[test]
    fn maintenance_moves_in_a_straight_line_and_initial_at_once() {
        let ramp = Ramp {
            start: 1_000,
            end: 1_010,
        };
        let (old, new) = (requirement(-50, -10), requirement(-80, -31));
        let at = |now| ramp.between(&old, &new, now).map(|blend| blend.maintenance);
        assert_eq!(at(0), Some(-10));
        assert_eq!(at(1_000), Some(-10));
        // −10 − 21·0.3 = −16.3, rounded down.
        assert_eq!(at(1_003), Some(-17));
        assert_eq!(at(1_010), Some(-31));
        assert_eq!(at(u64::MAX), Some(-31));
        for (from, to) in [(&old, &new), (&new, &old)] {
            let blend = ramp.between(from, to, 1_005).map(|blend| blend.initial);
            assert_eq!(blend, Some(-80));
        }
    }

    #[test]
    fn a_ramp_without_length_and_balances_too_far_apart_have_no_blend() {
        let (old, new) = (requirement(0, i128::MIN), requirement(0, i128::MAX));
        let none = Ramp { start: 5, end: 5 };
        assert_eq!(none.between(&old, &old, 5), None);
        let ramp = Ramp { start: 5, end: 6 };
        assert_eq!(ramp.between(&old, &new, 5), None);
    }
}
