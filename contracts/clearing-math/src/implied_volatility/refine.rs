//! Steps from a guess to the deviation: Householder's method of third order on the logarithm of the price.
//!
//! With `m = s·v'/v` and in steps of `ln s`, derivatives of the value `v` are polynomials in `h² = (x/s)²`, `t² = (s/2)²` and
//! `m`: `s·v″/v′ = h² − t²`, `s²·v‴/v′ = (h² − t²)² − 3h² − t²`. The objective is `1/ln v` up to a value of one half, which is
//! close to a straight line from the smallest values on, and `ln(1 − v)` from there. A step that starts `δ` off ends `C·δ⁴` off,
//! with C below 7 and 16 respectively, so a step shorter than 2^-17 is the last one.
//!
//! Every evaluation also narrows a bracket. A step that would leave it, or is as long as steps may be, gives way to the
//! geometric mean of the bracket, so any guess whatever converges .

use super::{
    fixed24::{LOGARITHM_BITS, ONE, product, quotient},
    target::{Side, Target},
};
use crate::{
    elementary::{ln_ratio, square_root},
    magnitude::{Magnitude, high},
    tables::SQRT_TWO_PI,
    time_value::{NARROW, Position, Standing, Z_BITS, Z_CAP, Z_END, complement},
};

/// Most evaluations. From the guesses of this crate two or three are made, from any other at most ten were seen.
pub(super) const MAX_STEPS: usize = 32;
/// Largest last step, Q60.
const LAST_STEP: u64 = 1 << (60 - 19);
/// Longest step, Q60: one half of `s`.
const LONGEST_STEP: u64 = 1 << 59;
/// Deviations in use are between these.
const LEAST: Magnitude = Magnitude::new(1 << 63, -63 - 60);
const MOST: Magnitude = Magnitude::new(1 << 63, -63 + 5);
/// What `h²`, `t²` and `m` are held below, so that products fit; `h` is below 13.4 for values above 1e-30.
const STEEPEST_SLOPE: i64 = 180 * ONE;
/// What second and third derivatives are held within for the same reason.
const STEEPEST: i64 = ONE << 12;
/// What `−ln(value)` is held above: at an answer it is at least ln 2.
const LEAST_LOGARITHM: i64 = ONE >> 6;

/// An option at one deviation.
#[derive(Clone, Copy)]
pub(super) struct Point {
    /// Value over the smaller of `S` and `K·e^(−rT)`, or one less that.
    pub(super) ratio: Magnitude,
    /// The derivative of the value is this over `√2π`.
    density: Magnitude,
    /// `1/s`.
    inverse: Magnitude,
    /// `|x|/s` and `s/2`, Q59.
    distance: u64,
    half: u64,
}

impl Point {
    /// The option of `target` at the deviation `s`.
    #[inline(never)]
    pub(super) fn at(target: &Target, s: Magnitude) -> Self {
        let inverse = s.reciprocal();
        let half = s.doubled(-1).to_fixed(Z_BITS).min(Z_CAP);
        let distance = target
            .log_moneyness
            .times(inverse)
            .to_fixed(Z_BITS)
            .min(Z_CAP);
        let is_far = distance >= half;
        let (ratio, density) = if half < NARROW {
            let position = Position::narrow(distance, half, s);
            let value = position.value;
            let ratio = match target.side {
                Side::Value => value,
                Side::Shortfall => complement(value),
            };
            (ratio, position.density)
        } else {
            let standing = Standing::at(distance, half);
            let density = standing.density();
            let ratio = if target.side == Side::Shortfall && !is_far {
                let sum = standing.mills_a().to_fixed(63);
                let sum = sum.wrapping_add(standing.mills_b().to_fixed(63));
                density.times(Magnitude::scaled(sum, -63))
            } else {
                let (mantissa, exponent) = standing.value();
                let value = Magnitude::scaled(mantissa, exponent);
                match target.side {
                    Side::Value => value,
                    // The answer is not this far, a guess may be.
                    Side::Shortfall => complement(value),
                }
            };
            (ratio, density)
        };
        // Farther than the kernel tells apart: less than any value that is sought.
        let is_lost = is_far && distance.wrapping_add(half) > Z_END && target.side == Side::Value;
        let ratio = if is_lost { Magnitude::ZERO } else { ratio };
        Self {
            ratio,
            density,
            inverse,
            distance,
            half,
        }
    }
}

/// What a step found.
struct Step {
    /// Whether the deviation was too low.
    too_low: bool,
    /// Size of the relative change, Q60.
    size: u64,
    /// Whether it is a step of the longest length only because none is longer.
    is_clipped: bool,
}

/// The deviation at which the option is worth what `target` says, or `None` if no step was short enough to be the last.
pub(super) fn refine(target: &Target, guess: Magnitude) -> Option<(Magnitude, usize)> {
    let (mut low, mut high) = (LEAST, MOST);
    let mut s = guess;
    if !low.is_below(s) || !s.is_below(high) {
        s = Magnitude::ONE;
    }
    for evaluations in 1..=MAX_STEPS {
        let point = Point::at(target, s);
        let step = step(target, &point);
        let one = 1_u64 << 60;
        let factor = if step.too_low {
            one.wrapping_add(step.size)
        } else {
            one.wrapping_sub(step.size)
        };
        let next = s.times(Magnitude::scaled(factor, -60));
        if step.size < LAST_STEP {
            return Some((next, evaluations));
        }
        if step.too_low {
            low = s;
        } else {
            high = s;
        }
        s = if !step.is_clipped && low.is_below(next) && next.is_below(high) {
            next
        } else {
            square_root(low.times(high))
        };
    }
    None
}

