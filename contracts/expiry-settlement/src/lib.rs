//! Settlement waterfall per (pool, expiry).
//!
//! An account's legs of one expiry are netted at the fixed settlement price. A debtor pays from its own cash, then from its base asset at
//! the settlement price (so that no outside liquidity is needed), then the pool's insurance pays; what nobody pays the winners of that
//! expiry in that pool share pro rata. All payments go to a pot of that (pool, expiry) in the vault and winners are paid from it alone:
//! never another pool, never another expiry.
//!
//! * Debtors first: credits are paid once no short of the group is unsettled. A debtor has a short leg, so by then all have paid.
//! * The credits of a group never exceed what its debtors owe ([`waterfall`]), and a share is rounded down: the pot suffices for all, in any
//!   order of claims. Dust stays in the pot.
//! * Exactly once: settling takes the legs out of the kernel, claiming zeroes the credit before it moves anything.
//! * Nobody can hold the others up: anyone settles anyone, no token is called, and money goes to accounts (pull payment).
//!
//! An account that could not pay, but has other positions or an unclaimed credit, owes its pool's insurance the unpaid part, so that it
//! cannot withdraw what is left while others bear its loss.
//!
//! Holds no money and has no owner. Nothing here is reentrant: no token is called on any path.

#![cfg_attr(not(any(test, feature = "export-abi")), no_main)]
#![cfg_attr(not(any(test, feature = "export-abi")), no_std)]
#![allow(
    missing_docs,
    reason = "the entrypoint macro generates public functions without docs"
)]

#[macro_use]
extern crate alloc;

mod group;
mod parties;
mod refusal;
#[cfg(test)]
mod tests;
mod waterfall;

use alloc::vec::Vec;

use alloy_primitives::{Address, I256, U256};
use alloy_sol_types::{SolError, SolEvent};
use interfaces::words::{Word, emit};
use interfaces::{IClearingHouse, IExpirySettlement, Revert, ids};
use stylus_sdk::prelude::*;
use stylus_sdk::storage::{StorageAddress, StorageMap, StorageU128};

use crate::group::{Group, get, int, set, uint};
use crate::parties::Assets;
use crate::refusal::{overflow, refusal};
use crate::waterfall::{Net, Payment, Terms, collect, net, share};

/// The settlement.
#[entrypoint]
#[storage]
pub struct ExpirySettlement {
    /// May connect, once.
    deployer: StorageAddress,
    /// The kernel; zero until connected.
    clearing_house: StorageAddress,
    /// Knows pools and their assets.
    factory: StorageAddress,
    /// Knows settlement prices.
    oracle_adapter: StorageAddress,
    /// Holds all balances.
    vault: StorageAddress,
    /// Sums over debtors, by pot.
    groups: StorageMap<U256, Group>,
    /// Credit of a winner not yet claimed, settlement token units, by account and pot.
    credits: StorageMap<U256, StorageMap<U256, StorageU128>>,
    /// Sum of an account's unclaimed credits, settlement token units.
    unclaimed: StorageMap<U256, StorageU128>,
}

#[public]
impl ExpirySettlement {
    /// `deployer` may connect the clearing house, once, and has no other power.
    ///
    /// # Errors
    /// None.
    #[constructor]
    pub fn constructor(
        &mut self,
        deployer: Address,
        series_factory: Address,
        oracle_adapter: Address,
        vault: Address,
    ) -> Result<(), Revert> {
        self.deployer.set(deployer);
        self.factory.set(series_factory);
        self.oracle_adapter.set(oracle_adapter);
        self.vault.set(vault);
        Ok(())
    }

