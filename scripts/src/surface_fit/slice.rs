//! The integers that are published.

use clearing_math::surface::{PublishedSmile, UNIT};

use super::smile::RawSvi;

/// The nearest smile in integers of 1e-9.
pub(super) fn rounded(svi: &RawSvi, expiry: u32, published_at: u32) -> PublishedSmile {
    // Bounded by the fit to less than a thousand, so the products are exact integers of f64 and fit.
    #[allow(clippy::cast_possible_truncation)]
    let units = |x: f64| (x * UNIT as f64).round() as i64;
    PublishedSmile {
        a: units(svi.a),
        b: units(svi.b).unsigned_abs(),
        rho: units(svi.rho),
        m: units(svi.m),
        sigma: units(svi.sigma).unsigned_abs(),
        expiry,
        published_at,
    }
}

/// The published smile in floating point.
pub(super) fn raw(smile: &PublishedSmile) -> RawSvi {
    let unit = UNIT as f64;
    RawSvi {
        a: smile.a as f64 / unit,
        b: smile.b as f64 / unit,
        rho: smile.rho as f64 / unit,
        m: smile.m as f64 / unit,
        sigma: smile.sigma as f64 / unit,
    }
}

/// Implied volatility (1.0 = 100 %) of a published smile at `k = ln(K/F)`.
#[must_use]
pub fn volatility(smile: &PublishedSmile, k: f64) -> f64 {
    raw(smile).variance(k).sqrt()
}
