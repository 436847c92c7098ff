//! `fixSettlementPrice` and `settlementPrice`: every step of the ladder and what stands before it.

use alloy_primitives::{Address, U256};
use interfaces::{IOracleAdapter, Revert};
use motsu::prelude::*;
use proptest::prelude::*;

use super::host::set_time;
use super::samples::{CLOSES, EXPIRY, OPENS, record};
use super::scene::{FEED, OTHER_FEED, error, fresh_at, set_scene, wad};
use super::source::{Ending, Script, Source};
use crate::OracleAdapter;
use crate::samples::RecordedSample;
use crate::settlement::from_samples;

pub(crate) const DAY: u64 = 86_400;
pub(crate) const EXPIRED: u64 = EXPIRY as u64;

pub(crate) fn fix(adapter: &Contract<OracleAdapter>, time: u64) -> Result<U256, Revert> {
    set_time(time);
    let anyone = Address::repeat_byte(0xdd);
    adapter
        .sender(anyone)
        .fix_settlement_price(FEED, EXPIRY)
        .motsu_res()
}

/// The event of a price (quote units) that a step gave.
pub(crate) fn fixed(price: u128, step: u8) -> IOracleAdapter::SettlementPriceFixed {
    IOracleAdapter::SettlementPriceFixed {
        feed: FEED,
        expiry: EXPIRY,
        price: wad(price),
        step,
    }
}

pub(crate) fn insufficient(given: u32, needed: u32) -> Revert {
    let (given, needed) = (U256::from(given), U256::from(needed));
    error(IOracleAdapter::InsufficientSamples { given, needed })
}

#[motsu::test]
fn a_price_is_not_fixed_before_its_expiry(
    adapter: Contract<OracleAdapter>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    alice: Address,
) {
    set_scene(&adapter, alice, [&a, &b, &c]);
    let refused = adapter
        .sender(alice)
        .fix_settlement_price(OTHER_FEED, EXPIRY)
        .motsu_unwrap_err();
    assert_eq!(
        refused,
        error(IOracleAdapter::UnknownFeed { feed: OTHER_FEED })
    );
    for slot in 0..30 {
        record(&adapter, [&a, &b, &c], OPENS + 60 * slot, 100).unwrap();
    }
    let (expiry, time) = (EXPIRY, EXPIRED - 1);
    let early = error(IOracleAdapter::NotExpired { expiry, time });
    assert_eq!(fix(&adapter, EXPIRED - 1).unwrap_err(), early);
    let open = error(IOracleAdapter::NotFixed { feed: FEED, expiry });
    assert_eq!(
        adapter
            .sender(alice)
            .settlement_price(FEED, EXPIRY)
            .motsu_unwrap_err(),
        open
    );
    assert_eq!(fix(&adapter, EXPIRED).unwrap(), wad(100));
}

#[motsu::test]
fn a_price_is_fixed_once(
    adapter: Contract<OracleAdapter>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    alice: Address,
) {
    set_scene(&adapter, alice, [&a, &b, &c]);
    for slot in 0..30 {
        record(&adapter, [&a, &b, &c], OPENS + 60 * slot, 100).unwrap();
    }
    fix(&adapter, EXPIRED + 5).unwrap();
    let (feed, expiry, price, step) = (FEED, EXPIRY, wad(100), 1);
    assert!(adapter.emitted(&IOracleAdapter::SettlementPriceFixed {
        feed,
        expiry,
        price,
        step
    }));
    let fixed = error(IOracleAdapter::AlreadyFixed { feed, expiry });
    assert_eq!(fix(&adapter, EXPIRED + 6).unwrap_err(), fixed);
    assert_eq!(fix(&adapter, EXPIRED + 2 * DAY).unwrap_err(), fixed);
    assert_eq!(
        record(&adapter, [&a, &b, &c], EXPIRED + 60, 900).unwrap_err(),
        fixed
    );
    assert_eq!(
        adapter
            .sender(alice)
            .settlement_price(FEED, EXPIRY)
            .motsu_unwrap(),
        price
    );
    let other = adapter
        .sender(alice)
        .settlement_price(FEED, EXPIRY + 1)
        .motsu_unwrap_err();
    assert_eq!(
        other,
        error(IOracleAdapter::NotFixed {
            feed,
            expiry: EXPIRY + 1
        })
    );
}

#[motsu::test]
fn the_first_step_needs_four_fifths_of_the_slots(
    adapter: Contract<OracleAdapter>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    alice: Address,
) {
    set_scene(&adapter, alice, [&a, &b, &c]);
    // Every fifth slot stays empty and one more: 23 of 30, gaps of two minutes.
    for slot in (0..30).filter(|slot| slot % 5 != 3 && *slot != 6) {
        record(&adapter, [&a, &b, &c], OPENS + 60 * slot, 100).unwrap();
    }
    assert_eq!(fix(&adapter, EXPIRED).unwrap_err(), insufficient(23, 24));
    assert_eq!(fix(&adapter, CLOSES - 1).unwrap_err(), insufficient(23, 24));
    // The second step takes what is there.
    assert_eq!(fix(&adapter, CLOSES).unwrap(), wad(100));
    let (feed, expiry, price, step) = (FEED, EXPIRY, wad(100), 2);
    assert!(adapter.emitted(&IOracleAdapter::SettlementPriceFixed {
        feed,
        expiry,
        price,
        step
    }));
}

