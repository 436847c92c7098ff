//! The risk limits: how far accounts may go, and the spot at which they become liquidatable.
//!
//! Views only, nothing that money depends on. Each answer is a search over the engine's own, on market data fetched once, by the rules of the
//! kernel's margin gate. It is a program beside the risk lens, which passes these questions on to it, because searches and prices are more than one
//! program may hold.
//!
//! Its ABI and the meaning of every error is `IRiskLimits.sol`.
#![cfg_attr(not(any(test, feature = "export-abi")), no_main)]
#![cfg_attr(not(any(test, feature = "export-abi")), no_std)]
#![allow(
    missing_docs,
    clippy::missing_errors_doc,
    clippy::must_use_candidate,
    clippy::needless_pass_by_value,
    clippy::type_complexity,
    reason = "the entry points have the signatures and errors of the interface, and are documented there"
)]

#[macro_use]
extern crate alloc;

mod liquidation;
mod router;
mod search;
mod trade;
mod withdrawal;

#[cfg(test)]
mod tests;

use alloc::vec::Vec;

use alloy_primitives::{Address, FixedBytes, U256};
use interfaces::Revert;
use lens_sources::{Accounts, Markets, Neighbours, failure};
use stylus_sdk::prelude::*;
use stylus_sdk::storage::StorageAddress;

/// Storage of the limits; written once.
#[storage]
pub struct RiskLimits {
    /// Where accounts are.
    clearing_house: StorageAddress,
    /// Who answers what series are worth.
    pricer: StorageAddress,
    /// Where margins and market data are.
    neighbours: Neighbours,
}

// SAFETY: the only storage of the contract, at slot zero.
unsafe impl TopLevelStorage for RiskLimits {}

impl Markets for RiskLimits {
    fn neighbours(&self) -> &Neighbours {
        &self.neighbours
    }

    fn neighbours_mut(&mut self) -> &mut Neighbours {
        &mut self.neighbours
    }
}

impl Accounts for RiskLimits {
    fn kernel(&self) -> Address {
        self.clearing_house.get()
    }
}

/// Prints the ABI as Solidity.
#[cfg(feature = "export-abi")]
pub fn print_abi(license: &str, pragma: &str) {
    stylus_sdk::abi::export::print_abi::<RiskLimits>(license, pragma);
}

/// Failure, and how much.
type LimitAnswer = (FixedBytes<4>, U256);
/// Failure, below, above.
type CrossingAnswer = (FixedBytes<4>, U256, U256);

/// The entry points. On chain they are reached through [`router`].
#[public]
impl RiskLimits {
    /// Fixes whose accounts are looked at; where pools and prices come from is what the engine says.
    #[constructor]
    pub fn constructor(
        &mut self,
        clearing_house: Address,
        engine: Address,
        pricer: Address,
    ) -> Result<(), Revert> {
        self.connect(engine)?;
        self.clearing_house.set(clearing_house);
        self.pricer.set(pricer);
        Ok(())
    }

    /// See `IRiskLimits.maxWithdraw`.
    pub fn max_withdraw(&self, account: U256, asset: Address) -> Result<U256, Revert> {
        only(self.withdraw_each(&[account], asset)).map(U256::from)
    }

    /// See `IRiskLimits.maxTrade`.
    pub fn max_trade(&self, account: U256, series_id: U256, buys: bool) -> Result<U256, Revert> {
        only(self.trade_each(account, &[series_id], buys)).map(U256::from)
    }

    /// See `IRiskLimits.liquidationPrice`: below, above.
    pub fn liquidation_price(&self, account: U256) -> Result<(U256, U256), Revert> {
        only(self.liquidate_each(&[account])).map(|[below, above]| (below, above))
    }

    /// See `IRiskLimits.maxWithdrawOf`.
    pub fn max_withdraw_of(&self, accounts: Vec<U256>, asset: Address) -> Vec<LimitAnswer> {
        let limits = self.withdraw_each(&accounts, asset).into_iter();
        limits.map(limit).collect()
    }

    /// See `IRiskLimits.maxTradeOf`.
    pub fn max_trade_of(
        &self,
        account: U256,
        series_ids: Vec<U256>,
        buys: bool,
    ) -> Vec<LimitAnswer> {
        let limits = self.trade_each(account, &series_ids, buys).into_iter();
        limits.map(limit).collect()
    }

    /// See `IRiskLimits.liquidationPriceOf`.
    pub fn liquidation_price_of(&self, accounts: Vec<U256>) -> Vec<CrossingAnswer> {
        let crossing = |prices: Result<[U256; 2], Revert>| match prices {
            Ok([below, above]) => (FixedBytes::ZERO, below, above),
            Err(error) => (selector(&error), U256::ZERO, U256::ZERO),
        };
        let prices = self.liquidate_each(&accounts).into_iter();
        prices.map(crossing).collect()
    }

    /// See `IRiskLimits.clearingHouse`.
    pub fn clearing_house(&self) -> Address {
        self.clearing_house.get()
    }

    /// See `IRiskLimits.engine`.
    pub fn engine(&self) -> Address {
        self.neighbours.engine()
    }

    /// See `IRiskLimits.pricer`.
    pub fn pricer(&self) -> Address {
        self.pricer.get()
    }
}

/// The answer of a batch of one.
fn only<T>(mut answers: Vec<Result<T, Revert>>) -> Result<T, Revert> {
    answers.pop().ok_or_else(Revert::empty)?
}

fn limit(limit: Result<u128, Revert>) -> LimitAnswer {
    match limit {
        Ok(limit) => (FixedBytes::ZERO, U256::from(limit)),
        Err(error) => (selector(&error), U256::ZERO),
    }
}

fn selector(error: &Revert) -> FixedBytes<4> {
    let [a, b, c, d, ..] = failure(error).0;
    FixedBytes([a, b, c, d])
}
