//! Starts, bids and ends of auctions that are refused, each with its error and without a trace.

use alloy::primitives::{I256, U256};
use anyhow::ensure;
use clearing_math::leg::OptionKind;
use end_to_end::auction_scene::{Scene, UNHEALTHY, any_bid, auction, call, scene};
use end_to_end::{Stage, USDC, WAD, on_any_node, on_the_local_node};
use novation::bindings::ILiquidationAuction::{
    AuctionExists, BadFraction, DeadlinePassed, Healthy, NoAuction, NotAuthorized,
    NothingToLiquidate, SelfLiquidation, StaleVersion, UnclaimedCredit, Unhealthy, WrongPool,
    endCall, previewCall, startCall,
};
use novation::bindings::{IClearingHouse, IOracleAdapter};
use novation::lifecycle::Bid;

#[test]
fn an_auction_of_a_healthy_account_is_refused() {
    on_any_node(async |stage| {
        let scene = scene(stage, 0).await?;
        let auction = stage.protocol.at().auction;
        let account = scene.debtor.account;
        let error: Healthy = stage
            .reverts_with(&scene.bidder.signer, auction, &startCall { account })
            .await?;
        ensure!(error.balance >= I256::ZERO, "{error:?}");
        Ok(())
    });
}

#[test]
fn an_auction_of_an_account_without_legs_is_refused() {
    on_any_node(async |stage| {
        let saver = stage.funded("saver", stage.eth(), USDC).await?;
        let call = startCall {
            account: saver.account,
        };
        let auction = stage.protocol.at().auction;
        let _: NothingToLiquidate = stage.reverts_with(&stage.owner, auction, &call).await?;
        Ok(())
    });
}

#[test]
fn a_second_start_is_refused_while_there_is_nothing_new_to_record() {
    on_any_node(async |stage| {
        let scene = auction(stage, 0, UNHEALTHY).await?;
        let call = startCall {
            account: scene.debtor.account,
        };
        let auction = stage.protocol.at().auction;
        let error: AuctionExists = stage.reverts_with(&stage.owner, auction, &call).await?;
        ensure!(error.startedAt != 0);
        Ok(())
    });
}

#[test]
fn without_an_auction_nobody_can_bid_preview_or_end() {
    on_any_node(async |stage| {
        let scene = scene(stage, 0).await?;
        stage.set_price(stage.eth(), UNHEALTHY).await?;
        let (auction, account) = (stage.protocol.at().auction, scene.debtor.account);
        let bid = call(&any_bid(stage, &scene).await?);
        let _: NoAuction = stage
            .reverts_with(&scene.bidder.signer, auction, &bid)
            .await?;
        let _: NoAuction = stage
            .reverts_with(&stage.owner, auction, &endCall { account })
            .await?;
        let preview = previewCall {
            account,
            maxFraction: U256::from(WAD),
        };
        let _: NoAuction = stage.view_reverts_with(auction, &preview).await?;
        Ok(())
    });
}

#[test]
fn nobody_takes_over_his_own_account_nor_one_he_operates() {
    on_any_node(async |stage| {
        let scene = auction(stage, 0, UNHEALTHY).await?;
        let (auction, account) = (stage.protocol.at().auction, scene.debtor.account);
        // His second account in the same pool.
        let second = account + U256::from(1);
        let cash = U256::from(50_000 * USDC);
        stage
            .protocol
            .mint_and_deposit(&scene.debtor.signer, second, stage.usdc, cash)
            .await?;
        let own = Bid {
            bidder: second,
            ..any_bid(stage, &scene).await?
        };
        let _: SelfLiquidation = stage
            .reverts_with(&scene.debtor.signer, auction, &call(&own))
            .await?;
        // The bidder is his operator.
        let operator = scene.bidder.address();
        stage
            .protocol
            .set_operator(&scene.debtor.signer, account, operator, true)
            .await?;
        let bid = call(&any_bid(stage, &scene).await?);
        let _: SelfLiquidation = stage
            .reverts_with(&scene.bidder.signer, auction, &bid)
            .await?;
        // Somebody sends the bid for that operator.
        let messenger = stage.trader("messenger", stage.eth()).await?;
        let (signer, bidder) = (&scene.bidder.signer, scene.bidder.account);
        stage
            .protocol
            .set_operator(signer, bidder, messenger.address(), true)
            .await?;
        let _: SelfLiquidation = stage.reverts_with(&messenger.signer, auction, &bid).await?;
        Ok(())
    });
}

