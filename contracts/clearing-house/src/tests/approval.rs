//! `approveTrade`, `revokeTrade`, `tradeHash`.

use alloy_primitives::keccak256;
use alloy_sol_types::SolValue;
use interfaces::IClearingHouse::{
    BadAccount, DeadlinePassed, NotAuthorized, SelfTrade, TradeAlreadyExecuted, TradeApproved,
    TradeNotApproved, TradeRevoked,
};

use super::*;

#[motsu::test]
fn approval_reverts_for_others_bystanders_and_dead_terms(alice: Address, bob: Address) {
    let world = World::new();
    let (buyer, seller) = (world.fund(alice, 1_000), world.fund(bob, 1_000));
    let one = U256::from(ONE);
    let approve = |caller: Address, account: U256, seller: U256, deadline: u64| {
        world
            .house
            .sender(caller)
            .approve_trade(
                account,
                buyer,
                seller,
                call_series(1),
                one,
                one,
                deadline,
                0,
            )
            .motsu_res()
    };
    refused(
        approve(bob, buyer, seller, NOW),
        NotAuthorized {
            account: buyer,
            caller: bob,
        },
    );
    let third = ids::account_id(bob, 1, 9);
    refused(
        approve(bob, third, seller, NOW),
        BadAccount { account: third },
    );
    refused(
        approve(alice, buyer, buyer, NOW),
        SelfTrade { account: buyer },
    );
    refused(
        approve(alice, buyer, seller, NOW - 1),
        DeadlinePassed {
            deadline: NOW - 1,
            time: NOW,
        },
    );
    world
        .trade(buyer, seller, call_series(1), ONE, 1, 0)
        .unwrap();
    let hash = world.house.sender(bob).trade_hash(
        buyer,
        seller,
        call_series(1),
        one,
        U256::from(1),
        NOW,
        0,
    );
    let again = world
        .house
        .sender(bob)
        .approve_trade(
            seller,
            buyer,
            seller,
            call_series(1),
            one,
            U256::from(1),
            NOW,
            0,
        )
        .motsu_res();
    refused(again, TradeAlreadyExecuted { tradeHash: hash });
}

#[motsu::test]
fn trade_hash_is_the_documented_one_and_every_term_changes_it(alice: Address, bob: Address) {
    let world = World::new();
    let (buyer, seller) = (ids::account_id(alice, 1, 0), ids::account_id(bob, 1, 0));
    let [series, contracts, premium] = [call_series(5), U256::from(6), U256::from(7)];
    let house = world.house.sender(alice);
    let hash = house.trade_hash(buyer, seller, series, contracts, premium, 8, 9);
    let documented = (
        U256::from(42161),
        world.house.address(),
        buyer,
        seller,
        series,
        contracts,
        premium,
        U256::from(8),
        U256::from(9),
    )
        .abi_encode_params();
    assert_eq!(hash, keccak256(documented));
    let one = U256::from(1);
    for other in [
        house.trade_hash(seller, buyer, series, contracts, premium, 8, 9),
        house.trade_hash(buyer, seller, series + one, contracts, premium, 8, 9),
        house.trade_hash(buyer, seller, series, contracts + one, premium, 8, 9),
        house.trade_hash(buyer, seller, series, contracts, premium + one, 8, 9),
        house.trade_hash(buyer, seller, series, contracts, premium, 9, 9),
        house.trade_hash(buyer, seller, series, contracts, premium, 8, 8),
    ] {
        assert_ne!(hash, other);
    }
}

#[motsu::test]
fn a_revoked_approval_is_worth_nothing(alice: Address, bob: Address) {
    let world = World::new();
    let (buyer, seller) = (world.fund(alice, 1_000), world.fund(bob, 1_000));
    let one = U256::from(ONE);
    let hash = world
        .house
        .sender(bob)
        .approve_trade(seller, buyer, seller, call_series(1), one, one, NOW, 0)
        .motsu_unwrap();
    world.emitted(&TradeApproved {
        tradeHash: hash,
        account: seller,
    });
    let result = world
        .house
        .sender(alice)
        .revoke_trade(seller, hash)
        .motsu_res();
    refused(
        result,
        NotAuthorized {
            account: seller,
            caller: alice,
        },
    );
    world
        .house
        .sender(bob)
        .revoke_trade(seller, hash)
        .motsu_unwrap();
    world.emitted(&TradeRevoked {
        tradeHash: hash,
        account: seller,
    });
    let missing = TradeNotApproved {
        tradeHash: hash,
        account: seller,
    };
    refused(
        world
            .house
            .sender(bob)
            .revoke_trade(seller, hash)
            .motsu_res(),
        missing.clone(),
    );
    let result = world
        .house
        .sender(alice)
        .trade(buyer, seller, call_series(1), one, one, NOW, 0)
        .motsu_res();
    refused(result, missing);
}

#[motsu::test]
fn approvals_of_both_sides_let_anyone_execute(alice: Address, bob: Address, carol: Address) {
    let world = World::new();
    let (buyer, seller) = (world.fund(alice, 1_000), world.fund(bob, 1_000));
    let one = U256::from(ONE);
    for (owner, account) in [(alice, buyer), (bob, seller)] {
        world
            .house
            .sender(owner)
            .approve_trade(
                account,
                buyer,
                seller,
                call_series(1),
                one,
                U256::ZERO,
                NOW,
                0,
            )
            .motsu_unwrap();
    }
    let trade = || {
        world
            .house
            .sender(carol)
            .trade(buyer, seller, call_series(1), one, U256::ZERO, NOW, 0)
            .motsu_res()
    };
    let hash = trade().unwrap();
    refused(trade(), TradeAlreadyExecuted { tradeHash: hash });
}
