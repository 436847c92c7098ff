//! `listPool` and the views of a pool.

use alloy_primitives::{Address, B256, U256};
use interfaces::IOwnable2Step::OwnableUnauthorizedAccount;
use interfaces::ISeriesFactory;
use motsu::prelude::*;

use super::world::{DAY, FEED, Pool, World, assert_reverts};
use crate::SeriesFactory;

#[motsu::test]
fn list_pool_refuses_everyone_but_the_owner() {
    let world = World::new();
    let account = world.alice;
    assert_reverts(
        world.list(account, world.terms()),
        OwnableUnauthorizedAccount { account },
    );
}

#[motsu::test]
fn list_pool_refuses_parameters_outside_their_bounds() {
    let world = World::new();
    let terms = world.terms();
    let cases: [(Pool, u128, u128, u128); 8] = [
        (
            Pool {
                expiry_interval: 3_599,
                ..terms
            },
            3_599,
            3_600,
            604_800,
        ),
        (
            Pool {
                expiry_interval: 604_801,
                ..terms
            },
            604_801,
            3_600,
            604_800,
        ),
        (
            Pool {
                expiry_offset: DAY,
                ..terms
            },
            86_400,
            0,
            86_399,
        ),
        (
            Pool {
                expiry_interval: 3_600,
                expiry_offset: 3_600,
                ..terms
            },
            3_600,
            0,
            3_599,
        ),
        (
            Pool {
                max_tenor: 3_599,
                ..terms
            },
            3_599,
            3_600,
            94_608_000,
        ),
        (
            Pool {
                max_tenor: 94_608_001,
                ..terms
            },
            94_608_001,
            3_600,
            94_608_000,
        ),
        (
            Pool {
                strike_tick: 0,
                ..terms
            },
            0,
            1,
            u64::MAX.into(),
        ),
        (
            Pool {
                open_interest_cap: 0,
                ..terms
            },
            0,
            1,
            u128::MAX,
        ),
    ];
    for (pool, given, least, most) in cases {
        let [given, least, most] = [given, least, most].map(U256::from);
        let error = ISeriesFactory::ParameterOutOfBounds { given, least, most };
        assert_reverts(world.list(world.owner, pool), error);
    }
    assert_eq!(world.factory.sender(world.alice).pool_count(), 0);
}

#[motsu::test]
fn list_pool_refuses_an_asset_that_is_no_token() {
    let world = World::new();
    let terms = world.terms();
    for asset in [Address::ZERO, world.alice] {
        let pool = Pool {
            settlement_asset: asset,
            ..terms
        };
        assert_reverts(
            world.list(world.owner, pool),
            ISeriesFactory::BadAsset { asset },
        );
    }
    // The factory itself is a contract, but states no decimals.
    for asset in [world.alice, world.factory.address()] {
        let pool = Pool {
            base_asset: asset,
            ..terms
        };
        assert_reverts(
            world.list(world.owner, pool),
            ISeriesFactory::BadAsset { asset },
        );
    }
}

#[motsu::test]
fn list_pool_refuses_an_asset_without_sane_decimals() {
    let world = World::new();
    let asset = world.eth.address();
    // 256 would be 0 and 262 would be 6 if only the low byte were read.
    for decimals in [U256::from(19), U256::from(256), U256::from(262), U256::MAX] {
        world.eth.sender(world.alice).state(decimals);
        let error = ISeriesFactory::BadAsset { asset };
        assert_reverts(world.list(world.owner, world.terms()), error);
    }
    world.eth.sender(world.alice).break_down();
    assert_reverts(
        world.list(world.owner, world.terms()),
        ISeriesFactory::BadAsset { asset },
    );
}

#[motsu::test]
fn list_pool_refuses_one_asset_in_both_roles() {
    let world = World::new();
    let asset = world.usd.address();
    let pool = Pool {
        base_asset: asset,
        ..world.terms()
    };
    assert_reverts(
        world.list(world.owner, pool),
        ISeriesFactory::BadAsset { asset },
    );
    // Not even nothing in both.
    let asset = Address::ZERO;
    let pool = Pool {
        settlement_asset: asset,
        base_asset: asset,
        ..world.terms()
    };
    assert_reverts(
        world.list(world.owner, pool),
        ISeriesFactory::BadAsset { asset },
    );
}

