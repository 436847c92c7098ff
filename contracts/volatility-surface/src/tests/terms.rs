//! `terms` and `volatility`: which publishers count, and what they say together.

use alloy_primitives::{Address, U256, aliases::U80};
use interfaces::IVolatilitySurface as abi;
use motsu::prelude::*;
use smile_proof::SmileProof;

use super::host::{START, set_time};
use super::scene::{
    CEILING, DAY, FEED, MAX_AGE, MONTH, NOW, OTHER_FEED, QUARTER, error, flat, listed, publish,
};
use crate::VolatilitySurface;

const ONE: u64 = 1_000_000_000_000_000_000;
const PERCENT: u64 = ONE / 100;

type Members = (u32, i64, i64, u64, u64, u32);

fn terms(
    surface: &Contract<VolatilitySurface>,
    expiries: &[u32],
) -> (Vec<Members>, Vec<[u8; 32]>, bool) {
    let (terms, smiles, stale) = surface
        .sender(Address::ZERO)
        .terms(FEED, expiries.to_vec())
        .motsu_unwrap();
    let members = |term: crate::reading::Term| {
        (
            term.expiry,
            term.carry,
            term.rate,
            term.confidence,
            term.volatilityCeiling,
            term.smiles,
        )
    };
    (
        terms.into_iter().map(members).collect(),
        smiles.into_iter().map(|word| word.0).collect(),
        stale,
    )
}

fn volatility(surface: &Contract<VolatilitySurface>, expiry: u32) -> (u64, bool) {
    let price = U256::from(ONE);
    surface
        .sender(Address::ZERO)
        .volatility(FEED, expiry, price, price)
        .motsu_unwrap()
}

fn term(carry: i32, rate: i32, doubt: u16) -> U80 {
    let (carry, rate) = (carry.cast_unsigned(), rate.cast_unsigned());
    U80::from((u128::from(carry) << 48) | (u128::from(rate) << 16) | u128::from(doubt))
}

#[motsu::test]
fn fresh_publishers_count_while_they_are_a_quorum_then_all_with_a_ceiling(
    surface: Contract<VolatilitySurface>,
    proof: Contract<SmileProof>,
    alice: Address,
    bob: Address,
    carol: Address,
) {
    listed(&surface, &proof, alice, &[alice, bob, carol]);
    let count = |found: &(Vec<Members>, Vec<[u8; 32]>, bool)| {
        (found.0[0].5, found.1.len(), found.0[0].4, found.2)
    };
    // Nothing known: nothing stale.
    assert_eq!(count(&terms(&surface, &[MONTH])), (0, 0, 0, false));
    assert_eq!(terms(&surface, &[MONTH]).0[0], (MONTH, 0, 0, ONE, 0, 0));
    for (caller, index, percent) in [(alice, 0, 60), (bob, 1, 70), (carol, 2, 80)] {
        set_time(START + u64::from(index) * 100);
        publish(&surface, caller, index, &[flat(percent, MONTH)]).unwrap();
    }
    let fresh = START + u64::from(MAX_AGE);
    set_time(fresh);
    assert_eq!(count(&terms(&surface, &[MONTH])), (3, 6, 0, false));
    assert_eq!(volatility(&surface, MONTH), (70 * PERCENT, false));
    // The first is too old, two are a quorum: the mean of the two.
    set_time(fresh + 1);
    assert_eq!(count(&terms(&surface, &[MONTH])), (2, 4, 0, false));
    let (mean, stale) = volatility(&surface, MONTH);
    assert!(mean.abs_diff(75 * PERCENT) <= 2 && !stale);
    // One alone is no quorum: all that is known, with the ceiling, unmoved.
    set_time(fresh + 101);
    assert_eq!(count(&terms(&surface, &[MONTH])), (3, 6, CEILING, true));
    assert_eq!(volatility(&surface, MONTH), (70 * PERCENT, true));
    // What has expired is neither known nor stale.
    set_time(u64::from(MONTH));
    assert_eq!(count(&terms(&surface, &[MONTH])), (0, 0, 0, false));
    let price = U256::from(ONE);
    let missing = surface
        .sender(alice)
        .volatility(FEED, MONTH, price, price)
        .motsu_unwrap_err();
    assert_eq!(missing, error(abi::MissingVolatility { expiry: MONTH }));
    let unknown = surface
        .sender(alice)
        .terms(OTHER_FEED, vec![MONTH])
        .motsu_unwrap_err();
    assert_eq!(unknown, error(abi::UnknownFeed { feed: OTHER_FEED }));
}