#[test]
fn a_bid_for_somebody_elses_account_is_refused() {
    on_any_node(async |stage| {
        let scene = auction(stage, 0, UNHEALTHY).await?;
        let thief = stage.trader("thief", stage.eth()).await?;
        let bid = call(&any_bid(stage, &scene).await?);
        let auction = stage.protocol.at().auction;
        let error: NotAuthorized = stage.reverts_with(&thief.signer, auction, &bid).await?;
        ensure!(error.account == scene.bidder.account && error.caller == thief.address());
        Ok(())
    });
}

#[test]
fn a_bidder_of_another_pool_is_refused() {
    on_any_node(async |stage| {
        let scene = auction(stage, 0, UNHEALTHY).await?;
        let foreign = stage
            .funded("foreign bidder", stage.btc(), 100_000 * USDC)
            .await?;
        let bid = Bid {
            bidder: foreign.account,
            ..any_bid(stage, &scene).await?
        };
        let auction = stage.protocol.at().auction;
        let error: WrongPool = stage
            .reverts_with(&foreign.signer, auction, &call(&bid))
            .await?;
        ensure!((error.given, error.expected) == (stage.btc().id, stage.eth().id));
        Ok(())
    });
}

#[test]
fn outdated_late_and_badly_sized_bids_are_refused() {
    on_any_node(async |stage| {
        let scene = auction(stage, 0, UNHEALTHY).await?;
        let (auction, signer) = (stage.protocol.at().auction, &scene.bidder.signer);
        let good = any_bid(stage, &scene).await?;
        let late = Bid {
            deadline: stage.now().await? - 1,
            ..good
        };
        let _: DeadlinePassed = stage.reverts_with(signer, auction, &call(&late)).await?;
        let stale = Bid {
            expected_version: good.expected_version - 1,
            ..good
        };
        let error: StaleVersion = stage.reverts_with(signer, auction, &call(&stale)).await?;
        ensure!(error.current == good.expected_version);
        // Nothing, more than all, more than 64 bits, less than 1 %.
        for fraction in [0, WAD + 1, u128::MAX, WAD / 100 - 1] {
            let bid = Bid {
                max_fraction: U256::from(fraction),
                ..good
            };
            let error: BadFraction = stage.reverts_with(signer, auction, &call(&bid)).await?;
            ensure!(error.fraction == U256::from(fraction));
        }
        Ok(())
    });
}

#[test]
fn a_bidder_who_cannot_pay_or_carry_the_portfolio_is_refused() {
    on_any_node(async |stage| {
        let scene = auction(stage, 0, UNHEALTHY).await?;
        let auction = stage.protocol.at().auction;
        let good = any_bid(stage, &scene).await?;
        let penniless = stage.trader("penniless", stage.eth()).await?;
        let bid = call(&Bid {
            bidder: penniless.account,
            ..good
        });
        let _: IClearingHouse::InsufficientCash =
            stage.reverts_with(&penniless.signer, auction, &bid).await?;
        // Enough to pay for it, but his own shorts need all of it.
        let tight = stage.funded("tight", stage.eth(), 20_000 * USDC).await?;
        let series = stage
            .series(stage.eth(), stage.expiries[1], 1_700, OptionKind::Put)
            .await?;
        stage
            .agree(&scene.holder, &tight, series, 15 * WAD, 0)
            .await?;
        let initial = stage.protocol.health(tight.account).await?.initial;
        let spare = U256::from(u128::try_from(initial)? / 10_u128.pow(12) - USDC);
        let (signer, account) = (&tight.signer, tight.account);
        stage
            .protocol
            .withdraw(signer, account, stage.usdc, spare, tight.address())
            .await?;
        let bid = call(&Bid {
            bidder: tight.account,
            ..good
        });
        let error: IClearingHouse::InsufficientInitialMargin =
            stage.reverts_with(&tight.signer, auction, &bid).await?;
        ensure!(error.account == tight.account && error.balance.is_negative());
        Ok(())
    });
}

#[test]
fn without_a_quorum_of_prices_nobody_is_liquidated() {
    on_the_local_node(async |stage| {
        let scene = auction(stage, 0, UNHEALTHY).await?;
        stage.warp(7_200).await?;
        let bid = call(&any_bid(stage, &scene).await?);
        let auction = stage.protocol.at().auction;
        let error: IOracleAdapter::QuorumLost = stage
            .reverts_with(&scene.bidder.signer, auction, &bid)
            .await?;
        ensure!(error.valid.is_zero());
        Ok(())
    });
}

