//! Token amounts to 1e18.

use alloy_primitives::{I256, U256};

use super::scene::overflow;
use crate::portfolio::{base_to_wad, cash_to_wad};
use crate::signed;

#[test]
fn amounts_beyond_the_range_of_the_mathematics_revert() {
    let (most, one) = (
        I256::try_from(i128::MAX).unwrap(),
        I256::try_from(1).unwrap(),
    );
    assert_eq!(cash_to_wad(most, 18).unwrap(), i128::MAX);
    assert_eq!(
        cash_to_wad(I256::try_from(i128::MIN).unwrap(), 18).unwrap(),
        i128::MIN
    );
    for beyond in [
        most + one,
        I256::try_from(i128::MIN).unwrap() - one,
        I256::MAX,
        I256::MIN,
    ] {
        assert_eq!(cash_to_wad(beyond, 18).unwrap_err(), overflow());
    }
    // 6 decimals: 1e12 units per token unit.
    let edge = i128::MAX / 1_000_000_000_000;
    assert!(cash_to_wad(I256::try_from(edge).unwrap(), 6).is_ok());
    assert_eq!(
        cash_to_wad(I256::try_from(edge + 1).unwrap(), 6).unwrap_err(),
        overflow()
    );
    assert_eq!(base_to_wad(U256::from(u128::MAX), 18).unwrap(), u128::MAX);
    assert_eq!(
        base_to_wad(U256::from(u128::MAX) + U256::from(1), 18).unwrap_err(),
        overflow()
    );
    assert_eq!(
        base_to_wad(U256::from(u128::MAX), 17).unwrap_err(),
        overflow()
    );
    assert_eq!(base_to_wad(U256::from(1), 19).unwrap_err(), overflow());
}

#[test]
fn token_units_scale_exactly() {
    for (decimals, expected) in [(0, 7 * 10_i128.pow(18)), (6, 7 * 10_i128.pow(12)), (18, 7)] {
        let seven = I256::try_from(7).unwrap();
        assert_eq!(cash_to_wad(seven, decimals).unwrap(), expected);
        assert_eq!(cash_to_wad(-seven, decimals).unwrap(), -expected);
        assert_eq!(
            base_to_wad(U256::from(7), decimals).unwrap(),
            expected.unsigned_abs()
        );
    }
}

#[test]
fn signs_survive_widening() {
    for value in [0, 1, -1, i128::MAX, i128::MIN] {
        assert_eq!(signed(value), I256::try_from(value).unwrap());
    }
}
