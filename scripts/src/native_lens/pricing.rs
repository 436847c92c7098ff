//! What series and portfolios are worth.

use clearing_math::black_scholes::{ForwardInputs, PricingError};
use clearing_math::implied_volatility::{ForwardQuote, implied_volatility_forward};
use clearing_math::leg::Leg;
use clearing_math::margin::MarginError;
use clearing_math::payoff::strike_to_wad;
use clearing_math::quotation::{Quotation, Terms, quote_with_inputs};

use crate::native_margin::Market;

/// Why something has no price.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PricingRefusal {
    /// The expiry has no volatility.
    #[error("no volatility for expiry {expiry}")]
    MissingVolatility {
        /// Unix seconds.
        expiry: u32,
    },
    /// The series has expired.
    #[error("expired at {expiry}")]
    Expired {
        /// Unix seconds.
        expiry: u32,
    },
    /// The forward does not fit.
    #[error("no forward: {0:?}")]
    Forward(MarginError),
    /// The terms lie outside of the domain of pricing.
    #[error("cannot be priced: {0:?}")]
    Pricing(PricingError),
    /// No volatility gives this price.
    #[error("no volatility gives the price {price}")]
    NoImpliedVolatility {
        /// WAD.
        price: u128,
    },
    /// A sum does not fit.
    #[error("a number does not fit")]
    Overflow,
}

/// One contract and what it was valued from.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Priced {
    /// Mark and sensitivities.
    pub quotation: Quotation,
    /// Forward, strike, discount factor, volatility.
    pub inputs: ForwardInputs,
}

/// One contract of a leg's series that has not expired; how many contracts the leg has is not looked at.
pub fn price(market: &Market, leg: &Leg) -> Result<Priced, PricingRefusal> {
    let expiry = leg.expiry;
    if u64::from(expiry) <= market.now {
        return Err(PricingRefusal::Expired { expiry });
    }
    let term = market
        .terms
        .iter()
        .find(|term| term.expiry == expiry && !term.smiles.is_empty())
        .ok_or(PricingRefusal::MissingVolatility { expiry })?;
    let quoted = term.quoted();
    let known = quoted.term(market.mid, market.now);
    let forward = known.map_err(PricingRefusal::Forward)?.forward;
    let terms = Terms {
        kind: leg.kind,
        spot: market.mid,
        strike: strike_to_wad(leg.strike),
        seconds: u64::from(expiry).saturating_sub(market.now),
        volatility: quoted.volatility(forward, leg.strike),
        carry: quoted.carry,
        rate: quoted.rate,
    };
    let (quotation, inputs) = quote_with_inputs(&terms).map_err(PricingRefusal::Pricing)?;
    Ok(Priced { quotation, inputs })
}

/// The volatility (WAD) at which one contract of a leg's series is worth `value` (WAD).
pub fn implied_volatility(market: &Market, leg: &Leg, value: u128) -> Result<u128, PricingRefusal> {
    let inputs = price(market, leg)?.inputs;
    let quote = ForwardQuote {
        kind: leg.kind,
        price: value,
        forward: inputs.forward,
        strike: inputs.strike,
        discount: inputs.discount,
        seconds: inputs.seconds,
    };
    let none = PricingRefusal::NoImpliedVolatility { price: value };
    implied_volatility_forward(&quote).map_err(|_| none)
}

/// Value and sensitivities of legs: per expiry, in the order they are first met, and in total. Expired legs count at their intrinsic value.
pub fn risk(
    market: &Market,
    legs: &[Leg],
) -> Result<(Vec<(u32, Quotation)>, Quotation), PricingRefusal> {
    let mut expiries: Vec<(u32, Quotation)> = Vec::new();
    let mut total = Quotation::default();
    for leg in legs {
        let one = if u64::from(leg.expiry) > market.now {
            price(market, leg)?.quotation
        } else {
            let strike = strike_to_wad(leg.strike);
            Quotation::expired(leg.kind, market.mid, strike).ok_or(PricingRefusal::Overflow)?
        };
        let sum = |held: &Quotation| {
            let sum = held.plus(leg.contracts, &one);
            sum.ok_or(PricingRefusal::Overflow)
        };
        total = sum(&total)?;
        match expiries
            .iter_mut()
            .find(|(expiry, _)| *expiry == leg.expiry)
        {
            Some((_, held)) => *held = sum(held)?,
            None => expiries.push((leg.expiry, sum(&Quotation::default())?)),
        }
    }
    Ok((expiries, total))
}
