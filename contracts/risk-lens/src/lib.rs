//! The risk lens: what series are worth and what accounts may still do, for frontends and protocols that compose positions.
//!
//! Views only. Nothing that money depends on calls it, so it may be replaced: a newer one is deployed beside it. It is the one address to ask:
//! prices and sensitivities come from the option pricer, searches from the risk limits, both passed on as they are; margins
//! are the engine's own. An account that cannot be valued makes its view revert, in a batch only its item fail.
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
mod implied;
mod router;

#[cfg(test)]
mod tests;

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, FixedBytes, I256, U256};
use interfaces::words::{Word, array};
use interfaces::{IOptionPricer, IRiskLimits, Revert, view, view_encoded};
use lens_sources::{Accounts, Margin, Markets, Neighbours, failure, refusal};
use stylus_sdk::prelude::*;
use stylus_sdk::storage::StorageAddress;

/// Storage of the lens; written once.
#[storage]
pub struct RiskLens {
    /// Where accounts are.
    clearing_house: StorageAddress,
    /// Who answers what series are worth.
    pricer: StorageAddress,
    /// Who answers how far accounts may go.
    limits: StorageAddress,
    /// Where margins and market data are.
    neighbours: Neighbours,
}

// SAFETY: the only storage of the contract, at slot zero.
unsafe impl TopLevelStorage for RiskLens {}

impl Markets for RiskLens {
    fn neighbours(&self) -> &Neighbours {
        &self.neighbours
    }

    fn neighbours_mut(&mut self) -> &mut Neighbours {
        &mut self.neighbours
    }
}

impl Accounts for RiskLens {
    fn kernel(&self) -> Address {
        self.clearing_house.get()
    }
}

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
/// Failure, and a number.
type NumberAnswer = (FixedBytes<4>, U256);
/// Failure, below, above.
type CrossingAnswer = (FixedBytes<4>, U256, U256);

/// The entry points. On chain they are reached through [`router`].
#[public]
impl RiskLens {
    /// Fixes whose accounts are looked at and who answers; where pools and prices come from is what the engine says.
    #[constructor]
    pub fn constructor(
        &mut self,
        clearing_house: Address,
        engine: Address,
        pricer: Address,
        limits: Address,
    ) -> Result<(), Revert> {
        self.connect(engine)?;
        self.clearing_house.set(clearing_house);
        self.pricer.set(pricer);
        self.limits.set(limits);
        Ok(())
    }

