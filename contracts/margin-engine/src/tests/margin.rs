//! `margin`.

use alloc::vec;
use alloc::vec::Vec;

use alloy_primitives::{B256, I256, U256};
use alloy_sol_types::SolError;
use clearing_math::leg::{Leg, OptionKind};
use clearing_math::margin::{
    Linear, MAX_LEGS, MarketData, NOVATION_DEFAULT, PMRM, Portfolio, RiskProfile, Term, margin,
    rounding_bound,
};
use clearing_math::surface::{SmilePair, volatility};
use interfaces::{IMarginEngine, IOracleAdapter, ISeriesFactory, Revert};
use motsu::prelude::*;

use super::scene::{
    Adapter, Factory, MONTH, NOW, POOL, PROFILE, QUARTER, RAMP, VOLATILITY, WAD, caller,
    encoded_market, error, flat, leg, overflow, set_band, set_ceiling, set_degraded, set_profile,
    set_ramp, set_scene, set_surplus, set_volatility, stored, words,
};
use crate::MarginEngine;
use crate::signed;

type Balances = (I256, I256, I256, u32, bool);

/// Cash in whole tokens, base in whole tokens.
fn ask(
    engine: &Contract<MarginEngine>,
    legs: Vec<B256>,
    cash: i64,
    base: u64,
) -> Result<Balances, Revert> {
    let cash = I256::try_from(cash * 1_000_000).unwrap();
    let base = U256::from(base * 100_000_000);
    engine
        .sender(caller())
        .margin(POOL, legs, cash, base)
        .motsu_res()
}

/// A portfolio with every kind of leg over two expiries.
fn spread() -> Vec<Leg> {
    vec![
        leg(MONTH, 2_000, OptionKind::Call, -300),
        leg(MONTH, 2_200, OptionKind::Call, 200),
        leg(QUARTER, 1_800, OptionKind::Put, -150),
        leg(QUARTER, 1_500, OptionKind::Put, 50),
    ]
}

#[motsu::test]
fn malformed_legs_revert_with_their_index(
    engine: Contract<MarginEngine>,
    factory: Contract<Factory>,
    adapter: Contract<Adapter>,
) {
    set_scene(&engine, &factory, &adapter);
    let good = leg(MONTH, 2_000, OptionKind::Call, 100);
    let mut kind = good.to_word();
    kind[12] = 2;
    let mut reserved = good.to_word();
    reserved[14] = 1;
    let no_strike = Leg { strike: 0, ..good }.to_word();
    let no_contracts = Leg {
        contracts: 0,
        ..good
    }
    .to_word();
    for bad in [kind, reserved, no_strike, no_contracts] {
        let other = leg(MONTH, 2_001, OptionKind::Call, 100);
        let mut legs = words(&[good, other]);
        legs.push(B256::new(bad));
        let refused = ask(&engine, legs, 0, 0).unwrap_err();
        assert_eq!(
            refused,
            error(IMarginEngine::BadLeg {
                index: U256::from(2)
            })
        );
    }
}

#[motsu::test]
fn a_portfolio_has_at_most_128_legs(
    engine: Contract<MarginEngine>,
    factory: Contract<Factory>,
    adapter: Contract<Adapter>,
) {
    set_scene(&engine, &factory, &adapter);
    let most: Vec<Leg> = (0..128)
        .map(|n| leg(MONTH, 1_000 + n, OptionKind::Put, 100))
        .collect();
    assert!(ask(&engine, words(&most), 0, 0).is_ok());
    let mut more = words(&most);
    more.push(more[0]);
    let (given, most) = (U256::from(129), U256::from(MAX_LEGS));
    let refused = ask(&engine, more, 0, 0).unwrap_err();
    assert_eq!(refused, error(IMarginEngine::TooManyLegs { given, most }));
}

