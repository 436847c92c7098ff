//! The volatility at which a series has a price.

use alloc::vec::Vec;

use alloy_primitives::{B256, U256};
use alloy_sol_types::SolCall;
use clearing_math::implied_volatility::{ForwardQuote, implied_volatility_forward};
use clearing_math::payoff::strike_to_wad;
use interfaces::IOptionPricer::{pricedFromCall, pricesOfCall};
use interfaces::Revert;
use interfaces::words::{Word, Words, encode};
use lens_sources::{Markets, refusal};

use crate::RiskLens;

/// Words of a series in the pricer's answer: failure, ten numbers of which the last is the forward, discount.
const PRICED_WORDS: usize = 12;

impl RiskLens {
    /// Volatilities, WAD, each by itself; market data once a feed. Errors: `BadSeries`, `SeriesExpired`, `NoImpliedVolatility`; the pricer's.
    pub(crate) fn imply_each(
        &self,
        ids: &[U256],
        prices: &[U256],
    ) -> Result<Vec<Result<u128, Revert>>, Revert> {
        if ids.len() != prices.len() {
            return Err(refusal::length_mismatch(ids.len(), prices.len()));
        }
        let mut words = vec![32_u32.word(), (ids.len() as u64).word()];
        words.extend(ids.iter().map(|id| id.word()));
        let answer = self.ask_pricer(&encode(&pricesOfCall::SELECTOR, &words))?;
        let mut words = Words::new(&answer);
        words.word();
        words.word();
        let implied = ids.iter().zip(prices).map(|(id, price)| {
            let failure = words.word();
            for _ in 3..PRICED_WORDS {
                words.word();
            }
            let (forward, discount) = (words.u128(), words.u128());
            if failure == B256::ZERO {
                self.implied(*id, *price, forward, discount)
            } else {
                self.imply(*id, *price)
            }
        });
        let implied = implied.collect();
        words.end()?;
        Ok(implied)
    }

    /// One volatility, WAD. Errors: as [`Self::imply_each`].
    pub(crate) fn imply(&self, id: U256, price: U256) -> Result<u128, Revert> {
        let answer = self.ask_pricer(&encode(&pricedFromCall::SELECTOR, &[id.word()]))?;
        let mut words = Words::new(&answer);
        let (forward, discount) = (words.u128(), words.u128());
        words.end()?;
        self.implied(id, price, forward, discount)
    }

    fn implied(
        &self,
        id: U256,
        price: U256,
        forward: u128,
        discount: u128,
    ) -> Result<u128, Revert> {
        let series = self.live_series(id)?;
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
}
