//! A risk profile: everything that turns a portfolio and a market into a margin requirement, as data.

use crate::percentage_margin::Percentages;

/// WAD as the type of a profile's numbers.
const ONE: u64 = crate::WAD as u64;
/// Most scenarios a profile may hold.
pub const MAX_SCENARIOS: usize = 40;
/// Most of them that may be skews, of which each is valued both ways.
pub const MAX_SKEWS: usize = 8;
/// Scenarios and the two basis moves.
pub const MAX_MOVES: usize = MAX_SCENARIOS + 2;

/// How a pool's accounts are margined.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "there is one of them, and nothing to keep it in but the stack"
)]
pub enum RiskProfile {
    /// The whole portfolio is repriced in every scenario.
    ScenarioReprice(ScenarioProfile),
    /// Each short option asks for percentages, each expiry for no more than its maximum loss.
    Percentages(Percentages),
    /// Full collateral: what can be lost at most, whatever the settlement prices, in cash and base asset together.
    MaximumLoss,
}

/// How a scenario moves volatility.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum VolatilityMove {
    /// Left alone.
    Unchanged,
    /// Raised by the upward shock.
    Up,
    /// Lowered by the downward shock.
    Down,
    /// Skewed: one wing up, the other down.
    LinearSkew,
    /// Skewed: both wings up.
    AbsoluteSkew,
}

/// One scenario.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Scenario {
    /// Factor on the spot, WAD.
    pub spot: u64,
    /// Move of every volatility.
    pub volatility: VolatilityMove,
    /// Factor on the change of value, WAD, at most one: far scenarios count in part.
    pub damping: u64,
}

impl Scenario {
    /// Nothing happens.
    pub const NONE: Self = Self {
        spot: ONE,
        volatility: VolatilityMove::Unchanged,
        damping: ONE,
    };
}

/// Up to [`MAX_SCENARIOS`] scenarios.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Scenarios {
    list: [Scenario; MAX_SCENARIOS],
    count: usize,
}

impl Scenarios {
    /// Holds `scenarios`; `None` if they are too many.
    #[must_use]
    pub fn new(scenarios: &[Scenario]) -> Option<Self> {
        let mut held = Self {
            list: [Scenario::NONE; MAX_SCENARIOS],
            count: scenarios.len(),
        };
        held.list
            .get_mut(..scenarios.len())?
            .copy_from_slice(scenarios);
        Some(held)
    }

    /// The first `count` of `list`, all of it if there are fewer.
    #[must_use]
    pub const fn first(count: usize, list: [Scenario; MAX_SCENARIOS]) -> Self {
        let count = if count > MAX_SCENARIOS {
            MAX_SCENARIOS
        } else {
            count
        };
        Self { list, count }
    }

    /// In their order.
    #[must_use]
    pub fn as_slice(&self) -> &[Scenario] {
        self.list.get(..self.count).unwrap_or(&[])
    }
}

/// Shocks of volatility. With `g = (30d / max(T, shortest))^p`, `p` the short power up to 30 days and the long one beyond:
/// `up: max(floor, σ·(1 + up·g))`, `down: σ·max(0, 1 − down·g)`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct VolatilityShocks {
    /// Upward shock at 30 days, WAD.
    pub up: u64,
    /// Downward shock at 30 days, WAD.
    pub down: u64,
    /// Power of the shocks up to 30 days, WAD.
    pub short_power: u64,
    /// Power of the shocks beyond 30 days, WAD.
    pub long_power: u64,
    /// The shocked-up volatility is at least this, WAD per year.
    pub floor: u64,
    /// Shocks stop growing below this tenor, seconds.
    pub shortest: u64,
}

/// Which way a skew scenario counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SkewCounting {
    /// `−|change|` per expiry, as published. The change of a long option may exceed its value, so that buying one can raise a
    /// requirement.
    Magnitude,
    /// The lesser change of the two skews `1 ± s`, per expiry: a long option loses no more than its value.
    BothWays,
}

/// Skew scenarios. With `k = ln(K/F)` (linear) or `|k|` (absolute), `c = base·√T + cap`, and the width
/// `k* = max(least_width, √T·width·(level + slope·√T))`, volatility is multiplied by `1 + max(−c, min(c, k·c/k*))`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SkewShocks {
    /// `base` of the linear skew, 1e-12.
    pub linear_base: i64,
    /// `cap` of the linear skew, WAD.
    pub linear_cap: u64,
    /// `base` of the absolute skew, 1e-12.
    pub absolute_base: i64,
    /// `cap` of the absolute skew, WAD.
    pub absolute_cap: u64,
    /// `least_width`, WAD.
    pub least_width: u64,
    /// `width`, WAD.
    pub width: u64,
    /// `level`, WAD per year.
    pub level: u64,
    /// `slope`, 1e-12.
    pub slope: i64,
    /// What counts of the change.
    pub counting: SkewCounting,
}

/// A factor on value that is owned or owed: `base·e^(∓T·(add + multiple·max(r, 0)))`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Discount {
    /// Factor whatever the time, WAD: at most one for what is owned, at least one for what is owed.
    pub base: u64,
    /// Yearly rate on top of the market's, WAD.
    pub add: u64,
    /// Multiple of the market's rate, WAD.
    pub multiple: u64,
}

