//! Portfolio margin: its properties over random portfolios, and its agreement with a second implementation.
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
        MAX_LEGS, MarginError, MarketData, NOVATION_DEFAULT, Requirement, RiskProfile, margin,
        mark, rounding_bound, scenario_changes,
    },
};
use portfolio::{EXPIRIES, NOW, UNIT, brute_force, gross, leg, legs, market};
use proptest::prelude::*;

const PROFILE: RiskProfile = NOVATION_DEFAULT;

fn require(market: &MarketData, legs: &[Leg], cash: i128, base: u128) -> Requirement {
    margin(&PROFILE, market, legs, cash, base).unwrap()
}

fn units() -> impl Strategy<Value = u128> {
    prop_oneof![Just(0), 0..1_000_000_u128].prop_map(|milli| milli * UNIT as u128 / 1_000)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Margin equals an independent implementation to 1e-11 of the gross value (the other one is in doubles).
    #[test]
    fn margin_equals_the_plain_formulas(
        market in market(), legs in legs(0..10), cash in -1_000_000..1_000_000_i128, base in units(),
    ) {
        let got = require(&market, &legs, cash * UNIT, base);
        let want = brute_force(&PROFILE, &market, &legs, cash * UNIT, base);
        let scale = gross(&market, &legs, base) as f64 / 1e18 + cash.abs() as f64 + 1.0;
        for (got, want) in [got.initial, got.maintenance, got.mark].into_iter().zip(want) {
            let error = (got as f64 / 1e18 - want).abs();
            prop_assert!(error < 1e-11 * scale, "{} against {want}, off {error:e} of {scale:e}", got as f64 / 1e18);
        }
        prop_assert_eq!(got.mark, mark(&market, &legs, cash * UNIT, base).unwrap());
    }

    /// Adding a long option never raises the requirement: no balance falls by more than rounding.
    #[test]
    fn adding_a_long_leg_never_raises_the_requirement(
        market in market(), legs in legs(0..8), long in leg(), base in units(),
    ) {
        let long = Leg { contracts: long.contracts.abs(), ..long };
        let before = require(&market, &legs, 0, base);
        let mut more = legs.clone();
        more.push(long);
        let after = require(&market, &more, 0, base);
        let bound = rounding_bound(more.len(), gross(&market, &more, base)) as i128;
        prop_assert!(after.initial >= before.initial - bound);
        prop_assert!(after.maintenance >= before.maintenance - bound);
        prop_assert!(after.mark >= before.mark - bound);
    }

    /// Adding base asset never raises the requirement.
    #[test]
    fn adding_base_asset_never_raises_the_requirement(market in market(), legs in legs(0..8), base in units(), more in units()) {
        let (before, after) = (require(&market, &legs, 0, base), require(&market, &legs, 0, base + more));
        let bound = rounding_bound(legs.len(), gross(&market, &legs, base + more)) as i128;
        prop_assert!(after.initial >= before.initial - bound);
        prop_assert!(after.maintenance >= before.maintenance - bound);
    }

    /// margin(A ∪ B) ≤ margin(A) + margin(B): together two portfolios have at least the sum of their balances.
    #[test]
    fn two_portfolios_together_need_no_more(market in market(), a in legs(0..6), b in legs(0..6), x in units(), y in units()) {
        let together: Vec<Leg> = a.iter().chain(&b).copied().collect();
        let (ra, rb) = (require(&market, &a, 0, x), require(&market, &b, 0, y));
        let both = require(&market, &together, 0, x + y);
        let bound = rounding_bound(together.len(), gross(&market, &together, x + y)) as i128;
        prop_assert!(both.initial >= ra.initial + rb.initial - bound);
        prop_assert!(both.maintenance >= ra.maintenance + rb.maintenance - bound);
    }

    /// Maintenance never asks for more than initial margin, and neither balance exceeds the mark.
    #[test]
    fn maintenance_never_exceeds_initial(market in market(), legs in legs(0..10), base in units()) {
        let got = require(&market, &legs, 0, base);
        prop_assert!(got.initial <= got.maintenance && got.maintenance <= got.mark);
    }

    /// A wider band lowers initial margin only.
    #[test]
    fn a_degraded_band_touches_initial_only(market in market(), legs in legs(0..8), base in units()) {
        let sharp = MarketData { low: market.mid, high: market.mid, ..market };
        let (degraded, sharp) = (require(&market, &legs, 0, base), require(&sharp, &legs, 0, base));
        prop_assert!(degraded.initial <= sharp.initial);
        prop_assert_eq!(Requirement { initial: sharp.initial, ..degraded }, sharp);
    }

    /// Legs in any order give the same bits.
    #[test]
    fn the_order_of_legs_does_not_matter(
        market in market(), (sorted, shuffled) in legs(0..8).prop_flat_map(|l| (Just(l.clone()), Just(l).prop_shuffle())), base in units(),
    ) {
        prop_assert_eq!(require(&market, &sorted, 5, base), require(&market, &shuffled, 5, base));
    }

    /// A leg split in two gives the same result up to rounding, and so does a leg with its opposite.
    #[test]
    fn splitting_a_leg_does_not_matter(market in market(), legs in legs(1..8), at in 0..i128::from(u64::MAX)) {
        let whole = require(&market, &legs, 0, 0);
        let mut split = legs.clone();
        let first = split[0];
        split[0].contracts = first.contracts - at;
        split.push(Leg { contracts: at, ..first });
        let got = require(&market, &split, 0, 0);
        let bound = rounding_bound(split.len(), gross(&market, &split, 0)) as i128;
        prop_assert!((got.initial - whole.initial).abs() <= bound);
        prop_assert!((got.maintenance - whole.maintenance).abs() <= bound);
        prop_assert!((got.mark - whole.mark).abs() <= bound);
    }

    /// No input panics or wraps, however absurd.
    #[test]
    fn no_input_panics(
        raw in prop::collection::vec((any::<u32>(), any::<u64>(), any::<bool>(), any::<i128>(), 0..128_u32), 0..6),
        prices: [u128; 3], shifts in [0..128_u32, 0..128_u32, 0..128_u32], volatility: u64, now: u64, rate: i64, cash: i128, base: u128,
    ) {
        let legs: Vec<Leg> = raw.iter().map(|&(expiry, strike, call, contracts, shift)| Leg {
            expiry, strike, kind: if call { OptionKind::Call } else { OptionKind::Put }, contracts: contracts >> shift,
        }).collect();
        let volatilities: Vec<(u32, u64)> = legs.iter().map(|leg| (leg.expiry, volatility)).collect();
        let mut prices = [prices[0] >> shifts[0], prices[1] >> shifts[1], prices[2] >> shifts[2]];
        prices.sort_unstable();
        let [low, mid, high] = prices;
        for now in [now, now >> 32] {
            let market = MarketData { now, mid, low, high, volatilities: &volatilities, rate };
            let got = margin(&PROFILE, &market, &legs, cash, base);
            if let Ok(got) = got {
                prop_assert!(got.initial <= got.maintenance);
            }
            let _ = mark(&market, &legs, cash, base);
        }
    }
}

