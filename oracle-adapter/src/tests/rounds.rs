//! `evaluate`, `round`, `latestRound`.

use alloy_primitives::Address;
use interfaces::IOracleAdapter::UnknownRound;
use motsu::prelude::*;

use super::host::{START, set_gas_left, set_time};
use super::scene::{FEED, error, fresh, fresh_at, set_scene, wad};
use super::source::{Ending, Script, Source};
use crate::OracleAdapter;

#[motsu::test]
fn unknown_rounds_revert(
    adapter: Contract<OracleAdapter>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    alice: Address,
) {
    set_scene(&adapter, alice, [&a, &b, &c]);
    let unknown = |id| error(UnknownRound { feed: FEED, id });
    let caller = adapter.sender(alice);
    assert_eq!(caller.latest_round(FEED).motsu_unwrap_err(), unknown(0));
    assert_eq!(caller.round(FEED, 1).motsu_unwrap_err(), unknown(1));
    adapter.sender(alice).evaluate(FEED).motsu_unwrap();
    let caller = adapter.sender(alice);
    assert_eq!(caller.round(FEED, 2).motsu_unwrap_err(), unknown(2));
    assert_eq!(caller.round(FEED, 0).motsu_unwrap_err(), unknown(0));
}

#[motsu::test]
fn a_second_has_one_round_which_everybody_gets_with_however_little_gas(
    adapter: Contract<OracleAdapter>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    alice: Address,
    bob: Address,
) {
    set_scene(&adapter, alice, [&a, &b, &c]);
    assert_eq!(adapter.sender(alice).evaluate(FEED).motsu_unwrap(), 1);
    // Within the second nothing is asked again: neither a new price nor a lost quorum is seen, and gas for a source is not needed.
    fresh(&b, 105);
    a.end(Ending::Reverts, 0);
    c.end(Ending::Reverts, 0);
    set_gas_left(0);
    assert_eq!(adapter.sender(bob).evaluate(FEED).motsu_unwrap(), 1);
    let spot = adapter.sender(bob).spot(FEED).motsu_unwrap();
    assert_eq!(spot, (wad(101), wad(100), wad(102), START, 3, 3));

    set_gas_left(10_000_000);
    set_time(START + 1);
    for source in [&a, &c] {
        source.end(Ending::Answers, 0);
    }
    for (source, price) in [(&a, 103), (&b, 104), (&c, 105)] {
        fresh_at(source, price, START + 1);
    }
    assert_eq!(adapter.sender(bob).evaluate(FEED).motsu_unwrap(), 2);
    let latest = adapter.sender(bob).latest_round(FEED).motsu_unwrap();
    assert_eq!((latest.0, latest.1, latest.5), (2, wad(104), START + 1));
    // The first one stays what it was.
    let first = adapter.sender(bob).round(FEED, 1).motsu_unwrap();
    assert_eq!(first, (wad(101), wad(100), wad(102), START, START, 0));
}

#[motsu::test]
fn reported_times_never_run_backwards(
    adapter: Contract<OracleAdapter>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    alice: Address,
) {
    set_scene(&adapter, alice, [&a, &b, &c]);
    // Out of bounds, so the oldest of those that count is of now.
    fresh_at(&a, 2_000_000, START - 100);
    adapter.sender(alice).evaluate(FEED).motsu_unwrap();
    assert_eq!(
        adapter.sender(alice).latest_round(FEED).motsu_unwrap().4,
        START
    );
    // Back within bounds with its old time, it waits for its next answer.
    set_time(START + 1);
    fresh_at(&a, 100, START - 100);
    let (_, status, ..) = adapter.sender(alice).source_status(FEED, 0).motsu_unwrap();
    assert_eq!(status, 9);
    let spot = adapter.sender(alice).spot(FEED).motsu_unwrap();
    assert_eq!((spot.3, spot.4), (START, 2));
    fresh_at(&a, 100, START + 1);
    assert_eq!(adapter.sender(alice).spot(FEED).motsu_unwrap().4, 3);
}
