//! F-09 and F-13: moves too large or too far apart to take new risk on.

use alloy::primitives::U256;
use anyhow::ensure;
use end_to_end::{Stage, WAD, on_the_local_node};
use novation::bindings::ILiquidationAuction::{Healthy, UnconfirmedJump, previewCall, startCall};
use novation::bindings::IOracleAdapter::{FeedRules, evaluateCall};

use super::pool::{Market, pool_with};
use super::{DOLLAR, FAIR, Feed, doubt, rules, wad};

#[test]
fn f_09_a_jump_halts_opens_and_leaves_maintenance_at_the_last_price_until_it_has_lasted() {
    on_the_local_node(async |stage| {
        let pool = pool_with(stage, Vec::new()).await?;
        let market = Market::open(stage, pool).await?;
        let (protocol, pool) = (&stage.protocol, &market.pool);
        let evaluate = evaluateCall { feed: pool.feed };
        let at = protocol.at().adapter;
        let chain = protocol.chain();
        chain.send("evaluate", &stage.owner, at, &evaluate).await?;
        let before = protocol.health(market.writer.account).await?;
        ensure!(before.maintenance > 0);

        // In the round's own second everybody would get the round.
        stage.warp(2).await?;
        // 50 % up: the writer would be far below margin.
        stage.set_price(pool, pool.spot * 3 / 2).await?;
        let spot = protocol.spot(pool.feed).await?;
        ensure!(
            spot.mid == wad(2_000) && spot.high == wad(3_000),
            "{spot:?}"
        );
        let held = protocol.health(market.writer.account).await?;
        // Seconds have passed, no more: a thousandth of a dollar of time value at most.
        ensure!(
            held.maintenance.abs_diff(before.maintenance) < WAD / 100,
            "{before:?} {held:?}"
        );
        ensure!(held.initial < before.initial, "the band covers both");
        market.opens_are_refused(stage).await?;
        market.exits_go_on(stage).await?;
        let error = protocol
            .start_auction(&market.rescuer.signer, market.writer.account)
            .await;
        ensure!(error.is_err(), "one print must not liquidate anyone");

        // Seen now and a minute later: it is the price.
        stage.warp(2).await?;
        chain.send("evaluate", &stage.owner, at, &evaluate).await?;
        let seen = stage.now().await?;
        stage.warp_to(seen + 60).await?;
        chain.send("evaluate", &stage.owner, at, &evaluate).await?;
        ensure!(protocol.spot(pool.feed).await?.mid == wad(3_000));
        market.liquidation_goes_on(stage).await?;
        Ok(())
    });
}

/// A market whose writer is below maintenance margin at the accepted price; the price.
async fn below_margin(stage: &Stage) -> anyhow::Result<(Market, u128)> {
    let pool = pool_with(stage, Vec::new()).await?;
    let market = Market::open(stage, pool).await?;
    let mut price = market.pool.spot;
    while stage
        .protocol
        .health(market.writer.account)
        .await?
        .maintenance
        >= 0
    {
        price += 25 * WAD;
        stage.set_price(&market.pool, price).await?;
    }
    evaluate(stage, &market).await?;
    stage.warp(2).await?;
    Ok((market, price))
}

async fn evaluate(stage: &Stage, market: &Market) -> anyhow::Result<()> {
    let call = evaluateCall {
        feed: market.pool.feed,
    };
    let (chain, at) = (stage.protocol.chain(), stage.protocol.at().adapter);
    chain.send("evaluate", &stage.owner, at, &call).await?;
    Ok(())
}

#[test]
fn f_09_nobody_is_put_up_for_sale_at_a_price_that_may_be_no_more() {
    on_the_local_node(async |stage| {
        let (market, price) = below_margin(stage).await?;
        let (signer, auction) = (&market.rescuer.signer, stage.protocol.at().auction);
        let account = market.writer.account;
        // 20 % down: sound again, if it lasts.
        stage.set_price(&market.pool, price / 5 * 4).await?;
        let health = stage.protocol.health(account).await?;
        ensure!(health.maintenance < 0 && health.degraded, "{health:?}");
        let start = startCall { account };
        let refused: UnconfirmedJump = stage.reverts_with(signer, auction, &start).await?;
        ensure!(refused.account == account);
        // Seen now and a minute later: it is.
        evaluate(stage, &market).await?;
        stage
            .reverts_with::<UnconfirmedJump>(signer, auction, &start)
            .await?;
        stage.warp(61).await?;
        evaluate(stage, &market).await?;
        let sound: Healthy = stage.reverts_with(signer, auction, &start).await?;
        ensure!(!sound.balance.is_negative());
        Ok(())
    });
}

