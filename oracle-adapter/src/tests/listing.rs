//! `listFeed`.

use alloc::vec;
use alloc::vec::Vec;

use alloy_primitives::{Address, U256};
use interfaces::IOracleAdapter;
use interfaces::Revert;
use motsu::prelude::*;

use super::scene::{FEED, aggregators, error, fresh, list, rules, set_scene, wad};
use super::source::{Ending, Script, Source};
use crate::OracleAdapter;
use crate::abi_types::FeedRules;
use crate::listing::{MOST_AGE, MOST_PRICE};
use crate::ownership::OwnableUnauthorizedAccount;
use crate::source::GAS_NEEDED;
use crate::tests::host::set_gas_left;

fn own(adapter: &Contract<OracleAdapter>, owner: Address) {
    adapter
        .sender(owner)
        .constructor(owner, Address::ZERO)
        .motsu_unwrap();
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
    ready([&a, &b, &c]);
    let try_ages = |last| {
        let sources = aggregators(&[(a.at(), 1), (b.at(), 60), (c.at(), last)]);
        adapter
            .sender(alice)
            .list_feed(FEED, sources, rules())
            .motsu_res()
    };
    for age in [0, MOST_AGE + 1] {
        assert_eq!(
            try_ages(age).unwrap_err(),
            bounds(U256::from(age), U256::from(1), U256::from(MOST_AGE))
        );
    }
    assert!(try_ages(MOST_AGE).is_ok());
}

#[motsu::test]
fn every_rule_has_its_bounds(
    adapter: Contract<OracleAdapter>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    alice: Address,
) {
    own(&adapter, alice);
    let sources = ready([&a, &b, &c]);
    let cases: [(fn(&mut FeedRules), u32, u32, u32); 9] = [
        (|rules| rules.quorum = 4, 4, 0, 3),
        (|rules| rules.warnBps = 201, 201, 0, 200),
        (|rules| (rules.warnBps, rules.haltBps) = (0, 0), 0, 1, 5_000),
        (|rules| rules.haltBps = 5_001, 5_001, 1, 5_000),
        (|rules| rules.jumpBps = 5_001, 5_001, 0, 5_000),
        (|rules| rules.jumpDelay = 0, 0, 1, 600),
        (|rules| rules.jumpDelay = 601, 601, 1, 600),
        (|rules| rules.confidenceBps = 5_001, 5_001, 0, 5_000),
        (|rules| rules.twapBps = 5_001, 5_001, 0, 5_000),
    ];
    for (change, given, least, most) in cases {
        let mut changed = rules();
        change(&mut changed);
        let sources = aggregators(&[sources[0], sources[1], sources[2]].map(|at| (at, 60)));
        let refused = adapter
            .sender(alice)
            .list_feed(FEED, sources, changed)
            .motsu_unwrap_err();
        let [given, least, most] = [given, least, most].map(U256::from);
        assert_eq!(refused, bounds(given, least, most), "{given}");
    }
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
            .list_feed(
                FEED,
                aggregators(&[sources[0], sources[1], sources[2]].map(|at| (at, 60))),
                FeedRules {
                    minPrice: min,
                    maxPrice: max,
                    ..rules()
                },
            )
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
    // A quorum of one is raised to two.
    let sources = aggregators(&[sources[0], sources[1], sources[2]].map(|at| (at, 60)));
    let low = FeedRules {
        quorum: 1,
        ..rules()
    };
    adapter
        .sender(alice)
        .list_feed(FEED, sources, low)
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
fn two_contracts_of_one_origin_are_refused(
    adapter: Contract<OracleAdapter>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    alice: Address,
) {
    own(&adapter, alice);
    ready([&a, &b, &c]);
    let mut sources = aggregators(&[a.at(), b.at(), c.at()].map(|at| (at, 60)));
    sources[2].origin = sources[1].origin;
    let refused = adapter
        .sender(alice)
        .list_feed(FEED, sources, rules())
        .motsu_unwrap_err();
    assert_eq!(
        refused,
        error(IOracleAdapter::DuplicateOrigin { source: c.at() })
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
