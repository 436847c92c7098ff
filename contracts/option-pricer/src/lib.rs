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

mod market;
mod risk;
mod router;
mod series;

#[cfg(test)]
mod tests;

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, FixedBytes, I256, U256};
use interfaces::Revert;
use interfaces::words::to_u256;
use lens_sources::{Markets, Neighbours, failure};
use stylus_sdk::prelude::*;

use crate::risk::ExpiryRisk;
use crate::series::NUMBERS;

/// Storage of the pricer; written once.
#[storage]
pub struct OptionPricer {
    /// Whose factory and adapter are asked.
    neighbours: Neighbours,
}

// SAFETY: the only storage of the contract, at slot zero.
unsafe impl TopLevelStorage for OptionPricer {}

impl Markets for OptionPricer {
    fn neighbours(&self) -> &Neighbours {
        &self.neighbours
    }

    fn neighbours_mut(&mut self) -> &mut Neighbours {
        &mut self.neighbours
    }
}

/// Prints the ABI as Solidity.
#[cfg(feature = "export-abi")]
pub fn print_abi(license: &str, pragma: &str) {
    stylus_sdk::abi::export::print_abi::<OptionPricer>(license, pragma);
}

/// Expiry, value, delta, gamma, vega, theta, rho, vanna, volga.
type RiskAnswer = (u32, I256, I256, I256, I256, I256, I256, I256, I256);
/// Failure, mark, delta, gamma, vega, theta, rho, vanna, volga, volatility, forward, discount.
type PricedAnswer = (
    FixedBytes<4>,
    U256,
    I256,
    U256,
    U256,
    I256,
    I256,
    I256,
    I256,
    U256,
    U256,
    U256,
);

/// The entry points. On chain they are reached through [`router`].
#[public]
impl OptionPricer {
    /// Where pools and prices come from is what the engine says.
    #[constructor]
    pub fn constructor(&mut self, engine: Address) -> Result<(), Revert> {
        self.connect(engine)
    }

    /// See `IOptionPricer.price`: mark, delta, gamma, vega, theta, rho.
    pub fn price(&self, series_id: U256) -> Result<(U256, I256, U256, U256, I256, I256), Revert> {
        let one = priced_answer(FixedBytes::ZERO, &self.price_one(series_id)?);
        Ok((one.1, one.2, one.3, one.4, one.5, one.6))
    }

    /// See `IOptionPricer.greeks`: delta, gamma, vega, theta, rho, vanna, volga, volatility, forward.
    pub fn greeks(
        &self,
        series_id: U256,
    ) -> Result<(I256, I256, I256, I256, I256, I256, I256, U256, U256), Revert> {
        let one = priced_answer(FixedBytes::ZERO, &self.price_one(series_id)?);
        let [gamma, vega] = [one.3, one.4].map(I256::from_raw);
        Ok((
            one.2, gamma, vega, one.5, one.6, one.7, one.8, one.9, one.10,
        ))
    }

    /// See `IOptionPricer.pricesOf`.
    pub fn prices_of(&self, series_ids: Vec<U256>) -> Vec<PricedAnswer> {
        let answer = |one: Result<market::Priced, Revert>| match one {
            Ok(one) => priced_answer(FixedBytes::ZERO, &one.words()),
            Err(error) => {
                let [a, b, c, d, ..] = failure(&error).0;
                priced_answer(FixedBytes([a, b, c, d]), &[B256::ZERO; NUMBERS])
            }
        };
        self.price_each(&series_ids)
            .into_iter()
            .map(answer)
            .collect()
    }

    /// See `IOptionPricer.pricedFrom`: forward, discount, volatility.
    pub fn priced_from(&self, series_id: U256) -> Result<(U256, U256, U256), Revert> {
        let one = priced_answer(FixedBytes::ZERO, &self.price_one(series_id)?);
        Ok((one.10, one.11, one.9))
    }

    /// See `IOptionPricer.riskOf`.
    pub fn risk_of(
        &self,
        pool: u32,
        legs: Vec<B256>,
    ) -> Result<(Vec<RiskAnswer>, RiskAnswer), Revert> {
        let (expiries, total) = self.risk(pool, &legs)?;
        Ok((
            expiries.iter().map(risk_answer).collect(),
            risk_answer(&total),
        ))
    }

    /// See `IOptionPricer.engine`.
    pub fn engine(&self) -> Address {
        self.neighbours.engine()
    }
}

/// In the types of the ABI.
fn priced_answer(failure: FixedBytes<4>, words: &[B256; NUMBERS]) -> PricedAnswer {
    let [
        mark,
        delta,
        gamma,
        vega,
        theta,
        rho,
        vanna,
        volga,
        volatility,
        forward,
        discount,
    ] = words.map(to_u256);
    let [delta, theta, rho, vanna, volga] = [delta, theta, rho, vanna, volga].map(I256::from_raw);
    (
        failure, mark, delta, gamma, vega, theta, rho, vanna, volga, volatility, forward, discount,
    )
}

/// In the types of the ABI.
fn risk_answer(risk: &ExpiryRisk) -> RiskAnswer {
    let [expiry, value, delta, gamma, vega, theta, rho, vanna, volga] = risk.words().map(to_u256);
    let [value, delta, gamma, vega, theta, rho, vanna, volga] =
        [value, delta, gamma, vega, theta, rho, vanna, volga].map(I256::from_raw);
    (
        expiry.to(),
        value,
        delta,
        gamma,
        vega,
        theta,
        rho,
        vanna,
        volga,
    )
}
