//! The risk lens: what series are worth and what accounts may still do, for frontends and protocols that compose positions.
//!
//! Views only. Nothing that money depends on calls it, so it may be replaced: a newer one is deployed beside it. Prices, sensitivities and implied
//! volatilities come from the option pricer; margins are the engine's own, asked for on the same data moved as the question
//! wants it. An account that cannot be valued makes its view revert, in a batch only its item fail.
//!
//! Its ABI and the meaning of every error is `IRiskLens.sol`.
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

mod accounts;
mod limits;
mod refusal;
mod router;
mod sources;

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, FixedBytes, I256, U256};
use alloy_sol_types::SolCall;
use interfaces::words::Word;
use interfaces::{IMarginEngine, IOptionPricer, Revert, view};
use stylus_sdk::prelude::*;
use stylus_sdk::storage::StorageAddress;

use crate::sources::Margin;

/// Storage of the lens; written once.
#[storage]
pub struct RiskLens {
    /// Where accounts are.
    clearing_house: StorageAddress,
    /// Where margin comes from.
    engine: StorageAddress,
    /// Who answers what series are worth.
    pricer: StorageAddress,
    /// Where pools are listed: the engine's.
    factory: StorageAddress,
    /// Where market data come from: the engine's.
    adapter: StorageAddress,
}

// SAFETY: the only storage of the contract, at slot zero.
unsafe impl TopLevelStorage for RiskLens {}

/// Prints the ABI as Solidity.
#[cfg(feature = "export-abi")]
pub fn print_abi(license: &str, pragma: &str) {
    stylus_sdk::abi::export::print_abi::<RiskLens>(license, pragma);
}

/// Initial, maintenance, mark, worst scenario, degraded.
type MarginAnswer = (I256, I256, I256, u32, bool);
/// Expiry, value, delta, gamma, vega, theta, rho, vanna, volga.
type RiskAnswer = (u32, I256, I256, I256, I256, I256, I256, I256, I256);
/// Failure, then a margin.
type HealthAnswer = (FixedBytes<4>, I256, I256, I256, u32, bool);

/// The entry points. On chain they are reached through [`router`].
#[public]
impl RiskLens {
    /// Fixes whose accounts are looked at; where pools and prices come from is what the engine says.
    #[constructor]
    pub fn constructor(
        &mut self,
        clearing_house: Address,
        engine: Address,
        pricer: Address,
    ) -> Result<(), Revert> {
        let factory = self.ask_address(engine, IMarginEngine::seriesFactoryCall::SELECTOR)?;
        let adapter = self.ask_address(engine, IMarginEngine::oracleAdapterCall::SELECTOR)?;
        self.clearing_house.set(clearing_house);
        self.engine.set(engine);
        self.pricer.set(pricer);
        self.factory.set(factory);
        self.adapter.set(adapter);
        Ok(())
    }

    /// See `IRiskLens.price`: mark, delta, gamma, vega, theta, rho.
    pub fn price(&self, series_id: U256) -> Result<(U256, I256, U256, U256, I256, I256), Revert> {
        let call = IOptionPricer::priceCall {
            seriesId: series_id,
        };
        let one = view(self, self.pricer.get(), &call)?;
        Ok((one.mark, one.delta, one.gamma, one.vega, one.theta, one.rho))
    }

    /// See `IRiskLens.greeks`: delta, gamma, vega, theta, rho, vanna, volga, volatility, forward.
    pub fn greeks(
        &self,
        series_id: U256,
    ) -> Result<(I256, I256, I256, I256, I256, I256, I256, U256, U256), Revert> {
        let call = IOptionPricer::greeksCall {
            seriesId: series_id,
        };
        let one = view(self, self.pricer.get(), &call)?;
        Ok((
            one.delta,
            one.gamma,
            one.vega,
            one.theta,
            one.rho,
            one.vanna,
            one.volga,
            one.volatility,
            one.forward,
        ))
    }

    /// See `IRiskLens.impliedVolatility`.
    pub fn implied_volatility(&self, series_id: U256, value: U256) -> Result<U256, Revert> {
        Ok(U256::from(self.imply(series_id, value)?))
    }

