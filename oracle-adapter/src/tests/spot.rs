//! `spot`: median, band, quorum.

use alloy_primitives::{Address, I256, U256};
use interfaces::IOracleAdapter;
use motsu::prelude::*;

use super::host::{START, set_time};
use super::scene::{
    FEED, MAX_AGE, OTHER_FEED, aggregators, answer, error, fresh, fresh_at, list, rules, set_scene,
    wad,
};
use super::source::{Ending, Script, Source};
use crate::OracleAdapter;
use crate::abi_types::FeedRules;

fn quorum_lost(valid: u8, needed: u8) -> interfaces::Revert {
    let (valid, needed) = (U256::from(valid), U256::from(needed));
    error(IOracleAdapter::QuorumLost { valid, needed })
}

#[motsu::test]
fn an_unknown_feed_has_no_spot(adapter: Contract<OracleAdapter>, alice: Address) {
    adapter
        .sender(alice)
        .constructor(alice, Address::ZERO)
        .motsu_unwrap();
    let refused = adapter.sender(alice).spot(OTHER_FEED).motsu_unwrap_err();
    assert_eq!(
        refused,
        error(IOracleAdapter::UnknownFeed { feed: OTHER_FEED })
    );
}

#[motsu::test]
fn spot_reverts_below_the_quorum(
    adapter: Contract<OracleAdapter>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    alice: Address,
) {
    set_scene(&adapter, alice, [&a, &b, &c]);
    a.end(Ending::Reverts, 0);
    assert_eq!(adapter.sender(alice).spot(FEED).motsu_unwrap().4, 2);
    b.say(I256::ZERO, U256::from(START));
    assert_eq!(
        adapter.sender(alice).spot(FEED).motsu_unwrap_err(),
        quorum_lost(1, 2)
    );
    c.say(answer(102), U256::from(START - u64::from(MAX_AGE) - 1));
    assert_eq!(
        adapter.sender(alice).spot(FEED).motsu_unwrap_err(),
        quorum_lost(0, 2)
    );
}

#[motsu::test]
fn a_frozen_feed_loses_its_quorum_with_time(
    adapter: Contract<OracleAdapter>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    alice: Address,
) {
    set_scene(&adapter, alice, [&a, &b, &c]);
    set_time(START + u64::from(MAX_AGE));
    assert_eq!(adapter.sender(alice).spot(FEED).motsu_unwrap().3, START);
    set_time(START + u64::from(MAX_AGE) + 1);
    assert_eq!(
        adapter.sender(alice).spot(FEED).motsu_unwrap_err(),
        quorum_lost(0, 2)
    );
}

#[motsu::test]
fn spot_is_the_median_with_the_oldest_time(
    adapter: Contract<OracleAdapter>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    alice: Address,
) {
    set_scene(&adapter, alice, [&a, &b, &c]);
    fresh_at(&b, 101, START - 50);
    fresh_at(&c, 102, START + 5);
    let spot = adapter.sender(alice).spot(FEED).motsu_unwrap();
    assert_eq!(spot, (wad(101), wad(100), wad(102), START - 50, 3, 3));
    // Order of the sources does not matter.
    fresh(&a, 102);
    fresh(&b, 100);
    fresh(&c, 101);
    let spot = adapter.sender(alice).spot(FEED).motsu_unwrap();
    assert_eq!(spot, (wad(101), wad(100), wad(102), START, 3, 3));
}

#[motsu::test]
fn an_invalid_source_does_not_age_the_spot(
    adapter: Contract<OracleAdapter>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    alice: Address,
) {
    set_scene(&adapter, alice, [&a, &b, &c]);
    c.say(answer(102), U256::from(START - u64::from(MAX_AGE) - 1));
    let spot = adapter.sender(alice).spot(FEED).motsu_unwrap();
    let mid = wad(201) / U256::from(2);
    assert_eq!(spot, (mid, wad(100), wad(101), START, 2, 3));
}

#[motsu::test]
fn one_lying_source_cannot_move_the_median_out_of_the_honest_range(
    adapter: Contract<OracleAdapter>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    alice: Address,
) {
    set_scene(&adapter, alice, [&a, &b, &c]);
    for lie in [2, 50, 100, 5_000, 999_999] {
        fresh(&c, lie);
        let mid = adapter.sender(alice).spot(FEED).motsu_unwrap().0;
        assert!(
            wad(100) <= mid && mid <= wad(101),
            "lie {lie}, median {mid}"
        );
    }
}

#[motsu::test]
fn a_quorum_of_all_needs_all(
    adapter: Contract<OracleAdapter>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    alice: Address,
) {
    for source in [&a, &b, &c] {
        fresh(source, 100);
    }
    adapter
        .sender(alice)
        .constructor(alice, Address::ZERO)
        .motsu_unwrap();
    adapter
        .sender(alice)
        .list_feed(
            FEED,
            aggregators(&[a.at(), b.at(), c.at()].map(|at| (at, 60))),
            FeedRules {
                quorum: 3,
                ..rules()
            },
        )
        .motsu_unwrap();
    b.end(Ending::Reverts, 0);
    assert_eq!(
        adapter.sender(alice).spot(FEED).motsu_unwrap_err(),
        quorum_lost(2, 3)
    );
}

#[motsu::test]
fn fifteen_sources_are_read(adapter: Contract<OracleAdapter>, alice: Address) {
    let sources: Vec<Contract<Source>> = (0..15).map(|_| Contract::new()).collect();
    for (source, price) in sources.iter().zip(100..) {
        fresh(source, price);
    }
    adapter
        .sender(alice)
        .constructor(alice, Address::ZERO)
        .motsu_unwrap();
    list(&adapter, alice, sources.iter().map(Script::at).collect()).motsu_unwrap();
    let spot = adapter.sender(alice).spot(FEED).motsu_unwrap();
    // The neighbours are 1.9 % apart, more than 1 %: half of that is added on either side.
    assert_eq!(spot, (wad(107), wad(105), wad(109), START, 15, 15));
}
