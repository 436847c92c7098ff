//! Whether a slice may be published: no static arbitrage, decided at write time.
//!
//! **One slice** ([`check_slice`]): parameters in range (`b ≥ 0`, `|ρ| < 1`, `σ > 0`), least variance `a + bσ√(1 − ρ²) ≥ 0`, both
//! wings no steeper than Lee's bound (`b·(1 ± ρ) ≤ 2`, which is also `g ≥ 0` at ±∞), and `g(k) ≥ 0` for **every** `k`: the
//! density is not negative. The last is a proof and not a grid, see `butterfly`.
//!
//! **Two slices** ([`check_calendar`]): the later total variance is nowhere below the earlier one, proved for `|k| ≤ 32`, more
//! than can be priced, and for the slopes of the wings beyond. See `calendar`.
//!
//! Both refuse when in doubt: a slice that touches the limit (`g = 0` somewhere, or variances that meet) within rounding, or so
//! closely that the bounded number of steps does not separate them, is refused, and the error then shows a value that is not
//! below the limit. `tests/svi_arbitrage.rs` compares thousands of verdicts with dense grids: none is wrong either way, and between
//! an accepted and a refused slice the verdict changes where the least `g` is below 1e-6.
//!
//! Ink on the Stylus VM (10,000 ink = 1 gas), measured over 300 slices and pairs as fits to listed options give them: a slice
//! 10.5 million on average and 13.1 at most, a pair 3.5 and 7.7; slices at the very limit take up to 25 million.

use super::{
    Slice, SliceError, Smile, butterfly, calendar, evaluation::number, root::root_and_reciprocal,
    sum::difference, wad,
};
use crate::magnitude::{Magnitude, Signed};

/// Lee's bound on the slope of total variance in a wing, WAD: 2.0.
pub const MAX_WING_SLOPE: u64 = 2_000_000_000_000_000_000;

/// How much of a negative level the least variance must exceed, as a power of two: then every strike has a volatility.
const DOUBT_POWER: i32 = -57;

/// A wing of the smile.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    /// Strikes far below the forward.
    Left,
    /// Strikes far above the forward.
    Right,
}

/// Which condition fails, where and by how much. All numbers WAD.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ArbitrageError {
    /// A parameter is out of its range.
    Range(SliceError),
    /// The least variance is negative.
    NegativeVariance {
        /// Where it is least.
        k: i128,
        /// Total variance there; at least zero is allowed.
        least: i128,
    },
    /// A wing is steeper than any asset's moments allow.
    WingTooSteep {
        /// Which wing.
        side: Side,
        /// Its slope `b·(1 ± ρ)`.
        given: i128,
        /// The steepest allowed.
        allowed: u64,
    },
    /// The density implied is negative: a butterfly spread has a negative price.
    Butterfly {
        /// A strike where it is, not necessarily where it is worst.
        k: i128,
        /// `g` there; at least zero is allowed.
        g: i128,
    },
    /// A wing of the later slice rises less than that of the earlier one.
    CalendarWing {
        /// Which wing.
        side: Side,
        /// Slope of the earlier slice, the least allowed.
        near: i128,
        /// Slope of the later slice.
        far: i128,
    },
    /// Total variance falls with time: a calendar spread has a negative price.
    Calendar {
        /// A strike where it does.
        k: i128,
        /// Total variance of the earlier slice, the least allowed.
        near: i128,
        /// Total variance of the later slice.
        far: i128,
    },
}

impl From<SliceError> for ArbitrageError {
    fn from(error: SliceError) -> Self {
        Self::Range(error)
    }
}

/// WAD of a number that is not negative.
pub(super) fn wad_of(x: Magnitude) -> i128 {
    wad(Signed::positive(x))
}

/// Prepares a slice if it is free of arbitrage by itself.
///
/// # Errors
/// [`ArbitrageError`]: the first condition that fails, in the order of the module documentation.
pub fn check_slice(slice: &Slice) -> Result<Smile, ArbitrageError> {
    let smile = slice.prepare()?;
    check_smile(&smile)?;
    Ok(smile)
}

/// [`check_slice`] of parameters that are in range.
///
/// # Errors
/// [`ArbitrageError`]: the first condition that fails, in the order of the module documentation.
#[inline(never)]
pub(crate) fn check_smile(smile: &Smile) -> Result<(), ArbitrageError> {
    let least = smile.least_variance();
    // What a negative level may leave wrong in the variance of a strike.
    let doubt = if smile.level.negative {
        smile.level.size.doubled(DOUBT_POWER)
    } else {
        Magnitude::ZERO
    };
    let proved = difference(least, Signed::positive(doubt));
    if proved.negative && !proved.size.is_zero() {
        return Err(ArbitrageError::NegativeVariance {
            k: wad(smile.lowest()),
            least: wad(least),
        });
    }
    let limit = number(MAX_WING_SLOPE);
    for (side, slope) in smile.wings() {
        if limit.is_below(slope) {
            return Err(ArbitrageError::WingTooSteep {
                side,
                given: wad_of(slope),
                allowed: MAX_WING_SLOPE,
            });
        }
    }
    butterfly::prove(smile)
}

/// Checks that total variance does not fall from `near` to `far`, a later expiry.
///
/// # Errors
/// [`ArbitrageError::CalendarWing`] or [`ArbitrageError::Calendar`].
#[inline(never)]
pub fn check_calendar(near: &Smile, far: &Smile) -> Result<(), ArbitrageError> {
    for ((side, near), (_, far)) in near.wings().into_iter().zip(far.wings()) {
        if far.is_below(near) {
            return Err(ArbitrageError::CalendarWing {
                side,
                near: wad_of(near),
                far: wad_of(far),
            });
        }
    }
    calendar::prove(near, far)
}

impl Smile {
    /// Slopes of the two asymptotes.
    pub(super) const fn wings(&self) -> [(Side, Magnitude); 2] {
        [
            (Side::Left, self.left_slope),
            (Side::Right, self.right_slope),
        ]
    }

    /// `m − ρσ/√(1 − ρ²)`, where variance is least.
    fn lowest(&self) -> Signed {
        let offset = self.width.times(root_and_reciprocal(self.flatness).1);
        difference(self.centre, self.correlation.times(offset))
    }
}
