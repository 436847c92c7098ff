//! Kernel, factory and adapter, and the real model behind a router of our own.

use alloy_primitives::{Address, U256};
use alloy_sol_types::{SolCall, SolError};
use interfaces::{IClearingHouse, ICollateralVault, IOracleAdapter, ISeriesFactory};
use margin_model::dispatch;
use scenario_margin::ScenarioMargin;
use stylus_sdk::ArbResult;
use stylus_sdk::prelude::*;

use crate::words;
use crate::world::{
    BASE, CAP, FEED, OTHER_FEED, OTHER_POOL, POOL, SHARING_POOL, USDC, change, market, world,
};

/// Stand-in of the series factory.
#[storage]
pub struct Factory {}

unsafe impl TopLevelStorage for Factory {}

#[public]
#[allow(missing_docs, reason = "the SDK adds methods")]
impl Factory {
    #[fallback]
    #[allow(clippy::unused_self, reason = "the SDK calls it on the contract")]
    fn fallback(&mut self, input: &[u8]) -> ArbResult {
        let known = |pool: u32| match pool {
            POOL | SHARING_POOL => Ok(FEED),
            OTHER_POOL => Ok(OTHER_FEED),
            pool => Err(ISeriesFactory::UnknownPool { pool }.abi_encode()),
        };
        if let Ok(request) = ISeriesFactory::poolAssetsCall::abi_decode(input, true) {
            known(request.pool)?;
            let base = if request.pool == SHARING_POOL {
                Address::ZERO
            } else {
                BASE
            };
            return Ok(ISeriesFactory::poolAssetsCall::abi_encode_returns(&(
                USDC, 6_u8, base, 8_u8,
            )));
        }
        let request =
            ISeriesFactory::poolRiskCall::abi_decode(input, true).map_err(|_| Vec::new())?;
        let feed = known(request.pool)?;
        Ok(ISeriesFactory::poolRiskCall::abi_encode_returns(&(
            feed,
            1_u32,
            6_u8,
            8_u8,
            CAP,
            world().profile,
            Address::ZERO,
            0_u64,
            0_u64,
        )))
    }
}

/// Stand-in of the oracle adapter.
#[storage]
pub struct Adapter {}

unsafe impl TopLevelStorage for Adapter {}

#[public]
#[allow(missing_docs, reason = "the SDK adds methods")]
impl Adapter {
    #[fallback]
    #[allow(clippy::unused_self, reason = "the SDK calls it on the contract")]
    fn fallback(&mut self, input: &[u8]) -> ArbResult {
        let request =
            IOracleAdapter::marketDataCall::abi_decode(input, true).map_err(|_| Vec::new())?;
        change(|world| {
            let question = (request.feed, request.expiries.clone());
            world.asked.push(question);
        });
        let known = world();
        let quote = known.markets.get(&request.feed).ok_or_else(Vec::new)?;
        if quote.mid == 0 {
            let (valid, needed) = (U256::from(1), U256::from(2));
            return Err(IOracleAdapter::QuorumLost { valid, needed }.abi_encode());
        }
        Ok(IOracleAdapter::marketDataCall::abi_encode_returns(&(
            market(quote, &request.expiries),
        )))
    }
}

/// Stand-in of the clearing house.
#[storage]
pub struct Kernel {}

unsafe impl TopLevelStorage for Kernel {}

#[public]
#[allow(missing_docs, reason = "the SDK adds methods")]
impl Kernel {
    #[fallback]
    #[allow(clippy::unused_self, reason = "the SDK calls it on the contract")]
    fn fallback(&mut self, input: &[u8]) -> ArbResult {
        let request =
            IClearingHouse::accountStateCall::abi_decode(input, true).map_err(|_| Vec::new())?;
        let known = world();
        if known.locked {
            return Err(ICollateralVault::Locked {}.abi_encode());
        }
        let held = known.accounts.get(&request.account).cloned();
        let held = held.unwrap_or_default();
        let state = IClearingHouse::AccountState {
            legs: words(&held.legs),
            cash: U256::from(held.cash),
            base: U256::from(held.base),
            debt: U256::from(held.debt),
            version: 1,
        };
        Ok(IClearingHouse::accountStateCall::abi_encode_returns(&(
            state,
        )))
    }
}

/// The scenario model, entered as on chain: past the generated router.
#[storage]
pub struct Model {}

unsafe impl TopLevelStorage for Model {}

#[public]
#[allow(missing_docs, reason = "the SDK adds methods")]
impl Model {
    #[fallback]
    #[allow(clippy::unused_self, reason = "the SDK calls it on the contract")]
    fn fallback(&mut self, input: &[u8]) -> ArbResult {
        let (selector, input) = input.split_first_chunk().ok_or_else(Vec::new)?;
        dispatch::<ScenarioMargin>(*selector, input)?.ok_or_else(Vec::new)
    }
}
