//! From a portfolio repriced to its margin balances.

use crate::{
    fixed::mul_up,
    magnitude::Magnitude,
    margin::{
        MarginError, MarketData, Portfolio,
        expiry::scaled_down,
        profile::{Charge, DoubtRule, ScenarioProfile},
        repricing::Repriced,
    },
    tables::PER_WAD,
};

const ONE: u64 = crate::WAD as u64;

/// A WAD number as a factor.
fn factor(wad: u64) -> Magnitude {
    if wad == ONE {
        Magnitude::ONE
    } else {
        Magnitude::scaled(wad, 0).times(PER_WAD)
    }
}

/// Charges, WAD quote units.
#[derive(Clone, Copy)]
struct Charges {
    /// Of both margins.
    both: u128,
    /// Of initial margin besides.
    initial: u128,
}

impl Charges {
    /// Adds a charge on contracts worth `notional`. `None` on overflow.
    fn add(&mut self, notional: u128, charge: Charge) -> Option<()> {
        if notional == 0 {
            return Some(());
        }
        self.both = self
            .both
            .checked_add(mul_up(notional, charge.both.into())?)?;
        self.initial = self
            .initial
            .checked_add(mul_up(notional, charge.initial.into())?)?;
        Some(())
    }
}

impl Repriced {
    /// The worst damped change, at most zero, and the index of its move.
    #[inline(never)]
    pub(super) fn span(&self, profile: &ScenarioProfile) -> Result<(i128, u32), MarginError> {
        let mut worst = (0_i128, 0_u32);
        let scenarios = profile.scenarios.as_slice();
        let dampings = scenarios.iter().map(|scenario| scenario.damping);
        let with_basis = dampings.chain([ONE; 2]);
        for (index, (&change, damping)) in (0_u32..).zip(self.changes.iter().zip(with_basis)) {
            if change >= 0 {
                continue;
            }
            let damped = scaled_down(change, factor(damping)).ok_or(MarginError::Overflow)?;
            if damped < worst.0 {
                worst = (damped, index);
            }
        }
        Ok(worst)
    }

    /// Initial and maintenance balance without cash, rounded down.
    #[inline(never)]
    pub(super) fn balances(
        &self,
        profile: &ScenarioProfile,
        market: &MarketData,
        portfolio: &Portfolio,
        span: i128,
    ) -> Result<[i128; 2], MarginError> {
        self.try_balances(profile, market, portfolio, span)
            .ok_or(MarginError::Overflow)
    }

    fn try_balances(
        &self,
        profile: &ScenarioProfile,
        market: &MarketData,
        portfolio: &Portfolio,
        span: i128,
    ) -> Option<[i128; 2]> {
        let rules = &profile.contingencies;
        let mut charges = Charges {
            both: 0,
            initial: 0,
        };
        let worth = |contracts: u128| match contracts {
            0 => Some(0),
            _ => mul_up(contracts, self.price),
        };
        let naked = worth(self.naked)?;
        charges.add(naked, rules.naked_short)?;
        charges.add(worth(portfolio.base)?, rules.base)?;
        let linear = worth(portfolio.linear.contracts.unsigned_abs())?;
        charges.add(linear, rules.linear)?;
        if self.doubted != 0 {
            let doubted = mul_up(worth(self.doubted)?, rules.confidence_factor.into())?;
            charges.initial = charges.initial.checked_add(doubted)?;
        }
        let mut initial_factor = profile.initial_factor;
        let off_peg = rules.peg_threshold.saturating_sub(market.stable);
        if off_peg != 0 {
            let more = mul_up(off_peg.into(), rules.peg_factor.into())?;
            match rules.doubt_rule {
                DoubtRule::Published => {
                    initial_factor = initial_factor.checked_add(more.try_into().ok()?)?;
                }
                DoubtRule::NakedShorts => {
                    charges.initial = charges.initial.checked_add(mul_up(naked, more)?)?;
                }
            }
        }
        let (loss, outside) = if rules.factored {
            (span.checked_sub_unsigned(charges.both)?, 0)
        } else {
            (span, charges.both)
        };
        let balance = |by: u64| {
            scaled_down(loss, factor(by))?
                .checked_add(self.mark)?
                .checked_sub_unsigned(outside)
        };
        let maintenance = balance(profile.maintenance_factor)?;
        let initial = balance(initial_factor)?.checked_sub_unsigned(charges.initial)?;
        Some([initial, maintenance])
    }
}
