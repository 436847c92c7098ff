//! A pool of 6 settlement and 8 base decimals, and a market a test sets: factory and adapter are stand-ins that answer what they are told, in
//! the encoding of the generated bindings.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::{SolCall, SolError, SolValue};
use clearing_math::leg::{Leg, OptionKind};
use clearing_math::margin::{
    MAX_MOVES, MAX_PROFILE_BYTES, MarginError, MarketData, NOVATION_DEFAULT, Portfolio,
    Requirement, RiskProfile, margin, scenario_changes,
};
use clearing_math::surface::PublishedSmile;
use interfaces::{IMarginEngine, IOracleAdapter, ISeriesFactory, Revert, data_contract};
use margin_model::{Model, dispatch};
use motsu::prelude::*;
use stylus_sdk::ArbResult;
use stylus_sdk::prelude::*;
use stylus_sdk::storage::{StorageBool, StorageMap, StorageU256};

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
/// Id of its risk profile.
pub(crate) const PROFILE: u32 = 3;
/// Length of ramps, seconds.
pub(crate) const RAMP: u64 = 86_400;
pub(crate) const SURE: u64 = 1_000_000_000_000_000_000;
/// Decimals of the settlement and of the base token.
pub(crate) const DECIMALS: [u8; 2] = [6, 8];

/// Stand-in of the series factory: one pool.
#[storage]
pub(crate) struct Factory {
    /// Number of data contract, 0 for none.
    profile: StorageU256,
    previous: StorageU256,
    ramp: StorageU256,
}

unsafe impl TopLevelStorage for Factory {}

#[public]
impl Factory {
    #[fallback]
    #[allow(clippy::unused_self, reason = "the SDK calls it on the contract")]
    fn fallback(&mut self, input: &[u8]) -> ArbResult {
        let request =
            ISeriesFactory::poolRiskCall::abi_decode(input, true).map_err(|_| Vec::new())?;
        if request.pool != POOL {
            return Err(ISeriesFactory::UnknownPool { pool: request.pool }.abi_encode());
        }
        let [settlement, base] = DECIMALS;
        let address = |word: U256| Address::from_word(word.into());
        let start: u64 = self.ramp.get().to();
        Ok(ISeriesFactory::poolRiskCall::abi_encode_returns(&(
            FEED,
            PROFILE,
            settlement,
            base,
            1_u128,
            address(self.profile.get()),
            address(self.previous.get()),
            start,
            start + RAMP,
        )))
    }
}

/// Stand-in of both model programs: all models in one.
#[storage]
pub(crate) struct Models {}

unsafe impl TopLevelStorage for Models {}

#[public]
impl Models {
    #[fallback]
    #[allow(clippy::unused_self, reason = "the SDK calls it on the contract")]
    fn fallback(&mut self, input: &[u8]) -> ArbResult {
        let (selector, args) = input.split_first_chunk().ok_or_else(Vec::new)?;
        dispatch::<Self>(*selector, args)?.ok_or_else(Vec::new)
    }
}

impl Model for Models {
    fn profile(bytes: &[u8]) -> Option<RiskProfile> {
        RiskProfile::from_bytes(bytes).ok()
    }

    fn requirement(
        profile: &RiskProfile,
        market: &MarketData,
        portfolio: &Portfolio,
    ) -> Option<Result<Requirement, MarginError>> {
        Some(margin(profile, market, portfolio))
    }

