//! Margin by percentages of spot per short option, with the maximum loss of each expiry as its limit: the style of simple margin
//! managers, and of exchanges' standard margin.
//!
//! At spot `S`, with `F` an expiry's forward and `m` an option's undiscounted Black-76 value, per short contract
//!
//! `initial = max(max(initial − OTM/S, initial_least)·S + m, maintenance)`, `OTM = max(0, K − S)` of a call, `max(0, S − K)` of a put,
//! `maintenance = maintenance_call·S + m` of a call, `max(maintenance_put·S, maintenance_put_of_mark·m) + m` of a put.
//!
//! An expiry asks for the sum of these (long options count nothing), or for what it can lose at zero and at its strikes (long
//! options pay in full) plus `unpaired·F` per call sold beyond those held, whichever is less; a sure gain counts as nothing:
//!
//! `expiry = min(0, max(−Σ short, min over P of f(P) − unpaired·F·max(0, −net calls)))`,
//! `balance = Σ expiries + base_share·S·base − linear·(own price)·|delta-one contracts| + cash`, and of initial margin alone
//! `− (1 − confidence)·confidence_factor·S·contracts`, per kind of contracts whose confidence is below `confidence_threshold`, and
//! `− (peg_threshold − stable)·peg_factor·S·contracts` below the threshold; the contracts are short options, delta-one contracts
//! of either sign and, for confidence, base asset.
//!
//! Maintenance is taken at the median; initial margin is the least over median, low and high, at the higher of volatility and its
//! ceiling. Rounded against the account.
//!
//! Long options, base asset (of a price that is sure) and cash never lower a balance, **unless calls are sold beyond those held**: the
//! maximum loss of an expiry is looked for up to its last strike, and past the last call those lose more, so that even a bought option
//! with a higher strike may lower the balance. **Two portfolios together may have less than the sum of their balances** where one
//! is better off by its percentages and the other, of the same expiry, by its maximum loss: each of the two measures adds up, the
//! better of them does not. Expiries add up. That is the published model; it is not Novation's default.

mod parameters;
mod short_option;

pub use parameters::{PARAMETERS, Percentages, STANDARD_STYLE};

use short_option::{OptionMarket, Required, short_rows};

use crate::{
    WAD,
    fixed::{mul_div_down, mul_div_up},
    margin::{MarginError, MarketData, Portfolio, Requirement, Term, mark},
    maximum_loss::{Book, Row, net_calls, visit_points},
};

/// A spot at which a portfolio is margined, and the volatilities it is margined with.
struct Point<'a> {
    /// WAD quote per underlying.
    spot: u128,
    /// Per leg, WAD; the higher of the two counts.
    volatilities: &'a [u64],
    /// The same, or empty.
    ceilings: &'a [u64],
}

/// Balances, WAD quote units.
#[derive(Clone, Copy)]
struct Balances {
    initial: i128,
    maintenance: i128,
}

impl Percentages {
    /// Margin balances of a portfolio. All results are rounded against the account.
    ///
    /// # Errors
    /// [`MarginError`]; no input panics or wraps.
    pub fn margin(
        &self,
        market: &MarketData,
        portfolio: &Portfolio,
    ) -> Result<Requirement, MarginError> {
        // Refuses a market or a portfolio that has no margin, so that below only overflow is left.
        let mark = mark(market, portfolio)?;
        let book = Book::new(portfolio.legs)?;
        let balances = |spot: u128, ceilings: &[u64]| {
            let point = Point {
                spot,
                volatilities: portfolio.volatilities,
                ceilings,
            };
            self.balances(market, portfolio, &book, &point)
                .ok_or(MarginError::Overflow)
        };
        let sure = balances(market.mid, &[])?;
        let mut initial = sure.initial.min(sure.maintenance);
        if !portfolio.ceilings.is_empty() {
            initial = initial.min(balances(market.mid, portfolio.ceilings)?.initial);
        }
        for edge in [market.low, market.high] {
            if edge != market.mid {
                initial = initial.min(balances(edge, portfolio.ceilings)?.initial);
            }
        }
        Ok(Requirement {
            initial,
            maintenance: sure.maintenance,
            mark,
            worst_scenario: 0,
        })
    }

