//! Who owns what: balances per bucket and asset, and their sums. Knows nothing of tokens or callers.

use alloc::vec::Vec;

use alloy_primitives::{Address, U256};
use interfaces::{ICollateralVault, Revert};
use stylus_sdk::prelude::*;
use stylus_sdk::storage::{StorageMap, StorageU256};

/// Balances in token units. Invariant: for every asset the sum of all buckets is the total.
#[storage]
pub struct Ledger {
    balances: StorageMap<U256, StorageMap<Address, StorageU256>>,
    totals: StorageMap<Address, StorageU256>,
}

impl Ledger {
    /// Balance of a bucket, in token units.
    pub fn balance(&self, bucket: U256, asset: Address) -> U256 {
        self.balances.getter(bucket).get(asset)
    }

    /// Sum of all buckets of an asset, in token units.
    pub fn total(&self, asset: Address) -> U256 {
        self.totals.get(asset)
    }

    /// Adds tokens that have arrived.
    ///
    /// # Errors
    /// `Overflow` when the total of the asset exceeds 256 bits.
    pub fn credit(&mut self, bucket: U256, asset: Address, assets: U256) -> Result<(), Revert> {
        let total = self
            .total(asset)
            .checked_add(assets)
            .ok_or(ICollateralVault::Overflow {})?;
        self.totals.insert(asset, total);
        self.add(bucket, asset, assets)
    }

    /// Takes away tokens that are about to leave.
    ///
    /// # Errors
    /// `InsufficientBalance` when the bucket holds less.
    pub fn debit(&mut self, bucket: U256, asset: Address, assets: U256) -> Result<(), Revert> {
        self.take(bucket, asset, assets)?;
        // The total is at least the bucket's balance, which `take` found sufficient.
        let total = self
            .total(asset)
            .checked_sub(assets)
            .ok_or(ICollateralVault::Overflow {})?;
        self.totals.insert(asset, total);
        Ok(())
    }

    /// Moves between buckets; the total stays.
    ///
    /// # Errors
    /// `InsufficientBalance` when `from` holds less, even if `to` is the same bucket.
    pub fn transfer(
        &mut self,
        asset: Address,
        from: U256,
        to: U256,
        assets: U256,
    ) -> Result<(), Revert> {
        self.take(from, asset, assets)?;
        self.add(to, asset, assets)
    }

    fn add(&mut self, bucket: U256, asset: Address, assets: U256) -> Result<(), Revert> {
        let mut bucket = self.balances.setter(bucket);
        let balance = bucket
            .get(asset)
            .checked_add(assets)
            .ok_or(ICollateralVault::Overflow {})?;
        bucket.insert(asset, balance);
        Ok(())
    }

    fn take(&mut self, bucket: U256, asset: Address, needed: U256) -> Result<(), Revert> {
        let balance = self.balance(bucket, asset);
        let rest = balance
            .checked_sub(needed)
            .ok_or(ICollateralVault::InsufficientBalance {
                bucket,
                asset,
                balance,
                needed,
            })?;
        self.balances.setter(bucket).insert(asset, rest);
        Ok(())
    }
}
