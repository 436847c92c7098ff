//! Multiply-then-divide against plain wide arithmetic.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::doc_markdown,
    reason = "tests panic on overflow, and measure in doubles"
)]

use clearing_math::fixed::{
    div_down, div_up, mul_div_ceil, mul_div_down, mul_div_floor, mul_div_up, mul_down, mul_up,
    mul_wide,
};
use proptest::prelude::*;

#[test]
fn every_small_case_is_exact() {
    for a in 0..64_u128 {
        for b in 0..64_u128 {
            for d in 1..64_u128 {
                assert_eq!(mul_div_down(a, b, d), Some(a * b / d));
                assert_eq!(mul_div_up(a, b, d), Some((a * b).div_ceil(d)));
                let product = (a * b) as i128;
                let signed = -(a as i128);
                assert_eq!(
                    mul_div_floor(signed, b, d),
                    Some((-product).div_euclid(d as i128))
                );
                assert_eq!(mul_div_ceil(signed, b, d), Some(-(product / d as i128)));
            }
        }
    }
}

/// Quotients whose digits are the largest there are: estimates of a digit then exceed a limb, which only matters where products of
/// limbs fill a machine word, as they do at 32 bits and not at the two bits that are tried exhaustively.
#[test]
fn the_largest_digits_are_exact() {
    let mut bits = 1_u128;
    for round in 0..20_000_u32 {
        bits = bits
            .wrapping_mul(0xDA94_2042_E4DD_58B5_2360_ED05_1FC6_5DA5)
            .wrapping_add(u128::from(round));
        let d = (bits >> (round % 120)).max(1);
        for a in [
            u128::MAX,
            u128::MAX - 1,
            u128::MAX << 32,
            u128::MAX >> 32,
            u128::MAX << 96,
            !bits >> 64,
        ] {
            assert_eq!(mul_div_down(a, d, d), Some(a), "{a}·{d}/{d}");
            assert_eq!(mul_div_up(a, d, d), Some(a), "{a}·{d}/{d}");
        }
    }
}

#[test]
fn a_quotient_that_does_not_fit_is_refused() {
    assert_eq!(mul_div_down(1, 1, 0), None);
    assert_eq!(mul_div_down(u128::MAX, 2, 1), None);
    assert_eq!(
        mul_div_down(u128::MAX, u128::MAX, u128::MAX),
        Some(u128::MAX)
    );
    assert_eq!(mul_div_up(u128::MAX, u128::MAX, u128::MAX - 1), None);
    assert_eq!(mul_div_floor(i128::MIN, 1, 1), Some(i128::MIN));
    assert_eq!(mul_div_floor(i128::MAX, 2, 1), None);
    assert_eq!(mul_div_ceil(i128::MIN, 2, 1), None);
}

/// Any bit length equally often, so that limbs at their limits occur.
fn wide() -> impl Strategy<Value = u128> {
    (any::<u128>(), 0..128_u32, any::<bool>())
        .prop_map(|(x, shift, ones)| if ones { u128::MAX >> shift } else { x >> shift })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    /// q·d + r = a·b with r < d, in 256 bits, determines the quotient.
    #[test]
    fn quotients_satisfy_the_division_identity(a in wide(), b in wide(), d in wide()) {
        prop_assume!(d != 0);
        let (high, low) = mul_wide(a, b);
        match mul_div_down(a, b, d) {
            None => prop_assert!(high >= d),
            Some(q) => {
                let (back_high, back_low) = mul_wide(q, d);
                let (rest, borrow) = low.overflowing_sub(back_low);
                prop_assert_eq!(high, back_high + u128::from(borrow));
                prop_assert!(rest < d);
                let up = mul_div_up(a, b, d);
                prop_assert_eq!(up, if rest == 0 { Some(q) } else { q.checked_add(1) });
            }
        }
    }

    /// (a_high·2^64 + a_low)·b, with 64-bit halves, is the product.
    #[test]
    fn wide_products_agree_with_halves(a in wide(), b in wide()) {
        let half = u128::from(u64::MAX);
        let parts = [(a & half, b & half), (a >> 64, b & half), (a & half, b >> 64), (a >> 64, b >> 64)]
            .map(|(x, y)| x * y);
        let middle = (parts[0] >> 64) + (parts[1] & half) + (parts[2] & half);
        let low = (parts[0] & half) | (middle << 64);
        let high = parts[3] + (parts[1] >> 64) + (parts[2] >> 64) + (middle >> 64);
        prop_assert_eq!(mul_wide(a, b), (high, low));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    /// The operations with a known divisor are those with any.
    #[test]
    fn fixed_point_products_and_ratios_are_those_of_mul_div(a in wide(), b in wide()) {
        const ONE: u128 = 1_000_000_000_000_000_000;
        prop_assert_eq!(mul_down(a, b), mul_div_down(a, b, ONE));
        prop_assert_eq!(mul_up(a, b), mul_div_up(a, b, ONE));
        prop_assert_eq!(div_down(a, b), mul_div_down(a, ONE, b));
        prop_assert_eq!(div_up(a, b), mul_div_up(a, ONE, b));
    }

    /// Signed quotients are the integers next to the exact one on the side that is named.
    #[test]
    fn signed_quotients_enclose_the_exact_one(a: i64, b: u64, d in 1..=u64::MAX) {
        let (floor, ceil) = (mul_div_floor(a.into(), b.into(), d.into()), mul_div_ceil(a.into(), b.into(), d.into()));
        let exact = i128::from(a) * i128::from(b);
        let d = i128::from(d);
        prop_assert_eq!(floor, Some(exact.div_euclid(d)));
        prop_assert_eq!(ceil, Some(-(-exact).div_euclid(d)));
    }
}
