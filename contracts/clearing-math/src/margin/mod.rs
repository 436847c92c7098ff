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

use expiry::{ExpiryGroup, SpotPoint, ln_multiple};
pub use profile::{
    MAX_SCENARIOS, NOVATION_DEFAULT, Parameter, ProfileError, RiskProfile, Scenario, VolatilityMove,
};

use crate::{
    WAD,
    black_scholes::{Deviation, PricingError},
    fixed::{mul_div_floor, mul_div_up},
    leg::Leg,
    magnitude::Magnitude,
};

/// Most legs of a portfolio.
pub const MAX_LEGS: usize = 128;
/// Scenarios and the two basis moves.
const MOVES: usize = MAX_SCENARIOS + 2;

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
    let moves = Moves::of(profile)?;
    let at_mid = moves.reprice(market, legs, base, &mid, Side::Both)?;
    let (span, worst_scenario) = at_mid.span(profile)?;
    let mark = at_mid.mark.checked_add(cash).ok_or(MarginError::Overflow)?;
    let mut initial = at_mid.initial(profile, span, base, &mid)?;
    for (edge, side) in [(market.low, Side::Falls), (market.high, Side::Rises)] {
        if edge == market.mid {
            continue;
        }
        let spot = mid.moved_to(edge);
        let at_edge = moves.reprice(market, legs, base, &spot, side)?;
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
    let mut total = mul_base(base, mid.price).and_then(|value| value.checked_add(cash));
    for expiry in expiries(legs) {
        let group = ExpiryGroup::collect(legs, expiry, market.now, market.rate, &mid)?;
        let deviation =
            volatility(market, &group, expiry)?.map(|volatility| group.deviation(volatility));
        let value = group.value(&mid, deviation.as_ref());
        total = total
            .zip(value)
            .and_then(|(total, value)| total.checked_add(value));
    }
    total.ok_or(MarginError::Overflow)
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
    let moves = Moves::of(profile)?;
    *changes = moves.reprice(market, legs, base, &mid, Side::Both)?.changes;
    Ok(profile.scenarios.len().wrapping_add(2))
}

/// What rounding can add up to in any result, WAD quote units, for legs and base worth `gross` at the highest scenario
/// (sum of absolute values): two units a leg and 2^-56 of the gross value.
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

/// The distinct expiries of `legs`, in order of first appearance.
fn expiries(legs: &[Leg]) -> impl Iterator<Item = u32> {
    legs.iter().enumerate().filter_map(|(index, leg)| {
        let earlier = legs
            .iter()
            .take(index)
            .any(|other| other.expiry == leg.expiry);
        (!earlier).then_some(leg.expiry)
    })
}

/// Volatility of the group, `None` once it has expired.
fn volatility(
    market: &MarketData,
    group: &ExpiryGroup,
    expiry: u32,
) -> Result<Option<u64>, MarginError> {
    if group.has_expired() {
        return Ok(None);
    }
    let found = market.volatilities.iter().find(|(of, _)| *of == expiry);
    found
        .map(|&(_, volatility)| Some(volatility))
        .ok_or(MarginError::MissingVolatility(expiry))
}

/// Value of the base asset, WAD quote units, rounded down.
fn mul_base(base: u128, price: u128) -> Option<i128> {
    mul_div_floor(i128::try_from(base).ok()?, price, WAD)
}

/// Which scenarios count: a price that may be too high is tried against falls, one that may be too low against rises.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Both,
    Falls,
    Rises,
}

impl Side {
    const fn counts(self, multiple: u64) -> bool {
        match self {
            Self::Both => true,
            Self::Falls => multiple <= WAD as u64,
            Self::Rises => multiple >= WAD as u64,
        }
    }
}

/// The moves of a profile with the logarithms of their multiples: every scenario, then basis up and down.
struct Moves<'a> {
    profile: &'a RiskProfile<'a>,
    logarithms: [i64; MOVES],
}

/// The portfolio around one spot.
struct Repriced {
    /// Options and base asset at the spot, WAD quote units.
    mark: i128,
    /// Change under each move, before damping.
    changes: [i128; MOVES],
    /// Net short contracts, 1e-18.
    net_short: u128,
    side: Side,
}

