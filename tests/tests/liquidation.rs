//! Auctions of accounts below maintenance margin: who pays what to whom.

use alloy::primitives::{I256, U256};
use anyhow::ensure;
use clearing_math::auction::buffer_margin;
use end_to_end::auction_scene::{
    INSOLVENT, PUTS, UNHEALTHY, any_bid, auction, call, contracts, purses, watch_until,
};
use end_to_end::{USDC, WAD, on_any_node, on_the_local_node};
use novation::bindings::ILiquidationAuction::{
    AuctionExists, Healthy, InsuranceExhausted, Slippage, StaleVersion, startCall,
};
use novation::lifecycle::{Bid, BidResult};

#[test]
fn a_bid_dearer_than_its_limit_is_refused_and_one_at_its_limit_is_taken() {
    on_the_local_node(async |stage| {
        let scene = auction(stage, 0, UNHEALTHY).await?;
        let (auction, signer) = (stage.protocol.at().auction, &scene.bidder.signer);
        let good = Bid {
            max_fraction: U256::from(WAD / 10),
            ..any_bid(stage, &scene).await?
        };
        let (preview, _) = stage
            .protocol
            .preview_bid(scene.debtor.account, good.max_fraction)
            .await?;
        let due = I256::try_from(preview.payment + preview.insurance_fee)?;
        // Half: the ask falls by the second, but not that fast.
        let stingy = Bid {
            max_net_payment: due / I256::try_from(2)?,
            ..good
        };
        let error: Slippage = stage.reverts_with(signer, auction, &call(&stingy)).await?;
        ensure!(error.limit == stingy.max_net_payment && error.netPayment > error.limit);
        let exact = Bid {
            max_net_payment: due,
            ..good
        };
        stage.protocol.bid(signer, &exact).await?;
        Ok(())
    });
}

#[test]
fn a_deposit_that_restores_the_buffer_lets_anyone_end_the_auction() {
    on_any_node(async |stage| {
        let scene = auction(stage, 0, UNHEALTHY).await?;
        stage
            .deposit(&scene.debtor, stage.usdc, 5_000 * USDC)
            .await?;
        let auction = stage.protocol.at().auction;
        let bid = call(&any_bid(stage, &scene).await?);
        let error: Healthy = stage
            .reverts_with(&scene.bidder.signer, auction, &bid)
            .await?;
        ensure!(error.balance >= I256::ZERO);
        stage
            .protocol
            .end_auction(&scene.holder.signer, scene.debtor.account)
            .await?;
        ensure!(
            stage
                .protocol
                .auction_of(scene.debtor.account)
                .await?
                .is_none()
        );
        Ok(())
    });
}

#[test]
fn a_bid_takes_what_restores_the_buffer_and_no_more_and_every_unit_is_accounted_for() {
    on_any_node(async |stage| {
        let scene = auction(stage, 0, UNHEALTHY).await?;
        let before = purses(stage, &scene).await?;
        let held = stage.protocol.account_state(scene.debtor.account).await?;
        let bid = any_bid(stage, &scene).await?;
        let done = stage.protocol.bid(&scene.bidder.signer, &bid).await?.value;
        ensure!(done.fraction < U256::from(WAD), "all of it: {done:?}");
        ensure!(
            done.insurance_payment.is_zero() && !done.insurance_fee.is_zero(),
            "{done:?}"
        );

        let after = purses(stage, &scene).await?;
        let fraction = done.fraction.to::<u128>();
        // Cash that goes along, rounded down: with the account it leaves.
        let along = before[0] * done.fraction / U256::from(WAD);
        ensure!(
            after[0] == before[0] + done.payment - along,
            "debtor: {before:?} {after:?} {done:?}"
        );
        let paid = done.payment + done.insurance_fee;
        ensure!(
            after[1] == before[1] + along - paid,
            "bidder: {before:?} {after:?} {done:?}"
        );
        ensure!(
            after[2] == before[2] + done.insurance_fee,
            "insurance: {before:?} {after:?}"
        );

        let left = stage.protocol.account_state(scene.debtor.account).await?;
        let taken = stage.protocol.account_state(scene.bidder.account).await?;
        let moved = PUTS * i128::try_from(fraction)?;
        ensure!(contracts(&taken) == -moved, "{taken:?}");
        ensure!(contracts(&left) == contracts(&held) + moved, "{left:?}");
        ensure!(left.version == held.version + 1);

        let health = stage.protocol.health(scene.debtor.account).await?;
        let buffer = buffer_margin(health.maintenance, health.mark);
        ensure!(
            buffer.is_some_and(|buffer| buffer >= 0),
            "not restored: {health:?}"
        );
        // Not more than needed: a hundredth less would not have done. 1 % of ten puts' margin is about 40 dollars.
        ensure!(
            buffer.is_some_and(|buffer| buffer < 40 * WAD as i128),
            "too much: {buffer:?}"
        );
        ensure!(
            stage
                .protocol
                .auction_of(scene.debtor.account)
                .await?
                .is_none(),
            "still open"
        );
        Ok(())
    });
}

