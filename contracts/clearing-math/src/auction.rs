//! Dutch auction of a fraction of an account that is below maintenance margin.
//!
//! While the account is worth something (mark > 0) its price falls, first fast and then slowly to nothing; a bidder
//! takes at most the fraction that restores the buffer. When it is worth nothing, insurance pays a growing amount for
//! taking it over. All values are WAD quote units; `mark` and margins as in [`crate::margin`].
//!
//! Restoring fraction: with maintenance margin `MM`, mark `M`, buffer `b` and cash `R` already paid in by earlier
//! bidders, `BM = MM + b·(MM − M)`; selling the fraction `f` of everything but `R` at the discount `d` leaves
//! `BM − f·(BM − R) + f·d·(M − R)`, which is zero at `f = BM / (BM − M·d − R·(1 − d))`.

use crate::{
    WAD,
    fixed::{mul_div_ceil, mul_div_down, mul_div_floor, mul_div_up},
};

/// WAD as the type of a fraction.
const ONE: u64 = WAD as u64;

/// Speed and depth of the auction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Terms {
    /// Share of the mark asked at the start, WAD.
    pub initial_discount: u64,
    /// Share of the mark asked when the fast phase ends, WAD.
    pub fast_floor: u64,
    /// Length of the fast phase, seconds.
    pub fast_seconds: u32,
    /// Length of the slow phase, in which the share falls to zero, seconds.
    pub slow_seconds: u32,
    /// Time in which the payment of an insolvent auction reaches its full amount, seconds.
    pub insolvent_seconds: u32,
    /// Buffer `b` above maintenance margin that a liquidation restores, WAD.
    pub buffer: u64,
}

impl Terms {
    /// 95 % falling to 70 % in 15 minutes and to nothing in 12 hours more; insolvent ramp 60 minutes; buffer 15 %.
    pub const DEFAULT: Self = Self {
        initial_discount: 950_000_000_000_000_000,
        fast_floor: 700_000_000_000_000_000,
        fast_seconds: 900,
        slow_seconds: 43_200,
        insolvent_seconds: 3_600,
        buffer: 150_000_000_000_000_000,
    };
}

/// Buffer margin `BM = MM + b·(MM − M)` under the default buffer, rounded down. The auction ends once it is ≥ 0.
/// `None` on overflow.
#[must_use]
pub fn buffer_margin(maintenance: i128, mark: i128) -> Option<i128> {
    buffer_margin_with(&Terms::DEFAULT, maintenance, mark)
}

/// [`buffer_margin`] under other terms.
#[must_use]
pub fn buffer_margin_with(terms: &Terms, maintenance: i128, mark: i128) -> Option<i128> {
    let below_mark = maintenance.checked_sub(mark)?;
    maintenance.checked_add(mul_div_floor(below_mark, u128::from(terms.buffer), WAD)?)
}

/// Share of the mark that is asked `elapsed` seconds after the start, WAD, rounded up. Falls from the initial share
/// to zero, never rises with time.
#[must_use]
pub fn discount(terms: &Terms, elapsed: u64) -> u64 {
    let fast = u64::from(terms.fast_seconds);
    if elapsed < fast {
        let span = terms.initial_discount.saturating_sub(terms.fast_floor);
        terms
            .initial_discount
            .saturating_sub(ramp_down(span, elapsed, fast))
    } else {
        let into_slow = elapsed.saturating_sub(fast);
        terms.fast_floor.saturating_sub(ramp_down(
            terms.fast_floor,
            into_slow,
            u64::from(terms.slow_seconds),
        ))
    }
}

/// `⌊span · elapsed / length⌋`, all of `span` once the length has passed.
fn ramp_down(span: u64, elapsed: u64, length: u64) -> u64 {
    if elapsed >= length {
        return span;
    }
    // elapsed < length, so the quotient is below span and the division is defined.
    mul_div_down(u128::from(span), u128::from(elapsed), u128::from(length))
        .map_or(span, |ramped| ramped as u64)
}

/// Largest fraction of the account a bidder may take, WAD: what restores the buffer, rounded up, at most one.
/// Zero once `buffer_margin >= 0`: nothing is left to liquidate. One when the mark is not positive, or when no
/// smaller sale restores the buffer. `reserved` is the cash earlier bidders paid in. `None` on overflow.
#[must_use]
pub fn max_fraction(buffer_margin: i128, mark: i128, discount: u64, reserved: u128) -> Option<u64> {
    if buffer_margin >= 0 {
        return Some(0);
    }
    if mark <= 0 {
        return Some(ONE);
    }
    let deficit = buffer_margin.unsigned_abs();
    // Both rounded down: a smaller divisor makes the fraction larger, never too small to restore the buffer.
    let proceeds = mul_div_down(mark.unsigned_abs(), u128::from(discount), WAD)?;
    let kept = mul_div_down(reserved, u128::from(ONE.saturating_sub(discount)), WAD)?;
    let divisor = deficit.checked_add(proceeds)?.checked_add(kept)?;
    Some(mul_div_up(deficit, WAD, divisor)?.min(WAD) as u64)
}

/// Cash a bidder pays for the WAD `fraction` of the account without the `reserved` cash, WAD quote units, rounded
/// up: `fraction · discount · (mark − reserved)`. Zero when the mark does not exceed the reserved cash.
/// `None` on overflow.
#[must_use]
pub fn bid_price(mark: i128, reserved: u128, discount: u64, fraction: u64) -> Option<u128> {
    let sold = mark.checked_sub_unsigned(reserved)?;
    let Ok(sold) = u128::try_from(sold) else {
        return Some(0);
    };
    mul_div_up(
        mul_div_up(sold, u128::from(discount), WAD)?,
        u128::from(fraction),
        WAD,
    )
}

/// Cash insurance pays a bidder who takes the WAD `fraction` of an insolvent account, WAD quote units, rounded
/// down: rises from `max(0, −mark)` to `max(0, −maintenance)` over the ramp. `None` on overflow.
#[must_use]
pub fn insolvent_payment(
    terms: &Terms,
    elapsed: u64,
    mark: i128,
    maintenance: i128,
    fraction: u64,
) -> Option<u128> {
    let start = 0_i128.checked_sub(mark)?.max(0);
    let end = 0_i128.checked_sub(maintenance)?.max(start);
    let ramp = u64::from(terms.insolvent_seconds);
    let rise = end.checked_sub(start)?;
    let reached = if elapsed >= ramp {
        rise
    } else {
        mul_div_floor(rise, u128::from(elapsed), u128::from(ramp))?
    };
    let payment = u128::try_from(start.checked_add(reached)?).ok()?;
    mul_div_down(payment, u128::from(fraction), WAD)
}

/// What is left of the account's own price after `fraction` is sold, for previews: the buffer margin
/// `BM − f·(BM − R) + f·d·(M − R)`, rounded down. `None` on overflow.
#[must_use]
pub fn buffer_after(
    buffer_margin: i128,
    mark: i128,
    discount: u64,
    reserved: u128,
    fraction: u64,
) -> Option<i128> {
    let moved = buffer_margin.checked_sub_unsigned(reserved)?;
    let paid = i128::try_from(bid_price(mark, reserved, discount, fraction)?).ok()?;
    buffer_margin
        .checked_sub(mul_div_ceil(moved, u128::from(fraction), WAD)?)?
        .checked_add(paid)
}
