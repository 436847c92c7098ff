//! `release`.

use alloy_primitives::{Address, U256};
use interfaces::{ICollateralVault, ids};
use motsu::prelude::*;

use super::tokens::Manner;
use super::world::{World, assert_reverts, units};

#[motsu::test]
fn release_refuses_everyone_but_the_clearing_house() {
    let world = World::funded();
    for caller in [
        world.alice,
        world.deployer,
        world.registry.address(),
        world.vault.address(),
    ] {
        let result = world.vault.sender(caller).release(
            world.usd.address(),
            world.account(),
            world.alice,
            units(1),
        );
        assert_reverts(result, ICollateralVault::NotClearingHouse { caller });
    }
}

#[motsu::test]
fn release_refuses_nothing() {
    let world = World::funded();
    let result = world.vault.sender(world.house).release(
        world.usd.address(),
        world.account(),
        world.alice,
        units(0),
    );
    assert_reverts(result, ICollateralVault::ZeroAmount {});
}

#[motsu::test]
fn the_pool_s_own_buckets_are_never_released() {
    let world = World::funded();
    world
        .vault
        .sender(world.alice)
        .deposit_insurance(1, units(40))
        .motsu_unwrap();
    for account in [
        U256::ZERO,
        ids::insurance_bucket(1),
        ids::pot_bucket(1, 1_735_718_400),
    ] {
        let result = world.vault.sender(world.house).release(
            world.usd.address(),
            account,
            world.alice,
            units(1),
        );
        assert_reverts(result, ICollateralVault::BadAccount { account });
    }
}

#[motsu::test]
fn release_refuses_the_zero_address_and_the_vault_itself() {
    let world = World::funded();
    let (asset, account) = (world.usd.address(), world.account());
    let mut vault = world.vault.sender(world.house);
    let result = vault.release(asset, account, Address::ZERO, units(1));
    assert_reverts(result, ICollateralVault::ZeroAddress {});
    let recipient = world.vault.address();
    let result = vault.release(asset, account, recipient, units(1));
    assert_reverts(result, ICollateralVault::BadRecipient { recipient });
}

#[motsu::test]
fn release_refuses_more_than_the_account_holds() {
    let world = World::funded();
    // The vault as a whole holds enough: the rest belongs to bob.
    world
        .deposit(world.account_of_bob(1), world.usd.address(), 400)
        .motsu_unwrap();
    let (bucket, asset) = (world.account(), world.usd.address());
    let result = world
        .vault
        .sender(world.house)
        .release(asset, bucket, world.alice, units(501));
    let (balance, needed) = (units(500), units(501));
    let error = ICollateralVault::InsufficientBalance {
        bucket,
        asset,
        balance,
        needed,
    };
    assert_reverts(result, error);
}

#[motsu::test]
fn release_refuses_a_token_that_fails() {
    let world = World::funded();
    let (asset, account) = (world.usd.address(), world.account());
    for manner in [
        Manner::ReturnsFalse,
        Manner::ReturnsGarbage,
        Manner::Reverts,
    ] {
        world.usd.sender(world.alice).behave_as(manner);
        let result = world
            .vault
            .sender(world.house)
            .release(asset, account, world.bob, units(10));
        assert_reverts(result, ICollateralVault::TransferFailed { asset });
        assert_eq!(world.balance(account, asset), units(500));
    }
}

#[motsu::test]
fn release_sends_the_tokens_and_forgets_them() {
    let world = World::funded();
    let (asset, account, recipient) = (world.usd.address(), world.account(), world.bob);
    for (assets, rest) in [(100, 400), (400, 0)] {
        let assets = units(assets);
        world
            .vault
            .sender(world.house)
            .release(asset, account, recipient, assets)
            .motsu_unwrap();
        assert_eq!(world.balance(account, asset), units(rest));
        assert_eq!(world.total(asset), units(rest));
        assert_eq!(world.held(&world.usd), units(rest));
        let event = ICollateralVault::CollateralReleased {
            account,
            recipient,
            asset,
            assets,
        };
        assert!(world.emitted(&event));
    }
    assert_eq!(
        world.usd.sender(world.bob).balance_of(world.bob),
        units(500)
    );
    assert_eq!(world.balance(account, world.eth.address()), units(300));
}

#[motsu::test]
fn release_accepts_a_token_that_returns_nothing() {
    let world = World::new();
    let (account, asset) = (ids::account_id(world.alice, 3, 0), world.silent.address());
    world.deposit(account, asset, 10).motsu_unwrap();
    world
        .vault
        .sender(world.house)
        .release(asset, account, world.bob, units(10))
        .motsu_unwrap();
    assert_eq!(
        world.silent.sender(world.bob).balance_of(world.bob),
        units(10)
    );
    assert_eq!(world.total(asset), units(0));
}