impl<'a> Moves<'a> {
    fn of(profile: &'a RiskProfile<'a>) -> Result<Self, MarginError> {
        let given = profile.scenarios.len();
        if given == 0 || given > MAX_SCENARIOS {
            return Err(MarginError::ScenarioCount {
                given,
                allowed: MAX_SCENARIOS,
            });
        }
        let mut moves = Self {
            profile,
            logarithms: [0; MOVES],
        };
        // Neighbours mostly share their multiple.
        let mut last = (0_u64, 0_i64);
        for (index, logarithm) in moves.logarithms.iter_mut().enumerate() {
            let Some(multiple) = Self::multiple(profile, index) else {
                break;
            };
            if multiple != last.0 {
                last = (multiple, ln_multiple(multiple));
            }
            *logarithm = last.1;
        }
        Ok(moves)
    }

    /// Spot multiple of a move.
    fn multiple(profile: &RiskProfile, index: usize) -> Option<u64> {
        let count = profile.scenarios.len();
        match index.checked_sub(count) {
            None => profile.scenarios.get(index).map(|scenario| scenario.spot),
            Some(0) => Some(profile.basis_up),
            Some(1) => Some(profile.basis_down),
            Some(_) => None,
        }
    }

    /// Values the portfolio at `spot` and under every move from there that `side` counts.
    fn reprice(
        &self,
        market: &MarketData,
        legs: &[Leg],
        base: u128,
        spot: &SpotPoint,
        side: Side,
    ) -> Result<Repriced, MarginError> {
        let mut repriced = Repriced {
            mark: 0,
            changes: [0; MOVES],
            net_short: 0,
            side,
        };
        let mut points = [*spot; MOVES];
        for (index, (point, logarithm)) in points.iter_mut().zip(self.logarithms).enumerate() {
            let Some(multiple) = Self::multiple(self.profile, index) else {
                break;
            };
            *point = spot
                .times(multiple, logarithm)
                .ok_or(MarginError::Overflow)?;
        }
        repriced
            .add_base(self.profile, base, spot, &points)
            .ok_or(MarginError::Overflow)?;
        let mid = SpotPoint::mid(market.mid);
        for expiry in expiries(legs) {
            let group = ExpiryGroup::collect(legs, expiry, market.now, market.rate, &mid)?;
            let deviations = volatility(market, &group, expiry)?
                .map(|volatility| group.deviations(self.profile, volatility));
            self.add_group(
                &mut repriced,
                &group,
                deviations.as_ref(),
                market.rate,
                spot,
                &points,
            )
            .ok_or(MarginError::Overflow)?;
        }
        Ok(repriced)
    }

    /// Adds one expiry to the mark and to every change. `None` on overflow.
    fn add_group(
        &self,
        repriced: &mut Repriced,
        group: &ExpiryGroup,
        deviations: Option<&[Deviation; 3]>,
        rate: i64,
        spot: &SpotPoint,
        points: &[SpotPoint; MOVES],
    ) -> Option<()> {
        let [unchanged, up, down] = match deviations {
            Some([unchanged, up, down]) => [Some(unchanged), Some(up), Some(down)],
            None => [None; 3],
        };
        let mark = group.value(spot, unchanged)?;
        repriced.mark = repriced.mark.checked_add(mark)?;
        repriced.net_short = repriced.net_short.checked_add(group.net_short()?)?;
        let discounts = group.static_discounts(self.profile, rate);
        let count = self.profile.scenarios.len();
        let (scenarios, basis) = repriced.changes.split_at_mut_checked(count)?;
        let (scenario_points, basis_points) = points.split_at_checked(count)?;
        for ((scenario, change), point) in self
            .profile
            .scenarios
            .iter()
            .zip(scenarios)
            .zip(scenario_points)
        {
            if !repriced.side.counts(scenario.spot) {
                continue;
            }
            let deviation = match scenario.volatility {
                VolatilityMove::Up => up,
                VolatilityMove::Unchanged => unchanged,
                VolatilityMove::Down => down,
            };
            let shocked = discounted(group.value(point, deviation)?, discounts)?;
            *change = change.checked_add(shocked.checked_sub(mark)?)?;
        }
        let share = u128::from(group.basis_share(self.profile));
        for (change, point) in basis.iter_mut().zip(basis_points).take(2) {
            let moved = group.value(point, unchanged)?.checked_sub(mark)?;
            *change = change.checked_add(mul_div_floor(moved, share, WAD)?)?;
        }
        Some(())
    }
}

