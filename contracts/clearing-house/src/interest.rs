//! How much is open: per series (the sum of longs, which a trade keeps equal to the sum of shorts) and, for the settlement, the shorts of
//! each (pool, expiry) that are not settled yet.

use alloy_primitives::U256;
use interfaces::IClearingHouse::Overflow;
use interfaces::{Revert, ids};

use crate::ClearingHouse;
use crate::positions::Resize;

impl ClearingHouse {
    /// Long contracts of all accounts in a series, 1e-18.
    pub(crate) fn open_interest_of(&self, series: U256) -> u128 {
        count(self.open_interest.get(series))
    }

    /// Short contracts of all accounts in (pool, expiry), 1e-18.
    pub(crate) fn short_interest_of(&self, pool: u32, expiry: u32) -> u128 {
        count(self.short_interest.get(group(pool, expiry)))
    }

    /// Replaces one account's part in both counts. Errors: `Overflow`.
    pub(crate) fn count_interest(&mut self, series: U256, size: Resize) -> Result<(), Revert> {
        let (sold, sells) = (short_part(size.before), short_part(size.after));
        let (held, holds) = (long_part(size.before), long_part(size.after));
        if held != holds {
            let open = replace(self.open_interest_of(series), held, holds)?;
            self.open_interest.setter(series).set(U256::from(open));
        }
        if sold != sells {
            let (pool, expiry) = (ids::series_pool(series), ids::series_expiry(series));
            let short = replace(self.short_interest_of(pool, expiry), sold, sells)?;
            self.short_interest
                .setter(group(pool, expiry))
                .set(U256::from(short));
        }
        Ok(())
    }
}

/// Storage key of (pool, expiry).
fn group(pool: u32, expiry: u32) -> U256 {
    U256::from((u64::from(pool) << 32) | u64::from(expiry))
}

/// A stored count; [`replace`] keeps it within 128 bits.
fn count(stored: U256) -> u128 {
    let [low, high, ..] = *stored.as_limbs();
    (u128::from(high) << 64) | u128::from(low)
}

/// `total − old + new`; a total never lacks a part that was counted into it.
fn replace(total: u128, old: u128, new: u128) -> Result<u128, Overflow> {
    total
        .checked_sub(old)
        .and_then(|rest| rest.checked_add(new))
        .ok_or(Overflow {})
}

fn long_part(contracts: i128) -> u128 {
    contracts.max(0).unsigned_abs()
}

fn short_part(contracts: i128) -> u128 {
    contracts.min(0).unsigned_abs()
}
