//! The primitives of the expiry settlement: take expired legs out of an account, move what they are worth, book what the insurance lent.
//! No gate: settlement only turns a claim or an obligation into the cash it is worth.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, U256};
use interfaces::IClearingHouse::WrongPool;
use interfaces::{IExpirySettlement::NotExpired, Revert};

use crate::ClearingHouse;
use crate::authority::only_account;
use crate::custody::amount;
use crate::leg_word::{leg_contracts, leg_expiry, leg_series};
use crate::positions::{Resize, pool_of};

impl ClearingHouse {
    /// Removes all legs of one expiry and returns them; without any, nothing changes.
    ///
    /// Errors: `NotModule`, `BadAccount`, the settlement's `NotExpired`.
    pub(crate) fn remove_expired(
        &mut self,
        account: U256,
        expiry: u32,
    ) -> Result<Vec<B256>, Revert> {
        self.only_module(self.settlement.get())?;
        only_account(account)?;
        let time = self.now();
        if time < u64::from(expiry) {
            return Err(NotExpired { expiry, time }.into());
        }
        let legs = self.legs_of(account);
        let (expired, kept): (Vec<B256>, Vec<B256>) = legs
            .iter()
            .copied()
            .partition(|leg| leg_expiry(leg) == expiry);
        if expired.is_empty() {
            return Ok(expired);
        }
        for leg in &expired {
            let series = leg_series(leg, pool_of(account));
            let size = Resize {
                before: leg_contracts(leg),
                after: 0,
            };
            self.count_interest(series, size)?;
            self.log_position(account, series, 0);
        }
        self.write_legs(account, &legs, &kept)?;
        Ok(expired)
    }

    /// Moves between buckets of one pool: an account, the insurance, a pot. Errors: `NotModule`, `WrongPool`.
    pub(crate) fn settle_balance(
        &mut self,
        asset: Address,
        from: U256,
        to: U256,
        assets: U256,
    ) -> Result<(), Revert> {
        self.only_module(self.settlement.get())?;
        let (given, expected) = (pool_of(to), pool_of(from));
        // What keeps bad debt inside its pool, whatever the module does.
        if given != expected {
            return Err(WrongPool { given, expected }.into());
        }
        let assets = amount(assets)?;
        self.move_balance(asset, from, to, assets)
    }

    /// Books what the insurance paid for an account. Errors: `NotModule`, `BadAccount`, `Overflow`.
    pub(crate) fn book_debt(&mut self, account: U256, assets: U256) -> Result<(), Revert> {
        self.only_module(self.settlement.get())?;
        only_account(account)?;
        self.lend(account, assets)
    }
}