fn calm() -> MarketData<'static> {
    let mid = 3_000 * UNIT as u128;
    MarketData {
        now: NOW,
        mid,
        low: mid,
        high: mid,
        volatilities: &EXPIRIES,
        rate: 0,
    }
}

fn option(expiry: usize, strike: u64, kind: OptionKind, contracts: i128) -> Leg {
    Leg {
        expiry: EXPIRIES[expiry].0,
        strike: strike * 100_000_000,
        kind,
        contracts: contracts * UNIT,
    }
}

#[test]
fn refusals_name_what_is_wrong() {
    let legs = [option(3, 3_000, OptionKind::Call, -1)];
    let ask = |market: &MarketData, legs: &[Leg]| margin(&PROFILE, market, legs, 0, 0).unwrap_err();
    let (mid, other) = (calm().mid, EXPIRIES[3].0 + 1);
    assert_eq!(
        ask(
            &MarketData {
                mid: 0,
                low: 0,
                high: 0,
                ..calm()
            },
            &legs
        ),
        MarginError::ZeroPrice
    );
    let low = mid + 1;
    assert_eq!(
        ask(&MarketData { low, ..calm() }, &legs),
        MarginError::BandOutOfOrder {
            low,
            mid,
            high: mid
        }
    );
    assert_eq!(
        ask(&MarketData { low: 0, ..calm() }, &[]),
        MarginError::BandOutOfOrder {
            low: 0,
            mid,
            high: mid
        }
    );
    assert_eq!(
        ask(
            &calm(),
            &[Leg {
                expiry: other,
                ..legs[0]
            }]
        ),
        MarginError::MissingVolatility(other)
    );
    assert_eq!(
        ask(
            &calm(),
            &[Leg {
                strike: 0,
                ..legs[0]
            }]
        ),
        MarginError::ZeroStrike
    );
    assert_eq!(
        ask(
            &calm(),
            &[Leg {
                contracts: i128::MAX,
                ..legs[0]
            }]
        ),
        MarginError::Overflow
    );
    let many = vec![legs[0]; MAX_LEGS + 1];
    assert_eq!(
        ask(&calm(), &many),
        MarginError::TooManyLegs {
            given: 129,
            allowed: 128
        }
    );
    let empty = RiskProfile {
        scenarios: &[],
        ..PROFILE
    };
    let refused = margin(&empty, &calm(), &legs, 0, 0).unwrap_err();
    assert_eq!(
        refused,
        MarginError::ScenarioCount {
            given: 0,
            allowed: 40
        }
    );
    margin(&PROFILE, &calm(), &many[..MAX_LEGS], 0, 0).unwrap();
}