#[motsu::test]
fn pool_and_profile_must_be_known(
    engine: Contract<MarginEngine>,
    factory: Contract<Factory>,
    adapter: Contract<Adapter>,
) {
    set_scene(&engine, &factory, &adapter);
    let refused = engine
        .sender(caller())
        .margin(POOL + 1, vec![], I256::ZERO, U256::ZERO)
        .motsu_unwrap_err();
    assert_eq!(
        refused,
        error(ISeriesFactory::UnknownPool { pool: POOL + 1 })
    );
    set_profile(&factory, &U256::ZERO);
    let refused = ask(&engine, words(&spread()), 0, 0).unwrap_err();
    assert_eq!(
        refused,
        error(IMarginEngine::UnknownRiskProfile {
            riskProfile: PROFILE
        })
    );
}

#[motsu::test]
fn a_series_may_appear_once(
    engine: Contract<MarginEngine>,
    factory: Contract<Factory>,
    adapter: Contract<Adapter>,
) {
    set_scene(&engine, &factory, &adapter);
    let mut legs = spread();
    legs.push(Leg {
        contracts: 7,
        ..legs[1]
    });
    let index = U256::from(4);
    let refused = ask(&engine, words(&legs), 0, 0).unwrap_err();
    assert_eq!(refused, error(IMarginEngine::DuplicateLeg { index }));
}

#[motsu::test]
fn during_a_ramp_maintenance_moves_and_initial_holds_under_both(
    engine: Contract<MarginEngine>,
    factory: Contract<Factory>,
    adapter: Contract<Adapter>,
) {
    set_scene(&engine, &factory, &adapter);
    let (mild, strict) = (stored(&NOVATION_DEFAULT), stored(&PMRM));
    let legs = words(&spread());
    let under = |profile: &U256| {
        set_profile(&factory, profile);
        ask(&engine, legs.clone(), 0, 0).unwrap()
    };
    let (old, new) = (under(&mild), under(&strict));
    assert_ne!(old.1, new.1);
    set_profile(&factory, &strict);
    set_ramp(&factory, mild, NOW - RAMP / 2);
    let between = ask(&engine, legs, 0, 0).unwrap();
    assert_eq!(between.0, old.0.min(new.0));
    let sum = old.1 + new.1;
    let half = sum.asr(1);
    assert_eq!(between.1, half);
    assert_eq!((between.2, between.3), (new.2, new.3));
}

#[motsu::test]
fn given_market_data_replace_the_adapters(
    engine: Contract<MarginEngine>,
    factory: Contract<Factory>,
    adapter: Contract<Adapter>,
) {
    set_scene(&engine, &factory, &adapter);
    let legs = words(&spread());
    let given = encoded_market(&adapter, &[MONTH, QUARTER]);
    let here = ask(&engine, legs.clone(), 10, 1).unwrap();
    // The quorum is lost, which given data do not mind.
    set_band(&adapter, 0, 0, 0);
    let at = |given: Vec<u8>| {
        let (cash, base) = (I256::try_from(10_000_000).unwrap(), U256::from(100_000_000));
        engine
            .sender(caller())
            .margin_at(POOL, legs.clone(), cash, base, given.into())
            .motsu_res()
    };
    assert_eq!(at(given.clone()).unwrap(), here);
    let bad = error(IMarginEngine::BadMarketData {});
    assert_eq!(at(Vec::new()).unwrap_err(), bad);
    assert_eq!(at(given[..given.len() - 32].to_vec()).unwrap_err(), bad);
    let mut moved = given;
    // mid above high.
    moved[32 + 31] = 1;
    let refused = at(moved).unwrap_err();
    let selector: [u8; 4] = refused.data()[..4].try_into().unwrap();
    assert_eq!(selector, IMarginEngine::BandOutOfOrder::SELECTOR);
}

#[motsu::test]
fn a_ceiling_of_volatility_lowers_initial_margin_only(
    engine: Contract<MarginEngine>,
    factory: Contract<Factory>,
    adapter: Contract<Adapter>,
) {
    set_scene(&engine, &factory, &adapter);
    let legs = words(&[leg(MONTH, 2_000, OptionKind::Put, -100)]);
    let fresh = ask(&engine, legs.clone(), 0, 0).unwrap();
    set_ceiling(&adapter, 2 * VOLATILITY);
    let stale = ask(&engine, legs, 0, 0).unwrap();
    assert!(stale.0 < fresh.0, "{stale:?} {fresh:?}");
    assert_eq!((stale.1, stale.2), (fresh.1, fresh.2));
}

