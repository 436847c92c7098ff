//! Full collateral: what a portfolio can lose at most, whatever the settlement prices, in cash and base asset together.
//!
//! The payoff `f` of an expiry is piecewise linear in the settlement price `P`, so with `c` of cash and `b ≥ 0` units of the
//! base asset set aside for it, its worst case `c + min over P of (b·P + f(P))` lies at zero, at a strike or at infinity, where
//! it has a bound only if `b` covers the calls sold beyond those held.
//!
//! **Across expiries** each settles at its own price, the worst for it: one never offsets the other's price. They share
//! cash and base asset, of which each has its own part:
//!
//! `balance = cash + max over (b_e ≥ 0, Σ b_e = base) of Σ over expiries e of min(0, min over P of (b_e·P + f_e(P)))`.
//!
//! A sure gain counts as nothing: it would otherwise pay an earlier expiry, or a debt of cash, before it is received. The maximum over
//! all partitions is the minimum over one price of `base·P + Σ h_e(P)`, where `h_e` is the greatest non-increasing convex function
//! that neither `f_e` nor zero at price zero falls below (the duality of sums and sup-convolutions), which is how it is computed:
//! exactly, by lower convex hulls, in one pass over sorted strikes.
//!
//! Prices, volatility, time and confidence do not enter. Rounded down, by less than a unit a leg and two an expiry. Up to that:
//! two portfolios together have at least the sum of their balances; another long, more cash or more base asset never lowers one.

mod book;
mod hull;

pub(crate) use book::{Book, Row, net_calls, visit_points};
use hull::{Worst, base_worth_holding, worst};

use crate::{
    WAD,
    fixed::mul_div_up,
    leg::Leg,
    margin::{MarginError, MarketData, Portfolio, Requirement, mark},
};

/// Cash and base asset that cover a portfolio.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Collateral {
    /// WAD quote units.
    pub cash: u128,
    /// Units of the underlying, 1e-18.
    pub base: u128,
}

/// What is left of `cash` (WAD quote units, may be negative) and `base` (1e-18) in the worst case, rounded down: the portfolio is
/// covered while it is not negative. If it needs more base asset than there is, no cash replaces it: what is missing is
/// valued at the highest strike there can be, 1.8e11 quote units, to 4e19 in all, and the balance is at most −1.
///
/// # Errors
/// [`MarginError::TooManyLegs`], [`MarginError::Overflow`].
pub fn balance(legs: &[Leg], cash: i128, base: u128) -> Result<i128, MarginError> {
    let Worst { least, unpaired } = worst_of(legs, base)?;
    let balance = least.checked_add(cash).ok_or(MarginError::Overflow)?;
    Ok(if base < unpaired {
        balance.min(-1)
    } else {
        balance
    })
}

/// Units of base asset, 1e-18, without which no cash covers the portfolio: in each expiry, calls sold beyond those held.
///
/// # Errors
/// [`MarginError::TooManyLegs`], [`MarginError::Overflow`].
pub fn least_base(legs: &[Leg]) -> Result<u128, MarginError> {
    Ok(worst_of(legs, 0)?.unpaired)
}

/// Cash that covers the portfolio beside `base` units of base asset (1e-18), WAD quote units, rounded up: every point of the
/// boundary of what is sufficient. `None` if no cash does, below [`least_base`]. Convex and non-increasing in `base`.
///
/// # Errors
/// [`MarginError::TooManyLegs`], [`MarginError::Overflow`].
pub fn cash_needed(legs: &[Leg], base: u128) -> Result<Option<u128>, MarginError> {
    let Worst { least, unpaired } = worst_of(legs, base)?;
    Ok((base >= unpaired).then_some(least.unsigned_abs()))
}

/// The sufficient pair that is worth least where a unit of base asset is worth `spot` (WAD quote).
///
/// # Errors
/// [`MarginError::TooManyLegs`], [`MarginError::Overflow`].
pub fn cheapest(legs: &[Leg], spot: u128) -> Result<Collateral, MarginError> {
    const STRIKE_UNIT: u128 = 10_000_000_000;
    let price = u64::try_from(spot / STRIKE_UNIT).unwrap_or(u64::MAX);
    let base = base_worth_holding(&Book::new(legs)?, price).ok_or(MarginError::Overflow)?;
    let cash = cash_needed(legs, base)?.ok_or(MarginError::Overflow)?;
    Ok(Collateral { cash, base })
}

/// Both balances of a portfolio: nothing that they depend on moves, so there is no margin before the one that is final. A delta-one
/// contract that is bought counts as base asset bought on credit at its price; one that is sold must be covered like a call.
///
/// # Errors
/// [`MarginError`]; no input panics or wraps.
pub fn margin(market: &MarketData, portfolio: &Portfolio) -> Result<Requirement, MarginError> {
    let mark = mark(market, portfolio)?;
    let balance = covered(market, portfolio).ok_or(MarginError::Overflow)??;
    Ok(Requirement {
        initial: balance,
        maintenance: balance,
        mark,
        worst_scenario: 0,
    })
}

/// `None` on overflow outside of [`balance`].
fn covered(market: &MarketData, portfolio: &Portfolio) -> Option<Result<i128, MarginError>> {
    let linear = &portfolio.linear;
    let price = if linear.price == 0 {
        market.mid
    } else {
        linear.price
    };
    let owed = mul_div_up(u128::try_from(linear.contracts).unwrap_or(0), price, WAD)?;
    let cash = portfolio.cash.checked_sub_unsigned(owed)?;
    let base = i128::try_from(portfolio.base)
        .ok()?
        .checked_add(linear.contracts)?;
    let balance = match balance(portfolio.legs, cash, u128::try_from(base).unwrap_or(0)) {
        Ok(balance) if base < 0 => {
            let missing = mul_div_up(
                base.unsigned_abs(),
                u128::from(u64::MAX),
                book::STRIKE_UNITS,
            )?;
            balance.checked_sub_unsigned(missing)?.min(-1)
        }
        other => return Some(other),
    };
    Some(Ok(balance))
}

fn worst_of(legs: &[Leg], base: u128) -> Result<Worst, MarginError> {
    worst(&Book::new(legs)?, base).ok_or(MarginError::Overflow)
}