    /// Fixes the clearing house, once, by the deployer.
    ///
    /// # Errors
    /// `NotDeployer`, `AlreadyConnected`, and `NotModule` when that clearing house takes orders from another settlement or keeps its
    /// balances in another vault.
    pub fn connect(&mut self, clearing_house: Address) -> Result<(), Revert> {
        let caller = self.vm().msg_sender();
        if caller != self.deployer.get() {
            return Err(refusal(
                IExpirySettlement::NotDeployer::SELECTOR,
                &[caller.word()],
            ));
        }
        let connected = self.clearing_house.get();
        if !connected.is_zero() {
            return Err(refusal(
                IExpirySettlement::AlreadyConnected::SELECTOR,
                &[connected.word()],
            ));
        }
        let own = self.vm().contract_address();
        if self.modules_of(clearing_house)? != (own, self.vault.get()) {
            return Err(refusal(IClearingHouse::NotModule::SELECTOR, &[own.word()]));
        }
        self.clearing_house.set(clearing_house);
        emit(
            self.vm(),
            &[
                IExpirySettlement::Connected::SIGNATURE_HASH,
                clearing_house.word(),
            ],
            &[],
        );
        Ok(())
    }

    /// Settles all legs of `expiry` in `account` at the fixed settlement price. Returns the net, settlement token units: > 0 credited, rounded
    /// down; < 0 owed, rounded up. Anyone may call.
    ///
    /// # Errors
    /// `NotExpired`, `NothingToSettle`, `Overflow`, `UnknownPool` of the factory, `NotFixed` of the oracle adapter.
    pub fn settle(&mut self, account: U256, expiry: u32) -> Result<I256, Revert> {
        let now = self.now();
        if now < u64::from(expiry) {
            return Err(refusal(
                IExpirySettlement::NotExpired::SELECTOR,
                &[expiry.word(), now.word()],
            ));
        }
        let pool = ids::account_pool(account);
        let assets = self.assets_of(pool)?;
        let terms = self.terms_of(pool, expiry, &assets)?;
        let legs = self.remove_legs(account, expiry)?;
        if legs.is_empty() {
            return Err(refusal(
                IExpirySettlement::NothingToSettle::SELECTOR,
                &[account.word(), expiry.word()],
            ));
        }
        match net(&legs, &terms).ok_or_else(overflow)? {
            Net::Credit(units) => self.credit(account, expiry, units),
            Net::Debit(units) => self.debit(account, expiry, units, &assets, &terms),
        }
    }

    /// Pays a settled winner its share of the pot in cash and base asset, token units rounded down, once every short of the group is
    /// settled. Anyone may call; the money goes to the account.
    ///
    /// # Errors
    /// `NothingToClaim`, `ShortsUnsettled`.
    pub fn claim(&mut self, account: U256, expiry: u32) -> Result<(U256, U256), Revert> {
        let pool = ids::account_pool(account);
        let pot = ids::pot_bucket(pool, expiry);
        let credit = get(&self.credits.getter(account).getter(pot));
        if credit == 0 {
            return Err(refusal(
                IExpirySettlement::NothingToClaim::SELECTOR,
                &[account.word(), expiry.word()],
            ));
        }
        let unsettled = self.short_interest(pool, expiry)?;
        if !unsettled.is_zero() {
            return Err(refusal(
                IExpirySettlement::ShortsUnsettled::SELECTOR,
                &[pool.word(), expiry.word(), unsettled.word()],
            ));
        }
        let sums = self.groups.getter(pot).sums();
        let (cash, base) =
            share(credit, sums.owed, sums.paid_cash, sums.paid_base).ok_or_else(overflow)?;
        let assets = self.assets_of(pool)?;

        // Exactly once: the credit is gone before anything moves.
        set(&mut self.credits.setter(account).setter(pot), 0);
        let mut unclaimed = self.unclaimed.setter(account);
        let left = get(&unclaimed).checked_sub(credit).ok_or_else(overflow)?;
        set(&mut unclaimed, left);
        emit(
            self.vm(),
            &[
                IExpirySettlement::CreditClaimed::SIGNATURE_HASH,
                account.word(),
                expiry.word(),
            ],
            &[credit.word(), cash.word(), base.word()],
        );
        self.move_balance(assets.settlement, pot, account, cash)?;
        self.move_balance(assets.base, pot, account, base)?;
        Ok((uint(cash), uint(base)))
    }

