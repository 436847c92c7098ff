//! `liquidate`, the auction's primitive.

use alloy_primitives::I256;
use interfaces::IClearingHouse::{
    BadAccount, BadFraction, InsufficientCash, InsufficientInitialMargin, NotModule,
    PortfolioLiquidated, SelfTrade, TooManyExpiries, TooManyLegs, UnsettledExpiry, WrongPool,
};
use interfaces::{ICollateralVault, ids::insurance_bucket};

use super::stand_ins::BASE;
use super::*;
use crate::positions::{MAX_EXPIRIES, MAX_LEGS};

/// Amounts of one `liquidate` call.
#[derive(Clone, Copy, Default)]
struct Amounts {
    reserved: u128,
    payment: u128,
    fee: u128,
    insurance: u128,
}

fn liquidate(
    world: &World,
    account: U256,
    bidder: U256,
    fraction: u128,
    amounts: Amounts,
) -> Result<(), Revert> {
    world
        .house
        .sender(AUCTION)
        .liquidate(
            account,
            bidder,
            U256::from(fraction),
            U256::from(amounts.reserved),
            U256::from(amounts.payment),
            U256::from(amounts.fee),
            U256::from(amounts.insurance),
        )
        .motsu_res()
}

/// A maker long and bob short five contracts of two series each; returns bob's account and carol's with 10,000.
fn short_account(world: &World, maker: Address, bob: Address, carol: Address) -> (U256, U256) {
    let (maker, short) = (world.fund(maker, 1_000_000), world.fund(bob, 1_003));
    for strike in [1, 2] {
        world
            .trade(maker, short, call_series(strike), 5 * ONE, 0, strike)
            .unwrap();
    }
    (short, world.fund(carol, 10_000))
}

#[motsu::test]
fn liquidation_reverts_on_bad_caller_and_terms(alice: Address, bob: Address, carol: Address) {
    let world = World::new();
    let (short, bidder) = short_account(&world, alice, bob, carol);
    let zero = U256::ZERO;
    let result = world
        .house
        .sender(carol)
        .liquidate(short, bidder, U256::from(ONE), zero, zero, zero, zero)
        .motsu_res();
    refused(result, NotModule { caller: carol });
    let none = Amounts::default();
    refused(
        liquidate(&world, short, short, ONE, none),
        SelfTrade { account: short },
    );
    let pool_two = ids::account_id(carol, 2, 0);
    refused(
        liquidate(&world, short, pool_two, ONE, none),
        WrongPool {
            given: 2,
            expected: 1,
        },
    );
    for account in [insurance_bucket(1), ids::pot_bucket(1, EXPIRY)] {
        refused(
            liquidate(&world, account, bidder, ONE, none),
            BadAccount { account },
        );
        refused(
            liquidate(&world, short, account, ONE, none),
            BadAccount { account },
        );
    }
    for fraction in [0, ONE + 1] {
        refused(
            liquidate(&world, short, bidder, fraction, none),
            BadFraction {
                fraction: U256::from(fraction),
            },
        );
    }
    let dear = Amounts {
        payment: 9_999,
        fee: 2,
        ..none
    };
    refused(
        liquidate(&world, short, bidder, ONE, dear),
        InsufficientCash {
            account: bidder,
            cash: U256::from(10_000),
            needed: U256::from(10_001),
        },
    );
    let uncovered = Amounts {
        insurance: 1,
        ..none
    };
    refused(
        liquidate(&world, short, bidder, ONE, uncovered),
        ICollateralVault::InsufficientBalance {
            bucket: insurance_bucket(1),
            asset: CASH,
            balance: zero,
            needed: U256::from(1),
        },
    );
}

#[motsu::test]
fn liquidation_reverts_while_an_expired_leg_is_unsettled(alice: Address, bob: Address) {
    let world = World::new();
    let (account, bidder) = (world.fund(alice, 100), world.fund(bob, 100));
    let expiry = u32::try_from(NOW).unwrap();
    let leg = crate::leg_word::leg_word(ids::series_id(1, expiry, 1, 0), 1);
    world
        .house
        .sender(GUARDIAN)
        .write_legs(account, &[], &[leg])
        .unwrap();
    refused(
        liquidate(&world, account, bidder, ONE, Amounts::default()),
        UnsettledExpiry { account, expiry },
    );
}

