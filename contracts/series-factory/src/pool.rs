//! A pool as it is stored: written once, and laid out so that what a margin call reads takes two slots.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, U8, U32, U64, U128, U256};
use interfaces::{ISeriesFactory, Revert};
use stylus_sdk::prelude::*;
use stylus_sdk::storage::{
    StorageAddress, StorageB256, StorageU8, StorageU32, StorageU64, StorageU128,
};

use crate::series::{SeriesRules, check_bounds};

/// Everything a pool is listed with.
pub struct PoolTerms {
    pub settlement_asset: Address,
    pub settlement_decimals: u8,
    /// Zero: none.
    pub base_asset: Address,
    pub base_decimals: u8,
    pub feed: B256,
    pub risk_profile: u32,
    /// Contracts, 1e18.
    pub open_interest_cap: u128,
    pub rules: SeriesRules,
}

/// A pool in storage, slot by slot.
#[storage]
pub struct StoredPool {
    // Slot 0 and 1: all that `poolRisk` returns. The cap is never zero, so it also tells whether the pool is listed.
    open_interest_cap: StorageU128,
    risk_profile: StorageU32,
    settlement_decimals: StorageU8,
    base_decimals: StorageU8,
    strike_tick: StorageU64,
    feed: StorageB256,
    // Slot 2.
    settlement_asset: StorageAddress,
    expiry_interval: StorageU32,
    expiry_offset: StorageU32,
    max_tenor: StorageU32,
    // Slot 3.
    base_asset: StorageAddress,
}

impl StoredPool {
    /// Writes the pool, once.
    pub fn store(&mut self, terms: &PoolTerms) {
        self.open_interest_cap
            .set(U128::from(terms.open_interest_cap));
        self.risk_profile.set(U32::from(terms.risk_profile));
        self.settlement_decimals
            .set(U8::from(terms.settlement_decimals));
        self.base_decimals.set(U8::from(terms.base_decimals));
        self.strike_tick.set(U64::from(terms.rules.strike_tick));
        self.feed.set(terms.feed);
        self.settlement_asset.set(terms.settlement_asset);
        self.expiry_interval
            .set(U32::from(terms.rules.expiry_interval));
        self.expiry_offset.set(U32::from(terms.rules.expiry_offset));
        self.max_tenor.set(U32::from(terms.rules.max_tenor));
        self.base_asset.set(terms.base_asset);
    }

    /// Whether the pool exists.
    pub fn is_listed(&self) -> bool {
        !self.open_interest_cap.get().is_zero()
    }

    /// Settlement asset, its decimals, base asset, its decimals.
    pub fn assets(&self) -> (Address, u8, Address, u8) {
        (
            self.settlement_asset.get(),
            self.settlement_decimals.get().saturating_to(),
            self.base_asset.get(),
            self.base_decimals.get().saturating_to(),
        )
    }

    /// Feed, risk profile, settlement and base decimals, open interest cap.
    pub fn risk(&self) -> (B256, u32, u8, u8, u128) {
        (
            self.feed.get(),
            self.risk_profile.get().saturating_to(),
            self.settlement_decimals.get().saturating_to(),
            self.base_decimals.get().saturating_to(),
            self.open_interest_cap.get().saturating_to(),
        )
    }

    /// What a new series must satisfy.
    pub fn rules(&self) -> SeriesRules {
        SeriesRules {
            expiry_interval: self.expiry_interval.get().saturating_to(),
            expiry_offset: self.expiry_offset.get().saturating_to(),
            max_tenor: self.max_tenor.get().saturating_to(),
            strike_tick: self.strike_tick.get().saturating_to(),
        }
    }
}

/// Checks the most contracts (1e18) a series may have open. Errors: `ParameterOutOfBounds` for zero.
pub fn check_cap(open_interest_cap: u128) -> Result<(), Revert> {
    check_bounds(open_interest_cap, 1, u128::MAX)
}

/// Id of the pool listed after `count` others. Errors: `ParameterOutOfBounds` when ids are used up.
pub fn id_after(count: u32) -> Result<u32, Revert> {
    count.checked_add(1).ok_or_else(|| {
        let most = U256::from(u32::MAX);
        let given = most.saturating_add(U256::from(1));
        let least = U256::from(1);
        ISeriesFactory::ParameterOutOfBounds { given, least, most }.into()
    })
}