    fn changes(
        profile: &RiskProfile,
        market: &MarketData,
        portfolio: &Portfolio,
        changes: &mut [i128; MAX_MOVES],
    ) -> Option<Result<usize, MarginError>> {
        Some(scenario_changes(profile, market, portfolio, changes))
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
    ceiling: StorageU256,
    /// Answers with so many smile words more than its terms say.
    surplus: StorageU256,
}

unsafe impl TopLevelStorage for Adapter {}

#[public]
impl Adapter {
    #[fallback]
    #[allow(clippy::unused_self, reason = "the SDK calls it on the contract")]
    fn fallback(&mut self, input: &[u8]) -> ArbResult {
        let request =
            IOracleAdapter::marketDataCall::abi_decode(input, true).map_err(|_| Vec::new())?;
        assert_eq!(request.feed, FEED);
        if self.mid.get().is_zero() {
            let (valid, needed) = (U256::from(1), U256::from(2));
            return Err(IOracleAdapter::QuorumLost { valid, needed }.abi_encode());
        }
        Ok(IOracleAdapter::marketDataCall::abi_encode_returns(&(
            self.data(&request.expiries),
        )))
    }
}

impl Adapter {
    fn data(&self, expiries: &[u32]) -> IOracleAdapter::MarketData {
        let mut smiles = Vec::new();
        let terms = expiries
            .iter()
            .map(|&expiry| {
                let volatility: u64 = self.volatilities.get(U256::from(expiry)).to();
                if volatility != 0 {
                    smiles.extend([flat(expiry, volatility); 2]);
                }
                IOracleAdapter::Term {
                    expiry,
                    carry: 0,
                    rate: 0,
                    confidence: SURE,
                    volatilityCeiling: self.ceiling.get().to(),
                    smiles: u32::from(volatility != 0),
                }
            })
            .collect();
        for _ in 0..self.surplus.get().to::<u64>() {
            smiles.push(flat(MONTH, VOLATILITY));
        }
        IOracleAdapter::MarketData {
            mid: self.mid.get(),
            low: self.low.get(),
            high: self.high.get(),
            stable: SURE,
            confidence: SURE,
            doubts: u32::from(self.degraded.get()),
            terms,
            smiles,
        }
    }
}

/// The word of a smile with one volatility.
pub(crate) fn flat(expiry: u32, volatility: u64) -> B256 {
    B256::new(
        PublishedSmile::flat(volatility, expiry, 0)
            .unwrap()
            .to_word(),
    )
}

/// The market the adapter would answer, encoded as `marginAt` takes it.
pub(crate) fn encoded_market(adapter: &Contract<Adapter>, expiries: &[u32]) -> Vec<u8> {
    adapter.sender(caller()).data(expiries).abi_encode()
}

/// Spot 2,000 without a band, 60 % for both expiries.
pub(crate) fn set_scene(
    engine: &Contract<MarginEngine>,
    factory: &Contract<Factory>,
    adapter: &Contract<Adapter>,
) {
    let models = Contract::<Models>::new();
    engine
        .sender(caller())
        .constructor(
            factory.address(),
            adapter.address(),
            models.address(),
            models.address(),
        )
        .motsu_unwrap();
    // It has no state to take back.
    core::mem::forget(models);
    set_profile(factory, &stored(&NOVATION_DEFAULT));
    set_band(adapter, 2_000, 2_000, 2_000);
    for expiry in [MONTH, QUARTER] {
        set_volatility(adapter, expiry, VOLATILITY);
    }
}

pub(crate) fn caller() -> Address {
    Address::repeat_byte(0xca)
}

/// A profile in a data contract; the contract's address as a word.
pub(crate) fn stored(profile: &RiskProfile) -> U256 {
    let mut buffer = [0; MAX_PROFILE_BYTES];
    let length = profile.to_bytes(&mut buffer);
    let address = data_contract::create(&(), &buffer[..length]).unwrap();
    U256::from_be_bytes(address.into_word().0)
}

pub(crate) fn set_profile(factory: &Contract<Factory>, profile: &U256) {
    factory.sender(caller()).profile.set(*profile);
}

/// Maintenance comes from `previous` since `start`.
pub(crate) fn set_ramp(factory: &Contract<Factory>, previous: U256, start: u64) {
    let mut factory = factory.sender(caller());
    factory.previous.set(previous);
    factory.ramp.set(U256::from(start));
}

pub(crate) fn set_ceiling(adapter: &Contract<Adapter>, ceiling: u64) {
    adapter.sender(caller()).ceiling.set(U256::from(ceiling));
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
