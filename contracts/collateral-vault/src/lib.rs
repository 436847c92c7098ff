//! Custody: the only place where tokens rest, and one ledger of who owns them.
//!
//! Invariant: for every asset, token balance of this contract ≥ sum of all buckets = `totalOf(asset)`.
//!
//! Anyone may deposit, for any account. Only the clearing house moves balances (never out of a pool) or sends tokens out, and the deployer can
//! do nothing but name it, once. There is no owner, no pause and no way to touch a balance besides.
//!
//! What is assumed of a token, since pools are listed by a trusted owner: it does not change balances by itself. What is not assumed: that it
//! returns anything, that it delivers what was asked for, or that it does not call back. While a token is called, everything here that reads or
//! writes the ledger reverts `Locked`, so nobody ever sees or uses a ledger and tokens that disagree.

#![cfg_attr(not(any(test, feature = "export-abi")), no_main)]
#![cfg_attr(not(any(test, feature = "export-abi")), no_std)]
#![allow(
    missing_docs,
    reason = "the entrypoint macro generates public functions without docs"
)]

#[macro_use]
extern crate alloc;

mod custody;
mod ledger;
mod pool_assets;
#[cfg(test)]
mod tests;

use alloc::vec::Vec;

use alloy_primitives::{Address, U256};
use interfaces::{ICollateralVault, Revert, ids, log};
use stylus_sdk::prelude::*;
use stylus_sdk::storage::{StorageAddress, StorageBool, StorageMap};

use crate::ledger::Ledger;
use crate::pool_assets::StoredPoolAssets;

/// See the crate's documentation.
#[entrypoint]
#[storage]
pub struct CollateralVault {
    /// The only caller of moves and releases; zero until connected.
    clearing_house: StorageAddress,
    /// Whether a token is being called. It shares the slot of `clearing_house`: one read serves both checks, and setting the lock costs 2,900 gas
    /// before refunds where it would cost 20,000 in a slot that is empty.
    locked: StorageBool,
    /// Who may connect, once.
    deployer: StorageAddress,
    /// Where pools are listed.
    series_factory: StorageAddress,
    ledger: Ledger,
    pools: StorageMap<u32, StoredPoolAssets>,
}

#[public]
impl CollateralVault {
    /// `deployer` may call `connect`, once; `series_factory` says which assets a pool takes.
    ///
    /// # Errors
    /// `ZeroAddress`.
    #[constructor]
    pub fn constructor(
        &mut self,
        deployer: Address,
        series_factory: Address,
    ) -> Result<(), Revert> {
        if deployer.is_zero() || series_factory.is_zero() {
            return Err(ICollateralVault::ZeroAddress {}.into());
        }
        self.deployer.set(deployer);
        self.series_factory.set(series_factory);
        Ok(())
    }

    /// Fixes the clearing house, once, by the deployer. This is all the deployer can ever do.
    ///
    /// # Errors
    /// `NotDeployer`, `AlreadyConnected`, `ZeroAddress`.
    pub fn connect(&mut self, clearing_house: Address) -> Result<(), Revert> {
        self.only_unlocked()?;
        let caller = self.vm().msg_sender();
        if caller != self.deployer.get() {
            return Err(ICollateralVault::NotDeployer { caller }.into());
        }
        let connected = self.clearing_house.get();
        if !connected.is_zero() {
            return Err(ICollateralVault::AlreadyConnected {
                clearingHouse: connected,
            }
            .into());
        }
        if clearing_house.is_zero() {
            return Err(ICollateralVault::ZeroAddress {}.into());
        }

        self.clearing_house.set(clearing_house);
        log(
            self.vm(),
            &ICollateralVault::Connected {
                clearingHouse: clearing_house,
            },
        );
        Ok(())
    }

    /// Pulls `assets` token units from the caller into `account`, anyone's.
    ///
    /// # Errors
    /// `Locked`, `NotConnected`, `ZeroAmount`, `BadAccount`, the factory's `UnknownPool`, `UnacceptedAsset`, `TransferFailed`,
    /// `FeeOnTransferToken`, `Overflow`.
    pub fn deposit(&mut self, account: U256, asset: Address, assets: U256) -> Result<(), Revert> {
        self.only_unlocked()?;
        self.only_connected()?;
        if assets.is_zero() {
            return Err(ICollateralVault::ZeroAmount {}.into());
        }
        if !ids::is_account(account) {
            return Err(ICollateralVault::BadAccount { account }.into());
        }
        let pool = ids::account_pool(account);
        if !self.keep_assets_of(pool)?.accept(asset) {
            return Err(ICollateralVault::UnacceptedAsset { pool, asset }.into());
        }

        // The one place where the ledger follows the token: what arrived is known only afterwards. The lock hides the moment in between.
        self.pull(asset, assets)?;
        self.ledger.credit(account, asset, assets)?;
        let caller = self.vm().msg_sender();
        log(
            self.vm(),
            &ICollateralVault::CollateralDeposited {
                account,
                caller,
                asset,
                assets,
            },
        );
        Ok(())
    }

