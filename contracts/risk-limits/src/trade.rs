//! How much of a series an account could trade at the mark, by the rules of the kernel's gate: an account that could owe something after the trade
//! needs an initial balance of at least zero on data without doubt and no leg past its expiry, or must end with no balance lower than before.

use alloc::vec::Vec;

use alloy_primitives::{B256, U256};
use alloy_sol_types::SolCall;
use clearing_math::fixed::{mul_div_down, mul_div_up};
use clearing_math::leg::Leg;
use clearing_math::series::Series;
use interfaces::IOptionPricer::{priceCall, pricesOfCall};
use interfaces::market_data::MarketData;
use interfaces::words::{Word, Words, encode};
use interfaces::{Revert, view_encoded};
use lens_sources::{
    Account, Accounts, Margins, Markets, Pool, Portfolio, Wanted, excerpt, refusal,
};

use crate::RiskLimits;
use crate::search::most_allowed;

/// One contract: where the search begins.
const ONE_CONTRACT: u128 = 1_000_000_000_000_000_000;
/// Words of a series in the pricer's answer: a failure, then the mark, then what is not needed here.
const PRICED_WORDS: usize = 12;

impl RiskLimits {
    /// Contracts, 1e-18, series by series; market data once. Errors: `BadSeries`, `SeriesExpired`, `WrongPool`, `MissingVolatility`, `Overflow`; those of
    /// the other contracts.
    pub(crate) fn trade_each(
        &self,
        account: U256,
        ids: &[U256],
        buys: bool,
    ) -> Vec<Result<u128, Revert>> {
        let account = self.account(account);
        let mut wanted = Wanted::default();
        let mut sought = Vec::with_capacity(ids.len());
        for id in ids {
            let series = self.live_series(*id).and_then(|series| {
                let account = account.as_ref().map_err(Clone::clone)?;
                let portfolio = &account.portfolio;
                if series.pool != portfolio.pool {
                    return Err(refusal::wrong_pool(series.pool, portfolio.pool));
                }
                wanted.add(self, series.pool, &portfolio.live_expiries(self.now()));
                wanted.add(self, series.pool, &[series.expiry]);
                Ok((account, series))
            });
            sought.push(series);
        }
        let markets = wanted.fetch(self, Ok);
        let marks = self.marks(ids);
        let most = ids
            .iter()
            .zip(sought)
            .zip(0..)
            .map(|((id, sought), index)| {
                let (account, series) = sought?;
                let (pool, market) = markets.of(series.pool)?;
                let mark = match marks.as_ref().map(|marks| marks.get(index)) {
                    Ok(Some(Some(mark))) => *mark,
                    // One that has no price says itself why.
                    _ => self.mark(*id)?,
                };
                self.most_to_trade(account, &series, mark, buys, pool, market)
            });
        most.collect()
    }

    /// Marks of series, WAD; `None` for one that has none.
    fn marks(&self, ids: &[U256]) -> Result<Vec<Option<u128>>, Revert> {
        let mut words = vec![32_u32.word(), (ids.len() as u64).word()];
        words.extend(ids.iter().map(|id| id.word()));
        let question = encode(&pricesOfCall::SELECTOR, &words);
        let answer = view_encoded(self, self.pricer.get(), &question)?;
        let mut words = Words::new(&answer);
        words.word();
        words.word();
        let marks = ids.iter().map(|_| {
            let (failure, mark) = (words.word(), words.u128());
            for _ in 2..PRICED_WORDS {
                words.word();
            }
            (failure == B256::ZERO).then_some(mark)
        });
        let marks = marks.collect();
        words.end()?;
        Ok(marks)
    }

    /// The mark of a series, WAD. Errors: the pricer's.
    fn mark(&self, id: U256) -> Result<u128, Revert> {
        let question = encode(&priceCall::SELECTOR, &[id.word()]);
        let answer = view_encoded(self, self.pricer.get(), &question)?;
        let mut words = Words::new(&answer);
        let mark = words.u128();
        words.end()?;
        Ok(mark)
    }

    fn most_to_trade(
        &self,
        account: &Account,
        series: &Series,
        mark: u128,
        buys: bool,
        pool: &Pool,
        market: &MarketData,
    ) -> Result<u128, Revert> {
        let now = self.now();
        let before = &account.portfolio;
        // A trade repays first.
        let free = account.cash.saturating_sub(account.debt);
        let owes = account.debt > account.cash;
        // Of so many contracts, at the mark: what a buyer pays rounds up, what a seller gets down.
        let one = ONE_CONTRACT.checked_mul(pool.wad_per_unit()?);
        let one = one.ok_or_else(refusal::overflow)?;
        let most = if buys && mark != 0 {
            // Nobody pays more than the cash that repaying leaves.
            mul_div_down(free, one, mark).map_or(pool.cap, |paid| paid.min(pool.cap))
        } else {
            pool.cap
        };
        if buys && !owes && !before.is_short() {
            return Ok(most);
        }
        let leg = Leg {
            expiry: series.expiry,
            strike: series.strike,
            kind: series.kind,
            contracts: 0,
        };
        let leg = B256::new(leg.to_word());
        let after = |contracts: u128| {
            let premium = if buys {
                mul_div_up(contracts, mark, one)
            } else {
                mul_div_down(contracts, mark, one)
            };
            let premium = premium.and_then(|premium| i128::try_from(premium).ok());
            let (premium, size) = premium
                .zip(i128::try_from(contracts).ok())
                .ok_or_else(refusal::overflow)?;
            let (size, received) = if buys {
                (size, premium.wrapping_neg())
            } else {
                (size.wrapping_neg(), premium)
            };
            let mut after = before.clone();
            after.add(&leg, size)?;
            let cash = after.cash.checked_add(received);
            after.cash = cash.ok_or_else(refusal::overflow)?;
            Ok::<_, Revert>(after)
        };
        let margin = |portfolio: &Portfolio| {
            let market = excerpt(market, &portfolio.live_expiries(now));
            self.margin(portfolio, &market)
        };
        let begins = margin(before)?;
        most_allowed(ONE_CONTRACT, most, &mut |contracts| {
            let after = after(contracts)?;
            if !owes && !after.is_short() {
                return Ok(0);
            }
            let ends = margin(&after)?;
            let rise = |ends: i128, begins: i128| ends.saturating_sub(begins);
            let reduces = rise(ends.initial, begins.initial)
                .min(rise(ends.maintenance, begins.maintenance))
                .min(rise(ends.mark, begins.mark.min(0)));
            if ends.degraded || after.has_expired(now) {
                return Ok(reduces);
            }
            Ok(ends.initial.max(reduces))
        })
    }
}