#[motsu::test]
fn scenario_changes_are_those_of_the_mathematics(
    engine: Contract<MarginEngine>,
    factory: Contract<Factory>,
    adapter: Contract<Adapter>,
) {
    set_scene(&engine, &factory, &adapter);
    let changes = engine
        .sender(caller())
        .scenario_pnl(POOL, words(&spread()), U256::ZERO)
        .motsu_unwrap();
    let RiskProfile::ScenarioReprice(profile) = NOVATION_DEFAULT else {
        panic!("scenarios");
    };
    assert_eq!(changes.len(), profile.scenarios.as_slice().len() + 2);
    assert!(changes.iter().any(|change| *change < I256::ZERO));
}

#[motsu::test]
fn amounts_out_of_range_revert(
    engine: Contract<MarginEngine>,
    factory: Contract<Factory>,
    adapter: Contract<Adapter>,
) {
    set_scene(&engine, &factory, &adapter);
    let ask = |legs, cash, base| {
        engine
            .sender(caller())
            .margin(POOL, legs, cash, base)
            .motsu_unwrap_err()
    };
    assert_eq!(ask(vec![], I256::MAX, U256::ZERO), overflow());
    assert_eq!(ask(vec![], I256::MIN, U256::ZERO), overflow());
    assert_eq!(ask(vec![], I256::ZERO, U256::MAX), overflow());
    for contracts in [i128::MAX, i128::MIN] {
        let leg = Leg {
            contracts,
            ..leg(MONTH, 2_000, OptionKind::Call, 1)
        };
        let index = U256::ZERO;
        let refused = ask(words(&[leg]), I256::ZERO, U256::ZERO);
        assert_eq!(refused, error(IMarginEngine::LegOverflow { index }));
    }
}

#[motsu::test]
fn a_live_leg_needs_a_volatility_and_a_quorum(
    engine: Contract<MarginEngine>,
    factory: Contract<Factory>,
    adapter: Contract<Adapter>,
) {
    set_scene(&engine, &factory, &adapter);
    set_volatility(&adapter, QUARTER, 0);
    let refused = ask(&engine, words(&spread()), 0, 0).unwrap_err();
    assert_eq!(
        refused,
        error(IMarginEngine::MissingVolatility { expiry: QUARTER })
    );
    set_band(&adapter, 0, 0, 0);
    let (valid, needed) = (U256::from(1), U256::from(2));
    let lost = error(IOracleAdapter::QuorumLost { valid, needed });
    assert_eq!(ask(&engine, words(&spread()), 0, 0).unwrap_err(), lost);
    // Base has a price as well.
    assert_eq!(ask(&engine, vec![], 0, 1).unwrap_err(), lost);
}

#[motsu::test]
fn an_answer_of_another_length_than_asked_for_reverts(
    engine: Contract<MarginEngine>,
    factory: Contract<Factory>,
    adapter: Contract<Adapter>,
) {
    set_scene(&engine, &factory, &adapter);
    set_surplus(&adapter, 1);
    assert_eq!(
        ask(&engine, words(&spread()), 0, 0).unwrap_err(),
        error(IMarginEngine::BadMarketData {})
    );
}

#[motsu::test]
fn cash_alone_is_worth_itself_whatever_the_oracle_does(
    engine: Contract<MarginEngine>,
    factory: Contract<Factory>,
    adapter: Contract<Adapter>,
) {
    set_scene(&engine, &factory, &adapter);
    set_band(&adapter, 0, 0, 0);
    set_degraded(&adapter, true);
    for cash in [0, 1_234, -1_234] {
        let worth = I256::try_from(i128::from(cash) * 1_000_000_000_000_000_000).unwrap();
        assert_eq!(
            ask(&engine, vec![], cash, 0).unwrap(),
            (worth, worth, worth, 0, false)
        );
    }
}

