//! Unit tests: what is refused first, then what is answered.
#![allow(clippy::arithmetic_side_effects, reason = "a test may panic")]

use alloy_primitives::{B256, FixedBytes, I256, U256};
use alloy_sol_types::SolCall;
use clearing_math::black_scholes::ForwardInputs;
use clearing_math::leg::{Leg, OptionKind};
use clearing_math::quotation::{Quotation, Terms, quote_with_inputs};
use interfaces::IOptionPricer::{
    BadSeries, MissingVolatility, SeriesExpired, priceCall, pricesOfCall,
};
use interfaces::{IOracleAdapter, ISeriesFactory};
use lens_scene::{
    FEED, MONTH, NOW, OTHER_FEED, OTHER_POOL, POOL, QUARTER, SHARING_POOL, Scene, VOLATILITY, WAD,
    asked, caller, change, error, failure, leg, returned, series,
};
use motsu::prelude::*;

use crate::OptionPricer;

const CALL: OptionKind = OptionKind::Call;
const PUT: OptionKind = OptionKind::Put;
/// An expiry of this very second, which has passed.
const PASSED: u32 = 1_735_689_600;

fn open() -> (Scene, Contract<OptionPricer>) {
    let (scene, pricer) = (Scene::set(), Contract::<OptionPricer>::new());
    let built = pricer.sender(caller()).constructor(scene.engine.address());
    built.motsu_unwrap();
    (scene, pricer)
}

/// What the native crate says of a series at this spot and 60 %.
fn native(dollars: u128, leg: &Leg) -> (Quotation, ForwardInputs) {
    let terms = Terms {
        kind: leg.kind,
        spot: dollars * WAD,
        strike: u128::from(leg.strike) * 10_000_000_000,
        seconds: u64::from(leg.expiry) - NOW,
        volatility: VOLATILITY,
        carry: 0,
        rate: 0,
    };
    quote_with_inputs(&terms).unwrap()
}

fn number(value: i128) -> I256 {
    I256::try_from(value).unwrap()
}

/// A series that expired a second ago.
fn expired() -> U256 {
    series(POOL, &leg(PASSED, 2_000, CALL, 0))
}

#[motsu::test]
fn what_is_no_series_or_has_no_price_is_refused_by_name() {
    let (_scene, pricer) = open();
    let price = |id: U256| pricer.sender(caller()).price(id).motsu_res().map(|_| ());
    let bad = U256::MAX;
    assert_eq!(price(bad), Err(error(BadSeries { seriesId: bad })));
    let (series_id, expiry) = (expired(), PASSED);
    let passed = SeriesExpired {
        seriesId: series_id,
        expiry,
    };
    assert_eq!(price(series_id), Err(error(passed)));
    let unknown = series(1, &leg(MONTH, 2_000, CALL, 0));
    let pool = ISeriesFactory::UnknownPool { pool: 1 };
    assert_eq!(price(unknown), Err(error(pool)));
    let silent = MONTH + 7;
    let without = series(POOL, &leg(silent, 2_000, CALL, 0));
    assert_eq!(
        price(without),
        Err(error(MissingVolatility { expiry: silent }))
    );
    change(|world| world.markets.get_mut(&FEED).unwrap().mid = 0);
    let (valid, needed) = (U256::from(1), U256::from(2));
    let lost = IOracleAdapter::QuorumLost { valid, needed };
    assert_eq!(
        price(series(POOL, &leg(MONTH, 2_000, CALL, 0))),
        Err(error(lost))
    );
}

#[motsu::test]
fn a_price_is_the_native_one_to_the_digit() {
    let (_scene, pricer) = open();
    for (pool, dollars, leg) in [
        (POOL, 2_000, leg(MONTH, 1_900, PUT, 0)),
        (SHARING_POOL, 2_000, leg(QUARTER, 2_500, CALL, 0)),
        (OTHER_POOL, 100, leg(MONTH, 100, CALL, 0)),
    ] {
        let (native, inputs) = native(dollars, &leg);
        let there = pricer
            .sender(caller())
            .greeks(series(pool, &leg))
            .motsu_unwrap();
        let here = [
            native.delta,
            native.gamma,
            native.vega,
            native.theta,
            native.rho,
        ];
        let there_first = [there.0, there.1, there.2, there.3, there.4];
        assert_eq!(there_first, here.map(number));
        assert_eq!(there.8, U256::from(inputs.forward));
        let price = pricer
            .sender(caller())
            .price(series(pool, &leg))
            .motsu_unwrap();
        assert_eq!(I256::try_from(price.0).unwrap(), number(native.value));
    }
}

#[motsu::test]
fn in_a_batch_what_fails_fails_alone_and_a_feed_is_asked_once() {
    let (_scene, pricer) = open();
    let good = leg(MONTH, 1_900, PUT, 0);
    let other = leg(QUARTER, 100, CALL, 0);
    let silent = series(POOL, &leg(MONTH + 7, 2_000, CALL, 0));
    let ids = vec![
        series(POOL, &good),
        U256::MAX,
        expired(),
        series(OTHER_POOL, &other),
        series(1, &good),
        series(SHARING_POOL, &good),
        silent,
    ];
    change(|world| world.asked.clear());
    let request = pricesOfCall {
        seriesIds: ids.clone(),
    }
    .abi_encode();
    let answer = pricer.sender(caller()).serve(&request).unwrap();
    let answer = returned::<pricesOfCall>(&answer)._0;
    let mut feeds: Vec<B256> = asked().into_iter().map(|(feed, _)| feed).collect();
    feeds.sort_unstable();
    let mut expected = vec![FEED, OTHER_FEED];
    expected.sort_unstable();
    assert_eq!(feeds, expected);
    let failures: Vec<_> = answer.iter().map(|item| item.failure).collect();
    let none = FixedBytes::<4>::ZERO;
    assert_eq!(
        failures,
        [
            none,
            failure::<BadSeries>(),
            failure::<SeriesExpired>(),
            none,
            failure::<ISeriesFactory::UnknownPool>(),
            none,
            failure::<MissingVolatility>(),
        ]
    );
    for index in [0, 3, 5] {
        let request = priceCall {
            seriesId: ids[index],
        }
        .abi_encode();
        let alone = pricer.sender(caller()).serve(&request).unwrap();
        let alone = returned::<priceCall>(&alone);
        assert_eq!(
            (answer[index].mark, answer[index].delta),
            (alone.mark, alone.delta)
        );
    }
    assert!(answer[1].mark.is_zero() && answer[1].delta.is_zero());
}
