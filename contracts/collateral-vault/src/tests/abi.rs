//! The contract answers exactly the functions of `ICollateralVault.sol`.

use alloc::vec::Vec;

use alloy_sol_types::SolCall;
use interfaces::ICollateralVault;
use interfaces::ICollateralVault::ICollateralVaultCalls;
use motsu::prelude::*;
use stylus_sdk::abi::Router;

use super::world::{World, units};
use crate::CollateralVault;

#[motsu::test]
fn every_function_of_the_interface_is_answered() {
    let world = World::new();
    let mut vault = world.vault.sender(world.bob);
    let unanswered: Vec<_> = ICollateralVaultCalls::SELECTORS
        .iter()
        .filter(|selector| {
            let selector = u32::from_be_bytes(**selector);
            <CollateralVault as Router<CollateralVault>>::route(&mut vault, selector, &[]).is_none()
        })
        .collect();
    assert!(unanswered.is_empty(), "{unanswered:02x?}");
    assert!(<CollateralVault as Router<CollateralVault>>::route(&mut vault, 0, &[]).is_none());
}

/// Sends an encoded call by way of the router and decodes the answer as the interface declares it.
fn ask<C: SolCall>(world: &World, request: &C) -> C::Return {
    let mut vault = world.vault.sender(world.bob);
    let encoded = request.abi_encode();
    let selector = u32::from_be_bytes(C::SELECTOR);
    let answer =
        <CollateralVault as Router<CollateralVault>>::route(&mut vault, selector, &encoded[4..]);
    let answer = answer
        .expect("the function exists")
        .expect("the call succeeds");
    C::abi_decode_returns(&answer, true).expect("the answer is of the declared type")
}

#[motsu::test]
fn answers_are_encoded_as_the_interface_declares() {
    let world = World::funded();
    world
        .vault
        .sender(world.alice)
        .deposit_insurance(1, units(40))
        .motsu_unwrap();
    world
        .usd
        .sender(world.alice)
        .transfer(world.vault.address(), units(3))
        .motsu_unwrap();
    let (bucket, asset) = (world.account(), world.usd.address());

    let balance = ask(&world, &ICollateralVault::balanceOfCall { bucket, asset });
    assert_eq!(balance._0, units(500));
    let balances = ask(&world, &ICollateralVault::balancesOfCall { bucket });
    assert_eq!(
        (balances.settlementBalance, balances.baseBalance),
        (units(500), units(300))
    );
    assert_eq!(
        ask(&world, &ICollateralVault::insuranceOfCall { pool: 1 })._0,
        units(40)
    );
    assert_eq!(
        ask(&world, &ICollateralVault::totalOfCall { asset })._0,
        units(540)
    );
    assert_eq!(
        ask(&world, &ICollateralVault::surplusCall { asset })._0,
        units(3)
    );
    assert_eq!(
        ask(&world, &ICollateralVault::clearingHouseCall {})._0,
        world.house
    );
    let factory = ask(&world, &ICollateralVault::seriesFactoryCall {})._0;
    assert_eq!(factory, world.registry.address());
}
