//! A smile in floating point: what the optimisers move, and how far it is from arbitrage.

/// Raw SVI of annualised variance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct RawSvi {
    /// Level.
    pub a: f64,
    /// Slope between the asymptotes.
    pub b: f64,
    /// Asymmetry, within −1..1.
    pub rho: f64,
    /// Where the asymptotes meet.
    pub m: f64,
    /// Width of the bend.
    pub sigma: f64,
}

/// A quote as the fit sees it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target {
    /// `ln(K/F)`.
    pub k: f64,
    /// Annualised variance.
    pub variance: f64,
    /// What a squared error of the variance counts.
    pub weight: f64,
}

/// How far a fit keeps from arbitrage: the proofs are exact and look everywhere, the penalties look at points.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clearance {
    /// Least `g`.
    pub density: f64,
    /// Share by which the later total variance exceeds the earlier one.
    pub rise: f64,
}

/// Slope of total variance that no wing may reach: Lee's bound is 2.
pub(super) const STEEPEST_WING: f64 = 1.999;
/// Points at which arbitrage is looked for while fitting; the verdict is not by points.
const POINTS: i32 = 60;
/// Reach of the points: `m ± σ·sinh(REACH)`, three thousand widths.
const REACH: f64 = 8.7;

impl RawSvi {
    /// `v(k)`.
    pub(super) fn variance(&self, k: f64) -> f64 {
        let x = k - self.m;
        self.a + self.b * (self.rho * x + x.hypot(self.sigma))
    }

    /// Weighted mean of squared errors of the variance.
    pub(super) fn error(&self, targets: &[Target]) -> f64 {
        let (sum, weights) = targets.iter().fold((0.0, 0.0), |(sum, weights), target| {
            let error = self.variance(target.k) - target.variance;
            (sum + target.weight * error * error, weights + target.weight)
        });
        sum / weights
    }

    /// `g(k)` of the total variance `v·years`: the density is negative where it is.
    fn density(&self, k: f64, years: f64) -> f64 {
        let x = k - self.m;
        let radius = x.hypot(self.sigma);
        let w = years * self.variance(k);
        let slope = years * self.b * (self.rho + x / radius);
        let curvature = years * self.b * self.sigma * self.sigma / radius.powi(3);
        let lean = 1.0 - k * slope / (2.0 * w);
        lean * lean - slope * slope / 4.0 * (1.0 / w + 0.25) + curvature / 2.0
    }

    /// Where arbitrage is looked for: dense at the bend, and out to the wings.
    fn points(&self) -> impl Iterator<Item = f64> + '_ {
        (-POINTS..=POINTS).map(|i| {
            let step = f64::from(i) / f64::from(POINTS);
            self.m + self.sigma * (REACH * step).sinh()
        })
    }

    /// How much negative density there is; 0 is none.
    pub(super) fn butterfly_penalty(&self, years: f64, clearance: Clearance) -> f64 {
        let short = |k| (clearance.density - self.density(k, years)).clamp(0.0, 10.0);
        let steep = years * self.b * (1.0 + self.rho.abs()) - STEEPEST_WING;
        self.points()
            .map(short)
            .map(|x| x * x + x * 1e-3)
            .sum::<f64>()
            + steep.max(0.0)
    }

    /// How far `self` is above `later` in total variance, relative; 0 is nowhere. `years` of each.
    pub(super) fn calendar_penalty(
        &self,
        years: f64,
        later: &Self,
        later_years: f64,
        clearance: Clearance,
    ) -> f64 {
        let above = |k: f64| {
            let (w, limit) = (years * self.variance(k), later_years * later.variance(k));
            (w * (1.0 + clearance.rise) / limit - 1.0).clamp(0.0, 10.0)
        };
        let body: f64 = self
            .points()
            .chain(later.points())
            .map(above)
            .map(|x| x * x + x * 1e-3)
            .sum();
        let wing = |sign: f64| {
            let slope = years * self.b * (1.0 + sign * self.rho);
            let limit = later_years * later.b * (1.0 + sign * later.rho);
            (slope * (1.0 + clearance.rise) - limit).max(0.0)
        };
        body + wing(1.0) + wing(-1.0)
    }
}
