//! Medians and the settlement price.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::doc_markdown,
    reason = "tests panic on overflow, and measure in doubles"
)]

use clearing_math::{
    median::{Band, band, median_in_place},
    settlement::{Sample, SettlementError, Window, time_weighted_median},
};
use proptest::prelude::*;

const WINDOW: Window = Window {
    start: 1_000,
    end: 2_800,
    slot_seconds: 60,
    min_fill_bps: 8_000,
    max_gap_seconds: 300,
};

fn every(seconds: u32, price: impl Fn(u32) -> u128) -> Vec<Sample> {
    (WINDOW.start..=WINDOW.end)
        .step_by(seconds as usize)
        .map(|at| Sample {
            at,
            price: price(at),
        })
        .collect()
}

#[test]
fn bands_of_few_values() {
    assert_eq!(band(&mut []), None);
    assert_eq!(
        band(&mut [7]),
        Some(Band {
            mid: 7,
            low: 7,
            high: 7
        })
    );
    assert_eq!(
        band(&mut [9, 4]),
        Some(Band {
            mid: 6,
            low: 4,
            high: 9
        })
    );
    assert_eq!(
        band(&mut [9, 4, 5]),
        Some(Band {
            mid: 5,
            low: 4,
            high: 9
        })
    );
    assert_eq!(
        band(&mut [9, 4, 5, 8]),
        Some(Band {
            mid: 6,
            low: 4,
            high: 9
        })
    );
    assert_eq!(
        band(&mut [1, 9, 4, 5, 99]),
        Some(Band {
            mid: 5,
            low: 4,
            high: 9
        })
    );
    assert_eq!(
        median_in_place(&mut [u128::MAX, u128::MAX - 3]),
        Some(u128::MAX - 2)
    );
}

#[test]
fn thin_or_malformed_samples_are_refused_with_what_is_missing() {
    let good = every(60, |_| 5);
    let settle = |mut samples: Vec<Sample>| time_weighted_median(&mut samples, &WINDOW);
    assert_eq!(settle(good.clone()), Ok(5));
    assert_eq!(
        settle(vec![]),
        Err(SettlementError::TooFewSlots {
            filled: 0,
            needed: 24
        })
    );
    // 30 slots of a minute: 24 are needed.
    assert_eq!(
        settle(good[..23].to_vec()),
        Err(SettlementError::TooFewSlots {
            filled: 23,
            needed: 24
        })
    );
    let mut gap = good.clone();
    gap.drain(10..15);
    assert_eq!(
        settle(gap),
        Err(SettlementError::GapTooLong {
            gap: 360,
            allowed: 300
        })
    );
    let mut late = good.clone();
    late.drain(..6);
    assert_eq!(
        settle(late),
        Err(SettlementError::GapTooLong {
            gap: 360,
            allowed: 300
        })
    );
    let mut outside = good.clone();
    outside[0].at = 999;
    assert_eq!(
        settle(outside),
        Err(SettlementError::SampleOutsideWindow {
            at: 999,
            start: 1_000,
            end: 2_800
        })
    );
    let mut twice = good.clone();
    twice[4].at = twice[3].at;
    assert_eq!(
        settle(twice),
        Err(SettlementError::SampleNotLater {
            at: 1_180,
            previous: 1_180
        })
    );
    let mut zero = good.clone();
    zero[4].price = 0;
    assert_eq!(settle(zero), Err(SettlementError::ZeroPrice { at: 1_240 }));
    let lenient = Window {
        min_fill_bps: 0,
        max_gap_seconds: u32::MAX,
        ..WINDOW
    };
    assert_eq!(
        time_weighted_median(&mut [], &lenient),
        Err(SettlementError::TooFewSlots {
            filled: 0,
            needed: 1
        })
    );
    for window in [
        Window {
            end: 1_000,
            ..WINDOW
        },
        Window { end: 999, ..WINDOW },
        Window {
            slot_seconds: 0,
            ..WINDOW
        },
        Window {
            min_fill_bps: 10_001,
            ..WINDOW
        },
    ] {
        assert_eq!(
            time_weighted_median(&mut good.clone(), &window),
            Err(SettlementError::InvalidWindow)
        );
    }
}

#[test]
fn a_burst_of_samples_weighs_no_more_than_its_time() {
    // Ten minutes at 100, then 1,000 samples of 900 within the last but one minute, then 102.
    let window = Window {
        slot_seconds: 600,
        max_gap_seconds: 600,
        ..WINDOW
    };
    let mut samples = vec![
        Sample {
            at: 1_000,
            price: 100,
        },
        Sample {
            at: 1_600,
            price: 101,
        },
    ];
    samples.extend((2_000..2_060).map(|at| Sample { at, price: 900 }));
    samples.push(Sample {
        at: 2_200,
        price: 102,
    });
    assert_eq!(time_weighted_median(&mut samples, &window), Ok(101));
}

#[test]
fn exactly_half_takes_the_mean() {
    let window = Window {
        slot_seconds: 900,
        max_gap_seconds: 900,
        ..WINDOW
    };
    let mut samples = [
        Sample {
            at: 1_000,
            price: 10,
        },
        Sample {
            at: 1_900,
            price: 21,
        },
    ];
    assert_eq!(time_weighted_median(&mut samples, &window), Ok(15));
}

proptest! {
    /// The definition, second by second: hold each price until the next, sort all seconds, take the middle.
    #[test]
    fn the_median_is_the_median_of_all_seconds(steps in prop::collection::vec((1..200_u32, 1..50_u128), 6..40)) {
        let mut at = 1_000 - 1;
        let mut samples = Vec::new();
        for (step, price) in steps {
            at += step;
            if at <= WINDOW.end { samples.push(Sample { at, price }); }
        }
        prop_assume!(!samples.is_empty());
        let lenient = Window { min_fill_bps: 0, max_gap_seconds: 2_000, ..WINDOW };
        let mut seconds: Vec<u128> = (WINDOW.start..WINDOW.end)
            .map(|second| samples.iter().rev().find(|s| s.at <= second).unwrap_or(&samples[0]).price)
            .collect();
        seconds.sort_unstable();
        let middle = seconds.len() / 2;
        let want = u128::midpoint(seconds[middle - 1], seconds[middle]);
        prop_assert_eq!(time_weighted_median(&mut samples, &lenient), Ok(want));
    }

    /// With fewer than half of the prices false, the median stays between honest ones, whatever the false ones say.
    #[test]
    fn false_prices_cannot_move_the_median_beyond_honest_ones(
        honest in prop::collection::vec(1_000..2_000_u128, 1..9),
        lies in prop::collection::vec(any::<u128>(), 0..8),
    ) {
        prop_assume!(lies.len() < honest.len());
        let mut all: Vec<u128> = honest.iter().chain(&lies).copied().collect();
        let mid = median_in_place(&mut all).unwrap();
        prop_assert!(mid >= *honest.iter().min().unwrap() && mid <= *honest.iter().max().unwrap());
    }
}
