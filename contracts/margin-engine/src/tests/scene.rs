//! A pool of 6 settlement and 8 base decimals, and a market a test sets: factory and adapter are stand-ins that answer what they are told, in
//! the encoding of the generated bindings.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::{SolCall, SolError};
use clearing_math::leg::{Leg, OptionKind};
use interfaces::{IMarginEngine, IOracleAdapter, ISeriesFactory, Revert};
use motsu::prelude::*;
use stylus_sdk::ArbResult;
use stylus_sdk::prelude::*;
use stylus_sdk::storage::{StorageBool, StorageMap, StorageU32, StorageU256};

use crate::MarginEngine;

/// motsu's clock.
pub(crate) const NOW: u64 = 1_735_689_600;
/// 30 days from now.
pub(crate) const MONTH: u32 = 1_738_281_600;
/// 90 days from now.
pub(crate) const QUARTER: u32 = 1_743_465_600;
pub(crate) const WAD: u128 = 1_000_000_000_000_000_000;
/// 60 %.
pub(crate) const VOLATILITY: u64 = 600_000_000_000_000_000;
pub(crate) const POOL: u32 = 7;
pub(crate) const FEED: B256 = B256::repeat_byte(0xfe);
/// Decimals of the settlement and of the base token.
pub(crate) const DECIMALS: [u8; 2] = [6, 8];

/// Stand-in of the series factory: one pool.
#[storage]
pub(crate) struct Factory {
    profile: StorageU32,
}

unsafe impl TopLevelStorage for Factory {}

#[public]
impl Factory {
    #[fallback]
    fn fallback(&mut self, input: &[u8]) -> ArbResult {
        let request =
            ISeriesFactory::poolRiskCall::abi_decode(input, true).map_err(|_| Vec::new())?;
        if request.pool != POOL {
            return Err(ISeriesFactory::UnknownPool { pool: request.pool }.abi_encode());
        }
        let profile: u32 = self.profile.get().to();
        let [settlement, base] = DECIMALS;
        Ok(ISeriesFactory::poolRiskCall::abi_encode_returns(&(
            FEED, profile, settlement, base, 1_u128,
        )))
    }
}

/// Stand-in of the oracle adapter.
#[storage]
pub(crate) struct Adapter {
    mid: StorageU256,
    low: StorageU256,
    high: StorageU256,
    degraded: StorageBool,
    volatilities: StorageMap<U256, StorageU256>,
    /// Answers with so many volatilities more than asked for.
    surplus: StorageU256,
}

unsafe impl TopLevelStorage for Adapter {}

#[public]
impl Adapter {
    #[fallback]
    fn fallback(&mut self, input: &[u8]) -> ArbResult {
        let request =
            IOracleAdapter::marketDataCall::abi_decode(input, true).map_err(|_| Vec::new())?;
        assert_eq!(request.feed, FEED);
        if self.mid.get().is_zero() {
            let (valid, needed) = (U256::from(1), U256::from(2));
            return Err(IOracleAdapter::QuorumLost { valid, needed }.abi_encode());
        }
        let asked = request.expiries.iter();
        let mut volatilities: Vec<u64> = asked
            .map(|expiry| self.volatilities.get(U256::from(*expiry)).to())
            .collect();
        let given = volatilities.len() + self.surplus.get().to::<usize>();
        volatilities.resize(given, VOLATILITY);
        let data = IOracleAdapter::MarketData {
            mid: self.mid.get(),
            low: self.low.get(),
            high: self.high.get(),
            volatilities,
            degraded: self.degraded.get(),
        };
        Ok(IOracleAdapter::marketDataCall::abi_encode_returns(&(data,)))
    }
}

/// Spot 2,000 without a band, 60 % for both expiries.
pub(crate) fn set_scene(
    engine: &Contract<MarginEngine>,
    factory: &Contract<Factory>,
    adapter: &Contract<Adapter>,
) {
    engine
        .sender(caller())
        .constructor(factory.address(), adapter.address())
        .motsu_unwrap();
    set_profile(factory, 1);
    set_band(adapter, 2_000, 2_000, 2_000);
    for expiry in [MONTH, QUARTER] {
        set_volatility(adapter, expiry, VOLATILITY);
    }
}

pub(crate) fn caller() -> Address {
    Address::repeat_byte(0xca)
}

pub(crate) fn set_profile(factory: &Contract<Factory>, profile: u32) {
    let profile = alloy_primitives::U32::from(profile);
    factory.sender(caller()).profile.set(profile);
}

/// Quote units; a zero `mid` is a lost quorum.
pub(crate) fn set_band(adapter: &Contract<Adapter>, low: u128, mid: u128, high: u128) {
    let mut adapter = adapter.sender(caller());
    adapter.low.set(U256::from(low * WAD));
    adapter.mid.set(U256::from(mid * WAD));
    adapter.high.set(U256::from(high * WAD));
}

pub(crate) fn set_degraded(adapter: &Contract<Adapter>, degraded: bool) {
    adapter.sender(caller()).degraded.set(degraded);
}

pub(crate) fn set_volatility(adapter: &Contract<Adapter>, expiry: u32, volatility: u64) {
    adapter
        .sender(caller())
        .volatilities
        .insert(U256::from(expiry), U256::from(volatility));
}

pub(crate) fn set_surplus(adapter: &Contract<Adapter>, surplus: u64) {
    adapter.sender(caller()).surplus.set(U256::from(surplus));
}

/// Strike in quote units, contracts in hundredths.
pub(crate) fn leg(expiry: u32, strike: u64, kind: OptionKind, hundredths: i128) -> Leg {
    let contracts = hundredths * 10_000_000_000_000_000;
    Leg {
        expiry,
        strike: strike * 100_000_000,
        kind,
        contracts,
    }
}

pub(crate) fn words(legs: &[Leg]) -> Vec<B256> {
    legs.iter().map(|leg| B256::new(leg.to_word())).collect()
}

/// The error, as the caller sees it.
pub(crate) fn error<E: SolError>(expected: E) -> Revert {
    expected.into()
}

pub(crate) fn overflow() -> Revert {
    error(IMarginEngine::Overflow {})
}