    /// See `IRiskLens.price`: mark, delta, gamma, vega, theta, rho.
    pub fn price(&self, series_id: U256) -> Result<(U256, I256, U256, U256, I256, I256), Revert> {
        let call = IOptionPricer::priceCall {
            seriesId: series_id,
        };
        let one = view(self, self.pricer(), &call)?;
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
        let one = view(self, self.pricer(), &call)?;
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

    /// See `IRiskLens.pricesOf`.
    pub fn prices_of(&self, series_ids: Vec<U256>) -> Result<Vec<PricedAnswer>, Revert> {
        let call = IOptionPricer::pricesOfCall {
            seriesIds: series_ids,
        };
        let answer = |one: IOptionPricer::Priced| {
            (
                one.failure,
                one.mark,
                one.delta,
                one.gamma,
                one.vega,
                one.theta,
                one.rho,
                one.vanna,
                one.volga,
                one.volatility,
                one.forward,
                one.discount,
            )
        };
        let priced = view(self, self.pricer(), &call)?._0;
        Ok(priced.into_iter().map(answer).collect())
    }

    /// See `IRiskLens.impliedVolatility`.
    pub fn implied_volatility(&self, series_id: U256, value: U256) -> Result<U256, Revert> {
        Ok(U256::from(self.imply(series_id, value)?))
    }

    /// See `IRiskLens.impliedVolatilityOf`.
    pub fn implied_volatility_of(
        &self,
        series_ids: Vec<U256>,
        values: Vec<U256>,
    ) -> Result<Vec<NumberAnswer>, Revert> {
        let answer = |implied: Result<u128, Revert>| match implied {
            Ok(volatility) => (FixedBytes::ZERO, U256::from(volatility)),
            Err(error) => (selector(&error), U256::ZERO),
        };
        let implied = self.imply_each(&series_ids, &values)?;
        Ok(implied.into_iter().map(answer).collect())
    }

    /// See `IRiskLens.greeksOf`.
    pub fn greeks_of(&self, account: U256) -> Result<(Vec<RiskAnswer>, RiskAnswer), Revert> {
        let held = self.account(account)?.portfolio;
        let call = IOptionPricer::riskOfCall {
            pool: held.pool,
            legs: held.legs,
        };
        let risk = view(self, self.pricer(), &call)?;
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
        Ok(answer(only(self.margin_each(&[account]))?))
    }

    /// See `IRiskLens.marginWith`.
    pub fn margin_with(
        &self,
        account: U256,
        extra_legs: Vec<B256>,
        cash_change: I256,
    ) -> Result<MarginAnswer, Revert> {
        let alternative = (extra_legs, cash_change);
        Ok(answer(only(
            self.margin_with_each(account, &[alternative]),
        )?))
    }

    /// See `IRiskLens.marginWithMany`.
    pub fn margin_with_many(
        &self,
        account: U256,
        extra_legs: Vec<Vec<B256>>,
        cash_changes: Vec<I256>,
    ) -> Result<Vec<HealthAnswer>, Revert> {
        if extra_legs.len() != cash_changes.len() {
            let lengths = (extra_legs.len(), cash_changes.len());
            return Err(refusal::length_mismatch(lengths.0, lengths.1));
        }
        let alternatives: Vec<_> = extra_legs.into_iter().zip(cash_changes).collect();
        let margins = self.margin_with_each(account, &alternatives);
        Ok(margins.into_iter().map(health).collect())
    }

    /// See `IRiskLens.scenarioPnlOf`.
    pub fn scenario_pnl_of(&self, account: U256) -> Result<Vec<I256>, Revert> {
        let answer = self.scenario_pnl(account)?;
        let mut words = array(&answer, 32)?;
        let changes = (0..words.left()).map(|_| I256::from_raw(words.u256()));
        Ok(changes.collect())
    }

    /// See `IRiskLens.healthOf`.
    pub fn health_of(&self, accounts: Vec<U256>) -> Vec<HealthAnswer> {
        let margins = self.margin_each(&accounts).into_iter();
        margins.map(health).collect()
    }

    /// See `IRiskLens.maxWithdraw`.
    pub fn max_withdraw(&self, account: U256, asset: Address) -> Result<U256, Revert> {
        let call = IRiskLimits::maxWithdrawCall { account, asset };
        Ok(view(self, self.limits(), &call)?.assets)
    }

    /// See `IRiskLens.maxTrade`.
    pub fn max_trade(&self, account: U256, series_id: U256, buys: bool) -> Result<U256, Revert> {
        let call = IRiskLimits::maxTradeCall {
            account,
            seriesId: series_id,
            buys,
        };
        Ok(view(self, self.limits(), &call)?.contracts)
    }

    /// See `IRiskLens.liquidationPrice`: below, above.
    pub fn liquidation_price(&self, account: U256) -> Result<(U256, U256), Revert> {
        let call = IRiskLimits::liquidationPriceCall { account };
        let prices = view(self, self.limits(), &call)?;
        Ok((prices.below, prices.above))
    }

    /// See `IRiskLens.maxWithdrawOf`.
    pub fn max_withdraw_of(
        &self,
        accounts: Vec<U256>,
        asset: Address,
    ) -> Result<Vec<NumberAnswer>, Revert> {
        let call = IRiskLimits::maxWithdrawOfCall { accounts, asset };
        Ok(limits(view(self, self.limits(), &call)?.limits))
    }

    /// See `IRiskLens.maxTradeOf`.
    pub fn max_trade_of(
        &self,
        account: U256,
        series_ids: Vec<U256>,
        buys: bool,
    ) -> Result<Vec<NumberAnswer>, Revert> {
        let call = IRiskLimits::maxTradeOfCall {
            account,
            seriesIds: series_ids,
            buys,
        };
        Ok(limits(view(self, self.limits(), &call)?.limits))
    }

    /// See `IRiskLens.liquidationPriceOf`.
    pub fn liquidation_price_of(&self, accounts: Vec<U256>) -> Result<Vec<CrossingAnswer>, Revert> {
        let call = IRiskLimits::liquidationPriceOfCall { accounts };
        let prices = view(self, self.limits(), &call)?.prices;
        let answer = |one: IRiskLimits::Crossing| (one.failure, one.below, one.above);
        Ok(prices.into_iter().map(answer).collect())
    }

    /// See `IRiskLens.clearingHouse`.
    pub fn clearing_house(&self) -> Address {
        self.clearing_house.get()
    }

    /// See `IRiskLens.engine`.
    pub fn engine(&self) -> Address {
        self.neighbours.engine()
    }

    /// See `IRiskLens.pricer`.
    pub fn pricer(&self) -> Address {
        self.pricer.get()
    }

    /// See `IRiskLens.limits`.
    pub fn limits(&self) -> Address {
        self.limits.get()
    }
}

impl RiskLens {
    /// The pricer's answer to an encoded question. Errors: the pricer's.
    fn ask_pricer(&self, question: &[u8]) -> Result<Vec<u8>, Revert> {
        view_encoded(self, self.pricer(), question)
    }
}

/// The answer of a batch of one.
fn only<T>(mut answers: Vec<Result<T, Revert>>) -> Result<T, Revert> {
    answers.pop().ok_or_else(Revert::empty)?
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

fn health(margin: Result<Margin, Revert>) -> HealthAnswer {
    let (failure, margin) = match margin {
        Ok(margin) => (FixedBytes::ZERO, margin),
        Err(error) => (selector(&error), Margin::default()),
    };
    let (initial, maintenance, mark, worst, degraded) = answer(margin);
    (failure, initial, maintenance, mark, worst, degraded)
}

fn limits(limits: Vec<IRiskLimits::Limit>) -> Vec<NumberAnswer> {
    let answer = |one: IRiskLimits::Limit| (one.failure, one.most);
    limits.into_iter().map(answer).collect()
}

fn selector(error: &Revert) -> FixedBytes<4> {
    let [a, b, c, d, ..] = failure(error).0;
    FixedBytes([a, b, c, d])
}

/// Sign extension to the ABI's width.
fn signed(value: i128) -> I256 {
    I256::from_be_bytes(value.word().0)
}
