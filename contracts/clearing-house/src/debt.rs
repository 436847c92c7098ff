//! Debt: what the pool's insurance paid for an account that still has other positions. It counts against the account's margin, bars
//! withdrawals, and is paid back out of cash before anything else.

use alloy_primitives::{Address, U128, U256};
use interfaces::IClearingHouse::{DebtChanged, Overflow};
use interfaces::{Revert, ids};
use stylus_sdk::prelude::*;

use crate::ClearingHouse;
use crate::positions::pool_of;

impl ClearingHouse {
    /// Pays debt out of the account's cash, as far as it goes; returns what was paid, settlement token units.
    pub(crate) fn repay(&mut self, account: U256) -> Result<U256, Revert> {
        if self.debt_of(account) == 0 {
            return Ok(U256::ZERO);
        }
        let (settlement_asset, _) = self.assets_of(account)?;
        self.repay_in(account, settlement_asset)
    }

    /// [`Self::repay`] for a caller that knows the settlement asset.
    pub(crate) fn repay_in(
        &mut self,
        account: U256,
        settlement_asset: Address,
    ) -> Result<U256, Revert> {
        let debt = self.debt_of(account);
        if debt == 0 {
            return Ok(U256::ZERO);
        }
        let cash = self.balances_of(account)?.cash;
        // More cash than 128 bits pays any debt.
        let paid = u128::try_from(cash).map_or(debt, |cash| cash.min(debt));
        if paid == 0 {
            return Ok(U256::ZERO);
        }
        self.write_debt(account, debt.checked_sub(paid).ok_or(Overflow {})?);
        let insurance = ids::insurance_bucket(pool_of(account));
        let paid = U256::from(paid);
        self.move_balance(settlement_asset, account, insurance, paid)?;
        Ok(paid)
    }

    /// Adds to the debt, settlement token units. Errors: `Overflow` beyond 128 bits.
    pub(crate) fn lend(&mut self, account: U256, assets: U256) -> Result<(), Revert> {
        let assets = u128::try_from(assets).map_err(|_| Overflow {})?;
        let debt = self.debt_of(account).checked_add(assets).ok_or(Overflow {})?;
        self.write_debt(account, debt);
        Ok(())
    }

    fn write_debt(&mut self, account: U256, debt: u128) {
        self.accounts.setter(account).debt.set(U128::from(debt));
        log(
            self.vm(),
            DebtChanged {
                account,
                debt: U256::from(debt),
            },
        );
    }
}
