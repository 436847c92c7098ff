//! Proof that the density is nowhere negative.
//!
//! With `k = m + σ·(u − 1/u)/2`, `u > 0`, the root is `R = σ·(u + 1/u)/2`, and everything is rational in `u`:
//!
//! `w = P/u`, `w′ = Q/(u² + 1)`, `w″ = 8bu³/(σ(u² + 1)³)`,
//! `P = σq₋/2 + a·u + σq₊/2·u²`, `Q = q₊u² − q₋`, `q± = b(1 ± ρ)`.
//!
//! So `g·w²·u²·(u² + 1)³` is a polynomial of degree ten,
//!
//! `p = (u² + 1)·(N² − Q²·(uP + P²/4)/4) + (4b/σ)·u³·P²`, `N = (σq₋/4, a + mq₋/2, 3σb/2, a − mq₊/2, σq₊/4)`,
//!
//! and `g ≥ 0` for every strike exactly when `p ≥ 0` for every positive `u`. The wings are its first and last coefficient.
//!
//! A polynomial is nowhere below the least of its Bernstein coefficients. So `p` is written in that basis on `0..1`, and
//! turned around for `1..∞`; an interval whose coefficients are not negative is proved, one with a negative end is refused,
//! the others are halved. Halving is additions and shifts of fixed-point numbers, rounded down; before that each
//! coefficient is lowered by more than it can be wrong by, which for positive `u` only lowers the polynomial. What is
//! accepted is therefore free of arbitrage, not merely so on a grid.

use super::{
    Smile,
    arbitrage::{ArbitrageError, MAX_WING_SLOPE, Side, wad_of},
    sum::{difference, signed_sum},
    wad,
};
use crate::magnitude::{Magnitude, Signed, shifted_out};

const DEGREE: usize = 10;
/// Coefficients, lowest power first, or in the Bernstein basis from left to right.
type Coefficients = [Signed; DEGREE + 1];
type Bernstein = [i128; DEGREE + 1];

/// Halvings of `0..1` in one place. Strikes down to `|k − m| = 2^31·σ/2` are told apart.
const MAX_DEPTH: usize = 32;
/// Halvings altogether: bounds the cost of a slice that cannot be decided.
const MAX_HALVINGS: u32 = 256;

/// What is taken off each coefficient, of the sum of the absolute values of its terms, as a power of two. A term passes through
/// fewer than 12 products and 20 sums, each wrong by at most 2^-61 of what it is made of: together less than 2^-56.
const ERROR_POWER: i32 = -55;

/// Zero bits above the largest coefficient: the binomial sums of coefficients below 2^115 are below 2^125.
const HEADROOM: i32 = 13;

/// `2520/C(10, j)`: the Bernstein coefficients times 2520 are then sums, without a division.
const WEIGHTS: [u64; DEGREE + 1] = [2520, 252, 56, 21, 12, 10, 12, 21, 56, 252, 2520];

/// What the polynomial is made of.
struct Parts {
    /// `a`.
    level: Signed,
    /// `m`.
    centre: Signed,
    /// `b(1 − ρ)`.
    left: Magnitude,
    /// `b(1 + ρ)`.
    right: Magnitude,
    /// `σ/2`.
    half_width: Magnitude,
    /// `4b/σ`.
    bend: Magnitude,
}

/// Proves `g ≥ 0` for all strikes.
///
/// # Errors
/// [`ArbitrageError::Butterfly`], or [`ArbitrageError::WingTooSteep`] when it is at infinity.
pub(super) fn prove(smile: &Smile) -> Result<(), ArbitrageError> {
    let polynomial = lowered(&Parts {
        level: smile.level,
        centre: smile.centre,
        left: smile.left_slope,
        right: smile.right_slope,
        half_width: smile.width.doubled(-1),
        bend: smile.slope.doubled(2).over(smile.width),
    });
    let mut budget = MAX_HALVINGS;
    for side in [Side::Left, Side::Right] {
        let ordered = |j: usize| match side {
            Side::Left => j,
            Side::Right => DEGREE.wrapping_sub(j),
        };
        if let Err(u) = prove_unit_interval(bernstein(&polynomial, ordered), &mut budget) {
            return Err(refused(smile, side, u));
        }
    }
    Ok(())
}

