//! Portfolio margin by repricing the whole portfolio in every scenario of a risk profile.
//!
//! With `V(S)` the value of the options at spot `S` (volatility unshocked), `V_j(S)` the value in scenario `j` after the
//! static discount, both with the base asset at its spot, and `d_j` the damping,
//!
//! `SPAN(S) = min(0, basis(S), min over j of d_j·(V_j(S) − V(S)))`,
//! `maintenance = mm·SPAN(mid) − naked shorts(mid) + V(mid) + cash`,
//! `initial = min over S in {mid, low, high} of im·SPAN(S) − naked shorts(S) − haircut(S) + V(S) + cash`,
//!
//! where at `low` only the scenarios that do not raise the spot count, at `high` only those that do not lower it. A price
//! one is not sure of is thus a price one might be wrong about in either direction: degraded data lowers initial margin
//! and cannot touch maintenance. (Subtracting the band's loss from `SPAN(mid)` would count the same fall twice, and
//! buying an option could then raise the requirement.)
//!
//! Properties, each tested over random portfolios, up to rounding of [`rounding_bound`]: another long leg never lowers
//! a balance; two portfolios together have at least the sum of their balances; `initial ≤ maintenance`; order and
//! splitting of legs do not matter; time is continuous up to and including expiry. They need the bounds of
//! [`RiskProfile::validate`].
//!
//! Not here yet: skew scenarios, stablecoin de-peg, published forwards (the forward is `S·e^(rT)`).

mod expiry;
mod profile;
mod repricing;

use expiry::SpotPoint;
pub use profile::{
    MAX_SCENARIOS, NOVATION_DEFAULT, Parameter, ProfileError, RiskProfile, Scenario, VolatilityMove,
};

use repricing::{Side, reprice};

use crate::{black_scholes::PricingError, leg::Leg};

/// Most legs of a portfolio.
pub const MAX_LEGS: usize = 128;

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
    /// Volatility of each expiry, WAD.
    pub volatilities: &'a [(u32, u64)],
    /// Interest rate per year, WAD.
    pub rate: i64,
}

/// What a portfolio must satisfy, WAD quote units.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Requirement {
    /// Initial margin balance: risk may be taken while it is not negative.
    pub initial: i128,
    /// Maintenance margin balance: the account is healthy while it is not negative.
    pub maintenance: i128,
    /// Value at the median: options, cash and base asset, without any haircut.
    pub mark: i128,
    /// Index of the worst scenario at the median; the number of scenarios stands for the upward basis move, one more
    /// for the downward one.
    pub worst_scenario: u32,
}

/// Why a portfolio has no margin.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MarginError {
    /// The median price is zero.
    ZeroPrice,
    /// Not `0 < low <= mid <= high`.
    BandOutOfOrder {
        /// Lower end given.
        low: u128,
        /// Median given.
        mid: u128,
        /// Upper end given.
        high: u128,
    },
    /// More legs than [`MAX_LEGS`].
    TooManyLegs {
        /// Legs given.
        given: usize,
        /// Most allowed.
        allowed: usize,
    },
    /// The profile has no scenario, or more than [`MAX_SCENARIOS`].
    ScenarioCount {
        /// Scenarios given.
        given: usize,
        /// Most allowed.
        allowed: usize,
    },
    /// A leg's strike is zero.
    ZeroStrike,
    /// No volatility was given for this unexpired expiry.
    MissingVolatility(u32),
    /// An expiry cannot be priced.
    Pricing(PricingError),
    /// A value does not fit.
    Overflow,
}

impl From<PricingError> for MarginError {
    fn from(error: PricingError) -> Self {
        Self::Pricing(error)
    }
}

/// Margin balances of a portfolio. `cash` WAD quote units, may be negative; `base` WAD units of the underlying held as
/// collateral. All results are rounded against the account.
///
/// # Errors
/// [`MarginError`]; no input panics or wraps.
pub fn margin(
    profile: &RiskProfile,
    market: &MarketData,
    legs: &[Leg],
    cash: i128,
    base: u128,
) -> Result<Requirement, MarginError> {
    let mid = check(market, legs)?;
    let at_mid = reprice(profile, market, legs, base, &mid, Side::Both)?;
    let (span, worst_scenario) = at_mid.span(profile)?;
    let mark = at_mid.mark.checked_add(cash).ok_or(MarginError::Overflow)?;
    let mut initial = at_mid.initial(profile, span, base, &mid)?;
    for (edge, side) in [(market.low, Side::Falls), (market.high, Side::Rises)] {
        if edge == market.mid {
            continue;
        }
        let spot = mid.moved_to(edge);
        let at_edge = reprice(profile, market, legs, base, &spot, side)?;
        let (span, _) = at_edge.span(profile)?;
        initial = initial.min(at_edge.initial(profile, span, base, &spot)?);
    }
    Ok(Requirement {
        initial: initial.checked_add(cash).ok_or(MarginError::Overflow)?,
        maintenance: at_mid
            .maintenance(profile, span, &mid)?
            .checked_add(cash)
            .ok_or(MarginError::Overflow)?,
        mark,
        worst_scenario,
    })
}

/// Value of a portfolio at the median: options, cash and base asset. Rounded down.
///
/// # Errors
/// [`MarginError`]; no input panics or wraps.
pub fn mark(
    market: &MarketData,
    legs: &[Leg],
    cash: i128,
    base: u128,
) -> Result<i128, MarginError> {
    let mid = check(market, legs)?;
    repricing::mark(market, legs, base, &mid)?
        .checked_add(cash)
        .ok_or(MarginError::Overflow)
}

/// Change of value in every scenario at the median, before damping, WAD quote units, in the order of the profile; then
/// the upward and the downward basis move. Returns how many entries of `changes` were written.
///
/// # Errors
/// [`MarginError`]; no input panics or wraps.
pub fn scenario_changes(
    profile: &RiskProfile,
    market: &MarketData,
    legs: &[Leg],
    base: u128,
    changes: &mut [i128; MAX_SCENARIOS + 2],
) -> Result<usize, MarginError> {
    let mid = check(market, legs)?;
    *changes = reprice(profile, market, legs, base, &mid, Side::Both)?.changes;
    Ok(profile.scenarios.len().wrapping_add(2))
}

/// What rounding can add up to in any result, WAD quote units, for legs and base worth `gross` at the highest scenario
/// (sum of absolute values): eight units a leg, sixteen in all, and 2^-56 of the gross value.
#[must_use]
pub const fn rounding_bound(legs: usize, gross: u128) -> u128 {
    (gross >> 56)
        .saturating_add((legs as u128).saturating_mul(8))
        .saturating_add(16)
}

/// Refuses a market or a portfolio that has no margin.
fn check(market: &MarketData, legs: &[Leg]) -> Result<SpotPoint, MarginError> {
    let MarketData { low, mid, high, .. } = *market;
    if mid == 0 {
        return Err(MarginError::ZeroPrice);
    }
    if low == 0 || low > mid || mid > high {
        return Err(MarginError::BandOutOfOrder { low, mid, high });
    }
    if legs.len() > MAX_LEGS {
        return Err(MarginError::TooManyLegs {
            given: legs.len(),
            allowed: MAX_LEGS,
        });
    }
    Ok(SpotPoint::mid(mid))
}
