//! The parameter sets of the published cases, as data: what they promise is less than the default does, see
//! [`guarantees`](super::guarantees).

use crate::margin::{
    presets::{NO_SKEW, ONE, ONE_DAY, PERCENT, PERMILLE, PICO, full, listed},
    profile::{
        Basis, BasisRule, Charge, Contingencies, Discount, DoubtRule, NakedShortRule, RiskProfile,
        Scenario, ScenarioProfile, SkewCounting, SkewShocks, StaticDiscounts, VolatilityMove,
        VolatilityShocks,
    },
};

/// The published PMRM: 7 spots × 3 volatilities, payoffs not discounted, everything owned worth 5 % less.
pub const PMRM: RiskProfile = RiskProfile::ScenarioReprice(ScenarioProfile {
    scenarios: {
        use VolatilityMove::{Down, Unchanged, Up};
        listed([
            full(850, Up),
            full(850, Unchanged),
            full(850, Down),
            full(900, Up),
            full(900, Unchanged),
            full(900, Down),
            full(950, Up),
            full(950, Unchanged),
            full(950, Down),
            full(1_000, Up),
            full(1_000, Unchanged),
            full(1_000, Down),
            full(1_050, Up),
            full(1_050, Unchanged),
            full(1_050, Down),
            full(1_100, Up),
            full(1_100, Unchanged),
            full(1_100, Down),
            full(1_150, Up),
            full(1_150, Unchanged),
            full(1_150, Down),
        ])
    },
    volatility: VolatilityShocks {
        up: 45 * PERCENT,
        down: 30 * PERCENT,
        short_power: 30 * PERCENT,
        long_power: 13 * PERCENT,
        floor: 0,
        shortest: ONE_DAY,
    },
    skew: NO_SKEW,
    discounts: StaticDiscounts {
        owned: Discount {
            base: 95 * PERCENT,
            add: 5 * PERCENT,
            multiple: 4 * ONE,
        },
        owed: Discount::NONE,
        owed_at_most_undiscounted: false,
        at_market_rate: false,
    },
    basis: Basis {
        up: 1_050 * PERMILLE,
        down: 950 * PERMILLE,
        share: PICO / 4,
        share_per_year: PICO / 100,
        most: u64::MAX,
        rule: BasisRule::Apart,
    },
    contingencies: Contingencies {
        naked_short: Charge {
            both: PERCENT,
            initial: 0,
        },
        naked_rule: NakedShortRule::PerStrike,
        base: Charge {
            both: 2 * PERCENT,
            initial: 0,
        },
        linear: Charge {
            both: 2 * PERCENT,
            initial: 0,
        },
        factored: true,
        confidence_threshold: 60 * PERCENT,
        confidence_factor: 50 * PERCENT,
        peg_threshold: 98 * PERCENT,
        peg_factor: 2 * ONE,
        doubt_rule: DoubtRule::Published,
    },
    maintenance_factor: ONE,
    initial_factor: 130 * PERCENT,
});

/// The published PMRM_2 with the parameters of most of its cases: 31 scenarios, damped tails, skews that count `−|change|`.
pub const PMRM_2: RiskProfile = RiskProfile::ScenarioReprice(ScenarioProfile {
    scenarios: {
        use VolatilityMove::{AbsoluteSkew, Down, LinearSkew, Unchanged, Up};
        listed([
            full(1_180, Up),
            full(1_135, Down),
            full(1_135, Unchanged),
            full(1_135, Up),
            full(1_090, Down),
            full(1_090, Unchanged),
            full(1_090, Up),
            full(1_045, Down),
            full(1_045, Unchanged),
            full(1_045, Up),
            full(1_000, Down),
            full(1_000, Unchanged),
            full(1_000, Up),
            full(955, Down),
            full(955, Unchanged),
            full(955, Up),
            full(910, Down),
            full(910, Unchanged),
            full(910, Up),
            full(865, Down),
            full(865, Unchanged),
            full(865, Up),
            full(820, Up),
            // Of an 18 % move as far as the scenario's own: 0.2·0.18/0.66, and so on.
            tail(340, 54_545_454_545_454_545),
            tail(670, 109_090_909_090_909_091),
            tail(1_500, 72_000_000_000_000_000),
            tail(2_000, 36_000_000_000_000_000),
            tail(3_000, 18_000_000_000_000_000),
            tail(4_000, 12_000_000_000_000_000),
            full(1_000, LinearSkew),
            full(1_000, AbsoluteSkew),
        ])
    },
    volatility: VolatilityShocks {
        up: 50 * PERCENT,
        down: 275 * PERMILLE,
        short_power: 30 * PERCENT,
        long_power: 13 * PERCENT,
        floor: 45 * PERCENT,
        shortest: ONE_DAY,
    },
    skew: SkewShocks {
        linear_base: -(PICO as i64 / 20),
        linear_cap: 15 * PERCENT,
        absolute_base: -(PICO as i64 / 20),
        absolute_cap: 15 * PERCENT,
        least_width: PERCENT,
        width: 4 * ONE,
        level: 60 * PERCENT,
        slope: -(PICO as i64 / 10),
        counting: SkewCounting::Magnitude,
    },
    discounts: StaticDiscounts {
        owned: Discount {
            base: 95 * PERCENT,
            add: 8 * PERCENT,
            multiple: ONE,
        },
        owed: Discount {
            base: 104 * PERCENT,
            add: 8 * PERCENT,
            multiple: ONE / 2,
        },
        owed_at_most_undiscounted: true,
        at_market_rate: true,
    },
    basis: Basis {
        up: 1_045 * PERMILLE,
        down: 955 * PERMILLE,
        share: PICO / 2,
        share_per_year: 2 * PICO,
        most: u64::MAX,
        rule: BasisRule::Apart,
    },
    contingencies: Contingencies {
        naked_short: Charge {
            both: 3 * PERMILLE,
            initial: 2 * PERMILLE,
        },
        naked_rule: NakedShortRule::PerStrike,
        // That of the underlying itself, where a case holds it.
        base: Charge {
            both: 3 * PERCENT,
            initial: 15 * PERMILLE,
        },
        linear: Charge {
            both: 15 * PERMILLE,
            initial: 5 * PERMILLE,
        },
        factored: false,
        confidence_threshold: 55 * PERCENT,
        confidence_factor: ONE,
        peg_threshold: 98 * PERCENT,
        peg_factor: 2 * ONE,
        doubt_rule: DoubtRule::Published,
    },
    maintenance_factor: 80 * PERCENT,
    initial_factor: ONE,
});

/// A far move with volatility up; spot in permille, damping in WAD.
const fn tail(spot: u64, damping: u64) -> Scenario {
    Scenario {
        damping,
        ..full(spot, VolatilityMove::Up)
    }
}
