//! What series are worth: mark, sensitivities, implied volatility.

use alloc::vec::Vec;

use alloy_primitives::{B256, U256};
use clearing_math::conditions::QuotedTerm;
use clearing_math::leg::{Leg, OptionKind};
use clearing_math::payoff::strike_to_wad;
use clearing_math::quotation::{Quotation, Terms, forward_inputs, quote};
use clearing_math::series::Series;
use clearing_math::surface::SmilePair;
use interfaces::Revert;
use interfaces::market_data::MarketData;
use interfaces::words::Word;

use crate::{OptionPricer, RiskAnswer, refusal, signed};

/// A series in its market.
pub(crate) struct Priced {
    pub(crate) terms: Terms,
    /// WAD quote.
    pub(crate) forward: u128,
    pub(crate) quotation: Quotation,
}

/// What an account holds in one expiry, or in all (expiry 0).
pub(crate) struct ExpiryRisk {
    expiry: u32,
    held: Quotation,
}

/// Market data with the smiles prepared.
pub(crate) struct Market {
    pub(crate) data: MarketData,
    smiles: Vec<SmilePair>,
    now: u64,
}

impl Market {
    /// Errors: empty when the bytes are not market data.
    pub(crate) fn decode(encoded: &[u8], now: u64) -> Result<Self, Revert> {
        let data = MarketData::decode(encoded)?;
        let mut smiles = Vec::with_capacity(data.smiles.len());
        let mut words = data.smiles.iter();
        for term in &data.terms {
            for [near, far] in words.by_ref().take(term.smiles) {
                let pair = SmilePair::prepare(&near.0, &far.0, term.expiry, now);
                smiles.push(pair.map_err(|_| Revert::empty())?);
            }
        }
        Ok(Self { data, smiles, now })
    }

    /// The term of an expiry. Errors: `MissingVolatility`.
    fn term(&self, expiry: u32) -> Result<QuotedTerm<'_>, Revert> {
        let mut rest = &self.smiles[..];
        for term in &self.data.terms {
            let (smiles, others) = rest.split_at_checked(term.smiles).unwrap_or_default();
            rest = others;
            if term.expiry == expiry && !smiles.is_empty() {
                return Ok(QuotedTerm {
                    expiry,
                    carry: term.carry,
                    rate: term.rate,
                    confidence: term.confidence,
                    volatility_ceiling: term.volatility_ceiling,
                    smiles,
                });
            }
        }
        Err(refusal::missing_volatility(expiry))
    }

    /// What pricing an option needs, and its forward. Errors: `MissingVolatility`, `Overflow`.
    pub(crate) fn terms(
        &self,
        expiry: u32,
        strike: u64,
        kind: OptionKind,
    ) -> Result<(Terms, u128), Revert> {
        let quoted = self.term(expiry)?;
        let mid = self.data.mid;
        let term = quoted.term(mid, self.now);
        let forward = term.map_err(|_| refusal::overflow())?.forward;
        let terms = Terms {
            kind,
            spot: mid,
            strike: strike_to_wad(strike),
            seconds: u64::from(expiry).saturating_sub(self.now),
            volatility: quoted.volatility(forward, strike),
            carry: quoted.carry,
            rate: quoted.rate,
        };
        Ok((terms, forward))
    }

    /// Value and sensitivities of an option. Errors: `MissingVolatility`, `Overflow`.
    pub(crate) fn priced(
        &self,
        expiry: u32,
        strike: u64,
        kind: OptionKind,
    ) -> Result<Priced, Revert> {
        let (terms, forward) = self.terms(expiry, strike, kind)?;
        let quotation = quote(&terms).map_err(|_| refusal::overflow())?;
        Ok(Priced {
            terms,
            forward,
            quotation,
        })
    }

    /// One contract of a leg; past its expiry its intrinsic value, which moves with the spot alone. Errors: as [`Self::priced`].
    fn of_leg(&self, leg: &Leg) -> Result<Quotation, Revert> {
        if u64::from(leg.expiry) > self.now {
            return Ok(self.priced(leg.expiry, leg.strike, leg.kind)?.quotation);
        }
        Quotation::expired(leg.kind, self.data.mid, strike_to_wad(leg.strike))
            .ok_or_else(refusal::overflow)
    }
}

