//! The kernel of Novation: accounts, positions, the margin gate, and the primitives through which modules move positions and cash.
//!
//! It decides who may act for an account, what a portfolio is, and whether an action may end where it does. It holds no tokens (the vault
//! does), knows no prices (the margin engine does), and no rule of an auction or a settlement: those modules call its primitives, which
//! are fixed in the constructor. There is no owner and no upgrade.
//!
//! | power | who | limit |
//! |---|---|---|
//! | act for an account | its owner and operators | ends in the margin gate |
//! | pause trades | guardian | 7 days a call; never withdrawals, closing trades, liquidation or settlement |
//! | sell a fraction of an account | auction | same pool; the bidder passes the gate |
//! | remove expired legs, move their worth, book debt | settlement | after expiry; within one pool |
//!
//! Every entry has one shape: lock, caller, inputs, effects, gate, unlock. Events of the vault and the kernel together rebuild the state.
#![cfg_attr(not(any(test, feature = "export-abi")), no_main)]
#![cfg_attr(not(any(test, feature = "export-abi")), no_std)]
#![allow(
    missing_docs,
    clippy::missing_errors_doc,
    clippy::must_use_candidate,
    reason = "the entry points are documented in IClearingHouse.sol, their errors at what they call"
)]

#[macro_use]
extern crate alloc;

mod approval;
mod authority;
mod custody;
mod debt;
mod gate;
mod interest;
mod leg_word;
mod liquidation;
mod lock;
mod positions;
#[cfg(not(feature = "export-abi"))]
mod router;
mod settlement;
#[cfg(test)]
mod tests;
mod trade;
mod withdraw;

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, I256, U256};
use interfaces::IClearingHouse::ZeroAddress;
use interfaces::Revert;
use stylus_sdk::ArbResult;
use stylus_sdk::abi::router_entrypoint;
use stylus_sdk::host::VM;
use stylus_sdk::prelude::*;
use stylus_sdk::storage::{StorageAddress, StorageBool, StorageMap, StorageU64, StorageU256};

use crate::approval::Terms;
use crate::custody::amount;
use crate::gate::int256;
use crate::liquidation::Sale;
use crate::positions::Account;

/// Storage of the kernel. The first three fields share a slot.
#[storage]
pub struct ClearingHouse {
    /// May pause trades; nothing else.
    guardian: StorageAddress,
    /// Trades are paused before this time, unix seconds.
    paused_until: StorageU64,
    /// Set while an entry is at work.
    locked: StorageBool,
    vault: StorageAddress,
    factory: StorageAddress,
    engine: StorageAddress,
    auction: StorageAddress,
    settlement: StorageAddress,
    /// By account id.
    accounts: StorageMap<U256, Account>,
    /// Account id → operator → allowed.
    operators: StorageMap<U256, StorageMap<Address, StorageBool>>,
    /// Trade hash → account id → approved.
    approvals: StorageMap<B256, StorageMap<U256, StorageBool>>,
    /// Trade hash → executed.
    executed: StorageMap<B256, StorageBool>,
    /// Series id → sum of longs, 1e-18 contracts.
    open_interest: StorageMap<U256, StorageU256>,
    /// `pool u32 · expiry u32` → sum of shorts, 1e-18 contracts.
    short_interest: StorageMap<U256, StorageU256>,
}

// SAFETY: the only storage of the contract, at slot zero.
unsafe impl TopLevelStorage for ClearingHouse {}

#[cfg_attr(
    not(target_arch = "wasm32"),
    allow(dead_code, reason = "the SDK makes the entry point on wasm only")
)]
#[entrypoint]
fn enter(input: Vec<u8>, host: VM) -> ArbResult {
    router_entrypoint::<ClearingHouse, ClearingHouse>(input, host)
}

/// Prints the ABI as Solidity.
#[cfg(feature = "export-abi")]
pub fn print_abi(license: &str, pragma: &str) {
    stylus_sdk::abi::export::print_abi::<ClearingHouse>(license, pragma);
}

/// Not part of the ABI below: the router runs it once, for the selector of Stylus constructors.
impl ClearingHouse {
    /// Fixes the contracts this one works with, for ever. A zero guardian means that nobody can pause.
    ///
    /// Errors: `ZeroAddress` for any of the others.
    pub fn constructor(
        &mut self,
        guardian: Address,
        vault: Address,
        series_factory: Address,
        engine: Address,
        auction: Address,
        settlement: Address,
    ) -> Result<(), Revert> {
        if [vault, series_factory, engine, auction, settlement].contains(&Address::ZERO) {
            return Err(ZeroAddress {}.into());
        }
        self.guardian.set(guardian);
        self.vault.set(vault);
        self.factory.set(series_factory);
        self.engine.set(engine);
        self.auction.set(auction);
        self.settlement.set(settlement);
        Ok(())
    }
}

/// The entry points; see `IClearingHouse.sol`. Each takes or checks the lock and hands over to the file of its concept.
#[cfg_attr(feature = "export-abi", public)]
impl ClearingHouse {
    pub fn set_operator(
        &mut self,
        account: U256,
        operator: Address,
        allowed: bool,
    ) -> Result<(), Revert> {
        self.only_unlocked()?;
        self.name_operator(account, operator, allowed)
    }

    pub fn withdraw(
        &mut self,
        account: U256,
        asset: Address,
        assets: U256,
        recipient: Address,
    ) -> Result<(), Revert> {
        self.lock()?;
        self.take_out(account, asset, assets, recipient)?;
        self.unlock();
        Ok(())
    }

