//! Registry of risk pools and option series. Holds no money.
//!
//! Powers of the owner: listing pools within hard bounds, and handing the ownership on. The owner can never change or remove a pool or a series,
//! for other contracts keep what was read here once. Series are listed by anyone, inside the rules of their pool.

#![cfg_attr(not(any(test, feature = "export-abi")), no_main)]
#![cfg_attr(not(any(test, feature = "export-abi")), no_std)]
#![allow(
    missing_docs,
    reason = "the entrypoint macro generates public functions without docs"
)]

#[macro_use]
extern crate alloc;

mod asset;
mod pool;
mod series;
#[cfg(test)]
mod tests;

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, U32, U256};
use interfaces::{ISeriesFactory, Ownership, Revert, ids, log};
use stylus_sdk::prelude::*;
use stylus_sdk::storage::{
    StorageBool, StorageGuard, StorageMap, StorageU32, StorageU256, StorageVec,
};

use crate::pool::{PoolTerms, StoredPool};
use crate::series::SeriesRules;

/// See the crate's documentation.
#[entrypoint]
#[storage]
pub struct SeriesFactory {
    ownership: Ownership,
    /// Number of pools; ids are 1 … `pool_count`.
    pool_count: StorageU32,
    pools: StorageMap<u32, StoredPool>,
    listed: StorageMap<U256, StorageBool>,
    /// Series of each pool in the order of their listing.
    series: StorageMap<u32, StorageVec<StorageU256>>,
}

#[public]
impl SeriesFactory {
    /// `owner` may list pools.
    ///
    /// # Errors
    /// `OwnableInvalidOwner` when zero.
    #[constructor]
    pub fn constructor(&mut self, owner: Address) -> Result<(), Revert> {
        self.ownership.begin(owner)
    }

    /// Lists a pool (owner only), forever as it is. `base_asset` may be zero; times in seconds, `strike_tick` in 1e-8 quote,
    /// `open_interest_cap` in contracts (1e18).
    ///
    /// # Errors
    /// `OwnableUnauthorizedAccount`, `ParameterOutOfBounds`, `BadAsset`.
    #[allow(clippy::too_many_arguments, reason = "the interface has them")]
    pub fn list_pool(
        &mut self,
        settlement_asset: Address,
        base_asset: Address,
        feed: B256,
        risk_profile: u32,
        expiry_interval: u32,
        expiry_offset: u32,
        max_tenor: u32,
        strike_tick: u64,
        open_interest_cap: u128,
    ) -> Result<u32, Revert> {
        self.ownership.only_owner()?;
        let rules = SeriesRules {
            expiry_interval,
            expiry_offset,
            max_tenor,
            strike_tick,
        };
        rules.check_bounds()?;
        pool::check_cap(open_interest_cap)?;
        if settlement_asset == base_asset {
            return Err(ISeriesFactory::BadAsset { asset: base_asset }.into());
        }
        let settlement_decimals = self.decimals_of(settlement_asset)?;
        let base_decimals = if base_asset.is_zero() {
            0
        } else {
            self.decimals_of(base_asset)?
        };

        let pool = pool::id_after(self.pool_count.get().saturating_to())?;
        self.pool_count.set(U32::from(pool));
        self.pools.setter(pool).store(&PoolTerms {
            settlement_asset,
            settlement_decimals,
            base_asset,
            base_decimals,
            feed,
            risk_profile,
            open_interest_cap,
            rules,
        });
        log(
            self.vm(),
            &ISeriesFactory::PoolListed {
                pool,
                settlementAsset: settlement_asset,
                baseAsset: base_asset,
                feed,
                riskProfile: risk_profile,
                openInterestCap: open_interest_cap,
            },
        );
        Ok(pool)
    }

    /// Lists a series, or returns the id of one that is listed already, changing nothing. `expiry` in unix seconds, `strike` in 1e-8 quote.
    ///
    /// # Errors
    /// `UnknownPool`, `BadKind`, `BadStrike`, `BadExpiry`.
    pub fn list_series(
        &mut self,
        pool: u32,
        expiry: u32,
        strike: u64,
        kind: u8,
    ) -> Result<U256, Revert> {
        let series = ids::series_id(pool, expiry, strike, kind);
        if self.listed.get(series) {
            return Ok(series);
        }
        let rules = self.pool(pool)?.rules();
        series::check_kind(kind)?;
        rules.check_strike(strike)?;
        rules.check_expiry(expiry, self.now())?;

        self.listed.insert(series, true);
        self.series.setter(pool).push(series);
        log(
            self.vm(),
            &ISeriesFactory::SeriesListed {
                seriesId: series,
                pool,
                expiry,
                strike,
                kind,
            },
        );
        Ok(series)
    }

