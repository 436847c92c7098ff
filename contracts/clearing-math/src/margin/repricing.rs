//! One spot, every move: the portfolio revalued, and the margin balance that follows.

use crate::{
    WAD,
    fixed::{mul_div_floor, mul_div_up},
    leg::{Leg, OptionKind},
    magnitude::Magnitude,
    margin::{
        MAX_SCENARIOS, MarginError, MarketData,
        expiry::{Deviations, Expiry, PreparedLeg, SpotPoint, Sum},
        profile::{RiskProfile, VolatilityMove},
    },
};

const ONE: u64 = WAD as u64;
/// Scenarios and the two basis moves.
const MOVES: usize = MAX_SCENARIOS + 2;
/// The same, after staying put.
const STEPS: usize = MOVES + 1;

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

/// Volatility of an expiry, `None` once it has passed.
fn volatility(market: &MarketData, expiry: u32, seen: &Expiry) -> Result<Option<u64>, MarginError> {
    if seen.seconds == 0 {
        return Ok(None);
    }
    let found = market.volatilities.iter().find(|(of, _)| *of == expiry);
    found
        .map(|&(_, volatility)| Some(volatility))
        .ok_or(MarginError::MissingVolatility(expiry))
}

/// Value of options and base asset at the median, WAD quote units, rounded down.
pub(super) fn mark(
    market: &MarketData,
    legs: &[Leg],
    base: u128,
    mid: &SpotPoint,
) -> Result<i128, MarginError> {
    let mut total = value_of_base(base, mid.price);
    for expiry in expiries(legs) {
        let seen = Expiry::at(expiry, market.now, market.rate)?;
        let deviations = Deviations::unshocked(&seen, volatility(market, expiry, &seen)?);
        let mut sums = [Sum::ZERO];
        sum_expiry(
            legs,
            expiry,
            &seen,
            mid,
            mid.magnitude,
            &deviations,
            &[Move::none(*mid)],
            &mut sums,
        )?;
        let [sum] = sums;
        total = total
            .zip(sum.value(mid))
            .and_then(|(total, value)| total.checked_add(value));
    }
    total.ok_or(MarginError::Overflow)
}

/// Adds the legs of one expiry to one sum per step, and returns how many contracts (1e-18) are short after netting calls
/// with calls and puts with puts. `highest` bounds the spots of the steps.
#[inline(never)]
#[allow(
    clippy::too_many_arguments,
    reason = "the one place where all of a valuation meets"
)]
fn sum_expiry(
    legs: &[Leg],
    expiry: u32,
    seen: &Expiry,
    mid: &SpotPoint,
    highest: Magnitude,
    deviations: &Deviations,
    steps: &[Move],
    sums: &mut [Sum],
) -> Result<u128, MarginError> {
    let (mut calls, mut puts) = (0_i128, 0_i128);
    for leg in legs.iter().filter(|leg| leg.expiry == expiry) {
        let prepared = PreparedLeg::new(leg, &seen.tenor, mid, highest)?;
        // Below 2^117 each once prepared.
        let net = if leg.kind == OptionKind::Call {
            &mut calls
        } else {
            &mut puts
        };
        *net = net.wrapping_add(leg.contracts);
        add_leg(sums, &prepared, deviations, steps);
    }
    Ok(calls
        .min(0)
        .unsigned_abs()
        .wrapping_add(puts.min(0).unsigned_abs()))
}

/// Adds a leg at every step: the loop a margin call spends its gas in.
#[inline(never)]
fn add_leg(sums: &mut [Sum], leg: &PreparedLeg, deviations: &Deviations, steps: &[Move]) {
    for (step, sum) in steps.iter().zip(sums) {
        sum.add(leg, &step.spot, deviations.under(step.volatility));
    }
}

/// Value of the base asset, WAD quote units, rounded down.
fn value_of_base(base: u128, price: u128) -> Option<i128> {
    mul_div_floor(i128::try_from(base).ok()?, price, WAD)
}

/// Which scenarios count: a price that may be too high is tried against falls, one that may be too low against rises.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Both,
    Falls,
    Rises,
}

impl Side {
    const fn counts(self, multiple: u64) -> bool {
        match self {
            Self::Both => true,
            Self::Falls => multiple <= ONE,
            Self::Rises => multiple >= ONE,
        }
    }
}

/// One move from a spot.
#[derive(Clone, Copy)]
struct Move {
    /// Where it leads.
    spot: SpotPoint,
    volatility: VolatilityMove,
    /// Which of the profile's moves it is.
    index: usize,
}

impl Move {
    /// Staying where one is.
    const fn none(spot: SpotPoint) -> Self {
        Self {
            spot,
            volatility: VolatilityMove::Unchanged,
            index: MOVES,
        }
    }
}

/// Staying at one spot, then moving from there.
struct Grid {
    steps: [Move; STEPS],
    count: usize,
}

