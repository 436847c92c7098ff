//! `moveBalance`.

use alloy_primitives::{Address, U256};
use interfaces::{ICollateralVault, ids};
use motsu::prelude::*;

use super::world::{World, assert_reverts, units};

#[motsu::test]
fn move_balance_refuses_everyone_but_the_clearing_house() {
    let world = World::funded();
    let (from, to) = (world.account(), world.account_of_bob(1));
    for caller in [
        world.alice,
        world.deployer,
        world.registry.address(),
        world.vault.address(),
    ] {
        let result =
            world
                .vault
                .sender(caller)
                .move_balance(world.usd.address(), from, to, units(1));
        assert_reverts(result, ICollateralVault::NotClearingHouse { caller });
    }
}

#[motsu::test]
fn move_balance_refuses_a_target_that_is_no_bucket() {
    let world = World::funded();
    for account in [
        U256::ZERO,
        ids::account_id(Address::ZERO, 1, 1),
        ids::account_id(world.bob, 0, 0),
    ] {
        let result = world.vault.sender(world.house).move_balance(
            world.usd.address(),
            world.account(),
            account,
            units(1),
        );
        assert_reverts(result, ICollateralVault::BadAccount { account });
    }
}

#[motsu::test]
fn a_balance_never_leaves_its_pool() {
    let world = World::funded();
    for to in [
        world.account_of_bob(2),
        ids::account_id(world.alice, 2, 0),
        ids::insurance_bucket(2),
        ids::pot_bucket(2, 1_735_718_400),
    ] {
        let result = world.vault.sender(world.house).move_balance(
            world.usd.address(),
            world.account(),
            to,
            units(1),
        );
        assert_reverts(
            result,
            ICollateralVault::WrongPool {
                given: 2,
                expected: 1,
            },
        );
    }
}

#[motsu::test]
fn move_balance_refuses_more_than_there_is() {
    let world = World::funded();
    let (bucket, asset) = (world.account(), world.usd.address());
    for to in [world.account_of_bob(1), bucket] {
        let result = world
            .vault
            .sender(world.house)
            .move_balance(asset, bucket, to, units(501));
        let (balance, needed) = (units(500), units(501));
        let error = ICollateralVault::InsufficientBalance {
            bucket,
            asset,
            balance,
            needed,
        };
        assert_reverts(result, error);
    }
    let empty = world.account_of_bob(1);
    let result = world
        .vault
        .sender(world.house)
        .move_balance(asset, empty, bucket, units(1));
    let (balance, needed) = (units(0), units(1));
    let error = ICollateralVault::InsufficientBalance {
        bucket: empty,
        asset,
        balance,
        needed,
    };
    assert_reverts(result, error);
}

#[motsu::test]
fn move_balance_moves_between_all_buckets_of_a_pool() {
    let world = World::funded();
    let asset = world.usd.address();
    let path = [
        world.account(),
        world.account_of_bob(1),
        ids::insurance_bucket(1),
        ids::pot_bucket(1, 1_735_718_400),
        ids::account_id(world.alice, 1, 1),
    ];
    for pair in path.windows(2) {
        let (from, to, assets) = (pair[0], pair[1], units(500));
        world
            .vault
            .sender(world.house)
            .move_balance(asset, from, to, assets)
            .motsu_unwrap();
        assert_eq!(world.balance(from, asset), units(0));
        assert_eq!(world.balance(to, asset), units(500));
        assert_eq!(world.total(asset), units(500));
        assert!(world.emitted(&ICollateralVault::BalanceMoved {
            from,
            to,
            asset,
            assets
        }));
    }
    assert_eq!(world.held(&world.usd), units(500));
    assert_eq!(
        world.balance(world.account(), world.eth.address()),
        units(300)
    );
}

#[motsu::test]
fn move_balance_to_itself_changes_nothing() {
    let world = World::funded();
    let (account, asset) = (world.account(), world.usd.address());
    for assets in [0, 1, 500] {
        let assets = units(assets);
        world
            .vault
            .sender(world.house)
            .move_balance(asset, account, account, assets)
            .motsu_unwrap();
        assert_eq!(world.balance(account, asset), units(500));
        assert_eq!(world.total(asset), units(500));
    }
}

#[motsu::test]
fn move_balance_of_nothing_changes_nothing() {
    let world = World::funded();
    let (from, to, asset) = (
        world.account_of_bob(1),
        world.account(),
        world.usd.address(),
    );
    world
        .vault
        .sender(world.house)
        .move_balance(asset, from, to, units(0))
        .motsu_unwrap();
    assert_eq!(world.balance(from, asset), units(0));
    assert_eq!(world.balance(to, asset), units(500));
}
