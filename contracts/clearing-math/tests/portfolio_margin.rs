//! Portfolio margin: its properties over random portfolios and markets, for every preset as far as it has them.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::doc_markdown,
    reason = "tests panic on overflow, and measure in doubles"
)]

#[path = "support/portfolio.rs"]
mod portfolio;

use clearing_math::{
    leg::{Leg, OptionKind},
    margin::{
        Basis, DERIBIT_STYLE, Linear, MAX_MOVES, MarketData, NOVATION_DEFAULT, PMRM, Portfolio,
        Requirement, RiskProfile, ScenarioProfile, Scenarios, Term, margin, mark, rounding_bound,
        scenario_changes,
    },
};
use portfolio::{ONE, Scenery, UNIT, gross, leg, legs, scenarios_of, scenery};
use proptest::prelude::*;

/// Those of which a long option never raises a requirement.
const HARMLESS: [RiskProfile; 2] = [NOVATION_DEFAULT, DERIBIT_STYLE];
const PRESETS: [RiskProfile; 3] = [NOVATION_DEFAULT, DERIBIT_STYLE, PMRM];

fn units() -> impl Strategy<Value = u128> {
    prop_oneof![Just(0), 0..1_000_000_u128].prop_map(|milli| milli * UNIT as u128 / 1_000)
}

fn bound(scenery: &Scenery, legs: &[Leg], base: u128) -> i128 {
    rounding_bound(legs.len(), gross(scenery, legs, base)) as i128
}