    /// Whether a series may be traded until it expires.
    #[must_use]
    pub fn is_listed(&self, series_id: U256) -> bool {
        self.listed.get(series_id)
    }

    /// Number of pools; ids are 1 … `pool_count`.
    #[must_use]
    pub fn pool_count(&self) -> u32 {
        self.pool_count.get().saturating_to()
    }

    /// Settlement asset and its decimals, base asset and its decimals (both zero when the pool has none).
    ///
    /// # Errors
    /// `UnknownPool`.
    pub fn pool_assets(&self, pool: u32) -> Result<(Address, u8, Address, u8), Revert> {
        Ok(self.pool(pool)?.assets())
    }

    /// Feed, risk profile, decimals of settlement and base asset, and open interest cap (contracts, 1e18).
    ///
    /// # Errors
    /// `UnknownPool`.
    pub fn pool_risk(&self, pool: u32) -> Result<(B256, u32, u8, u8, u128), Revert> {
        Ok(self.pool(pool)?.risk())
    }

    /// Expiry interval and offset (s), longest tenor (s) and strike tick (1e-8 quote).
    ///
    /// # Errors
    /// `UnknownPool`.
    pub fn pool_series_rules(&self, pool: u32) -> Result<(u32, u32, u32, u64), Revert> {
        let rules = self.pool(pool)?.rules();
        Ok((
            rules.expiry_interval,
            rules.expiry_offset,
            rules.max_tenor,
            rules.strike_tick,
        ))
    }

    /// Number of series listed in a pool; 0 for an unknown one.
    #[must_use]
    pub fn series_count(&self, pool: u32) -> U256 {
        U256::from(self.series.getter(pool).len())
    }

    /// A series by the order of listing in its pool.
    ///
    /// # Errors
    /// `IndexOutOfBounds`.
    pub fn series_at(&self, pool: u32, index: U256) -> Result<U256, Revert> {
        let series = self.series.getter(pool);
        usize::try_from(index)
            .ok()
            .and_then(|index| series.get(index))
            .ok_or_else(|| {
                let length = U256::from(series.len());
                ISeriesFactory::IndexOutOfBounds { index, length }.into()
            })
    }

    /// The owner; zero when there is none.
    #[must_use]
    pub fn owner(&self) -> Address {
        self.ownership.owner()
    }

    /// Who may accept the ownership.
    #[must_use]
    pub fn pending_owner(&self) -> Address {
        self.ownership.pending()
    }

    /// Offers the ownership (owner only); zero withdraws an offer.
    ///
    /// # Errors
    /// `OwnableUnauthorizedAccount`.
    pub fn transfer_ownership(&mut self, new_owner: Address) -> Result<(), Revert> {
        self.ownership.offer(new_owner)
    }

    /// Takes the offered ownership.
    ///
    /// # Errors
    /// `OwnableUnauthorizedAccount`.
    pub fn accept_ownership(&mut self) -> Result<(), Revert> {
        self.ownership.accept()
    }

    /// Leaves the factory without owner (owner only): no more pools.
    ///
    /// # Errors
    /// `OwnableUnauthorizedAccount`.
    pub fn renounce_ownership(&mut self) -> Result<(), Revert> {
        self.ownership.renounce()
    }
}

impl SeriesFactory {
    /// A listed pool. Errors: `UnknownPool`.
    fn pool(&self, pool: u32) -> Result<StorageGuard<'_, StoredPool>, Revert> {
        let stored = self.pools.getter(pool);
        if stored.is_listed() {
            Ok(stored)
        } else {
            Err(ISeriesFactory::UnknownPool { pool }.into())
        }
    }

    /// Unix seconds.
    fn now(&self) -> u64 {
        self.vm().block_timestamp()
    }
}
