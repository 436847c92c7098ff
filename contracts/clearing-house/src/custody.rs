//! What the kernel asks of the vault and the registry.
//!
//! Relied on: the vault moves balances for this contract alone, refuses what a bucket does not hold, and never calls back; a pool's assets
//! never change; only the ERC-20 behind [`ClearingHouse::release`] is foreign code.

use alloy_primitives::{Address, U256};
use interfaces::IClearingHouse::InsufficientCash;
use interfaces::{ICollateralVault, ISeriesFactory, Revert, call, view};

use crate::ClearingHouse;
use crate::positions::pool_of;

/// Settlement and base balance of a bucket, token units.
#[derive(Clone, Copy)]
pub(crate) struct Balances {
    pub(crate) cash: U256,
    pub(crate) base: U256,
}

impl ClearingHouse {
    /// Balances of a bucket.
    pub(crate) fn balances_of(&self, bucket: U256) -> Result<Balances, Revert> {
        let balances = view(
            self,
            self.vault.get(),
            &ICollateralVault::balancesOfCall { bucket },
        )?;
        Ok(Balances {
            cash: balances.settlementBalance,
            base: balances.baseBalance,
        })
    }

    /// Settlement and base asset of an account's pool; base zero when it has none. Errors: the factory's `UnknownPool`.
    pub(crate) fn assets_of(&self, account: U256) -> Result<(Address, Address), Revert> {
        let pool = pool_of(account);
        let assets = view(
            self,
            self.factory.get(),
            &ISeriesFactory::poolAssetsCall { pool },
        )?;
        Ok((assets.settlementAsset, assets.baseAsset))
    }

    /// Moves between buckets; nothing to move is no call.
    pub(crate) fn move_balance(
        &mut self,
        asset: Address,
        from: U256,
        to: U256,
        assets: U256,
    ) -> Result<(), Revert> {
        if assets.is_zero() {
            return Ok(());
        }
        let vault = self.vault.get();
        call(
            self,
            vault,
            &ICollateralVault::moveBalanceCall {
                asset,
                from,
                to,
                assets,
            },
        )?;
        Ok(())
    }

    /// Sends tokens out: the one call that reaches foreign code.
    pub(crate) fn release(
        &mut self,
        asset: Address,
        account: U256,
        recipient: Address,
        assets: U256,
    ) -> Result<(), Revert> {
        let vault = self.vault.get();
        call(
            self,
            vault,
            &ICollateralVault::releaseCall {
                asset,
                account,
                recipient,
                assets,
            },
        )?;
        Ok(())
    }
}

/// What is left of a balance. Errors: `InsufficientCash`.
pub(crate) fn take(account: U256, balance: U256, needed: U256) -> Result<U256, Revert> {
    balance.checked_sub(needed).ok_or_else(|| {
        InsufficientCash {
            account,
            cash: balance,
            needed,
        }
        .into()
    })
}
