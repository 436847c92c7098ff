//! What one short option asks for, apart from its expiry's other options.

use crate::{
    WAD,
    fixed::mul_div_up,
    leg::{Leg, OptionKind},
    margin::{Linear, MarketData, Portfolio, Term, mark},
    maximum_loss::Row,
    payoff::strike_to_wad,
    percentage_margin::{Percentages, Point},
};

/// A series that is sold, net.
pub(super) struct Short {
    kind: OptionKind,
    /// 1e-8 quote.
    strike: u64,
    /// 1e-18.
    pub contracts: u128,
    /// WAD per year.
    volatility: u64,
}

/// The series that `rows` hold short. A series whose legs state different volatilities has the highest.
pub(super) fn short_rows<'a>(
    rows: &'a [Row],
    portfolio: &'a Portfolio,
    point: &'a Point,
) -> impl Iterator<Item = Option<Short>> + 'a {
    rows.iter()
        .flat_map(|row| {
            [
                (row, OptionKind::Call, row.calls),
                (row, OptionKind::Put, row.puts),
            ]
        })
        .filter(|(_, _, contracts)| *contracts < 0)
        .map(|(row, kind, contracts)| {
            let volatilities = portfolio
                .legs
                .iter()
                .enumerate()
                .filter_map(|(index, leg)| {
                    let same =
                        leg.expiry == row.expiry && leg.strike == row.strike && leg.kind == kind;
                    let stated = point.volatilities.get(index).filter(|_| same)?;
                    let ceiling = point.ceilings.get(index).unwrap_or(&0);
                    Some(*stated.max(ceiling))
                });
            Some(Short {
                kind,
                strike: row.strike,
                contracts: contracts.unsigned_abs(),
                volatility: volatilities.max()?,
            })
        })
}

/// What short options ask for, WAD quote units, rounded up.
#[derive(Clone, Copy, Default)]
pub(super) struct Required {
    pub initial: u128,
    pub maintenance: u128,
}

impl Required {
    pub(super) fn plus(&self, other: &Self) -> Option<Self> {
        Some(Self {
            initial: self.initial.checked_add(other.initial)?,
            maintenance: self.maintenance.checked_add(other.maintenance)?,
        })
    }
}

/// What the options of one expiry are valued in.
pub(super) struct OptionMarket {
    /// WAD quote per underlying.
    pub spot: u128,
    /// The same, at expiry.
    pub forward: u128,
    /// Unix seconds.
    pub expiry: u32,
    /// Unix seconds.
    pub now: u64,
}

impl OptionMarket {
    /// What a short position asks for.
    pub(super) fn required(&self, percentages: &Percentages, short: &Short) -> Option<Required> {
        let mark = self.mark(short)?;
        let strike = strike_to_wad(short.strike);
        let of_spot = |share: u64| mul_div_up(self.spot, u128::from(share), WAD);
        let (out_of_the_money, maintenance) = match short.kind {
            OptionKind::Call => (
                strike.saturating_sub(self.spot),
                of_spot(percentages.maintenance_call)?,
            ),
            OptionKind::Put => {
                let of_mark = u128::from(percentages.maintenance_put_of_mark);
                (
                    self.spot.saturating_sub(strike),
                    of_spot(percentages.maintenance_put)?.max(mul_div_up(mark, of_mark, WAD)?),
                )
            }
        };
        // max(initial − OTM/S, initial_least)·S, without the quotient.
        let initial = of_spot(percentages.initial)?
            .saturating_sub(out_of_the_money)
            .max(of_spot(percentages.initial_least)?)
            .max(maintenance);
        let sized =
            |per_contract: u128| mul_div_up(short.contracts, per_contract.checked_add(mark)?, WAD);
        Some(Required {
            initial: sized(initial)?,
            maintenance: sized(maintenance)?,
        })
    }

    /// Undiscounted value of one contract, WAD quote, rounded up: what one that is sold is worth in the scenario model's kernel, so that
    /// a program has one kernel.
    #[inline(never)]
    fn mark(&self, short: &Short) -> Option<u128> {
        let sold = Leg {
            expiry: self.expiry,
            strike: short.strike,
            kind: short.kind,
            contracts: (WAD as i128).wrapping_neg(),
        };
        let term = Term {
            expiry: self.expiry,
            forward: self.forward,
            fixed: 0,
            rate: 0,
            confidence: WAD as u64,
        };
        let market = MarketData {
            now: self.now,
            mid: self.spot,
            low: self.spot,
            high: self.spot,
            stable: WAD as u64,
            confidence: WAD as u64,
            terms: &[term],
        };
        let portfolio = Portfolio {
            legs: &[sold],
            volatilities: &[short.volatility],
            ceilings: &[],
            cash: 0,
            base: 0,
            linear: Linear::NONE,
        };
        let value = mark(&market, &portfolio).ok()?;
        Some(value.min(0).unsigned_abs())
    }
}