#[test]
fn a_small_bid_leaves_the_auction_open_for_the_next_whose_sale_excludes_what_was_paid_in() {
    on_any_node(async |stage| {
        let scene = auction(stage, 0, UNHEALTHY).await?;
        let small = Bid {
            max_fraction: U256::from(WAD / 20),
            ..any_bid(stage, &scene).await?
        };
        let first = stage
            .protocol
            .bid(&scene.bidder.signer, &small)
            .await?
            .value;
        ensure!(first.fraction == small.max_fraction);
        let open = stage.protocol.auction_of(scene.debtor.account).await?;
        ensure!(
            open.is_some_and(|(_, reserved)| reserved == first.payment),
            "{open:?}"
        );
        let before = purses(stage, &scene).await?;
        let rest = any_bid(stage, &scene).await?;
        let second = stage.protocol.bid(&scene.bidder.signer, &rest).await?.value;
        let after = purses(stage, &scene).await?;
        let along = (before[0] - first.payment) * second.fraction / U256::from(WAD);
        ensure!(
            after[0] == before[0] + second.payment - along,
            "{first:?} {second:?}"
        );
        ensure!(
            stage
                .protocol
                .auction_of(scene.debtor.account)
                .await?
                .is_none(),
            "still open"
        );
        Ok(())
    });
}

#[test]
fn of_two_keepers_with_the_same_bid_the_second_is_told_that_it_is_outdated() {
    on_any_node(async |stage| {
        let scene = auction(stage, 0, UNHEALTHY).await?;
        let rival = stage.funded("rival", stage.eth(), 100_000 * USDC).await?;
        let bid = any_bid(stage, &scene).await?;
        stage.protocol.bid(&scene.bidder.signer, &bid).await?;
        let same = call(&Bid {
            bidder: rival.account,
            ..bid
        });
        let auction = stage.protocol.at().auction;
        let _: StaleVersion = stage.reverts_with(&rival.signer, auction, &same).await?;
        Ok(())
    });
}

/// Net price per fraction of the account, WAD.
fn ask(done: &BidResult) -> U256 {
    done.payment * U256::from(WAD) / done.fraction
}

#[test]
fn the_ask_falls_from_95_to_70_percent_in_15_minutes_and_to_nothing_in_12_hours() {
    on_the_local_node(async |stage| {
        let scene = auction(stage, 0, UNHEALTHY).await?;
        let account = scene.debtor.account;
        let started = stage
            .protocol
            .auction_of(account)
            .await?
            .map_or(0, |(started, _)| started);
        // The same time value at every look: only the clock of the auction may move the ask.
        let mark = U256::from(stage.protocol.health(account).await?.mark.unsigned_abs());
        let unit = U256::from(10_u64.pow(12));
        let mut last = U256::MAX;
        for (seconds, percent) in [(0, 95), (900, 70), (900 + 21_600, 35), (900 + 43_199, 0)] {
            watch_until(stage, &scene, UNHEALTHY, started + seconds).await?;
            let (preview, _) = stage
                .protocol
                .preview_bid(account, U256::from(WAD / 100))
                .await?;
            let asked = ask(&preview);
            ensure!(asked < last, "not cheaper after {seconds} s");
            last = asked;
            // Within 3 % of the mark at the start: half a day of time value, and rounding of a hundredth's payment.
            let expected = mark * U256::from(percent) / U256::from(100) / unit;
            let off = asked.abs_diff(expected);
            ensure!(
                off < mark * U256::from(3) / U256::from(100) / unit,
                "{seconds} s: {asked}, not {expected}"
            );
        }
        Ok(())
    });
}

#[test]
fn an_auction_that_nobody_looks_at_gives_nothing_away() {
    on_the_local_node(async |stage| {
        let scene = auction(stage, 0, UNHEALTHY).await?;
        let account = scene.debtor.account;
        let tenth = U256::from(WAD / 10);
        stage.warp(12 * 3_600).await?;
        stage.set_price(stage.eth(), UNHEALTHY).await?;
        let (preview, _) = stage.protocol.preview_bid(account, tenth).await?;
        // Five minutes of the fast phase: 95 − 25 · 300 / 900 = 86.7 %, and not the 5 % that twelve hours would have come to.
        let mark = U256::from(stage.protocol.health(account).await?.mark.unsigned_abs());
        let unit = U256::from(10_u64.pow(12));
        let (low, high) = (mark * U256::from(86) / unit, mark * U256::from(88) / unit);
        let asked = ask(&preview) * U256::from(100);
        ensure!(low < asked && asked < high, "{low} {asked} {high}");
        Ok(())
    });
}

