//! `constructor` and `connect`.

use alloy_primitives::Address;
use interfaces::ICollateralVault;
use motsu::prelude::*;

use super::world::{World, assert_reverts, units};
use crate::CollateralVault;

#[motsu::test]
fn constructor_refuses_zero_addresses(vault: Contract<CollateralVault>, alice: Address) {
    for (deployer, factory) in [(Address::ZERO, alice), (alice, Address::ZERO)] {
        let result = vault.sender(alice).constructor(deployer, factory);
        assert_reverts(result, ICollateralVault::ZeroAddress {});
    }
}

#[motsu::test]
fn connect_refuses_everyone_but_the_deployer() {
    let world = World::unconnected();
    for caller in [world.alice, world.house, world.registry.address()] {
        let result = world.vault.sender(caller).connect(world.house);
        assert_reverts(result, ICollateralVault::NotDeployer { caller });
    }
}

#[motsu::test]
fn connect_refuses_the_zero_address() {
    let world = World::unconnected();
    let result = world.vault.sender(world.deployer).connect(Address::ZERO);
    assert_reverts(result, ICollateralVault::ZeroAddress {});
}

#[motsu::test]
fn connect_refuses_a_second_time() {
    let world = World::new();
    for house in [world.house, world.alice, Address::ZERO] {
        let result = world.vault.sender(world.deployer).connect(house);
        let error = ICollateralVault::AlreadyConnected {
            clearingHouse: world.house,
        };
        assert_reverts(result, error);
    }
    assert_eq!(world.vault.sender(world.bob).clearing_house(), world.house);
}

#[motsu::test]
fn the_vault_takes_nothing_before_it_is_connected() {
    let world = World::unconnected();
    let result = world.deposit(world.account(), world.usd.address(), 1);
    assert_reverts(result, ICollateralVault::NotConnected {});
    let result = world
        .vault
        .sender(world.alice)
        .deposit_insurance(1, units(1));
    assert_reverts(result, ICollateralVault::NotConnected {});
}

#[motsu::test]
fn connect_fixes_the_clearing_house() {
    let world = World::unconnected();
    assert_eq!(
        world.vault.sender(world.bob).clearing_house(),
        Address::ZERO
    );
    assert_eq!(
        world.vault.sender(world.bob).series_factory(),
        world.registry.address()
    );

    world
        .vault
        .sender(world.deployer)
        .connect(world.house)
        .motsu_unwrap();

    assert_eq!(world.vault.sender(world.bob).clearing_house(), world.house);
    assert!(world.emitted(&ICollateralVault::Connected {
        clearingHouse: world.house
    }));
}
