//! What an expiry needs of cash and base asset together: the greatest non-increasing convex function that its payoff never
//! falls below.
//!
//! With `b ≥ 0` units of the base asset, the expiry takes at most `−min over P of (b·P + f(P))` of cash. Only corners of the
//! lower convex hull of `f` are ever that minimum, and only where the hull falls, because `b` is not negative.

use crate::{
    fixed::{mul_div_down, mul_div_up, mul_wide},
    margin::MAX_LEGS,
    maximum_loss::book::{Book, Point, Row, STRIKE_UNITS, net_calls, visit_points},
};

/// A quote unit in units of a strike.
const ONE_QUOTE: u64 = STRIKE_UNITS as u64;
/// Corners of a hull: every strike, and zero.
const MAX_CORNERS: usize = MAX_LEGS + 1;

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
            (false, true) => true,
            (true, false) => false,
        }
    }
}

/// The envelope of one expiry.
struct Hull {
    corners: [Point; MAX_CORNERS],
    count: usize,
    /// Contracts by which more calls are sold than held, 1e-18: how fast the envelope falls past its last corner, and units of
    /// base asset that no cash replaces.
    unpaired: u128,
}

impl Hull {
    const EMPTY: Self = Self {
        corners: [Point { price: 0, value: 0 }; MAX_CORNERS],
        count: 0,
        unpaired: 0,
    };

    /// Becomes the envelope of `rows`. `None` on overflow.
    #[inline(never)]
    fn fit(&mut self, rows: &[Row]) -> Option<()> {
        self.count = 0;
        self.unpaired = net_calls(rows)?.min(0).unsigned_abs();
        visit_points(rows, |mut point| {
            if point.price == 0 {
                // Once, if there is a strike of zero. No expiry pays for another, or for a debt: that nothing is owed at
                // zero is the best it may say.
                self.count = 0;
                point.value = point.value.min(0);
            }
            while let Some([a, b]) = self.last_two() {
                // A corner that lies on or above the line past it is none.
                if Fall::between(a, b)?.is_steeper(Fall::between(b, point)?) {
                    break;
                }
                self.count = self.count.wrapping_sub(1);
            }
            *self.corners.get_mut(self.count)? = point;
            self.count = self.count.wrapping_add(1);
            Some(())
        })?;
        // Past the last corner the envelope falls by `unpaired` a unit of price, and nowhere less than that before it.
        let tail = self.tail()?;
        while let Some([a, b]) = self.last_two() {
            if Fall::between(a, b)?.is_steeper(tail) {
                break;
            }
            self.count = self.count.wrapping_sub(1);
        }
        Some(())
    }

    fn corners(&self) -> &[Point] {
        self.corners.get(..self.count).unwrap_or(&[])
    }

    fn last_two(&self) -> Option<[Point; 2]> {
        self.corners().last_chunk().copied()
    }

    fn tail(&self) -> Option<Fall> {
        Some(Fall {
            drop: i128::try_from(self.unpaired).ok()?,
            width: ONE_QUOTE,
        })
    }

    /// The corner at or below `price`, and how the envelope falls from there.
    fn fall_at(&self, price: u64) -> Option<(Point, Fall)> {
        let corners = self.corners();
        let next = corners.partition_point(|corner| corner.price <= price);
        let corner = *corners.get(next.checked_sub(1)?)?;
        let fall = match corners.get(next) {
            Some(next) => Fall::between(corner, *next)?,
            None => self.tail()?,
        };
        Some((corner, fall))
    }

    /// The envelope at a settlement price, rounded down.
    fn at(&self, price: u64) -> Option<i128> {
        let (corner, fall) = self.fall_at(price)?;
        let past = price.saturating_sub(corner.price);
        if past == 0 {
            return Some(corner.value);
        }
        let lost = mul_div_up(
            u128::try_from(fall.drop).ok()?,
            u128::from(past),
            u128::from(fall.width),
        )?;
        corner.value.checked_sub_unsigned(lost)
    }
}

/// What a portfolio comes to with some base asset.
#[derive(Clone, Copy)]
pub(crate) struct Worst {
    /// The sum of all envelopes and the base asset, at the settlement price where it is least; up to the highest price a strike can
    /// have, where it is no less than [`BOTTOM`]. At most zero. WAD quote units, rounded down by less than two units an expiry.
    pub least: i128,
    /// Units of base asset, 1e-18, without which losses have no bound.
    pub unpaired: u128,
}

/// No loss without bound is said to be more than this, WAD quote units: 4e19 quote.
pub(crate) const BOTTOM: i128 = -(1 << 125);

/// Values the portfolio with `base` units (1e-18) of base asset at zero, at every strike of any expiry and, where it falls past the
/// last, at the highest price there can be: between them the sum of all envelopes is a line. `None` on overflow.
#[inline(never)]
pub(crate) fn worst(book: &Book, base: u128) -> Option<Worst> {
    let prices = || book.strikes().chain([0]);
    let mut sums = [0_i128; MAX_LEGS + 1];
    for (sum, price) in sums.iter_mut().zip(prices()) {
        let worth = mul_div_down(base, u128::from(price), STRIKE_UNITS)?;
        *sum = i128::try_from(worth).ok()?;
    }
    let mut hull = Hull::EMPTY;
    let mut unpaired = 0_u128;
    for rows in book.expiries() {
        hull.fit(rows)?;
        unpaired = unpaired.checked_add(hull.unpaired)?;
        for (sum, price) in sums.iter_mut().zip(prices()) {
            *sum = sum.checked_add(hull.at(price)?)?;
        }
    }
    let valued = || sums.iter().zip(prices());
    let mut least = valued().fold(0, |least, (sum, _)| least.min(*sum));
    let missing = unpaired.saturating_sub(base);
    if missing != 0 {
        let (at_last, last) = valued().max_by_key(|(_, price)| *price)?;
        let further = u128::from(u64::MAX.saturating_sub(last));
        let lost = mul_div_up(missing, further, STRIKE_UNITS).unwrap_or(u128::MAX);
        let farthest = at_last.checked_sub_unsigned(lost).unwrap_or(BOTTOM);
        least = least.min(farthest.max(BOTTOM));
    }
    Some(Worst { least, unpaired })
}

/// Units of base asset, 1e-18 rounded up, at which a unit more spares less cash, and a unit less costs more, than its `price` (1e-8
/// quote units). `None` on overflow.
#[inline(never)]
pub(crate) fn base_worth_holding(book: &Book, price: u64) -> Option<u128> {
    let mut hull = Hull::EMPTY;
    let mut total = 0_u128;
    for rows in book.expiries() {
        hull.fit(rows)?;
        let (_, fall) = hull.fall_at(price)?;
        let drop = u128::try_from(fall.drop).ok()?;
        total = total.checked_add(mul_div_up(drop, STRIKE_UNITS, u128::from(fall.width))?)?;
    }
    Some(total)
}
