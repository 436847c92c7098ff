//! Ids that describe themselves: packing and unpacking, without a storage read.
//!
//! | id | layout, most significant first |
//! |---|---|
//! | account | `owner u160 · pool u32 · index u64`, owner and pool not zero |
//! | bucket | an account; or, owner zero, insurance `0 · pool · 0` or the pot of an expiry `0 · pool · (1 << 32 · expiry)` |
//! | series | `pool u32 · expiry u32 · strike u64 (1e-8 quote) · kind u8` in the low 136 bits, rest zero |
//!
//! Works on the 64-bit limbs: a 256-bit shift costs more than everything here.

use alloy_primitives::{Address, U256};

/// Marks the index of a settlement pot, so that the pot of expiry 0 is not the insurance.
const POT: u64 = 1 << 32;

/// Account `index` of `owner` in `pool`.
#[must_use]
pub fn account_id(owner: Address, pool: u32, index: u64) -> U256 {
    let mut bytes = [0; 32];
    let (head, tail) = bytes.split_at_mut(20);
    head.copy_from_slice(owner.as_slice());
    tail[..4].copy_from_slice(&pool.to_be_bytes());
    tail[4..].copy_from_slice(&index.to_be_bytes());
    U256::from_be_bytes(bytes)
}

/// Owner of an account; zero for the pool's own buckets.
#[must_use]
pub fn account_owner(account: U256) -> Address {
    let bytes: [u8; 32] = account.to_be_bytes();
    Address::from_slice(&bytes[..20])
}

/// Pool of an account or of any other bucket.
#[must_use]
pub fn account_pool(account: U256) -> u32 {
    low_half(account.as_limbs()[1])
}

/// Index of an account among those of its owner in its pool.
#[must_use]
pub fn account_index(account: U256) -> u64 {
    account.as_limbs()[0]
}

/// Whether the id is one of an account: owner and pool are not zero.
#[must_use]
pub fn is_account(account: U256) -> bool {
    !account_owner(account).is_zero() && account_pool(account) != 0
}

/// Whether tokens may rest under the id: an account, or the insurance or a pot of a pool.
#[must_use]
pub fn is_bucket(bucket: U256) -> bool {
    let index = account_index(bucket);
    account_pool(bucket) != 0
        && (!account_owner(bucket).is_zero() || index == 0 || index >> 32 == 1)
}

/// Bucket of the pool's insurance.
#[must_use]
pub fn insurance_bucket(pool: u32) -> U256 {
    U256::from_limbs([0, u64::from(pool), 0, 0])
}

/// Bucket that collects what the debtors of (pool, expiry) pay, until its winners claim it.
#[must_use]
pub fn pot_bucket(pool: u32, expiry: u32) -> U256 {
    U256::from_limbs([POT | u64::from(expiry), u64::from(pool), 0, 0])
}

/// Series of an option; `strike` in 1e-8 quote, `kind` 0 call, 1 put.
#[must_use]
pub fn series_id(pool: u32, expiry: u32, strike: u64, kind: u8) -> U256 {
    let low = (strike << 8) | u64::from(kind);
    let middle = (u64::from(pool) << 40) | (u64::from(expiry) << 8) | (strike >> 56);
    U256::from_limbs([low, middle, u64::from(pool) >> 24, 0])
}

/// Pool of a series.
#[must_use]
pub fn series_pool(series: U256) -> u32 {
    let [_, middle, high, _] = *series.as_limbs();
    low_half((high << 24) | (middle >> 40))
}

/// Expiry of a series, unix seconds.
#[must_use]
pub fn series_expiry(series: U256) -> u32 {
    low_half(series.as_limbs()[1] >> 8)
}

/// Strike of a series, 1e-8 quote per underlying.
#[must_use]
pub fn series_strike(series: U256) -> u64 {
    let [low, middle, ..] = *series.as_limbs();
    (middle << 56) | (low >> 8)
}

/// Kind of a series: 0 call, 1 put; other values make no series.
#[must_use]
pub fn series_kind(series: U256) -> u8 {
    series.byte(0)
}

