//! Debt: what the pool's insurance paid for an account that still has other positions. It counts against the account's margin, bars
//! withdrawals, and is paid back out of cash before anything else.

use alloy_primitives::{Address, U256};
use alloy_sol_types::SolEvent;
use interfaces::IClearingHouse::{DebtChanged, Overflow};
use interfaces::words::{Word, emit};
use interfaces::{Revert, ids};
use stylus_sdk::prelude::*;

use crate::ClearingHouse;
use crate::custody::amount;
use crate::positions::{Header, pool_of};

impl ClearingHouse {
    /// Pays debt out of the account's cash, as far as it goes; returns what was paid, settlement token units.
    pub(crate) fn repay(&mut self, account: U256) -> Result<u128, Revert> {
        if self.debt_of(account) == 0 {
            return Ok(0);
        }
        let (settlement_asset, _) = self.assets_of(account)?;
        self.repay_in(account, settlement_asset)
    }

    /// [`Self::repay`] for a caller that knows the settlement asset.
    pub(crate) fn repay_in(
        &mut self,
        account: U256,
        settlement_asset: Address,
    ) -> Result<u128, Revert> {
        let header = self.header_of(account);
        if header.debt == 0 {
            return Ok(0);
        }
        let paid = self.balances_of(account)?.cash.min(header.debt);
        if paid == 0 {
            return Ok(0);
        }
        let left = header.debt.checked_sub(paid).ok_or(Overflow {})?;
        self.write_debt(account, header, left);
        let insurance = ids::insurance_bucket(pool_of(account));
        self.move_balance(settlement_asset, account, insurance, paid)?;
        Ok(paid)
    }

    /// Adds to the debt, settlement token units. Errors: `Overflow` beyond 128 bits.
    pub(crate) fn lend(&mut self, account: U256, assets: U256) -> Result<(), Revert> {
        let assets = amount(assets)?;
        let header = self.header_of(account);
        let debt = header.debt.checked_add(assets).ok_or(Overflow {})?;
        self.write_debt(account, header, debt);
        Ok(())
    }

    fn write_debt(&mut self, account: U256, header: Header, debt: u128) {
        self.write_header(account, Header { debt, ..header });
        emit(
            self.vm(),
            &[DebtChanged::SIGNATURE_HASH, account.word()],
            &[debt.word()],
        );
    }
}
