//! The last step of the ladder: a quorum that is lost for ever locks nobody.

use alloy_primitives::{Address, U256};
use interfaces::IOracleAdapter;
use motsu::prelude::*;

use super::host::set_time;
use super::ladder::{DAY, EXPIRED, fix, fixed};
use super::samples::record;
use super::scene::{FEED, error, fresh_at, set_scene, wad};
use super::source::{Ending, Script, Source};
use crate::OracleAdapter;

const WEEK: u64 = 7 * DAY;

/// Stores a round of `price` at each time.
fn rounds(
    adapter: &Contract<OracleAdapter>,
    sources: [&Contract<Source>; 3],
    rounds: &[(u64, i64)],
) {
    for (time, price) in rounds {
        set_time(*time);
        for source in sources {
            fresh_at(source, *price, *time);
        }
        adapter
            .sender(Address::repeat_byte(1))
            .evaluate(FEED)
            .motsu_unwrap();
    }
}

fn kill(sources: [&Contract<Source>; 3]) {
    for source in sources {
        source.end(Ending::Reverts, 0);
    }
}

#[motsu::test]
fn a_feed_without_any_round_says_so_and_one_round_ends_it(
    adapter: Contract<OracleAdapter>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    alice: Address,
) {
    set_scene(&adapter, alice, [&a, &b, &c]);
    kill([&a, &b, &c]);
    let (valid, needed) = (U256::ZERO, U256::from(2));
    let lost = error(IOracleAdapter::QuorumLost { valid, needed });
    assert_eq!(fix(&adapter, EXPIRED + WEEK - 1).unwrap_err(), lost);
    let none = error(IOracleAdapter::UnknownRound { feed: FEED, id: 0 });
    assert_eq!(fix(&adapter, EXPIRED + WEEK).unwrap_err(), none);
    for source in [&a, &b, &c] {
        source.end(Ending::Answers, 0);
    }
    rounds(&adapter, [&a, &b, &c], &[(EXPIRED + WEEK + 5, 80)]);
    kill([&a, &b, &c]);
    assert_eq!(fix(&adapter, EXPIRED + 2 * WEEK).unwrap(), wad(80));
    assert!(adapter.emitted(&fixed(80, 5)));
}

#[motsu::test]
fn the_last_step_takes_the_nearest_round_within_what_was_recorded(
    adapter: Contract<OracleAdapter>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    alice: Address,
) {
    set_scene(&adapter, alice, [&a, &b, &c]);
    let sources = [&a, &b, &c];
    rounds(
        &adapter,
        sources,
        &[(EXPIRED - DAY, 100), (EXPIRED - 7_200, 50)],
    );
    record(&adapter, sources, EXPIRED - 30, 58).unwrap();
    record(&adapter, sources, EXPIRED + 30, 60).unwrap();
    rounds(
        &adapter,
        sources,
        &[(EXPIRED + 7_201, 70), (EXPIRED + DAY, 90)],
    );
    kill(sources);
    // 50, a second nearer than 70, and never below what was recorded.
    assert_eq!(fix(&adapter, EXPIRED + WEEK).unwrap(), wad(58));
    assert!(adapter.emitted(&fixed(58, 5)));
}

#[motsu::test]
fn the_nearest_of_any_number_of_rounds_is_found(
    adapter: Contract<OracleAdapter>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    alice: Address,
) {
    set_scene(&adapter, alice, [&a, &b, &c]);
    let nearest = |time: u64| {
        let adapter = adapter.sender(alice);
        adapter.feeds.getter(FEED).round_nearest(time)
    };
    assert_eq!(nearest(EXPIRED), None);
    let mut stored: Vec<(u64, i64)> = Vec::new();
    for index in 0..9_i64 {
        // Ever further apart; prices within the jump limit of each other.
        let round = (EXPIRED + 7 * (1 << index), 100 + index);
        rounds(&adapter, [&a, &b, &c], &[round]);
        stored.push(round);
        for time in EXPIRED..EXPIRED + 4_000 {
            let (_, price) = stored
                .iter()
                .min_by_key(|(at, _)| at.abs_diff(time))
                .copied()
                .unwrap();
            let found = nearest(time).map(U256::from);
            assert_eq!(found, Some(wad(price.unsigned_abs().into())), "{time}");
        }
    }
}