/// The low 32 bits.
#[allow(clippy::cast_possible_truncation, reason = "truncation is the purpose")]
fn low_half(limb: u64) -> u32 {
    limb as u32
}

#[cfg(test)]
mod tests {
    use alloy_primitives::{address, uint};

    use super::*;

    const OWNER: Address = address!("1122334455667788990011223344556677889900");

    #[test]
    fn account_is_owner_then_pool_then_index() {
        let account =
            uint!(0x1122334455667788990011223344556677889900_aabbccdd_0102030405060708_U256);
        assert_eq!(
            account_id(OWNER, 0xaabb_ccdd, 0x0102_0304_0506_0708),
            account
        );
        assert_eq!(account_owner(account), OWNER);
        assert_eq!(account_pool(account), 0xaabb_ccdd);
        assert_eq!(account_index(account), 0x0102_0304_0506_0708);
    }

    #[test]
    fn account_needs_an_owner_and_a_pool() {
        assert!(is_account(account_id(OWNER, 1, 0)));
        assert!(!is_account(account_id(Address::ZERO, 1, 0)));
        assert!(!is_account(account_id(OWNER, 0, 7)));
        // Every byte of the owner counts.
        assert!(is_account(U256::from_limbs([0, 1 | 1 << 32, 0, 0])));
        assert!(is_account(U256::from_limbs([0, 1, 0, 1 << 63])));
    }

    #[test]
    fn pool_buckets_are_distinct_and_no_accounts() {
        assert_eq!(
            insurance_bucket(0xaabb_ccdd),
            uint!(0xaabbccdd_0000000000000000_U256)
        );
        assert_eq!(
            pot_bucket(0xaabb_ccdd, 0x0102_0304),
            uint!(0xaabbccdd_0000000101020304_U256)
        );
        assert_ne!(pot_bucket(1, 0), insurance_bucket(1));
        for bucket in [insurance_bucket(9), pot_bucket(9, u32::MAX)] {
            assert!(is_bucket(bucket));
            assert!(!is_account(bucket));
            assert_eq!(account_pool(bucket), 9);
        }
    }

    #[test]
    fn ids_that_name_nothing_are_no_buckets() {
        assert!(is_bucket(account_id(OWNER, 1, u64::MAX)));
        assert!(!is_bucket(account_id(OWNER, 0, 0)));
        assert!(!is_bucket(U256::ZERO));
        // Neither the insurance nor a pot.
        assert!(!is_bucket(account_id(Address::ZERO, 1, 1)));
        assert!(!is_bucket(account_id(Address::ZERO, 1, 2 << 32)));
    }

    #[test]
    fn series_is_pool_then_expiry_then_strike_then_kind() {
        let series = uint!(0xaabbccdd_11223344_0102030405060708_01_U256);
        assert_eq!(
            series_id(0xaabb_ccdd, 0x1122_3344, 0x0102_0304_0506_0708, 1),
            series
        );
        assert_eq!(series_pool(series), 0xaabb_ccdd);
        assert_eq!(series_expiry(series), 0x1122_3344);
        assert_eq!(series_strike(series), 0x0102_0304_0506_0708);
        assert_eq!(series_kind(series), 1);
    }

    #[test]
    fn series_parts_keep_to_their_fields_at_the_extremes() {
        for (pool, expiry, strike, kind) in [
            (u32::MAX, 0, 0, 0),
            (0, u32::MAX, 0, 0),
            (0, 0, u64::MAX, 0),
            (0, 0, 0, u8::MAX),
            (u32::MAX, u32::MAX, u64::MAX, u8::MAX),
        ] {
            let series = series_id(pool, expiry, strike, kind);
            assert!(series < U256::from_limbs([0, 0, 1 << 8, 0]));
            assert_eq!(series_pool(series), pool);
            assert_eq!(series_expiry(series), expiry);
            assert_eq!(series_strike(series), strike);
            assert_eq!(series_kind(series), kind);
        }
    }
}