#[test]
fn f_09_an_open_auction_sells_nothing_until_the_jump_is_gone() {
    on_the_local_node(async |stage| {
        let (market, price) = below_margin(stage).await?;
        let (protocol, account) = (&stage.protocol, market.writer.account);
        protocol
            .start_auction(&market.rescuer.signer, account)
            .await?;
        let preview = previewCall {
            account,
            maxFraction: U256::from(WAD),
        };
        let (chain, auction) = (protocol.chain(), protocol.at().auction);
        chain.read(auction, &preview).await?;
        stage.set_price(&market.pool, price / 5 * 4).await?;
        let refused = chain.read(auction, &preview).await.err();
        ensure!(
            refused
                .as_ref()
                .is_some_and(|error| error.is::<UnconfirmedJump>()),
            "{refused:?}"
        );
        // Back where it was.
        stage.set_price(&market.pool, price).await?;
        chain.read(auction, &preview).await?;
        Ok(())
    });
}

#[test]
fn f_09_a_jump_nobody_evaluates_is_the_price_after_ten_delays() {
    on_the_local_node(async |stage| {
        let feed = Feed::of(stage, 3).await?;
        feed.evaluate().await?;
        let accepted = feed.latest().await?.evaluatedAt;
        stage.warp_to(accepted + 1).await?;
        feed.print_all(1_500).await?;
        ensure!(feed.doubts().await? == doubt::JUMP);
        stage.warp_to(accepted + 599).await?;
        let market = feed.market().await?;
        ensure!((market.mid, market.low) == (wad(2_000), wad(1_500)));
        stage.warp_to(accepted + 600).await?;
        let market = feed.market().await?;
        ensure!((market.mid, market.doubts) == (wad(1_500), 0));
        Ok(())
    });
}

#[test]
fn f_09_a_print_that_is_gone_before_it_is_seen_twice_never_was_the_price() {
    on_the_local_node(async |stage| {
        let feed = Feed::of(stage, 3).await?;
        let start = stage.now().await? + 100;
        for (at, dollars, mid, doubts) in [
            (0, FAIR, 2_000, 0),
            (10, 500, 2_000, doubt::JUMP),
            (40, FAIR + 5, 2_005, 0),
            (80, 500, 2_005, doubt::JUMP),
            (139, 500, 2_005, doubt::JUMP),
            (150, 500, 500, 0),
        ] {
            // Prints take a second of their own each.
            stage.warp_to(start + 1_000 + at).await?;
            feed.print_all(dollars).await?;
            stage.warp_to(start + 1_000 + at).await.ok();
            feed.evaluate().await?;
            let round = feed.latest().await?;
            ensure!(
                (round.mid, round.doubts) == (wad(mid), doubts),
                "at {at}: {round:?}"
            );
        }
        // Rounds stay as they were stored.
        let call = |id| novation::bindings::IOracleAdapter::roundCall { feed: feed.id, id };
        ensure!(feed.read(&call(2)).await?.mid == wad(2_000));
        ensure!(feed.read(&call(3)).await?.mid == wad(2_005));
        Ok(())
    });
}

#[test]
fn f_13_a_band_is_widened_beyond_the_warning_and_doubted_beyond_the_halt() {
    on_the_local_node(async |stage| {
        let feed = Feed::with(stage, 5, Vec::new(), rules()).await?;
        // Neighbours of the middle half of `bps` away on either side, the outermost twice as far.
        let spread = async |bps: i64| {
            let half = FAIR * DOLLAR / 10_000 * bps / 2;
            for (source, off) in [-2 * half, -half, 0, half, 2 * half]
                .into_iter()
                .enumerate()
            {
                let answer = alloy::primitives::I256::try_from(FAIR * DOLLAR + off)?;
                feed.print_exact(source, answer).await?;
            }
            let market = feed.market().await?;
            ensure!(market.mid == wad(2_000));
            // Width of the band in 1/10,000, and the doubts.
            let width = (market.high - market.low) * alloy::primitives::U256::from(10_000);
            Ok((u64::try_from(width / market.mid)?, market.doubts))
        };
        ensure!(spread(99).await? == (99, 0));
        ensure!(spread(100).await? == (100, 0));
        ensure!(
            spread(101).await? == (202, 0),
            "widened by half on either side"
        );
        ensure!(spread(199).await? == (398, 0));
        ensure!(spread(200).await? == (400, 0));
        ensure!(spread(201).await? == (402, doubt::WIDE_BAND));
        Ok(())
    });
}

#[test]
fn f_13_a_quorum_that_may_lose_none_is_doubted() {
    on_the_local_node(async |stage| {
        let feed = Feed::of(stage, 5).await?;
        for (gone, doubts) in [(0, 0), (1, doubt::THIN_QUORUM)] {
            let least = alloy::primitives::I256::ZERO;
            feed.print_exact(gone, least).await?;
            ensure!(feed.doubts().await? == doubts, "{gone}");
        }
        // Where all are needed from the start, nothing is thinner than agreed.
        let all = FeedRules {
            quorum: 3,
            ..rules()
        };
        let feed = Feed::with(stage, 3, Vec::new(), all).await?;
        ensure!(feed.doubts().await? == 0);
        Ok(())
    });
}
