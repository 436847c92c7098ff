//! `deposit`.

use alloy_primitives::{Address, U256};
use interfaces::{ICollateralVault, ISeriesFactory, ids};
use motsu::prelude::*;

use super::tokens::Manner;
use super::world::{World, assert_reverts, units};

#[motsu::test]
fn deposit_refuses_nothing() {
    let world = World::new();
    let result = world.deposit(world.account(), world.usd.address(), 0);
    assert_reverts(result, ICollateralVault::ZeroAmount {});
}

#[motsu::test]
fn deposit_refuses_what_is_no_account() {
    let world = World::new();
    for account in [
        U256::ZERO,
        ids::account_id(world.alice, 0, 0),
        ids::insurance_bucket(1),
        ids::pot_bucket(1, 1_735_718_400),
        ids::account_id(Address::ZERO, 1, 5),
    ] {
        let result = world.deposit(account, world.usd.address(), 1);
        assert_reverts(result, ICollateralVault::BadAccount { account });
    }
}

#[motsu::test]
fn deposit_passes_on_that_the_pool_is_unknown() {
    let world = World::new();
    let result = world.deposit(ids::account_id(world.alice, 9, 0), world.usd.address(), 1);
    assert_reverts(result, ISeriesFactory::UnknownPool { pool: 9 });
}

#[motsu::test]
fn deposit_refuses_an_asset_the_pool_does_not_take() {
    let world = World::new();
    // Pool 2 has no base asset: neither eth nor the zero address stands for it.
    let account = ids::account_id(world.alice, 2, 0);
    for asset in [world.eth.address(), Address::ZERO, world.alice] {
        let result = world.deposit(account, asset, 1);
        assert_reverts(result, ICollateralVault::UnacceptedAsset { pool: 2, asset });
    }
}

#[motsu::test]
fn deposit_refuses_a_token_that_fails() {
    let world = World::new();
    let asset = world.usd.address();
    for manner in [
        Manner::ReturnsFalse,
        Manner::ReturnsGarbage,
        Manner::Reverts,
    ] {
        world.usd.sender(world.alice).behave_as(manner);
        let result = world.deposit(world.account(), asset, 10);
        assert_reverts(result, ICollateralVault::TransferFailed { asset });
    }
    // Not approved for as much.
    world.usd.sender(world.alice).behave_as(Manner::Sound);
    let result = world.deposit(world.account(), asset, 1001);
    assert_reverts(result, ICollateralVault::TransferFailed { asset });
}

#[motsu::test]
fn deposit_refuses_a_token_that_delivers_another_amount() {
    let world = World::funded();
    let asset = world.usd.address();
    for (manner, delivered) in [
        (Manner::TakesFee, 9),
        (Manner::Generous, 11),
        (Manner::Idle, 0),
        (Manner::Steals, 0),
    ] {
        world.usd.sender(world.alice).behave_as(manner);
        let result = world.deposit(world.account(), asset, 10);
        let (expected, received) = (units(10), units(delivered));
        assert_reverts(
            result,
            ICollateralVault::FeeOnTransferToken {
                asset,
                expected,
                received,
            },
        );
    }
    assert_eq!(world.balance(world.account(), asset), units(500));
    assert_eq!(world.total(asset), units(500));
    assert_eq!(world.held(&world.usd), units(500));
}

#[motsu::test]
fn deposit_credits_the_account_with_what_arrived() {
    let world = World::new();
    let (account, asset) = (world.account(), world.usd.address());

    world.deposit(account, asset, 400).motsu_unwrap();
    world.deposit(account, asset, 100).motsu_unwrap();

    assert_eq!(world.balance(account, asset), units(500));
    assert_eq!(world.total(asset), units(500));
    assert_eq!(world.held(&world.usd), units(500));
    assert_eq!(
        world.usd.sender(world.bob).balance_of(world.alice),
        units(500)
    );
    let caller = world.alice;
    for assets in [units(400), units(100)] {
        let event = ICollateralVault::CollateralDeposited {
            account,
            caller,
            asset,
            assets,
        };
        assert!(world.emitted(&event));
    }
}

#[motsu::test]
fn anyone_may_deposit_for_any_account() {
    let world = World::new();
    let account = world.account_of_bob(1);
    world
        .deposit(account, world.eth.address(), 7)
        .motsu_unwrap();
    assert_eq!(world.balance(account, world.eth.address()), units(7));
    assert_eq!(
        world.balance(world.account(), world.eth.address()),
        units(0)
    );
}

#[motsu::test]
fn deposit_accepts_a_token_that_returns_nothing() {
    let world = World::new();
    let (account, asset) = (ids::account_id(world.alice, 3, 0), world.silent.address());
    world.deposit(account, asset, 10).motsu_unwrap();
    assert_eq!(world.balance(account, asset), units(10));
    assert_eq!(
        world
            .silent
            .sender(world.bob)
            .balance_of(world.vault.address()),
        units(10)
    );
}

#[motsu::test]
fn accounts_of_one_owner_are_apart() {
    let world = World::new();
    let asset = world.usd.address();
    let accounts =
        [(1, 0), (1, 1), (2, 0)].map(|(pool, index)| ids::account_id(world.alice, pool, index));
    for (account, assets) in accounts.into_iter().zip([10, 20, 30]) {
        world.deposit(account, asset, assets).motsu_unwrap();
    }
    for (account, assets) in accounts.into_iter().zip([10, 20, 30]) {
        assert_eq!(world.balance(account, asset), units(assets));
    }
    assert_eq!(world.total(asset), units(60));
}

#[motsu::test]
fn the_factory_is_asked_once_for_the_assets_of_a_pool() {
    let world = World::new();
    let (account, asset) = (world.account(), world.usd.address());
    world.deposit(account, asset, 1).motsu_unwrap();
    world
        .deposit(account, world.eth.address(), 1)
        .motsu_unwrap();
    world
        .vault
        .sender(world.bob)
        .balances_of(account)
        .motsu_unwrap();
    assert_eq!(world.registry.sender(world.bob).asked(), units(1));

    // Even a factory that broke its promise could not make the vault take another asset.
    world
        .registry
        .sender(world.bob)
        .list(1, world.silent.address(), Address::ZERO);
    let asset = world.silent.address();
    let result = world.deposit(account, asset, 1);
    assert_reverts(result, ICollateralVault::UnacceptedAsset { pool: 1, asset });
}
