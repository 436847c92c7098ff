//! `trade`: reverts in the order of the checks, then the paths.

use alloy_primitives::I256;
use interfaces::IClearingHouse::{
    BadAccount, DeadlinePassed, InsufficientCash, InsufficientInitialMargin, MarketDegraded,
    OpenInterestCapExceeded, Overflow, Paused, PositionChanged, SelfTrade, SeriesExpired,
    TooManyExpiries, TooManyLegs, TradeAlreadyExecuted, TradeNotApproved, Traded, UnknownSeries,
    WrongPool, ZeroAmount,
};

use super::*;
use crate::positions::{MAX_EXPIRIES, MAX_LEGS};

const STRIKE: u64 = 300_000_000_000;

#[motsu::test]
fn trade_reverts_without_the_other_sides_approval(alice: Address, bob: Address) {
    let world = World::new();
    let (buyer, seller) = (world.fund(alice, 1_000), world.fund(bob, 1_000));
    let one = U256::from(ONE);
    let hash =
        world
            .house
            .sender(alice)
            .trade_hash(buyer, seller, call_series(1), one, one, NOW, 0);
    let result = world
        .house
        .sender(alice)
        .trade(buyer, seller, call_series(1), one, one, NOW, 0)
        .motsu_res();
    refused(
        result,
        TradeNotApproved {
            tradeHash: hash,
            account: seller,
        },
    );
    // A stranger lacks both.
    let result = world
        .house
        .sender(GUARDIAN)
        .trade(buyer, seller, call_series(1), one, one, NOW, 0)
        .motsu_res();
    refused(
        result,
        TradeNotApproved {
            tradeHash: hash,
            account: buyer,
        },
    );
}

#[motsu::test]
fn trade_reverts_on_bad_terms(alice: Address, bob: Address) {
    let world = World::new();
    let (buyer, seller) = (world.fund(alice, 1_000), world.fund(bob, 1_000));
    let one = U256::from(ONE);
    world
        .house
        .sender(bob)
        .set_operator(seller, alice, true)
        .motsu_unwrap();
    let trade = |buyer: U256, seller: U256, series: U256, contracts: U256, deadline: u64| {
        world
            .house
            .sender(alice)
            .trade(buyer, seller, series, contracts, U256::ZERO, deadline, 0)
            .motsu_res()
    };
    let series = call_series(STRIKE);
    refused(
        trade(buyer, buyer, series, one, NOW),
        SelfTrade { account: buyer },
    );
    refused(
        trade(buyer, seller, series, one, NOW - 1),
        DeadlinePassed {
            deadline: NOW - 1,
            time: NOW,
        },
    );
    let poolless = ids::account_id(alice, 0, 0);
    refused(
        trade(poolless, seller, series, one, NOW),
        BadAccount { account: poolless },
    );
    refused(trade(buyer, seller, series, U256::ZERO, NOW), ZeroAmount {});
    let too_many = U256::from(1) << 120;
    refused(
        trade(buyer, seller, series, too_many + U256::from(1), NOW),
        Overflow {},
    );
    refused(trade(buyer, seller, series, U256::MAX, NOW), Overflow {});
    let other = ids::account_id(alice, 2, 0);
    refused(
        trade(other, seller, series, one, NOW),
        WrongPool {
            given: 2,
            expected: 1,
        },
    );
    let foreign = ids::series_id(2, EXPIRY, STRIKE, 0);
    refused(
        trade(buyer, seller, foreign, one, NOW),
        WrongPool {
            given: 1,
            expected: 2,
        },
    );
    world.factory.sender(GUARDIAN).unlisted.set(series);
    refused(
        trade(buyer, seller, series, one, NOW),
        UnknownSeries { seriesId: series },
    );
    let expiry = u32::try_from(NOW).unwrap();
    let expired = ids::series_id(1, expiry, STRIKE, 0);
    refused(
        trade(buyer, seller, expired, one, NOW),
        SeriesExpired {
            seriesId: expired,
            expiry,
        },
    );
}

