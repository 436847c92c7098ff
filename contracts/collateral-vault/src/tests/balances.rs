//! The views: `balanceOf`, `balancesOf`, `insuranceOf`, `totalOf`, `surplus`.

use interfaces::{ICollateralVault, ISeriesFactory, ids};
use motsu::prelude::*;

use super::tokens::Manner;
use super::world::{World, assert_reverts, units};

#[motsu::test]
fn balances_of_an_unknown_pool_revert() {
    let world = World::new();
    let result = world
        .vault
        .sender(world.bob)
        .balances_of(ids::account_id(world.alice, 9, 0));
    assert_reverts(result, ISeriesFactory::UnknownPool { pool: 9 });
    let result = world.vault.sender(world.bob).insurance_of(9);
    assert_reverts(result, ISeriesFactory::UnknownPool { pool: 9 });
}

#[motsu::test]
fn balances_are_zero_before_the_first_deposit() {
    let world = World::new();
    let balances = world
        .vault
        .sender(world.bob)
        .balances_of(world.account())
        .motsu_unwrap();
    assert_eq!(balances, (units(0), units(0)));
    assert_eq!(
        world.vault.sender(world.bob).insurance_of(1).motsu_unwrap(),
        units(0)
    );
    assert_eq!(world.total(world.usd.address()), units(0));
}

#[motsu::test]
fn balances_are_settlement_then_base() {
    let world = World::funded();
    let balances = world
        .vault
        .sender(world.bob)
        .balances_of(world.account())
        .motsu_unwrap();
    assert_eq!(balances, (units(500), units(300)));
}

#[motsu::test]
fn the_base_balance_is_zero_in_a_pool_without_base_asset() {
    let world = World::new();
    let account = ids::account_id(world.alice, 2, 0);
    world
        .deposit(account, world.usd.address(), 50)
        .motsu_unwrap();
    let balances = world
        .vault
        .sender(world.bob)
        .balances_of(account)
        .motsu_unwrap();
    assert_eq!(balances, (units(50), units(0)));
}

#[motsu::test]
fn donations_are_surplus_and_nobody_s() {
    let world = World::funded();
    let asset = world.usd.address();
    assert_eq!(
        world.vault.sender(world.bob).surplus(asset).motsu_unwrap(),
        units(0)
    );

    world
        .usd
        .sender(world.alice)
        .transfer(world.vault.address(), units(25))
        .motsu_unwrap();

    assert_eq!(
        world.vault.sender(world.bob).surplus(asset).motsu_unwrap(),
        units(25)
    );
    assert_eq!(world.total(asset), units(500));
    assert_eq!(world.balance(world.account(), asset), units(500));
    // A later deposit is credited with itself only.
    world.deposit(world.account(), asset, 5).motsu_unwrap();
    assert_eq!(
        world.vault.sender(world.bob).surplus(asset).motsu_unwrap(),
        units(25)
    );
}

#[motsu::test]
fn surplus_is_zero_when_a_token_took_its_units_back() {
    let world = World::funded();
    let vault = world.vault.address();
    world.usd.sender(world.alice).behave_as(Manner::Steals);
    world
        .usd
        .sender(world.alice)
        .transfer(vault, units(1))
        .motsu_unwrap();
    let surplus = world
        .vault
        .sender(world.bob)
        .surplus(world.usd.address())
        .motsu_unwrap();
    assert_eq!(surplus, units(0));
}

#[motsu::test]
fn surplus_of_what_is_no_token_reverts() {
    let world = World::new();
    let asset = world.registry.address();
    let result = world.vault.sender(world.bob).surplus(asset);
    assert_reverts(result, ICollateralVault::TransferFailed { asset });
}
