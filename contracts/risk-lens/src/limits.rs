//! How far an account may go: what it may withdraw and trade, and the spot at which it becomes liquidatable. Searches over the engine's own
//! answers, on market data fetched once.

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::SolCall;
use clearing_math::fixed::{mul_div_down, mul_div_up};
use clearing_math::implied_volatility::{ForwardQuote, implied_volatility_forward};
use clearing_math::leg::Leg;
use clearing_math::payoff::strike_to_wad;
use clearing_math::search::{Direction, Ladder, Limits, Most, Outcome, largest, liquidation_price};
use clearing_math::series::Series;
use interfaces::IOptionPricer::{priceCall, pricedFromCall};
use interfaces::Revert;
use interfaces::words::{Word, Words, encode};

use crate::accounts::add_leg;
use crate::sources::{contracts_of, expiry_of, mid_of, move_market};
use crate::{RiskLens, refusal};

/// How long amounts are searched for, and how sharply: to one unit if that takes no more questions than these.
const LIMITS: Limits = Limits {
    questions: 40,
    resolution: 1,
};
/// One contract: where the search for the largest trade begins.
const ONE_CONTRACT: u128 = 1_000_000_000_000_000_000;

impl RiskLens {
    /// Token units. Errors: `UnacceptedAsset`, `Overflow`; those of kernel, factory, adapter and engine.
    pub(crate) fn most_to_withdraw(&self, account: U256, asset: Address) -> Result<u128, Revert> {
        let mut state = self.state_of(account)?;
        let [settlement, base] = self.assets(state.pool)?;
        let asset = asset.word();
        if asset == B256::ZERO || (asset != settlement && asset != base) {
            return Err(refusal::unaccepted_asset(state.pool, asset));
        }
        // A withdrawal repays first.
        let Some(cash) = state.cash.checked_sub(state.debt) else {
            return Ok(0);
        };
        (state.cash, state.debt) = (cash, 0);
        let is_cash = asset == settlement;
        let held = if is_cash { state.cash } else { state.base };
        if !state.legs.iter().any(|leg| contracts_of(leg) < 0) {
            return Ok(held);
        }
        let now = self.now();
        if state
            .legs
            .iter()
            .any(|leg| u64::from(expiry_of(leg)) <= now)
        {
            return Ok(0);
        }
        let market = self.market_of(&state)?;
        let margin = self.margin_in(&state, &market)?;
        if margin.degraded || margin.initial < 0 {
            return Ok(0);
        }
        if is_cash {
            // Cash counts in full: every unit withdrawn takes one off the balance.
            let unit = self.pool(state.pool)?.wad_per_unit()?;
            let free = mul_div_down(margin.initial.unsigned_abs(), 1, unit);
            return Ok(free.unwrap_or(0).min(held));
        }
        let mut left = |out: u128| {
            let base = held.checked_sub(out).ok_or_else(refusal::overflow)?;
            let cash = state.net_cash()?;
            let margin = self.margin(state.pool, &state.legs, cash, base, &market)?;
            Ok::<_, Revert>(margin.initial)
        };
        let Most { allowed, .. } = most_allowed(held, held, &mut left)?;
        Ok(allowed.unwrap_or(0))
    }

    /// Reads a series that has not expired. Errors: `BadSeries`, `SeriesExpired`.
    fn live_series(&self, id: U256) -> Result<Series, Revert> {
        let series = Series::from_id(&id.to_be_bytes()).map_err(|_| refusal::bad_series(id))?;
        if u64::from(series.expiry) <= self.now() {
            return Err(refusal::series_expired(id, series.expiry));
        }
        Ok(series)
    }

    /// Volatility, WAD. Errors: `BadSeries`, `SeriesExpired`, `NoImpliedVolatility`; the pricer's.
    pub(crate) fn imply(&self, id: U256, price: U256) -> Result<u128, Revert> {
        let series = self.live_series(id)?;
        let question = encode(&pricedFromCall::SELECTOR, &[id.word()]);
        let answer = self.ask_pricer(&question)?;
        let mut words = Words::new(&answer);
        let (forward, discount) = (words.u128(), words.u128());
        words.end()?;
        let none = || refusal::no_implied_volatility(id, price);
        let quote = ForwardQuote {
            kind: series.kind,
            price: u128::try_from(price).map_err(|_| none())?,
            forward,
            strike: strike_to_wad(series.strike),
            discount,
            seconds: u64::from(series.expiry).saturating_sub(self.now()),
        };
        implied_volatility_forward(&quote).map_err(|_| none())
    }

