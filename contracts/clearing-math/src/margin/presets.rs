//! Risk profiles as data.

use crate::{
    margin::profile::{
        Basis, BasisRule, Charge, Contingencies, Discount, DoubtRule, MAX_SCENARIOS,
        NakedShortRule, RiskProfile, Scenario, ScenarioProfile, Scenarios, SkewCounting,
        SkewShocks, StaticDiscounts, VolatilityMove, VolatilityShocks,
    },
    percentage_margin,
};

pub(super) const ONE: u64 = crate::WAD as u64;
pub(super) const PERCENT: u64 = ONE / 100;
pub(super) const PERMILLE: u64 = ONE / 1_000;
/// One, in 1e-12.
pub(super) const PICO: u64 = 1_000_000_000_000;
pub(super) const ONE_DAY: u64 = 86_400;

/// An undamped scenario; spot in permille.
pub(super) const fn full(spot: u64, volatility: VolatilityMove) -> Scenario {
    Scenario {
        spot: spot.saturating_mul(PERMILLE),
        volatility,
        damping: ONE,
    }
}

/// A far move with volatility up; spot in permille, damping in 1e-5.
const fn tail(spot: u64, damping: u64) -> Scenario {
    Scenario {
        spot: spot.saturating_mul(PERMILLE),
        volatility: VolatilityMove::Up,
        damping: damping.saturating_mul(ONE / 100_000),
    }
}

/// `N` scenarios, as a profile holds them.
pub(super) const fn listed<const N: usize>(given: [Scenario; N]) -> Scenarios {
    const { assert!(N <= MAX_SCENARIOS) };
    let mut list = [Scenario::NONE; MAX_SCENARIOS];
    let (mut rest, mut index) = (given.as_slice(), 0_usize);
    while let [scenario, others @ ..] = rest {
        list[index] = *scenario;
        rest = others;
        index = index.wrapping_add(1);
    }
    Scenarios::first(N, list)
}

/// Novation's default: 33 scenarios in the shape of the published PMRM_2. It differs where that shape lets a long option raise a
/// requirement, or a requirement jump: skew counts both ways, at most the whole of a basis change counts, doubt and de-peg charge
/// naked shorts for what the market falls short of its threshold. Its naked shorts are net per expiry and side: a spread is none.
pub const NOVATION_DEFAULT: RiskProfile = RiskProfile::ScenarioReprice(ScenarioProfile {
    scenarios: {
        use VolatilityMove::{AbsoluteSkew, Down, LinearSkew, Unchanged, Up};
        listed([
            full(820, Up),
            full(865, Up),
            full(865, Unchanged),
            full(865, Down),
            full(910, Up),
            full(910, Unchanged),
            full(910, Down),
            full(955, Up),
            full(955, Unchanged),
            full(955, Down),
            full(1_000, Up),
            full(1_000, Unchanged),
            full(1_000, Down),
            full(1_045, Up),
            full(1_045, Unchanged),
            full(1_045, Down),
            full(1_090, Up),
            full(1_090, Unchanged),
            full(1_090, Down),
            full(1_135, Up),
            full(1_135, Unchanged),
            full(1_135, Down),
            full(1_180, Up),
            tail(340, 21_000),
            tail(670, 42_000),
            tail(1_500, 27_720),
            tail(2_000, 13_860),
            tail(3_000, 6_930),
            tail(4_000, 4_620),
            tail(5_000, 3_465),
            tail(6_000, 2_772),
            full(1_000, LinearSkew),
            full(1_000, AbsoluteSkew),
        ])
    },
    volatility: VolatilityShocks {
        up: 50 * PERCENT,
        down: 30 * PERCENT,
        short_power: 30 * PERCENT,
        long_power: 13 * PERCENT,
        floor: 40 * PERCENT,
        shortest: ONE_DAY,
    },
    skew: SkewShocks {
        linear_base: -(PICO as i64 / 10),
        linear_cap: 25 * PERCENT,
        absolute_base: -(PICO as i64 / 10),
        absolute_cap: 25 * PERCENT,
        least_width: PERCENT,
        width: 4 * ONE,
        level: 60 * PERCENT,
        slope: 0,
        counting: SkewCounting::BothWays,
    },
    discounts: StaticDiscounts {
        owned: Discount {
            base: ONE,
            add: 16 * PERCENT,
            multiple: ONE,
        },
        owed: Discount {
            base: ONE,
            add: 16 * PERCENT,
            multiple: ONE,
        },
        owed_at_most_undiscounted: false,
        at_market_rate: true,
    },
    basis: Basis {
        up: 1_045 * PERMILLE,
        down: 955 * PERMILLE,
        share: PICO / 2,
        share_per_year: 2 * PICO,
        most: PICO,
        rule: BasisRule::Together,
    },
    contingencies: Contingencies {
        naked_short: Charge {
            both: 3 * PERMILLE,
            initial: 2 * PERMILLE,
        },
        naked_rule: NakedShortRule::PerKind,
        base: Charge {
            both: 0,
            initial: PERCENT,
        },
        linear: Charge {
            both: 15 * PERMILLE,
            initial: 5 * PERMILLE,
        },
        factored: false,
        confidence_threshold: 55 * PERCENT,
        confidence_factor: ONE,
        peg_threshold: 99 * PERCENT,
        peg_factor: 60 * PERCENT,
        doubt_rule: DoubtRule::NakedShorts,
    },
    maintenance_factor: 80 * PERCENT,
    initial_factor: ONE,
});

