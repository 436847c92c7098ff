//! The contract answers every function of `ISeriesFactory.sol`, and those of an owned contract.

use alloc::vec::Vec;

use alloy_primitives::U256;
use alloy_sol_types::SolCall;
use interfaces::IOwnable2Step::IOwnable2StepCalls;
use interfaces::ISeriesFactory::ISeriesFactoryCalls;
use interfaces::{ISeriesFactory, ids};
use motsu::prelude::*;
use stylus_sdk::abi::Router;

use super::world::{DAY, FEED, FIRST_EXPIRY, World};
use crate::SeriesFactory;

#[motsu::test]
fn every_function_of_the_interface_is_answered() {
    let world = World::new();
    let mut factory = world.factory.sender(world.alice);
    let unanswered: Vec<_> = ISeriesFactoryCalls::SELECTORS
        .iter()
        .chain(IOwnable2StepCalls::SELECTORS)
        .filter(|selector| {
            let selector = u32::from_be_bytes(**selector);
            <SeriesFactory as Router<SeriesFactory>>::route(&mut factory, selector, &[]).is_none()
        })
        .collect();
    assert!(unanswered.is_empty(), "{unanswered:02x?}");
    assert!(<SeriesFactory as Router<SeriesFactory>>::route(&mut factory, 0, &[]).is_none());
}

/// Sends an encoded call by way of the router and decodes the answer as the interface declares it.
fn ask<C: SolCall>(world: &World, request: &C) -> C::Return {
    let mut factory = world.factory.sender(world.owner);
    let encoded = request.abi_encode();
    let selector = u32::from_be_bytes(C::SELECTOR);
    let answer =
        <SeriesFactory as Router<SeriesFactory>>::route(&mut factory, selector, &encoded[4..]);
    let answer = answer
        .expect("the function exists")
        .expect("the call succeeds");
    C::abi_decode_returns(&answer, true).expect("the answer is of the declared type")
}

#[motsu::test]
fn answers_are_encoded_as_the_interface_declares() {
    let world = World::new();
    let terms = world.terms();
    world.list(world.owner, terms).motsu_unwrap();
    let (pool, expiry, strike) = (1, FIRST_EXPIRY, terms.strike_tick);

    let listing = ISeriesFactory::listSeriesCall {
        pool,
        expiry,
        strike,
        kind: 1,
    };
    let id = ask(&world, &listing).seriesId;
    assert_eq!(id, ids::series_id(pool, expiry, strike, 1));
    assert!(ask(&world, &ISeriesFactory::isListedCall { seriesId: id })._0);
    assert_eq!(ask(&world, &ISeriesFactory::poolCountCall {})._0, 1);
    assert_eq!(
        ask(&world, &ISeriesFactory::seriesCountCall { pool })._0,
        U256::from(1)
    );
    let index = U256::ZERO;
    assert_eq!(
        ask(&world, &ISeriesFactory::seriesAtCall { pool, index }).seriesId,
        id
    );

    let assets = ask(&world, &ISeriesFactory::poolAssetsCall { pool });
    assert_eq!(
        (assets.settlementAsset, assets.settlementDecimals),
        (terms.settlement_asset, 6)
    );
    assert_eq!(
        (assets.baseAsset, assets.baseDecimals),
        (terms.base_asset, 18)
    );
    let risk = ask(&world, &ISeriesFactory::poolRiskCall { pool });
    assert_eq!((risk.feed, risk.riskProfile), (FEED, 1));
    assert_eq!((risk.settlementDecimals, risk.baseDecimals), (6, 18));
    assert_eq!(risk.openInterestCap, terms.open_interest_cap);
    let rules = ask(&world, &ISeriesFactory::poolSeriesRulesCall { pool });
    assert_eq!((rules.expiryInterval, rules.expiryOffset), (DAY, 28_800));
    assert_eq!(
        (rules.maxTenor, rules.strikeTick),
        (terms.max_tenor, terms.strike_tick)
    );
}