/// A preset, and what is left of it with one of its scenarios and no other move: every kind of scenario gets to be the worst.
fn with_one_scenario(profile: &RiskProfile, index: usize) -> [RiskProfile; 2] {
    let whole = scenarios_of(profile);
    let scenarios = whole.scenarios.as_slice();
    let one = ScenarioProfile {
        scenarios: Scenarios::new(&[scenarios[index % scenarios.len()]]).unwrap(),
        basis: Basis {
            share: 0,
            share_per_year: 0,
            ..whole.basis
        },
        ..whole
    };
    [*profile, RiskProfile::ScenarioReprice(one)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Adding a long option never raises the requirement: no balance falls by more than rounding.
    #[test]
    fn adding_a_long_leg_never_raises_the_requirement(
        scenery in scenery(), legs in legs(0..8), long in leg(), base in units(), one in prop_oneof![0..33_usize, 31..33_usize],
    ) {
        let mut more = legs.clone();
        more.push(Leg { contracts: long.contracts.abs(), ..long });
        let bound = bound(&scenery, &more, base);
        let (legs, more) = (scenery.account(&legs, 0, base), scenery.account(&more, 0, base));
        for profile in &HARMLESS.map(|profile| with_one_scenario(&profile, one)).concat() {
            let (before, after) = (scenery.require(profile, &legs), scenery.require(profile, &more));
            prop_assert!(after.initial >= before.initial - bound, "{before:?} {after:?}");
            prop_assert!(after.maintenance >= before.maintenance - bound);
            prop_assert!(after.mark >= before.mark - bound);
        }
    }

    /// Adding base asset never raises the requirement.
    #[test]
    fn adding_base_asset_never_raises_the_requirement(scenery in scenery(), legs in legs(0..8), base in units(), more in units()) {
        let bound = bound(&scenery, &legs, base + more);
        let (less, more) = (scenery.account(&legs, 0, base), scenery.account(&legs, 0, base + more));
        for profile in &HARMLESS {
            let (before, after) = (scenery.require(profile, &less), scenery.require(profile, &more));
            prop_assert!(after.initial >= before.initial - bound);
            prop_assert!(after.maintenance >= before.maintenance - bound);
        }
    }

    /// margin(A ∪ B) ≤ margin(A) + margin(B): together two portfolios have at least the sum of their balances. The published
    /// profiles have this as well.
    #[test]
    fn two_portfolios_together_need_no_more(
        scenery in scenery(), a in legs(0..6), b in legs(0..6), x in units(), y in units(), l in -100_i128..100, m in -100_i128..100,
        one in prop_oneof![0..33_usize, 31..33_usize],
    ) {
        let together: Vec<Leg> = a.iter().chain(&b).copied().collect();
        let linear = |contracts: i128| Linear { contracts: contracts * UNIT, price: 0, confidence: ONE / 2 };
        let bound = bound(&scenery, &together, x + y) + bound(&scenery, &[], 200 * UNIT as u128);
        let (mut a, mut b) = (scenery.account(&a, 0, x), scenery.account(&b, 0, y));
        let mut both = scenery.account(&together, 0, x + y);
        (a.linear, b.linear, both.linear) = (linear(l), linear(m), linear(l + m));
        // Whether the price of delta-one contracts counts must not differ between the three.
        prop_assume!(l != 0 && m != 0 && l + m != 0);
        for profile in &PRESETS.map(|profile| with_one_scenario(&profile, one)).concat() {
            let [ra, rb, both] = [&a, &b, &both].map(|account| scenery.require(profile, account));
            prop_assert!(both.initial >= ra.initial + rb.initial - bound, "{ra:?} {rb:?} {both:?}");
            prop_assert!(both.maintenance >= ra.maintenance + rb.maintenance - bound);
        }
    }

    /// Maintenance never asks for more than initial margin, and neither balance exceeds the mark.
    #[test]
    fn maintenance_never_exceeds_initial(scenery in scenery(), legs in legs(0..10), base in units()) {
        let account = scenery.account(&legs, 0, base);
        for profile in &PRESETS {
            let got = scenery.require(profile, &account);
            prop_assert!(got.initial <= got.maintenance && got.maintenance <= got.mark);
        }
        let got = scenery.require(&NOVATION_DEFAULT, &account);
        prop_assert_eq!(got.mark, mark(&scenery.market(), &account.portfolio()).unwrap());
    }

    /// Whatever the market is not sure of lowers initial margin only: a wider band, a volatility's ceiling, a lack of confidence
    /// in price or term, a settlement asset below par.
    #[test]
    fn degraded_data_touch_initial_only(scenery in scenery(), legs in legs(0..8), base in units()) {
        let (mid, terms) = (scenery.mid, scenery.terms.iter());
        let sure = Scenery {
            low: mid,
            high: mid,
            stable: ONE,
            confidence: ONE,
            terms: terms.map(|term| Term { confidence: ONE, ..*term }).collect(),
            doubt: 0,
            ..scenery.clone()
        };
        let degraded = [
            Scenery { low: scenery.low, ..sure.clone() },
            Scenery { high: scenery.high, ..sure.clone() },
            Scenery { stable: scenery.stable, ..sure.clone() },
            Scenery { confidence: scenery.confidence, ..sure.clone() },
            Scenery { terms: scenery.terms.clone(), ..sure.clone() },
            Scenery { doubt: scenery.doubt, ..sure.clone() },
            scenery,
        ];
        for profile in &PRESETS {
            let best = sure.require(profile, &sure.account(&legs, 0, base));
            for worse in &degraded {
                let got = worse.require(profile, &worse.account(&legs, 0, base));
                prop_assert!(got.initial <= best.initial);
                prop_assert_eq!(Requirement { initial: best.initial, ..got }, best);
            }
        }
    }

    /// Legs in any order give the same bits.
    #[test]
    fn the_order_of_legs_does_not_matter(
        scenery in scenery(), (sorted, shuffled) in legs(0..8).prop_flat_map(|l| (Just(l.clone()), Just(l).prop_shuffle())), base in units(),
    ) {
        let (sorted, shuffled) = (scenery.account(&sorted, 5, base), scenery.account(&shuffled, 5, base));
        for profile in &PRESETS {
            let (a, b) = (scenery.require(profile, &sorted), scenery.require(profile, &shuffled));
            // Which of two moves that are equally bad is named may differ by what rounding makes of them, nothing else.
            prop_assert_eq!(a, b);
        }
    }

    /// A leg split in two gives the same result up to rounding, and so does a leg with its opposite.
    #[test]
    fn splitting_a_leg_does_not_matter(scenery in scenery(), legs in legs(1..8), at in 0..i128::from(u64::MAX)) {
        // Doubt as published counts gross contracts, of which there are more.
        let scenery = Scenery { confidence: ONE, terms: scenery.terms.iter().map(|term| Term { confidence: ONE, ..*term }).collect(), ..scenery };
        let mut split = legs.clone();
        let first = split[0];
        split[0].contracts = first.contracts - at;
        split.push(Leg { contracts: at, ..first });
        let bound = bound(&scenery, &split, 0);
        let (whole, split) = (scenery.account(&legs, 0, 0), scenery.account(&split, 0, 0));
        for profile in &PRESETS {
            let (whole, got) = (scenery.require(profile, &whole), scenery.require(profile, &split));
            prop_assert!((got.initial - whole.initial).abs() <= bound);
            prop_assert!((got.maintenance - whole.maintenance).abs() <= bound);
            prop_assert!((got.mark - whole.mark).abs() <= bound);
        }
    }

    /// No input panics or wraps, however absurd.
    #[test]
    fn no_input_panics(
        raw in prop::collection::vec((any::<u32>(), any::<u64>(), any::<bool>(), any::<i128>(), 0..128_u32), 0..6),
        prices: [u128; 3], shifts in [0..128_u32, 0..128_u32, 0..128_u32], volatility: u64, ceiling: u64, now: u64, rate: i64,
        cash: i128, base: u128, forward: u128, fixed: u128, doubts: [u64; 3], contracts: i128,
    ) {
        let legs: Vec<Leg> = raw.iter().map(|&(expiry, strike, call, contracts, shift)| Leg {
            expiry, strike, kind: if call { OptionKind::Call } else { OptionKind::Put }, contracts: contracts >> shift,
        }).collect();
        let [stable, confidence, sure] = doubts;
        let terms: Vec<Term> = raw.iter().map(|leg| Term {
            expiry: leg.0, forward: forward >> leg.4, fixed: fixed >> leg.4, rate, confidence: sure,
        }).collect();
        let mut prices = [prices[0] >> shifts[0], prices[1] >> shifts[1], prices[2] >> shifts[2]];
        prices.sort_unstable();
        let [low, mid, high] = prices;
        let portfolio = Portfolio {
            legs: &legs,
            volatilities: &vec![volatility; legs.len()],
            ceilings: &vec![ceiling; legs.len()],
            cash,
            base: base >> shifts[1],
            linear: Linear { contracts: contracts >> shifts[0], price: forward >> shifts[2], confidence: sure },
        };
        for now in [now, now >> 32] {
            let market = MarketData { now, mid, low, high, stable, confidence, terms: &terms };
            for profile in &PRESETS {
                if let Ok(got) = margin(profile, &market, &portfolio) {
                    prop_assert!(got.initial <= got.maintenance);
                }
                let _ = scenario_changes(profile, &market, &portfolio, &mut [0; MAX_MOVES]);
            }
            let _ = mark(&market, &portfolio);
        }
    }
}
