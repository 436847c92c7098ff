//! What series are worth.

use alloc::vec::Vec;

use alloy_primitives::{B256, U256};
use interfaces::Revert;
use interfaces::words::Word;
use lens_sources::{Markets, Wanted};

use crate::OptionPricer;
use crate::market::{Market, Priced};

/// Numbers of a priced series, as the ABI has them in a batch: mark, delta, gamma, vega, theta, rho, vanna, volga, volatility, forward, discount.
pub(crate) const NUMBERS: usize = 11;

impl Priced {
    /// See [`NUMBERS`].
    pub(crate) fn words(&self) -> [B256; NUMBERS] {
        let (one, inputs) = (&self.quotation, &self.inputs);
        let [mark, delta, gamma, vega, theta, rho, vanna, volga] = one.numbers().map(Word::word);
        let [volatility, forward, discount] =
            [inputs.volatility, inputs.forward, inputs.discount].map(Word::word);
        [
            mark, delta, gamma, vega, theta, rho, vanna, volga, volatility, forward, discount,
        ]
    }
}

impl OptionPricer {
    /// Series, each by itself, market data once a feed. Errors: `BadSeries`, `SeriesExpired`, `MissingVolatility`, `Overflow`; those of
    /// factory and adapter.
    pub(crate) fn price_each(&self, ids: &[U256]) -> Vec<Result<Priced, Revert>> {
        let now = self.now();
        let series: Vec<_> = ids.iter().map(|id| self.live_series(*id)).collect();
        let mut wanted = Wanted::default();
        for one in series.iter().flatten() {
            wanted.add(self, one.pool, &[one.expiry]);
        }
        let markets = wanted.fetch(self, |data| Market::prepare(data, now));
        let priced = series.into_iter().map(|one| {
            let one = one?;
            let (_, market) = markets.of(one.pool)?;
            market.priced(one.expiry, one.strike, one.kind)
        });
        priced.collect()
    }

    /// One series. Errors: as [`Self::price_each`].
    pub(crate) fn price_one(&self, id: U256) -> Result<[B256; NUMBERS], Revert> {
        let priced = self.price_each(&[id]).pop();
        Ok(priced.ok_or_else(Revert::empty)??.words())
    }
}
