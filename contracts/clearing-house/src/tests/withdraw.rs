//! `withdraw` and `repayDebt`.

use alloy_primitives::I256;
use interfaces::IClearingHouse::{
    BadAccount, CollateralWithdrawn, DebtChanged, IndebtedAccount, InsufficientCash,
    InsufficientInitialMargin, MarketDegraded, NotAuthorized, Overflow, UnacceptedAsset,
    ZeroAddress, ZeroAmount,
};

use super::stand_ins::BASE;
use super::*;

#[motsu::test]
fn withdrawal_reverts_on_bad_caller_and_input(alice: Address, bob: Address) {
    let world = World::new();
    let account = world.fund(alice, 100);
    let take = |caller: Address, account: U256, asset: Address, assets: U256, to: Address| {
        world
            .house
            .sender(caller)
            .withdraw(account, asset, assets, to)
            .motsu_res()
    };
    let one = U256::from(1);
    refused(
        take(bob, account, CASH, one, bob),
        NotAuthorized {
            account,
            caller: bob,
        },
    );
    let insurance = ids::insurance_bucket(1);
    // Nobody owns the insurance, not even the zero address.
    refused(
        take(Address::ZERO, insurance, CASH, one, bob),
        BadAccount { account: insurance },
    );
    refused(take(alice, account, CASH, U256::ZERO, bob), ZeroAmount {});
    refused(
        take(alice, account, CASH, one, Address::ZERO),
        ZeroAddress {},
    );
    refused(
        take(alice, account, Address::ZERO, one, bob),
        ZeroAddress {},
    );
    refused(
        take(alice, account, alice, one, bob),
        UnacceptedAsset {
            pool: 1,
            asset: alice,
        },
    );
    refused(
        take(alice, account, CASH, U256::from(101), bob),
        InsufficientCash {
            account,
            cash: U256::from(100),
            needed: U256::from(101),
        },
    );
    refused(take(alice, account, CASH, U256::MAX, bob), Overflow {});
}

#[motsu::test]
fn withdrawal_stops_at_initial_margin(alice: Address, bob: Address) {
    let world = World::new();
    let (buyer, seller) = (world.fund(alice, 1_000), world.fund(bob, 1_000));
    world.give(seller, BASE, 5);
    world
        .trade(buyer, seller, call_series(1), 2 * ONE, 0, 0)
        .unwrap();
    // Owned 1,000 + 2·5, required 200: 810 are free, in either asset.
    let take = |asset: Address, assets: u128| {
        world
            .house
            .sender(bob)
            .withdraw(seller, asset, U256::from(assets), bob)
            .motsu_res()
    };
    let balance = I256::try_from(-1).unwrap();
    refused(
        take(CASH, 811),
        InsufficientInitialMargin {
            account: seller,
            balance,
        },
    );
    world.engine.sender(GUARDIAN).degraded.set(true);
    refused(take(CASH, 1), MarketDegraded { pool: 1 });
    world.engine.sender(GUARDIAN).degraded.set(false);
    take(CASH, 800).unwrap();
    take(BASE, 5).unwrap();
    assert_eq!(world.balances(seller), (200, 0));
    refused(
        take(CASH, 1),
        InsufficientInitialMargin {
            account: seller,
            balance,
        },
    );
}

#[motsu::test]
fn a_long_only_account_leaves_without_oracle_and_through_a_pause(alice: Address, bob: Address) {
    let world = World::new();
    let (buyer, seller) = (world.fund(alice, 1_000), world.fund(bob, 1_000));
    world
        .trade(buyer, seller, call_series(1), ONE, 0, 0)
        .unwrap();
    world.engine.sender(GUARDIAN).dead.set(true);
    world.house.sender(GUARDIAN).pause(60).motsu_unwrap();
    world
        .house
        .sender(alice)
        .withdraw(buyer, CASH, U256::from(1_000), bob)
        .motsu_unwrap();
    assert_eq!(world.cash(buyer), 0);
    world.emitted(&CollateralWithdrawn {
        account: buyer,
        recipient: bob,
        asset: CASH,
        assets: U256::from(1_000),
    });
}

#[motsu::test]
fn an_operator_may_withdraw(alice: Address, bob: Address) {
    let world = World::new();
    let account = world.fund(alice, 10);
    world
        .house
        .sender(alice)
        .set_operator(account, bob, true)
        .motsu_unwrap();
    world
        .house
        .sender(bob)
        .withdraw(account, CASH, U256::from(10), bob)
        .motsu_unwrap();
}

#[motsu::test]
fn debt_is_paid_before_anything_is_withdrawn(alice: Address, bob: Address) {
    let world = World::new();
    let account = world.fund(alice, 100);
    let insurance = ids::insurance_bucket(1);
    world
        .house
        .sender(SETTLEMENT)
        .add_debt(account, U256::from(130))
        .motsu_unwrap();
    world.give(account, BASE, 50);
    // The attempt is refused and pays nothing.
    let result = world
        .house
        .sender(alice)
        .withdraw(account, BASE, U256::from(1), bob)
        .motsu_res();
    refused(
        result,
        IndebtedAccount {
            account,
            debt: U256::from(30),
        },
    );
    assert_eq!((world.cash(account), world.debt(account)), (100, 130));
    // Anyone may have it paid, as far as the cash goes.
    let repaid = world.house.sender(bob).repay_debt(account).motsu_unwrap();
    assert_eq!(repaid, U256::from(100));
    assert_eq!((world.cash(account), world.cash(insurance)), (0, 100));
    world.emitted(&DebtChanged {
        account,
        debt: U256::from(30),
    });
    assert_eq!(
        world.house.sender(bob).repay_debt(account).motsu_unwrap(),
        U256::ZERO
    );
    world.give(account, CASH, 40);
    world
        .house
        .sender(alice)
        .withdraw(account, CASH, U256::from(10), bob)
        .motsu_unwrap();
    assert_eq!((world.cash(account), world.debt(account)), (0, 0));
    assert_eq!(world.cash(insurance), 130);
}

#[motsu::test]
fn debt_counts_against_margin_even_of_a_long_only_account(alice: Address, bob: Address) {
    let world = World::new();
    let (buyer, seller) = (world.fund(alice, 0), world.fund(bob, 1_000));
    world
        .house
        .sender(SETTLEMENT)
        .add_debt(buyer, U256::from(5))
        .motsu_unwrap();
    let result = world.trade(buyer, seller, call_series(1), ONE, 0, 0);
    // Not refused: as good as before. But it may not spend what it owes.
    result.motsu_unwrap();
    let health = world.house.sender(alice).health(buyer).motsu_unwrap();
    assert_eq!(health.0, I256::try_from(-5).unwrap());
    world.give(buyer, CASH, 9);
    let result = world.trade(buyer, seller, call_series(1), ONE, 5, 1);
    refused(
        result,
        InsufficientCash {
            account: buyer,
            cash: U256::from(4),
            needed: U256::from(5),
        },
    );
}