#[motsu::test]
fn an_unknown_pool_has_no_properties() {
    let world = World::new();
    world.list(world.owner, world.terms()).motsu_unwrap();
    for pool in [0, 2, u32::MAX] {
        let error = || ISeriesFactory::UnknownPool { pool };
        assert_reverts(world.factory.sender(world.alice).pool_assets(pool), error());
        assert_reverts(world.factory.sender(world.alice).pool_risk(pool), error());
        assert_reverts(
            world.factory.sender(world.alice).pool_series_rules(pool),
            error(),
        );
    }
}

#[motsu::test]
fn list_pool_keeps_what_it_was_given() {
    let world = World::new();
    let terms = world.terms();

    assert_eq!(world.list(world.owner, terms).motsu_unwrap(), 1);

    let factory = world.factory.sender(world.alice);
    assert_eq!(factory.pool_count(), 1);
    let assets = (terms.settlement_asset, 6, terms.base_asset, 18);
    assert_eq!(factory.pool_assets(1).motsu_unwrap(), assets);
    let risk = (FEED, 1, 6, 18, terms.open_interest_cap);
    assert_eq!(terms_of(&factory, 1), risk);
    let rules = (DAY, 28_800, 180 * DAY, terms.strike_tick);
    assert_eq!(factory.pool_series_rules(1).motsu_unwrap(), rules);
    assert!(world.factory.emitted(&ISeriesFactory::PoolListed {
        pool: 1,
        settlementAsset: terms.settlement_asset,
        baseAsset: terms.base_asset,
        feed: FEED,
        riskProfile: 1,
        openInterestCap: terms.open_interest_cap,
    }));
}

#[motsu::test]
fn a_pool_may_lack_a_base_asset() {
    let world = World::new();
    let terms = Pool {
        base_asset: Address::ZERO,
        ..world.terms()
    };
    world.list(world.owner, terms).motsu_unwrap();
    let assets = (terms.settlement_asset, 6, Address::ZERO, 0);
    assert_eq!(
        world
            .factory
            .sender(world.alice)
            .pool_assets(1)
            .motsu_unwrap(),
        assets
    );
}

#[motsu::test]
fn the_fields_of_a_pool_do_not_touch_each_other_at_the_bounds() {
    let world = World::new();
    world.eth.sender(world.alice).state(U256::ZERO);
    world.usd.sender(world.alice).state(U256::from(18));
    let terms = Pool {
        risk_profile: 1,
        expiry_interval: 604_800,
        expiry_offset: 604_799,
        max_tenor: 94_608_000,
        strike_tick: u64::MAX,
        open_interest_cap: u128::MAX,
        ..world.terms()
    };
    world.list(world.owner, terms).motsu_unwrap();
    let least = Pool {
        risk_profile: 1,
        expiry_interval: 3_600,
        expiry_offset: 0,
        max_tenor: 3_600,
        strike_tick: 1,
        open_interest_cap: 1,
        ..terms
    };
    assert_eq!(world.list(world.owner, least).motsu_unwrap(), 2);

    let factory = world.factory.sender(world.alice);
    assert_eq!(terms_of(&factory, 1), (FEED, 1, 18, 0, u128::MAX));
    let rules = (604_800, 604_799, 94_608_000, u64::MAX);
    assert_eq!(factory.pool_series_rules(1).motsu_unwrap(), rules);
    assert_eq!(terms_of(&factory, 2), (FEED, 1, 18, 0, 1));
    assert_eq!(
        factory.pool_series_rules(2).motsu_unwrap(),
        (3_600, 0, 3_600, 1)
    );
    assert_eq!(factory.pool_count(), 2);
}

#[motsu::test]
fn list_pool_refuses_an_unknown_risk_profile() {
    let world = World::new();
    for risk_profile in [0, 2, u32::MAX] {
        let pool = Pool {
            risk_profile,
            ..world.terms()
        };
        let error = ISeriesFactory::UnknownRiskProfile {
            riskProfile: risk_profile,
        };
        assert_reverts(world.list(world.owner, pool), error);
    }
}

/// What a pool was listed with, of what a margin call reads; its profile is the one in effect, and on no ramp.
fn terms_of(factory: &SeriesFactory, pool: u32) -> (B256, u32, u8, u8, u128) {
    let (feed, id, settlement, base, cap, profile, previous, start, end) =
        factory.pool_risk(pool).motsu_unwrap();
    let (_, current, ..) = factory.risk_profile_versions(id).motsu_unwrap();
    assert_eq!(
        (profile, previous, start, end),
        (current, Address::ZERO, 0, 0)
    );
    (feed, id, settlement, base, cap)
}