#[motsu::test]
fn the_bidder_passes_the_gate_on_degraded_data_too(alice: Address, bob: Address, carol: Address) {
    let world = World::new();
    let (short, bidder) = short_account(&world, alice, bob, carol);
    world
        .house
        .sender(carol)
        .withdraw(bidder, CASH, U256::from(9_999), carol)
        .motsu_unwrap();
    // Ten shorts at 100; 1,003 of cash come along, 4 of it reserved: 1 + 999 − 1,000.
    let amounts = Amounts {
        reserved: 4,
        ..Amounts::default()
    };
    world.engine.sender(GUARDIAN).degraded.set(true);
    let less = Amounts {
        reserved: 5,
        ..amounts
    };
    refused(
        liquidate(&world, short, bidder, ONE, less),
        InsufficientInitialMargin {
            account: bidder,
            balance: I256::try_from(-1).unwrap(),
        },
    );
    liquidate(&world, short, bidder, ONE, amounts).unwrap();
    assert_eq!((world.cash(short), world.cash(bidder)), (4, 1_000));
    assert_eq!(world.positions(short), []);
}

#[motsu::test]
fn liquidation_reverts_when_the_bidder_would_hold_too_many_legs(
    alice: Address,
    bob: Address,
    carol: Address,
) {
    let world = World::new();
    let (short, bidder) = short_account(&world, alice, bob, carol);
    let counterparty = ids::account_id(alice, 1, 1);
    world.give(counterparty, CASH, 1_000_000);
    let strikes = 3..=u64::try_from(MAX_LEGS).unwrap() + 1;
    world.open(bidder, counterparty, strikes.map(call_series), CONTRACT);
    refused(
        liquidate(&world, short, bidder, ONE, Amounts::default()),
        TooManyLegs {
            given: U256::from(MAX_LEGS + 1),
            most: U256::from(MAX_LEGS),
        },
    );
}

#[motsu::test]
fn liquidation_reverts_when_the_bidder_would_hold_too_many_expiries_and_passes_with_the_most(
    alice: Address,
    bob: Address,
    carol: Address,
) {
    let world = World::new();
    let series = |index: u32| ids::series_id(1, EXPIRY + index, 1, 0);
    let most = u32::try_from(MAX_EXPIRIES).unwrap();
    let (maker, short) = (world.fund(alice, 0), world.fund(bob, 1_000_000));
    world.open(maker, short, (0..most).map(series), CONTRACT);
    let (bidder, counterparty) = (world.fund(carol, 0), ids::account_id(bob, 1, 1));
    world.give(counterparty, CASH, 1_000);
    world
        .trade(bidder, counterparty, series(most), ONE, 0, 100)
        .unwrap();
    let all = |bidder| liquidate(&world, short, bidder, ONE, Amounts::default());
    refused(
        all(bidder),
        TooManyExpiries {
            given: U256::from(MAX_EXPIRIES + 1),
            most: U256::from(MAX_EXPIRIES),
        },
    );
    // Nobody is beyond rescue: an account that holds nothing can take all there can be.
    let fresh = ids::account_id(carol, 1, 1);
    all(fresh).unwrap();
    assert_eq!(world.positions(short), []);
    assert_eq!(world.positions(fresh).len(), MAX_EXPIRIES);
}

#[motsu::test]
fn an_account_with_the_most_legs_moves_to_one_who_holds_none(
    alice: Address,
    bob: Address,
    carol: Address,
) {
    let world = World::new();
    let (maker, short) = (world.fund(alice, 0), world.fund(bob, 1_000_000));
    let strikes = 1..=u64::try_from(MAX_LEGS).unwrap();
    world.open(maker, short, strikes.clone().map(call_series), CONTRACT);
    let bidder = world.fund(carol, 0);
    let half = ONE / 2;
    liquidate(&world, short, bidder, half, Amounts::default()).unwrap();
    let halves = [-i128::try_from(half).unwrap(); MAX_LEGS];
    assert_eq!(world.positions(short), halves);
    assert_eq!(world.positions(bidder), halves);
    liquidate(&world, short, bidder, ONE, Amounts::default()).unwrap();
    assert_eq!(world.positions(short), []);
    assert_eq!(
        world.positions(bidder),
        [-i128::try_from(ONE).unwrap(); MAX_LEGS]
    );
    assert_eq!(world.short_interest(), ONE * MAX_LEGS as u128);
    for strike in strikes {
        assert_eq!(world.open_interest(call_series(strike)), ONE);
    }
}

