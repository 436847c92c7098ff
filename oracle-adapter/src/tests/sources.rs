//! `sourceStatus`: what each fault of a source is called.

use alloy_primitives::{Address, I256, U256};
use interfaces::IOracleAdapter;
use motsu::prelude::*;

use super::host::{START, set_gas_left};
use super::scene::{FEED, MAX_AGE, OTHER_FEED, answer, error, fresh, set_scene, wad};
use super::source::{Ending, Script, Source};
use crate::OracleAdapter;
use crate::source::{GAS_NEEDED, MAX_CLOCK_SKEW};

#[motsu::test]
fn a_status_is_of_a_listed_source_only(
    adapter: Contract<OracleAdapter>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    alice: Address,
) {
    set_scene(&adapter, alice, [&a, &b, &c]);
    let refused = adapter
        .sender(alice)
        .source_status(OTHER_FEED, 0)
        .motsu_unwrap_err();
    assert_eq!(
        refused,
        error(IOracleAdapter::UnknownFeed { feed: OTHER_FEED })
    );
    let refused = adapter
        .sender(alice)
        .source_status(FEED, 3)
        .motsu_unwrap_err();
    let (index, length) = (U256::from(3), U256::from(3));
    assert_eq!(
        refused,
        error(IOracleAdapter::IndexOutOfBounds { index, length })
    );
}

#[motsu::test]
fn a_source_is_never_read_on_little_gas(
    adapter: Contract<OracleAdapter>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    alice: Address,
) {
    set_scene(&adapter, alice, [&a, &b, &c]);
    set_gas_left(GAS_NEEDED - 1);
    let (left, needed) = (U256::from(GAS_NEEDED - 1), U256::from(GAS_NEEDED));
    let starved = error(IOracleAdapter::InsufficientGasForSource {
        gasLeft: left,
        needed,
    });
    assert_eq!(
        adapter
            .sender(alice)
            .source_status(FEED, 0)
            .motsu_unwrap_err(),
        starved
    );
    assert_eq!(adapter.sender(alice).spot(FEED).motsu_unwrap_err(), starved);
    assert_eq!(
        adapter
            .sender(alice)
            .market_data(FEED, Vec::new())
            .motsu_unwrap_err(),
        starved
    );
    set_gas_left(GAS_NEEDED);
    assert!(adapter.sender(alice).spot(FEED).motsu_res().is_ok());
}

#[motsu::test]
fn gas_for_a_source_survives_the_rule_of_sixty_four(alice: Address) {
    let _ = alice;
    // After keeping a sixty-fourth and what follows, the source gets its 150,000 in full.
    let before_call = GAS_NEEDED - 30_000;
    assert!(before_call - before_call / 64 >= 150_000);
}

#[motsu::test]
fn every_fault_has_its_status(
    adapter: Contract<OracleAdapter>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    alice: Address,
) {
    set_scene(&adapter, alice, [&a, &b, &c]);
    let now = U256::from(START);
    let (good, second) = (answer(100), U256::from(1));
    let age = U256::from(MAX_AGE);
    let skew = U256::from(MAX_CLOCK_SKEW);
    let rows: [(&str, I256, U256, u8); 15] = [
        ("fresh", good, now, 0),
        ("at the greatest age", good, now - age, 0),
        ("a second too old", good, now - age - second, 4),
        ("as far ahead as clocks drift", good, now + skew, 0),
        ("from the future", good, now + skew + second, 3),
        ("of time zero", good, U256::ZERO, 3),
        ("in nanoseconds", good, now * U256::from(1_000_000_000), 3),
        ("of an absurd time", good, U256::MAX, 3),
        ("zero", I256::ZERO, now, 2),
        ("negative", I256::MINUS_ONE, now, 2),
        ("the most negative", I256::MIN, now, 2),
        ("at the lower bound", answer(1), now, 5),
        ("at the upper bound", answer(1_000_000), now, 5),
        ("a millionfold print", answer(100_000_000), now, 5),
        ("the greatest", I256::MAX, now, 5),
    ];
    for (name, price, time, status) in rows {
        b.say(price, time);
        let read = adapter.sender(alice).source_status(FEED, 1).motsu_unwrap();
        assert_eq!((read.0, read.1), (b.at(), status), "an answer {name}");
    }
    b.say(good, now);
    let read = adapter.sender(alice).source_status(FEED, 1).motsu_unwrap();
    assert_eq!(read, (b.at(), 0, wad(100), START));
}

#[motsu::test]
fn a_source_that_fails_or_answers_short_is_a_failed_call(
    adapter: Contract<OracleAdapter>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    alice: Address,
) {
    set_scene(&adapter, alice, [&a, &b, &c]);
    for length in [0, 31, 32, 33, 159] {
        c.end(Ending::Truncates, length);
        let read = adapter.sender(alice).source_status(FEED, 2).motsu_unwrap();
        assert_eq!(read, (c.at(), 1, U256::ZERO, 0), "{length} bytes");
        let spot = adapter.sender(alice).spot(FEED).motsu_unwrap();
        assert_eq!((spot.0, spot.4), (wad(100) + wad(1) / U256::from(2), 2));
    }
    c.end(Ending::Reverts, 0);
    let read = adapter.sender(alice).source_status(FEED, 2).motsu_unwrap();
    assert_eq!(read, (c.at(), 1, U256::ZERO, 0));
    // A million bytes are no fault: the first five words count and no more is copied.
    c.end(Ending::Truncates, 1_000_000);
    let read = adapter.sender(alice).source_status(FEED, 2).motsu_unwrap();
    assert_eq!(read, (c.at(), 0, wad(102), START));
}

#[motsu::test]
fn changed_decimals_quarantine_a_source(
    adapter: Contract<OracleAdapter>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    alice: Address,
) {
    set_scene(&adapter, alice, [&a, &b, &c]);
    for decimals in [U256::from(18), U256::from(7), U256::MAX] {
        a.set_decimals(decimals);
        let read = adapter.sender(alice).source_status(FEED, 0).motsu_unwrap();
        assert_eq!(read, (a.at(), 6, U256::ZERO, 0), "{decimals} decimals");
    }
    a.break_decimals();
    assert_eq!(
        adapter
            .sender(alice)
            .source_status(FEED, 0)
            .motsu_unwrap()
            .1,
        6
    );
    assert_eq!(adapter.sender(alice).spot(FEED).motsu_unwrap().4, 2);
}

#[motsu::test]
fn decimals_only_scale(
    adapter: Contract<OracleAdapter>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    alice: Address,
) {
    fresh(&b, 100);
    for (source, decimals, price) in [
        (&a, 0, I256::unchecked_from(100)),
        (&c, 18, I256::from_raw(wad(100))),
    ] {
        source.set_decimals(U256::from(decimals));
        source.say(price, U256::from(START));
    }
    adapter
        .sender(alice)
        .constructor(alice, Address::ZERO)
        .motsu_unwrap();
    super::scene::list(&adapter, alice, vec![a.at(), b.at(), c.at()]).motsu_unwrap();
    for index in 0..3 {
        assert_eq!(
            adapter
                .sender(alice)
                .source_status(FEED, index)
                .motsu_unwrap()
                .2,
            wad(100)
        );
    }
}
