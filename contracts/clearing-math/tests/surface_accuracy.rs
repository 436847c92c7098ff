//! The median of several publishers' volatilities against 60 digits (`generate/golden_surface.py`), which packs the words by itself.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::doc_markdown,
    reason = "tests panic on overflow, and measure in doubles"
)]

#[allow(dead_code, reason = "each test binary uses a part")]
#[path = "support/exact.rs"]
mod exact;

use clearing_math::surface::{SmilePair, volatility};
use exact::Exact;

/// `2^-60`, the unit the kernel is precise to.
const UNIT: f64 = 8.7e-19;

fn word(hex: &str) -> [u8; 32] {
    core::array::from_fn(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).expect("hex"))
}

#[test]
fn medians_agree_with_60_digits() {
    let path = std::env::var("NOVATION_GOLDEN_SURFACE").unwrap_or_else(|_| {
        concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/surface.csv").to_owned()
    });
    let text = std::fs::read_to_string(path).expect("golden rows");
    let (mut rows, mut worst, mut worst_relative) = (0, 0.0_f64, 0.0_f64);
    for line in text.lines().skip(1) {
        let f: Vec<&str> = line.split(',').collect();
        let (now, expiry): (u64, u32) = (f[0].parse().expect("now"), f[1].parse().expect("expiry"));
        let (forward, strike): (u128, u128) = (
            f[2].parse().expect("forward"),
            f[3].parse().expect("strike"),
        );
        let pairs: Vec<SmilePair> = f[4]
            .split(' ')
            .map(|pair| {
                let (near, far) = pair.split_once('/').expect("two words");
                SmilePair::prepare(&word(near), &word(far), expiry, now).expect("in range")
            })
            .collect();
        let want = Exact::decimal(f[5], 0);
        let condition: f64 = f[6].parse().expect("condition");
        let seen = volatility(&pairs, forward, strike).expect("a volatility");
        let error = Exact::from(seen).error(want);
        // One unit of rounding (a mean rounds down), and half of the variance's relative error.
        let beyond = (error - 1.0).max(0.0) / (UNIT * want.double() * (2.0 + condition));
        worst = worst.max(beyond);
        worst_relative = worst_relative.max((error - 1.0).max(0.0) / want.double());
        rows += 1;
    }
    println!("{rows} rows: {worst:.2} units of 2^-60 per condition, {worst_relative:.1e} relative");
    assert!(rows >= 400);
    assert!(worst <= 1.0, "{worst} units of 2^-60 per condition");
    assert!(worst_relative > 0.0, "nothing was measured");
}