    /// Credit of an account not yet claimed, settlement token units.
    ///
    /// # Errors
    /// None.
    pub fn credit_of(&self, account: U256, expiry: u32) -> Result<U256, Revert> {
        let pot = ids::pot_bucket(ids::account_pool(account), expiry);
        Ok(uint(get(&self.credits.getter(account).getter(pot))))
    }

    /// Sum of an account's credits not yet claimed, settlement token units.
    ///
    /// # Errors
    /// None.
    pub fn unclaimed_of(&self, account: U256) -> Result<U256, Revert> {
        Ok(uint(get(&self.unclaimed.getter(account))))
    }

    /// Owed by all debtors settled so far, what was paid into the pot in cash and base asset, what of the cash the insurance paid, and the
    /// shortfall; token units.
    ///
    /// # Errors
    /// None.
    pub fn group_state(
        &self,
        pool: u32,
        expiry: u32,
    ) -> Result<(U256, U256, U256, U256, U256), Revert> {
        let sums = self.groups.getter(ids::pot_bucket(pool, expiry)).sums();
        Ok((
            uint(sums.owed),
            uint(sums.paid_cash),
            uint(sums.paid_base),
            uint(sums.paid_insurance),
            uint(sums.shortfall),
        ))
    }

    /// The kernel; zero until connected.
    ///
    /// # Errors
    /// None.
    pub fn clearing_house(&self) -> Result<Address, Revert> {
        Ok(self.clearing_house.get())
    }
}

impl ExpirySettlement {
    /// Books what the group owes a winner.
    fn credit(&mut self, account: U256, expiry: u32, units: u128) -> Result<I256, Revert> {
        let signed = i128::try_from(units).map_err(|_| overflow())?;
        let pot = ids::pot_bucket(ids::account_pool(account), expiry);
        let mut credits = self.credits.setter(account);
        let mut credit = credits.setter(pot);
        let sum = get(&credit).checked_add(units).ok_or_else(overflow)?;
        set(&mut credit, sum);
        let mut unclaimed = self.unclaimed.setter(account);
        let sum = get(&unclaimed).checked_add(units).ok_or_else(overflow)?;
        set(&mut unclaimed, sum);
        self.log_settled(account, expiry, signed, &Payment::default());
        Ok(int(signed))
    }

    /// Collects what an account owes: cash, base asset, insurance, in this order, into the pot.
    fn debit(
        &mut self,
        account: U256,
        expiry: u32,
        units: u128,
        assets: &Assets,
        terms: &Terms,
    ) -> Result<I256, Revert> {
        let signed = 0_i128.checked_sub_unsigned(units).ok_or_else(overflow)?;
        let pool = ids::account_pool(account);
        let pot = ids::pot_bucket(pool, expiry);
        let payment = collect(units, &self.means_of(account)?, terms).ok_or_else(overflow)?;
        self.groups
            .setter(pot)
            .add(units, &payment)
            .ok_or_else(overflow)?;
        self.log_settled(account, expiry, signed, &payment);
        self.move_balance(assets.settlement, account, pot, payment.cash)?;
        self.move_balance(assets.base, account, pot, payment.base)?;
        let insurance = ids::insurance_bucket(pool);
        self.move_balance(assets.settlement, insurance, pot, payment.insurance)?;
        let unpaid = payment
            .insurance
            .checked_add(payment.shortfall)
            .ok_or_else(overflow)?;
        if unpaid != 0 && (get(&self.unclaimed.getter(account)) != 0 || self.has_legs(account)?) {
            self.add_debt(account, unpaid)?;
        }
        Ok(int(signed))
    }

    fn log_settled(&self, account: U256, expiry: u32, net: i128, payment: &Payment) {
        emit(
            self.vm(),
            &[
                IExpirySettlement::AccountSettled::SIGNATURE_HASH,
                account.word(),
                expiry.word(),
            ],
            &[
                net.word(),
                payment.cash.word(),
                payment.base.word(),
                payment.insurance.word(),
                payment.shortfall.word(),
            ],
        );
    }
}