    #[allow(clippy::too_many_arguments, reason = "the ABI lists the terms flat")]
    pub fn approve_trade(
        &mut self,
        account: U256,
        buyer: U256,
        seller: U256,
        series_id: U256,
        contracts: U256,
        premium: U256,
        deadline: u64,
        nonce: u64,
    ) -> Result<B256, Revert> {
        self.only_unlocked()?;
        let terms = Terms {
            buyer,
            seller,
            series: series_id,
            contracts,
            premium,
            deadline,
            nonce,
        };
        self.approve(account, &terms)
    }

    pub fn revoke_trade(&mut self, account: U256, trade_hash: B256) -> Result<(), Revert> {
        self.only_unlocked()?;
        self.revoke(account, trade_hash)
    }

    #[allow(clippy::too_many_arguments, reason = "the ABI lists the terms flat")]
    pub fn trade(
        &mut self,
        buyer: U256,
        seller: U256,
        series_id: U256,
        contracts: U256,
        premium: U256,
        deadline: u64,
        nonce: u64,
    ) -> Result<B256, Revert> {
        self.lock()?;
        let hash = self.execute(&Terms {
            buyer,
            seller,
            series: series_id,
            contracts,
            premium,
            deadline,
            nonce,
        })?;
        self.unlock();
        Ok(hash)
    }

    pub fn repay_debt(&mut self, account: U256) -> Result<U256, Revert> {
        self.lock()?;
        let repaid = self.repay(account)?;
        self.unlock();
        Ok(U256::from(repaid))
    }

    pub fn pause(&mut self, duration_seconds: u64) -> Result<(), Revert> {
        self.only_unlocked()?;
        self.pause_trades(duration_seconds)
    }

    #[allow(clippy::too_many_arguments, reason = "the ABI lists the terms flat")]
    pub fn liquidate(
        &mut self,
        account: U256,
        bidder: U256,
        fraction: U256,
        reserved: U256,
        payment: U256,
        insurance_fee: U256,
        insurance_payment: U256,
    ) -> Result<(), Revert> {
        self.lock()?;
        self.sell(&Sale {
            account,
            bidder,
            fraction,
            reserved: amount(reserved)?,
            payment: amount(payment)?,
            insurance_fee: amount(insurance_fee)?,
            insurance_payment: amount(insurance_payment)?,
        })?;
        self.unlock();
        Ok(())
    }

    pub fn remove_expired_legs(&mut self, account: U256, expiry: u32) -> Result<Vec<B256>, Revert> {
        self.only_unlocked()?;
        self.remove_expired(account, expiry)
    }

    pub fn move_for_settlement(
        &mut self,
        asset: Address,
        from: U256,
        to: U256,
        assets: U256,
    ) -> Result<(), Revert> {
        self.lock()?;
        self.settle_balance(asset, from, to, assets)?;
        self.unlock();
        Ok(())
    }

    pub fn add_debt(&mut self, account: U256, assets: U256) -> Result<(), Revert> {
        self.only_unlocked()?;
        self.book_debt(account, assets)
    }

    pub fn is_authorized(&self, account: U256, caller: Address) -> bool {
        self.acts_for(account, caller)
    }

    /// Legs, cash, base, debt, version.
    pub fn account_state(
        &self,
        account: U256,
    ) -> Result<(Vec<B256>, U256, U256, U256, u64), Revert> {
        self.only_unlocked()?;
        let balances = self.balances_of(account)?;
        let header = self.header_of(account);
        Ok((
            self.legs_of(account),
            U256::from(balances.cash),
            U256::from(balances.base),
            U256::from(header.debt),
            header.version,
        ))
    }

    /// Initial and maintenance balance, mark, worst scenario, degraded.
    pub fn health(&self, account: U256) -> Result<(I256, I256, I256, u32, bool), Revert> {
        let margin = self.margin_now(account)?;
        Ok((
            int256(margin.initial),
            int256(margin.maintenance),
            int256(margin.mark),
            margin.worst_scenario,
            margin.degraded,
        ))
    }

    pub fn open_interest(&self, series_id: U256) -> U256 {
        U256::from(self.open_interest_of(series_id))
    }

    pub fn short_interest(&self, pool: u32, expiry: u32) -> U256 {
        U256::from(self.short_interest_of(pool, expiry))
    }

    #[allow(clippy::too_many_arguments, reason = "the ABI lists the terms flat")]
    pub fn trade_hash(
        &self,
        buyer: U256,
        seller: U256,
        series_id: U256,
        contracts: U256,
        premium: U256,
        deadline: u64,
        nonce: u64,
    ) -> B256 {
        self.hash_of(&Terms {
            buyer,
            seller,
            series: series_id,
            contracts,
            premium,
            deadline,
            nonce,
        })
    }

    pub fn is_operator(&self, account: U256, operator: Address) -> bool {
        self.operators.getter(account).get(operator)
    }

    pub fn paused_until(&self) -> u64 {
        let [time] = *self.paused_until.get().as_limbs();
        time
    }

    pub fn guardian(&self) -> Address {
        self.guardian.get()
    }

    /// Vault, factory, engine, auction, settlement.
    pub fn modules(&self) -> (Address, Address, Address, Address, Address) {
        (
            self.vault.get(),
            self.factory.get(),
            self.engine.get(),
            self.auction.get(),
            self.settlement.get(),
        )
    }
}
