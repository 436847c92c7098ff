//! What a portfolio is margined in, and what it consists of.

use crate::{
    elementary::exp,
    leg::Leg,
    magnitude::{Magnitude, Signed},
    margin::MarginError,
    tables::PER_WAD_YEAR,
};

/// What the market knows about one expiry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Term {
    /// Expiry, unix seconds.
    pub expiry: u32,
    /// Price of the underlying at expiry, WAD quote per underlying, at the median spot. Not zero.
    pub forward: u128,
    /// Part of the forward that no move of the spot changes, because the settlement price has averaged it already; WAD quote
    /// per underlying, at most `forward`.
    pub fixed: u128,
    /// Interest rate that discounts this expiry's payoffs, per year, WAD.
    pub rate: i64,
    /// How sure forward, rate and volatilities are, WAD: one is sure.
    pub confidence: u64,
}

/// The market a portfolio is margined in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MarketData<'a> {
    /// Time, unix seconds.
    pub now: u64,
    /// Median price, WAD quote per underlying.
    pub mid: u128,
    /// Lower end of the adverse band, `0 < low <= mid`.
    pub low: u128,
    /// Upper end of the adverse band, `mid <= high`.
    pub high: u128,
    /// Price of the settlement asset in quote units, WAD: one at par.
    pub stable: u64,
    /// How sure the price is, WAD: one is sure.
    pub confidence: u64,
    /// One per expiry, in any order. Legs that have expired need none: their forward is the price.
    pub terms: &'a [Term],
}

/// Contracts that move one to one with the underlying. What they are worth now is part of the cash.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Linear {
    /// Signed size, 1e-18 units of the underlying: long > 0.
    pub contracts: i128,
    /// What a scenario's multiple applies to, WAD quote per underlying; zero stands for the median price.
    pub price: u128,
    /// How sure that price is, WAD: one is sure.
    pub confidence: u64,
}

impl Linear {
    /// No such contracts.
    pub const NONE: Self = Self {
        contracts: 0,
        price: 0,
        confidence: crate::WAD as u64,
    };
}

/// What an account holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Portfolio<'a> {
    /// Options, in any order; a series may appear more than once.
    pub legs: &'a [Leg],
    /// Implied volatility of each leg, WAD per year. Zero is none, `u64::MAX` any that does not fit; that of an expired leg does not
    /// matter.
    pub volatilities: &'a [u64],
    /// What each leg's volatility might be as well, WAD per year, where the market is not sure: initial margin must also hold at
    /// the higher of the two. Empty when it is sure of all.
    pub ceilings: &'a [u64],
    /// Settlement asset, WAD quote units, negative when owed.
    pub cash: i128,
    /// Underlying held as collateral, 1e-18 units.
    pub base: u128,
    /// Delta-one contracts.
    pub linear: Linear,
}

/// `mid·e^(carry·T)`: the forward that a yearly carry (WAD) implies, rounded down; exactly `mid` without carry or time.
///
/// # Errors
/// [`MarginError::Overflow`] from 2^127 on.
#[inline(never)]
pub fn forward(mid: u128, carry: i64, seconds: u64) -> Result<u128, MarginError> {
    if carry == 0 || seconds == 0 {
        return Ok(mid);
    }
    let growth = Signed::from_i64(carry)
        .times(Magnitude::scaled(seconds, 0))
        .times(PER_WAD_YEAR);
    Magnitude::from_u128(mid)
        .times(exp(growth))
        .to_u128()
        .ok_or(MarginError::Overflow)
}
