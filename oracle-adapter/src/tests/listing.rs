//! `listFeed`.

use alloc::vec;
use alloc::vec::Vec;

use alloy_primitives::{Address, U256};
use interfaces::IOracleAdapter;
use interfaces::Revert;
use motsu::prelude::*;

use super::scene::{FEED, error, fresh, list, set_scene, wad};
use super::source::{Ending, Script, Source};
use crate::OracleAdapter;
use crate::aggregator::GAS_NEEDED;
use crate::listing::{MOST_AGE, MOST_PRICE};
use crate::ownership::OwnableUnauthorizedAccount;
use crate::tests::host::set_gas_left;

fn own(adapter: &Contract<OracleAdapter>, owner: Address) {
    adapter.sender(owner).constructor(owner).motsu_unwrap();
}

fn ready(sources: [&Contract<Source>; 3]) -> Vec<Address> {
    for source in sources {
        fresh(source, 100);
    }
    sources.iter().map(|source| source.at()).collect()
}

fn bounds(given: U256, least: U256, most: U256) -> Revert {
    error(IOracleAdapter::ParameterOutOfBounds { given, least, most })
}

#[motsu::test]
fn listing_reverts_for_others_than_the_owner(
    adapter: Contract<OracleAdapter>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    alice: Address,
    bob: Address,
) {
    own(&adapter, alice);
    let refused = list(&adapter, bob, ready([&a, &b, &c])).motsu_unwrap_err();
    assert_eq!(refused, error(OwnableUnauthorizedAccount { account: bob }));
}

#[motsu::test]
fn a_feed_is_listed_once(
    adapter: Contract<OracleAdapter>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    alice: Address,
) {
    set_scene(&adapter, alice, [&a, &b, &c]);
    let refused = list(&adapter, alice, ready([&a, &b, &c])).motsu_unwrap_err();
    assert_eq!(refused, error(IOracleAdapter::FeedExists { feed: FEED }));
}

#[motsu::test]
fn three_to_fifteen_sources_are_needed(adapter: Contract<OracleAdapter>, alice: Address) {
    own(&adapter, alice);
    for count in [0, 2, 16] {
        let sources = vec![alice; count];
        let refused = list(&adapter, alice, sources).motsu_unwrap_err();
        let (given, least, most) = (U256::from(count), U256::from(3), U256::from(15));
        assert_eq!(
            refused,
            error(IOracleAdapter::BadSourceCount { given, least, most })
        );
    }
}

#[motsu::test]
fn every_source_needs_an_age(
    adapter: Contract<OracleAdapter>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    alice: Address,
) {
    own(&adapter, alice);
    let sources = ready([&a, &b, &c]);
    let refused = adapter
        .sender(alice)
        .list_feed(FEED, sources.clone(), vec![60; 2], wad(1), wad(2), 2)
        .motsu_unwrap_err();
    let (first, second) = (U256::from(3), U256::from(2));
    assert_eq!(
        refused,
        error(IOracleAdapter::LengthMismatch { first, second })
    );
    for age in [0, MOST_AGE + 1] {
        let refused = adapter
            .sender(alice)
            .list_feed(
                FEED,
                sources.clone(),
                vec![60, 60, age],
                wad(1),
                wad(200),
                2,
            )
            .motsu_unwrap_err();
        assert_eq!(
            refused,
            bounds(U256::from(age), U256::from(1), U256::from(MOST_AGE))
        );
    }
    let most = adapter
        .sender(alice)
        .list_feed(FEED, sources, vec![1, 60, MOST_AGE], wad(1), wad(200), 2)
        .motsu_res();
    assert!(most.is_ok());
}

#[motsu::test]
fn bounds_must_be_ordered_and_below_the_highest_price(
    adapter: Contract<OracleAdapter>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    alice: Address,
) {
    own(&adapter, alice);
    let sources = ready([&a, &b, &c]);
    let try_bounds = |min, max| {
        adapter
            .sender(alice)
            .list_feed(FEED, sources.clone(), vec![60; 3], min, max, 2)
            .motsu_unwrap_err()
    };
    let (one, most) = (U256::from(1), U256::from(MOST_PRICE));
    assert_eq!(try_bounds(one, most + one), bounds(most + one, one, most));
    assert_eq!(
        try_bounds(U256::ZERO, U256::ZERO),
        bounds(U256::ZERO, one, most)
    );
    assert_eq!(
        try_bounds(wad(5), wad(5)),
        bounds(wad(5), U256::ZERO, wad(5) - one)
    );
}

#[motsu::test]
fn a_quorum_is_a_majority_and_at_most_all(
    adapter: Contract<OracleAdapter>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    alice: Address,
) {
    own(&adapter, alice);
    let sources = ready([&a, &b, &c]);
    let refused = adapter
        .sender(alice)
        .list_feed(FEED, sources.clone(), vec![60; 3], wad(1), wad(200), 4)
        .motsu_unwrap_err();
    assert_eq!(refused, bounds(U256::from(4), U256::from(2), U256::from(3)));
    // A quorum of one is raised to two.
    adapter
        .sender(alice)
        .list_feed(FEED, sources, vec![60; 3], wad(1), wad(200), 1)
        .motsu_unwrap();
    let listed = IOracleAdapter::FeedListed {
        feed: FEED,
        sources: 3,
        quorum: 2,
    };
    assert!(adapter.emitted(&listed));
}

#[motsu::test]
fn two_sources_may_not_be_one(
    adapter: Contract<OracleAdapter>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    alice: Address,
) {
    own(&adapter, alice);
    let mut sources = ready([&a, &b, &c]);
    sources[2] = a.at();
    let refused = list(&adapter, alice, sources).motsu_unwrap_err();
    assert_eq!(
        refused,
        error(IOracleAdapter::DuplicateOrigin { source: a.at() })
    );
}

#[motsu::test]
fn every_source_must_answer_well_at_listing(
    adapter: Contract<OracleAdapter>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    alice: Address,
) {
    own(&adapter, alice);
    let sources = ready([&a, &b, &c]);
    let breaks: [fn(&Contract<Source>); 4] = [
        |source| source.set_decimals(U256::from(19)),
        |source| source.set_decimals(U256::MAX),
        |source| source.end(Ending::Truncates, 0),
        |source| source.break_decimals(),
    ];
    for break_it in breaks {
        fresh(&c, 100);
        c.end(Ending::Answers, 0);
        break_it(&c);
        let refused = list(&adapter, alice, sources.clone()).motsu_unwrap_err();
        assert_eq!(refused, error(IOracleAdapter::BadSource { source: c.at() }));
    }
}

#[motsu::test]
fn listing_on_little_gas_reverts(
    adapter: Contract<OracleAdapter>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    alice: Address,
) {
    own(&adapter, alice);
    let sources = ready([&a, &b, &c]);
    set_gas_left(GAS_NEEDED - 1);
    let refused = list(&adapter, alice, sources.clone()).motsu_unwrap_err();
    let (left, needed) = (U256::from(GAS_NEEDED - 1), U256::from(GAS_NEEDED));
    assert_eq!(
        refused,
        error(IOracleAdapter::InsufficientGasForSource {
            gasLeft: left,
            needed
        })
    );
    set_gas_left(GAS_NEEDED);
    assert!(list(&adapter, alice, sources).motsu_res().is_ok());
}
