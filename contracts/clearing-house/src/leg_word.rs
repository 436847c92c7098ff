//! A leg as it lies in storage, in calldata to the margin engine, and in memory here: one 32-byte word.
//!
//! `expiry u32 · strike u64 · kind u8 · zero 24 bits · contracts i128 (1e-18, long > 0)`. The first 13 bytes are the last 13 of the series
//! id, so the kernel compares and moves bytes and never unpacks strike or kind. `clearing-math` reads the same word; a test holds the
//! two together.

use alloy_primitives::{B256, U256};
use interfaces::words::{halves, to_u256};

/// Bytes of expiry, strike and kind.
const SERIES_BYTES: usize = 13;
/// Where they begin in a series id; before them, the pool.
const SERIES_AT: usize = 32 - SERIES_BYTES;
/// Where the pool begins in a series id.
const POOL_AT: usize = SERIES_AT - 4;
/// Where the contracts begin in a leg word.
const CONTRACTS_AT: usize = 16;

/// The leg of `contracts` in a series.
pub(crate) fn leg_word(series: U256, contracts: i128) -> B256 {
    let id: [u8; 32] = series.to_be_bytes();
    let mut word = [0; 32];
    word[..SERIES_BYTES].copy_from_slice(&id[SERIES_AT..]);
    word[CONTRACTS_AT..].copy_from_slice(&contracts.to_be_bytes());
    B256::new(word)
}

/// The series of a leg held in `pool`.
pub(crate) fn leg_series(leg: &B256, pool: u32) -> U256 {
    let mut id = [0; 32];
    id[POOL_AT..SERIES_AT].copy_from_slice(&pool.to_be_bytes());
    id[SERIES_AT..].copy_from_slice(&leg[..SERIES_BYTES]);
    to_u256(B256::new(id))
}

/// Whether a leg is of that series (of the account's pool).
pub(crate) fn is_of_series(leg: &B256, series: U256) -> bool {
    let id: [u8; 32] = series.to_be_bytes();
    leg[..SERIES_BYTES] == id[SERIES_AT..]
}

/// Contracts of a leg, 1e-18, long > 0.
pub(crate) fn leg_contracts(leg: &B256) -> i128 {
    halves(*leg).1.cast_signed()
}

/// Expiry of a leg, unix seconds.
pub(crate) fn leg_expiry(leg: &B256) -> u32 {
    u32::from_be_bytes([leg[0], leg[1], leg[2], leg[3]])
}

/// Whether a leg is short: the sign bit of its contracts.
pub(crate) fn is_short(leg: &B256) -> bool {
    leg[CONTRACTS_AT] & 0x80 != 0
}

#[cfg(test)]
mod tests {
    use clearing_math::leg::{Leg, OptionKind};
    use interfaces::ids;

    use super::*;

    #[test]
    fn leg_word_is_the_word_that_the_margin_engine_reads() {
        for contracts in [1, -1, i128::MAX, i128::MIN + 1, 7_000_000_000_000_000_000] {
            let (expiry, strike) = (1_767_225_600, 300_000_000_000);
            let series = ids::series_id(0xaabb_ccdd, expiry, strike, 1);
            let leg = Leg {
                expiry,
                strike,
                kind: OptionKind::Put,
                contracts,
            };
            let word = leg_word(series, contracts);
            assert_eq!(word.0, leg.to_word());
            assert_eq!(Leg::from_word(&word.0), Ok(leg));
            assert_eq!(leg_series(&word, 0xaabb_ccdd), series);
            assert_eq!(leg_contracts(&word), contracts);
            assert_eq!(leg_expiry(&word), expiry);
            assert_eq!(is_short(&word), contracts < 0);
            assert!(is_of_series(&word, series));
        }
    }

    #[test]
    fn legs_of_other_series_are_told_apart_by_each_field() {
        let leg = leg_word(ids::series_id(1, 10, 20, 0), 5);
        for (expiry, strike, kind) in [(11, 20, 0), (10, 21, 0), (10, 20, 1)] {
            assert!(!is_of_series(&leg, ids::series_id(1, expiry, strike, kind)));
        }
    }
}
