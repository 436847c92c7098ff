//! `graceUntil`: how long auctions wait for those an outage has caught, and that nobody waits for the feed.

use alloy_primitives::{Address, I256, U256};
use interfaces::IOracleAdapter;
use motsu::prelude::*;

use super::committee::{list_with, of_kind};
use super::host::{START, set_time};
use super::scene::{FEED, OTHER_FEED, error, fresh_at, set_scene};
use super::source::{Ending, Script, Source};
use crate::OracleAdapter;

const GRACE: u32 = 600;
const DAY: u64 = 86_400;

/// The uptime feed answers `answer` (0 up, 1 down) since a time.
fn uptime(feed: &Contract<Source>, answer: u8, since: u64) {
    feed.say(I256::try_from(answer).unwrap(), U256::from(since));
}

fn until(adapter: &Contract<OracleAdapter>, time: u64) -> u64 {
    set_time(time);
    let anyone = Address::repeat_byte(0xdd);
    adapter.sender(anyone).grace_until(FEED).motsu_unwrap()
}

#[motsu::test]
fn nobody_waits_where_no_uptime_feed_is_listed(
    adapter: Contract<OracleAdapter>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    alice: Address,
) {
    set_scene(&adapter, alice, [&a, &b, &c]);
    assert_eq!(until(&adapter, START), 0);
    let refused = adapter.sender(alice).grace_until(OTHER_FEED);
    assert_eq!(
        refused.motsu_unwrap_err(),
        error(IOracleAdapter::UnknownFeed { feed: OTHER_FEED })
    );
}

#[motsu::test]
fn a_grace_of_more_than_an_hour_is_not_listed(
    adapter: Contract<OracleAdapter>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    up: Contract<Source>,
    alice: Address,
) {
    adapter
        .sender(alice)
        .constructor(alice, Address::ZERO)
        .motsu_unwrap();
    uptime(&up, 0, START - 5);
    let list = |grace| {
        let watch = vec![of_kind(up.at(), 4, grace)];
        list_with(&adapter, alice, [&a, &b, &c], watch).motsu_res()
    };
    let [given, least, most] = [3_601, 1, 3_600].map(U256::from);
    let refused = error(IOracleAdapter::ParameterOutOfBounds { given, least, most });
    assert_eq!(list(3_601).unwrap_err(), refused);
    list(3_600).unwrap();
    assert_eq!(until(&adapter, START), START - 5 + 3_600);
}

#[motsu::test]
fn the_wait_is_the_grace_from_when_the_sequencer_went_down_or_came_back(
    adapter: Contract<OracleAdapter>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    up: Contract<Source>,
    alice: Address,
) {
    adapter
        .sender(alice)
        .constructor(alice, Address::ZERO)
        .motsu_unwrap();
    uptime(&up, 0, START - 5);
    let watch = vec![of_kind(up.at(), 4, GRACE)];
    list_with(&adapter, alice, [&a, &b, &c], watch).motsu_unwrap();
    let grace = u64::from(GRACE);
    for answer in [0, 1] {
        uptime(&up, answer, START);
        for waited in [0, 1, grace - 1] {
            assert_eq!(until(&adapter, START + waited), START + grace, "{answer}");
        }
        assert_eq!(until(&adapter, START + grace), 0, "{answer}");
    }
    // What is no answer is not waited for: from the future, since never, neither up nor down, reverting, short.
    for (answer, since) in [(0, START + 1), (1, START + 1), (0, 0), (1, 0), (2, START)] {
        uptime(&up, answer, since);
        assert_eq!(until(&adapter, START), 0, "{answer} {since}");
    }
    uptime(&up, 1, START);
    up.end(Ending::Reverts, 0);
    assert_eq!(until(&adapter, START), 0);
    up.end(Ending::Truncates, 159);
    assert_eq!(until(&adapter, START), 0);
    up.end(Ending::Answers, 0);
    assert_eq!(until(&adapter, START), START + grace);
}

#[motsu::test]
fn a_feed_that_has_always_just_restarted_is_waited_for_no_longer_than_a_day(
    adapter: Contract<OracleAdapter>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    up: Contract<Source>,
    alice: Address,
) {
    adapter
        .sender(alice)
        .constructor(alice, Address::ZERO)
        .motsu_unwrap();
    uptime(&up, 0, START - 5);
    let watch = vec![of_kind(up.at(), 4, GRACE)];
    list_with(&adapter, alice, [&a, &b, &c], watch).motsu_unwrap();
    let grace = u64::from(GRACE);
    let store = |time, since| {
        set_time(time);
        uptime(&up, 0, since);
        for source in [&a, &b, &c] {
            fresh_at(source, 100, time);
        }
        adapter.sender(alice).evaluate(FEED).motsu_unwrap();
    };
    // An honest round in between starts the day anew.
    store(START, START);
    store(START + grace + 1, START);
    for hour in 0..24 {
        let time = START + DAY + hour * 3_600;
        store(time, time);
        assert_eq!(until(&adapter, time), time + grace, "{hour}");
    }
    let last = START + 2 * DAY;
    uptime(&up, 0, last - 1);
    assert_eq!(until(&adapter, last - 1), last - 1 + grace);
    uptime(&up, 0, last);
    assert_eq!(until(&adapter, last), 0);
    // In order again, it is believed the next time.
    store(last + 5, START);
    uptime(&up, 1, last + 6);
    assert_eq!(until(&adapter, last + 6), last + 6 + grace);
}