    fn balances(
        &self,
        market: &MarketData,
        portfolio: &Portfolio,
        book: &Book,
        point: &Point,
    ) -> Option<Balances> {
        let spot = point.spot;
        let worth = mul_div_down(portfolio.base, spot, WAD)?;
        let credit = |share: u64| {
            let credited = mul_div_down(worth, u128::from(share), WAD)?;
            portfolio.cash.checked_add_unsigned(credited)
        };
        let mut total = Balances {
            initial: credit(self.base_initial)?,
            maintenance: credit(self.base_maintenance)?,
        };
        for rows in book.expiries() {
            let expiry = self.expiry(market, portfolio, rows, point)?;
            total.initial = total.initial.checked_add(expiry.initial)?;
            total.maintenance = total.maintenance.checked_add(expiry.maintenance)?;
        }
        let linear = &portfolio.linear;
        let price = if linear.price == 0 {
            spot
        } else {
            mul_div_up(linear.price, spot, market.mid)?
        };
        let notional = mul_div_up(linear.contracts.unsigned_abs(), price, WAD)?;
        let of_linear = |share: u64| mul_div_up(notional, u128::from(share), WAD);
        // Doubt is about the underlying's own price.
        let doubt = self
            .doubt(market.confidence.min(linear.confidence))
            .checked_add(self.depeg(market.stable)?)?;
        let contingency = |contracts: u128, share: u128| {
            mul_div_up(mul_div_up(contracts, spot, WAD)?, share, WAD)
        };
        total.initial = total
            .initial
            .checked_sub_unsigned(of_linear(self.linear_initial)?)?
            .checked_sub_unsigned(contingency(linear.contracts.unsigned_abs(), doubt)?)?
            .checked_sub_unsigned(contingency(portfolio.base, self.doubt(market.confidence))?)?;
        total.maintenance = total
            .maintenance
            .checked_sub_unsigned(of_linear(self.linear_maintenance)?)?;
        Some(total)
    }

    /// What one expiry asks for, at most zero.
    fn expiry(
        &self,
        market: &MarketData,
        portfolio: &Portfolio,
        rows: &[Row],
        point: &Point,
    ) -> Option<Balances> {
        let expiry = rows.first()?.expiry;
        let term = market.terms.iter().find(|term| term.expiry == expiry);
        let forward = moved_forward(term, market.mid, point.spot)?;
        let options = OptionMarket {
            spot: point.spot,
            forward,
            expiry,
            now: market.now,
        };

        let mut asked = Required::default();
        let mut shorts = 0_u128;
        for short in short_rows(rows, portfolio, point) {
            let short = short?;
            shorts = shorts.checked_add(short.contracts)?;
            asked = asked.plus(&options.required(self, &short)?)?;
        }
        if shorts == 0 {
            return Some(Balances {
                initial: 0,
                maintenance: 0,
            });
        }

        let mut worst = i128::MAX;
        visit_points(rows, |corner| {
            worst = worst.min(corner.value);
            Some(())
        })?;
        let unpaired = mul_div_up(net_calls(rows)?.min(0).unsigned_abs(), forward, WAD)?;
        let limited = |asked: u128, scale: u64| {
            let most = worst.checked_sub_unsigned(mul_div_up(unpaired, u128::from(scale), WAD)?)?;
            let asked = 0_i128.checked_sub_unsigned(asked)?;
            Some(asked.max(most).min(0))
        };

        let confidence = term.map_or(WAD as u64, |term| term.confidence);
        let charge = self
            .doubt(market.confidence.min(confidence))
            .checked_add(self.depeg(market.stable)?)?;
        let notional = mul_div_up(shorts, point.spot, WAD)?;
        Some(Balances {
            initial: limited(asked.initial, self.unpaired_initial)?
                .checked_sub_unsigned(mul_div_up(notional, charge, WAD)?)?,
            maintenance: limited(asked.maintenance, self.unpaired_maintenance)?,
        })
    }

    /// Share of notional charged at a confidence, WAD.
    fn doubt(&self, confidence: u64) -> u128 {
        if confidence >= self.confidence_threshold {
            return 0;
        }
        let doubt = WAD.saturating_sub(u128::from(confidence));
        // At most 1 times 2^64 / 1e18: fits.
        mul_div_up(doubt, u128::from(self.confidence_factor), WAD).unwrap_or(u128::MAX)
    }

    /// Share of notional charged at a price of the settlement asset, WAD.
    fn depeg(&self, stable: u64) -> Option<u128> {
        let missing = self.peg_threshold.saturating_sub(stable);
        mul_div_up(u128::from(missing), u128::from(self.peg_factor), WAD)
    }
}

/// The forward of an expiry at a spot; the spot itself where there is no term, which is so only once it has expired. What is already
/// averaged stays.
fn moved_forward(term: Option<&Term>, mid: u128, spot: u128) -> Option<u128> {
    let Some(term) = term else {
        return Some(spot);
    };
    if spot == mid {
        return Some(term.forward);
    }
    let moving = term.forward.checked_sub(term.fixed)?;
    let moved = mul_div_down(moving, spot, mid)?.checked_add(term.fixed)?;
    // A forward is never zero.
    Some(moved.max(1))
}
