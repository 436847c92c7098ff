//! How far an account may go: what it may withdraw and trade, and where it is liquidated.

use alloy::primitives::U256;
use clearing_math::fixed::{mul_div_down, mul_div_up};
use clearing_math::leg::Leg;
use clearing_math::margin::{MarginError, Requirement};
use clearing_math::search::{Direction, Ladder, Limits, Outcome, largest, liquidation_price};

use crate::client::AccountState;
use crate::native_margin::{Market, PoolFacts, requirement_of, signed_wad};

const ONE_CONTRACT: u128 = 1_000_000_000_000_000_000;
/// As the lens searches: to one unit.
const LIMITS: Limits = Limits {
    questions: 128,
    resolution: 1,
};

/// One of a pool's two assets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Asset {
    /// What premiums are paid in.
    Settlement,
    /// The underlying.
    Base,
}

/// A trade whose size is sought.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Trade {
    /// The series; how many contracts is not looked at.
    pub series: Leg,
    /// Price of one contract, WAD.
    pub mark: u128,
    /// Or sells.
    pub buys: bool,
    /// Most contracts of the series that may be open, 1e-18.
    pub cap: u128,
}

/// A portfolio whose cash is net of debt, in token units.
#[derive(Clone)]
struct Portfolio {
    legs: Vec<Leg>,
    cash: i128,
    base: U256,
}

impl Portfolio {
    fn of(state: &AccountState) -> Result<Self, MarginError> {
        Ok(Self {
            legs: state.legs.clone(),
            cash: signed_wad(state.cash, state.debt, 18)?,
            base: state.base,
        })
    }

    fn is_short(&self) -> bool {
        self.legs.iter().any(|leg| leg.contracts < 0)
    }

    fn has_expired(&self, now: u64) -> bool {
        self.legs.iter().any(|leg| u64::from(leg.expiry) <= now)
    }

    fn margin(&self, facts: &PoolFacts, market: &Market) -> Result<Requirement, MarginError> {
        let cash = wad_per_unit(facts)
            .and_then(|unit| i128::try_from(unit).ok())
            .and_then(|unit| self.cash.checked_mul(unit))
            .ok_or(MarginError::Overflow)?;
        requirement_of(facts, market, &self.legs, cash, self.base)
    }

    /// Adds contracts of a series, netted with what is held of it.
    fn add(&mut self, series: &Leg, contracts: i128) -> Result<(), MarginError> {
        let same = |leg: &Leg| {
            (leg.expiry, leg.strike, leg.kind) == (series.expiry, series.strike, series.kind)
        };
        let held = self.legs.iter().position(same);
        let before = held.map_or(0, |index| self.legs[index].contracts);
        let after = before.checked_add(contracts).ok_or(MarginError::Overflow)?;
        match held {
            Some(index) if after == 0 => drop(self.legs.remove(index)),
            Some(index) => self.legs[index].contracts = after,
            None if after == 0 => {}
            None => self.legs.push(Leg {
                contracts: after,
                ..*series
            }),
        }
        Ok(())
    }
}

/// WAD units of one token unit.
fn wad_per_unit(facts: &PoolFacts) -> Option<u128> {
    let missing = 18_u8.checked_sub(facts.settlement_decimals)?;
    10_u128.checked_pow(missing.into())
}

fn amount(units: U256) -> Result<u128, MarginError> {
    u128::try_from(units).map_err(|_| MarginError::Overflow)
}

