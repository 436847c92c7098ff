//! `removeExpiredLegs`, `moveForSettlement`, `addDebt`: the settlement's primitives.

use alloy_primitives::I256;
use interfaces::IClearingHouse::{BadAccount, NotModule, Overflow, PositionChanged, WrongPool};
use interfaces::IExpirySettlement::NotExpired;

use super::*;
use crate::leg_word::leg_word;
use crate::positions::Resize;

const DUE: u32 = 1_735_689_600;

/// Gives an account legs of two expiries, counted as a trade would have.
fn hold(world: &World, account: U256) -> [B256; 3] {
    let held = [(DUE, 1, 5), (EXPIRY, 1, -6), (DUE, 2, -7)];
    let legs = held.map(|(expiry, strike, contracts)| {
        let series = ids::series_id(1, expiry, strike, 0);
        let size = Resize {
            before: 0,
            after: contracts,
        };
        world
            .house
            .sender(GUARDIAN)
            .count_interest(series, size)
            .unwrap();
        leg_word(series, contracts)
    });
    world
        .house
        .sender(GUARDIAN)
        .write_legs(account, &[], &legs)
        .unwrap();
    legs
}

#[motsu::test]
fn settlement_primitives_revert_for_everyone_else(alice: Address) {
    let world = World::new();
    let account = world.fund(alice, 1);
    for caller in [alice, GUARDIAN, AUCTION] {
        let house = || world.house.sender(caller);
        let refusal = NotModule { caller };
        refused(
            house().remove_expired_legs(account, DUE).motsu_res(),
            refusal.clone(),
        );
        let one = U256::from(1);
        refused(
            house()
                .move_for_settlement(CASH, account, account, one)
                .motsu_res(),
            refusal.clone(),
        );
        refused(house().add_debt(account, one).motsu_res(), refusal);
    }
}

#[motsu::test]
fn settlement_primitives_revert_on_bad_input(alice: Address) {
    let world = World::new();
    let account = world.fund(alice, 1);
    let house = || world.house.sender(SETTLEMENT);
    refused(
        house().remove_expired_legs(account, DUE + 1).motsu_res(),
        NotExpired {
            expiry: DUE + 1,
            time: NOW,
        },
    );
    let insurance = ids::insurance_bucket(1);
    refused(
        house().remove_expired_legs(insurance, DUE).motsu_res(),
        BadAccount { account: insurance },
    );
    refused(
        house().add_debt(insurance, U256::from(1)).motsu_res(),
        BadAccount { account: insurance },
    );
    let elsewhere = ids::pot_bucket(2, DUE);
    refused(
        house()
            .move_for_settlement(CASH, account, elsewhere, U256::from(1))
            .motsu_res(),
        WrongPool {
            given: 2,
            expected: 1,
        },
    );
    refused(
        house().add_debt(account, U256::from(1) << 128).motsu_res(),
        Overflow {},
    );
    house()
        .add_debt(account, U256::from(u128::MAX))
        .motsu_unwrap();
    refused(
        house().add_debt(account, U256::from(1)).motsu_res(),
        Overflow {},
    );
}

#[motsu::test]
fn expired_legs_are_removed_returned_and_no_longer_counted(alice: Address) {
    let world = World::new();
    let account = world.fund(alice, 1);
    let [first, kept, last] = hold(&world, account);
    let house = world.house.sender(SETTLEMENT);
    assert_eq!(house.short_interest(1, DUE), U256::from(7));
    let removed = world
        .house
        .sender(SETTLEMENT)
        .remove_expired_legs(account, DUE)
        .motsu_unwrap();
    assert_eq!(removed, [first, last]);
    let (legs, .., version) = world
        .house
        .sender(alice)
        .account_state(account)
        .motsu_unwrap();
    assert_eq!(legs, [kept]);
    assert_eq!(version, 2);
    let house = world.house.sender(SETTLEMENT);
    assert_eq!(house.short_interest(1, DUE), U256::ZERO);
    assert_eq!(house.short_interest(1, EXPIRY), U256::from(6));
    for strike in [1, 2] {
        let series = ids::series_id(1, DUE, strike, 0);
        assert_eq!(house.open_interest(series), U256::ZERO);
        let gone = PositionChanged {
            account,
            seriesId: series,
            contracts: I256::ZERO,
        };
        world.emitted(&gone);
    }
    // The second time there is nothing, and nothing changes.
    let again = world
        .house
        .sender(SETTLEMENT)
        .remove_expired_legs(account, DUE)
        .motsu_unwrap();
    assert_eq!(again, [] as [B256; 0]);
    assert_eq!(world.version(account), 2);
}

#[motsu::test]
fn settlement_moves_between_account_insurance_and_pot_of_one_pool(alice: Address) {
    let world = World::new();
    let account = world.fund(alice, 100);
    let (insurance, pot) = (ids::insurance_bucket(1), ids::pot_bucket(1, DUE));
    for (from, to, assets) in [
        (account, pot, 60),
        (account, insurance, 30),
        (pot, account, 5),
    ] {
        world
            .house
            .sender(SETTLEMENT)
            .move_for_settlement(CASH, from, to, U256::from(assets))
            .motsu_unwrap();
    }
    assert_eq!(
        (world.cash(account), world.cash(insurance), world.cash(pot)),
        (15, 30, 55)
    );
}

#[motsu::test]
fn account_header_keeps_debt_version_and_count_apart(alice: Address) {
    let world = World::new();
    let account = world.fund(alice, 0);
    hold(&world, account);
    world
        .house
        .sender(SETTLEMENT)
        .add_debt(account, U256::from(u128::MAX))
        .motsu_unwrap();
    let (legs, _, _, debt, version) = world
        .house
        .sender(alice)
        .account_state(account)
        .motsu_unwrap();
    assert_eq!((legs.len(), debt, version), (3, U256::from(u128::MAX), 1));
    let mut header = world.house.sender(GUARDIAN).header_of(account);
    header.version = u64::MAX;
    world.house.sender(GUARDIAN).write_header(account, header);
    let (legs, _, _, debt, version) = world
        .house
        .sender(alice)
        .account_state(account)
        .motsu_unwrap();
    assert_eq!(
        (legs.len(), debt, version),
        (3, U256::from(u128::MAX), u64::MAX)
    );
}
