//! The margin engine: what a portfolio must hold, and what an option is worth.
//!
//! It decides the margin balances of a portfolio, by repricing it in every scenario of its pool's risk profile with [`clearing_math`]. It holds
//! nothing, changes nothing and has no owner: where pools and prices come from is fixed in the constructor. Whatever is uncertain in the market
//! lowers the initial balance only.
//!
//! Legs past their expiry that are not settled yet are valued at their intrinsic at the median, so that an account stays computable.
//!
//! Its ABI and the meaning of every error is `IMarginEngine.sol`.
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

mod balances;
mod market;
mod portfolio;
mod refusal;
mod router;
mod valuation;

#[cfg(test)]
mod tests;

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, I256, U256};
use interfaces::Revert;
use interfaces::words::Word;
use stylus_sdk::prelude::*;
use stylus_sdk::storage::StorageAddress;

/// Storage of the engine; written once.
#[storage]
pub struct MarginEngine {
    /// Where pools are listed.
    series_factory: StorageAddress,
    /// Where prices come from.
    oracle_adapter: StorageAddress,
}

// SAFETY: the only storage of the contract, at slot zero.
unsafe impl TopLevelStorage for MarginEngine {}

/// Prints the ABI as Solidity.
#[cfg(feature = "export-abi")]
pub fn print_abi(license: &str, pragma: &str) {
    stylus_sdk::abi::export::print_abi::<MarginEngine>(license, pragma);
}

/// The entry points. On chain they are reached through [`router`].
#[public]
impl MarginEngine {
    /// Fixes where pools and prices come from.
    #[constructor]
    pub fn constructor(
        &mut self,
        series_factory: Address,
        oracle_adapter: Address,
    ) -> Result<(), Revert> {
        self.series_factory.set(series_factory);
        self.oracle_adapter.set(oracle_adapter);
        Ok(())
    }

    /// See `IMarginEngine.margin`: initial, maintenance, mark, worst scenario, degraded.
    pub fn margin(
        &self,
        pool: u32,
        legs: Vec<B256>,
        cash: I256,
        base: U256,
    ) -> Result<(I256, I256, I256, u32, bool), Revert> {
        let (requirement, degraded) = self.balances(pool, &legs, cash, base)?;
        Ok((
            signed(requirement.initial),
            signed(requirement.maintenance),
            signed(requirement.mark),
            requirement.worst_scenario,
            degraded,
        ))
    }

    /// See `IMarginEngine.price`: mark, delta, gamma, vega, theta.
    pub fn price(&self, series_id: U256) -> Result<(U256, I256, U256, U256, I256), Revert> {
        let value = self.value_series(series_id)?;
        Ok((
            U256::from(value.mark),
            signed(value.delta),
            U256::from(value.gamma),
            U256::from(value.vega),
            signed(value.theta),
        ))
    }

    /// See `IMarginEngine.seriesFactory`.
    pub fn series_factory(&self) -> Address {
        self.series_factory.get()
    }

    /// See `IMarginEngine.oracleAdapter`.
    pub fn oracle_adapter(&self) -> Address {
        self.oracle_adapter.get()
    }
}

/// Sign extension to the ABI's width.
fn signed(value: i128) -> I256 {
    I256::from_be_bytes(value.word().0)
}
