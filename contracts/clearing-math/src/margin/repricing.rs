//! One price, every move: the portfolio revalued.

use crate::{
    leg::{Leg, OptionKind},
    magnitude::{Magnitude, Signed},
    margin::{
        MarginError, MarketData, Portfolio,
        expiry::{Expiry, Steps, of_wad, product_floor, scaled_down},
        grid::{Grid, MAX_POINTS, Place, Side},
        profile::{
            BasisRule, DoubtRule, MAX_MOVES, NakedShortRule, ScenarioProfile, SkewCounting,
            VolatilityMove,
        },
        valuation::{PreparedLeg, Sum, Widths, add_leg},
    },
    tables::PER_WAD,
};

const ONE: u64 = crate::WAD as u64;

/// What a portfolio is repriced by.
#[derive(Clone, Copy)]
pub(super) struct Scene<'a> {
    pub(super) market: &'a MarketData<'a>,
    pub(super) portfolio: &'a Portfolio<'a>,
    /// Whether volatilities are raised to their ceilings.
    pub(super) at_ceilings: bool,
}

/// The portfolio around one price. Moves that do not count change nothing.
pub(super) struct Repriced {
    /// The price, WAD quote per underlying.
    pub(super) price: u128,
    /// Options and base asset there, WAD quote units.
    pub(super) mark: i128,
    /// Change under each move, before damping; basis moves last.
    pub(super) changes: [i128; MAX_MOVES],
    /// Naked short contracts, 1e-18.
    pub(super) naked: u128,
    /// Contracts that doubt about the market charges, times that doubt, 1e-18.
    pub(super) doubted: u128,
}

/// The first leg of each expiry, with its index, in order of appearance.
fn expiries(legs: &[Leg]) -> impl Iterator<Item = (u32, &Leg)> {
    (0_u32..).zip(legs).filter(|(index, leg)| {
        let mut earlier = legs.iter().take(*index as usize);
        !earlier.any(|other| other.expiry == leg.expiry)
    })
}

/// Value of options and base asset at the median, WAD quote units, rounded down.
pub(super) fn mark(scene: &Scene) -> Result<i128, MarginError> {
    let mid = scene.market.mid;
    let grid = Grid::unmoved(mid, mid);
    let mut repriced = Repriced::new(scene, mid)?;
    for (index, leg) in expiries(scene.portfolio.legs) {
        let expiry = Expiry::of(leg, index, scene.market, true)?;
        let (sums, steps) = sum_expiry(scene, None, leg.expiry, &expiry, &grid, mid)?;
        repriced.add_mark(&sums, &steps)?;
    }
    Ok(repriced.mark)
}

/// Values the portfolio at `price` and under every move from there that `side` counts.
#[inline(never)]
pub(super) fn reprice(
    profile: &ScenarioProfile,
    scene: &Scene,
    price: u128,
    side: Side,
) -> Result<Repriced, MarginError> {
    let market = scene.market;
    let grid = Grid::around(price, market.mid, profile, side)?;
    let mut repriced = Repriced::new(scene, price)?;
    repriced
        .add_exposure(profile, scene.portfolio, &grid)
        .ok_or(MarginError::Overflow)?;
    for (index, leg) in expiries(scene.portfolio.legs) {
        let expiry = Expiry::of(leg, index, market, profile.discounts.at_market_rate)?;
        let (sums, steps) = sum_expiry(scene, Some(profile), leg.expiry, &expiry, &grid, price)?;
        let mark = repriced.add_mark(&sums, &steps)?;
        repriced
            .add_changes(profile, &expiry, mark, &sums, &steps, &grid)
            .ok_or(MarginError::Overflow)?;
        repriced.count(profile, scene, leg.expiry, &expiry)?;
    }
    repriced.count_linear(profile, scene)?;
    Ok(repriced)
}

/// The legs of one expiry at every point of `grid`.
#[inline(never)]
fn sum_expiry(
    scene: &Scene,
    profile: Option<&ScenarioProfile>,
    of: u32,
    expiry: &Expiry,
    grid: &Grid,
    price: u128,
) -> Result<([Sum; MAX_POINTS], Steps), MarginError> {
    let Portfolio {
        legs,
        volatilities,
        ceilings,
        ..
    } = *scene.portfolio;
    let steps = expiry
        .steps(grid, price, scene.market.mid)
        .ok_or(MarginError::Overflow)?;
    let count = grid.points().len();
    let list = steps.list.get(..count).unwrap_or(&[]);
    let mut highest = Magnitude::ZERO;
    for step in list {
        if highest.is_below(step.price) {
            highest = step.price;
        }
    }
    // Without time volatility does not matter.
    let shocks = profile
        .filter(|_| expiry.seconds != 0)
        .map(|profile| expiry.shocks(profile, grid.skewed));
    let mut sums = [Sum::ZERO; MAX_POINTS];
    let with_index = (0_u32..).zip(legs).zip(volatilities).enumerate();
    for (at, ((index, leg), &volatility)) in with_index {
        if leg.expiry != of {
            continue;
        }
        if volatility == 0 && expiry.seconds != 0 {
            return Err(MarginError::MissingVolatility { leg: index });
        }
        let volatility = match ceilings.get(at) {
            Some(&ceiling) if scene.at_ceilings => volatility.max(ceiling),
            _ => volatility,
        };
        let prepared = PreparedLeg::new(leg, index, expiry, highest)?;
        let widths = Widths::new(
            expiry,
            shocks.as_ref(),
            // What does not fit has no limit: the option is worth all it can be.
            Magnitude::scaled(volatility, if volatility == u64::MAX { 64 } else { 0 }),
            prepared.log_moneyness,
        );
        add_leg(&mut sums, &prepared, &widths, list);
    }
    Ok((sums, steps))
}