#[motsu::test]
fn trade_reverts_when_the_buyer_cannot_pay(alice: Address, bob: Address) {
    let world = World::new();
    let (buyer, seller) = (world.fund(alice, 9), world.fund(bob, 1_000));
    let result = world.trade(buyer, seller, call_series(STRIKE), ONE, 10, 0);
    refused(
        result,
        InsufficientCash {
            account: buyer,
            cash: U256::from(9),
            needed: U256::from(10),
        },
    );
    assert_eq!(world.positions(buyer), []);
    assert_eq!(world.open_interest(call_series(STRIKE)), 0);
}

#[motsu::test]
fn trade_reverts_one_unit_below_initial_margin(alice: Address, bob: Address) {
    let world = World::new();
    // The premium counts: 90 + 10 covers one contract, 89 + 10 does not.
    let (buyer, seller) = (world.fund(alice, 1_000), world.fund(bob, 89));
    let result = world.trade(buyer, seller, call_series(STRIKE), ONE, 10, 0);
    let balance = I256::try_from(-1).unwrap();
    refused(
        result,
        InsufficientInitialMargin {
            account: seller,
            balance,
        },
    );
    world.give(seller, CASH, 1);
    world
        .trade(buyer, seller, call_series(STRIKE), ONE, 10, 1)
        .unwrap();
}

#[motsu::test]
fn trade_reverts_on_degraded_data_only_when_it_adds_risk(alice: Address, bob: Address) {
    let world = World::new();
    let (buyer, seller) = (world.fund(alice, 1_000), world.fund(bob, 1_000));
    let series = call_series(STRIKE);
    world.trade(buyer, seller, series, 2 * ONE, 0, 0).unwrap();
    world.engine.sender(GUARDIAN).degraded.set(true);
    refused(
        world.trade(buyer, seller, series, ONE, 0, 1),
        MarketDegraded { pool: 1 },
    );
    world.trade(seller, buyer, series, ONE, 0, 2).unwrap();
    assert_eq!(world.positions(seller), [-i128::try_from(ONE).unwrap()]);
}

#[motsu::test]
fn an_account_below_its_margin_may_reduce_its_risk_and_nothing_else(alice: Address, bob: Address) {
    let world = World::new();
    let (maker, short) = (world.fund(alice, 100_000), world.fund(bob, 1_000));
    let series = call_series(STRIKE);
    world.trade(maker, short, series, 10 * ONE, 0, 0).unwrap();
    let crash = I256::try_from(-500).unwrap();
    world.engine.sender(GUARDIAN).shift.set(crash);
    // Closing two contracts for 200 keeps initial as it was and lowers maintenance: refused. For 160 both rise or stay.
    let result = world.trade(short, maker, series, 2 * ONE, 200, 1);
    let balance = I256::try_from(-500).unwrap();
    refused(
        result,
        InsufficientInitialMargin {
            account: short,
            balance,
        },
    );
    world.trade(short, maker, series, 2 * ONE, 160, 2).unwrap();
    refused(
        world.trade(maker, short, series, ONE, 0, 3),
        InsufficientInitialMargin {
            account: short,
            balance: I256::try_from(-560).unwrap(),
        },
    );
}

#[motsu::test]
fn trade_reverts_beyond_the_open_interest_cap(alice: Address, bob: Address) {
    let world = World::new();
    let (buyer, seller) = (world.fund(alice, 1_000), world.fund(bob, 1_000_000));
    let series = call_series(STRIKE);
    world
        .trade(buyer, seller, series, 1_000 * ONE, 0, 0)
        .unwrap();
    refused(
        world.trade(buyer, seller, series, 1, 0, 1),
        OpenInterestCapExceeded {
            seriesId: series,
            given: U256::from(1_000 * ONE + 1),
            most: U256::from(1_000 * ONE),
        },
    );
    // A lowered cap bars no closing trade.
    world
        .factory
        .sender(GUARDIAN)
        .cap
        .set(alloy_primitives::U128::ZERO);
    world.trade(seller, buyer, series, ONE, 0, 2).unwrap();
    assert_eq!(world.open_interest(series), 999 * ONE);
}

