//! What the engine asks of others: the pool's risk parameters and the market data of its feed, one static call each.

use alloc::vec::Vec;

use alloy_primitives::B256;
use alloy_sol_types::SolCall;
use clearing_math::margin::{NOVATION_DEFAULT, RiskProfile};
use interfaces::IOracleAdapter::marketDataCall;
use interfaces::ISeriesFactory::poolRiskCall;
use interfaces::words::{Word, Words, encode};
use interfaces::{Revert, view_encoded};

use crate::{MarginEngine, refusal};

/// The only risk profile there is.
const NOVATION_DEFAULT_ID: u32 = 1;
const WORD: u128 = 32;

/// Risk parameters of a pool.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PoolRisk {
    pub(crate) feed: B256,
    profile: u32,
    /// Decimals of the settlement token.
    pub(crate) settlement_decimals: u8,
    /// Decimals of the base token.
    pub(crate) base_decimals: u8,
}

impl PoolRisk {
    /// Errors: `UnknownRiskProfile`.
    pub(crate) fn profile(&self) -> Result<&'static RiskProfile<'static>, Revert> {
        match self.profile {
            NOVATION_DEFAULT_ID => Ok(&NOVATION_DEFAULT),
            unknown => Err(refusal::unknown_risk_profile(unknown)),
        }
    }
}

/// Prices and volatilities at one moment.
#[derive(Clone, Debug)]
pub(crate) struct Market {
    /// Median, WAD quote per underlying.
    pub(crate) mid: u128,
    /// Lower end of the adverse band, WAD.
    pub(crate) low: u128,
    /// Upper end of the adverse band, WAD.
    pub(crate) high: u128,
    /// (expiry, volatility WAD) of the expiries asked for that have one.
    pub(crate) volatilities: Vec<(u32, u64)>,
    pub(crate) degraded: bool,
}

impl MarginEngine {
    /// Errors: the factory's `UnknownPool`.
    #[allow(clippy::cast_possible_truncation, reason = "read as at most 255")]
    pub(crate) fn pool_risk(&self, pool: u32) -> Result<PoolRisk, Revert> {
        let request = encode(&poolRiskCall::SELECTOR, &[pool.word()]);
        let answer = view_encoded(self, self.series_factory.get(), &request)?;
        let mut words = Words::new(&answer);
        let risk = PoolRisk {
            feed: words.word(),
            profile: words.u32(),
            settlement_decimals: words.at_most(u8::MAX.into()) as u8,
            base_decimals: words.at_most(u8::MAX.into()) as u8,
        };
        words.end()?;
        Ok(risk)
    }

    /// Errors: the adapter's (`QuorumLost` above all); empty when its answer is not what it should be.
    pub(crate) fn market(&self, feed: B256, expiries: &[u32]) -> Result<Market, Revert> {
        // The list comes right after the two head words.
        let count = expiries.len() as u128;
        let mut arguments = Vec::with_capacity(expiries.len().saturating_add(3));
        arguments.extend([feed, (2 * WORD).word(), count.word()]);
        arguments.extend(expiries.iter().map(|expiry| expiry.word()));
        let request = encode(&marketDataCall::SELECTOR, &arguments);
        let answer = view_encoded(self, self.oracle_adapter.get(), &request)?;

        let mut words = Words::new(&answer);
        // A struct behind an offset, its list last: the one layout an encoder gives.
        let mut canonical = words.u128() == WORD;
        let (mid, low, high) = (words.u128(), words.u128(), words.u128());
        canonical &= words.u128() == 5 * WORD;
        let degraded = words.bool();
        canonical &= words.u128() == count;
        let volatilities = expiries
            .iter()
            .map(|expiry| (*expiry, words.u64()))
            .filter(|(_, volatility)| *volatility != 0)
            .collect();
        words.end()?;
        if canonical {
            Ok(Market {
                mid,
                low,
                high,
                volatilities,
                degraded,
            })
        } else {
            Err(Revert::empty())
        }
    }
}
