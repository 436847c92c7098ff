//! What publishers who lie can do to the median: nothing beyond the honest ones, while they are fewer than half.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::doc_markdown,
    reason = "tests panic on overflow, and measure in doubles"
)]

#[allow(dead_code, reason = "each test binary uses a part")]
#[path = "support/smiles.rs"]
mod smiles;

use clearing_math::surface::{MAX_REACH, MAX_SLOPE, PublishedSmile, SmilePair, UNIT, volatility};
use smiles::Random;

const NOW: u64 = 1_763_900_000;
const DAY: u32 = 86_400;
const ONE: f64 = 1e18;

fn index(random: &mut Random, below: usize) -> usize {
    (random.uniform(0.0, below as f64) as usize).min(below - 1)
}

/// 40 % to 90 %, with a skew.
fn honest(random: &mut Random, expiry: u32) -> PublishedSmile {
    let unit = |x: f64| (x * 1e9) as i64;
    let sigma = random.uniform(0.05, 0.4);
    let b = random.uniform(0.05, 1.0);
    PublishedSmile {
        a: unit(random.uniform(0.16, 0.8)),
        b: unit(b) as u64,
        rho: unit(random.uniform(-0.8, 0.5)),
        m: unit(random.uniform(-0.2, 0.2)),
        sigma: unit(sigma) as u64,
        expiry,
        published_at: NOW as u32,
    }
}

/// Any parameters in range, extremes over-weighted; proved or not.
fn corrupt(random: &mut Random, expiry: u32) -> PublishedSmile {
    let mut pick = |extremes: &[f64], low: f64, high: f64| {
        let at = index(random, extremes.len() + 1);
        extremes
            .get(at)
            .copied()
            .unwrap_or_else(|| random.uniform(low, high)) as i64
    };
    let (reach, most) = (MAX_REACH as f64, MAX_SLOPE as f64);
    let correlation = UNIT as f64 - 1.0;
    PublishedSmile {
        a: pick(&[-most, most, 0.0, 1.0], -most, most),
        b: pick(&[most, 0.0, 1.0], 0.0, most) as u64,
        rho: pick(&[-correlation, correlation, 0.0], -correlation, correlation),
        m: pick(&[-reach, reach, 0.0], -reach, reach),
        sigma: pick(&[1.0, reach], 1.0, reach) as u64,
        expiry,
        published_at: NOW as u32,
    }
}

fn pair(
    random: &mut Random,
    expiry: u32,
    smile: fn(&mut Random, u32) -> PublishedSmile,
) -> SmilePair {
    let (near, far) = match index(random, 3) {
        0 => (smile(random, expiry), None),
        _ => (
            smile(random, expiry - 5 * DAY),
            Some(smile(random, expiry + 9 * DAY)),
        ),
    };
    let far = far.unwrap_or(near);
    SmilePair::prepare(&near.to_word(), &far.to_word(), expiry, NOW).expect("in range")
}

#[test]
fn a_corrupt_minority_moves_no_volatility_outside_of_the_honest_range() {
    let rounds =
        std::env::var("NOVATION_CASES").map_or(1_000_000, |text| text.parse().expect("a number"));
    let mut random = Random(2_026);
    let expiry = NOW as u32 + 20 * DAY;
    let mut moved = 0;
    for _ in 0..rounds {
        let publishers = 1 + index(&mut random, 15);
        let liars = index(&mut random, publishers.div_ceil(2));
        let mut pairs: Vec<SmilePair> = (liars..publishers)
            .map(|_| pair(&mut random, expiry, honest))
            .collect();
        let forward = (random.log_uniform(1.0, 1e6) * ONE) as u128;
        let strike = (forward as f64 * random.uniform(-1.0, 1.0).exp()) as u128;
        let read = |pairs: &[SmilePair]| volatility(pairs, forward, strike).expect("a volatility");
        let alone = pairs.iter().map(|pair| read(&[*pair]));
        let (low, high) = (alone.clone().min().expect("one"), alone.max().expect("one"));
        let fair = read(&pairs);
        for _ in 0..liars {
            let at = index(&mut random, pairs.len() + 1);
            pairs.insert(at, pair(&mut random, expiry, corrupt));
        }
        let found = read(&pairs);
        assert!(
            (low..=high).contains(&found),
            "{found} outside of {low}..{high}: {pairs:?}"
        );
        moved += usize::from(found != fair);
        // Any order says the same.
        pairs.reverse();
        assert_eq!(read(&pairs), found);
    }
    assert!(
        moved * 4 > rounds,
        "the liars did nothing: {moved} of {rounds}"
    );
}

/// The bar's other side: half of them can. A property that held here too would be no property.
#[test]
fn half_of_the_publishers_can_move_it() {
    let mut random = Random(7);
    let expiry = NOW as u32 + 20 * DAY;
    let escaped = (0..200).any(|_| {
        let pairs = [
            pair(&mut random, expiry, honest),
            pair(&mut random, expiry, corrupt),
        ];
        let read = |pairs: &[SmilePair]| volatility(pairs, 1 << 70, 1 << 70).expect("a volatility");
        read(&pairs) > 2 * read(&pairs[..1])
    });
    assert!(escaped);
}
