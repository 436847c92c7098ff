//! `depositInsurance`.

use interfaces::{ICollateralVault, ISeriesFactory, ids};
use motsu::prelude::*;

use super::tokens::Manner;
use super::world::{World, assert_reverts, units};

#[motsu::test]
fn deposit_insurance_refuses_nothing() {
    let world = World::new();
    let result = world
        .vault
        .sender(world.alice)
        .deposit_insurance(1, units(0));
    assert_reverts(result, ICollateralVault::ZeroAmount {});
}

#[motsu::test]
fn deposit_insurance_passes_on_that_the_pool_is_unknown() {
    let world = World::new();
    for pool in [0, 9] {
        let result = world
            .vault
            .sender(world.alice)
            .deposit_insurance(pool, units(1));
        assert_reverts(result, ISeriesFactory::UnknownPool { pool });
    }
}

#[motsu::test]
fn deposit_insurance_refuses_a_token_that_fails_or_delivers_less() {
    let world = World::new();
    let asset = world.usd.address();
    world.usd.sender(world.alice).behave_as(Manner::Reverts);
    let result = world
        .vault
        .sender(world.alice)
        .deposit_insurance(1, units(10));
    assert_reverts(result, ICollateralVault::TransferFailed { asset });

    world.usd.sender(world.alice).behave_as(Manner::TakesFee);
    let result = world
        .vault
        .sender(world.alice)
        .deposit_insurance(1, units(10));
    let (expected, received) = (units(10), units(9));
    assert_reverts(
        result,
        ICollateralVault::FeeOnTransferToken {
            asset,
            expected,
            received,
        },
    );
}

#[motsu::test]
fn deposit_insurance_credits_the_pool_alone() {
    let world = World::funded();
    world
        .vault
        .sender(world.alice)
        .deposit_insurance(1, units(40))
        .motsu_unwrap();
    world
        .vault
        .sender(world.alice)
        .deposit_insurance(2, units(2))
        .motsu_unwrap();

    assert_eq!(
        world.vault.sender(world.bob).insurance_of(1).motsu_unwrap(),
        units(40)
    );
    assert_eq!(
        world.vault.sender(world.bob).insurance_of(2).motsu_unwrap(),
        units(2)
    );
    assert_eq!(
        world.balance(ids::insurance_bucket(1), world.usd.address()),
        units(40)
    );
    assert_eq!(
        world.balance(world.account(), world.usd.address()),
        units(500)
    );
    assert_eq!(world.total(world.usd.address()), units(542));
    assert_eq!(world.held(&world.usd), units(542));
    let (pool, caller, assets) = (1, world.alice, units(40));
    assert!(world.emitted(&ICollateralVault::InsuranceDeposited {
        pool,
        caller,
        assets
    }));
}
