//! A seeded crash, for those who have no market data at hand (the real data cannot be shipped).
//!
//! Five venues follow one price that walks quietly for a day, loses half its value in seven hours with two cascades and a rebound, and
//! walks on. Venues differ by a fast-reverting basis; in the second cascade one of them stops printing for two hours, as they do.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::replay::{Quote, Replay, Venue};

/// When it begins: a Thursday, midnight UTC, unix seconds.
const BEGIN: u64 = 1_767_225_600;
/// Length of the replay in seconds: three days.
const LENGTH: u64 = 3 * 86_400;
/// Seconds between two prints of a venue.
const STEP: u64 = 300;
/// Price at the start, quote units.
const OPENING: f64 = 2_000.0;
/// The cascades: from hour, to hour, log return over it.
const LEGS: [(f64, f64, f64); 5] = [
    (24.0, 27.0, -0.25),
    (27.0, 28.5, 0.07),
    (28.5, 30.0, -0.42),
    (30.0, 31.0, 0.12),
    (31.0, 48.0, 0.05),
];
/// The venue that goes dark, and when (hours).
const OUTAGE: (usize, f64, f64) = (3, 28.5, 30.5);

/// The crash of `seed`; the same seed gives the same crash on every machine.
#[must_use]
pub fn crash(seed: u64) -> Replay {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let names = ["aurora", "borealis", "cascade", "delta", "ember"];
    let mut basis = [0.0_f64; 5];
    let mut log_price = OPENING.ln();
    let mut quotes = Vec::new();
    for step in 0..=(LENGTH / STEP) {
        let at = BEGIN + step * STEP;
        let hour = (step * STEP) as f64 / 3_600.0;
        let leg = LEGS.iter().find(|leg| leg.0 <= hour && hour < leg.1);
        let drift = leg.map_or(0.0, |leg| leg.2 / (leg.1 - leg.0) * STEP as f64 / 3_600.0);
        // Quiet 50 % a year, 250 % while it falls.
        let volatility = if leg.is_some_and(|leg| leg.2.abs() > 0.06) {
            2.5
        } else {
            0.5
        };
        log_price += drift + volatility * (STEP as f64 / 31_536_000.0).sqrt() * normal(&mut random);
        for (venue, basis) in basis.iter_mut().enumerate() {
            *basis = 0.8 * *basis + 0.000_4 * volatility * normal(&mut random);
            let dark = venue == OUTAGE.0 && OUTAGE.1 <= hour && hour < OUTAGE.2;
            if !dark {
                let price = ((log_price + *basis).exp() * 1e8).round() as u64;
                quotes.push(Quote { at, venue, price });
            }
        }
    }
    let venues = names.map(|name| Venue {
        name: name.to_owned(),
        instrument: "ETHUSD".to_owned(),
        kind: "simulated".to_owned(),
        interval: STEP,
    });
    Replay {
        title: format!("built-in crash, seed {seed}"),
        underlying: "ETH".to_owned(),
        venues: venues.to_vec(),
        quotes,
    }
}

/// Sum of twelve uniforms less six: close enough to normal for a stage prop, and the same everywhere.
fn normal(random: &mut ChaCha8Rng) -> f64 {
    (0..12)
        .map(|_| random.random_range(0..1_000_000_u32))
        .sum::<u32>() as f64
        / 1e6
        - 6.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_crash_and_another_seed_another() {
        assert_eq!(crash(7).quotes, crash(7).quotes);
        assert_ne!(crash(7).quotes, crash(8).quotes);
    }

    #[test]
    fn it_falls_by_a_third_at_least() {
        for seed in 0..10 {
            let replay = crash(seed);
            let low = replay.quotes.iter().map(|quote| quote.price).min().unwrap();
            assert!(
                low < replay.opening_prices()[0] * 2 / 3,
                "seed {seed}: low {low}"
            );
        }
    }
}