impl Repriced {
    fn new(scene: &Scene, price: u128) -> Result<Self, MarginError> {
        let base = i128::try_from(scene.portfolio.base).ok();
        let mark = base.and_then(|base| product_floor(base, price));
        Ok(Self {
            price,
            mark: mark.ok_or(MarginError::Overflow)?,
            changes: [0; MAX_MOVES],
            naked: 0,
            doubted: 0,
        })
    }

    /// Adds what moves one to one with the spot, but not with the basis. `None` on overflow.
    fn add_exposure(
        &mut self,
        profile: &ScenarioProfile,
        portfolio: &Portfolio,
        grid: &Grid,
    ) -> Option<()> {
        let linear = portfolio.linear;
        let mut exposure = self.mark;
        if linear.contracts != 0 {
            let price = if linear.price == 0 {
                self.price
            } else {
                linear.price
            };
            exposure = exposure.checked_add(product_floor(linear.contracts, price)?)?;
        }
        if exposure == 0 {
            return Some(());
        }
        let scenarios = profile.scenarios.as_slice();
        for ((scenario, place), change) in scenarios.iter().zip(&grid.places).zip(&mut self.changes)
        {
            if place.point == MAX_POINTS {
                continue;
            }
            let by = Magnitude::scaled(scenario.spot.abs_diff(ONE), 0).times(PER_WAD);
            let signed = if scenario.spot < ONE {
                exposure.checked_neg()?
            } else {
                exposure
            };
            *change = scaled_down(signed, by)?;
        }
        Some(())
    }

    /// Adds the value of an expiry at the first point, and returns it.
    fn add_mark(&mut self, sums: &[Sum; MAX_POINTS], steps: &Steps) -> Result<i128, MarginError> {
        let [unmoved, ..] = sums;
        let value = unmoved.exact_value(steps.unmoved);
        let value = value.ok_or(MarginError::Overflow)?;
        self.mark = self.mark.checked_add(value).ok_or(MarginError::Overflow)?;
        Ok(value)
    }

    /// Adds the changes of an expiry worth `mark`. `None` on overflow.
    #[inline(never)]
    fn add_changes(
        &mut self,
        profile: &ScenarioProfile,
        expiry: &Expiry,
        mark: i128,
        sums: &[Sum; MAX_POINTS],
        steps: &Steps,
        grid: &Grid,
    ) -> Option<()> {
        let value_at = |point: usize| sums.get(point)?.value(steps.list.get(point)?.price);
        let [owned, owed] = expiry.static_discounts(&profile.discounts);
        let change_at = |point: usize| {
            let value = value_at(point)?;
            scaled_down(value, if value < 0 { owed } else { owned })?.checked_sub(mark)
        };
        let scenarios = profile.scenarios.as_slice();
        for ((scenario, place), change) in scenarios.iter().zip(&grid.places).zip(&mut self.changes)
        {
            let Place { point, other } = *place;
            if point == MAX_POINTS {
                continue;
            }
            let mut added = change_at(point)?;
            if scenario.volatility >= VolatilityMove::LinearSkew {
                added = match profile.skew.counting {
                    SkewCounting::Magnitude => added.checked_abs()?.checked_neg()?,
                    SkewCounting::BothWays => added.min(change_at(other)?),
                };
            }
            *change = change.checked_add(added)?;
        }
        let basis = &profile.basis;
        let per_year = Magnitude::scaled(basis.share_per_year, 0);
        let grown = Signed::positive(expiry.years.times(per_year));
        let share = grown.plus(Signed::positive(Magnitude::scaled(basis.share, 0)));
        let most = Magnitude::scaled(basis.most, 0);
        let share = if most.is_below(share.size) {
            most
        } else {
            share.size
        };
        // From 1e-12.
        let share = of_wad(share, 1_000_000);
        let mut worse = 0;
        let basis_places = grid.places.iter().skip(scenarios.len()).take(2);
        let basis_changes = self.changes.iter_mut().skip(scenarios.len());
        for (place, change) in basis_places.zip(basis_changes) {
            if place.point == MAX_POINTS {
                continue;
            }
            let added = scaled_down(value_at(place.point)?.checked_sub(mark)?, share)?;
            match basis.rule {
                BasisRule::Together => *change = change.checked_add(added)?,
                BasisRule::Apart => worse = added.min(worse),
            }
        }
        // The sum over the expiries of each one's worse way stands for both moves.
        let first = self.changes.get_mut(scenarios.len())?;
        *first = first.checked_add(worse)?;
        Some(())
    }

