//! The lock: while a token is called, nothing that reads or writes the ledger answers.

use alloc::vec::Vec;

use alloy_primitives::Address;
use alloy_sol_types::SolCall;
use interfaces::{ICollateralVault, ids};
use motsu::prelude::*;

use super::world::{World, locked, units};

/// A request for every function that reads or writes the ledger.
fn requests(world: &World) -> Vec<Vec<u8>> {
    let (bucket, asset, assets) = (world.account(), world.usd.address(), units(1));
    let (account, recipient) = (bucket, world.bob);
    let (from, to) = (bucket, ids::insurance_bucket(1));
    vec![
        ICollateralVault::connectCall {
            clearingHouse: recipient,
        }
        .abi_encode(),
        ICollateralVault::depositCall {
            account,
            asset,
            assets,
        }
        .abi_encode(),
        ICollateralVault::depositInsuranceCall { pool: 1, assets }.abi_encode(),
        ICollateralVault::moveBalanceCall {
            asset,
            from,
            to,
            assets,
        }
        .abi_encode(),
        ICollateralVault::releaseCall {
            asset,
            account,
            recipient,
            assets,
        }
        .abi_encode(),
        ICollateralVault::balanceOfCall { bucket, asset }.abi_encode(),
        ICollateralVault::balancesOfCall { bucket }.abi_encode(),
        ICollateralVault::insuranceOfCall { pool: 1 }.abi_encode(),
        ICollateralVault::totalOfCall { asset }.abi_encode(),
        ICollateralVault::surplusCall { asset }.abi_encode(),
    ]
}

#[motsu::test]
fn everything_is_locked_while_a_deposit_calls_the_token() {
    let world = World::funded();
    let target = world.vault.address();
    for request in requests(&world) {
        world.usd.sender(world.bob).call_back(target, &request);
        world
            .deposit(world.account(), world.usd.address(), 1)
            .motsu_unwrap();
        assert_eq!(
            world.usd.sender(world.bob).answer(),
            (false, locked()),
            "{request:02x?}"
        );
    }
    assert_eq!(
        world.balance(world.account(), world.usd.address()),
        units(510)
    );
    assert_eq!(world.held(&world.usd), units(510));
}

#[motsu::test]
fn everything_is_locked_while_an_insurance_deposit_calls_the_token() {
    let world = World::funded();
    let target = world.vault.address();
    for request in requests(&world) {
        world.usd.sender(world.bob).call_back(target, &request);
        world
            .vault
            .sender(world.alice)
            .deposit_insurance(1, units(1))
            .motsu_unwrap();
        assert_eq!(
            world.usd.sender(world.bob).answer(),
            (false, locked()),
            "{request:02x?}"
        );
    }
}

#[motsu::test]
fn everything_is_locked_while_a_release_calls_the_token() {
    let world = World::funded();
    let (asset, account) = (world.usd.address(), world.account());
    let target = world.vault.address();
    for request in requests(&world) {
        world.usd.sender(world.bob).call_back(target, &request);
        let mut vault = world.vault.sender(world.house);
        vault
            .release(asset, account, world.bob, units(1))
            .motsu_unwrap();
        assert_eq!(
            world.usd.sender(world.bob).answer(),
            (false, locked()),
            "{request:02x?}"
        );
    }
    assert_eq!(world.balance(account, asset), units(490));
    assert_eq!(world.held(&world.usd), units(490));
}

#[motsu::test]
fn a_token_that_is_the_clearing_house_gains_nothing_by_calling_back() {
    // The worst case: the caller check alone would let it through.
    let world = World::unconnected();
    let token = world.usd.address();
    world
        .vault
        .sender(world.deployer)
        .connect(token)
        .motsu_unwrap();
    world.usd.sender(world.alice).mint(world.alice, units(10));
    world
        .usd
        .sender(world.alice)
        .approve(world.vault.address(), units(10));
    for request in requests(&world) {
        world
            .usd
            .sender(world.bob)
            .call_back(world.vault.address(), &request);
        world.deposit(world.account(), token, 1).motsu_unwrap();
        assert_eq!(
            world.usd.sender(world.bob).answer(),
            (false, locked()),
            "{request:02x?}"
        );
    }
}

#[motsu::test]
fn the_addresses_stay_readable_under_the_lock() {
    let world = World::funded();
    for (request, address) in [
        (
            ICollateralVault::clearingHouseCall {}.abi_encode(),
            world.house,
        ),
        (
            ICollateralVault::seriesFactoryCall {}.abi_encode(),
            world.registry.address(),
        ),
    ] {
        world
            .usd
            .sender(world.bob)
            .call_back(world.vault.address(), &request);
        world
            .deposit(world.account(), world.usd.address(), 1)
            .motsu_unwrap();
        let (succeeded, answer) = world.usd.sender(world.bob).answer();
        assert!(succeeded);
        assert_eq!(Address::from_slice(&answer[12..]), address);
    }
}

#[motsu::test]
fn the_lock_lifts_after_each_call() {
    let world = World::funded();
    let (asset, account) = (world.usd.address(), world.account());
    world
        .vault
        .sender(world.house)
        .release(asset, account, world.bob, units(1))
        .motsu_unwrap();
    world
        .vault
        .sender(world.house)
        .move_balance(asset, account, account, units(1))
        .motsu_unwrap();
    world.deposit(account, asset, 1).motsu_unwrap();
    assert_eq!(world.balance(account, asset), units(500));
}
