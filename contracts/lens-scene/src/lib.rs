//! For tests alone: what the programs of the lens ask. Kernel, factory and adapter are stand-ins that answer what a test tells them, in the encoding of
//! the generated bindings; engine and model are the real ones.
//!
//! Pools 7 and 9 share a feed, pool 8 has its own. Settlement tokens have 6 decimals, base tokens 8.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::missing_panics_doc,
    reason = "tests may panic"
)]

extern crate alloc;

mod stand_ins;
mod world;

pub use stand_ins::{Adapter, Factory, Kernel, Model};
pub use world::{
    BASE, CAP, FEED, Holdings, MONTH, NOW, OTHER_FEED, OTHER_POOL, POOL, QUARTER, Quote,
    SHARING_POOL, SURE, UNIT, USDC, VOLATILITY, WAD, World, asked, change, flat, market, world,
};

use alloy_primitives::{Address, B256, I256, U256};
use alloy_sol_types::{SolCall, SolError};
use clearing_math::leg::{Leg, OptionKind};
use clearing_math::margin::{MAX_PROFILE_BYTES, NOVATION_DEFAULT};
use clearing_math::series::Series;
use interfaces::{Revert, data_contract};
use margin_engine::MarginEngine;
use motsu::prelude::*;

/// Initial, maintenance, mark, worst scenario, degraded.
pub type Balances = (I256, I256, I256, u32, bool);

/// Everything the programs of the lens ask, connected.
pub struct Scene {
    /// The real engine.
    pub engine: Contract<MarginEngine>,
    /// Its factory.
    pub factory: Contract<Factory>,
    /// Its adapter.
    pub adapter: Contract<Adapter>,
    /// Where accounts are.
    pub kernel: Contract<Kernel>,
    /// The real model.
    pub model: Contract<Model>,
}

impl Scene {
    /// Spot 2,000 without a band in [`FEED`] and 100 in [`OTHER_FEED`], 60 % for two expiries of both, no accounts.
    #[must_use]
    pub fn set() -> Self {
        let scene = Self {
            engine: Contract::new(),
            factory: Contract::new(),
            adapter: Contract::new(),
            kernel: Contract::new(),
            model: Contract::new(),
        };
        scene
            .engine
            .sender(caller())
            .constructor(
                scene.factory.address(),
                scene.adapter.address(),
                scene.model.address(),
                scene.model.address(),
            )
            .motsu_unwrap();
        let mut buffer = [0; MAX_PROFILE_BYTES];
        let length = NOVATION_DEFAULT.to_bytes(&mut buffer);
        let profile = data_contract::create(&(), &buffer[..length]).unwrap();
        change(|world| {
            *world = World {
                profile,
                ..World::default()
            };
        });
        scene
    }

    /// What the engine says of a portfolio on the adapter's own data; `cash` and `base` in token units.
    pub fn margin(
        &self,
        pool: u32,
        legs: &[Leg],
        cash: i128,
        base: u128,
    ) -> Result<Balances, Revert> {
        let (cash, base) = (I256::try_from(cash).unwrap(), U256::from(base));
        self.engine
            .sender(caller())
            .margin(pool, words(legs), cash, base)
            .motsu_res()
    }
}

/// Who calls.
#[must_use]
pub fn caller() -> Address {
    Address::repeat_byte(0xca)
}

/// Strike in quote units, contracts in hundredths.
#[must_use]
pub fn leg(expiry: u32, strike: u64, kind: OptionKind, hundredths: i128) -> Leg {
    Leg {
        expiry,
        strike: strike * 100_000_000,
        kind,
        contracts: hundredths * 10_000_000_000_000_000,
    }
}

/// Id of a leg's series in a pool.
#[must_use]
pub fn series(pool: u32, leg: &Leg) -> U256 {
    let series = Series {
        pool,
        expiry: leg.expiry,
        strike: leg.strike,
        kind: leg.kind,
    };
    U256::from_be_bytes(series.to_id())
}

/// Leg words.
#[must_use]
pub fn words(legs: &[Leg]) -> Vec<B256> {
    legs.iter().map(|leg| B256::new(leg.to_word())).collect()
}

/// Account id in a pool.
#[must_use]
pub fn account(pool: u32, number: u64) -> U256 {
    let owner = U256::from_be_bytes(caller().into_word().0) << 96;
    owner | (U256::from(pool) << 64) | U256::from(number)
}

/// The error, as the caller sees it.
pub fn error<E: SolError>(expected: E) -> Revert {
    expected.into()
}

/// Selector of an error, as an item of a batch says it.
#[must_use]
pub fn failure<E: SolError>() -> alloy_primitives::FixedBytes<4> {
    E::SELECTOR.into()
}

/// Reads the answer to a call.
#[must_use]
pub fn returned<C: SolCall>(answer: &[u8]) -> C::Return {
    C::abi_decode_returns(answer, true).unwrap()
}
