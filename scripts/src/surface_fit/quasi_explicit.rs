//! The quasi-explicit fit: linear in `a`, `d = bρσ`, `c = bσ` for given `m` and `σ`, Nelder–Mead over those two.

use argmin::core::{CostFunction, Error, Executor};
use argmin::solver::neldermead::NelderMead;

use super::smile::{RawSvi, STEEPEST_WING, Target};

/// Steps of Nelder–Mead from one start.
const STEPS: u64 = 200;
/// Spread of the simplex's errors at which it has converged, relative to nothing: squared variances.
const TOLERANCE: f64 = 1e-14;
/// Largest |ρ|: the slope of a wing stays positive after rounding.
const MOST_LEAN: f64 = 0.9999;
/// Starts that are followed to their end.
const STARTS: usize = 4;
/// Narrowest bend, in standard deviations of the expiry.
const NARROWEST: f64 = 0.02;

/// The best slice for `targets`, `years` from expiry, free of arbitrage as far as `penalty` says (0: free). `None` if there is none.
pub(super) fn fit(
    targets: &[Target],
    years: f64,
    penalty: &dyn Fn(&RawSvi) -> f64,
) -> Option<RawSvi> {
    let outer = Outer::new(targets, years, penalty);
    let mut starts: Vec<(f64, [f64; 2])> = outer
        .lattice()
        .into_iter()
        .map(|start| (outer.cost_at(start[0], start[1]), start))
        .filter(|(cost, _)| cost.is_finite())
        .collect();
    starts.sort_by(|a, b| a.0.total_cmp(&b.0));
    let ends = starts.iter().take(STARTS).filter_map(|(_, start)| {
        let (m, log_sigma) = (start[0], start[1]);
        let step = outer.spread * 0.1;
        let simplex = vec![
            vec![m, log_sigma],
            vec![m + step, log_sigma],
            vec![m, log_sigma + 0.4],
        ];
        minimise(&|at| outer.cost_at(at[0], at[1]), simplex, STEPS, TOLERANCE)
    });
    ends.map(|end| (outer.cost_at(end[0], end[1]), end))
        .min_by(|a, b| a.0.total_cmp(&b.0))
        .and_then(|(_, end)| outer.inner(end[0], end[1].exp()))
}

/// Where Nelder–Mead ends that starts from a simplex; `None` if it could not run.
pub(super) fn minimise(
    cost: &dyn Fn(&[f64]) -> f64,
    simplex: Vec<Vec<f64>>,
    steps: u64,
    tolerance: f64,
) -> Option<Vec<f64>> {
    let solver = NelderMead::new(simplex).with_sd_tolerance(tolerance).ok()?;
    let result = Executor::new(Cost(cost), solver)
        .configure(|state| state.max_iters(steps))
        .timer(false)
        .run()
        .ok()?;
    result.state.best_param
}

/// A function as argmin takes it.
struct Cost<'a>(&'a dyn Fn(&[f64]) -> f64);

impl CostFunction for Cost<'_> {
    type Param = Vec<f64>;
    type Output = f64;

    fn cost(&self, param: &Vec<f64>) -> Result<f64, Error> {
        Ok((self.0)(param))
    }
}

struct Outer<'a> {
    targets: &'a [Target],
    years: f64,
    penalty: &'a dyn Fn(&RawSvi) -> f64,
    /// Lowest and highest `k`.
    range: (f64, f64),
    /// One standard deviation of the expiry, in `k`.
    spread: f64,
}

impl<'a> Outer<'a> {
    fn new(targets: &'a [Target], years: f64, penalty: &'a dyn Fn(&RawSvi) -> f64) -> Self {
        let ks = || targets.iter().map(|target| target.k);
        let nearest = targets
            .iter()
            .min_by(|a, b| a.k.abs().total_cmp(&b.k.abs()))
            .map_or(1.0, |target| target.variance);
        Self {
            targets,
            years,
            penalty,
            range: (
                ks().fold(f64::INFINITY, f64::min),
                ks().fold(f64::NEG_INFINITY, f64::max),
            ),
            spread: (nearest * years).sqrt(),
        }
    }

    /// Starts: centres across the quotes, widths from a fifth of a deviation to eight.
    fn lattice(&self) -> Vec<[f64; 2]> {
        let mut starts = Vec::new();
        for deviations in [-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0] {
            for width in [0.2, 0.5, 1.0, 2.0, 4.0, 8.0] {
                let sigma: f64 = width * self.spread;
                starts.push([deviations * self.spread, sigma.ln()]);
            }
        }
        starts
    }

    fn cost_at(&self, m: f64, log_sigma: f64) -> f64 {
        let sigma = log_sigma.exp();
        let wide = self.range.1 - self.range.0;
        let inside = (self.range.0 - wide..=self.range.1 + wide).contains(&m)
            && (NARROWEST * self.spread..=4.0).contains(&sigma);
        if !inside {
            return f64::INFINITY;
        }
        self.inner(m, sigma).map_or(f64::INFINITY, |svi| {
            svi.error(self.targets) + (self.penalty)(&svi)
        })
    }

