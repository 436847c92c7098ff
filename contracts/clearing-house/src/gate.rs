//! The margin gate: where every action that could add risk ends.
//!
//! An account without short legs and without debt owes nothing in any future, so it passes without a price: it can always leave, whatever
//! the oracle does. Every other account needs an initial balance at or above zero on market data that are not degraded. A trade has one
//! way more: both margin balances at least as high as before it, so that an account below its margin may reduce its risk. An account worth
//! less than nothing may moreover not lose by it: what it still has belongs to those it owes, and a trade above the mark would give it
//! to the other side while margin still improves.
//!
//! An exposed account with a leg past its expiry takes no new risk until it is settled: the engine can only value such a leg at today's
//! price, while what it pays or owes is fixed at the settlement price.

use alloy_primitives::{B256, I256, U256};
use alloy_sol_types::SolCall;
use interfaces::IClearingHouse::{
    InsufficientInitialMargin, MarketDegraded, Overflow, UnsettledExpiry,
};
use interfaces::IMarginEngine::marginCall;
use interfaces::words::{Word, Words, encode, to_u256};
use interfaces::{Revert, view_encoded};

use crate::ClearingHouse;
use crate::custody::Balances;
use crate::leg_word::{is_short, leg_expiry};
use crate::positions::pool_of;

/// What the margin engine says of a portfolio; balances in 1e18 quote.
pub(crate) struct Margin {
    pub(crate) initial: i128,
    pub(crate) maintenance: i128,
    pub(crate) mark: i128,
    pub(crate) worst_scenario: u32,
    pub(crate) degraded: bool,
}

/// Offset of the legs' length word in the arguments of `margin`.
const LEGS_AT: u32 = 4 * 32;

/// Whether degraded market data bar an action.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnDegraded {
    /// The action adds risk.
    Refuse,
    /// The action must not wait: a liquidation.
    Accept,
}

impl ClearingHouse {
    /// Margin of a portfolio; debt counts as negative cash. Errors: the engine's own, `Overflow`.
    pub(crate) fn margin_of(
        &self,
        account: U256,
        legs: &[B256],
        balances: Balances,
    ) -> Result<Margin, Revert> {
        let cash = signed(balances.cash)?
            .checked_sub(signed(self.debt_of(account))?)
            .ok_or(Overflow {})?;
        // margin(uint32 pool, bytes32[] legs, int256 cash, uint256 base): the array lies behind the four head words.
        let mut words = vec![
            pool_of(account).word(),
            LEGS_AT.word(),
            cash.word(),
            balances.base.word(),
            u128::try_from(legs.len()).map_err(|_| Overflow {})?.word(),
        ];
        words.extend_from_slice(legs);
        let request = encode(&marginCall::SELECTOR, &words);
        let answer = view_encoded(self, self.engine.get(), &request)?;
        let mut words = Words::new(&answer);
        let margin = Margin {
            initial: words.i128(),
            maintenance: words.i128(),
            mark: words.i128(),
            worst_scenario: words.u32(),
            degraded: words.bool(),
        };
        words.end()?;
        Ok(margin)
    }

    /// Margin of an account as it stands. Errors: those of [`Self::margin_of`], `Locked` during an outside call.
    pub(crate) fn margin_now(&self, account: U256) -> Result<Margin, Revert> {
        self.only_unlocked()?;
        let balances = self.balances_of(account)?;
        self.margin_of(account, &self.legs_of(account), balances)
    }

    /// Whether the account could ever owe anything: it has a short leg, or debt.
    pub(crate) fn is_exposed(&self, account: U256, legs: &[B256]) -> bool {
        legs.iter().any(is_short) || self.debt_of(account) != 0
    }

    /// The gate without the exception for trades. Errors: `InsufficientInitialMargin`, `MarketDegraded`, `UnsettledExpiry`.
    pub(crate) fn gate(
        &self,
        account: U256,
        legs: &[B256],
        balances: Balances,
        on_degraded: OnDegraded,
    ) -> Result<(), Revert> {
        if !self.is_exposed(account, legs) {
            return Ok(());
        }
        self.only_unexpired(account, legs)?;
        let margin = self.margin_of(account, legs, balances)?;
        if passes(&margin, on_degraded) {
            Ok(())
        } else {
            Err(refusal(account, &margin))
        }
    }

    /// The gate of a trade: `before` is the same account without it.
    ///
    /// Errors: `InsufficientInitialMargin`; `MarketDegraded` or `UnsettledExpiry` when only the data or an expired leg stand in the way.
    pub(crate) fn gate_trade(
        &self,
        account: U256,
        before: (&[B256], Balances),
        after: (&[B256], Balances),
    ) -> Result<(), Revert> {
        if !self.is_exposed(account, after.0) {
            return Ok(());
        }
        let ends = self.margin_of(account, after.0, after.1)?;
        let unexpired = self.only_unexpired(account, after.0);
        let passes = passes(&ends, OnDegraded::Refuse);
        if passes && unexpired.is_ok() {
            return Ok(());
        }
        let begins = self.margin_of(account, before.0, before.1)?;
        if ends.initial >= begins.initial
            && ends.maintenance >= begins.maintenance
            && ends.mark >= begins.mark.min(0)
        {
            return Ok(());
        }
        if passes {
            unexpired
        } else {
            Err(refusal(account, &ends))
        }
    }

    /// Errors: `UnsettledExpiry` for a leg past its expiry.
    pub(crate) fn only_unexpired(&self, account: U256, legs: &[B256]) -> Result<(), Revert> {
        let now = self.now();
        match legs.iter().find(|leg| u64::from(leg_expiry(leg)) <= now) {
            Some(leg) => Err(UnsettledExpiry {
                account,
                expiry: leg_expiry(leg),
            }
            .into()),
            None => Ok(()),
        }
    }
}

fn passes(margin: &Margin, on_degraded: OnDegraded) -> bool {
    margin.initial >= 0 && (on_degraded == OnDegraded::Accept || !margin.degraded)
}

fn refusal(account: U256, margin: &Margin) -> Revert {
    if margin.initial < 0 {
        InsufficientInitialMargin {
            account,
            balance: int256(margin.initial),
        }
        .into()
    } else {
        MarketDegraded {
            pool: pool_of(account),
        }
        .into()
    }
}

fn signed(assets: u128) -> Result<i128, Overflow> {
    i128::try_from(assets).map_err(|_| Overflow {})
}

/// The same number in the type of the ABI.
pub(crate) fn int256(value: i128) -> I256 {
    I256::from_raw(to_u256(value.word()))
}
