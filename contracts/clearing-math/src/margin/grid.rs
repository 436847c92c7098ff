//! Where a profile's moves lead from one spot: distinct points of (spot, volatility), each valued once.

use crate::{
    elementary::{LN_BITS, ln_ratio_fixed},
    magnitude::Magnitude,
    margin::{
        MarginError,
        profile::{
            MAX_MOVES, MAX_SCENARIOS, MAX_SKEWS, ScenarioProfile, SkewCounting, VolatilityMove,
        },
    },
    tables::PER_WAD,
};

const ONE: u64 = crate::WAD as u64;
/// Scenarios, basis moves, staying put, and skews the other way.
pub(super) const MAX_POINTS: usize = MAX_MOVES + 1 + MAX_SKEWS;
/// A spot's distance from the median is held within this, Q58: a spot beyond e^±5 is priced as if it were there.
const FARTHEST_SPOT: i64 = 5 << LN_BITS;

/// Which of a leg's volatilities a point reads.
pub(super) type Form = u8;
pub(super) const UNCHANGED: Form = 0;
pub(super) const UP: Form = 1;
pub(super) const DOWN: Form = 2;
pub(super) const LINEAR: Form = 3;
pub(super) const ABSOLUTE: Form = 4;
/// From a skew to the skew the other way.
const REVERSED: Form = 2;
/// One more than the last form.
pub(super) const FORMS: usize = 7;

/// A spot and a volatility.
#[derive(Clone, Copy)]
pub(super) struct Point {
    /// WAD multiple of the spot the grid is around.
    multiple: u64,
    /// Spot over median.
    pub(super) factor: Magnitude,
    /// Its logarithm, Q58, within ±[`FARTHEST_SPOT`].
    pub(super) shift: i64,
    pub(super) form: Form,
}

/// The points one move reads. Most read one.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// Index of the point, [`MAX_POINTS`] for a move that does not count.
    pub(super) point: usize,
    /// The skew the other way; the same point otherwise.
    pub(super) other: usize,
}

/// Which scenarios count: a price that may be too high is tried against falls, one that may be too low against rises.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Both,
    Falls,
    Rises,
}

impl Side {
    const fn counts(self, multiple: u64) -> bool {
        match self {
            Self::Both => true,
            Self::Falls => multiple <= ONE,
            Self::Rises => multiple >= ONE,
        }
    }
}

/// Staying at one spot, then moving from there.
pub(super) struct Grid {
    points: [Point; MAX_POINTS],
    count: usize,
    /// One per scenario, then the upward and the downward basis move.
    pub(super) places: [Place; MAX_MOVES],
    /// Whether some point reads a skew.
    pub(super) skewed: bool,
}

impl Grid {
    /// Nothing but the spot that is `price` where the median is `mid`.
    #[inline(never)]
    pub(super) fn unmoved(price: u128, mid: u128) -> Self {
        let (factor, shift) = if price == mid {
            (Magnitude::ONE, 0)
        } else {
            let (price, mid) = (Magnitude::from_u128(price), Magnitude::from_u128(mid));
            let shift = ln_ratio_fixed(price, mid);
            (price.over(mid), shift.clamp(-FARTHEST_SPOT, FARTHEST_SPOT))
        };
        let here = Point {
            multiple: ONE,
            factor,
            shift,
            form: UNCHANGED,
        };
        let nowhere = Place {
            point: MAX_POINTS,
            other: MAX_POINTS,
        };
        Self {
            points: [here; MAX_POINTS],
            count: 1,
            places: [nowhere; MAX_MOVES],
            skewed: false,
        }
    }

    /// The moves of `profile` from that spot, as far as `side` counts them.
    #[inline(never)]
    pub(super) fn around(
        price: u128,
        mid: u128,
        profile: &ScenarioProfile,
        side: Side,
    ) -> Result<Self, MarginError> {
        let scenarios = profile.scenarios.as_slice();
        let refused = MarginError::ScenarioCount {
            given: scenarios.len(),
            allowed: MAX_SCENARIOS,
        };
        if scenarios.is_empty() {
            return Err(refused);
        }
        let mut grid = Self::unmoved(price, mid);
        let both_ways = profile.skew.counting == SkewCounting::BothWays;
        let basis = [profile.basis.up, profile.basis.down]
            .map(|multiple| (multiple, VolatilityMove::Unchanged));
        let moves = scenarios.iter().map(|s| (s.spot, s.volatility));
        for (index, (multiple, volatility)) in moves.chain(basis).enumerate() {
            if !side.counts(multiple) {
                continue;
            }
            let (form, reversed) = match volatility {
                VolatilityMove::Unchanged => (UNCHANGED, UNCHANGED),
                VolatilityMove::Up => (UP, UP),
                VolatilityMove::Down => (DOWN, DOWN),
                VolatilityMove::LinearSkew => (LINEAR, LINEAR.wrapping_add(REVERSED)),
                VolatilityMove::AbsoluteSkew => (ABSOLUTE, ABSOLUTE.wrapping_add(REVERSED)),
            };
            // Scenarios differ from each other, and at most the first point and the basis moves are met again.
            let is_basis = index >= scenarios.len();
            let known = if is_basis { grid.count } else { 1 };
            let point = grid.place(multiple, form, known).ok_or(refused)?;
            let other = if both_ways && reversed != form {
                grid.place(multiple, reversed, 0).ok_or(refused)?
            } else {
                point
            };
            if let Some(place) = grid.places.get_mut(index) {
                *place = Place { point, other };
            }
        }
        Ok(grid)
    }

    /// The index of a point, which is added if it is not one of the first `known`. `None` if there are too many.
    fn place(&mut self, multiple: u64, form: Form, known: usize) -> Option<usize> {
        let same = |point: &Point| point.multiple == multiple && point.form == form;
        if let Some(known) = self.points().iter().take(known).position(same) {
            return Some(known);
        }
        let index = self.count;
        let (here, last) = (
            self.points.first()?,
            self.points.get(index.wrapping_sub(1))?,
        );
        let mut point = *last;
        if last.multiple != multiple {
            // Neighbours mostly share their multiple.
            let ratio = Magnitude::scaled(multiple, 0).times(PER_WAD);
            let shift = here
                .shift
                .saturating_add(ln_ratio_fixed(ratio, Magnitude::ONE));
            point = Point {
                multiple,
                factor: here.factor.times(ratio),
                shift: shift.clamp(-FARTHEST_SPOT, FARTHEST_SPOT),
                form,
            };
            if multiple == ONE {
                point = *here;
            }
        }
        point.form = form;
        *self.points.get_mut(index)? = point;
        self.count = index.wrapping_add(1);
        self.skewed |= form >= LINEAR;
        Some(index)
    }

    /// Staying put first.
    pub(super) fn points(&self) -> &[Point] {
        self.points.get(..self.count).unwrap_or(&[])
    }
}
