//! Registry of risk pools and option series. Holds no money.
//!
//! Powers of the owner: listing pools and risk profiles within hard bounds, offering new versions of a profile under the rules of
//! [`risk_profile`], and handing the ownership on. The owner can never change or remove a pool or a series, for other contracts keep what was
//! read here once. Series are listed by anyone, inside the rules of their pool.

#![cfg_attr(not(any(test, feature = "export-abi")), no_main)]
#![cfg_attr(not(any(test, feature = "export-abi")), no_std)]
#![allow(
    missing_docs,
    clippy::needless_pass_by_value,
    clippy::type_complexity,
    reason = "the entrypoint macro generates public functions without docs; entry points have the signatures of the interface"
)]

#[macro_use]
extern crate alloc;

mod asset;
mod pool;
mod profile_data;
mod risk_profile;
mod series;
mod strictness;
#[cfg(test)]
mod tests;

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, U32, U256};
use interfaces::{ISeriesFactory, Ownership, Revert, data_contract, ids, log};
use stylus_sdk::abi::Bytes;
use stylus_sdk::prelude::*;
use stylus_sdk::storage::{
    StorageBool, StorageGuard, StorageMap, StorageU32, StorageU256, StorageVec,
};

use crate::pool::{PoolTerms, StoredPool};
use crate::risk_profile::StoredProfile;
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
    /// Number of risk profiles; ids are 1 … `risk_profile_count`.
    risk_profile_count: StorageU32,
    risk_profiles: StorageMap<u32, StoredProfile>,
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
    /// `OwnableUnauthorizedAccount`, `ParameterOutOfBounds`, `UnknownRiskProfile`, `BadAsset`.
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
        self.profile(risk_profile)?;
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

    /// Lists a risk profile (owner only), as its first version.
    ///
    /// # Errors
    /// `OwnableUnauthorizedAccount`, `MalformedRiskProfile`, `RiskProfileOutOfBounds`, `NotCreated`.
    pub fn list_risk_profile(&mut self, profile: Bytes) -> Result<u32, Revert> {
        self.ownership.only_owner()?;
        profile_data::check(&profile)?;
        let data = profile_data::store(self, &profile)?;
        let id = pool::id_after(self.risk_profile_count.get().saturating_to())?;
        self.risk_profile_count.set(U32::from(id));
        self.risk_profiles.setter(id).list(data);
        log(
            self.vm(),
            &ISeriesFactory::RiskProfileListed {
                riskProfile: id,
                data,
            },
        );
        Ok(id)
    }

    /// Offers another version of a risk profile (owner only): in effect at once if nowhere milder and promising no less, else after a wait.
    /// Returns when.
    ///
    /// # Errors
    /// `OwnableUnauthorizedAccount`, `UnknownRiskProfile`, `MalformedRiskProfile`, `RiskProfileOutOfBounds`, `RampUnderway`, `NotCreated`.
    pub fn propose_risk_profile(
        &mut self,
        risk_profile: u32,
        profile: Bytes,
    ) -> Result<u64, Revert> {
        self.ownership.only_owner()?;
        let current = self.profile(risk_profile)?.current();
        let tightens = profile_data::tightens(self, current, &profile)?;
        let data = profile_data::store(self, &profile)?;
        let now = self.now();
        if tightens {
            self.change_profile(risk_profile, data)?;
            return Ok(now);
        }
        let effective_at = self.risk_profiles.setter(risk_profile).announce(data, now);
        log(
            self.vm(),
            &ISeriesFactory::RiskProfileProposed {
                riskProfile: risk_profile,
                data,
                effectiveAt: effective_at,
            },
        );
        Ok(effective_at)
    }

    /// Brings the version that has waited into effect.
    ///
    /// # Errors
    /// `UnknownRiskProfile`, `NothingPending`, `TooEarly`, `RampUnderway`.
    pub fn apply_risk_profile(&mut self, risk_profile: u32) -> Result<(), Revert> {
        self.profile(risk_profile)?;
        let mut stored = self.risk_profiles.setter(risk_profile);
        let (data, effective_at) = stored.take_pending(risk_profile)?;
        let time = self.now();
        if time < effective_at {
            return Err(ISeriesFactory::TooEarly {
                time,
                effectiveAt: effective_at,
            }
            .into());
        }
        self.change_profile(risk_profile, data)
    }

    /// Withdraws the version that waits (owner only).
    ///
    /// # Errors
    /// `OwnableUnauthorizedAccount`, `UnknownRiskProfile`, `NothingPending`.
    pub fn cancel_risk_profile(&mut self, risk_profile: u32) -> Result<(), Revert> {
        self.ownership.only_owner()?;
        self.profile(risk_profile)?;
        let mut stored = self.risk_profiles.setter(risk_profile);
        let (data, _) = stored.take_pending(risk_profile)?;
        log(
            self.vm(),
            &ISeriesFactory::RiskProfileCancelled {
                riskProfile: risk_profile,
                data,
            },
        );
        Ok(())
    }

    /// Number of risk profiles; ids are 1 … `risk_profile_count`.
    #[must_use]
    pub fn risk_profile_count(&self) -> u32 {
        self.risk_profile_count.get().saturating_to()
    }

    /// Version, its contract, the one before, start and end of the ramp between them, the contract that waits and until when.
    ///
    /// # Errors
    /// `UnknownRiskProfile`.
    pub fn risk_profile_versions(
        &self,
        risk_profile: u32,
    ) -> Result<(u32, Address, Address, u64, u64, Address, u64), Revert> {
        let versions = self.profile(risk_profile)?.versions();
        Ok((
            versions.version,
            versions.current,
            versions.previous,
            versions.ramp_start,
            versions.ramp_end,
            versions.pending,
            versions.effective_at,
        ))
    }

    /// The profile in effect, encoded.
    ///
    /// # Errors
    /// `UnknownRiskProfile`.
    pub fn risk_profile_bytes(&self, risk_profile: u32) -> Result<Bytes, Revert> {
        let current = self.profile(risk_profile)?.current();
        Ok(Bytes(data_contract::read(self, current)?))
    }

    /// What the profile promises (bits of `clearing_math::margin::RiskProfile::guarantees`): while a ramp is underway what both its versions do;
    /// and what it will once the version that waits is in effect, the same where none waits.
    ///
    /// # Errors
    /// `UnknownRiskProfile`.
    pub fn risk_profile_guarantees(&self, risk_profile: u32) -> Result<(u8, u8), Revert> {
        let stored = self.profile(risk_profile)?;
        let (weights, pending) = (stored.weights(self.now()), stored.versions().pending);
        let of = |data: Address, none: u8| match data {
            Address::ZERO => Ok(none),
            data => profile_data::guarantees(self, data),
        };
        let current = of(weights.current, 0)?;
        let next = of(pending, current)?;
        Ok((current & of(weights.previous, current)?, next))
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

    /// Feed, risk profile, decimals of settlement and base asset, open interest cap (contracts, 1e18), the profile's contract, the
    /// contract before it (zero: no ramp is underway), start and end of the ramp.
    ///
    /// # Errors
    /// `UnknownPool`.
    pub fn pool_risk(
        &self,
        pool: u32,
    ) -> Result<(B256, u32, u8, u8, u128, Address, Address, u64, u64), Revert> {
        let (feed, id, settlement, base, cap) = self.pool(pool)?.risk();
        let weights = self.risk_profiles.getter(id).weights(self.now());
        Ok((
            feed,
            id,
            settlement,
            base,
            cap,
            weights.current,
            weights.previous,
            weights.ramp_start,
            weights.ramp_end,
        ))
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

    /// A listed risk profile. Errors: `UnknownRiskProfile`.
    fn profile(&self, id: u32) -> Result<StorageGuard<'_, StoredProfile>, Revert> {
        let stored = self.risk_profiles.getter(id);
        if stored.is_listed() {
            Ok(stored)
        } else {
            Err(ISeriesFactory::UnknownRiskProfile { riskProfile: id }.into())
        }
    }

    /// Lets a version follow the one in effect. Errors: `RampUnderway`.
    fn change_profile(&mut self, id: u32, data: Address) -> Result<(), Revert> {
        let now = self.now();
        let (version, ramp_end) = self.risk_profiles.setter(id).advance(id, data, now)?;
        log(
            self.vm(),
            &ISeriesFactory::RiskProfileChanged {
                riskProfile: id,
                version,
                data,
                rampEnd: ramp_end,
            },
        );
        Ok(())
    }

    /// Unix seconds.
    fn now(&self) -> u64 {
        self.vm().block_timestamp()
    }
}
