//! Margin balances of a portfolio.

use alloy_primitives::{B256, I256, U256};
use clearing_math::margin::{self, MarketData, Requirement};
use interfaces::Revert;
use stylus_sdk::prelude::*;

use crate::{MarginEngine, portfolio, refusal};

/// Interest rate, WAD per year. Cash earns nothing here, and forwards are taken at the spot.
pub(crate) const RATE: i64 = 0;

impl MarginEngine {
    /// The requirement and whether market data are degraded. `cash` and `base` in token units.
    ///
    /// Errors: `TooManyLegs`, `BadLeg`, `UnknownRiskProfile`, `Overflow`, `MissingVolatility`; those of factory and adapter.
    pub(crate) fn balances(
        &self,
        pool: u32,
        words: &[B256],
        cash: I256,
        base: U256,
    ) -> Result<(Requirement, bool), Revert> {
        let legs = portfolio::legs_of(words)?;
        let risk = self.pool_risk(pool)?;
        let profile = risk.profile()?;
        let cash = portfolio::cash_to_wad(cash, risk.settlement_decimals)?;
        let base = portfolio::base_to_wad(base, risk.base_decimals)?;
        // Cash alone is worth itself whatever the market does: an account without risk must not depend on the oracle.
        if legs.is_empty() && base == 0 {
            let requirement = Requirement {
                initial: cash,
                maintenance: cash,
                mark: cash,
                worst_scenario: 0,
            };
            return Ok((requirement, false));
        }
        let now = self.vm().block_timestamp();
        let market = self.market(risk.feed, &portfolio::live_expiries(&legs, now))?;
        let data = MarketData {
            now,
            mid: market.mid,
            low: market.low,
            high: market.high,
            volatilities: &market.volatilities,
            rate: RATE,
        };
        let requirement =
            margin::margin(profile, &data, &legs, cash, base).map_err(refusal::margin_error)?;
        Ok((requirement, market.degraded))
    }
}