#[motsu::test]
fn trade_reverts_with_one_expiry_more_than_the_most(alice: Address, bob: Address) {
    let world = World::new();
    let (buyer, seller) = (world.fund(alice, 1_000), world.fund(bob, 1_000_000));
    let series = |expiry: u32, strike| ids::series_id(1, EXPIRY + expiry, strike, 0);
    let most = u32::try_from(MAX_EXPIRIES).unwrap();
    let held = (0..most).map(|expiry| series(expiry, 1));
    world.open(buyer, seller, held, CONTRACT);
    refused(
        world.trade(buyer, seller, series(most, 1), ONE, 0, 100),
        TooManyExpiries {
            given: U256::from(MAX_EXPIRIES + 1),
            most: U256::from(MAX_EXPIRIES),
        },
    );
    // Another leg of an expiry there is goes in, and an expiry that is closed makes room.
    world
        .trade(buyer, seller, series(0, 2), ONE, 0, 101)
        .unwrap();
    world
        .trade(seller, buyer, series(1, 1), ONE, 0, 102)
        .unwrap();
    world
        .trade(buyer, seller, series(most, 1), ONE, 0, 103)
        .unwrap();
    assert_eq!(world.positions(buyer).len(), MAX_EXPIRIES + 1);
}

#[motsu::test]
fn trade_reverts_with_one_leg_more_than_the_most(alice: Address, bob: Address) {
    let world = World::new();
    let (buyer, seller) = (world.fund(alice, 1_000), world.fund(bob, 1_000_000));
    let most = u64::try_from(MAX_LEGS).unwrap();
    world.open(buyer, seller, (1..=most).map(call_series), CONTRACT);
    assert_eq!(world.positions(buyer).len(), MAX_LEGS);
    refused(
        world.trade(buyer, seller, call_series(most + 1), ONE, 0, 99),
        TooManyLegs {
            given: U256::from(MAX_LEGS + 1),
            most: U256::from(MAX_LEGS),
        },
    );
    // The bar is on one more leg alone: those there are grow, shrink and close, and a closed one makes room.
    world
        .trade(buyer, seller, call_series(1), ONE, 0, 100)
        .unwrap();
    world
        .trade(seller, buyer, call_series(most), ONE, 0, 101)
        .unwrap();
    assert_eq!(world.positions(buyer).len(), MAX_LEGS - 1);
    world
        .trade(buyer, seller, call_series(most + 1), ONE, 0, 102)
        .unwrap();
    assert_eq!(world.positions(buyer).len(), MAX_LEGS);
}

#[motsu::test]
fn while_paused_only_trades_that_close_both_sides_pass(
    alice: Address,
    bob: Address,
    carol: Address,
) {
    let world = World::new();
    let (buyer, seller) = (world.fund(alice, 1_000), world.fund(bob, 1_000));
    let series = call_series(STRIKE);
    world.trade(buyer, seller, series, 2 * ONE, 0, 0).unwrap();
    world.house.sender(GUARDIAN).pause(60).motsu_unwrap();
    refused(
        world.trade(buyer, seller, series, ONE, 0, 1),
        Paused { until: NOW + 60 },
    );
    // One side closes, the other opens.
    let third = world.fund(carol, 1_000);
    refused(
        world.trade(third, buyer, series, ONE, 0, 5),
        Paused { until: NOW + 60 },
    );
    // From +2 over zero is no closing, neither to −2 nor to −1.
    for (contracts, nonce) in [(4 * ONE, 2), (3 * ONE, 6)] {
        refused(
            world.trade(seller, buyer, series, contracts, 0, nonce),
            Paused { until: NOW + 60 },
        );
    }
    world.trade(seller, buyer, series, ONE, 0, 3).unwrap();
    world.house.sender(GUARDIAN).pause(0).motsu_unwrap();
    world.trade(buyer, seller, series, ONE, 0, 4).unwrap();
}

