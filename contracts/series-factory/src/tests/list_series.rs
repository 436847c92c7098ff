//! `listSeries` and the views of series.

use alloy_primitives::U256;
use interfaces::{ISeriesFactory, ids};
use motsu::prelude::*;

use super::world::{DAY, FIRST_EXPIRY, NOW, Pool, World, assert_reverts};

/// 3,000.
const STRIKE: u64 = 300_000_000_000;

/// Pool 1 as [`World::terms`] describes it.
fn world() -> World {
    let world = World::new();
    world.list(world.owner, world.terms()).motsu_unwrap();
    world
}

#[motsu::test]
fn list_series_refuses_an_unknown_pool() {
    let world = world();
    for pool in [0, 2] {
        let result = world.list_series(pool, FIRST_EXPIRY, STRIKE, 0);
        assert_reverts(result, ISeriesFactory::UnknownPool { pool });
    }
}

#[motsu::test]
fn list_series_refuses_what_is_neither_call_nor_put() {
    let world = world();
    for kind in [2, u8::MAX] {
        let result = world.list_series(1, FIRST_EXPIRY, STRIKE, kind);
        assert_reverts(result, ISeriesFactory::BadKind { kind });
    }
}

#[motsu::test]
fn list_series_refuses_a_strike_off_the_tick() {
    let world = world();
    let tick = world.terms().strike_tick;
    for strike in [0, 1, tick - 1, STRIKE + 1, u64::MAX] {
        let result = world.list_series(1, FIRST_EXPIRY, strike, 0);
        assert_reverts(result, ISeriesFactory::BadStrike { strike, tick });
    }
}

#[motsu::test]
fn list_series_refuses_an_expiry_off_the_grid_or_out_of_reach() {
    let world = world();
    let (earliest, latest) = (u64::from(NOW) + 1, u64::from(NOW + 180 * DAY));
    for expiry in [
        0,
        FIRST_EXPIRY - 1,
        FIRST_EXPIRY + 1,
        // Midnight.
        NOW + DAY,
        // Past, though on the grid.
        FIRST_EXPIRY - DAY,
        // Beyond the longest tenor, though on the grid.
        FIRST_EXPIRY + 180 * DAY,
        u32::MAX,
    ] {
        let result = world.list_series(1, expiry, STRIKE, 0);
        assert_reverts(
            result,
            ISeriesFactory::BadExpiry {
                expiry,
                earliest,
                latest,
            },
        );
    }
}

#[motsu::test]
fn an_expiry_is_after_now_and_at_most_the_longest_tenor_away() {
    // An hourly grid through the hour, and one a second later: all four expiries are on their grid, and only the two ends can refuse.
    let world = World::new();
    let through = |expiry_offset| Pool {
        expiry_interval: 3_600,
        expiry_offset,
        max_tenor: 3_600,
        ..world.terms()
    };
    for offset in [0, 1] {
        world.list(world.owner, through(offset)).motsu_unwrap();
    }
    let (earliest, latest) = (u64::from(NOW) + 1, u64::from(NOW) + 3_600);
    for (pool, expiry) in [(1, NOW), (2, NOW + 3_601)] {
        let result = world.list_series(pool, expiry, STRIKE, 0);
        assert_reverts(
            result,
            ISeriesFactory::BadExpiry {
                expiry,
                earliest,
                latest,
            },
        );
    }
    for (pool, expiry) in [(2, NOW + 1), (1, NOW + 3_600)] {
        world.list_series(pool, expiry, STRIKE, 0).motsu_unwrap();
    }
}

#[motsu::test]
fn series_at_refuses_an_index_past_the_end() {
    let world = world();
    world.list_series(1, FIRST_EXPIRY, STRIKE, 0).motsu_unwrap();
    for (pool, index, length) in [
        (1, U256::from(1), 1),
        (1, U256::MAX, 1),
        (1, U256::from(1u128 << 64), 1),
        (2, U256::ZERO, 0),
    ] {
        let result = world.factory.sender(world.alice).series_at(pool, index);
        let length = U256::from(length);
        assert_reverts(result, ISeriesFactory::IndexOutOfBounds { index, length });
    }
}

#[motsu::test]
fn anyone_lists_a_series_that_fits() {
    let world = world();
    let (expiry, kind) = (FIRST_EXPIRY, 1);
    let id = ids::series_id(1, expiry, STRIKE, kind);
    assert!(!world.factory.sender(world.alice).is_listed(id));

    assert_eq!(
        world.list_series(1, expiry, STRIKE, kind).motsu_unwrap(),
        id
    );

    assert!(world.factory.sender(world.alice).is_listed(id));
    // The call of the same strike is another series.
    assert!(
        !world
            .factory
            .sender(world.alice)
            .is_listed(ids::series_id(1, expiry, STRIKE, 0))
    );
    let event = ISeriesFactory::SeriesListed {
        seriesId: id,
        pool: 1,
        expiry,
        strike: STRIKE,
        kind,
    };
    assert!(world.factory.emitted(&event));
}

#[motsu::test]
fn listing_a_series_again_changes_nothing() {
    let world = world();
    let first = world.list_series(1, FIRST_EXPIRY, STRIKE, 0).motsu_unwrap();
    let events = world.factory.all_events().len();
    let second = world.list_series(1, FIRST_EXPIRY, STRIKE, 0).motsu_unwrap();
    assert_eq!(first, second);
    assert_eq!(
        world.factory.sender(world.alice).series_count(1),
        U256::from(1)
    );
    assert_eq!(world.factory.all_events().len(), events);
}

#[motsu::test]
fn series_are_counted_by_pool_in_the_order_of_listing() {
    let world = world();
    world.list(world.owner, world.terms()).motsu_unwrap();
    let listed = [
        world.list_series(1, FIRST_EXPIRY, STRIKE, 0).motsu_unwrap(),
        world
            .list_series(1, FIRST_EXPIRY + 179 * DAY, STRIKE, 1)
            .motsu_unwrap(),
        world
            .list_series(1, FIRST_EXPIRY, world.terms().strike_tick, 0)
            .motsu_unwrap(),
    ];
    let other = world.list_series(2, FIRST_EXPIRY, STRIKE, 0).motsu_unwrap();

    let factory = world.factory.sender(world.alice);
    assert_eq!(factory.series_count(0), U256::ZERO);
    assert_eq!(factory.series_count(1), U256::from(3));
    assert_eq!(factory.series_count(2), U256::from(1));
    for (index, id) in listed.into_iter().enumerate() {
        assert_eq!(factory.series_at(1, U256::from(index)).motsu_unwrap(), id);
    }
    assert_eq!(factory.series_at(2, U256::ZERO).motsu_unwrap(), other);
}