/// One step of Householder's method, `δ = ν·(1 + γν/2)/(1 + ν·(γ + ζν/6))` with `ν = −f/(s·f′)`, `γ = s·f″/f′`, `ζ = s²·f‴/f′`.
#[inline(never)]
fn step(target: &Target, point: &Point) -> Step {
    let is_value = matches!(target.side, Side::Value);
    if point.ratio.is_zero() {
        // Nothing left of the value, or of what it lacks to its bound: as far off as can be.
        return Step {
            too_low: is_value,
            size: LONGEST_STEP,
            is_clipped: true,
        };
    }
    // ln(target / here): what the logarithm is off, to the last bits of the ratio.
    let gap = ln_ratio(target.ratio, point.ratio);
    let too_low = gap.negative != is_value;
    // 1/|m|; m is positive for the value, negative for the shortfall.
    let inverse_slope = point
        .ratio
        .times(SQRT_TWO_PI)
        .times(point.inverse)
        .over(point.density);
    let slope =
        quotient(1 << 32, inverse_slope.to_fixed(32).clamp(1, 1 << 56) as i64).min(STEEPEST_SLOPE);
    let slope = if is_value {
        slope
    } else {
        slope.wrapping_neg()
    };
    // Newton's step on the plain logarithm.
    let newton = gap.size.times(inverse_slope).to_fixed(60).min(LONGEST_STEP);
    let signed = |size: u64, positive: bool| {
        let size = size as i64;
        if positive { size } else { size.wrapping_neg() }
    };
    let correction = correction(
        target,
        point,
        slope,
        signed(gap.size.to_fixed(24).min(1 << 31), !gap.negative),
        signed(newton >> 36, too_low),
    );
    // δ = ν·(1 − ν·correction); the second term in Q56, then the bracket in Q62, held between 1/4 and 7/4.
    let bend = high(newton << 4, correction.unsigned_abs() << 32).min(3 << 54) << 6;
    let factor = if (correction > 0) == too_low {
        (1_u64 << 62).wrapping_sub(bend)
    } else {
        (1_u64 << 62).wrapping_add(bend)
    };
    Step {
        too_low,
        size: high(newton << 4, factor) >> 2,
        is_clipped: newton == LONGEST_STEP,
    }
}

/// What a step `ν` on the plain logarithm is multiplied with itself by, in `δ = ν·(1 − ν·correction)`: Q24, below 2^7. `slope` is
/// `m`, `gap` what the logarithm is off, all in Q24.
#[cfg_attr(not(feature = "compact"), inline(always))]
fn correction(target: &Target, point: &Point, slope: i64, gap: i64, nu: i64) -> i64 {
    let h2 = ((high(point.distance, point.distance) >> 30) as i64).min(STEEPEST_SLOPE);
    let t2 = ((high(point.half, point.half) >> 30) as i64).min(STEEPEST_SLOPE);
    let difference = h2.wrapping_sub(t2);
    // Of the plain logarithm.
    let second = difference.wrapping_sub(slope);
    let third = product(difference, difference)
        .wrapping_sub(h2.wrapping_mul(3))
        .wrapping_sub(t2)
        .wrapping_sub(product(slope, difference).wrapping_mul(3))
        .wrapping_add(product(slope, slope).wrapping_mul(2));
    // Of its reciprocal, where that is the objective: p = m/L here, and p0 = m/L with the L that is sought.
    let (p, p0) = match target.side {
        Side::Value => {
            let sought = target.logarithm >> (LOGARITHM_BITS - 24);
            let here = sought.wrapping_sub(gap).min(-LEAST_LOGARITHM);
            (
                quotient(slope, here.wrapping_neg())
                    .min(16 * ONE)
                    .wrapping_neg(),
                quotient(slope, sought.wrapping_neg())
                    .min(16 * ONE)
                    .wrapping_neg(),
            )
        }
        Side::Shortfall => (0, 0),
    };
    let third = third
        .wrapping_sub(product(second, p).wrapping_mul(6))
        .wrapping_add(product(p, p).wrapping_mul(6))
        .clamp(-STEEPEST, STEEPEST);
    let second = second
        .wrapping_sub(p.wrapping_mul(2))
        .clamp(-STEEPEST, STEEPEST);
    // Newton's step on the objective is ν·c.
    let c = ONE.wrapping_sub(product(nu, p0)).clamp(ONE / 16, 4 * ONE);
    let nu = product(nu, c);
    let third = product(product(third, nu), ONE / 6);
    let top = (second >> 1).wrapping_add(third);
    let below = ONE.wrapping_add(product(nu, second.wrapping_add(third)));
    let bend = quotient(top, below.max(ONE / 8)).clamp(-64 * ONE, 64 * ONE);
    product(product(c, c), bend)
        .wrapping_add(p0)
        .clamp(-127 * ONE, 127 * ONE)
}