#[motsu::test]
fn trade_moves_premium_and_contracts_and_counts_interest(alice: Address, bob: Address) {
    let world = World::new();
    let (buyer, seller) = (world.fund(alice, 1_000), world.fund(bob, 1_000));
    let series = call_series(STRIKE);
    let hash = world.trade(buyer, seller, series, 3 * ONE, 70, 0).unwrap();
    let three = i128::try_from(3 * ONE).unwrap();
    assert_eq!((world.cash(buyer), world.cash(seller)), (930, 1_070));
    assert_eq!(world.positions(buyer), [three]);
    assert_eq!(world.positions(seller), [-three]);
    assert_eq!((world.version(buyer), world.version(seller)), (1, 1));
    assert_eq!(
        (world.open_interest(series), world.short_interest()),
        (3 * ONE, 3 * ONE)
    );
    world.emitted(&Traded {
        tradeHash: hash,
        buyer,
        seller,
        seriesId: series,
        contracts: U256::from(3 * ONE),
        premium: U256::from(70),
    });
    for (account, contracts) in [(buyer, three), (seller, -three)] {
        world.emitted(&PositionChanged {
            account,
            seriesId: series,
            contracts: I256::try_from(contracts).unwrap(),
        });
    }
    // The same terms once only.
    let result = world
        .house
        .sender(alice)
        .trade(
            buyer,
            seller,
            series,
            U256::from(3 * ONE),
            U256::from(70),
            NOW,
            0,
        )
        .motsu_res();
    refused(result, TradeAlreadyExecuted { tradeHash: hash });
}

#[motsu::test]
fn positions_net_flip_and_vanish_at_zero(alice: Address, bob: Address) {
    let world = World::new();
    let (one, two) = (world.fund(alice, 10_000), world.fund(bob, 10_000));
    let unit = i128::try_from(ONE).unwrap();
    for (strike, nonce) in [(1, 1), (2, 2), (3, 3)] {
        world
            .trade(one, two, call_series(strike), ONE, 0, nonce)
            .unwrap();
    }
    // Closing the first leg moves the last one into its place.
    world.trade(two, one, call_series(1), ONE, 0, 4).unwrap();
    let (legs, ..) = world.house.sender(alice).account_state(one).motsu_unwrap();
    let series: Vec<_> = legs
        .iter()
        .map(|leg| crate::leg_word::leg_series(leg, 1))
        .collect();
    assert_eq!(series, [call_series(3), call_series(2)]);
    assert_eq!(world.open_interest(call_series(1)), 0);
    // From long to short in one trade.
    world
        .trade(two, one, call_series(2), 3 * ONE, 0, 5)
        .unwrap();
    assert_eq!(world.positions(one), [unit, -2 * unit]);
    assert_eq!(world.positions(two), [-unit, 2 * unit]);
    assert_eq!(world.open_interest(call_series(2)), 2 * ONE);
    assert_eq!(world.short_interest(), 3 * ONE);
}

#[motsu::test]
fn a_series_with_open_interest_needs_no_look_up(alice: Address, bob: Address) {
    let world = World::new();
    let (buyer, seller) = (world.fund(alice, 1_000), world.fund(bob, 1_000));
    world
        .trade(buyer, seller, call_series(STRIKE), ONE, 0, 0)
        .unwrap();
    world
        .factory
        .sender(GUARDIAN)
        .unlisted
        .set(call_series(STRIKE));
    world
        .trade(buyer, seller, call_series(STRIKE), ONE, 0, 1)
        .unwrap();
}

#[motsu::test]
fn trades_of_long_only_sides_need_no_oracle(alice: Address, bob: Address, carol: Address) {
    let world = World::new();
    let (buyer, seller) = (world.fund(alice, 1_000), world.fund(bob, 1_000));
    let third = world.fund(carol, 1_000);
    world
        .trade(buyer, seller, call_series(STRIKE), ONE, 0, 0)
        .unwrap();
    world.engine.sender(GUARDIAN).dead.set(true);
    world
        .trade(third, buyer, call_series(STRIKE), ONE, 50, 1)
        .unwrap();
    assert_eq!(world.positions(buyer), []);
    // And a new short does need one.
    assert!(
        world
            .trade(third, buyer, call_series(STRIKE), ONE, 0, 2)
            .is_err()
    );
}
