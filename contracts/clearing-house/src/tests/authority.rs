//! The constructor, `setOperator`, `pause`.

use alloy_primitives::Address;
use interfaces::IClearingHouse::{
    BadAccount, NotAuthorized, NotGuardian, OperatorSet, PauseTooLong, PausedUntil, ZeroAddress,
};

use super::*;

#[motsu::test]
fn constructor_reverts_on_a_missing_module(house: Contract<ClearingHouse>, alice: Address) {
    for missing in 0..5 {
        let mut modules = [1, 2, 3, 4, 5].map(Address::repeat_byte);
        modules[missing] = Address::ZERO;
        let [vault, factory, engine, auction, settlement] = modules;
        let result = house
            .sender(alice)
            .constructor(GUARDIAN, vault, factory, engine, auction, settlement)
            .motsu_res();
        refused(result, ZeroAddress {});
    }
}

#[motsu::test]
fn constructor_fixes_guardian_and_modules(alice: Address) {
    let world = World::new();
    let house = world.house.sender(alice);
    assert_eq!(house.guardian(), GUARDIAN);
    assert_eq!(
        house.modules(),
        (
            world.vault.address(),
            world.factory.address(),
            world.engine.address(),
            AUCTION,
            SETTLEMENT
        )
    );
}

#[motsu::test]
fn only_the_owner_names_operators(alice: Address, bob: Address, carol: Address) {
    let world = World::new();
    let account = world.fund(alice, 1);
    let name = |caller: Address, account: U256, operator: Address| {
        world
            .house
            .sender(caller)
            .set_operator(account, operator, true)
            .motsu_res()
    };
    refused(
        name(bob, account, carol),
        NotAuthorized {
            account,
            caller: bob,
        },
    );
    refused(name(alice, account, Address::ZERO), ZeroAddress {});
    let insurance = ids::insurance_bucket(1);
    refused(
        name(alice, insurance, bob),
        BadAccount { account: insurance },
    );
    name(alice, account, bob).unwrap();
    world.emitted(&OperatorSet {
        account,
        operator: bob,
        allowed: true,
    });
    assert!(world.house.sender(carol).is_operator(account, bob));
    assert!(world.house.sender(carol).is_authorized(account, bob));
    assert!(!world.house.sender(carol).is_operator(account, alice));
    assert!(world.house.sender(carol).is_authorized(account, alice));
    // An operator acts, but names nobody.
    refused(
        name(bob, account, carol),
        NotAuthorized {
            account,
            caller: bob,
        },
    );
    // One account's operator has no say in another of the same owner.
    assert!(
        !world
            .house
            .sender(carol)
            .is_authorized(ids::account_id(alice, 1, 1), bob)
    );
    world
        .house
        .sender(alice)
        .set_operator(account, bob, false)
        .motsu_unwrap();
    assert!(!world.house.sender(carol).is_authorized(account, bob));
}

#[motsu::test]
fn only_the_guardian_pauses_and_for_seven_days_at_most(alice: Address) {
    let world = World::new();
    let result = world.house.sender(alice).pause(1).motsu_res();
    refused(result, NotGuardian { caller: alice });
    let result = world.house.sender(GUARDIAN).pause(604_801).motsu_res();
    refused(
        result,
        PauseTooLong {
            given: 604_801,
            most: 604_800,
        },
    );
    world.house.sender(GUARDIAN).pause(604_800).motsu_unwrap();
    assert_eq!(world.house.sender(alice).paused_until(), NOW + 604_800);
    world.emitted(&PausedUntil {
        time: NOW + 604_800,
    });
    world.house.sender(GUARDIAN).pause(0).motsu_unwrap();
    assert_eq!(world.house.sender(alice).paused_until(), 0);
}

#[motsu::test]
fn an_operator_may_resign_and_only_for_himself(alice: Address, bob: Address, carol: Address) {
    let world = World::new();
    let account = world.fund(alice, 1);
    for operator in [bob, carol] {
        world
            .house
            .sender(alice)
            .set_operator(account, operator, true)
            .motsu_unwrap();
    }
    refused(
        world
            .house
            .sender(bob)
            .set_operator(account, carol, false)
            .motsu_res(),
        NotAuthorized {
            account,
            caller: bob,
        },
    );
    world
        .house
        .sender(bob)
        .set_operator(account, bob, false)
        .motsu_unwrap();
    assert!(!world.house.sender(bob).is_authorized(account, bob));
    assert!(world.house.sender(bob).is_authorized(account, carol));
}
