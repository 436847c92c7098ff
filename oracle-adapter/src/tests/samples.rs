//! `recordSample`, `sampleCount`, `sampleAt`.

use alloy_primitives::{Address, U256};
use interfaces::{IOracleAdapter, Revert};
use motsu::prelude::*;

use super::host::set_time;
use super::scene::{FEED, OTHER_FEED, error, fresh_at, set_scene, wad};
use super::source::{Ending, Script, Source};
use crate::OracleAdapter;

/// A day from the start.
pub(crate) const EXPIRY: u32 = 1_735_776_000;
pub(crate) const OPENS: u64 = 1_735_774_200;
pub(crate) const CLOSES: u64 = 1_735_779_600;

/// Tries to record `price` at `time`, the sources being fresh.
pub(crate) fn record(
    adapter: &Contract<OracleAdapter>,
    sources: [&Contract<Source>; 3],
    time: u64,
    price: i64,
) -> Result<U256, Revert> {
    set_time(time);
    for source in sources {
        fresh_at(source, price, time);
    }
    adapter
        .sender(Address::repeat_byte(0xee))
        .record_sample(FEED, EXPIRY)
        .motsu_res()
}

#[motsu::test]
fn samples_are_taken_in_the_window_only(
    adapter: Contract<OracleAdapter>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    alice: Address,
) {
    set_scene(&adapter, alice, [&a, &b, &c]);
    let refused = adapter
        .sender(alice)
        .record_sample(OTHER_FEED, EXPIRY)
        .motsu_unwrap_err();
    assert_eq!(
        refused,
        error(IOracleAdapter::UnknownFeed { feed: OTHER_FEED })
    );
    for time in [OPENS - 1, CLOSES, CLOSES + 1] {
        let refused = record(&adapter, [&a, &b, &c], time, 100).unwrap_err();
        let (opens, closes) = (OPENS, CLOSES);
        assert_eq!(
            refused,
            error(IOracleAdapter::OutsideWindow {
                time,
                opens,
                closes
            })
        );
    }
    assert_eq!(
        record(&adapter, [&a, &b, &c], OPENS, 100).unwrap(),
        wad(100)
    );
    assert_eq!(
        record(&adapter, [&a, &b, &c], CLOSES - 1, 101).unwrap(),
        wad(101)
    );
}

#[motsu::test]
fn a_slot_of_a_minute_takes_one_sample(
    adapter: Contract<OracleAdapter>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    alice: Address,
) {
    set_scene(&adapter, alice, [&a, &b, &c]);
    record(&adapter, [&a, &b, &c], OPENS + 59, 100).unwrap();
    let refused = record(&adapter, [&a, &b, &c], OPENS + 59, 100).unwrap_err();
    let (time, next) = (OPENS + 59, OPENS + 60);
    assert_eq!(refused, error(IOracleAdapter::SampleTooSoon { time, next }));
    // A second later is the next slot.
    record(&adapter, [&a, &b, &c], OPENS + 60, 100).unwrap();
    let refused = record(&adapter, [&a, &b, &c], OPENS + 119, 100).unwrap_err();
    let (time, next) = (OPENS + 119, OPENS + 120);
    assert_eq!(refused, error(IOracleAdapter::SampleTooSoon { time, next }));
    assert_eq!(
        adapter
            .sender(alice)
            .sample_count(FEED, EXPIRY)
            .motsu_unwrap(),
        U256::from(2)
    );
}

#[motsu::test]
fn a_sample_needs_a_quorum(
    adapter: Contract<OracleAdapter>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    alice: Address,
) {
    set_scene(&adapter, alice, [&a, &b, &c]);
    a.end(Ending::Reverts, 0);
    b.end(Ending::Reverts, 0);
    let refused = record(&adapter, [&a, &b, &c], OPENS, 100).unwrap_err();
    let (valid, needed) = (U256::from(1), U256::from(2));
    assert_eq!(refused, error(IOracleAdapter::QuorumLost { valid, needed }));
    assert_eq!(
        adapter
            .sender(alice)
            .sample_count(FEED, EXPIRY)
            .motsu_unwrap(),
        U256::ZERO
    );
}

#[motsu::test]
fn samples_are_listed_in_order(
    adapter: Contract<OracleAdapter>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    alice: Address,
) {
    set_scene(&adapter, alice, [&a, &b, &c]);
    for slot in 0..3 {
        let price = 100 + i64::try_from(slot).unwrap();
        record(&adapter, [&a, &b, &c], OPENS + 60 * slot, price).unwrap();
    }
    let (at, price) = (OPENS + 120, wad(102));
    let (feed, expiry) = (FEED, EXPIRY);
    assert!(adapter.emitted(&IOracleAdapter::SampleRecorded {
        feed,
        expiry,
        at,
        price
    }));
    let read = |index| {
        adapter
            .sender(alice)
            .sample_at(FEED, EXPIRY, U256::from(index))
            .motsu_res()
    };
    assert_eq!(read(0).unwrap(), (OPENS, wad(100)));
    assert_eq!(read(2).unwrap(), (OPENS + 120, wad(102)));
    let (index, length) = (U256::from(3), U256::from(3));
    assert_eq!(
        read(3).unwrap_err(),
        error(IOracleAdapter::IndexOutOfBounds { index, length })
    );
    let index = U256::MAX;
    let refused = adapter
        .sender(alice)
        .sample_at(FEED, EXPIRY, index)
        .motsu_unwrap_err();
    assert_eq!(
        refused,
        error(IOracleAdapter::IndexOutOfBounds { index, length })
    );
    // Expiries do not share samples.
    let other = adapter
        .sender(alice)
        .sample_count(FEED, EXPIRY + 1)
        .motsu_unwrap();
    assert_eq!(other, U256::ZERO);
}

#[motsu::test]
fn every_slot_of_the_window_can_hold_a_sample(
    adapter: Contract<OracleAdapter>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    alice: Address,
) {
    set_scene(&adapter, alice, [&a, &b, &c]);
    let slots = (CLOSES - OPENS) / 60;
    for slot in 0..slots {
        record(&adapter, [&a, &b, &c], OPENS + 60 * slot, 100).unwrap();
    }
    assert_eq!(
        adapter
            .sender(alice)
            .sample_count(FEED, EXPIRY)
            .motsu_unwrap(),
        U256::from(slots)
    );
    let last = adapter
        .sender(alice)
        .sample_at(FEED, EXPIRY, U256::from(slots - 1))
        .motsu_unwrap();
    assert_eq!(last, (CLOSES - 60, wad(100)));
}
