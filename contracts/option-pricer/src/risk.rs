//! What portfolios are worth, per expiry and in total.

use alloc::vec::Vec;

use alloy_primitives::B256;
use clearing_math::leg::Leg;
use clearing_math::quotation::Quotation;
use interfaces::Revert;
use interfaces::words::Word;
use lens_sources::{Markets, Wanted, refusal};

use crate::OptionPricer;
use crate::market::Market;

/// What an account holds in one expiry, or in all (expiry 0).
#[derive(Default)]
pub(crate) struct ExpiryRisk {
    expiry: u32,
    held: Quotation,
}

impl ExpiryRisk {
    /// As the ABI has it: expiry, value, delta, gamma, vega, theta, rho, vanna, volga.
    pub(crate) fn words(&self) -> [B256; 9] {
        let [value, delta, gamma, vega, theta, rho, vanna, volga] =
            self.held.numbers().map(Word::word);
        let expiry = self.expiry.word();
        [expiry, value, delta, gamma, vega, theta, rho, vanna, volga]
    }
}

impl OptionPricer {
    /// Per expiry, in the order the legs are first met, and in total. Nothing needs no prices.
    ///
    /// Errors: `BadLeg`, `MissingVolatility`, `Overflow`; those of factory and adapter.
    pub(crate) fn risk(
        &self,
        pool: u32,
        words: &[B256],
    ) -> Result<(Vec<ExpiryRisk>, ExpiryRisk), Revert> {
        let now = self.now();
        let mut legs = Vec::with_capacity(words.len());
        let mut live = Vec::new();
        for (index, word) in words.iter().enumerate() {
            let leg = Leg::from_word(&word.0).map_err(|_| refusal::bad_leg(index))?;
            if u64::from(leg.expiry) > now {
                live.push(leg.expiry);
            }
            legs.push(leg);
        }
        let mut expiries: Vec<ExpiryRisk> = Vec::new();
        let mut total = ExpiryRisk::default();
        let mut wanted = Wanted::default();
        if !legs.is_empty() {
            wanted.add(self, pool, &live);
        }
        let markets = wanted.fetch(self, |data| Market::prepare(data, now));
        for leg in &legs {
            let one = markets.of(pool)?.1.of_leg(leg)?;
            let known = expiries.iter().position(|risk| risk.expiry == leg.expiry);
            let at = known.unwrap_or_else(|| {
                expiries.push(ExpiryRisk {
                    expiry: leg.expiry,
                    ..ExpiryRisk::default()
                });
                expiries.len().wrapping_sub(1)
            });
            for risk in expiries.get_mut(at).into_iter().chain([&mut total]) {
                let held = risk.held.plus(leg.contracts, &one);
                risk.held = held.ok_or_else(refusal::overflow)?;
            }
        }
        Ok((expiries, total))
    }
}