impl Grid {
    /// `spot`, the moves from it that `side` counts, and the highest spot among them.
    #[inline(never)]
    fn around(
        spot: &SpotPoint,
        profile: &RiskProfile,
        side: Side,
    ) -> Result<(Self, Magnitude), MarginError> {
        let given = profile.scenarios.len();
        if given == 0 || given > MAX_SCENARIOS {
            return Err(MarginError::ScenarioCount {
                given,
                allowed: MAX_SCENARIOS,
            });
        }
        let mut grid = Self {
            steps: [Move::none(*spot); STEPS],
            count: 1,
        };
        let mut highest = spot.magnitude;
        let scenarios = profile.scenarios.iter().map(|s| (s.spot, s.volatility));
        let basis = [profile.basis_up, profile.basis_down]
            .map(|multiple| (multiple, VolatilityMove::Unchanged));
        // Neighbours mostly share their multiple, and with it the spot.
        let mut last = (ONE, *spot);
        for (index, (multiple, volatility)) in scenarios.chain(basis).enumerate() {
            if !side.counts(multiple) {
                continue;
            }
            if multiple != last.0 {
                last = (multiple, spot.times(multiple).ok_or(MarginError::Overflow)?);
            }
            let (_, spot) = last;
            if highest.is_below(spot.magnitude) {
                highest = spot.magnitude;
            }
            if let Some(slot) = grid.steps.get_mut(grid.count) {
                *slot = Move {
                    spot,
                    volatility,
                    index,
                };
                grid.count = grid.count.wrapping_add(1);
            }
        }
        Ok((grid, highest))
    }

    fn steps(&self) -> &[Move] {
        self.steps.get(..self.count).unwrap_or(&[])
    }

    fn moves(&self) -> &[Move] {
        self.steps.get(1..self.count).unwrap_or(&[])
    }
}

/// The portfolio around one spot. Moves that do not count change nothing.
pub(super) struct Repriced {
    /// Options and base asset at the spot, WAD quote units.
    pub(super) mark: i128,
    /// Change under each move, before damping.
    pub(super) changes: [i128; MOVES],
    /// Net short contracts, 1e-18.
    net_short: u128,
}

/// Values the portfolio at `spot` and under every move from there that `side` counts.
#[inline(never)]
pub(super) fn reprice(
    profile: &RiskProfile,
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
    };
    let (grid, highest) = Grid::around(spot, profile, side)?;
    let count = profile.scenarios.len();
    repriced
        .add_base(base, spot, grid.moves(), count)
        .ok_or(MarginError::Overflow)?;
    let mid = SpotPoint::mid(market.mid);
    for expiry in expiries(legs) {
        let seen = Expiry::at(expiry, market.now, market.rate)?;
        let deviations = seen.deviations(profile, volatility(market, expiry, &seen)?);
        let mut sums = [Sum::ZERO; STEPS];
        let steps = grid.steps();
        let short = sum_expiry(
            legs,
            expiry,
            &seen,
            &mid,
            highest,
            &deviations,
            steps,
            &mut sums,
        )?;
        repriced.net_short = repriced.net_short.wrapping_add(short);
        close_expiry(profile, &mut repriced, &seen, market.rate, &sums, &grid)
            .ok_or(MarginError::Overflow)?;
    }
    Ok(repriced)
}

/// Adds the sums of one expiry, staying put first, to the portfolio. `None` on overflow.
#[inline(never)]
fn close_expiry(
    profile: &RiskProfile,
    repriced: &mut Repriced,
    seen: &Expiry,
    rate: i64,
    sums: &[Sum; STEPS],
    grid: &Grid,
) -> Option<()> {
    let [unmoved, moved @ ..] = sums;
    let [stay, ..] = &grid.steps;
    let mark = unmoved.value(&stay.spot)?;
    repriced.mark = repriced.mark.checked_add(mark)?;
    let discounts = seen.static_discounts(profile, rate);
    let share = u128::from(seen.basis_share(profile));
    for (step, sum) in grid.moves().iter().zip(moved) {
        let value = sum.value(&step.spot)?;
        let difference = if step.index < profile.scenarios.len() {
            discounted(value, discounts)?.checked_sub(mark)?
        } else {
            mul_div_floor(value.checked_sub(mark)?, share, WAD)?
        };
        let change = repriced.changes.get_mut(step.index)?;
        *change = change.checked_add(difference)?;
    }
    Some(())
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
        base: u128,
        spot: &SpotPoint,
        moves: &[Move],
        scenarios: usize,
    ) -> Option<()> {
        if base == 0 {
            return Some(());
        }
        let value = value_of_base(base, spot.price)?;
        self.mark = self.mark.checked_add(value)?;
        for step in moves.iter().filter(|step| step.index < scenarios) {
            let change = value_of_base(base, step.spot.price)?.checked_sub(value)?;
            *self.changes.get_mut(step.index)? = change;
        }
        Some(())
    }

    /// The worst damped change, at most zero, and the index of its move.
    pub(super) fn span(&self, profile: &RiskProfile) -> Result<(i128, u32), MarginError> {
        let mut worst = (0_i128, 0_u32);
        let dampings = profile
            .scenarios
            .iter()
            .map(|scenario| scenario.damping)
            .chain([ONE; 2]);
        for (index, (&change, damping)) in (0_u32..).zip(self.changes.iter().zip(dampings)) {
            // A damped change is above the change, so only worse changes need the product.
            if change >= worst.0 {
                continue;
            }
            let damped = if damping == ONE {
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
    pub(super) fn maintenance(
        &self,
        profile: &RiskProfile,
        span: i128,
        spot: &SpotPoint,
    ) -> Result<i128, MarginError> {
        self.balance(profile.maintenance_factor, profile.naked_short, span, spot)
            .ok_or(MarginError::Overflow)
    }

    /// Initial balance without cash, rounded down.
    pub(super) fn initial(
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