/// The error for a failure at `u`, or at its reciprocal on the right.
#[cold]
#[inline(never)]
fn refused(smile: &Smile, side: Side, u: Magnitude) -> ArbitrageError {
    if u.is_zero() {
        let [(_, left), (_, right)] = smile.wings();
        let given = wad_of(if side == Side::Left { left } else { right });
        return ArbitrageError::WingTooSteep {
            side,
            given,
            allowed: MAX_WING_SLOPE,
        };
    }
    let distance = difference(Signed::positive(u.reciprocal()), Signed::positive(u))
        .times(smile.width.doubled(-1));
    let k = match side {
        Side::Left => difference(smile.centre, distance),
        Side::Right => signed_sum(smile.centre, distance),
    };
    ArbitrageError::Butterfly {
        k: wad(k),
        g: wad(smile.butterfly_at(k)),
    }
}

/// `p` with every coefficient below its true value.
fn lowered(parts: &Parts) -> Coefficients {
    let mut polynomial = expand(parts, false);
    let sizes = expand(parts, true);
    for (coefficient, size) in polynomial.iter_mut().zip(sizes) {
        *coefficient = difference(*coefficient, doubled(size, ERROR_POWER));
    }
    polynomial
}

/// `p`, or the sum of the absolute values of all that it is the sum of.
fn expand(parts: &Parts, absolute: bool) -> Coefficients {
    let signed = |x: Signed| {
        if absolute {
            Signed::positive(x.size)
        } else {
            x
        }
    };
    let opposed = |x: Signed| if absolute { x } else { x.negated() };
    let (level, centre) = (signed(parts.level), signed(parts.centre));
    let (left, right) = (Signed::positive(parts.left), Signed::positive(parts.right));
    let (rise_left, rise_right) = (left.times(parts.half_width), right.times(parts.half_width));

    let square_p = square([rise_left, level, rise_right]);
    // E = uP + P²/4.
    let mut e = square_p.map(|coefficient| doubled(coefficient, -2));
    accumulate(&mut e, 1, &[rise_left, level, rise_right]);

    let half_centre = doubled(centre, -1);
    // 3σb/2 is three halves of the two rises.
    let rises = signed_sum(rise_left, rise_right);
    let n = [
        doubled(rise_left, -1),
        signed_sum(level, half_centre.times(parts.left)),
        signed_sum(rises, doubled(rises, -1)),
        signed_sum(level, opposed(half_centre.times(parts.right))),
        doubled(rise_right, -1),
    ];
    let mut inner = [Signed::ZERO; 9];
    for (i, &x) in n.iter().enumerate() {
        accumulate(&mut inner, i, &n.map(|y| product(x, y)));
    }
    // −Q²·E/4, for Q² of the powers 0, 2 and 4.
    let q = [
        opposed(left.times(parts.left)),
        doubled(left.times(parts.right), 1),
        opposed(right.times(parts.right)),
    ];
    for (i, x) in q.into_iter().enumerate() {
        let taken = e.map(|y| doubled(product(x, y), -2));
        accumulate(&mut inner, i.wrapping_mul(2), &taken);
    }

    let mut polynomial = [Signed::ZERO; DEGREE + 1];
    accumulate(&mut polynomial, 0, &inner);
    accumulate(&mut polynomial, 2, &inner);
    accumulate(
        &mut polynomial,
        3,
        &square_p.map(|coefficient| coefficient.times(parts.bend)),
    );
    polynomial
}

/// `x·y`.
fn product(x: Signed, y: Signed) -> Signed {
    Signed {
        negative: x.negative != y.negative,
        size: x.size.times(y.size),
    }
}

/// `x·2^power`.
const fn doubled(x: Signed, power: i32) -> Signed {
    Signed {
        negative: x.negative,
        size: x.size.doubled(power),
    }
}

/// The square of a polynomial of degree two.
fn square(p: [Signed; 3]) -> [Signed; 5] {
    let mut squared = [Signed::ZERO; 5];
    for (i, &x) in p.iter().enumerate() {
        accumulate(&mut squared, i, &p.map(|y| product(x, y)));
    }
    squared
}