/// A shocked value after the static discount: less if owned, more if owed.
fn discounted(value: i128, [owned, owed]: [Magnitude; 2]) -> Option<i128> {
    let rate = if value < 0 { owed } else { owned };
    let taken = Magnitude::from_u128(value.unsigned_abs())
        .times(rate)
        .to_u128()?;
    value.checked_sub_unsigned(taken)
}

impl Repriced {
    /// Adds the base asset, which moves with the spot but not with the basis. `None` on overflow.
    fn add_base(
        &mut self,
        profile: &RiskProfile,
        base: u128,
        spot: &SpotPoint,
        points: &[SpotPoint; MOVES],
    ) -> Option<()> {
        if base == 0 {
            return Some(());
        }
        let value = mul_base(base, spot.price)?;
        self.mark = self.mark.checked_add(value)?;
        for (change, point) in self
            .changes
            .iter_mut()
            .zip(points)
            .take(profile.scenarios.len())
        {
            *change = change.checked_add(mul_base(base, point.price)?.checked_sub(value)?)?;
        }
        Some(())
    }

    /// The worst damped change, at most zero, and the index of its move.
    fn span(&self, profile: &RiskProfile) -> Result<(i128, u32), MarginError> {
        let mut worst = (0_i128, 0_u32);
        let whole = WAD as u64;
        let undamped = [(whole, whole); 2];
        let dampings = profile
            .scenarios
            .iter()
            .map(|scenario| (scenario.spot, scenario.damping));
        for (index, (&change, (multiple, damping))) in
            (0_u32..).zip(self.changes.iter().zip(dampings.chain(undamped)))
        {
            // A damped change is above the change, so only worse changes need the product.
            if change >= worst.0 || !self.side.counts(multiple) {
                continue;
            }
            let damped = if damping == whole {
                change
            } else {
                mul_div_floor(change, u128::from(damping), WAD).ok_or(MarginError::Overflow)?
            };
            if damped < worst.0 {
                worst = (damped, index);
            }
        }
        Ok(worst)
    }

    /// Maintenance balance without cash, rounded down.
    fn maintenance(
        &self,
        profile: &RiskProfile,
        span: i128,
        spot: &SpotPoint,
    ) -> Result<i128, MarginError> {
        self.balance(profile.maintenance_factor, profile.naked_short, span, spot)
            .ok_or(MarginError::Overflow)
    }

    /// Initial balance without cash, rounded down.
    fn initial(
        &self,
        profile: &RiskProfile,
        span: i128,
        base: u128,
        spot: &SpotPoint,
    ) -> Result<i128, MarginError> {
        let naked_short = profile
            .naked_short
            .saturating_add(profile.naked_short_initial);
        self.balance(profile.initial_factor, naked_short, span, spot)
            .zip(mul_div_up(base, spot.price, WAD))
            .and_then(|(balance, value)| {
                let haircut = mul_div_up(value, u128::from(profile.base_haircut), WAD)?;
                balance.checked_sub_unsigned(haircut)
            })
            .ok_or(MarginError::Overflow)
    }

    /// `factor·span − naked shorts + mark`, rounded down.
    fn balance(&self, factor: u64, naked_short: u64, span: i128, spot: &SpotPoint) -> Option<i128> {
        let shorts = mul_div_up(self.net_short, spot.price, WAD)?;
        mul_div_floor(span, u128::from(factor), WAD)?
            .checked_add(self.mark)?
            .checked_sub_unsigned(mul_div_up(shorts, u128::from(naked_short), WAD)?)
    }
}