    /// Pulls `assets` units of the settlement asset from the caller into the pool's insurance. A gift.
    ///
    /// # Errors
    /// As [`CollateralVault::deposit`].
    pub fn deposit_insurance(&mut self, pool: u32, assets: U256) -> Result<(), Revert> {
        self.only_unlocked()?;
        self.only_connected()?;
        if assets.is_zero() {
            return Err(ICollateralVault::ZeroAmount {}.into());
        }
        let asset = self.keep_assets_of(pool)?.settlement;

        self.pull(asset, assets)?;
        self.ledger
            .credit(ids::insurance_bucket(pool), asset, assets)?;
        let caller = self.vm().msg_sender();
        log(
            self.vm(),
            &ICollateralVault::InsuranceDeposited {
                pool,
                caller,
                assets,
            },
        );
        Ok(())
    }

    /// Moves `assets` token units between buckets of one pool. Zero is allowed and moves nothing.
    ///
    /// # Errors
    /// `Locked`, `NotClearingHouse`, `BadAccount` when `to` is no bucket, `WrongPool`, `InsufficientBalance`.
    pub fn move_balance(
        &mut self,
        asset: Address,
        from: U256,
        to: U256,
        assets: U256,
    ) -> Result<(), Revert> {
        self.only_unlocked()?;
        self.only_clearing_house()?;
        if !ids::is_bucket(to) {
            return Err(ICollateralVault::BadAccount { account: to }.into());
        }
        let (given, expected) = (ids::account_pool(to), ids::account_pool(from));
        if given != expected {
            return Err(ICollateralVault::WrongPool { given, expected }.into());
        }

        self.ledger.transfer(asset, from, to, assets)?;
        log(
            self.vm(),
            &ICollateralVault::BalanceMoved {
                from,
                to,
                asset,
                assets,
            },
        );
        Ok(())
    }

    /// Sends `assets` token units out of `account` to `recipient`.
    ///
    /// # Errors
    /// `Locked`, `NotClearingHouse`, `ZeroAmount`, `BadAccount`, `ZeroAddress`, `BadRecipient`, `InsufficientBalance`, `TransferFailed`.
    pub fn release(
        &mut self,
        asset: Address,
        account: U256,
        recipient: Address,
        assets: U256,
    ) -> Result<(), Revert> {
        self.only_unlocked()?;
        self.only_clearing_house()?;
        if assets.is_zero() {
            return Err(ICollateralVault::ZeroAmount {}.into());
        }
        if !ids::is_account(account) {
            return Err(ICollateralVault::BadAccount { account }.into());
        }
        if recipient.is_zero() {
            return Err(ICollateralVault::ZeroAddress {}.into());
        }
        // The tokens would stay while the ledger forgets them.
        if recipient == self.vm().contract_address() {
            return Err(ICollateralVault::BadRecipient { recipient }.into());
        }

        self.ledger.debit(account, asset, assets)?;
        log(
            self.vm(),
            &ICollateralVault::CollateralReleased {
                account,
                recipient,
                asset,
                assets,
            },
        );
        self.push(asset, recipient, assets)
    }

    /// Balance of a bucket, in token units.
    ///
    /// # Errors
    /// `Locked`.
    pub fn balance_of(&self, bucket: U256, asset: Address) -> Result<U256, Revert> {
        self.only_unlocked()?;
        Ok(self.ledger.balance(bucket, asset))
    }

    /// Settlement and base balance of a bucket, in token units; base 0 when the pool takes none.
    ///
    /// # Errors
    /// `Locked`, the factory's `UnknownPool`.
    pub fn balances_of(&self, bucket: U256) -> Result<(U256, U256), Revert> {
        self.only_unlocked()?;
        let assets = self.assets_of(ids::account_pool(bucket))?;
        let base = if assets.base.is_zero() {
            U256::ZERO
        } else {
            self.ledger.balance(bucket, assets.base)
        };
        Ok((self.ledger.balance(bucket, assets.settlement), base))
    }

    /// The pool's insurance, in units of its settlement asset.
    ///
    /// # Errors
    /// `Locked`, the factory's `UnknownPool`.
    pub fn insurance_of(&self, pool: u32) -> Result<U256, Revert> {
        self.only_unlocked()?;
        let asset = self.assets_of(pool)?.settlement;
        Ok(self.ledger.balance(ids::insurance_bucket(pool), asset))
    }

    /// Sum of all buckets of an asset, in token units.
    ///
    /// # Errors
    /// `Locked`.
    pub fn total_of(&self, asset: Address) -> Result<U256, Revert> {
        self.only_unlocked()?;
        Ok(self.ledger.total(asset))
    }

    /// Tokens held beyond the ledger, in token units: donations. They belong to nobody and cannot be taken.
    ///
    /// # Errors
    /// `Locked`, `TransferFailed` when the token does not answer.
    pub fn surplus(&self, asset: Address) -> Result<U256, Revert> {
        self.only_unlocked()?;
        Ok(self.held(asset)?.saturating_sub(self.ledger.total(asset)))
    }

    /// The clearing house; zero until connected.
    #[must_use]
    pub fn clearing_house(&self) -> Address {
        self.clearing_house.get()
    }

    /// Where pools are listed.
    #[must_use]
    pub fn series_factory(&self) -> Address {
        self.series_factory.get()
    }
}
