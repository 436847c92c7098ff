//! The questions, asked of a portfolio in memory: the native twins of the lens.

use crate::{
    WAD,
    fixed::{mul_div_down, mul_div_floor},
    leg::Leg,
    margin::{Linear, MarginError, MarketData, Portfolio, RiskProfile, Term, margin},
    search::{Direction, Ladder, Limits, Most, Outcome, largest, liquidation_price},
};

/// Cash that may leave an account with this initial balance, WAD quote units: balances move one to one with cash.
#[must_use]
pub fn cash_withdrawal(initial: i128) -> u128 {
    u128::try_from(initial).unwrap_or(0)
}

/// Base asset that may leave, 1e-18: the most of what is held that leaves an initial balance of at least zero.
///
/// # Errors
/// [`MarginError`]; no input panics or wraps.
pub fn largest_base_withdrawal(
    profile: &RiskProfile,
    market: &MarketData,
    portfolio: &Portfolio,
    limits: Limits,
) -> Result<Most, MarginError> {
    largest(portfolio.base, portfolio.base, limits, |amount| {
        let base = portfolio.base.saturating_sub(amount);
        let left = Portfolio { base, ..*portfolio };
        margin(profile, market, &left).map(|required| required.initial)
    })
}

/// Contracts, 1e-18, up to `most`, that may be bought (`sold`: sold) of the series of leg `index` at `price` (WAD quote): the most
/// that leaves an initial balance of at least zero. `legs` has the account's legs, the series among them, if need be without
/// contracts; it is left as it was. `portfolio.legs` is not looked at.
///
/// # Errors
/// [`MarginError`]; `Overflow` if there is no such leg. No input panics or wraps.
#[allow(
    clippy::too_many_arguments,
    reason = "a trade has a series, a side, a price and a size"
)]
pub fn largest_trade(
    profile: &RiskProfile,
    market: &MarketData,
    portfolio: &Portfolio,
    legs: &mut [Leg],
    index: usize,
    sold: bool,
    price: u128,
    most: u128,
    limits: Limits,
) -> Result<Most, MarginError> {
    let held = legs.get(index).ok_or(MarginError::Overflow)?.contracts;
    let result = largest(WAD, most, limits, |amount| {
        let overflow = MarginError::Overflow;
        let bought = i128::try_from(amount).map_err(|_| overflow)?;
        let change = if sold { bought.wrapping_neg() } else { bought };
        // Paid in full, received in full: rounded against the account.
        let received = mul_div_floor(change.wrapping_neg(), price, WAD).ok_or(overflow)?;
        let cash = portfolio.cash.checked_add(received).ok_or(overflow)?;
        let contracts = held.checked_add(change).ok_or(overflow)?;
        if let Some(leg) = legs.get_mut(index) {
            leg.contracts = contracts;
        }
        let traded = Portfolio {
            legs,
            cash,
            ..*portfolio
        };
        margin(profile, market, &traded).map(|required| required.initial)
    });
    if let Some(leg) = legs.get_mut(index) {
        leg.contracts = held;
    }
    result
}

/// The nearest price at which maintenance margin is below zero. The price moves alone: forwards and the band move in proportion, the
/// part of a forward that is averaged already does not, volatilities stay with their strikes, time stands still. `moved` holds as many
/// terms as the market.
///
/// # Errors
/// [`MarginError`]; `Overflow` if `moved` is too short. No input panics or wraps.
pub fn liquidation_price_of(
    profile: &RiskProfile,
    market: &MarketData,
    portfolio: &Portfolio,
    direction: Direction,
    ladder: Ladder,
    moved: &mut [Term],
) -> Result<Outcome, MarginError> {
    let terms = moved
        .get_mut(..market.terms.len())
        .ok_or(MarginError::Overflow)?;
    // Maintenance does not look at the band.
    let (from, ceilings) = (market.mid, &[][..]);
    liquidation_price(from, direction, ladder, |price| {
        for (to, term) in terms.iter_mut().zip(market.terms) {
            *to = moved_term(term, from, price).ok_or(MarginError::Overflow)?;
        }
        let market = MarketData {
            mid: price,
            low: price,
            high: price,
            terms,
            ..*market
        };
        // Delta-one contracts are paid their gains, and move from where they are now.
        let overflow = MarginError::Overflow;
        let was = match portfolio.linear.price {
            0 => from,
            stated => stated,
        };
        let is = mul_div_down(was, price, from).ok_or(overflow)?;
        let per_contract = i128::try_from(is.abs_diff(was)).map_err(|_| overflow)?;
        let contracts = portfolio.linear.contracts;
        let rises = (is >= was) == (contracts >= 0);
        let change = if rises {
            per_contract
        } else {
            per_contract.wrapping_neg()
        };
        let gained = mul_div_floor(change, contracts.unsigned_abs(), WAD).ok_or(overflow)?;
        let portfolio = Portfolio {
            ceilings,
            cash: portfolio.cash.checked_add(gained).ok_or(overflow)?,
            linear: Linear {
                price: is,
                ..portfolio.linear
            },
            ..*portfolio
        };
        margin(profile, &market, &portfolio).map(|required| required.maintenance)
    })
}

/// A term when the median price goes from `from` to `to`. `None` if it does not fit, or `fixed` is more than the forward.
#[must_use]
pub fn moved_term(term: &Term, from: u128, to: u128) -> Option<Term> {
    if from == to {
        return Some(*term);
    }
    let moving = term.forward.checked_sub(term.fixed)?;
    // A forward is never zero.
    let forward = mul_div_down(moving, to, from)?
        .checked_add(term.fixed)?
        .max(1);
    Some(Term { forward, ..*term })
}
