//! What an expiry needs of cash and base asset together: the greatest non-increasing convex function that its payoff never
//! falls below.
//!
//! With `b ≥ 0` units of the base asset, the expiry takes at most `−min over P of (b·P + f(P))` of cash. Only corners of the
//! lower convex hull of `f` are ever that minimum, and only where the hull falls, because `b` is not negative.

use crate::{
    fixed::{mul_div_down, mul_div_up, mul_wide},
    margin::{MAX_LEGS, MarginError},
    maximum_loss::book::{Point, Row, STRIKE_UNITS, net_calls, visit_points},
};

/// A quote unit in units of a strike.
const ONE_QUOTE: u64 = STRIKE_UNITS as u64;
/// Corners of all envelopes: every strike, and zero once an expiry.
const MAX_CORNERS: usize = 2 * MAX_LEGS;

/// Where the corners of one expiry lie, and how it ends.
#[derive(Clone, Copy)]
struct Expiry {
    first: usize,
    end: usize,
    /// Contracts by which more calls are sold than held, 1e-18: units of base asset that no cash replaces.
    unpaired: u128,
}

/// The envelopes of all expiries of a portfolio.
pub(crate) struct Envelopes {
    corners: [Point; MAX_CORNERS],
    expiries: [Expiry; MAX_LEGS],
    count: usize,
    /// Units of base asset, 1e-18, without which losses have no bound.
    pub(crate) unpaired: u128,
}

/// `a.value − b.value` over `b.price − a.price`: how fast the payoff falls from `a` to `b`.
#[derive(Clone, Copy)]
struct Fall {
    drop: i128,
    width: u64,
}

impl Fall {
    fn between(a: Point, b: Point) -> Option<Self> {
        Some(Self {
            drop: a.value.checked_sub(b.value)?,
            width: b.price.checked_sub(a.price)?,
        })
    }

    /// Whether this one falls faster than `other`. Exact: products of 192 bits.
    fn is_steeper(self, other: Self) -> bool {
        let product = |drop: i128, width: u64| mul_wide(drop.unsigned_abs(), u128::from(width));
        let (mine, others) = (
            product(self.drop, other.width),
            product(other.drop, self.width),
        );
        match (self.drop < 0, other.drop < 0) {
            (false, false) => mine > others,
            (true, true) => mine < others,
            (false, true) => mine.max(others) > (0, 0),
            (true, false) => false,
        }
    }
}

impl Envelopes {
    pub(crate) fn none() -> Self {
        let expiry = Expiry {
            first: 0,
            end: 0,
            unpaired: 0,
        };
        Self {
            corners: [Point { price: 0, value: 0 }; MAX_CORNERS],
            expiries: [expiry; MAX_LEGS],
            count: 0,
            unpaired: 0,
        }
    }

    fn expiries(&self) -> &[Expiry] {
        self.expiries.get(..self.count).unwrap_or(&[])
    }

    fn corners(&self, expiry: &Expiry) -> &[Point] {
        self.corners.get(expiry.first..expiry.end).unwrap_or(&[])
    }

    /// Adds an expiry.
    pub(crate) fn add(&mut self, rows: &[Row]) -> Result<(), MarginError> {
        self.try_add(rows).ok_or(MarginError::Overflow)
    }

    fn try_add(&mut self, rows: &[Row]) -> Option<()> {
        let first = self.expiries().last().map_or(0, |last| last.end);
        let unpaired = net_calls(rows)?.min(0).unsigned_abs();
        let mut end = first;
        visit_points(rows, |mut point| {
            if point.price == 0 && end > first {
                return Some(());
            }
            // No expiry pays for another, or for a debt: nothing is owed at zero is the best it may say.
            if point.price == 0 {
                point.value = point.value.min(0);
            }
            while let Some([a, b]) = self.last_two(first, end) {
                // A corner that lies on or above the line past it is none.
                if Fall::between(a, b)?.is_steeper(Fall::between(b, point)?) {
                    break;
                }
                end = end.wrapping_sub(1);
            }
            *self.corners.get_mut(end)? = point;
            end = end.wrapping_add(1);
            Some(())
        })?;
        // Past the last corner the envelope falls by `unpaired` a unit of price, and nowhere less than that before it.
        let tail = Fall {
            drop: i128::try_from(unpaired).ok()?,
            width: ONE_QUOTE,
        };
        while let Some([a, b]) = self.last_two(first, end) {
            if Fall::between(a, b)?.is_steeper(tail) {
                break;
            }
            end = end.wrapping_sub(1);
        }
        *self.expiries.get_mut(self.count)? = Expiry {
            first,
            end,
            unpaired,
        };
        self.count = self.count.wrapping_add(1);
        self.unpaired = self.unpaired.checked_add(unpaired)?;
        Some(())
    }

    fn last_two(&self, first: usize, end: usize) -> Option<[Point; 2]> {
        let a = end.checked_sub(2).filter(|a| *a >= first)?;
        let corners = self.corners.get(a..end)?;
        corners.try_into().ok()
    }

    /// The sum of all envelopes and `base` units (1e-18) of the base asset, at the settlement price where it is least; up to the
    /// highest price a strike can have. WAD quote units, rounded down by less than two units an expiry.
    pub(crate) fn least(&self, base: u128) -> Option<i128> {
        let mut least = self.at(0, base)?.min(self.at(u64::MAX, base)?);
        for expiry in self.expiries() {
            for corner in self.corners(expiry) {
                least = least.min(self.at(corner.price, base)?);
            }
        }
        Some(least)
    }

    /// The same at one settlement price.
    fn at(&self, price: u64, base: u128) -> Option<i128> {
        let worth = mul_div_down(base, u128::from(price), STRIKE_UNITS)?;
        let mut total = i128::try_from(worth).ok()?;
        for expiry in self.expiries() {
            let (corner, fall) = self.fall_at(expiry, price)?;
            let past = price.saturating_sub(corner.price);
            let lost = mul_div_up(
                u128::try_from(fall.drop).ok()?,
                u128::from(past),
                u128::from(fall.width),
            )?;
            total = total
                .checked_add(corner.value)?
                .checked_sub_unsigned(lost)?;
        }
        Some(total)
    }

    /// Units of base asset, 1e-18 rounded up, with which a unit of it more or less changes nothing that is worth its `price`.
    pub(crate) fn base_worth_holding(&self, price: u64) -> Option<u128> {
        self.expiries().iter().try_fold(0_u128, |sum, expiry| {
            let (_, fall) = self.fall_at(expiry, price)?;
            let drop = u128::try_from(fall.drop).ok()?;
            sum.checked_add(mul_div_up(drop, STRIKE_UNITS, u128::from(fall.width))?)
        })
    }

    /// The corner at or below `price`, and how the envelope falls from there.
    fn fall_at(&self, expiry: &Expiry, price: u64) -> Option<(Point, Fall)> {
        let corners = self.corners(expiry);
        let next = corners.partition_point(|corner| corner.price <= price);
        let corner = *corners.get(next.checked_sub(1)?)?;
        let fall = match corners.get(next) {
            Some(next) => Fall::between(corner, *next)?,
            None => Fall {
                drop: i128::try_from(expiry.unpaired).ok()?,
                width: ONE_QUOTE,
            },
        };
        Some((corner, fall))
    }
}
