//! The spot at which an account becomes liquidatable.

use alloc::vec::Vec;

use alloy_primitives::U256;
use clearing_math::search::{Direction, Ladder, Outcome, liquidation_price};
use interfaces::Revert;
use interfaces::market_data::MarketData;
use lens_sources::{Accounts, Fetched, Margins, Markets, Portfolio, Wanted, excerpt, move_spot};

use crate::RiskLimits;

impl RiskLimits {
    /// Spot, WAD, below and above the median, account by account; market data once a feed. Errors: those of kernel, factory, adapter and engine.
    pub(crate) fn liquidate_each(&self, accounts: &[U256]) -> Vec<Result<[U256; 2], Revert>> {
        let now = self.now();
        let accounts: Vec<_> = accounts.iter().map(|id| self.account(*id)).collect();
        let mut wanted = Wanted::default();
        for account in accounts.iter().flatten() {
            let portfolio = &account.portfolio;
            wanted.add(self, portfolio.pool, &portfolio.live_expiries(now));
        }
        let markets = wanted.fetch(self, Ok);
        let prices = accounts
            .into_iter()
            .map(|account| self.liquidation_prices(&account?.portfolio, &markets));
        prices.collect()
    }

    fn liquidation_prices(
        &self,
        portfolio: &Portfolio,
        markets: &Fetched<MarketData>,
    ) -> Result<[U256; 2], Revert> {
        let (_, data) = markets.of(portfolio.pool)?;
        let mut market = excerpt(data, &portfolio.live_expiries(self.now()));
        let none = [(Direction::Down, U256::ZERO), (Direction::Up, U256::MAX)];
        let mut found = none.map(|(_, none)| none);
        for (price, (direction, none)) in found.iter_mut().zip(none) {
            let outcome = liquidation_price(data.mid, direction, Ladder::DEFAULT, |spot| {
                move_spot(&mut market, spot);
                Ok::<_, Revert>(self.margin(portfolio, &market)?.maintenance)
            })?;
            *price = match outcome {
                Outcome::Now => U256::from(data.mid),
                Outcome::At(crossing) => U256::from(crossing.liquidatable),
                Outcome::Never { .. } => none,
            };
        }
        Ok(found)
    }
}