/// Most token units of an asset the owner could withdraw.
pub fn max_withdraw(
    facts: &PoolFacts,
    market: &Market,
    state: &AccountState,
    asset: Asset,
) -> Result<u128, MarginError> {
    let portfolio = Portfolio::of(state)?;
    if state.debt > state.cash {
        return Ok(0);
    }
    let held = match asset {
        Asset::Settlement => amount(state.cash.saturating_sub(state.debt))?,
        Asset::Base => amount(state.base)?,
    };
    if !portfolio.is_short() {
        return Ok(held);
    }
    if portfolio.has_expired(market.now) || market.degraded {
        return Ok(0);
    }
    let initial = portfolio.margin(facts, market)?.initial;
    let Ok(initial) = u128::try_from(initial) else {
        return Ok(0);
    };
    if asset == Asset::Settlement {
        let unit = wad_per_unit(facts).ok_or(MarginError::Overflow)?;
        return Ok((initial / unit).min(held));
    }
    let most = largest(held, held, LIMITS, |out| {
        let left = Portfolio {
            base: U256::from(held.saturating_sub(out)),
            ..portfolio.clone()
        };
        left.margin(facts, market).map(|margin| margin.initial)
    });
    Ok(most?.allowed.unwrap_or(0))
}

/// Most contracts (1e-18) the account could trade at the mark and pass the kernel's gate.
pub fn max_trade(
    facts: &PoolFacts,
    market: &Market,
    state: &AccountState,
    trade: &Trade,
) -> Result<u128, MarginError> {
    let overflow = MarginError::Overflow;
    let before = Portfolio::of(state)?;
    let owes = state.debt > state.cash;
    let Trade {
        series,
        mark,
        buys,
        cap,
    } = *trade;
    let one = wad_per_unit(facts).and_then(|unit| unit.checked_mul(ONE_CONTRACT));
    let one = one.ok_or(overflow)?;
    let most = if buys && mark != 0 {
        let free = amount(state.cash.saturating_sub(state.debt))?;
        mul_div_down(free, one, mark).map_or(cap, |paid| paid.min(cap))
    } else {
        cap
    };
    if buys && !owes && !before.is_short() {
        return Ok(most);
    }
    let begins = before.margin(facts, market)?;
    let most = largest(ONE_CONTRACT, most, LIMITS, |contracts| {
        let premium = if buys {
            mul_div_up(contracts, mark, one)
        } else {
            mul_div_down(contracts, mark, one)
        };
        let premium = premium.and_then(|premium| i128::try_from(premium).ok());
        let premium = premium.ok_or(overflow)?;
        let size = i128::try_from(contracts).map_err(|_| overflow)?;
        let (size, received) = if buys {
            (size, -premium)
        } else {
            (-size, premium)
        };
        let mut after = before.clone();
        after.add(&series, size)?;
        after.cash = after.cash.checked_add(received).ok_or(overflow)?;
        if !owes && !after.is_short() {
            return Ok(0);
        }
        let ends = after.margin(facts, market)?;
        let reduces = ends
            .initial
            .saturating_sub(begins.initial)
            .min(ends.maintenance.saturating_sub(begins.maintenance))
            .min(ends.mark.saturating_sub(begins.mark.min(0)));
        if market.degraded || after.has_expired(market.now) {
            return Ok(reduces);
        }
        Ok(ends.initial.max(reduces))
    });
    Ok(most?.allowed.unwrap_or(0))
}

/// Nearest spot (WAD) below and above the median at which the maintenance balance is negative: zero and the highest number where there is none.
pub fn liquidation_prices(
    facts: &PoolFacts,
    market: &Market,
    state: &AccountState,
) -> Result<[U256; 2], MarginError> {
    let portfolio = Portfolio::of(state)?;
    let mut moved = market.clone();
    let mut nearest = |direction, none| {
        let found = liquidation_price(market.mid, direction, Ladder::DEFAULT, |spot| {
            (moved.mid, moved.low, moved.high) = (spot, spot, spot);
            let margin = portfolio.margin(facts, &moved)?;
            Ok::<_, MarginError>(margin.maintenance)
        })?;
        Ok::<_, MarginError>(match found {
            Outcome::Now => U256::from(market.mid),
            Outcome::At(crossing) => U256::from(crossing.liquidatable),
            Outcome::Never { .. } => none,
        })
    };
    Ok([
        nearest(Direction::Down, U256::ZERO)?,
        nearest(Direction::Up, U256::MAX)?,
    ])
}
