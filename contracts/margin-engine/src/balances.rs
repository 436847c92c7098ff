//! Margin balances of a portfolio, and its change in every scenario: what a model needs is gathered here, and the answers of two versions of a profile
//! are put together.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, I256, U256};
use alloy_sol_types::SolCall;
use clearing_math::conditions::{QuotedTerm, volatilities};
use clearing_math::leg::Leg;
use clearing_math::margin::{Requirement, Term};
use clearing_math::surface::SmilePair;
use interfaces::IMarginModel::{changesCall, requirementCall};
use interfaces::words::{Word, Words};
use interfaces::{Revert, margin_request, market_data, view_encoded};
use stylus_sdk::prelude::*;

use crate::market::PoolRisk;
use crate::{MarginEngine, portfolio, refusal};

/// What a portfolio is asked about, in the units of the mathematics.
struct Asked {
    legs: Vec<Leg>,
    cash: i128,
    base: u128,
}

impl MarginEngine {
    /// The requirement and whether market data are degraded. `cash` and `base` in token units, `given`: encoded market data to be used in place
    /// of the adapter's.
    ///
    /// Errors: `TooManyLegs`, `BadLeg`, `DuplicateLeg`, `UnknownRiskProfile`, `LegOverflow`, `Overflow`, `MissingVolatility`, `BadMarketData`; those of factory
    /// and adapter.
    pub(crate) fn balances(
        &self,
        pool: u32,
        words: &[B256],
        cash: I256,
        base: U256,
        given: Option<&[u8]>,
    ) -> Result<(Requirement, bool), Revert> {
        let legs = portfolio::legs_of(words)?;
        let risk = self.pool_risk(pool)?;
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
        let asked = Asked { legs, cash, base };
        let market = self.market_of(&risk, &asked.legs, given)?;
        let request = market.request(words, &asked)?;
        let new = self.ask_model(&risk, risk.profile, &request)?;
        let requirement = match risk.ramp() {
            None => new,
            Some((previous, ramp)) => {
                let old = self.ask_model(&risk, previous, &request)?;
                let between = ramp.between(&old, &new, market.now);
                between.ok_or_else(refusal::overflow)?
            }
        };
        Ok((requirement, market.data.doubts != 0))
    }

    /// Change of value in every scenario of the profile in effect, encoded as the ABI has the list. Errors: those of [`Self::balances`].
    pub(crate) fn changes(&self, pool: u32, words: &[B256], base: U256) -> Result<Vec<u8>, Revert> {
        let legs = portfolio::legs_of(words)?;
        let risk = self.pool_risk(pool)?;
        let base = portfolio::base_to_wad(base, risk.base_decimals)?;
        let market = self.market_of(&risk, &legs, None)?;
        let asked = Asked {
            legs,
            cash: 0,
            base,
        };
        let request = market.request(words, &asked)?;
        let (model, profile) = self.model(&risk, risk.profile)?;
        let input = margin_request::encoded(&changesCall::SELECTOR, &profile, &request);
        view_encoded(self, model, &input)
    }

    /// Balances under the profile at an address. Errors: `UnknownRiskProfile`; the model's.
    fn ask_model(
        &self,
        risk: &PoolRisk,
        profile: Address,
        request: &[B256],
    ) -> Result<Requirement, Revert> {
        let (model, profile) = self.model(risk, profile)?;
        let input = margin_request::encoded(&requirementCall::SELECTOR, &profile, request);
        let answer = view_encoded(self, model, &input)?;
        let mut words = Words::new(&answer);
        let requirement = Requirement {
            initial: words.i128(),
            maintenance: words.i128(),
            mark: words.i128(),
            worst_scenario: words.u32(),
        };
        words.end()?;
        Ok(requirement)
    }

    /// The market as given, or as the adapter has it.
    fn market_of(
        &self,
        risk: &PoolRisk,
        legs: &[Leg],
        given: Option<&[u8]>,
    ) -> Result<Market, Revert> {
        let now = self.vm().block_timestamp();
        if let Some(encoded) = given {
            return Market::decode(encoded, now);
        }
        let expiries = portfolio::live_expiries(legs, now);
        let encoded = market_data::fetch(self, self.oracle_adapter.get(), risk.feed, &expiries)?;
        Market::decode(&encoded, now)
    }
}

/// Market data with the smiles prepared.
struct Market {
    data: market_data::MarketData,
    smiles: Vec<SmilePair>,
    now: u64,
}

impl Market {
    /// Errors: `BadMarketData` when the bytes are not as the adapter encodes them, or a smile is none.
    fn decode(encoded: &[u8], now: u64) -> Result<Self, Revert> {
        let data =
            market_data::MarketData::decode(encoded).map_err(|_| refusal::bad_market_data())?;
        let mut smiles = Vec::with_capacity(data.smiles.len());
        let mut words = data.smiles.iter();
        for term in &data.terms {
            for [near, far] in words.by_ref().take(term.smiles) {
                let pair = SmilePair::prepare(&near.0, &far.0, term.expiry, now);
                smiles.push(pair.map_err(|_| refusal::bad_market_data())?);
            }
        }
        Ok(Self { data, smiles, now })
    }

    /// What a model is asked, word by word: see `IMarginModel`. Errors: `Overflow`.
    fn request(&self, words: &[B256], asked: &Asked) -> Result<Vec<B256>, Revert> {
        let Asked { legs, cash, base } = asked;
        let (data, now) = (&self.data, self.now);
        let mut quoted = Vec::with_capacity(data.terms.len());
        let mut terms: Vec<Term> = Vec::with_capacity(data.terms.len());
        let mut rest = &self.smiles[..];
        for term in &data.terms {
            let (smiles, others) = rest.split_at_checked(term.smiles).unwrap_or_default();
            rest = others;
            let term = QuotedTerm {
                expiry: term.expiry,
                carry: term.carry,
                rate: term.rate,
                confidence: term.confidence,
                volatility_ceiling: term.volatility_ceiling,
                smiles,
            };
            let known = term.term(data.mid, now);
            terms.push(known.map_err(|_| refusal::overflow())?);
            quoted.push(term);
        }
        let (mut per_leg, mut ceilings) = (vec![0; legs.len()], vec![0; legs.len()]);
        volatilities(&quoted, &terms, legs, now, &mut per_leg, &mut ceilings);
        let length = terms.len().saturating_mul(4);
        let length = length.saturating_add(legs.len().saturating_mul(2));
        let mut request = Vec::with_capacity(length.saturating_add(10));
        request.extend([
            now.word(),
            data.mid.word(),
            data.low.word(),
            data.high.word(),
            data.stable.word(),
            data.confidence.word(),
            cash.word(),
            base.word(),
            (terms.len() as u64).word(),
            (legs.len() as u64).word(),
        ]);
        for term in &terms {
            request.extend([
                term.expiry.word(),
                term.forward.word(),
                i128::from(term.rate).word(),
                term.confidence.word(),
            ]);
        }
        request.extend_from_slice(words);
        for (volatility, ceiling) in per_leg.iter().zip(&ceilings) {
            let mut both = volatility.word();
            if let Some(high) = both.first_chunk_mut::<16>() {
                *high = u128::from(*ceiling).to_be_bytes();
            }
            request.push(both);
        }
        Ok(request)
    }
}
