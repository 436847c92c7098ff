//! A feed's market, ready to price in.

use alloc::vec::Vec;

use clearing_math::black_scholes::ForwardInputs;
use clearing_math::conditions::QuotedTerm;
use clearing_math::leg::{Leg, OptionKind};
use clearing_math::payoff::strike_to_wad;
use clearing_math::quotation::{Quotation, Terms, quote_with_inputs};
use clearing_math::surface::SmilePair;
use interfaces::Revert;
use interfaces::market_data::MarketData;
use lens_sources::refusal;

/// What an option is worth, and what it was valued from.
pub(crate) struct Priced {
    pub(crate) quotation: Quotation,
    pub(crate) inputs: ForwardInputs,
}

/// Market data with the smiles prepared.
pub(crate) struct Market {
    data: MarketData,
    smiles: Vec<SmilePair>,
    now: u64,
}

impl Market {
    /// Errors: empty when a smile is none.
    pub(crate) fn prepare(data: MarketData, now: u64) -> Result<Self, Revert> {
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

    /// One contract that has not expired. Errors: `MissingVolatility`, `Overflow`.
    pub(crate) fn priced(
        &self,
        expiry: u32,
        strike: u64,
        kind: OptionKind,
    ) -> Result<Priced, Revert> {
        let quoted = self.term(expiry)?;
        let spot = self.data.mid;
        let term = quoted.term(spot, self.now);
        let forward = term.map_err(|_| refusal::overflow())?.forward;
        let terms = Terms {
            kind,
            spot,
            strike: strike_to_wad(strike),
            seconds: u64::from(expiry).saturating_sub(self.now),
            volatility: quoted.volatility(forward, strike),
            carry: quoted.carry,
            rate: quoted.rate,
        };
        let (quotation, inputs) = quote_with_inputs(&terms).map_err(|_| refusal::overflow())?;
        Ok(Priced { quotation, inputs })
    }

    /// One contract of a leg; past its expiry its intrinsic value, which moves with the spot alone. Errors: as [`Self::priced`].
    pub(crate) fn of_leg(&self, leg: &Leg) -> Result<Quotation, Revert> {
        if u64::from(leg.expiry) > self.now {
            return Ok(self.priced(leg.expiry, leg.strike, leg.kind)?.quotation);
        }
        Quotation::expired(leg.kind, self.data.mid, strike_to_wad(leg.strike))
            .ok_or_else(refusal::overflow)
    }
}
