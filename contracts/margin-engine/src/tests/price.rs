//! `price`.

use alloy_primitives::{I256, U256};
use clearing_math::black_scholes::{Inputs, price_and_greeks};
use interfaces::ids::series_id;
use interfaces::{IMarginEngine, IOracleAdapter, ISeriesFactory};
use motsu::prelude::*;

use super::scene::{
    Adapter, Factory, MONTH, NOW, POOL, VOLATILITY, WAD, caller, error, set_band, set_scene,
    set_volatility,
};
use crate::MarginEngine;
use crate::signed;

/// 2,100 quote units.
const STRIKE: u64 = 210_000_000_000;

#[motsu::test]
fn malformed_series_revert(
    engine: Contract<MarginEngine>,
    factory: Contract<Factory>,
    adapter: Contract<Adapter>,
) {
    set_scene(&engine, &factory, &adapter);
    let good = series_id(POOL, MONTH, STRIKE, 0);
    let high_bit = good | (U256::from(1) << 136);
    let (no_strike, no_kind) = (
        series_id(POOL, MONTH, 0, 0),
        series_id(POOL, MONTH, STRIKE, 2),
    );
    for id in [high_bit, no_strike, no_kind, U256::MAX] {
        let refused = engine.sender(caller()).price(id).motsu_unwrap_err();
        assert_eq!(refused, error(IMarginEngine::BadSeries { seriesId: id }));
    }
}

#[motsu::test]
fn an_expired_series_has_no_price(
    engine: Contract<MarginEngine>,
    factory: Contract<Factory>,
    adapter: Contract<Adapter>,
) {
    set_scene(&engine, &factory, &adapter);
    let now = u32::try_from(NOW).unwrap();
    for expiry in [0, now] {
        let id = series_id(POOL, expiry, STRIKE, 0);
        let refused = engine.sender(caller()).price(id).motsu_unwrap_err();
        assert_eq!(
            refused,
            error(IMarginEngine::SeriesExpired {
                seriesId: id,
                expiry
            })
        );
    }
    set_volatility(&adapter, now + 1, VOLATILITY);
    assert!(
        engine
            .sender(caller())
            .price(series_id(POOL, now + 1, STRIKE, 0))
            .motsu_res()
            .is_ok()
    );
}

#[motsu::test]
fn a_price_needs_pool_volatility_and_quorum(
    engine: Contract<MarginEngine>,
    factory: Contract<Factory>,
    adapter: Contract<Adapter>,
) {
    set_scene(&engine, &factory, &adapter);
    let ask = |pool| {
        engine
            .sender(caller())
            .price(series_id(pool, MONTH, STRIKE, 1))
            .motsu_unwrap_err()
    };
    assert_eq!(
        ask(POOL + 1),
        error(ISeriesFactory::UnknownPool { pool: POOL + 1 })
    );
    set_volatility(&adapter, MONTH, 0);
    assert_eq!(
        ask(POOL),
        error(IMarginEngine::MissingVolatility { expiry: MONTH })
    );
    set_band(&adapter, 0, 0, 0);
    let (valid, needed) = (U256::from(1), U256::from(2));
    assert_eq!(
        ask(POOL),
        error(IOracleAdapter::QuorumLost { valid, needed })
    );
}

#[motsu::test]
fn prices_and_greeks_are_those_of_the_mathematics(
    engine: Contract<MarginEngine>,
    factory: Contract<Factory>,
    adapter: Contract<Adapter>,
) {
    set_scene(&engine, &factory, &adapter);
    let inputs = Inputs {
        spot: 2_000 * WAD,
        strike: 2_100 * WAD,
        seconds: u64::from(MONTH) - NOW,
        volatility: VOLATILITY.into(),
        rate: 0,
    };
    let (prices, greeks) = price_and_greeks(&inputs).unwrap();
    let both = [
        (0, prices.call, greeks.delta_call, greeks.theta_call),
        (1, prices.put, greeks.delta_put, greeks.theta_put),
    ];
    for (kind, mark, delta, theta) in both {
        let read = engine
            .sender(caller())
            .price(series_id(POOL, MONTH, STRIKE, kind))
            .motsu_unwrap();
        let expected = (
            U256::from(mark),
            signed(delta),
            U256::from(greeks.gamma),
            U256::from(greeks.vega),
            signed(theta),
        );
        assert_eq!(read, expected);
    }
    // By any textbook: S = 2,000, K = 2,100, 30 days of 365, 60 %: d1 = -0.1976, call 96.1049, delta 0.42166.
    let call = engine
        .sender(caller())
        .price(series_id(POOL, MONTH, STRIKE, 0))
        .motsu_unwrap();
    let cents = |wad: U256| (wad / U256::from(WAD / 100)).to::<u64>();
    assert_eq!(cents(call.0), 96_10);
    assert_eq!(
        call.1 / I256::try_from(WAD / 10_000).unwrap(),
        I256::try_from(4_216).unwrap()
    );
}