    /// See `IRiskLens.greeksOf`.
    pub fn greeks_of(&self, account: U256) -> Result<(Vec<RiskAnswer>, RiskAnswer), Revert> {
        let state = self.state_of(account)?;
        let call = IOptionPricer::riskOfCall {
            pool: state.pool,
            legs: state.legs,
        };
        let risk = view(self, self.pricer.get(), &call)?;
        let answer = |one: &IOptionPricer::ExpiryRisk| {
            (
                one.expiry, one.value, one.delta, one.gamma, one.vega, one.theta, one.rho,
                one.vanna, one.volga,
            )
        };
        Ok((
            risk.expiries.iter().map(answer).collect(),
            answer(&risk.total),
        ))
    }

    /// See `IRiskLens.marginOf`.
    pub fn margin_of(&self, account: U256) -> Result<MarginAnswer, Revert> {
        Ok(answer(self.margin_now(account)?))
    }

    /// See `IRiskLens.marginWith`.
    pub fn margin_with(
        &self,
        account: U256,
        extra_legs: Vec<B256>,
        cash_change: I256,
    ) -> Result<MarginAnswer, Revert> {
        Ok(answer(self.margin_if(account, &extra_legs, cash_change)?))
    }

    /// See `IRiskLens.scenarioPnlOf`.
    pub fn scenario_pnl_of(&self, account: U256) -> Result<Vec<I256>, Revert> {
        let answer = self.scenario_pnl(&self.state_of(account)?)?;
        let mut words = interfaces::words::array(&answer, 32)?;
        let changes = (0..words.left()).map(|_| I256::from_raw(words.u256()));
        Ok(changes.collect())
    }

    /// See `IRiskLens.healthOf`.
    pub fn health_of(&self, accounts: Vec<U256>) -> Vec<HealthAnswer> {
        let margins = self.margins(&accounts).into_iter();
        margins
            .map(|margin| {
                let (failure, margin) = outcome(margin);
                let (initial, maintenance, mark, worst, degraded) = answer(margin);
                (failure, initial, maintenance, mark, worst, degraded)
            })
            .collect()
    }

    /// See `IRiskLens.maxWithdraw`.
    pub fn max_withdraw(&self, account: U256, asset: Address) -> Result<U256, Revert> {
        Ok(U256::from(self.most_to_withdraw(account, asset)?))
    }

    /// See `IRiskLens.maxTrade`.
    pub fn max_trade(&self, account: U256, series_id: U256, buys: bool) -> Result<U256, Revert> {
        Ok(U256::from(self.most_to_trade(account, series_id, buys)?))
    }

    /// See `IRiskLens.liquidationPrice`: below, above.
    pub fn liquidation_price(&self, account: U256) -> Result<(U256, U256), Revert> {
        let [below, above] = self.liquidation_prices(account)?;
        Ok((below, above))
    }

    /// See `IRiskLens.clearingHouse`.
    pub fn clearing_house(&self) -> Address {
        self.clearing_house.get()
    }

    /// See `IRiskLens.pricer`.
    pub fn pricer(&self) -> Address {
        self.pricer.get()
    }

    /// See `IRiskLens.engine`.
    pub fn engine(&self) -> Address {
        self.engine.get()
    }
}

fn answer(margin: Margin) -> MarginAnswer {
    (
        signed(margin.initial),
        signed(margin.maintenance),
        signed(margin.mark),
        margin.worst_scenario,
        margin.degraded,
    )
}

/// Selector of the error, zero without one; an error without data counts as `0xffffffff`.
fn outcome(margin: Result<Margin, Revert>) -> (FixedBytes<4>, Margin) {
    match margin {
        Ok(margin) => (FixedBytes::ZERO, margin),
        Err(revert) => {
            let selector = revert.data().first_chunk().copied().unwrap_or([0xff; 4]);
            (FixedBytes(selector), Margin::default())
        }
    }
}

/// Sign extension to the ABI's width.
fn signed(value: i128) -> I256 {
    I256::from_be_bytes(value.word().0)
}
