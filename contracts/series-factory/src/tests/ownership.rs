//! The owner: two steps to hand over, and no way back from nobody.

use alloy_primitives::Address;
use interfaces::IOwnable2Step::{
    OwnableInvalidOwner, OwnableUnauthorizedAccount, OwnershipTransferStarted, OwnershipTransferred,
};
use motsu::prelude::*;

use super::world::{World, assert_reverts};
use crate::SeriesFactory;

#[motsu::test]
fn constructor_refuses_nobody_as_owner(factory: Contract<SeriesFactory>, alice: Address) {
    let result = factory.sender(alice).constructor(Address::ZERO);
    assert_reverts(
        result,
        OwnableInvalidOwner {
            owner: Address::ZERO,
        },
    );
}

#[motsu::test]
fn only_the_owner_offers_and_only_the_chosen_accepts() {
    let world = World::new();
    let account = world.alice;
    let error = || OwnableUnauthorizedAccount { account };
    let mut factory = world.factory.sender(account);
    assert_reverts(factory.transfer_ownership(account), error());
    assert_reverts(factory.accept_ownership(), error());
    assert_reverts(factory.renounce_ownership(), error());
}

#[motsu::test]
fn ownership_passes_when_it_is_accepted() {
    let world = World::new();
    world
        .factory
        .sender(world.owner)
        .transfer_ownership(world.alice)
        .motsu_unwrap();
    assert_eq!(world.factory.sender(world.alice).owner(), world.owner);
    assert_eq!(
        world.factory.sender(world.alice).pending_owner(),
        world.alice
    );
    world.list(world.owner, world.terms()).motsu_unwrap();

    world
        .factory
        .sender(world.alice)
        .accept_ownership()
        .motsu_unwrap();

    assert_eq!(world.factory.sender(world.alice).owner(), world.alice);
    assert_eq!(
        world.factory.sender(world.alice).pending_owner(),
        Address::ZERO
    );
    let (from, to) = (world.owner, world.alice);
    let offered = OwnershipTransferStarted {
        previousOwner: from,
        newOwner: to,
    };
    assert!(world.factory.emitted(&offered));
    let passed = OwnershipTransferred {
        previousOwner: from,
        newOwner: to,
    };
    assert!(world.factory.emitted(&passed));
    world.list(world.alice, world.terms()).motsu_unwrap();
    let account = world.owner;
    assert_reverts(
        world.list(account, world.terms()),
        OwnableUnauthorizedAccount { account },
    );
}

#[motsu::test]
fn without_an_owner_no_more_pools_are_listed() {
    let world = World::new();
    world.list(world.owner, world.terms()).motsu_unwrap();
    world
        .factory
        .sender(world.owner)
        .renounce_ownership()
        .motsu_unwrap();
    let account = world.owner;
    assert_reverts(
        world.list(account, world.terms()),
        OwnableUnauthorizedAccount { account },
    );
    world
        .list_series(1, super::world::FIRST_EXPIRY, world.terms().strike_tick, 0)
        .motsu_unwrap();
}

#[motsu::test]
fn an_offer_can_be_withdrawn_and_ends_with_the_owner() {
    let world = World::new();
    let account = world.alice;
    world
        .factory
        .sender(world.owner)
        .transfer_ownership(account)
        .motsu_unwrap();
    world
        .factory
        .sender(world.owner)
        .transfer_ownership(Address::ZERO)
        .motsu_unwrap();
    let result = world.factory.sender(account).accept_ownership();
    assert_reverts(result, OwnableUnauthorizedAccount { account });

    world
        .factory
        .sender(world.owner)
        .transfer_ownership(account)
        .motsu_unwrap();
    world
        .factory
        .sender(world.owner)
        .renounce_ownership()
        .motsu_unwrap();
    let result = world.factory.sender(account).accept_ownership();
    assert_reverts(result, OwnableUnauthorizedAccount { account });
    assert_eq!(world.factory.sender(account).owner(), Address::ZERO);
}
