//! `marketData`: what the margin engine reads in one call, and what makes it doubtful.

use alloy_primitives::{Address, I256, U256};
use alloy_sol_types::SolValue;
use interfaces::{IOracleAdapter, Revert};
use motsu::prelude::*;

use super::host::{START, set_time};
use super::scene::{FEED, OTHER_FEED, WAD, answer, error, fresh, set_scene, wad};
use super::source::{Ending, Script, Source};
use super::surface::{Mood, Surface, Temper, smiles, term};
use crate::OracleAdapter;
use crate::abi_types::MarketData;

/// A day from the start.
const EXPIRY: u32 = 1_735_776_000;

fn listed(
    adapter: &Contract<OracleAdapter>,
    surface: &Contract<Surface>,
    owner: Address,
    sources: [&Contract<Source>; 3],
) {
    set_scene(adapter, owner, sources);
    let mut storage = adapter.sender(owner);
    storage.volatility_surface.set(surface.address());
}

fn read(adapter: &Contract<OracleAdapter>, caller: Address, expiries: &[u32]) -> MarketData {
    adapter
        .sender(caller)
        .market_data(FEED, expiries.to_vec())
        .motsu_unwrap()
}

#[motsu::test]
fn market_data_need_a_feed_and_a_quorum(
    adapter: Contract<OracleAdapter>,
    surface: Contract<Surface>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    alice: Address,
) {
    listed(&adapter, &surface, alice, [&a, &b, &c]);
    let refused = adapter
        .sender(alice)
        .market_data(OTHER_FEED, vec![])
        .motsu_unwrap_err();
    assert_eq!(
        refused,
        error(IOracleAdapter::UnknownFeed { feed: OTHER_FEED })
    );
    a.end(Ending::Reverts, 0);
    b.end(Ending::Reverts, 0);
    let refused = adapter
        .sender(alice)
        .market_data(FEED, vec![])
        .motsu_unwrap_err();
    let (valid, needed) = (U256::from(1), U256::from(2));
    assert_eq!(refused, error(IOracleAdapter::QuorumLost { valid, needed }));
}

#[motsu::test]
fn market_data_carry_the_round_and_the_surfaces_lists_as_they_lie(
    adapter: Contract<OracleAdapter>,
    surface: Contract<Surface>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    alice: Address,
) {
    listed(&adapter, &surface, alice, [&a, &b, &c]);
    let expiries = [EXPIRY, EXPIRY + 1, EXPIRY];
    let data = read(&adapter, alice, &expiries);
    assert_eq!(
        (data.mid, data.low, data.high),
        (wad(101), wad(100), wad(102))
    );
    assert_eq!((data.stable, data.doubts), (1_000_000_000_000_000_000, 0));
    // All three valid; 2 of 101 wide: 1.98019… %, rounded up to a millionth.
    assert_eq!(data.confidence, 980_198_000_000_000_000);
    assert_eq!(data.terms.len(), 3);
    for (found, expiry) in data.terms.iter().zip(expiries) {
        let expected = term(expiry).abi_encode();
        assert_eq!(found.abi_encode(), expected);
    }
    let expected: Vec<_> = expiries.into_iter().flat_map(smiles).collect();
    assert_eq!(data.smiles, expected);
}

#[motsu::test]
fn no_expiries_have_no_terms(
    adapter: Contract<OracleAdapter>,
    surface: Contract<Surface>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    alice: Address,
) {
    listed(&adapter, &surface, alice, [&a, &b, &c]);
    let data = read(&adapter, alice, &[]);
    assert_eq!((data.terms.len(), data.smiles.len()), (0, 0));
}

#[motsu::test]
fn a_surface_that_fails_or_answers_otherwise_fails_the_call(
    adapter: Contract<OracleAdapter>,
    surface: Contract<Surface>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    alice: Address,
) {
    listed(&adapter, &surface, alice, [&a, &b, &c]);
    let ask = |mood| {
        surface.be(mood);
        adapter
            .sender(alice)
            .market_data(FEED, vec![EXPIRY])
            .motsu_unwrap_err()
    };
    assert_eq!(ask(Mood::Refuses), Revert::from_callee(b"refused".to_vec()));
    assert_eq!(ask(Mood::Truncates), Revert::empty());
    assert_eq!(ask(Mood::Shifts), Revert::empty());
    surface.be(Mood::Answers);
    assert_eq!(read(&adapter, alice, &[EXPIRY]).doubts, 0);
}

#[motsu::test]
fn every_doubt_has_its_bit_and_moves_no_middle(
    adapter: Contract<OracleAdapter>,
    surface: Contract<Surface>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    alice: Address,
) {
    listed(&adapter, &surface, alice, [&a, &b, &c]);
    let doubts = |mid: u128| {
        let data = read(&adapter, alice, &[EXPIRY]);
        assert_eq!(data.mid, U256::from(mid));
        data.doubts
    };
    surface.be(Mood::Stale);
    assert_eq!(doubts(101 * WAD), 8);
    surface.be(Mood::Answers);

    // 99, 100, 101: exactly 2 % of the median.
    for (source, price) in [(&a, 99), (&b, 100), (&c, 101)] {
        fresh(source, price);
    }
    assert_eq!(doubts(100 * WAD), 0);
    // One unit of the source more.
    let above = answer(101).into_raw() + U256::from(1);
    c.say(I256::from_raw(above), U256::from(START));
    assert_eq!(doubts(100 * WAD), 1);

    // Two of three left: none may fail any more.
    c.end(Ending::Reverts, 0);
    assert_eq!(doubts(99 * WAD + WAD / 2), 4);
    c.end(Ending::Answers, 0);

    // A move beyond 10 % of what was accepted holds the middle back; the band covers both.
    fresh(&c, 101);
    adapter.sender(alice).evaluate(FEED).motsu_unwrap();
    set_time(START + 1);
    for source in [&a, &b, &c] {
        fresh(source, 50);
    }
    assert_eq!(doubts(100 * WAD), 2);
    let data = read(&adapter, alice, &[]);
    assert_eq!((data.low, data.high), (wad(50), wad(100)));
}
