//! What the debtors of one (pool, expiry) owe and paid, in storage and in Rust's own integers.
//!
//! By limbs: the conversions of `ruint` can panic, and the text of that panic costs two kilobytes.

use alloc::vec::Vec;

use alloy_primitives::{I256, U128, U256};
use stylus_sdk::prelude::*;
use stylus_sdk::storage::StorageU128;

use crate::waterfall::Payment;

/// Sums over the settled debtors of one (pool, expiry). Amounts in settlement token units, unless said otherwise.
#[storage]
pub struct Group {
    /// Owed by all debtors; never below the credits of all winners.
    owed: StorageU128,
    /// Paid into the pot in cash, by debtors and by the insurance.
    paid_cash: StorageU128,
    /// Paid into the pot in base token units.
    paid_base: StorageU128,
    /// What of `paid_cash` the insurance paid.
    paid_insurance: StorageU128,
    /// Paid by nobody.
    shortfall: StorageU128,
}

/// [`Group`] as numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sums {
    /// Owed by all debtors.
    pub owed: u128,
    /// Paid in cash, by debtors and by the insurance.
    pub paid_cash: u128,
    /// Paid in base token units.
    pub paid_base: u128,
    /// What of `paid_cash` the insurance paid.
    pub paid_insurance: u128,
    /// Paid by nobody.
    pub shortfall: u128,
}

impl Group {
    /// The sums.
    pub fn sums(&self) -> Sums {
        Sums {
            owed: get(&self.owed),
            paid_cash: get(&self.paid_cash),
            paid_base: get(&self.paid_base),
            paid_insurance: get(&self.paid_insurance),
            shortfall: get(&self.shortfall),
        }
    }

    /// Adds a settled debtor. `None`, and nothing is changed, on overflow.
    pub fn add(&mut self, debit: u128, payment: &Payment) -> Option<()> {
        let before = self.sums();
        let cash = payment.cash.checked_add(payment.insurance)?;
        let owed = before.owed.checked_add(debit)?;
        let paid_cash = before.paid_cash.checked_add(cash)?;
        let paid_base = before.paid_base.checked_add(payment.base)?;
        let paid_insurance = before.paid_insurance.checked_add(payment.insurance)?;
        let shortfall = before.shortfall.checked_add(payment.shortfall)?;
        set(&mut self.owed, owed);
        set(&mut self.paid_cash, paid_cash);
        set(&mut self.paid_base, paid_base);
        set(&mut self.paid_insurance, paid_insurance);
        set(&mut self.shortfall, shortfall);
        Some(())
    }
}

/// A stored number.
pub fn get(stored: &StorageU128) -> u128 {
    let [low, high] = *stored.get().as_limbs();
    u128::from(high) << 64 | u128::from(low)
}

/// Stores a number.
pub fn set(stored: &mut StorageU128, value: u128) {
    stored.set(U128::from_limbs(limbs(value)));
}

/// A number of the ABI.
pub fn uint(value: u128) -> U256 {
    let [low, high] = limbs(value);
    U256::from_limbs([low, high, 0, 0])
}

/// A signed number of the ABI.
pub fn int(value: i128) -> I256 {
    let magnitude = I256::from_raw(uint(value.unsigned_abs()));
    // |value| <= 2^127: negation cannot overflow.
    if value < 0 {
        magnitude.wrapping_neg()
    } else {
        magnitude
    }
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
    fn halves_and_signs_keep_their_places() {
        let value = 0x0102_0304_0506_0708_090a_0b0c_0d0e_0f10;
        assert_eq!(uint(value), U256::from(value));
        assert_eq!(U128::from_limbs(limbs(value)), U128::from(value));
        for signed in [0, 1, -1, i128::MAX, i128::MIN] {
            assert_eq!(int(signed), I256::try_from(signed).unwrap());
        }
    }
}
