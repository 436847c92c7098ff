//! Accounts of the kernel, as they stand and as they would be.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::SolCall;
use interfaces::IClearingHouse::accountStateCall;
use interfaces::words::{Word, Words, encode};
use interfaces::{Revert, ids, view_encoded};

use crate::market::Markets;
use crate::refusal;

/// Bytes of a leg word that say which series it is.
const SERIES_BYTES: usize = 16;

/// What an account holds, or would hold.
#[derive(Clone)]
pub struct Portfolio {
    /// Pool of the account.
    pub pool: u32,
    /// Leg words, each series once.
    pub legs: Vec<B256>,
    /// Cash less debt, token units.
    pub cash: i128,
    /// Base asset, token units.
    pub base: u128,
}

/// An account of the kernel, token units.
pub struct Account {
    /// All of it, debt taken off the cash.
    pub portfolio: Portfolio,
    /// What it owes its pool's insurance.
    pub debt: u128,
    /// Cash, debt not taken off.
    pub cash: u128,
}

impl Portfolio {
    /// Distinct expiries after `now`, in the order of the legs.
    #[must_use]
    pub fn live_expiries(&self, now: u64) -> Vec<u32> {
        let mut expiries = Vec::new();
        for leg in &self.legs {
            let expiry = expiry_of(leg);
            if u64::from(expiry) > now && !expiries.contains(&expiry) {
                expiries.push(expiry);
            }
        }
        expiries
    }

    /// Whether a leg is past its expiry and not settled yet.
    #[must_use]
    pub fn has_expired(&self, now: u64) -> bool {
        self.legs.iter().any(|leg| u64::from(expiry_of(leg)) <= now)
    }

    /// Whether it could owe anything but debt: a leg is short.
    #[must_use]
    pub fn is_short(&self) -> bool {
        self.legs.iter().any(|leg| contracts_of(leg) < 0)
    }

    /// Whether its margin depends on the market: cash alone is worth itself.
    #[must_use]
    pub fn needs_market(&self) -> bool {
        !self.legs.is_empty() || self.base != 0
    }

    /// Adds contracts (1e-18, long > 0) of the series of a leg word, netted with what is held of it. Errors: `Overflow`.
    pub fn add(&mut self, series: &B256, contracts: i128) -> Result<(), Revert> {
        let same = |leg: &B256| leg.first_chunk::<SERIES_BYTES>() == series.first_chunk();
        let held = self.legs.iter().position(same);
        let before = held
            .and_then(|index| self.legs.get(index))
            .map_or(0, contracts_of);
        let after = before
            .checked_add(contracts)
            .ok_or_else(refusal::overflow)?;
        let mut leg = after.word();
        let id = series.first_chunk::<SERIES_BYTES>();
        if let (Some(place), Some(id)) = (leg.first_chunk_mut(), id) {
            *place = *id;
        }
        match held {
            Some(index) if after == 0 => {
                self.legs.remove(index);
            }
            Some(index) => {
                if let Some(place) = self.legs.get_mut(index) {
                    *place = leg;
                }
            }
            None if after == 0 => {}
            None => self.legs.push(leg),
        }
        Ok(())
    }
}

/// A contract that asks about accounts.
pub trait Accounts: Markets {
    /// Where accounts are.
    fn kernel(&self) -> Address;

    /// Errors: the kernel's `Locked`; `Overflow`.
    fn account(&self, account: U256) -> Result<Account, Revert> {
        let request = encode(&accountStateCall::SELECTOR, &[account.word()]);
        let answer = view_encoded(self, self.kernel(), &request)?;
        // A struct behind its offset; its first word is the offset of the legs, which come last.
        let mut words = Words::new(&answer);
        words.word();
        words.word();
        let (cash, base, debt) = (words.u128(), words.u128(), words.u128());
        words.word();
        let count = words.at_most(words.left() as u128);
        let legs = (0..count).map(|_| words.word()).collect();
        words.end()?;
        let signed = |amount| i128::try_from(amount).map_err(|_| refusal::overflow());
        let net = signed(cash)?.checked_sub(signed(debt)?);
        Ok(Account {
            portfolio: Portfolio {
                pool: ids::account_pool(account),
                legs,
                cash: net.ok_or_else(refusal::overflow)?,
                base,
            },
            debt,
            cash,
        })
    }
}

/// Expiry of a leg word.
#[must_use]
pub fn expiry_of(leg: &B256) -> u32 {
    let [a, b, c, d, ..] = leg.0;
    u32::from_be_bytes([a, b, c, d])
}

/// Contracts of a leg word, 1e-18, long > 0.
#[must_use]
pub fn contracts_of(leg: &B256) -> i128 {
    let (_, contracts) = leg.split_last_chunk().unwrap_or((&[], &[0; 16]));
    i128::from_be_bytes(*contracts)
}