#[motsu::test]
fn between_expiries_both_neighbours_are_given_and_beyond_them_the_nearest(
    surface: Contract<VolatilitySurface>,
    proof: Contract<SmileProof>,
    alice: Address,
) {
    listed(&surface, &proof, alice, &[alice]);
    publish(&surface, alice, 0, &[flat(60, MONTH), flat(80, QUARTER)]).unwrap();
    let [near, far] = [MONTH, QUARTER].map(|expiry| {
        surface
            .sender(alice)
            .smile_of(FEED, 0, expiry)
            .motsu_unwrap()
            .0
            .0
    });
    let asked = [
        NOW + DAY,
        MONTH,
        NOW + 60 * DAY,
        QUARTER,
        QUARTER + DAY,
        NOW,
    ];
    let (found, smiles, stale) = terms(&surface, &asked);
    let counts: Vec<(u32, u32)> = found.iter().map(|term| (term.0, term.5)).collect();
    assert_eq!(
        counts,
        asked.map(|expiry| (expiry, u32::from(expiry != NOW)))
    );
    assert_eq!(
        smiles,
        [near, near, near, near, near, far, far, far, far, far]
    );
    assert!(!stale);
    // 0.36 · 30 and 0.64 · 90 days: 34.2 in the middle, 0.57 a year.
    let (middle, _) = volatility(&surface, NOW + 60 * DAY);
    assert!(middle.abs_diff(754_983_443_527_074_969) <= 2, "{middle}");
    assert_eq!(
        volatility(&surface, NOW + DAY).0,
        volatility(&surface, MONTH).0
    );
    assert_eq!(
        volatility(&surface, QUARTER + DAY).0,
        volatility(&surface, QUARTER).0
    );
}

#[motsu::test]
fn carry_rate_and_confidence_are_medians_and_interpolated_with_time(
    surface: Contract<VolatilitySurface>,
    proof: Contract<SmileProof>,
    alice: Address,
    bob: Address,
    carol: Address,
) {
    listed(&surface, &proof, alice, &[alice, bob, carol]);
    let smiles = vec![flat(60, MONTH), flat(60, QUARTER)];
    for (caller, index, carry) in [
        (alice, 0, -40_000_000),
        (bob, 1, 50_000_000),
        (carol, 2, 900_000_000),
    ] {
        let terms = vec![
            term(carry, -carry / 2, 100 * u16::from(index)),
            term(2 * carry.min(400_000_000), 0, 50),
        ];
        surface
            .sender(caller)
            .publish_surface(FEED, index, smiles.clone(), terms, 0, vec![].into())
            .motsu_unwrap();
    }
    let (found, ..) = terms(&surface, &[MONTH, NOW + 60 * DAY, QUARTER, NOW + DAY]);
    let unit = 1_000_000_000;
    assert_eq!(
        found[0],
        (
            MONTH,
            50_000_000 * unit,
            -25_000_000 * unit,
            ONE - ONE / 100,
            0,
            3
        )
    );
    assert_eq!(
        found[2],
        (QUARTER, 100_000_000 * unit, 0, ONE - ONE / 200, 0, 3)
    );
    // (0.05 · 30 · 30 + 0.1 · 90 · 30) / (60 · 60) days, and the larger doubt of each publisher.
    assert_eq!(found[1].1, 87_500_000 * unit);
    assert_eq!(found[1].2, -6_250_000 * unit);
    assert_eq!(found[1].3, ONE - ONE / 100);
    assert_eq!(found[3].1, 50_000_000 * unit);
    // Two of them: the mean, rounded down.
    set_time(START + 1);
    publish(&surface, alice, 0, &smiles).unwrap();
    publish(&surface, bob, 1, &smiles).unwrap();
    set_time(START + u64::from(MAX_AGE) + 1);
    let (found, ..) = terms(&surface, &[MONTH]);
    assert_eq!((found[0].1, found[0].5), (5_000_000 * unit, 2));
}