#[motsu::test]
fn the_first_step_allows_no_gap_above_five_minutes(
    adapter: Contract<OracleAdapter>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    alice: Address,
) {
    set_scene(&adapter, alice, [&a, &b, &c]);
    for slot in (0..30).filter(|slot| !(10..15).contains(slot)) {
        record(&adapter, [&a, &b, &c], OPENS + 60 * slot, 100).unwrap();
    }
    let (gap, allowed) = (360, 300);
    let refused = error(IOracleAdapter::SampleGap { gap, allowed });
    assert_eq!(fix(&adapter, EXPIRED).unwrap_err(), refused);
}

#[motsu::test]
fn samples_after_the_expiry_do_not_count_for_the_first_step(
    adapter: Contract<OracleAdapter>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    alice: Address,
) {
    set_scene(&adapter, alice, [&a, &b, &c]);
    for slot in 0..30 {
        record(&adapter, [&a, &b, &c], OPENS + 60 * slot, 100).unwrap();
    }
    for slot in 31..80 {
        record(&adapter, [&a, &b, &c], OPENS + 60 * slot, 900).unwrap();
    }
    assert_eq!(fix(&adapter, CLOSES + DAY).unwrap(), wad(100));
}

#[motsu::test]
fn the_second_step_needs_six_samples_and_the_fourth_a_day(
    adapter: Contract<OracleAdapter>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    alice: Address,
) {
    set_scene(&adapter, alice, [&a, &b, &c]);
    for slot in 0..5 {
        record(&adapter, [&a, &b, &c], EXPIRED + 60 * slot, 300).unwrap();
    }
    assert_eq!(fix(&adapter, CLOSES).unwrap_err(), insufficient(5, 6));
    assert_eq!(
        fix(&adapter, EXPIRED + DAY - 1).unwrap_err(),
        insufficient(5, 6)
    );
    // The fourth step asks the sources, and waits for their quorum.
    for source in [&a, &b, &c] {
        fresh_at(source, 500, EXPIRED + DAY);
    }
    a.end(Ending::Reverts, 0);
    b.end(Ending::Reverts, 0);
    let (valid, needed) = (U256::from(1), U256::from(2));
    let lost = error(IOracleAdapter::QuorumLost { valid, needed });
    assert_eq!(fix(&adapter, EXPIRED + DAY).unwrap_err(), lost);
    a.end(Ending::Answers, 0);
    // What was recorded around the expiry bounds what is said a day later.
    assert_eq!(fix(&adapter, EXPIRED + DAY).unwrap(), wad(300));
    assert!(adapter.emitted(&fixed(300, 4)));
}

#[motsu::test]
fn the_fourth_step_takes_the_median_now_where_nothing_was_recorded(
    adapter: Contract<OracleAdapter>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    alice: Address,
) {
    set_scene(&adapter, alice, [&a, &b, &c]);
    for source in [&a, &b, &c] {
        fresh_at(source, 500, EXPIRED + DAY);
    }
    assert_eq!(fix(&adapter, EXPIRED + DAY).unwrap(), wad(500));
    assert!(adapter.emitted(&fixed(500, 4)));
}

#[motsu::test]
fn six_samples_make_the_second_step(
    adapter: Contract<OracleAdapter>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    alice: Address,
) {
    set_scene(&adapter, alice, [&a, &b, &c]);
    for (slot, price) in (0..6).zip([300, 100, 500, 200, 600, 400]) {
        record(&adapter, [&a, &b, &c], EXPIRED + 60 * slot, price).unwrap();
    }
    assert_eq!(fix(&adapter, CLOSES).unwrap(), wad(350));
}

#[test]
fn an_expiry_at_either_end_of_time_has_no_step_that_panics() {
    let late = u64::from(u32::MAX);
    for (expiry, now) in [(0, 0), (1, 1), (u32::MAX, late), (u32::MAX, u64::MAX)] {
        let refused = from_samples(&[], expiry, now);
        assert!(refused.is_err(), "{expiry} {now}");
    }
}

proptest! {
    /// The settlement price lies within the recorded extremes, is never zero, and does not depend on when it is asked for once its step is open.
    #[test]
    fn a_settlement_price_lies_within_the_recorded_extremes(
        slots in proptest::collection::vec(proptest::option::of((0_u64..60, 1_u128..1_000_000)), 90),
        wait in 0_u64..200_000,
    ) {
        let samples: Vec<RecordedSample> = slots
            .iter()
            .zip(0_u64..)
            .filter_map(|(slot, index)| {
                slot.map(|(second, price)| RecordedSample { at: OPENS + 60 * index + second, price })
            })
            .collect();
        let now = EXPIRED + wait;
        // What is recorded by then, as the contract would hold it.
        let known: Vec<_> = samples.iter().copied().filter(|sample| sample.at <= now).collect();
        if let Ok((price, step)) = from_samples(&known, EXPIRY, now) {
            let low = known.iter().map(|sample| sample.price).min().unwrap();
            let high = known.iter().map(|sample| sample.price).max().unwrap();
            prop_assert!(price > 0 && low <= price && price <= high);
            let later = from_samples(&samples, EXPIRY, now + 1_000_000);
            prop_assert_eq!(later, Ok((price, step)));
        }
    }
}