    /// Contracts, 1e-18. Errors: `BadSeries`, `SeriesExpired`, `WrongPool`, `MissingVolatility`, `Overflow`; those of the other contracts.
    pub(crate) fn most_to_trade(
        &self,
        account: U256,
        id: U256,
        buys: bool,
    ) -> Result<u128, Revert> {
        let series = self.live_series(id)?;
        let state = self.state_of(account)?;
        if series.pool != state.pool {
            return Err(refusal::wrong_pool(series.pool, state.pool));
        }
        let pool = self.pool(state.pool)?;
        let unit = pool.wad_per_unit()?;
        let leg = Leg {
            expiry: series.expiry,
            strike: series.strike,
            kind: series.kind,
            contracts: 0,
        };
        let leg = B256::new(leg.to_word());
        let mut expiries = vec![series.expiry];
        state.add_expiries(self.now(), &mut expiries);
        let market = self.market(pool.feed, &expiries)?;
        let price = encode(&priceCall::SELECTOR, &[id.word()]);
        let mut price = self.ask_pricer(&price)?;
        price.truncate(32);
        let mark = Words::new(&price).u128();
        // Of so many contracts, at the mark: what a buyer pays rounds up, what a seller gets down.
        let one = ONE_CONTRACT.checked_mul(unit);
        let one = one.ok_or_else(refusal::overflow)?;
        let premium = |contracts| {
            let premium = if buys {
                mul_div_up(contracts, mark, one)
            } else {
                mul_div_down(contracts, mark, one)
            };
            premium
                .and_then(|premium| i128::try_from(premium).ok())
                .ok_or_else(refusal::overflow)
        };
        let ask = |contracts: u128| {
            let premium = premium(contracts)?;
            let size = i128::try_from(contracts).map_err(|_| refusal::overflow())?;
            let (size, received) = if buys {
                (size, premium.wrapping_neg())
            } else {
                (size.wrapping_neg(), premium)
            };
            let mut legs = state.legs.clone();
            add_leg(&mut legs, &leg, size)?;
            let cash = state.net_cash()?.checked_add(received);
            let cash = cash.ok_or_else(refusal::overflow)?;
            self.margin(state.pool, &legs, cash, state.base, &market)
        };
        let now = ask(0)?;
        let most = if buys && mark != 0 {
            // Nobody pays more than the cash that repaying debt leaves.
            let cash = state.cash.saturating_sub(state.debt);
            mul_div_down(cash, one, mark).map_or(pool.cap, |paid| paid.min(pool.cap))
        } else {
            pool.cap
        };
        let allowed = if now.initial >= 0 && !now.degraded {
            most_allowed(ONE_CONTRACT, most, &mut |contracts| {
                Ok::<_, Revert>(ask(contracts)?.initial)
            })?
        } else {
            // Below its margin, or on doubtful data, only what lowers no balance passes.
            most_allowed(ONE_CONTRACT, most, &mut |contracts| {
                let then = ask(contracts)?;
                let rise = |then: i128, now: i128| then.saturating_sub(now);
                Ok::<_, Revert>(
                    rise(then.initial, now.initial)
                        .min(rise(then.maintenance, now.maintenance))
                        .min(rise(then.mark, now.mark.min(0))),
                )
            })?
        };
        Ok(allowed.allowed.unwrap_or(0))
    }

    /// Spot, WAD, below and above. Errors: those of kernel, adapter and engine.
    pub(crate) fn liquidation_prices(&self, account: U256) -> Result<[U256; 2], Revert> {
        let state = self.state_of(account)?;
        let mut market = self.market_of(&state)?;
        let mid = mid_of(&market)?;
        let none = [(Direction::Down, U256::ZERO), (Direction::Up, U256::MAX)];
        let mut found = none.map(|(_, none)| none);
        for (price, (direction, none)) in found.iter_mut().zip(none) {
            let outcome = liquidation_price(mid, direction, Ladder::DEFAULT, |spot| {
                move_market(&mut market, spot);
                Ok::<_, Revert>(self.margin_in(&state, &market)?.maintenance)
            })?;
            *price = match outcome {
                Outcome::Now => U256::from(mid),
                Outcome::At(crossing) => U256::from(crossing.liquidatable),
                Outcome::Never { .. } => none,
            };
        }
        Ok(found)
    }
}

/// The largest amount that passes. One copy for all questions.
#[inline(never)]
fn most_allowed(
    first: u128,
    most: u128,
    balance: &mut dyn FnMut(u128) -> Result<i128, Revert>,
) -> Result<Most, Revert> {
    largest(first, most, LIMITS, balance)
}