#[motsu::test]
fn balances_are_those_of_the_mathematics(
    engine: Contract<MarginEngine>,
    factory: Contract<Factory>,
    adapter: Contract<Adapter>,
) {
    set_scene(&engine, &factory, &adapter);
    set_band(&adapter, 1_990, 2_000, 2_020);
    set_volatility(&adapter, QUARTER, VOLATILITY / 2);
    let legs = spread();
    let (initial, maintenance, mark, worst, degraded) =
        ask(&engine, words(&legs), -500, 2).unwrap();
    let sure = u64::try_from(WAD).unwrap();
    let term = |expiry| Term {
        expiry,
        forward: 2_000 * WAD,
        fixed: 0,
        rate: 0,
        confidence: sure,
    };
    let market = MarketData {
        now: NOW,
        mid: 2_000 * WAD,
        low: 1_990 * WAD,
        high: 2_020 * WAD,
        stable: sure,
        confidence: sure,
        terms: &[term(QUARTER), term(MONTH)],
    };
    // What the surface reads back of a square that was rounded.
    let [full, half] = [(MONTH, VOLATILITY), (QUARTER, VOLATILITY / 2)].map(|(expiry, known)| {
        let word = flat(expiry, known).0;
        let pair = SmilePair::prepare(&word, &word, expiry, NOW).unwrap();
        volatility(&[pair], 2_000 * WAD, 2_000 * WAD).unwrap()
    });
    let portfolio = Portfolio {
        legs: &legs,
        volatilities: &[full, full, half, half],
        ceilings: &[],
        cash: -500 * i128::try_from(WAD).unwrap(),
        base: 2 * WAD,
        linear: Linear::NONE,
    };
    let expected = margin(&NOVATION_DEFAULT, &market, &portfolio).unwrap();
    assert_eq!(initial, signed(expected.initial));
    assert_eq!(maintenance, signed(expected.maintenance));
    assert_eq!(mark, signed(expected.mark));
    assert_eq!((worst, degraded), (expected.worst_scenario, false));
    assert!(initial < maintenance && maintenance < mark);
}

#[motsu::test]
fn degraded_data_are_reported_and_touch_nothing_but_initial(
    engine: Contract<MarginEngine>,
    factory: Contract<Factory>,
    adapter: Contract<Adapter>,
) {
    set_scene(&engine, &factory, &adapter);
    let legs = words(&spread());
    let sure = ask(&engine, legs.clone(), 1_000, 1).unwrap();
    set_degraded(&adapter, true);
    let stale = ask(&engine, legs.clone(), 1_000, 1).unwrap();
    assert_eq!(
        (stale.0, stale.1, stale.2, stale.3),
        (sure.0, sure.1, sure.2, sure.3)
    );
    assert!(stale.4 && !sure.4);
    set_band(&adapter, 1_900, 2_000, 2_100);
    let wide = ask(&engine, legs, 1_000, 1).unwrap();
    assert!(wide.0 < sure.0);
    assert_eq!((wide.1, wide.2), (sure.1, sure.2));
}

#[motsu::test]
fn an_expired_leg_counts_at_its_intrinsic_and_needs_no_volatility(
    engine: Contract<MarginEngine>,
    factory: Contract<Factory>,
    adapter: Contract<Adapter>,
) {
    set_scene(&engine, &factory, &adapter);
    let expired = u32::try_from(NOW).unwrap();
    let legs = words(&[
        leg(expired, 1_900, OptionKind::Call, 300),
        leg(expired, 2_500, OptionKind::Put, -100),
    ]);
    // 3·100 − 1·500, rounded down.
    let mark = ask(&engine, legs, 1_000, 0).unwrap().2;
    let exact = U256::from(800 * WAD);
    let below = exact - mark.into_raw();
    assert!(
        below <= U256::from(rounding_bound(2, 800 * WAD)),
        "{below} below"
    );
}