/// In the style of Deribit's portfolio margin: 9 spots of ±16 % × 3 volatilities, four extended tails that count in part.
/// Its roll-over contingency is our basis, its delta shock our charge of delta-one contracts.
pub const DERIBIT_STYLE: RiskProfile = RiskProfile::ScenarioReprice(ScenarioProfile {
    scenarios: {
        use VolatilityMove::{Down, Unchanged, Up};
        listed([
            full(840, Up),
            full(840, Unchanged),
            full(840, Down),
            full(880, Up),
            full(880, Unchanged),
            full(880, Down),
            full(920, Up),
            full(920, Unchanged),
            full(920, Down),
            full(960, Up),
            full(960, Unchanged),
            full(960, Down),
            full(1_000, Up),
            full(1_000, Unchanged),
            full(1_000, Down),
            full(1_040, Up),
            full(1_040, Unchanged),
            full(1_040, Down),
            full(1_080, Up),
            full(1_080, Unchanged),
            full(1_080, Down),
            full(1_120, Up),
            full(1_120, Unchanged),
            full(1_120, Down),
            full(1_160, Up),
            full(1_160, Unchanged),
            full(1_160, Down),
            tail(340, 24_242),
            tail(670, 48_484),
            tail(1_500, 32_000),
            tail(2_000, 16_000),
            tail(3_000, 8_000),
            tail(4_000, 5_333),
            tail(5_000, 4_000),
            tail(6_000, 3_200),
        ])
    },
    volatility: VolatilityShocks {
        up: 50 * PERCENT,
        down: 25 * PERCENT,
        short_power: 30 * PERCENT,
        long_power: 13 * PERCENT,
        floor: 0,
        shortest: ONE_DAY,
    },
    skew: NO_SKEW,
    discounts: StaticDiscounts {
        owned: Discount::NONE,
        owed: Discount::NONE,
        owed_at_most_undiscounted: false,
        at_market_rate: true,
    },
    basis: Basis {
        up: 1_010 * PERMILLE,
        down: 990 * PERMILLE,
        share: PICO,
        share_per_year: 0,
        most: PICO,
        rule: BasisRule::Apart,
    },
    contingencies: Contingencies {
        naked_short: Charge {
            both: PERCENT,
            initial: 0,
        },
        naked_rule: NakedShortRule::PerKind,
        base: Charge {
            both: 0,
            initial: PERCENT,
        },
        linear: Charge {
            both: 6 * PERMILLE,
            initial: 0,
        },
        factored: false,
        confidence_threshold: 0,
        confidence_factor: 0,
        peg_threshold: 0,
        peg_factor: 0,
        doubt_rule: DoubtRule::NakedShorts,
    },
    maintenance_factor: 80 * PERCENT,
    initial_factor: ONE,
});

/// For profiles without skew scenarios.
pub(super) const NO_SKEW: SkewShocks = SkewShocks {
    linear_base: 0,
    linear_cap: 0,
    absolute_base: 0,
    absolute_cap: 0,
    least_width: PERCENT,
    width: 0,
    level: 0,
    slope: 0,
    counting: SkewCounting::BothWays,
};

/// Full collateral: no option is ever liquidated, because none can ever owe more than is there.
pub const FULL_COLLATERAL: RiskProfile = RiskProfile::MaximumLoss;

/// In the style of simple margin managers: see [`crate::percentage_margin`].
pub const STANDARD_STYLE: RiskProfile = RiskProfile::Percentages(percentage_margin::STANDARD_STYLE);