    /// Counts the contracts of an expiry that charges are taken on.
    #[inline(never)]
    fn count(
        &mut self,
        profile: &ScenarioProfile,
        scene: &Scene,
        of: u32,
        expiry: &Expiry,
    ) -> Result<(), MarginError> {
        let legs = scene.portfolio.legs;
        let rule = profile.contingencies.naked_rule;
        let doubt_rule = profile.contingencies.doubt_rule;
        let confidence = scene.confidence().min(expiry.confidence);
        let doubt = doubt(profile, confidence);
        // Contracts of a prepared leg are below 2^117.
        let of_expiry = |leg: &&Leg| leg.expiry == of;
        let (mut calls, mut puts, mut gross) = (0_i128, 0_i128, 0_u128);
        for leg in legs.iter().filter(of_expiry) {
            gross = gross.wrapping_add(leg.contracts.unsigned_abs());
            let net = if leg.kind == OptionKind::Call {
                &mut calls
            } else {
                &mut puts
            };
            *net = net.wrapping_add(leg.contracts);
        }
        let naked = match rule {
            NakedShortRule::PerKind => calls
                .min(0)
                .unsigned_abs()
                .wrapping_add(puts.min(0).unsigned_abs()),
            NakedShortRule::PerStrike => naked_per_strike(legs, of),
        };
        self.naked = self.naked.wrapping_add(naked);
        if doubt == 0 {
            return Ok(());
        }
        let counted = match doubt_rule {
            DoubtRule::Published => gross,
            DoubtRule::NakedShorts => naked,
        };
        self.add_doubted(counted, doubt)
    }

    /// Counts what doubt about the price charges besides options.
    fn count_linear(
        &mut self,
        profile: &ScenarioProfile,
        scene: &Scene,
    ) -> Result<(), MarginError> {
        let Portfolio { linear, base, .. } = *scene.portfolio;
        let certain = doubt(profile, scene.confidence());
        self.add_doubted(linear.contracts.unsigned_abs(), certain)?;
        if profile.contingencies.doubt_rule == DoubtRule::Published {
            self.add_doubted(base, doubt(profile, scene.market.confidence))?;
        }
        Ok(())
    }

    /// Adds `contracts·doubt`, rounded up.
    fn add_doubted(&mut self, contracts: u128, doubt: u64) -> Result<(), MarginError> {
        if contracts == 0 || doubt == 0 {
            return Ok(());
        }
        let added = crate::fixed::mul_up(contracts, doubt.into());
        let sum = added.and_then(|added| self.doubted.checked_add(added));
        self.doubted = sum.ok_or(MarginError::Overflow)?;
        Ok(())
    }
}

impl Scene<'_> {
    /// How sure the market is of what is not an expiry's own, WAD.
    fn confidence(&self) -> u64 {
        let linear = self.portfolio.linear;
        let price = self.market.confidence;
        if linear.contracts == 0 {
            price
        } else {
            price.min(linear.confidence)
        }
    }
}

/// Short contracts of an expiry, calls and puts of a strike net of each other.
#[inline(never)]
fn naked_per_strike(legs: &[Leg], of: u32) -> u128 {
    let mut naked = 0_u128;
    for (index, leg) in legs.iter().enumerate().filter(|(_, leg)| leg.expiry == of) {
        let same = |other: &&Leg| other.expiry == of && other.strike == leg.strike;
        if !legs.iter().take(index).any(|other| same(&other)) {
            let strike = legs.iter().skip(index).filter(same);
            let net = strike.fold(0_i128, |net, leg| net.wrapping_add(leg.contracts));
            naked = naked.wrapping_add(net.min(0).unsigned_abs());
        }
    }
    naked
}

/// What counts of a lack of confidence, WAD.
const fn doubt(profile: &ScenarioProfile, confidence: u64) -> u64 {
    let threshold = profile.contingencies.confidence_threshold;
    if confidence >= threshold {
        return 0;
    }
    match profile.contingencies.doubt_rule {
        DoubtRule::Published => ONE.saturating_sub(confidence),
        DoubtRule::NakedShorts => threshold.saturating_sub(confidence),
    }
}
