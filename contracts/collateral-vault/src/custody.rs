//! The guards of the entry points, and the calls to other contracts: the factory, and tokens under the lock.

use alloy_primitives::{Address, B256, U256, b256};
use alloy_sol_types::{SolCall, sol};
use interfaces::{ICollateralVault, ISeriesFactory, Revert, call_encoded, view};
use stylus_sdk::prelude::*;

use crate::CollateralVault;
use crate::pool_assets::PoolAssets;

#[allow(
    missing_docs,
    clippy::all,
    clippy::pedantic,
    clippy::arithmetic_side_effects
)]
mod erc20 {
    use super::sol;

    sol! {
        interface IERC20 {
            function balanceOf(address account) external view returns (uint256);
            function transfer(address to, uint256 value) external returns (bool);
            function transferFrom(address from, address to, uint256 value) external returns (bool);
        }
    }
}

use erc20::IERC20;

/// Code hash of an address that was used but has no code: keccak256 of nothing.
const NO_CODE: B256 = b256!("c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");

impl CollateralVault {
    /// `Locked` while a token is being called.
    pub(crate) fn only_unlocked(&self) -> Result<(), Revert> {
        if self.locked.get() {
            return Err(ICollateralVault::Locked {}.into());
        }
        Ok(())
    }

    /// `NotConnected` while nobody could release what is deposited.
    pub(crate) fn only_connected(&self) -> Result<(), Revert> {
        if self.clearing_house.get().is_zero() {
            return Err(ICollateralVault::NotConnected {}.into());
        }
        Ok(())
    }

    /// `NotClearingHouse` for every other caller.
    pub(crate) fn only_clearing_house(&self) -> Result<(), Revert> {
        let caller = self.vm().msg_sender();
        if caller != self.clearing_house.get() {
            return Err(ICollateralVault::NotClearingHouse { caller }.into());
        }
        Ok(())
    }

    /// Assets of a pool, from storage or else from the factory, whose `UnknownPool` is passed on.
    pub(crate) fn assets_of(&self, pool: u32) -> Result<PoolAssets, Revert> {
        if let Some(assets) = self.pools.getter(pool).known() {
            return Ok(assets);
        }
        let listed = view(
            self,
            self.series_factory.get(),
            &ISeriesFactory::poolAssetsCall { pool },
        )?;
        Ok(PoolAssets {
            settlement: listed.settlementAsset,
            base: listed.baseAsset,
        })
    }

    /// As [`Self::assets_of`], and keeps the answer.
    pub(crate) fn keep_assets_of(&mut self, pool: u32) -> Result<PoolAssets, Revert> {
        if let Some(assets) = self.pools.getter(pool).known() {
            return Ok(assets);
        }
        let assets = self.assets_of(pool)?;
        self.pools.setter(pool).keep(assets);
        Ok(assets)
    }

    /// Pulls exactly `assets` token units from the caller, under the lock.
    ///
    /// Errors: `TransferFailed`; `FeeOnTransferToken` when another amount arrived.
    pub(crate) fn pull(&mut self, asset: Address, assets: U256) -> Result<(), Revert> {
        let (caller, vault) = (self.vm().msg_sender(), self.vm().contract_address());
        self.locked.set(true);
        let before = self.held(asset)?;
        self.call_token(
            asset,
            &IERC20::transferFromCall {
                from: caller,
                to: vault,
                value: assets,
            },
        )?;
        // A token that took instead of giving has delivered nothing.
        let received = self.held(asset)?.saturating_sub(before);
        self.locked.set(false);
        if received != assets {
            return Err(ICollateralVault::FeeOnTransferToken {
                asset,
                expected: assets,
                received,
            }
            .into());
        }
        Ok(())
    }

    /// Sends `assets` token units, under the lock. The ledger has forgotten them already.
    ///
    /// Errors: `TransferFailed`.
    pub(crate) fn push(
        &mut self,
        asset: Address,
        recipient: Address,
        assets: U256,
    ) -> Result<(), Revert> {
        self.locked.set(true);
        self.call_token(
            asset,
            &IERC20::transferCall {
                to: recipient,
                value: assets,
            },
        )?;
        self.locked.set(false);
        Ok(())
    }

    /// Tokens this contract holds, by the token's own account.
    ///
    /// Errors: `TransferFailed` when the token does not answer with a number.
    pub(crate) fn held(&self, asset: Address) -> Result<U256, Revert> {
        let account = self.vm().contract_address();
        view(self, asset, &IERC20::balanceOfCall { account })
            .map(|answer| answer._0)
            .map_err(|_| ICollateralVault::TransferFailed { asset }.into())
    }

    /// Calls a token, of which success means: it did not revert, and returned true, or nothing although there is a contract.
    ///
    /// Errors: `TransferFailed`. The token's own revert data are dropped: to the caller they are noise of a stranger.
    fn call_token(&mut self, asset: Address, request: &impl SolCall) -> Result<(), Revert> {
        let failed = ICollateralVault::TransferFailed { asset };
        let Ok(answer) = call_encoded(self, asset, &request.abi_encode()) else {
            return Err(failed.into());
        };
        let succeeded = match U256::try_from_be_slice(&answer) {
            _ if answer.is_empty() => self.has_code(asset),
            Some(word) => answer.len() == 32 && word == U256::from(1),
            None => false,
        };
        if succeeded {
            Ok(())
        } else {
            Err(failed.into())
        }
    }

    /// Whether a contract is there. A call to nothing succeeds and returns nothing.
    fn has_code(&self, account: Address) -> bool {
        let hash = self.vm().code_hash(account);
        !hash.is_zero() && hash != NO_CODE
    }
}
