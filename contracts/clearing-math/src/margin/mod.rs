//! Portfolio margin by repricing the whole portfolio in every scenario of a risk profile.
//!
//! With `V(S)` the value of the options at spot `S` (volatility unshocked), `V_j(S)` the value in scenario `j` after the
//! static discounts, both with the base asset at its spot, and `d_j` the damping,
//!
//! `SPAN(S) = min(0, basis(S), min over j of d_j·(V_j(S) − V(S)))`,
//! `maintenance = mm·SPAN(mid) − charges(mid) + V(mid) + cash`,
//! `initial = min over S in {mid, low, high} of im·SPAN(S) − charges(S) − initial charges(S) + V(S) + cash`,
//!
//! where at `low` only the scenarios that do not raise the spot count, at `high` only those that do not lower it. A price
//! one is not sure of is thus a price one might be wrong about in either direction: degraded data lowers initial margin
//! and cannot touch maintenance. (Subtracting the band's loss from `SPAN(mid)` would count the same fall twice, and
//! buying an option could then raise the requirement.) Volatilities with a ceiling are treated alike: initial margin must also
//! hold at each of the three prices with every volatility that is below its ceiling at it.
//!
//! Charges are those of [`Contingencies`]; the formulas of shocks, skews, discounts and basis stand at [`VolatilityShocks`],
//! [`SkewShocks`], [`StaticDiscounts`] and [`Basis`]. Options are priced by Black-76 on the forward of their [`Term`]; a
//! spot's multiple is one of the forward, except of the part of it that is fixed.
//!
//! Properties, each tested over random portfolios, markets and profiles, up to rounding of [`rounding_bound`]: `initial ≤ maintenance`;
//! degraded data lower initial margin only; order and splitting of legs do not matter; requirements are continuous in time (up to and
//! including expiry), spot and volatility. They need the bounds of [`ScenarioProfile::validate`]. That another long leg never lowers a
//! balance, that two portfolios together have at least the sum of their balances, and that doubt and de-peg make no steps holds for
//! profiles whose [`RiskProfile::guarantees`] say so: the default has all, some published profiles do not.
//!
//! What a near expiry gains in a scenario counts in full until it expires: hedges are not phased out. A calendar spread's requirement thus
//! rises at once when its bought leg is settled, to that of the sold one alone. (Weighting single longs would break the second property;
//! weighting the gain of a whole expiry, `min(change, w(T)·change)`, would keep all, and is not built.)

mod balance;
mod bounds;
pub mod codec;
mod error;
mod expiry;
mod grid;
mod guarantees;
mod market;
mod presets;
mod profile;
mod published;
mod repricing;
mod valuation;

pub use bounds::{Parameter, ProfileError, SKEW_COUNT};
pub use codec::{CodecError, MAX_PROFILE_BYTES, SCENARIO_REPRICE};
pub use error::MarginError;
use grid::Side;
pub use guarantees::{ALL_GUARANTEES, LONGS_HARMLESS, NO_STEPS, TOGETHER_NO_MORE};
pub use market::{Linear, MarketData, Portfolio, Term, forward};
pub use presets::{DERIBIT_STYLE, FULL_COLLATERAL, NOVATION_DEFAULT, STANDARD_STYLE};
pub use profile::{
    Basis, BasisRule, Charge, Contingencies, Discount, DoubtRule, MAX_MOVES, MAX_SCENARIOS,
    MAX_SKEWS, NakedShortRule, RiskProfile, Scenario, ScenarioProfile, Scenarios, SkewCounting,
    SkewShocks, StaticDiscounts, VolatilityMove, VolatilityShocks,
};
pub use published::{PMRM, PMRM_2};
use repricing::{Scene, reprice};

use crate::maximum_loss;

/// Most legs of a portfolio.
pub const MAX_LEGS: usize = 128;
/// Most expiries among the legs an account may hold: twice as many as a publisher has smiles of. Each costs the words of its term and two smiles of every
/// publisher, so that this decides what the largest portfolio costs more than its legs do. The kernel's limit; here any number goes.
pub const MAX_EXPIRIES: usize = 32;

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

/// Margin balances of a portfolio, rounded against the account.
///
/// # Errors
/// [`MarginError`]; no input panics or wraps.
pub fn margin(
    profile: &RiskProfile,
    market: &MarketData,
    portfolio: &Portfolio,
) -> Result<Requirement, MarginError> {
    check(market, portfolio)?;
    match profile {
        RiskProfile::ScenarioReprice(profile) => scenario_margin(profile, market, portfolio),
        RiskProfile::Percentages(percentages) => percentages.margin(market, portfolio),
        RiskProfile::MaximumLoss => maximum_loss::margin(market, portfolio),
    }
}

