//! What the programs of margin models share: reading the engine's request, writing the answer, naming what the mathematics refuses.
//!
//! The engine gathers - pool, profile, market data, the volatility of every leg - and a model calculates. Both together are more than one program may
//! hold, and so are all models: a program is one family of them.
#![no_std]

extern crate alloc;

use alloc::vec::Vec;

use alloy_primitives::B256;
use alloy_sol_types::{SolCall, SolError};
use clearing_math::leg::Leg;
use clearing_math::margin::{
    Linear, MAX_MOVES, MarginError, MarketData, Portfolio, Requirement, RiskProfile, Term,
};
use interfaces::IMarginEngine::{BadLeg, BandOutOfOrder, LegOverflow, MissingVolatility, Overflow};
use interfaces::IMarginModel::{UnknownModel, changesCall, requirementCall};
use interfaces::Revert;
use interfaces::words::{Word, Words, array, bytes, encode, halves};

/// A family of models. Either returns `None` for a profile that is not of the family.
pub trait Model {
    /// Reads a profile; one of another family may be refused.
    fn profile(bytes: &[u8]) -> Option<RiskProfile>;

    /// Balances of a portfolio.
    fn requirement(
        profile: &RiskProfile,
        market: &MarketData,
        portfolio: &Portfolio,
    ) -> Option<Result<Requirement, MarginError>>;

    /// Changes in every scenario, and how many there are.
    fn changes(
        profile: &RiskProfile,
        market: &MarketData,
        portfolio: &Portfolio,
        changes: &mut [i128; MAX_MOVES],
    ) -> Option<Result<usize, MarginError>>;
}

/// Runs the method of a selector on `input`, calldata without it; `None` when there is none.
///
/// # Errors
/// `UnknownModel`, and those of the engine that concern amounts, prices, legs and volatilities.
pub fn dispatch<M: Model>(selector: [u8; 4], input: &[u8]) -> Result<Option<Vec<u8>>, Revert> {
    let changes = match selector {
        requirementCall::SELECTOR => false,
        changesCall::SELECTOR => true,
        _ => return Ok(None),
    };
    let mut args = Words::new(input);
    let (profile, request) = (args.u128(), args.u128());
    args.end()?;
    let profile = bytes(input, profile)?;
    let profile = M::profile(profile).ok_or_else(unknown_model)?;
    let request = Request::read(array(input, request)?)?;
    let answer = if changes {
        encode(&[], &request.changes::<M>(&profile)?)
    } else {
        encode(&[], &request.requirement::<M>(&profile)?)
    };
    Ok(Some(answer))
}

/// The engine's request, read.
struct Request {
    now: u64,
    mid: u128,
    low: u128,
    high: u128,
    stable: u64,
    confidence: u64,
    cash: i128,
    base: u128,
    terms: Vec<Term>,
    legs: Vec<Leg>,
    volatilities: Vec<u64>,
    ceilings: Vec<u64>,
}

impl Request {
    fn read(mut words: Words<'_>) -> Result<Self, Revert> {
        let now = words.u64();
        let (mid, low, high) = (words.u128(), words.u128(), words.u128());
        let (stable, confidence) = (words.u64(), words.u64());
        let (cash, base) = (words.i128(), words.u128());
        // No list is longer than what is left, so that nothing is reserved in vain.
        let most = words.left() as u128;
        let (terms, legs) = (words.at_most(most), words.at_most(most));
        let terms = (0..terms)
            .map(|_| Term {
                expiry: words.u32(),
                forward: words.u128(),
                fixed: 0,
                rate: words.i64(),
                confidence: words.u64(),
            })
            .collect();
        let legs: Result<Vec<Leg>, Revert> = (0..legs)
            .map(|index| Leg::from_word(&words.word().0).map_err(|_| bad_leg(index)))
            .collect();
        let legs = legs?;
        let mut volatilities = Vec::with_capacity(legs.len());
        let mut ceilings = Vec::with_capacity(legs.len());
        let mut doubted = false;
        for _ in &legs {
            let (ceiling, volatility) = halves(words.word());
            // Above 64 bits neither is anything a model takes.
            let [ceiling, volatility] =
                [ceiling, volatility].map(|wide| u64::try_from(wide).unwrap_or(0));
            doubted |= ceiling != 0;
            volatilities.push(volatility);
            ceilings.push(ceiling);
        }
        if !doubted {
            ceilings.clear();
        }
        words.end()?;
        Ok(Self {
            now,
            mid,
            low,
            high,
            stable,
            confidence,
            cash,
            base,
            terms,
            legs,
            volatilities,
            ceilings,
        })
    }

    fn market(&self) -> MarketData<'_> {
        MarketData {
            now: self.now,
            mid: self.mid,
            low: self.low,
            high: self.high,
            stable: self.stable,
            confidence: self.confidence,
            terms: &self.terms,
        }
    }

    fn portfolio(&self) -> Portfolio<'_> {
        Portfolio {
            legs: &self.legs,
            volatilities: &self.volatilities,
            ceilings: &self.ceilings,
            cash: self.cash,
            base: self.base,
            linear: Linear::NONE,
        }
    }

    fn requirement<M: Model>(&self, profile: &RiskProfile) -> Result<[B256; 4], Revert> {
        let found = M::requirement(profile, &self.market(), &self.portfolio());
        let requirement = self.known(found)?;
        Ok([
            requirement.initial.word(),
            requirement.maintenance.word(),
            requirement.mark.word(),
            requirement.worst_scenario.word(),
        ])
    }

    fn changes<M: Model>(&self, profile: &RiskProfile) -> Result<Vec<B256>, Revert> {
        let mut changes = [0; MAX_MOVES];
        let found = M::changes(profile, &self.market(), &self.portfolio(), &mut changes);
        let count = self.known(found)?;
        let changes = changes.get(..count).unwrap_or_default();
        let mut words = Vec::with_capacity(count.saturating_add(2));
        words.extend([32_u32.word(), (changes.len() as u64).word()]);
        words.extend(changes.iter().map(|change| change.word()));
        Ok(words)
    }

    fn known<T>(&self, found: Option<Result<T, MarginError>>) -> Result<T, Revert> {
        found
            .ok_or_else(unknown_model)?
            .map_err(|error| self.refusal(error))
    }

    /// What the mathematics refuses, as the engine's error.
    #[cold]
    fn refusal(&self, error: MarginError) -> Revert {
        match error {
            MarginError::MissingTerm { leg } | MarginError::MissingVolatility { leg } => {
                let expiry = self.legs.get(leg as usize).map_or(0, |leg| leg.expiry);
                refuse(MissingVolatility::SELECTOR, &[expiry.word()])
            }
            MarginError::ZeroPrice | MarginError::BandOutOfOrder { .. } => refuse(
                BandOutOfOrder::SELECTOR,
                &[self.low.word(), self.mid.word(), self.high.word()],
            ),
            MarginError::ZeroStrike { leg } => bad_leg(leg.into()),
            MarginError::LegOverflow { leg } | MarginError::TimeTooLong { leg } => {
                refuse(LegOverflow::SELECTOR, &[leg.word()])
            }
            _ => refuse(Overflow::SELECTOR, &[]),
        }
    }
}

#[inline(never)]
fn refuse(selector: [u8; 4], words: &[B256]) -> Revert {
    Revert::from_callee(encode(&selector, words))
}

fn unknown_model() -> Revert {
    refuse(UnknownModel::SELECTOR, &[])
}

fn bad_leg(index: u128) -> Revert {
    refuse(BadLeg::SELECTOR, &[index.word()])
}
