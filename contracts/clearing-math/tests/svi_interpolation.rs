//! Total variance between, before and beyond the listed expiries.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::doc_markdown,
    reason = "tests panic on overflow, and measure in doubles"
)]

#[allow(dead_code, reason = "each test binary uses a part")]
#[path = "support/exact.rs"]
mod exact;
#[allow(dead_code, reason = "each test binary uses a part")]
#[path = "support/smiles.rs"]
mod smiles;

use clearing_math::svi::{LogMoneyness, Smile, check_calendar, total_variance_at};
use exact::Exact;
use smiles::{Random, Raw};

fn smile(level: f64) -> (Raw, Smile) {
    let raw = Raw {
        a: level,
        b: 0.1,
        rho: -0.3,
        m: 0.02,
        sigma: 0.2,
    };
    (raw, raw.slice().prepare().expect("in range"))
}

fn at(slices: &[(u64, Smile)], k: LogMoneyness, seconds: u64) -> f64 {
    Exact::from(total_variance_at(slices, k, seconds).expect("listed")).double()
}

#[test]
fn variance_is_linear_in_time_and_meets_the_slices() {
    let ((near_raw, near), (far_raw, far)) = (smile(0.01), smile(0.05));
    let slices = [(1_000_000, near), (3_000_000, far)];
    for thousandths in [-400_i128, -20, 0, 150, 900] {
        let k = LogMoneyness::from_wad(thousandths * 1_000_000_000_000_000).expect("near");
        let x = thousandths as f64 / 1e3;
        let (w_near, w_far) = (near_raw.variance(x), far_raw.variance(x));
        for (seconds, expected) in [
            (1_000_000, w_near),
            (3_000_000, w_far),
            (2_000_000, f64::midpoint(w_near, w_far)),
            (1_500_000, 0.75 * w_near + 0.25 * w_far),
            // Volatility is kept outside: variance is proportional to time.
            (250_000, w_near / 4.0),
            (0, 0.0),
            (12_000_000, w_far * 4.0),
        ] {
            let seen = at(&slices, k, seconds);
            assert!(
                (seen - expected).abs() <= 1e-15,
                "{seconds} s at {x}: {seen} {expected}"
            );
        }
    }
}

#[test]
fn variance_rises_with_time_between_slices_that_do() {
    let mut random = Random(5);
    for _ in 0..200 {
        let raw = Raw::usual(&mut random);
        let later = Raw {
            a: raw.a + random.uniform(0.0, 0.2),
            b: raw.b * 1.05,
            ..raw
        };
        let (Ok(near), Ok(far)) = (raw.slice().prepare(), later.slice().prepare()) else {
            continue;
        };
        if check_calendar(&near, &far).is_err() {
            continue;
        }
        let slices = [(86_400, near), (864_000, far)];
        for tenth in -10..=10_i128 {
            let k = LogMoneyness::from_wad(tenth * 100_000_000_000_000_000).expect("near");
            let mut last = 0.0;
            for seconds in (0..1_000_000).step_by(50_000) {
                let now = at(&slices, k, seconds);
                assert!(now >= last, "{raw:?} {later:?} at {seconds} s, {tenth}");
                last = now;
            }
        }
    }
}

#[test]
fn expiries_that_do_not_rise_are_refused() {
    let (_, smile) = smile(0.01);
    let k = LogMoneyness::ZERO;
    assert_eq!(total_variance_at(&[], k, 1), None);
    assert_eq!(total_variance_at(&[(0, smile), (1, smile)], k, 1), None);
    assert_eq!(total_variance_at(&[(5, smile), (5, smile)], k, 1), None);
    assert_eq!(total_variance_at(&[(6, smile), (5, smile)], k, 1), None);
    assert!(total_variance_at(&[(5, smile)], k, u64::MAX).is_some());
}
