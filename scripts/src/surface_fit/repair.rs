//! The fit that keeps clear of arbitrage: all five parameters at once, with arbitrage as a growing penalty.

use super::quasi_explicit::minimise;
use super::smile::{RawSvi, Target};

/// Steps of Nelder–Mead at one weight of the penalty.
const STEPS: u64 = 1_500;
/// Weights of the penalty, relative to the squared error of the start.
const PENALTIES: [f64; 3] = [1.0, 1e3, 1e6];

/// The slice nearest to the quotes whose penalty is 0, from `start` on; the caller proves that it is free of arbitrage.
pub(super) fn refit(
    start: RawSvi,
    targets: &[Target],
    penalty: &dyn Fn(&RawSvi) -> f64,
) -> Option<RawSvi> {
    let mut at = coordinates(&start);
    for weight in PENALTIES {
        let cost = |at: &[f64]| {
            let svi = raw(at);
            let allowed = svi.m.abs() < 4.0 && (1e-6..4.0).contains(&svi.sigma);
            let cost = svi.error(targets) + weight * penalty(&svi);
            if allowed && cost.is_finite() {
                cost
            } else {
                f64::INFINITY
            }
        };
        // Twice: a simplex that collapsed on a ridge of the penalty starts again from there.
        for _ in 0..2 {
            let mut simplex = vec![at.clone()];
            for (axis, step) in [0.1, 0.2, 0.2, 0.02, 0.2].into_iter().enumerate() {
                let mut corner = at.clone();
                corner[axis] += step;
                simplex.push(corner);
            }
            at = minimise(&cost, simplex, STEPS, 1e-15)?;
        }
    }
    Some(raw(&at))
}

/// `ln` of the least variance, `ln b`, `artanh ρ`, `m`, `ln σ`: every point of the space is a slice with positive variance.
fn coordinates(svi: &RawSvi) -> Vec<f64> {
    let b = svi.b.max(1e-6);
    let least = svi.a + b * svi.sigma * (1.0 - svi.rho * svi.rho).sqrt();
    vec![
        least.max(1e-5).ln(),
        b.ln(),
        svi.rho.clamp(-0.999, 0.999).atanh(),
        svi.m,
        svi.sigma.ln(),
    ]
}

fn raw(at: &[f64]) -> RawSvi {
    let (least, b, rho, sigma) = (at[0].exp(), at[1].exp(), at[2].tanh(), at[4].exp());
    RawSvi {
        a: least - b * sigma * (1.0 - rho * rho).sqrt(),
        b,
        rho: rho.clamp(-0.9999, 0.9999),
        m: at[3],
        sigma,
    }
}

#[cfg(test)]
mod tests {
    use super::super::smile::Clearance;
    use super::*;

    #[test]
    fn an_arbitrageable_slice_is_bent_until_it_is_none() {
        // Axel Vogt's example (Gatheral and Jacquier, "Arbitrage-free SVI volatility surfaces", 2014), one year.
        let vogt = RawSvi {
            a: -0.041,
            b: 0.1331,
            rho: 0.306,
            m: 0.3586,
            sigma: 0.4153,
        };
        let clearance = Clearance {
            density: 1e-4,
            rise: 0.0,
        };
        assert!(vogt.butterfly_penalty(1.0, clearance) > 0.0);
        let targets: Vec<_> = (-10..=15)
            .map(|i| {
                let k = f64::from(i) * 0.1;
                Target {
                    k,
                    variance: vogt.variance(k),
                    weight: 1.0,
                }
            })
            .collect();
        let penalty = |svi: &RawSvi| svi.butterfly_penalty(1.0, clearance);
        let repaired = refit(vogt, &targets, &penalty).expect("a fit");
        assert!(
            repaired.butterfly_penalty(1.0, clearance) < 1e-9,
            "{repaired:?}"
        );
        assert!(repaired.error(&targets).sqrt() < 0.005);
    }
}
