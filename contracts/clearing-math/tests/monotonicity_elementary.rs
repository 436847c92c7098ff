//! Monotonicity of exp, ln, square root and the normal distribution: among dense neighbours, around every seam of the tables and
//! at random places, a value may fall short of the one before by no more than the stated units of 2^-63 of itself.
//!
//! exp, ln, square root and density are monotone to the last bit at all of these: a polynomial whose powers and coefficients are
//! not negative stays monotone when each step rounds down, and the seams of the tables are no lower than what they follow. The
//! Mills ratio is not, by some units of 2^-60, as its lesser terms are rounded to 32 bits.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "tests panic on overflow, and measure in doubles"
)]

mod support;

use clearing_math::{
    elementary::{exp, ln, square_root},
    magnitude::{Magnitude, Signed},
    normal::{cumulative, density, mills},
};
use support::exact::Exact;

/// Arguments on each side of a centre, and how many units of 2^-63 apart they are.
const NEIGHBOURS: u64 = 100;
const STEPS: [u64; 6] = [1, 7, 64, 4_099, 1 << 20, (1 << 40) + 1];
const RANDOM_CENTRES: u64 = 2_000;

/// Arguments of the same sign around `centre`, ascending in size.
fn around(centre: f64) -> impl Iterator<Item = Vec<Magnitude>> {
    let bits = centre.abs().to_bits();
    let mantissa = ((bits & ((1 << 52) - 1)) | (1 << 52)) << 11;
    let exponent = (bits >> 52) as i32 - 1_075 - 11;
    STEPS.into_iter().map(move |step| {
        (0..=2 * NEIGHBOURS)
            .map(|i| {
                let (below, above) = (NEIGHBOURS.saturating_sub(i), i.saturating_sub(NEIGHBOURS));
                // Below a power of two the mantissa has half the unit.
                if below != 0 && mantissa < (1 << 63) + below * step {
                    Magnitude::scaled(((mantissa >> 1) - below * step.div_ceil(2)) << 1, exponent)
                } else {
                    Magnitude::scaled(mantissa - below * step + above * step, exponent)
                }
            })
            .collect()
    })
}

/// Deterministic, uniform in 0..1.
fn uniform(seed: &mut u64) -> f64 {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
    (*seed >> 11) as f64 / 2_f64.powi(53)
}

/// Asserts that the largest shortfall of `of` along ascending sizes is at most `units` of 2^-63 of the value; `rises` says
/// which way it should go.
fn hold(name: &str, units: f64, centres: &[f64], rises: bool, of: impl Fn(Magnitude) -> Signed) {
    let (mut worst, mut steps) = (0.0_f64, 0);
    for &centre in centres {
        for sizes in around(centre) {
            let values: Vec<Signed> = sizes.iter().map(|&x| of(x)).collect();
            for pair in values.windows(2) {
                let (before, after) = if rises {
                    (pair[0], pair[1])
                } else {
                    (pair[1], pair[0])
                };
                let power = before.size.exponent();
                let over = |x: Signed| {
                    Exact::from(Signed {
                        size: x.size.doubled(-power - 64),
                        ..x
                    })
                };
                let fall = over(before).minus(over(after)).double();
                worst = worst.max(fall * 2_f64.powi(63));
                steps += u32::from(fall != 0.0);
            }
        }
    }
    println!(
        "{name:12} falls short by up to {worst} units of 2^-63 (allowed {units}) in {steps} steps"
    );
    assert!(steps > 200_000, "{name}: only {steps} steps");
    assert!(worst <= units, "{name}: {worst}");
}

fn centres(seams: &[f64], low: f64, high: f64) -> Vec<f64> {
    let mut seed = 1;
    let mut all = seams.to_vec();
    all.extend((0..RANDOM_CENTRES).map(|_| low * (high / low).powf(uniform(&mut seed))));
    all
}

fn positive(size: Magnitude) -> Signed {
    Signed {
        negative: false,
        size,
    }
}

fn negative(size: Magnitude) -> Signed {
    Signed {
        negative: true,
        size,
    }
}

#[test]
fn exp_rises() {
    let seams: Vec<f64> = (1..160)
        .map(|j| f64::from(j) * std::f64::consts::LN_2 / 16.0)
        .collect();
    let all = centres(&seams, 1e-12, 700.0);
    hold("exp", 0.0, &all, true, |x| positive(exp(positive(x))));
    hold("exp, x < 0", 0.0, &all, false, |x| {
        positive(exp(negative(x)))
    });
}

#[test]
fn ln_rises() {
    let root = std::f64::consts::SQRT_2;
    let seams: Vec<f64> = (-20..20)
        .flat_map(|power| [1.0, root, 46_341.0 / 32_768.0].map(|x| x * 2_f64.powi(power)))
        .collect();
    let all = centres(&seams, 1e-30, 1e30);
    hold("ln", 0.0, &all, true, |x| ln(x).expect("not zero"));
}

#[test]
fn square_root_rises() {
    let seams: Vec<f64> = (-20..20).map(|power| 2_f64.powi(power)).collect();
    let all = centres(&seams, 1e-30, 1e30);
    hold("square root", 0.0, &all, true, |x| positive(square_root(x)));
}

/// The right ends of the pieces of the Mills table.
fn mills_seams() -> Vec<f64> {
    (0..4)
        .flat_map(|octave| {
            (1..=16).map(move |piece| 2_f64.powi(octave) * (1.0 + f64::from(piece) / 16.0) - 1.0)
        })
        .filter(|&z| z < 14.9)
        .collect()
}

#[test]
fn the_normal_distribution_is_monotone() {
    let all = centres(&mills_seams(), 1e-6, 14.9);
    hold("mills", 256.0, &all, false, |x| {
        positive(mills(x).expect("below 15"))
    });
    hold("cumulative", 1.0, &all, true, |x| {
        positive(cumulative(positive(x)))
    });
    hold("cumulative -", 8.0, &all, false, |x| {
        positive(cumulative(negative(x)))
    });
    let mut seams: Vec<f64> = (1..160)
        .map(|j| (f64::from(j) * std::f64::consts::LN_2 / 8.0).sqrt())
        .collect();
    seams.extend([1.0, 2.0, 4.0, 8.0]);
    let all = centres(&seams, 1e-6, 15.9);
    hold("density", 0.0, &all, false, |x| {
        positive(density(positive(x)))
    });
}
