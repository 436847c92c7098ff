//! The smile that the demo's publisher puts around a volatility.
//!
//! `w(k) = θ·φ(k/√θ)` with `θ = σ²T` and `φ(x) = α + β·(ρx + √(x² + s²))`, `φ(0) = 1`: the same shape in standard deviations for every expiry, lower
//! strikes dearer. It has no butterfly arbitrage up to θ = 8 and more (`g` is above 0.2), and none between expiries whose θ rises: `φ − x·φ′/2 > 0`.
//! The contract proves both anew.

use clearing_math::surface::{PublishedSmile, UNIT};

/// Slope between the asymptotes, per standard deviation.
const BETA: f64 = 0.2;
/// Asymmetry: puts are dearer than calls.
const RHO: f64 = -0.3;
/// Width of the bend, standard deviations.
const WIDTH: f64 = 1.5;
/// Seconds of a year, ACT/365.
const YEAR: f64 = 31_536_000.0;

/// A smile whose volatility at the forward is `volatility` (1.0 = 100 %), dated at `now`.
#[must_use]
pub fn around(volatility: f64, expiry: u32, now: u32) -> PublishedSmile {
    let deviation = volatility * (f64::from(expiry.saturating_sub(now).max(1)) / YEAR).sqrt();
    // Volatilities of the demo are below 3 and times above an instant, so these fit.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let units = |x: f64| (x * UNIT as f64).round() as i64;
    let variance = volatility * volatility;
    PublishedSmile {
        a: units(variance * (1.0 - BETA * WIDTH)),
        b: units(variance * BETA / deviation).unsigned_abs(),
        rho: units(RHO),
        m: 0,
        sigma: units(WIDTH * deviation).max(1).unsigned_abs(),
        expiry,
        published_at: now,
    }
}

#[cfg(test)]
mod tests {
    use clearing_math::svi::check_calendar;

    use super::*;

    #[test]
    fn smiles_may_be_published_from_an_hour_to_years_and_from_calm_to_panic() {
        let now = 1_700_000_000;
        for volatility in [0.35, 0.65, 1.2, 3.0] {
            let mut before = None;
            for hours in [1, 6, 24, 24 * 7, 24 * 30, 24 * 300] {
                let smile = around(volatility, now + hours * 3_600, now);
                let total = smile.check(now.into()).expect("free of arbitrage");
                if let Some(before) = before {
                    check_calendar(&before, &total).expect("rising variance");
                }
                before = Some(total);
            }
        }
    }
}
