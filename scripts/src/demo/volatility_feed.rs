//! The demo's volatility publisher: realised volatility of the median, exponentially weighted, with a term structure.
//!
//! It stands for the surface that a real publisher fits to option quotes: short expiries follow the last hours, long ones revert to the
//! calm level, and volatility rises faster than it falls, as implied volatility does.

/// Year of ACT/365 in seconds.
const YEAR: f64 = 31_536_000.0;
/// Volatility in calm markets.
const CALM: f64 = 0.65;
/// Nothing is published outside these.
const BOUNDS: (f64, f64) = (0.35, 3.0);
/// Half-life of the variance estimate, seconds.
const HALF_LIFE: f64 = 8.0 * 3_600.0;
/// Share of realised variance in implied variance: options never price the last hour's panic as lasting, and the path through a coarse bar
/// (open, extremes, close) exaggerates what was realised.
const IMPLIED_SHARE: f64 = 0.35;
/// Time over which long expiries revert to calm, seconds.
const REVERSION: f64 = 14.0 * 86_400.0;

/// State of the estimate.
#[derive(Clone, Debug)]
pub struct VolatilityFeed {
    variance: f64,
    last: Option<(u64, f64)>,
}

impl Default for VolatilityFeed {
    fn default() -> Self {
        Self {
            variance: CALM * CALM,
            last: None,
        }
    }
}

impl VolatilityFeed {
    /// Takes the median at a time (seconds, any unit of price).
    pub fn observe(&mut self, at: u64, price: f64) {
        if let Some((before, old)) = self.last {
            let elapsed = at.saturating_sub(before) as f64;
            if elapsed < 60.0 {
                return;
            }
            let realised = IMPLIED_SHARE * (price / old).ln().powi(2) * YEAR / elapsed;
            let weight = 1.0 - 0.5_f64.powf(elapsed / HALF_LIFE);
            // Capped in the state, not only in what is published: a panic starts to fade at once.
            self.variance += weight * (realised - self.variance);
            self.variance = self.variance.min(BOUNDS.1 * BOUNDS.1);
        }
        self.last = Some((at, price));
    }

    /// Volatility (1.0 = 100 %) for an expiry `seconds` away.
    #[must_use]
    pub fn volatility(&self, seconds: u64) -> f64 {
        let calm = CALM * CALM;
        // Mean of a variance that decays from today's level to the calm one.
        let x = (seconds as f64 / REVERSION).max(1e-6);
        let share = (1.0 - (-x).exp()) / x;
        (calm + (self.variance - calm).max(0.0) * share)
            .sqrt()
            .clamp(BOUNDS.0, BOUNDS.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crash_lifts_short_expiries_more_than_long_ones() {
        let mut feed = VolatilityFeed::default();
        let calm = feed.volatility(86_400);
        for hour in 0..6_u32 {
            feed.observe(
                u64::from(hour) * 3_600,
                2_000.0 * 0.95_f64.powi(hour.cast_signed()),
            );
        }
        assert!(feed.volatility(86_400) > 2.0 * calm);
        assert!(feed.volatility(86_400) > feed.volatility(30 * 86_400));
    }

    #[test]
    fn it_stays_within_bounds_whatever_happens() {
        let mut feed = VolatilityFeed::default();
        feed.observe(0, 1.0);
        feed.observe(60, 1e9);
        assert!(feed.volatility(60) <= BOUNDS.1);
        for hour in 1..10_000_u64 {
            feed.observe(hour * 3_600, 1.0);
        }
        assert!(feed.volatility(60) >= BOUNDS.0);
    }
}
