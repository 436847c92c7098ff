//! Mark price and greeks of one series.

use alloy_primitives::U256;
use clearing_math::black_scholes::{Greeks, Inputs, price_and_greeks};
use clearing_math::leg::OptionKind;
use clearing_math::payoff::strike_to_wad;
use clearing_math::series::Series;
use interfaces::Revert;
use stylus_sdk::prelude::*;

use crate::balances::RATE;
use crate::{MarginEngine, refusal};

/// A contract's value and sensitivities, all 1e18: quote per underlying, per unit of spot, per 1.00 of volatility, per year.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Valuation {
    pub(crate) mark: u128,
    pub(crate) delta: i128,
    pub(crate) gamma: u128,
    pub(crate) vega: u128,
    pub(crate) theta: i128,
}

impl MarginEngine {
    /// Errors: `BadSeries`, `SeriesExpired`, `MissingVolatility`, `Overflow`; those of factory and adapter.
    pub(crate) fn value_series(&self, id: U256) -> Result<Valuation, Revert> {
        let series = Series::from_id(&id.to_be_bytes()).map_err(|_| refusal::bad_series(id))?;
        let seconds = u64::from(series.expiry).saturating_sub(self.vm().block_timestamp());
        if seconds == 0 {
            return Err(refusal::series_expired(id, series.expiry));
        }
        let risk = self.pool_risk(series.pool)?;
        let market = self.market(risk.feed, &[series.expiry])?;
        let Some(&(_, volatility)) = market.volatilities.first() else {
            return Err(refusal::missing_volatility(series.expiry));
        };
        let strike = strike_to_wad(series.strike);
        let inputs = Inputs {
            spot: market.mid,
            strike,
            seconds,
            volatility: volatility.into(),
            rate: RATE,
        };
        let (prices, greeks) = price_and_greeks(&inputs).map_err(|_| refusal::overflow())?;
        let Greeks { gamma, vega, .. } = greeks;
        let (mark, delta, theta) = match series.kind {
            OptionKind::Call => (prices.call, greeks.delta_call, greeks.theta_call),
            OptionKind::Put => (prices.put, greeks.delta_put, greeks.theta_put),
        };
        Ok(Valuation {
            mark,
            delta,
            gamma,
            vega,
            theta,
        })
    }
}
