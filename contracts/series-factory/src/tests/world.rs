//! A factory, its owner and some tokens.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, U256, b256};
use alloy_sol_types::SolError;
use clearing_math::margin::{MAX_PROFILE_BYTES, NOVATION_DEFAULT, RiskProfile};
use interfaces::Revert;
use motsu::prelude::*;
use stylus_sdk::abi::Bytes;
use stylus_sdk::prelude::*;
use stylus_sdk::storage::{StorageBool, StorageU256};

use crate::SeriesFactory;

/// The test VM's clock: 2025-01-01 00:00 UTC.
pub const NOW: u32 = 1_735_689_600;

/// The first 08:00 UTC after [`NOW`].
pub const FIRST_EXPIRY: u32 = NOW + 28_800;

pub const DAY: u32 = 86_400;

pub const FEED: B256 = b256!("4554482f55534400000000000000000000000000000000000000000000000000");

/// States any number of decimals, or none.
#[storage]
pub struct Token {
    decimals: StorageU256,
    reverts: StorageBool,
}

// SAFETY: the test VM starts it as a contract of its own.
unsafe impl TopLevelStorage for Token {}

#[public]
impl Token {
    pub fn decimals(&self) -> Result<U256, Vec<u8>> {
        if self.reverts.get() {
            Err(Vec::new())
        } else {
            Ok(self.decimals.get())
        }
    }
}

impl Token {
    pub fn state(&mut self, decimals: U256) {
        self.decimals.set(decimals);
    }

    pub fn break_down(&mut self) {
        self.reverts.set(true);
    }
}

/// The arguments of `listPool`.
#[derive(Clone, Copy)]
pub struct Pool {
    pub settlement_asset: Address,
    pub base_asset: Address,
    pub risk_profile: u32,
    pub expiry_interval: u32,
    pub expiry_offset: u32,
    pub max_tenor: u32,
    pub strike_tick: u64,
    pub open_interest_cap: u128,
}

/// `usd` has 6 decimals, `eth` 18.
pub struct World {
    pub factory: Contract<SeriesFactory>,
    pub usd: Contract<Token>,
    pub eth: Contract<Token>,
    pub owner: Address,
    pub alice: Address,
}

impl World {
    pub fn new() -> Self {
        let world = Self {
            factory: Contract::new(),
            usd: Contract::new(),
            eth: Contract::new(),
            owner: Address::random(),
            alice: Address::random(),
        };
        world
            .factory
            .sender(world.alice)
            .constructor(world.owner)
            .motsu_unwrap();
        world
            .factory
            .sender(world.owner)
            .list_risk_profile(encoded(&NOVATION_DEFAULT))
            .motsu_unwrap();
        world.usd.sender(world.alice).state(U256::from(6));
        world.eth.sender(world.alice).state(U256::from(18));
        world
    }

    /// A pool with daily expiries at 08:00, a tick of 50 and half a year to run.
    pub fn terms(&self) -> Pool {
        Pool {
            settlement_asset: self.usd.address(),
            base_asset: self.eth.address(),
            risk_profile: 1,
            expiry_interval: DAY,
            expiry_offset: 28_800,
            max_tenor: 180 * DAY,
            strike_tick: 5_000_000_000,
            open_interest_cap: 1_000_000_000_000_000_000_000,
        }
    }

    pub fn list(&self, caller: Address, pool: Pool) -> Result<u32, Revert> {
        self.factory.sender(caller).list_pool(
            pool.settlement_asset,
            pool.base_asset,
            FEED,
            pool.risk_profile,
            pool.expiry_interval,
            pool.expiry_offset,
            pool.max_tenor,
            pool.strike_tick,
            pool.open_interest_cap,
        )
    }

    /// Alice, who is nobody special, lists a series.
    pub fn list_series(
        &self,
        pool: u32,
        expiry: u32,
        strike: u64,
        kind: u8,
    ) -> Result<U256, Revert> {
        self.factory
            .sender(self.alice)
            .list_series(pool, expiry, strike, kind)
    }
}

/// A profile as it is listed.
pub fn encoded(profile: &RiskProfile) -> Bytes {
    let mut buffer = [0; MAX_PROFILE_BYTES];
    let length = profile.to_bytes(&mut buffer);
    Bytes(buffer[..length].to_vec())
}

/// Asserts that a call reverts with exactly this error, and takes its effects back.
#[track_caller]
pub fn assert_reverts<T>(result: Result<T, Revert>, error: impl SolError) {
    match result.motsu_res() {
        Ok(_) => panic!("should revert"),
        Err(revert) => assert_eq!(revert, Revert::from(error)),
    }
}