#[test]
fn degraded_market_data_do_not_protect_from_liquidation() {
    on_any_node(async |stage| {
        let scene = auction(stage, 0, UNHEALTHY).await?;
        stage.print(stage.eth(), 0, UNHEALTHY * 9 / 10).await?;
        stage.print(stage.eth(), 1, UNHEALTHY * 9 / 10).await?;
        ensure!(
            stage.protocol.health(scene.debtor.account).await?.degraded,
            "not degraded"
        );
        let bid = any_bid(stage, &scene).await?;
        stage.protocol.bid(&scene.bidder.signer, &bid).await?;
        Ok(())
    });
}

#[test]
fn an_insolvent_account_is_taken_over_whole_for_a_payment_of_the_insurance_that_rises_for_an_hour()
{
    on_the_local_node(async |stage| {
        let scene = auction(stage, 20_000 * USDC, INSOLVENT).await?;
        let account = scene.debtor.account;
        let started = stage
            .protocol
            .auction_of(account)
            .await?
            .map_or(0, |(started, _)| started);
        let health = stage.protocol.health(account).await?;
        ensure!(health.mark < 0, "worth something: {health:?}");
        let (preview, _) = stage.protocol.preview_bid(account, U256::from(WAD)).await?;
        let deficit = U256::from(health.mark.unsigned_abs() / 10_u128.pow(12));
        // The time value of the seconds since the start is below a dollar.
        ensure!(
            preview.insurance_payment.abs_diff(deficit) < U256::from(USDC),
            "{preview:?} {health:?}"
        );

        watch_until(stage, &scene, INSOLVENT, started + 3_600).await?;
        let before = purses(stage, &scene).await?;
        let health = stage.protocol.health(account).await?;
        let bid = any_bid(stage, &scene).await?;
        let done = stage.protocol.bid(&scene.bidder.signer, &bid).await?.value;
        ensure!(
            done.fraction == U256::from(WAD) && done.payment.is_zero(),
            "{done:?}"
        );
        let most = U256::from(health.maintenance.unsigned_abs() / 10_u128.pow(12));
        ensure!(
            done.insurance_payment.abs_diff(most) < U256::from(USDC),
            "{done:?} {health:?}"
        );

        let after = purses(stage, &scene).await?;
        ensure!(after[0].is_zero(), "the debtor keeps {}", after[0]);
        ensure!(after[1] == before[1] + before[0] + done.insurance_payment);
        ensure!(after[2] == before[2] - done.insurance_payment);
        let left = stage.protocol.account_state(account).await?;
        ensure!(left.legs.is_empty() && left.debt.is_zero(), "{left:?}");
        ensure!(
            stage.protocol.auction_of(account).await?.is_none(),
            "still open"
        );
        Ok(())
    });
}

#[test]
fn an_exhausted_insurance_refuses_and_pays_once_it_is_filled_again() {
    on_any_node(async |stage| {
        let scene = auction(stage, 10 * USDC, INSOLVENT).await?;
        let bid = any_bid(stage, &scene).await?;
        let auction = stage.protocol.at().auction;
        let error: InsuranceExhausted = stage
            .reverts_with(&scene.bidder.signer, auction, &call(&bid))
            .await?;
        ensure!(error.pool == stage.eth().id && error.balance == U256::from(10 * USDC));
        ensure!(error.needed > error.balance);
        // The other pool's insurance is no help.
        stage.insure(stage.btc(), 50_000 * USDC).await?;
        let _: InsuranceExhausted = stage
            .reverts_with(&scene.bidder.signer, auction, &call(&bid))
            .await?;
        stage.insure(stage.eth(), 50_000 * USDC).await?;
        stage.protocol.bid(&scene.bidder.signer, &bid).await?;
        Ok(())
    });
}

#[test]
fn an_open_auction_records_that_its_account_became_worthless_and_worth_something_again() {
    on_any_node(async |stage| {
        let scene = auction(stage, 0, UNHEALTHY).await?;
        let (protocol, account) = (&stage.protocol, scene.debtor.account);
        for price in [INSOLVENT, UNHEALTHY] {
            stage.set_price(stage.eth(), price).await?;
            protocol
                .start_auction(&scene.holder.signer, account)
                .await?;
            let again = startCall { account };
            let auction = protocol.at().auction;
            let _: AuctionExists = stage
                .reverts_with(&scene.holder.signer, auction, &again)
                .await?;
        }
        Ok(())
    });
}
