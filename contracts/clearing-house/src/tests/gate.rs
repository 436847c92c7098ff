//! What the gate asks beyond margin balances: of the estate of the insolvent, and of legs past their expiry.

use alloy_primitives::I256;
use interfaces::IClearingHouse::{InsufficientInitialMargin, UnsettledExpiry};

use super::stand_ins::CASH;
use super::*;

const STRIKE: u64 = 300_000_000_000;

#[motsu::test]
fn an_account_worth_less_than_nothing_gives_nothing_away(alice: Address, bob: Address) {
    let world = World::new();
    let (maker, short) = (world.fund(alice, 100_000), world.fund(bob, 1_000));
    let series = call_series(STRIKE);
    world.trade(maker, short, series, 10 * ONE, 0, 0).unwrap();
    let crash = I256::try_from(-1_100).unwrap();
    world.engine.sender(GUARDIAN).shift.set(crash);
    // Worth −100. Two contracts back for 160 would improve initial and keep maintenance, and move 160 to the maker that the account owes.
    refused(
        world.trade(short, maker, series, 2 * ONE, 160, 1),
        InsufficientInitialMargin {
            account: short,
            balance: I256::try_from(-1_060).unwrap(),
        },
    );
    world.trade(short, maker, series, 2 * ONE, 0, 2).unwrap();
    // One still worth something may pay, but not beyond.
    let dip = I256::try_from(-900).unwrap();
    world.engine.sender(GUARDIAN).shift.set(dip);
    refused(
        world.trade(short, maker, series, 2 * ONE, 101, 3),
        InsufficientInitialMargin {
            account: short,
            balance: I256::try_from(-601).unwrap(),
        },
    );
    world.trade(short, maker, series, 2 * ONE, 100, 4).unwrap();
}

#[motsu::test]
fn an_unsettled_leg_bars_new_risk_but_not_less(alice: Address, bob: Address) {
    let world = World::new();
    let (maker, short) = (world.fund(alice, 100_000), world.fund(bob, 10_000));
    let series = call_series(STRIKE);
    world.trade(maker, short, series, 2 * ONE, 0, 0).unwrap();
    let expiry = u32::try_from(NOW).unwrap();
    let won = crate::leg_word::leg_word(ids::series_id(1, expiry, STRIKE, 0), 5);
    let legs = world.house.sender(GUARDIAN).legs_of(short);
    world
        .house
        .sender(GUARDIAN)
        .write_legs(short, &legs, &[legs[0], won])
        .unwrap();
    let unsettled = UnsettledExpiry {
        account: short,
        expiry,
    };
    refused(
        world.trade(maker, short, series, ONE, 0, 1),
        unsettled.clone(),
    );
    refused(
        world
            .house
            .sender(bob)
            .withdraw(short, CASH, U256::from(1), bob)
            .motsu_res(),
        unsettled,
    );
    world.trade(short, maker, series, ONE, 0, 2).unwrap();
    // Without shorts it owes nothing, whatever the expired leg turns out to be worth.
    world.trade(short, maker, series, ONE, 0, 3).unwrap();
    world
        .house
        .sender(bob)
        .withdraw(short, CASH, U256::from(1), bob)
        .motsu_unwrap();
}
