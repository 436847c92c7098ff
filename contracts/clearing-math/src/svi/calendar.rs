//! Proof that total variance does not fall from one expiry to a later one.
//!
//! Slices are convex: on a stretch of strikes the later one lies above any of its tangents, the earlier one below its chord. Where
//! the tangent at the middle lies above the chord at both ends, the stretch is proved; otherwise the variances at the middle
//! are compared, and the stretch is halved. The gap between tangent and chord shrinks with the square of the length, so few
//! steps are needed unless the slices touch. Slices that differ in level only are parallel and need none.

use super::{
    LOG_MONEYNESS_POWER, LogMoneyness, Smile,
    arbitrage::ArbitrageError,
    sum::{difference, signed_sum},
    wad,
};
use crate::magnitude::{Magnitude, Signed};

/// The proof covers `|k|` up to two to this power: all that can be read.
const RANGE_POWER: i32 = LOG_MONEYNESS_POWER as i32;
/// Shortest stretch, as a power of two.
const SHORTEST_POWER: i32 = -24;
/// Longest stretch, as a power of two.
const LONGEST_POWER: i32 = 3;
/// Stretches looked at, altogether: bounds the cost of a pair that cannot be decided.
const MAX_STRETCHES: u32 = 512;

/// A place, in units of the shortest half stretch.
fn place(at: i64) -> Signed {
    Signed {
        negative: at < 0,
        size: Magnitude::scaled(at.unsigned_abs(), SHORTEST_POWER.wrapping_sub(1)),
    }
}

/// Variance at a strike, out of line: the proof reads it at five places, and is run when a smile is published, not when one is read.
#[inline(never)]
fn variance_of(smile: &Smile, k: Signed) -> Signed {
    smile.variance_at(k)
}

/// Proves `far ≥ near` for all strikes that can be read.
///
/// # Errors
/// [`ArbitrageError::Calendar`].
pub(super) fn prove(near: &Smile, far: &Smile) -> Result<(), ArbitrageError> {
    if near.is_parallel_to(far) {
        let k = LogMoneyness::ZERO.exact();
        let above = difference(far.level, near.level);
        if above.negative && !above.size.is_zero() {
            return Err(refused(k, variance_of(near, k), variance_of(far, k)));
        }
        return Ok(());
    }
    let end = 1_i64 << RANGE_POWER.wrapping_sub(SHORTEST_POWER).wrapping_add(1);
    let mut at = end.wrapping_neg();
    let mut near_left = variance_of(near, place(at));
    // Half of the stretch, as a power of two in units.
    let mut power = LONGEST_POWER.wrapping_sub(SHORTEST_POWER).unsigned_abs();
    let mut known_right = None;
    for _ in 0..MAX_STRETCHES {
        // power ≤ LONGEST_POWER − SHORTEST_POWER, below 64.
        let half = 1_i64.wrapping_shl(power);
        let (middle, right) = (
            at.wrapping_add(half),
            at.wrapping_add(half).wrapping_add(half),
        );
        let near_right = known_right.unwrap_or_else(|| variance_of(near, place(right)));
        let tangent = far.point(place(middle));
        let lift = tangent.slope.times(place(half).size);
        let covers = |line: Signed, chord: Signed| !is_below(line, chord);
        if covers(difference(tangent.total_variance, lift), near_left)
            && covers(signed_sum(tangent.total_variance, lift), near_right)
        {
            if right >= end {
                return Ok(());
            }
            (at, near_left, known_right) = (right, near_right, None);
            // The next stretch may be as long as its start allows.
            let aligned = at.trailing_zeros().saturating_sub(1);
            power = power.wrapping_add(u32::from(power < aligned));
            continue;
        }
        let k = place(middle);
        let near_middle = variance_of(near, k);
        if power == 0 || is_below(tangent.total_variance, near_middle) {
            return Err(refused(k, near_middle, tangent.total_variance));
        }
        power = power.wrapping_sub(1);
        known_right = Some(near_middle);
    }
    let k = place(at);
    Err(refused(k, near_left, variance_of(far, k)))
}

/// Whether `x < y`.
fn is_below(x: Signed, y: Signed) -> bool {
    let above = difference(x, y);
    above.negative && !above.size.is_zero()
}

#[cold]
#[inline(never)]
fn refused(k: Signed, near: Signed, far: Signed) -> ArbitrageError {
    ArbitrageError::Calendar {
        k: wad(k),
        near: wad(near),
        far: wad(far),
    }
}