impl ScenarioProfile {
    /// [`margin`] of a profile that is known to be of scenarios: a program that calls this contains no other model.
    ///
    /// # Errors
    /// [`MarginError`]; no input panics or wraps.
    pub fn margin(
        &self,
        market: &MarketData,
        portfolio: &Portfolio,
    ) -> Result<Requirement, MarginError> {
        check(market, portfolio)?;
        scenario_margin(self, market, portfolio)
    }

    /// [`scenario_changes`] of a profile that is known to be of scenarios.
    ///
    /// # Errors
    /// [`MarginError`]; no input panics or wraps.
    pub fn changes(
        &self,
        market: &MarketData,
        portfolio: &Portfolio,
        changes: &mut [i128; MAX_MOVES],
    ) -> Result<usize, MarginError> {
        check(market, portfolio)?;
        let scene = Scene {
            market,
            portfolio,
            at_ceilings: false,
        };
        *changes = reprice(self, &scene, market.mid, Side::Both)?.changes;
        Ok(self.scenarios.as_slice().len().wrapping_add(2))
    }
}

fn scenario_margin(
    profile: &ScenarioProfile,
    market: &MarketData,
    portfolio: &Portfolio,
) -> Result<Requirement, MarginError> {
    let MarketData { low, mid, high, .. } = *market;
    let scene = Scene {
        market,
        portfolio,
        at_ceilings: false,
    };
    let raised = Scene {
        at_ceilings: true,
        ..scene
    };
    let balances = |scene, price, side| {
        let repriced = reprice(profile, scene, price, side)?;
        let (span, worst) = repriced.span(profile)?;
        let [initial, maintenance] = repriced.balances(profile, market, portfolio, span)?;
        Ok::<_, MarginError>((initial, maintenance, repriced.mark, worst))
    };
    let (mut initial, maintenance, mark, worst_scenario) = balances(&scene, mid, Side::Both)?;
    let volatilities = portfolio.volatilities.iter();
    let mut above = portfolio.ceilings.iter().zip(volatilities);
    let doubted = above.any(|(ceiling, volatility)| ceiling > volatility);
    // What a price and a volatility might be together: each edge of the band at both volatilities.
    for (at_ceilings, scene) in [(false, &scene), (true, &raised)] {
        let places = [
            (at_ceilings, mid, Side::Both),
            (low < mid, low, Side::Falls),
            (mid < high, high, Side::Rises),
        ];
        for (counts, price, side) in places {
            if counts && (doubted || !at_ceilings) {
                initial = initial.min(balances(scene, price, side)?.0);
            }
        }
    }
    let with_cash = |balance: i128| {
        balance
            .checked_add(portfolio.cash)
            .ok_or(MarginError::Overflow)
    };
    Ok(Requirement {
        initial: with_cash(initial)?,
        maintenance: with_cash(maintenance)?,
        mark: with_cash(mark)?,
        worst_scenario,
    })
}

/// Value of a portfolio at the median: options discounted at the market's rate, cash and base asset. Rounded down.
///
/// # Errors
/// [`MarginError`]; no input panics or wraps.
pub fn mark(market: &MarketData, portfolio: &Portfolio) -> Result<i128, MarginError> {
    check(market, portfolio)?;
    let scene = Scene {
        market,
        portfolio,
        at_ceilings: false,
    };
    repricing::mark(&scene)?
        .checked_add(portfolio.cash)
        .ok_or(MarginError::Overflow)
}

/// Change of value in every scenario at the median, before damping, WAD quote units, in the order of the profile; then
/// the upward and the downward basis move (or the sum of each expiry's worse one, and zero). Returns how many entries of
/// `changes` were written: none for a profile without scenarios.
///
/// # Errors
/// [`MarginError`]; no input panics or wraps.
pub fn scenario_changes(
    profile: &RiskProfile,
    market: &MarketData,
    portfolio: &Portfolio,
    changes: &mut [i128; MAX_MOVES],
) -> Result<usize, MarginError> {
    match profile {
        RiskProfile::ScenarioReprice(profile) => profile.changes(market, portfolio, changes),
        RiskProfile::Percentages(_) | RiskProfile::MaximumLoss => {
            check(market, portfolio).map(|()| 0)
        }
    }
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
#[inline(never)]
fn check(market: &MarketData, portfolio: &Portfolio) -> Result<(), MarginError> {
    let MarketData { low, mid, high, .. } = *market;
    if mid == 0 {
        return Err(MarginError::ZeroPrice);
    }
    if low == 0 || low > mid || mid > high {
        return Err(MarginError::BandOutOfOrder { low, mid, high });
    }
    let legs = portfolio.legs.len();
    if legs > MAX_LEGS {
        return Err(MarginError::TooManyLegs {
            given: legs,
            allowed: MAX_LEGS,
        });
    }
    let given = portfolio.volatilities.len();
    if given != legs {
        return Err(MarginError::VolatilityCount {
            given,
            expected: legs,
        });
    }
    let given = portfolio.ceilings.len();
    if given != 0 && given != legs {
        return Err(MarginError::CeilingCount {
            given,
            expected: legs,
        });
    }
    Ok(())
}
