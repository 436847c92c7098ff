//! The margin engine: what a portfolio must hold.
//!
//! It decides the margin balances of a portfolio under its pool's risk profile, every leg at the volatility the live surface has at its strike: it gathers
//! pool, profile, market and volatilities, and has the profile's model calculate in a program of its own (`IMarginModel`), because surface and models
//! together are more than one program may hold. It holds nothing, changes nothing and has no owner: where pools and prices come from and who calculates is
//! fixed in the constructor, and a risk profile is data that the factory has checked. Whatever is uncertain in the market lowers the initial balance only. While a
//! profile changes, initial margin holds under both versions, and maintenance margin moves from one to the other.
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

#[cfg(test)]
mod tests;

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, I256, U256};
use clearing_math::margin::Requirement;
use interfaces::Revert;
use interfaces::words::{Word, array};
use stylus_sdk::abi::Bytes;
use stylus_sdk::prelude::*;
use stylus_sdk::storage::StorageAddress;

/// Storage of the engine; written once.
#[storage]
pub struct MarginEngine {
    /// Where pools are listed.
    series_factory: StorageAddress,
    /// Where prices come from.
    oracle_adapter: StorageAddress,
    /// Calculates profiles of scenarios.
    scenario_margin: StorageAddress,
    /// Calculates all other profiles.
    formula_margin: StorageAddress,
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
    /// Fixes where pools and prices come from, and which programs calculate.
    #[constructor]
    pub fn constructor(
        &mut self,
        series_factory: Address,
        oracle_adapter: Address,
        scenario_margin: Address,
        formula_margin: Address,
    ) -> Result<(), Revert> {
        self.series_factory.set(series_factory);
        self.oracle_adapter.set(oracle_adapter);
        self.scenario_margin.set(scenario_margin);
        self.formula_margin.set(formula_margin);
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
        Ok(answer(self.balances(pool, &legs, cash, base, None)?))
    }

    /// See `IMarginEngine.marginAt`: initial, maintenance, mark, worst scenario, degraded.
    pub fn margin_at(
        &self,
        pool: u32,
        legs: Vec<B256>,
        cash: I256,
        base: U256,
        market_data: Bytes,
    ) -> Result<(I256, I256, I256, u32, bool), Revert> {
        let market_data = Some(&market_data[..]);
        Ok(answer(self.balances(
            pool,
            &legs,
            cash,
            base,
            market_data,
        )?))
    }

    /// See `IMarginEngine.scenarioPnl`.
    pub fn scenario_pnl(
        &self,
        pool: u32,
        legs: Vec<B256>,
        base: U256,
    ) -> Result<Vec<I256>, Revert> {
        let changes = self.changes(pool, &legs, base)?;
        let mut words = array(&changes, 32)?;
        let changes = (0..words.left()).map(|_| I256::from_raw(words.u256()));
        Ok(changes.collect())
    }

    /// See `IMarginEngine.seriesFactory`.
    pub fn series_factory(&self) -> Address {
        self.series_factory.get()
    }

    /// See `IMarginEngine.models`: scenario margin, formula margin.
    pub fn models(&self) -> (Address, Address) {
        (self.scenario_margin.get(), self.formula_margin.get())
    }

    /// See `IMarginEngine.oracleAdapter`.
    pub fn oracle_adapter(&self) -> Address {
        self.oracle_adapter.get()
    }
}

/// Initial, maintenance, mark, worst scenario, degraded.
fn answer((requirement, degraded): (Requirement, bool)) -> (I256, I256, I256, u32, bool) {
    (
        signed(requirement.initial),
        signed(requirement.maintenance),
        signed(requirement.mark),
        requirement.worst_scenario,
        degraded,
    )
}

/// Sign extension to the ABI's width.
fn signed(value: i128) -> I256 {
    I256::from_be_bytes(value.word().0)
}