    /// The best `a`, `b`, `ρ` for given `m` and `σ`: least squares over `0 ≤ c`, `|d| ≤ c`, `c + |d| ≤ 2σ/years`, exact in these
    /// bounds because a convex function is least inside or on an edge; then a level that keeps the least variance positive.
    fn inner(&self, m: f64, sigma: f64) -> Option<RawSvi> {
        let normal = Normal::of(self.targets, m, sigma);
        let steepest = STEEPEST_WING * sigma / self.years;
        let (c, d) = normal
            .free()
            .filter(|&(c, d)| d.abs() <= MOST_LEAN * c && c + d.abs() <= steepest)
            .or_else(|| normal.on_edges(steepest))?;
        let floor = -(c * c - d * d).max(0.0).sqrt();
        let a = normal.level(c, d).max(floor + 1e-7);
        let rho = if c > 0.0 {
            (d / c).clamp(-MOST_LEAN, MOST_LEAN)
        } else {
            0.0
        };
        Some(RawSvi {
            a,
            b: c / sigma,
            rho,
            m,
            sigma,
        })
    }
}

/// Weighted covariances of `z = √(y² + 1)`, `y` and `v` about their means: the least-squares problem without `a`.
struct Normal {
    mean: [f64; 3],
    zz: f64,
    zy: f64,
    yy: f64,
    zv: f64,
    yv: f64,
}

impl Normal {
    fn of(targets: &[Target], m: f64, sigma: f64) -> Self {
        let row = |target: &Target| {
            let y = (target.k - m) / sigma;
            [y.hypot(1.0), y, target.variance]
        };
        let total: f64 = targets.iter().map(|target| target.weight).sum();
        let mut mean = [0.0; 3];
        for target in targets {
            for (sum, x) in mean.iter_mut().zip(row(target)) {
                *sum += target.weight / total * x;
            }
        }
        let mut normal = Self {
            mean,
            zz: 0.0,
            zy: 0.0,
            yy: 0.0,
            zv: 0.0,
            yv: 0.0,
        };
        for target in targets {
            let [z, y, v] = row(target);
            let (z, y, v) = (z - mean[0], y - mean[1], v - mean[2]);
            let weight = target.weight / total;
            normal.zz += weight * z * z;
            normal.zy += weight * z * y;
            normal.yy += weight * y * y;
            normal.zv += weight * z * v;
            normal.yv += weight * y * v;
        }
        normal
    }

    /// Level that fits best with given `c` and `d`.
    fn level(&self, c: f64, d: f64) -> f64 {
        self.mean[2] - c * self.mean[0] - d * self.mean[1]
    }

    /// The solution without bounds; `None` where the quotes do not determine one.
    fn free(&self) -> Option<(f64, f64)> {
        let determinant = self.zz * self.yy - self.zy * self.zy;
        if determinant <= 1e-12 * self.zz * self.yy {
            return None;
        }
        Some((
            (self.zv * self.yy - self.yv * self.zy) / determinant,
            (self.yv * self.zz - self.zv * self.zy) / determinant,
        ))
    }

    /// The best point on the edges of the bounds.
    fn on_edges(&self, steepest: f64) -> Option<(f64, f64)> {
        let half = steepest / 2.0;
        let corners = [
            (0.0, 0.0),
            (half, half * MOST_LEAN),
            (steepest, 0.0),
            (half, -half * MOST_LEAN),
        ];
        (0..4)
            .map(|i| self.on_edge(corners[i], corners[(i + 1) % 4]))
            .min_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, point)| point)
    }

    /// The best point between two, and its error but for a constant.
    fn on_edge(&self, from: (f64, f64), to: (f64, f64)) -> (f64, (f64, f64)) {
        let (c, d) = (to.0 - from.0, to.1 - from.1);
        let bend = self.zz * c * c + 2.0 * self.zy * c * d + self.yy * d * d;
        let fall = (self.zv - self.zz * from.0 - self.zy * from.1) * c
            + (self.yv - self.zy * from.0 - self.yy * from.1) * d;
        let t = if bend > 0.0 {
            (fall / bend).clamp(0.0, 1.0)
        } else {
            0.0
        };
        let point = (from.0 + t * c, from.1 + t * d);
        (self.error(point), point)
    }

    fn error(&self, (c, d): (f64, f64)) -> f64 {
        self.zz * c * c + 2.0 * self.zy * c * d + self.yy * d * d
            - 2.0 * (self.zv * c + self.yv * d)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_smile_without_noise_is_found_again() {
        let truth = RawSvi {
            a: 0.1,
            b: 0.8,
            rho: -0.35,
            m: 0.04,
            sigma: 0.2,
        };
        let targets: Vec<_> = (-12..=12)
            .map(|i| {
                let k = f64::from(i) * 0.05;
                Target {
                    k,
                    variance: truth.variance(k),
                    weight: (-k * k).exp(),
                }
            })
            .collect();
        let found = fit(&targets, 0.25, &|_| 0.0).expect("a fit");
        for target in &targets {
            let error = found.variance(target.k).sqrt() - target.variance.sqrt();
            assert!(error.abs() < 1e-6, "{found:?}: {error} at {}", target.k);
        }
    }

    #[test]
    fn bounds_hold_where_the_best_fit_is_outside_of_them() {
        // A frown: no slice has negative curvature, so the best is a straight line, or flat.
        let targets: Vec<_> = (-5..=5)
            .map(|i| {
                let k = f64::from(i) * 0.1;
                Target {
                    k,
                    variance: 0.5 - k * k,
                    weight: 1.0,
                }
            })
            .collect();
        let found = fit(&targets, 0.5, &|_| 0.0).expect("a fit");
        assert!(found.b >= 0.0 && found.rho.abs() < 1.0);
        assert!((-20..=20).all(|i| found.variance(f64::from(i) * 0.1) > 0.0));
    }
}
