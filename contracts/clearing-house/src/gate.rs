//! The margin gate: where every action that could add risk ends.
//!
//! An account without short legs and without debt owes nothing in any future, so it passes without a price: it can always leave, whatever
//! the oracle does. Every other account needs an initial balance at or above zero on market data that are not degraded. A trade has one
//! way more: both margin balances at least as high as before it, so that an account below its margin may reduce its risk.

use alloc::vec::Vec;

use alloy_primitives::{B256, I256, U256};
use interfaces::IClearingHouse::{InsufficientInitialMargin, MarketDegraded, Overflow};
use interfaces::{IMarginEngine, Revert, view};

use crate::ClearingHouse;
use crate::custody::Balances;
use crate::leg_word::is_short;
use crate::positions::pool_of;

/// What the margin engine says of a portfolio; balances in 1e18 quote.
pub(crate) type Margin = IMarginEngine::marginReturn;

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
        legs: Vec<B256>,
        balances: Balances,
    ) -> Result<Margin, Revert> {
        let cash = signed(balances.cash)?
            .checked_sub(signed(U256::from(self.debt_of(account)))?)
            .ok_or(Overflow {})?;
        view(
            self,
            self.engine.get(),
            &IMarginEngine::marginCall {
                pool: pool_of(account),
                legs,
                cash,
                base: balances.base,
            },
        )
    }

    /// Whether the account could ever owe anything: it has a short leg, or debt.
    pub(crate) fn is_exposed(&self, account: U256, legs: &[B256]) -> bool {
        legs.iter().any(is_short) || self.debt_of(account) != 0
    }

    /// The gate without the exception for trades. Errors: `InsufficientInitialMargin`, `MarketDegraded`.
    pub(crate) fn gate(
        &self,
        account: U256,
        legs: Vec<B256>,
        balances: Balances,
        on_degraded: OnDegraded,
    ) -> Result<(), Revert> {
        if !self.is_exposed(account, &legs) {
            return Ok(());
        }
        let margin = self.margin_of(account, legs, balances)?;
        if passes(&margin, on_degraded) { Ok(()) } else { Err(refusal(account, &margin)) }
    }

    /// The gate of a trade: `before` is the same account without it.
    ///
    /// Errors: `InsufficientInitialMargin`, or `MarketDegraded` when only the data stand in the way.
    pub(crate) fn gate_trade(
        &self,
        account: U256,
        before: (Vec<B256>, Balances),
        after: (Vec<B256>, Balances),
    ) -> Result<(), Revert> {
        if !self.is_exposed(account, &after.0) {
            return Ok(());
        }
        let ends = self.margin_of(account, after.0, after.1)?;
        if passes(&ends, OnDegraded::Refuse) {
            return Ok(());
        }
        let begins = self.margin_of(account, before.0, before.1)?;
        if ends.initial >= begins.initial && ends.maintenance >= begins.maintenance {
            return Ok(());
        }
        Err(refusal(account, &ends))
    }
}

fn passes(margin: &Margin, on_degraded: OnDegraded) -> bool {
    !margin.initial.is_negative() && (on_degraded == OnDegraded::Accept || !margin.degraded)
}

fn refusal(account: U256, margin: &Margin) -> Revert {
    if margin.initial.is_negative() {
        InsufficientInitialMargin {
            account,
            balance: margin.initial,
        }
        .into()
    } else {
        MarketDegraded {
            pool: pool_of(account),
        }
        .into()
    }
}

fn signed(assets: U256) -> Result<I256, Overflow> {
    I256::try_from(assets).map_err(|_| Overflow {})
}
