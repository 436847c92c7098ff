//! Ids that describe themselves, on the native side: account, bucket, series, leg. Layouts are those of the contracts (architecture.md).

use alloy::primitives::{Address, B256, U256};
use clearing_math::leg::{Leg, LegError, OptionKind};
use clearing_math::series::{Series, SeriesError};

/// Marks the index of a settlement pot.
const POT: u64 = 1 << 32;

/// Account `index` of `owner` in `pool`.
pub fn account_id(owner: Address, pool: u32, index: u64) -> U256 {
    let mut bytes = [0; 32];
    bytes[..20].copy_from_slice(owner.as_slice());
    bytes[20..24].copy_from_slice(&pool.to_be_bytes());
    bytes[24..].copy_from_slice(&index.to_be_bytes());
    U256::from_be_bytes(bytes)
}

/// Owner of an account; zero for the pool's own buckets.
pub fn account_owner(account: U256) -> Address {
    Address::from_slice(&account.to_be_bytes::<32>()[..20])
}

/// Pool of an account or other bucket.
pub fn account_pool(account: U256) -> u32 {
    let limb = account.as_limbs()[1];
    u32::try_from(limb & u64::from(u32::MAX)).unwrap_or_default()
}

/// Bucket of a pool's insurance.
pub fn insurance_bucket(pool: u32) -> U256 {
    account_id(Address::ZERO, pool, 0)
}

/// Bucket of the settlement pot of an expiry.
pub fn pot_bucket(pool: u32, expiry: u32) -> U256 {
    account_id(Address::ZERO, pool, POT | u64::from(expiry))
}

/// Id of a series. `strike` 1e-8 quote.
pub fn series_id(pool: u32, expiry: u32, strike: u64, kind: OptionKind) -> U256 {
    U256::from_be_bytes(
        Series {
            pool,
            expiry,
            strike,
            kind,
        }
        .to_id(),
    )
}

/// What a series id says.
///
/// # Errors
/// [`SeriesError`] when it is none.
pub fn series(id: U256) -> Result<Series, SeriesError> {
    Series::from_id(&id.to_be_bytes())
}

/// A leg from its word.
///
/// # Errors
/// [`LegError`] when it is none.
pub fn leg(word: B256) -> Result<Leg, LegError> {
    Leg::from_word(&word.0)
}

/// Series of a leg held in `pool`.
pub fn series_of_leg(pool: u32, leg: &Leg) -> U256 {
    series_id(pool, leg.expiry, leg.strike, leg.kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn account_ids_unpack_to_what_they_were_packed_from() {
        let owner = Address::repeat_byte(0xab);
        let account = account_id(owner, 7, 9);
        assert_eq!((account_owner(account), account_pool(account)), (owner, 7));
        assert_eq!(account.as_limbs()[0], 9);
    }

    #[test]
    fn buckets_of_a_pool_have_no_owner_and_differ() {
        let (insurance, pot) = (insurance_bucket(3), pot_bucket(3, 0));
        assert_ne!(insurance, pot);
        assert_eq!(account_owner(pot), Address::ZERO);
        assert_eq!((account_pool(insurance), account_pool(pot)), (3, 3));
    }

    #[test]
    fn series_and_leg_ids_agree() {
        let id = series_id(2, 1_800_000_000, 5_000_000_000_000, OptionKind::Put);
        let parsed = series(id).expect("well-formed");
        let leg = Leg {
            expiry: parsed.expiry,
            strike: parsed.strike,
            kind: parsed.kind,
            contracts: -1,
        };
        assert_eq!(series_of_leg(2, &leg), id);
    }
}
