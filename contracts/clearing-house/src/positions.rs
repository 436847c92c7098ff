//! Portfolios: an account's legs, the debt it owes its pool's insurance, and the version that changes whenever the legs do.
//!
//! Count of legs, version and debt share one slot; the legs follow, one slot each. A portfolio is loaded once, changed in memory, and
//! written back by difference, so an unchanged leg costs no write.

use alloc::vec::Vec;

use alloy_primitives::{B256, U256};
use alloy_sol_types::SolEvent;
/// Most legs an account may hold, as many as the margin engine takes, and most expiries among them. What the largest portfolio costs to trade, sell and
/// settle is measured by the end-to-end tests (`largest_portfolio`), which hold each to half a block.
pub(crate) use clearing_math::margin::{MAX_EXPIRIES, MAX_LEGS};
use interfaces::IClearingHouse::{Overflow, PositionChanged, TooManyExpiries, TooManyLegs};
use interfaces::words::{Word, emit, halves};
use interfaces::{Revert, ids};
use stylus_sdk::prelude::*;
use stylus_sdk::storage::{StorageArray, StorageB256};

use crate::ClearingHouse;
use crate::leg_word::{is_of_series, leg_contracts, leg_expiry, leg_word};

/// What the kernel stores of an account.
#[storage]
pub struct Account {
    /// A [`Header`] word.
    header: StorageB256,
    /// Leg words; those from the header's count on are zero.
    legs: StorageArray<StorageB256, MAX_LEGS>,
}

/// `debt u128 · zero 56 bits · version u64 · leg count u8`: one slot.
#[derive(Clone, Copy)]
pub(crate) struct Header {
    /// Owed to the pool's insurance, settlement token units.
    pub(crate) debt: u128,
    /// Grows by one with every change of the legs.
    pub(crate) version: u64,
    /// Legs in use.
    pub(crate) leg_count: u8,
}

impl Header {
    #[allow(
        clippy::cast_possible_truncation,
        reason = "each cast takes its own bits"
    )]
    fn from_word(word: B256) -> Self {
        let (debt, low) = halves(word);
        Self {
            debt,
            version: (low >> 8) as u64,
            leg_count: low as u8,
        }
    }

    fn to_word(self) -> B256 {
        let version = u128::from(self.version) << 8;
        let mut word = (version | u128::from(self.leg_count)).word();
        word[..16].copy_from_slice(&self.debt.to_be_bytes());
        word
    }
}

/// Size of one position before and after a change, 1e-18 contracts, long > 0.
#[derive(Clone, Copy)]
pub(crate) struct Resize {
    pub(crate) before: i128,
    pub(crate) after: i128,
}

impl Resize {
    /// Whether the position came closer to zero and did not cross it: past zero it is a new one.
    pub(crate) fn shrinks(self) -> bool {
        self.after.unsigned_abs() < self.before.unsigned_abs()
            && (self.after == 0 || self.after.signum() == self.before.signum())
    }
}

impl ClearingHouse {
    /// Debt, version and number of legs.
    pub(crate) fn header_of(&self, account: U256) -> Header {
        Header::from_word(self.accounts.getter(account).header.get())
    }

    pub(crate) fn write_header(&mut self, account: U256, header: Header) {
        self.accounts.setter(account).header.set(header.to_word());
    }

    /// The account's leg words.
    pub(crate) fn legs_of(&self, account: U256) -> Vec<B256> {
        let stored = self.accounts.getter(account);
        let count = usize::from(Header::from_word(stored.header.get()).leg_count);
        (0..count)
            .filter_map(|index| stored.legs.get(index))
            .collect()
    }

    /// What the account owes its pool's insurance, settlement token units.
    pub(crate) fn debt_of(&self, account: U256) -> u128 {
        self.header_of(account).debt
    }

    /// Writes the legs that changed and raises the version.
    ///
    /// Errors: `TooManyLegs`, `TooManyExpiries`: only of legs that are added, for no stored portfolio has more.
    pub(crate) fn write_legs(
        &mut self,
        account: U256,
        before: &[B256],
        after: &[B256],
    ) -> Result<(), Revert> {
        let leg_count = u8::try_from(after.len())
            .ok()
            .filter(|count| usize::from(*count) <= MAX_LEGS)
            .ok_or(TooManyLegs {
                given: U256::from(after.len()),
                most: U256::from(MAX_LEGS),
            })?;
        let expiries = count_expiries(after);
        if expiries > MAX_EXPIRIES {
            return Err(TooManyExpiries {
                given: U256::from(expiries),
                most: U256::from(MAX_EXPIRIES),
            }
            .into());
        }
        let mut stored = self.accounts.setter(account);
        for index in 0..before.len().max(after.len()) {
            // Past the end a leg is zero: a closed one is erased.
            let leg = after.get(index).copied().unwrap_or_default();
            if before.get(index) != Some(&leg)
                && let Some(mut slot) = stored.legs.setter(index)
            {
                slot.set(leg);
            }
        }
        let mut header = Header::from_word(stored.header.get());
        header.leg_count = leg_count;
        // 2^64 changes of one account are out of reach.
        header.version = header.version.wrapping_add(1);
        stored.header.set(header.to_word());
        Ok(())
    }

    /// Adds signed contracts to a portfolio in memory, keeps the interest counts in step, and logs the position's new size.
    /// A position that becomes zero is removed: the last leg takes its place.
    ///
    /// Errors: `Overflow`.
    pub(crate) fn resize_position(
        &mut self,
        account: U256,
        legs: &mut Vec<B256>,
        series: U256,
        contracts: i128,
    ) -> Result<Resize, Revert> {
        let found = legs.iter().position(|leg| is_of_series(leg, series));
        let before = found
            .and_then(|index| legs.get(index))
            .map_or(0, leg_contracts);
        let after = before.checked_add(contracts).ok_or(Overflow {})?;
        match found {
            Some(index) if after == 0 => {
                legs.swap_remove(index);
            }
            Some(index) => {
                if let Some(leg) = legs.get_mut(index) {
                    *leg = leg_word(series, after);
                }
            }
            None => legs.push(leg_word(series, after)),
        }
        let resize = Resize { before, after };
        self.count_interest(series, resize)?;
        self.log_position(account, series, after);
        Ok(resize)
    }

    /// Logs a position's new size.
    pub(crate) fn log_position(&self, account: U256, series: U256, contracts: i128) {
        emit(
            self.vm(),
            &[
                PositionChanged::SIGNATURE_HASH,
                account.word(),
                series.word(),
            ],
            &[contracts.word()],
        );
    }
}

/// Distinct expiries among leg words.
fn count_expiries(legs: &[B256]) -> usize {
    let mut met: Vec<u32> = Vec::with_capacity(legs.len());
    for leg in legs {
        let expiry = leg_expiry(leg);
        if !met.contains(&expiry) {
            met.push(expiry);
        }
    }
    met.len()
}

/// Pool of an account, as the other contracts want it.
pub(crate) fn pool_of(account: U256) -> u32 {
    ids::account_pool(account)
}
