//! What the engine asks of others: the pool's risk parameters and the market data of its feed, one static call each, and the code of the
//! contract that holds the pool's risk profile.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256};
use alloy_sol_types::SolCall;
use clearing_math::conditions::Ramp;
use clearing_math::margin::SCENARIO_REPRICE;
use interfaces::ISeriesFactory::poolRiskCall;
use interfaces::words::{Word, Words, encode};
use interfaces::{Revert, data_contract, view_encoded};

use crate::{MarginEngine, refusal};

/// Risk parameters of a pool.
pub(crate) struct PoolRisk {
    pub(crate) feed: B256,
    id: u32,
    /// Decimals of the settlement token.
    pub(crate) settlement_decimals: u8,
    /// Decimals of the base token.
    pub(crate) base_decimals: u8,
    pub(crate) profile: Address,
    /// The version maintenance margin comes from; zero when it has left it behind.
    previous: Address,
    ramp: Ramp,
}

impl MarginEngine {
    /// Errors: the factory's `UnknownPool`.
    #[allow(clippy::cast_possible_truncation, reason = "read as at most 255")]
    pub(crate) fn pool_risk(&self, pool: u32) -> Result<PoolRisk, Revert> {
        let request = encode(&poolRiskCall::SELECTOR, &[pool.word()]);
        let answer = view_encoded(self, self.series_factory.get(), &request)?;
        let mut words = Words::new(&answer);
        let (feed, id) = (words.word(), words.u32());
        let settlement_decimals = words.at_most(u8::MAX.into()) as u8;
        let base_decimals = words.at_most(u8::MAX.into()) as u8;
        words.word();
        let risk = PoolRisk {
            feed,
            id,
            settlement_decimals,
            base_decimals,
            profile: words.address(),
            previous: words.address(),
            ramp: Ramp {
                start: words.u64(),
                end: words.u64(),
            },
        };
        words.end()?;
        Ok(risk)
    }

    /// The program of the model a profile is of, and the profile's bytes. Errors: `UnknownRiskProfile`.
    pub(crate) fn model(
        &self,
        risk: &PoolRisk,
        profile: Address,
    ) -> Result<(Address, Vec<u8>), Revert> {
        let bytes = data_contract::read(self, profile).unwrap_or_default();
        // The encoding begins with its version and the model.
        let model = match bytes.get(1).copied() {
            Some(SCENARIO_REPRICE) => &self.scenario_margin,
            Some(_) => &self.formula_margin,
            None => return Err(refusal::unknown_risk_profile(risk.id)),
        };
        Ok((model.get(), bytes))
    }
}

impl PoolRisk {
    /// The version maintenance margin comes from, while it is on its way.
    pub(crate) fn ramp(&self) -> Option<(Address, Ramp)> {
        (!self.previous.is_zero()).then_some((self.previous, self.ramp))
    }
}
