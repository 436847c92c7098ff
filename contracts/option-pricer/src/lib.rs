//! The option pricer: what series and portfolios are worth on the live surface, and how that moves with spot, volatility, time and rate.
//!
//! Views only, nothing that money depends on. Every number is that of [`clearing_math`] on the adapter's market data. It is a program beside the risk lens, which
//! passes its pricing questions on to it, because pricing on the surface fills one program.
//!
//! Its ABI and the meaning of every error is `IOptionPricer.sol`.
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

mod refusal;
mod router;
mod series;
mod sources;

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, I256, U256};
use alloy_sol_types::SolCall;
use interfaces::words::Word;
use interfaces::{IMarginEngine, Revert};
use stylus_sdk::prelude::*;
use stylus_sdk::storage::StorageAddress;

/// Storage of the lens; written once.
#[storage]
pub struct OptionPricer {
    /// Whose factory and adapter are asked.
    engine: StorageAddress,
    /// Where pools are listed: the engine's.
    factory: StorageAddress,
    /// Where market data come from: the engine's.
    adapter: StorageAddress,
}

// SAFETY: the only storage of the contract, at slot zero.
unsafe impl TopLevelStorage for OptionPricer {}

/// Prints the ABI as Solidity.
#[cfg(feature = "export-abi")]
pub fn print_abi(license: &str, pragma: &str) {
    stylus_sdk::abi::export::print_abi::<OptionPricer>(license, pragma);
}

/// Expiry, value, delta, gamma, vega, theta, rho, vanna, volga.
type RiskAnswer = (u32, I256, I256, I256, I256, I256, I256, I256, I256);
/// The entry points. On chain they are reached through [`router`].
#[public]
impl OptionPricer {
    /// Where pools and prices come from is what the engine says.
    #[constructor]
    pub fn constructor(&mut self, engine: Address) -> Result<(), Revert> {
        let factory = self.ask_address(engine, IMarginEngine::seriesFactoryCall::SELECTOR)?;
        let adapter = self.ask_address(engine, IMarginEngine::oracleAdapterCall::SELECTOR)?;
        self.engine.set(engine);
        self.factory.set(factory);
        self.adapter.set(adapter);
        Ok(())
    }

    /// See `IOptionPricer.price`: mark, delta, gamma, vega, theta, rho.
    pub fn price(&self, series_id: U256) -> Result<(U256, I256, U256, U256, I256, I256), Revert> {
        let one = self.price_series(series_id)?.quotation;
        // None of the three is negative for one contract.
        Ok((
            U256::from(one.value.unsigned_abs()),
            signed(one.delta),
            U256::from(one.gamma.unsigned_abs()),
            U256::from(one.vega.unsigned_abs()),
            signed(one.theta),
            signed(one.rho),
        ))
    }

    /// See `IOptionPricer.greeks`: delta, gamma, vega, theta, rho, vanna, volga, volatility, forward.
    pub fn greeks(
        &self,
        series_id: U256,
    ) -> Result<(I256, I256, I256, I256, I256, I256, I256, U256, U256), Revert> {
        let priced = self.price_series(series_id)?;
        let one = priced.quotation;
        Ok((
            signed(one.delta),
            signed(one.gamma),
            signed(one.vega),
            signed(one.theta),
            signed(one.rho),
            signed(one.vanna),
            signed(one.volga),
            U256::from(priced.terms.volatility),
            U256::from(priced.forward),
        ))
    }

    /// See `IOptionPricer.pricedFrom`: forward, discount, volatility.
    pub fn priced_from(&self, series_id: U256) -> Result<(U256, U256, U256), Revert> {
        let [forward, discount, volatility] = self.inputs(series_id)?.map(U256::from);
        Ok((forward, discount, volatility))
    }

    /// See `IOptionPricer.riskOf`.
    pub fn risk_of(
        &self,
        pool: u32,
        legs: Vec<B256>,
    ) -> Result<(Vec<RiskAnswer>, RiskAnswer), Revert> {
        let (expiries, total) = self.risk(pool, &legs)?;
        Ok((
            expiries.iter().map(series::ExpiryRisk::answer).collect(),
            total.answer(),
        ))
    }

    /// See `IOptionPricer.engine`.
    pub fn engine(&self) -> Address {
        self.engine.get()
    }
}

/// Sign extension to the ABI's width.
fn signed(value: i128) -> I256 {
    I256::from_be_bytes(value.word().0)
}