/// Prudence about long-dated value: what the options of an expiry are worth after a scenario counts less if it is owned, more if
/// it is owed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StaticDiscounts {
    /// Of what is owned.
    pub owned: Discount,
    /// Of what is owed.
    pub owed: Discount,
    /// What is owed counts no more than before discounting at the market's rate.
    pub owed_at_most_undiscounted: bool,
    /// Whether payoffs are discounted at the market's rate at all, at the mark and after a scenario alike.
    pub at_market_rate: bool,
}

/// How the basis contingencies of several expiries come together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BasisRule {
    /// Every forward moves the same way.
    Together,
    /// Each expiry's worse way.
    Apart,
}

/// The forward moves against the spot: `share·min(change at F·up, change at F·down)`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Basis {
    /// Upward factor on the forward, WAD.
    pub up: u64,
    /// Downward factor on the forward, WAD.
    pub down: u64,
    /// Share of the change that counts, whatever the time, 1e-12.
    pub share: u64,
    /// What the share grows by a year, 1e-12.
    pub share_per_year: u64,
    /// Most that counts, 1e-12: at one, a long option never loses more than its value.
    pub most: u64,
    /// Across expiries.
    pub rule: BasisRule,
}

/// A charge of both margins, and what initial margin adds to it. Shares of notional, WAD.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Charge {
    /// Both margins.
    pub both: u64,
    /// On top, initial margin only.
    pub initial: u64,
}

impl Charge {
    /// Nothing is charged.
    pub const NONE: Self = Self {
        both: 0,
        initial: 0,
    };
}

/// Which short options are naked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NakedShortRule {
    /// Per strike: calls and puts net of each other, `max(0, −(calls + puts))`, as published.
    PerStrike,
    /// Per expiry: calls net of calls, puts net of puts, at whatever strikes.
    PerKind,
}

/// Which contracts an uncertain market charges, and for how much of its doubt.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DoubtRule {
    /// As published: long and short alike, for `1 − confidence` once that is below the threshold; a stablecoin below its
    /// threshold raises the factor on the worst loss.
    Published,
    /// Naked shorts only, for `threshold − confidence` and for `peg threshold − stablecoin`: continuous, and a long option never
    /// raises a requirement.
    NakedShorts,
}

/// Charges besides the worst loss.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Contingencies {
    /// Per naked short contract, share of the price.
    pub naked_short: Charge,
    /// Which shorts are naked.
    pub naked_rule: NakedShortRule,
    /// Share of the base asset's value.
    pub base: Charge,
    /// Per delta-one contract, share of the price.
    pub linear: Charge,
    /// Whether the charges of both margins are losses, to which the factors apply.
    pub factored: bool,
    /// Below this confidence a charge is taken, WAD; initial margin only.
    pub confidence_threshold: u64,
    /// Share of notional charged at no confidence, WAD.
    pub confidence_factor: u64,
    /// Below this price of the settlement asset more is asked for, WAD; initial margin only.
    pub peg_threshold: u64,
    /// By how much for a whole unit, WAD.
    pub peg_factor: u64,
    /// For which contracts.
    pub doubt_rule: DoubtRule,
}

/// Scenario margin. All numbers WAD unless said.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ScenarioProfile {
    /// Moves of spot and volatility.
    pub scenarios: Scenarios,
    /// How far volatility moves.
    pub volatility: VolatilityShocks,
    /// How volatility skews.
    pub skew: SkewShocks,
    /// Prudence about long-dated value.
    pub discounts: StaticDiscounts,
    /// Moves of the forward against the spot.
    pub basis: Basis,
    /// Charges besides the worst loss.
    pub contingencies: Contingencies,
    /// Factor on the worst loss, maintenance margin.
    pub maintenance_factor: u64,
    /// Factor on the worst loss, initial margin.
    pub initial_factor: u64,
}

impl ScenarioProfile {
    /// All zero, every rule the one as published: what a profile is read into.
    pub(super) const NONE: Self = Self {
        scenarios: Scenarios::first(0, [Scenario::NONE; MAX_SCENARIOS]),
        volatility: VolatilityShocks {
            up: 0,
            down: 0,
            short_power: 0,
            long_power: 0,
            floor: 0,
            shortest: 0,
        },
        skew: SkewShocks {
            linear_base: 0,
            linear_cap: 0,
            absolute_base: 0,
            absolute_cap: 0,
            least_width: 0,
            width: 0,
            level: 0,
            slope: 0,
            counting: SkewCounting::Magnitude,
        },
        discounts: StaticDiscounts {
            owned: Discount::NONE,
            owed: Discount::NONE,
            owed_at_most_undiscounted: false,
            at_market_rate: false,
        },
        basis: Basis {
            up: 0,
            down: 0,
            share: 0,
            share_per_year: 0,
            most: 0,
            rule: BasisRule::Together,
        },
        contingencies: Contingencies {
            naked_short: Charge::NONE,
            naked_rule: NakedShortRule::PerStrike,
            base: Charge::NONE,
            linear: Charge::NONE,
            factored: false,
            confidence_threshold: 0,
            confidence_factor: 0,
            peg_threshold: 0,
            peg_factor: 0,
            doubt_rule: DoubtRule::Published,
        },
        maintenance_factor: 0,
        initial_factor: 0,
    };
}
