//! A portfolio by expiry and strike, netted, and what each expiry pays at zero and at its strikes.

use crate::{
    fixed::mul_div_floor,
    leg::{Leg, OptionKind},
    margin::{MAX_LEGS, MarginError},
};

/// Units of a strike in one quote unit.
pub(crate) const STRIKE_UNITS: u128 = 100_000_000;

/// What is held at one strike of one expiry.
#[derive(Clone, Copy)]
pub(crate) struct Row {
    /// Unix seconds.
    pub expiry: u32,
    /// 1e-8 quote units.
    pub strike: u64,
    /// Net contracts, 1e-18.
    pub calls: i128,
    /// The same.
    pub puts: i128,
}

/// A portfolio sorted by expiry, then strike; legs of one series are one, so that neither their order nor a split shows.
pub(crate) struct Book {
    rows: [Row; MAX_LEGS],
    count: usize,
}

impl Book {
    /// Sorts by insertion: legs mostly come sorted, and 128 of them are shifted 4,096 times on average if not.
    pub(crate) fn new(legs: &[Leg]) -> Result<Self, MarginError> {
        let empty = Row {
            expiry: 0,
            strike: 0,
            calls: 0,
            puts: 0,
        };
        let mut book = Self {
            rows: [empty; MAX_LEGS],
            count: 0,
        };
        for leg in legs {
            if !book.insert(leg)? {
                return Err(MarginError::TooManyLegs {
                    given: legs.len(),
                    allowed: MAX_LEGS,
                });
            }
        }
        book.drop_empty();
        Ok(book)
    }

    /// Takes out strikes at which nothing is left.
    fn drop_empty(&mut self) {
        let mut kept = 0_usize;
        for at in 0..self.count {
            let Some(&row) = self.rows.get(at) else {
                return;
            };
            if row.calls == 0 && row.puts == 0 {
                continue;
            }
            if let Some(place) = self.rows.get_mut(kept) {
                *place = row;
            }
            kept = kept.wrapping_add(1);
        }
        self.count = kept;
    }

    /// Whether there was room.
    fn insert(&mut self, leg: &Leg) -> Result<bool, MarginError> {
        let key = |row: &Row| (row.expiry, row.strike);
        let wanted = (leg.expiry, leg.strike);
        let at = self.rows().partition_point(|row| key(row) < wanted);
        if self.rows().get(at).is_none_or(|row| key(row) != wanted) {
            if self.count == MAX_LEGS {
                return Ok(false);
            }
            self.rows.copy_within(at..self.count, at.wrapping_add(1));
            self.count = self.count.wrapping_add(1);
            if let Some(row) = self.rows.get_mut(at) {
                *row = Row {
                    expiry: leg.expiry,
                    strike: leg.strike,
                    calls: 0,
                    puts: 0,
                };
            }
        }
        let row = self.rows.get_mut(at).ok_or(MarginError::Overflow)?;
        let held = match leg.kind {
            OptionKind::Call => &mut row.calls,
            OptionKind::Put => &mut row.puts,
        };
        *held = held
            .checked_add(leg.contracts)
            .ok_or(MarginError::Overflow)?;
        Ok(true)
    }

    fn rows(&self) -> &[Row] {
        self.rows.get(..self.count).unwrap_or(&[])
    }

    /// The strikes of all rows, 1e-8 quote units.
    pub(crate) fn strikes(&self) -> impl Iterator<Item = u64> {
        self.rows().iter().map(|row| row.strike)
    }

    /// The rows of each expiry, earliest first, by rising strike.
    pub(crate) fn expiries(&self) -> impl Iterator<Item = &[Row]> {
        self.rows().chunk_by(|a, b| a.expiry == b.expiry)
    }
}

/// Calls of an expiry less those sold, 1e-18: the slope of its payoff beyond the last strike.
pub(crate) fn net_calls(rows: &[Row]) -> Option<i128> {
    rows.iter()
        .try_fold(0_i128, |sum, row| sum.checked_add(row.calls))
}

/// What an expiry pays at one settlement price.
#[derive(Clone, Copy)]
pub(crate) struct Point {
    /// Settlement price, 1e-8 quote units.
    pub price: u64,
    /// Payoff, WAD quote units, rounded down by less than a unit a row.
    pub value: i128,
}

/// Calls `visit` with the payoff at zero and at every strike, by rising price: the corners of a piecewise linear function.
/// `None` on overflow, or when `visit` says so.
pub(crate) fn visit_points(rows: &[Row], mut visit: impl FnMut(Point) -> Option<()>) -> Option<()> {
    let mut at = Point { price: 0, value: 0 };
    // Below the first strike every put pays, one unit less for every unit of price.
    let mut slope = 0_i128;
    for row in rows {
        let paid = mul_div_floor(row.puts, u128::from(row.strike), STRIKE_UNITS)?;
        at.value = at.value.checked_add(paid)?;
        slope = slope.checked_sub(row.puts)?;
    }
    visit(at)?;
    for row in rows {
        let step = row.strike.saturating_sub(at.price);
        let change = mul_div_floor(slope, u128::from(step), STRIKE_UNITS)?;
        at = Point {
            price: row.strike,
            value: at.value.checked_add(change)?,
        };
        slope = slope.checked_add(row.puts)?.checked_add(row.calls)?;
        visit(at)?;
    }
    Some(())
}
