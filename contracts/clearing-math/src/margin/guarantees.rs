//! What a risk profile promises to whoever is margined by it, beyond what every profile within its bounds does.
//!
//! Every profile: maintenance margin never asks for more than initial margin; doubt about the market raises initial margin only;
//! order and splitting of legs do not matter (where doubt is charged on gross contracts, opposite legs of one series count both; the
//! engine takes a series once); requirements are continuous in time, spot and volatility. What is said here depends on
//! the numbers and rules of the profile. Each promise is a condition that is sufficient, argued at its line; profiles that fail it may
//! have the property by luck.
//!
//! | preset | [`LONGS_HARMLESS`] | [`TOGETHER_NO_MORE`] | [`NO_STEPS`] |
//! |---|---|---|---|
//! | [`NOVATION_DEFAULT`](super::NOVATION_DEFAULT) | yes | yes | yes |
//! | [`DERIBIT_STYLE`](super::DERIBIT_STYLE) | yes | yes | yes |
//! | [`FULL_COLLATERAL`](super::FULL_COLLATERAL) | yes | yes | yes |
//! | [`PMRM`](super::PMRM) | no: factor of 1.3 on a loss, doubt about longs | yes | no |
//! | [`PMRM_2`](super::PMRM_2) | no: skews and doubt count against longs | no: skews count `−|change|` of discounted values | no |
//! | [`STANDARD_STYLE`](super::STANDARD_STYLE) | no: calls sold beyond those held | no: the better of two measures counts | no |

use crate::margin::profile::{
    Discount, DoubtRule, RiskProfile, ScenarioProfile, SkewCounting, VolatilityMove,
};

const ONE: u64 = crate::WAD as u64;
/// One, in 1e-12.
const PICO: u64 = 1_000_000_000_000;

/// Buying an option, for nothing, never raises a requirement.
pub const LONGS_HARMLESS: u8 = 1;
/// Two portfolios together never need more than both apart.
pub const TOGETHER_NO_MORE: u8 = 2;
/// No requirement jumps where confidence or the price of the settlement asset crosses a threshold.
pub const NO_STEPS: u8 = 4;
/// All of them.
pub const ALL_GUARANTEES: u8 = LONGS_HARMLESS | TOGETHER_NO_MORE | NO_STEPS;

impl RiskProfile {
    /// What the profile promises: bits of [`LONGS_HARMLESS`], [`TOGETHER_NO_MORE`] and [`NO_STEPS`].
    #[must_use]
    pub fn guarantees(&self) -> u8 {
        match self {
            Self::ScenarioReprice(profile) => profile.guarantees(),
            // See its module: two counterexamples, and doubt that counts from a threshold on.
            Self::Percentages(_) => 0,
            // Nothing but payoffs enters.
            Self::MaximumLoss => ALL_GUARANTEES,
        }
    }
}

impl ScenarioProfile {
    /// [`RiskProfile::guarantees`].
    #[must_use]
    pub fn guarantees(&self) -> u8 {
        let bit = |bit: u8, holds: bool| if holds { bit } else { 0 };
        bit(LONGS_HARMLESS, self.keeps_longs_harmless())
            | bit(TOGETHER_NO_MORE, self.adds_up_to_no_more())
            | bit(
                NO_STEPS,
                self.contingencies.doubt_rule == DoubtRule::NakedShorts,
            )
    }

    /// Whether a long option never raises a requirement: no scenario takes more from it than it is worth, and no charge counts it.
    ///
    /// A long worth `v` is worth at least nothing in a scenario, so a change falls by at most `v`, times a damping, share and
    /// factor of at most one, while the mark rises by `v`. As published, a skew counts `−|change|`, which a long may widen, and doubt is
    /// charged on longs.
    #[must_use]
    pub fn keeps_longs_harmless(&self) -> bool {
        self.initial_factor <= ONE
            && self.basis.most <= PICO
            && (!self.is_skewed() || self.skew.counting == SkewCounting::BothWays)
            && self.contingencies.doubt_rule == DoubtRule::NakedShorts
    }

    /// Whether two portfolios together never need more than apart: every part of a balance is a concave function of the contracts.
    ///
    /// Values are linear, discounts (less of what is owned, more of what is owed), the lesser of two changes, the worst of all and charges on net
    /// shorts concave. `−|change|` is concave only of a change that is linear, without discounts.
    fn adds_up_to_no_more(&self) -> bool {
        !self.is_skewed()
            || self.skew.counting == SkewCounting::BothWays
            || (self.discounts.owned == Discount::NONE && self.discounts.owed == Discount::NONE)
    }

    /// Whether some scenario skews volatility.
    fn is_skewed(&self) -> bool {
        let mut scenarios = self.scenarios.as_slice().iter();
        scenarios.any(|scenario| scenario.volatility >= VolatilityMove::LinearSkew)
    }
}
