//! `marketData`: what the margin engine reads in one call, and what makes it degraded.

use alloy_primitives::{Address, U256};
use interfaces::IOracleAdapter;
use motsu::prelude::*;

use super::host::{START, set_time};
use super::scene::{FEED, OTHER_FEED, answer, error, fresh, fresh_at, set_scene, wad};
use super::source::{Ending, Script, Source};
use crate::OracleAdapter;

/// A day from the start.
const EXPIRY: u32 = 1_735_776_000;
const HALF: u64 = 500_000_000_000_000_000;

#[motsu::test]
fn market_data_need_a_feed_and_a_quorum(
    adapter: Contract<OracleAdapter>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    alice: Address,
) {
    set_scene(&adapter, alice, [&a, &b, &c]);
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
fn market_data_carry_the_band_and_a_volatility_per_expiry(
    adapter: Contract<OracleAdapter>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    alice: Address,
) {
    set_scene(&adapter, alice, [&a, &b, &c]);
    adapter
        .sender(alice)
        .publish_volatility(FEED, vec![EXPIRY], vec![HALF])
        .motsu_unwrap();
    let read = adapter
        .sender(alice)
        .market_data(FEED, vec![EXPIRY, EXPIRY + 1, EXPIRY])
        .motsu_unwrap();
    // Never published is zero, and no reason to call anything degraded.
    assert_eq!(
        read,
        (wad(101), wad(100), wad(102), vec![HALF, 0, HALF], false)
    );
}

#[motsu::test]
fn a_band_wider_than_two_per_cent_degrades(
    adapter: Contract<OracleAdapter>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    alice: Address,
) {
    set_scene(&adapter, alice, [&a, &b, &c]);
    // 99, 100, 101: exactly 2 % of the median.
    for (source, price) in [(&a, 99), (&b, 100), (&c, 101)] {
        fresh(source, price);
    }
    assert!(
        !adapter
            .sender(alice)
            .market_data(FEED, vec![])
            .motsu_unwrap()
            .4
    );
    // One unit of the source more.
    let above = answer(101).into_raw() + U256::from(1);
    c.say(alloy_primitives::I256::from_raw(above), U256::from(START));
    let read = adapter
        .sender(alice)
        .market_data(FEED, vec![])
        .motsu_unwrap();
    assert!(read.4);
    assert_eq!(read.0, wad(100), "a wide band moves nothing");
}

#[motsu::test]
fn a_stale_volatility_degrades_and_keeps_its_value_until_its_expiry(
    adapter: Contract<OracleAdapter>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    alice: Address,
) {
    set_scene(&adapter, alice, [&a, &b, &c]);
    adapter
        .sender(alice)
        .publish_volatility(FEED, vec![EXPIRY], vec![HALF])
        .motsu_unwrap();
    let read_at = |time| {
        set_time(time);
        for (source, price) in [(&a, 100), (&b, 101), (&c, 102)] {
            fresh_at(source, price, time);
        }
        let read = adapter
            .sender(alice)
            .market_data(FEED, vec![EXPIRY])
            .motsu_unwrap();
        (read.3, read.4)
    };
    assert_eq!(read_at(START + 600), (vec![HALF], false));
    assert_eq!(read_at(START + 601), (vec![HALF], true));
    assert_eq!(read_at(u64::from(EXPIRY) - 1), (vec![HALF], true));
    // From the expiry on nobody needs it.
    assert_eq!(read_at(u64::from(EXPIRY)), (vec![HALF], false));
    // Another expiry's staleness is not asked for.
    set_time(START + 601);
    for (source, price) in [(&a, 100), (&b, 101), (&c, 102)] {
        fresh_at(source, price, START + 601);
    }
    assert!(
        !adapter
            .sender(alice)
            .market_data(FEED, vec![EXPIRY + 1])
            .motsu_unwrap()
            .4
    );
}
