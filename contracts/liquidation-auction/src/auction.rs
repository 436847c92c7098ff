//! An auction in storage, in Rust's own integers, and its clock.
//!
//! The clock runs only while somebody looks: for at most [`UNWATCHED`] seconds after the last `start` or `bid` that found the account below
//! its buffer. So an account that recovered without anyone ending its auction, or whose auction nobody could bid in (no price, an
//! unsettled expiry, keepers out of gas), is not sold at the price of a clock that ran on meanwhile.
//!
//! By limbs: the conversions of `ruint` can panic, and the text of that panic costs two kilobytes.

use alloc::vec::Vec;

use alloy_primitives::{U64, U128, U256};
use stylus_sdk::prelude::*;
use stylus_sdk::storage::{StorageU64, StorageU128};

use crate::sale::Clock;

/// Longest the clock runs on unwatched, seconds.
pub const UNWATCHED: u64 = 300;

/// An open auction, in two slots. No auction: start time zero.
#[storage]
#[derive(Erase)]
pub struct Auction {
    /// Start, unix seconds, later by the time the clock stood.
    started_at: StorageU64,
    /// When the account was recorded to be worth nothing, unix seconds; 0 while it is not.
    insolvent_since: StorageU64,
    /// Cash bidders paid in, less what of it repaid debt, token units.
    paid_in: StorageU128,
    /// When the account was last found below its buffer, unix seconds.
    pub(crate) seen_at: StorageU64,
}

impl Auction {
    /// Start, unix seconds, later by the time the clock stood; 0 when there is no auction.
    pub fn started_at(&self) -> u64 {
        let [seconds] = *self.started_at.get().as_limbs();
        seconds
    }

    /// Starts the auction.
    pub fn open(&mut self, now: u64) {
        self.set_started_at(now);
        self.seen_at.set(U64::from_limbs([now]));
    }

    /// Sets what the clock counts from.
    pub fn set_started_at(&mut self, seconds: u64) {
        self.started_at.set(U64::from_limbs([seconds]));
    }

    /// The clock now: what it stood is left out.
    pub fn clock(&self, now: u64) -> Clock {
        let stood = now.saturating_sub(self.seen_at()).saturating_sub(UNWATCHED);
        let insolvent_since = match self.insolvent_since() {
            0 => 0,
            since => since.saturating_add(stood),
        };
        Clock {
            started_at: self.started_at().saturating_add(stood),
            insolvent_since,
            now,
        }
    }

    /// Notes that the account is below its buffer now, so that the clock runs on. Returns how long ago that was last noted, seconds.
    pub fn see(&mut self, now: u64) -> u64 {
        let since = now.saturating_sub(self.seen_at());
        let clock = self.clock(now);
        self.set_started_at(clock.started_at);
        self.set_insolvent_since(clock.insolvent_since);
        self.seen_at.set(U64::from_limbs([now]));
        since
    }

    fn seen_at(&self) -> u64 {
        let [seconds] = *self.seen_at.get().as_limbs();
        seconds
    }

    /// When the account was recorded to be worth nothing, unix seconds; 0 while it is not.
    pub fn insolvent_since(&self) -> u64 {
        let [seconds] = *self.insolvent_since.get().as_limbs();
        seconds
    }

    /// Records when the account came to be worth nothing; 0 when it is worth something again.
    pub fn set_insolvent_since(&mut self, seconds: u64) {
        self.insolvent_since.set(U64::from_limbs([seconds]));
    }

    /// Cash bidders paid in, less what of it repaid debt, token units.
    pub fn paid_in(&self) -> u128 {
        let [low, high] = *self.paid_in.get().as_limbs();
        u128::from(high) << 64 | u128::from(low)
    }

    /// Sets the cash paid in, token units.
    pub fn set_paid_in(&mut self, units: u128) {
        self.paid_in.set(U128::from_limbs(limbs(units)));
    }
}

/// A number of the ABI.
pub fn uint(value: u128) -> U256 {
    let [low, high] = limbs(value);
    U256::from_limbs([low, high, 0, 0])
}

/// Lower and upper half.
#[allow(clippy::cast_possible_truncation, reason = "truncation is the purpose")]
fn limbs(value: u128) -> [u64; 2] {
    [value as u64, (value >> 64) as u64]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_keep_their_places() {
        let value = 0x0102_0304_0506_0708_090a_0b0c_0d0e_0f10;
        assert_eq!(uint(value), U256::from(value));
        assert_eq!(U128::from_limbs(limbs(value)), U128::from(value));
    }
}
