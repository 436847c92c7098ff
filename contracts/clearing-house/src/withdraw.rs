//! Withdrawals: collateral out of an account that stays at or above its initial margin. Never pausable.

use alloy_primitives::{Address, U256};
use alloy_sol_types::SolEvent;
use interfaces::IClearingHouse::{
    CollateralWithdrawn, IndebtedAccount, UnacceptedAsset, ZeroAddress, ZeroAmount,
};
use interfaces::Revert;
use interfaces::words::{Word, emit};
use stylus_sdk::prelude::*;

use crate::ClearingHouse;
use crate::custody::{amount, take};
use crate::gate::OnDegraded;
use crate::positions::pool_of;

impl ClearingHouse {
    /// Sends settlement or base asset to `recipient`; the token is called last, on numbers that already passed the gate.
    ///
    /// Errors: `NotAuthorized`, `ZeroAmount`, `ZeroAddress`, `UnacceptedAsset`, `IndebtedAccount`, `InsufficientCash` (of either asset),
    /// `InsufficientInitialMargin`, `MarketDegraded`, `UnsettledExpiry`; the vault's `BadRecipient` and `TransferFailed`.
    pub(crate) fn take_out(
        &mut self,
        account: U256,
        asset: Address,
        assets: U256,
        recipient: Address,
    ) -> Result<(), Revert> {
        self.only_authorized(account)?;
        if assets.is_zero() {
            return Err(ZeroAmount {}.into());
        }
        // A pool without base asset reports it as zero: a zero asset must not pass for it.
        if recipient.is_zero() || asset.is_zero() {
            return Err(ZeroAddress {}.into());
        }
        let (settlement_asset, base_asset) = self.assets_of(account)?;
        if asset != settlement_asset && asset != base_asset {
            return Err(UnacceptedAsset {
                pool: pool_of(account),
                asset,
            }
            .into());
        }
        self.repay_in(account, settlement_asset)?;
        let debt = self.debt_of(account);
        if debt != 0 {
            return Err(IndebtedAccount {
                account,
                debt: U256::from(debt),
            }
            .into());
        }
        let assets = amount(assets)?;
        let mut left = self.balances_of(account)?;
        let balance = if asset == settlement_asset {
            &mut left.cash
        } else {
            &mut left.base
        };
        *balance = take(account, *balance, assets)?;
        self.gate(account, &self.legs_of(account), left, OnDegraded::Refuse)?;
        emit(
            self.vm(),
            &[
                CollateralWithdrawn::SIGNATURE_HASH,
                account.word(),
                recipient.word(),
                asset.word(),
            ],
            &[assets.word()],
        );
        self.release(asset, account, recipient, assets)
    }
}