#[test]
fn an_account_with_an_expired_leg_must_be_settled_before_it_is_sold() {
    on_the_local_node(async |stage| {
        let scene = scene(stage, 0).await?;
        let (pool, near) = (stage.eth(), stage.expiries[0]);
        let series = stage.series(pool, near, 2_000, OptionKind::Call).await?;
        stage
            .agree(&scene.debtor, &scene.holder, series, WAD, 0)
            .await?;
        stage.warp_to(u64::from(near) + 60).await?;
        stage.set_price(pool, UNHEALTHY).await?;
        stage
            .protocol
            .start_auction(&scene.bidder.signer, scene.debtor.account)
            .await?;
        let bid = call(&any_bid(stage, &scene).await?);
        let auction = stage.protocol.at().auction;
        let error: IClearingHouse::UnsettledExpiry = stage
            .reverts_with(&scene.bidder.signer, auction, &bid)
            .await?;
        ensure!(error.expiry == near);
        Ok(())
    });
}

#[test]
fn only_the_auction_may_move_a_portfolio() {
    on_any_node(async |stage| {
        let scene = auction(stage, 0, UNHEALTHY).await?;
        let call = IClearingHouse::liquidateCall {
            account: scene.debtor.account,
            bidder: scene.bidder.account,
            fraction: U256::from(WAD),
            reserved: U256::ZERO,
            payment: U256::ZERO,
            insuranceFee: U256::ZERO,
            insurancePayment: U256::ZERO,
        };
        let house = stage.protocol.at().clearing_house;
        let error: IClearingHouse::NotModule = stage
            .reverts_with(&scene.bidder.signer, house, &call)
            .await?;
        ensure!(error.caller == scene.bidder.address());
        Ok(())
    });
}

#[test]
fn an_auction_cannot_be_ended_while_the_account_is_short_of_its_buffer() {
    on_any_node(async |stage| {
        let scene = auction(stage, 0, UNHEALTHY).await?;
        let call = endCall {
            account: scene.debtor.account,
        };
        let auction = stage.protocol.at().auction;
        let error: Unhealthy = stage
            .reverts_with(&scene.bidder.signer, auction, &call)
            .await?;
        ensure!(error.bufferMargin.is_negative());
        Ok(())
    });
}

/// The debtor won 80 dollars at the near expiry, too little to heal him, and is settled. With `open`, his auction began before.
async fn unclaimed(stage: &Stage, open: bool) -> anyhow::Result<Scene> {
    let scene = scene(stage, 0).await?;
    let (pool, near) = (stage.eth(), stage.expiries[0]);
    let series = stage.series(pool, near, 1_620, OptionKind::Put).await?;
    stage
        .agree(&scene.debtor, &scene.holder, series, WAD, 0)
        .await?;
    stage.expire_at(pool, near, 1_540 * WAD).await?;
    let account = scene.debtor.account;
    if open {
        stage
            .protocol
            .start_auction(&scene.bidder.signer, account)
            .await?;
    }
    stage.protocol.settle(&stage.owner, account, near).await?;
    Ok(scene)
}

#[test]
fn no_auction_starts_of_an_account_with_unclaimed_winnings() {
    on_the_local_node(async |stage| {
        let scene = unclaimed(stage, false).await?;
        let account = scene.debtor.account;
        let auction = stage.protocol.at().auction;
        let error: UnclaimedCredit = stage
            .reverts_with(&scene.bidder.signer, auction, &startCall { account })
            .await?;
        ensure!((error.account, error.credit) == (account, U256::from(80 * USDC)));
        Ok(())
    });
}

#[test]
fn no_bid_is_taken_for_an_account_with_unclaimed_winnings_until_they_are_claimed() {
    on_the_local_node(async |stage| {
        let scene = unclaimed(stage, true).await?;
        let (account, near) = (scene.debtor.account, stage.expiries[0]);
        let bid = any_bid(stage, &scene).await?;
        let auction = stage.protocol.at().auction;
        let _: UnclaimedCredit = stage
            .reverts_with(&scene.bidder.signer, auction, &call(&bid))
            .await?;
        stage
            .protocol
            .settle(&stage.owner, scene.holder.account, near)
            .await?;
        stage.protocol.claim(&stage.owner, account, near).await?;
        stage.protocol.bid(&scene.bidder.signer, &bid).await?;
        Ok(())
    });
}