impl ExpiryRisk {
    fn none(expiry: u32) -> Self {
        Self {
            expiry,
            held: Quotation::default(),
        }
    }

    /// In the types of the ABI.
    pub(crate) fn answer(&self) -> RiskAnswer {
        let Quotation {
            value,
            delta,
            gamma,
            vega,
            theta,
            rho,
            vanna,
            volga,
        } = self.held;
        let [value, delta, gamma, vega, theta, rho, vanna, volga] =
            [value, delta, gamma, vega, theta, rho, vanna, volga].map(signed);
        (
            self.expiry,
            value,
            delta,
            gamma,
            vega,
            theta,
            rho,
            vanna,
            volga,
        )
    }

    /// As the ABI has it.
    pub(crate) fn words(&self) -> [B256; 9] {
        let Quotation {
            value,
            delta,
            gamma,
            vega,
            theta,
            rho,
            vanna,
            volga,
        } = self.held;
        let [value, delta, gamma, vega, theta, rho, vanna, volga] =
            [value, delta, gamma, vega, theta, rho, vanna, volga].map(Word::word);
        let expiry = self.expiry.word();
        [expiry, value, delta, gamma, vega, theta, rho, vanna, volga]
    }
}

impl OptionPricer {
    /// Reads a series that has not expired. Errors: `BadSeries`, `SeriesExpired`.
    pub(crate) fn live_series(&self, id: U256) -> Result<Series, Revert> {
        let series = Series::from_id(&id.to_be_bytes()).map_err(|_| refusal::bad_series(id))?;
        if u64::from(series.expiry) <= self.now() {
            return Err(refusal::series_expired(id, series.expiry));
        }
        Ok(series)
    }

    /// The series and its market. Errors: `BadSeries`, `SeriesExpired`; those of factory and adapter.
    fn series_market(&self, id: U256) -> Result<(Series, Market), Revert> {
        let series = self.live_series(id)?;
        let encoded = self.market(self.feed(series.pool)?, &[series.expiry])?;
        Ok((series, Market::decode(&encoded, self.now())?))
    }

    /// Errors: `BadSeries`, `SeriesExpired`, `MissingVolatility`, `Overflow`; those of factory and adapter.
    pub(crate) fn price_series(&self, id: U256) -> Result<Priced, Revert> {
        let (series, market) = self.series_market(id)?;
        market.priced(series.expiry, series.strike, series.kind)
    }

    /// Forward, discount factor and volatility. Errors: as [`Self::price_series`].
    pub(crate) fn inputs(&self, id: U256) -> Result<[u128; 3], Revert> {
        let (series, market) = self.series_market(id)?;
        let (terms, _) = market.terms(series.expiry, series.strike, series.kind)?;
        let inputs = forward_inputs(&terms).map_err(|_| refusal::overflow())?;
        Ok([inputs.forward, inputs.discount, inputs.volatility])
    }

    /// Per expiry and in total. Errors: `BadLeg`, `MissingVolatility`, `Overflow`; those of factory and adapter.
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
            if u64::from(leg.expiry) > now && !live.contains(&leg.expiry) {
                live.push(leg.expiry);
            }
            legs.push(leg);
        }
        let encoded = self.market(self.feed(pool)?, &live)?;
        let market = Market::decode(&encoded, now)?;
        let mut expiries: Vec<ExpiryRisk> = Vec::new();
        let mut total = ExpiryRisk::none(0);
        for leg in &legs {
            let one = market.of_leg(leg)?;
            let known = expiries.iter().position(|risk| risk.expiry == leg.expiry);
            let at = known.unwrap_or_else(|| {
                expiries.push(ExpiryRisk::none(leg.expiry));
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