#[test]
fn the_default_profile_is_within_its_bounds_and_others_are_refused() {
    assert_eq!(PROFILE.validate(), Ok(()));
    let loose = RiskProfile {
        maintenance_factor: PROFILE.initial_factor + 1,
        ..PROFILE
    };
    let error = loose.validate().unwrap_err();
    assert_eq!(
        (error.given, error.maximum),
        (PROFILE.initial_factor + 1, PROFILE.initial_factor)
    );
    assert!(
        RiskProfile {
            scenarios: &[],
            ..PROFILE
        }
        .validate()
        .is_err()
    );
}

#[test]
fn an_empty_account_is_worth_its_cash() {
    let got = margin(&PROFILE, &calm(), &[], -7, 0).unwrap();
    assert_eq!((got.initial, got.maintenance, got.mark), (-7, -7, -7));
}

#[test]
fn a_covered_call_needs_no_cash_for_its_delta() {
    // Short deep in-the-money call against the asset: what is left is the strike, less the contingencies.
    let got = margin(
        &PROFILE,
        &calm(),
        &[option(3, 1_000, OptionKind::Call, -1)],
        0,
        UNIT as u128,
    )
    .unwrap();
    assert!((got.mark - 1_000 * UNIT).abs() < UNIT / 1_000);
    assert!(
        got.maintenance > 900 * UNIT && got.initial > 880 * UNIT,
        "{got:?}"
    );
}

#[test]
fn a_synthetic_forward_moves_with_the_asset_exactly() {
    let legs = [
        option(4, 2_900, OptionKind::Call, 1),
        option(4, 2_900, OptionKind::Put, -1),
    ];
    assert_eq!(mark(&calm(), &legs, 0, 0).unwrap(), 100 * UNIT - 1);
    let mut changes = [0; 42];
    let count = scenario_changes(&PROFILE, &calm(), &legs, 0, &mut changes).unwrap();
    assert_eq!(count, 33);
    // Basis moves have no static discount: 4.5 % of 3,000, times the share .5 + 2·30/365.
    let share = 0.5 + 60.0 / 365.0;
    assert!((changes[31] as f64 / 1e18 - 135.0 * share).abs() < 1e-12);
    assert!((changes[32] as f64 / 1e18 + 135.0 * share).abs() < 1e-12);
}

#[test]
fn margin_is_continuous_through_expiry() {
    // One second before expiry nothing but a second's volatility is left: at most S·σ_up·√(1 s / 1 y) per contract.
    let legs = [
        option(3, 3_000, OptionKind::Call, -1),
        option(3, 2_500, OptionKind::Put, -2),
    ];
    let at = |now| margin(&PROFILE, &MarketData { now, ..calm() }, &legs, 0, 0).unwrap();
    let expiry = u64::from(EXPIRIES[3].0);
    let (before, after, later) = (at(expiry - 1), at(expiry), at(expiry + 1_000_000));
    assert_eq!(after, later);
    let second = (3_000.0 * 2.0 * (1.0_f64 / 31_536_000.0).sqrt() * 3.0 * 1e18) as i128;
    assert!((before.initial - after.initial).abs() < second);
    assert!((before.maintenance - after.maintenance).abs() < second);
}

#[test]
fn the_worst_scenario_is_named() {
    let short_put = margin(
        &PROFILE,
        &calm(),
        &[option(3, 3_000, OptionKind::Put, -1)],
        0,
        0,
    )
    .unwrap();
    let worst = PROFILE.scenarios[short_put.worst_scenario as usize];
    assert!(worst.spot < UNIT as u64);
    let short_call = margin(
        &PROFILE,
        &calm(),
        &[option(3, 3_000, OptionKind::Call, -1)],
        0,
        0,
    )
    .unwrap();
    assert!(PROFILE.scenarios[short_call.worst_scenario as usize].spot > UNIT as u64);
}