#[motsu::test]
fn a_fraction_moves_of_every_leg_and_balance_truncated(
    alice: Address,
    bob: Address,
    carol: Address,
) {
    let world = World::new();
    let (short, bidder) = short_account(&world, alice, bob, carol);
    world.give(short, BASE, 7);
    let insurance = insurance_bucket(1);
    world.give(insurance, CASH, 50);
    let third = ONE / 3;
    let amounts = Amounts {
        reserved: 3,
        payment: 600,
        fee: 20,
        insurance: 30,
    };
    liquidate(&world, short, bidder, third, amounts).unwrap();
    // A third of 1,003 − 3 and of 7, rounded down (1e18 / 3 is below a third).
    assert_eq!(world.balances(short), (1_003 + 600 - 333, 5));
    assert_eq!(world.balances(bidder), (10_000 - 620 + 30 + 333, 2));
    assert_eq!(world.cash(insurance), 50 + 20 - 30);
    let moved = i128::try_from(5 * third).unwrap();
    let left = i128::try_from(5 * ONE).unwrap() - moved;
    assert_eq!(world.positions(bidder), [-moved, -moved]);
    assert_eq!(world.positions(short), [-left, -left]);
    assert_eq!(world.short_interest(), 10 * ONE);
    assert_eq!(world.open_interest(call_series(1)), 5 * ONE);
    assert_eq!((world.version(short), world.version(bidder)), (3, 1));
    world.emitted(&PortfolioLiquidated {
        account: short,
        bidder,
        fraction: U256::from(third),
        payment: U256::from(600),
        insuranceFee: U256::from(20),
        insurancePayment: U256::from(30),
    });
}

#[motsu::test]
fn legs_that_meet_their_opposite_close_and_lower_the_interest(alice: Address, bob: Address) {
    let world = World::new();
    let (maker, short) = (world.fund(alice, 1_000), world.fund(bob, 500));
    world
        .trade(maker, short, call_series(1), 5 * ONE, 0, 0)
        .unwrap();
    // The maker takes his own counterparty's short: nothing is left open.
    liquidate(&world, short, maker, ONE, Amounts::default()).unwrap();
    assert_eq!(world.positions(maker), []);
    assert_eq!(world.positions(short), []);
    assert_eq!(
        (world.open_interest(call_series(1)), world.short_interest()),
        (0, 0)
    );
    assert_eq!((world.cash(maker), world.cash(short)), (1_500, 0));
}

#[motsu::test]
fn the_payment_goes_to_debt_first(alice: Address, bob: Address, carol: Address) {
    let world = World::new();
    let (short, bidder) = short_account(&world, alice, bob, carol);
    world
        .house
        .sender(SETTLEMENT)
        .add_debt(short, U256::from(40))
        .motsu_unwrap();
    let amounts = Amounts {
        payment: 100,
        ..Amounts::default()
    };
    liquidate(&world, short, bidder, ONE, amounts).unwrap();
    assert_eq!((world.cash(short), world.debt(short)), (60, 0));
    assert_eq!(world.cash(insurance_bucket(1)), 40);
}

#[motsu::test]
fn a_bidder_in_debt_is_gated_though_he_takes_no_short(
    alice: Address,
    bob: Address,
    carol: Address,
) {
    let world = World::new();
    let (long, short) = (world.fund(alice, 0), world.fund(bob, 1_000));
    world.trade(long, short, call_series(1), ONE, 0, 0).unwrap();
    let bidder = world.fund(carol, 0);
    world
        .house
        .sender(SETTLEMENT)
        .add_debt(bidder, U256::from(10))
        .motsu_unwrap();
    refused(
        liquidate(&world, long, bidder, ONE, Amounts::default()),
        InsufficientInitialMargin {
            account: bidder,
            balance: I256::try_from(-10).unwrap(),
        },
    );
}