/// Adds `terms` to the coefficients from `at` on.
#[inline(never)]
fn accumulate(sum: &mut [Signed], at: usize, terms: &[Signed]) {
    for (coefficient, &term) in sum.iter_mut().skip(at).zip(terms) {
        *coefficient = signed_sum(*coefficient, term);
    }
}

/// Coefficients on `0..1` in the Bernstein basis, each rounded down, up to a common positive factor.
#[inline(never)]
fn bernstein(polynomial: &Coefficients, ordered: impl Fn(usize) -> usize) -> Bernstein {
    let mut weighted = [Signed::ZERO; DEGREE + 1];
    let mut top = i32::MIN;
    for (j, (cell, &weight)) in weighted.iter_mut().zip(&WEIGHTS).enumerate() {
        let coefficient = polynomial.get(ordered(j)).copied().unwrap_or(Signed::ZERO);
        *cell = coefficient.times(Magnitude::scaled(weight, 0));
        if !cell.size.is_zero() {
            top = top.max(cell.size.exponent());
        }
    }
    let mut fixed = weighted.map(|coefficient| {
        if coefficient.size.is_zero() {
            return 0;
        }
        let by = top
            .wrapping_sub(coefficient.size.exponent())
            .wrapping_add(HEADROOM);
        let (upper, lower) = shifted_out(coefficient.size.mantissa(), by);
        let size = (i128::from(upper) << 64) | i128::from(lower);
        // !size is −size − 1: down, whatever was shifted out.
        if coefficient.negative { !size } else { size }
    });
    // b_i = Σ C(i, j)·d_j, by Pascal's triangle.
    for from in 1..=DEGREE {
        let mut before = 0;
        for (i, cell) in fixed.iter_mut().enumerate() {
            let now = *cell;
            if i >= from {
                *cell = now.wrapping_add(before);
            }
            before = now;
        }
    }
    fixed
}

/// Halves `0..1` until every piece is proved. `Err` holds a place where that fails.
#[inline(never)]
fn prove_unit_interval(whole: Bernstein, budget: &mut u32) -> Result<(), Magnitude> {
    // Right halves that wait, one for each depth.
    let mut waiting = [[0_i128; DEGREE + 1]; MAX_DEPTH];
    let mut waits = 0_u64;
    let mut current = whole;
    let (mut depth, mut at) = (0_usize, 0_u64);
    loop {
        let place = |numerator: u64| Magnitude::scaled(numerator, (depth as i32).wrapping_neg());
        if current[0] < 0 {
            return Err(place(at));
        }
        if current[DEGREE] < 0 {
            return Err(place(at.wrapping_add(1)));
        }
        if current.iter().any(|coefficient| *coefficient < 0) {
            let (Some(slot), Some(left)) = (waiting.get_mut(depth), budget.checked_sub(1)) else {
                // The middle of the piece that cannot be decided.
                return Err(place(at.wrapping_mul(2).wrapping_add(1)).doubled(-1));
            };
            *budget = left;
            (current, *slot) = halves(current);
            waits |= 1 << depth;
            depth = depth.wrapping_add(1);
            at = at.wrapping_mul(2);
            continue;
        }
        // On to the deepest right half that waits.
        let Some(deepest) = waits.checked_ilog2() else {
            return Ok(());
        };
        waits &= !(1 << deepest);
        let up = depth.wrapping_sub(deepest as usize);
        at = at.wrapping_shr(up as u32).wrapping_mul(2).wrapping_add(1);
        depth = (deepest as usize).wrapping_add(1);
        current = waiting.get(deepest as usize).copied().unwrap_or(whole);
    }
}

/// De Casteljau at the middle, rounded down.
#[inline(never)]
fn halves(whole: Bernstein) -> (Bernstein, Bernstein) {
    let (mut left, mut right) = (whole, whole);
    for (round, cell) in left.iter_mut().enumerate().skip(1) {
        let mut next = right;
        for (mean, pair) in next
            .iter_mut()
            .zip(right.windows(2))
            .take(DEGREE.wrapping_sub(round).wrapping_add(1))
        {
            // Both below 2^126.
            *mean = pair.iter().fold(0_i128, |sum, x| sum.wrapping_add(*x)) >> 1;
        }
        right = next;
        *cell = right[0];
    }
    (left, right)
}
