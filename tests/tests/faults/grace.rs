//! F-15 and F-16 for liquidations: after an outage owners first get to act, deep shortfalls are sold at once, and nobody waits for a feed that is out
//! of order.

use alloy::primitives::{B256, U256};
use anyhow::{bail, ensure};
use end_to_end::{Stage, on_the_local_node};
use novation::bindings::ILiquidationAuction::{GracePeriod, startCall};
use novation::bindings::IOracleAdapter::graceUntilCall;
use novation::bindings::IPriceAggregator::latestRoundDataCall;

use super::pool::{Market, pool_with};
use super::sequencer::{GRACE, uptime};
use super::{Actor, Ending};

const WAD: u128 = super::WAD;
const WAIT: u64 = GRACE as u64;
const DAY: u64 = 86_400;

/// A market whose feed watches an uptime feed that has said "up" for longer than the grace.
async fn market(stage: &Stage) -> anyhow::Result<(Actor, Market)> {
    let actor = Actor::new(stage).await?;
    let up = stage.now().await?;
    stage.warp(WAIT + 10).await?;
    stage.set_price(stage.eth(), stage.eth().spot).await?;
    uptime(stage, actor, 0, up).await?;
    let pool = pool_with(stage, vec![actor.source(4, GRACE, B256::ZERO)]).await?;
    Ok((actor, Market::open(stage, pool).await?))
}

/// Raises the price until the writer is below maintenance margin, and more than half of it is left; the price.
async fn shallow(stage: &Stage, market: &Market) -> anyhow::Result<u128> {
    for step in 1..40 {
        let price = market.pool.spot + step * 25 * WAD;
        stage.set_price(&market.pool, price).await?;
        let health = stage.protocol.health(market.writer.account).await?;
        if health.maintenance < 0 {
            ensure!(health.maintenance + health.mark >= 0, "{health:?}");
            return Ok(price);
        }
    }
    bail!("never below maintenance margin");
}

/// `start` is refused until `until`, and the view says the same.
async fn waits(stage: &Stage, market: &Market, until: u64) -> anyhow::Result<()> {
    ensure!(grace_until(stage, market).await? == until);
    let account = market.writer.account;
    let (signer, auction) = (&market.rescuer.signer, stage.protocol.at().auction);
    let error: GracePeriod = stage
        .reverts_with(signer, auction, &startCall { account })
        .await?;
    ensure!((error.account, error.until) == (account, until));
    Ok(())
}

async fn grace_until(stage: &Stage, market: &Market) -> anyhow::Result<u64> {
    let feed = market.pool.feed;
    let at = stage.protocol.at().adapter;
    let chain = stage.protocol.chain();
    Ok(chain.read(at, &graceUntilCall { feed }).await?)
}

#[test]
fn f_15_a_shallow_shortfall_waits_for_the_grace_after_a_restart_and_no_longer() {
    on_the_local_node(async |stage| {
        let (actor, market) = market(stage).await?;
        let price = shallow(stage, &market).await?;
        // Down since now: the wait is counted from then; back a while later: from then anew.
        let down = stage.now().await?;
        uptime(stage, actor, 1, down).await?;
        waits(stage, &market, down + WAIT).await?;
        let back = down + 1_000;
        stage.warp_to(back).await?;
        stage.set_price(&market.pool, price).await?;
        uptime(stage, actor, 0, back).await?;
        waits(stage, &market, back + WAIT).await?;
        // The owner may act meanwhile.
        stage
            .deposit(&market.writer, stage.usdc, end_to_end::USDC)
            .await?;
        stage.warp_to(back + WAIT - 5).await?;
        stage.set_price(&market.pool, price).await?;
        waits(stage, &market, back + WAIT).await?;
        stage.warp_to(back + WAIT).await?;
        stage.set_price(&market.pool, price).await?;
        market.liquidation_goes_on(stage).await
    });
}

#[test]
fn f_15_a_deep_shortfall_is_sold_in_the_grace_period_and_what_is_open_goes_on() {
    on_the_local_node(async |stage| {
        let (actor, market) = market(stage).await?;
        let price = shallow(stage, &market).await?;
        let back = stage.now().await?;
        uptime(stage, actor, 0, back).await?;
        waits(stage, &market, back + WAIT).await?;
        // The first price at which less than half of the requirement is left.
        let account = market.writer.account;
        let mut deep = price;
        loop {
            let health = stage.protocol.health(account).await?;
            if health.maintenance + health.mark < 0 {
                ensure!(health.mark > 0, "still worth something: {health:?}");
                break;
            }
            waits(stage, &market, back + WAIT).await?;
            deep += 25 * WAD;
            stage.set_price(&market.pool, deep).await?;
        }
        stage
            .protocol
            .start_auction(&market.rescuer.signer, account)
            .await?;
        // Open, it is bid for although only a little is missing again.
        stage.set_price(&market.pool, price).await?;
        let (_, version) = stage.protocol.preview_bid(account, U256::from(WAD)).await?;
        let bid = novation::lifecycle::Bid {
            account,
            bidder: market.rescuer.account,
            max_fraction: U256::from(WAD / 2),
            max_net_payment: alloy::primitives::I256::MAX,
            expected_version: version,
            deadline: back + WAIT,
        };
        let done = stage
            .protocol
            .bid(&market.rescuer.signer, &bid)
            .await?
            .value;
        ensure!(!done.fraction.is_zero(), "{done:?}");
        ensure!(grace_until(stage, &market).await? == back + WAIT);
        Ok(())
    });
}

#[test]
fn f_16_an_uptime_feed_that_reverts_burns_gas_or_stands_still_delays_no_liquidation() {
    on_the_local_node(async |stage| {
        let (actor, market) = market(stage).await?;
        shallow(stage, &market).await?;
        let now = stage.now().await?;
        for ending in [Ending::BurnsGas, Ending::Reverts] {
            actor
                .answer::<latestRoundDataCall>(stage, ending, Vec::new())
                .await?;
            ensure!(grace_until(stage, &market).await? == 0);
        }
        // Since never, in the future, neither up nor down; down for longer than the grace: it may say so for ever.
        for (answer, since) in [
            (0, 0),
            (0, now + DAY),
            (1, now + DAY),
            (2, now),
            (1, now - WAIT),
        ] {
            uptime(stage, actor, answer, since).await?;
            ensure!(
                grace_until(stage, &market).await? == 0,
                "{answer} since {since}"
            );
        }
        market.liquidation_goes_on(stage).await
    });
}

#[test]
fn f_16_an_uptime_feed_that_has_always_just_restarted_is_believed_for_a_day() {
    on_the_local_node(async |stage| {
        let (actor, market) = market(stage).await?;
        let price = shallow(stage, &market).await?;
        let first = stage.now().await?;
        let restarts = async |time: u64| -> anyhow::Result<()> {
            stage.warp_to(time).await?;
            stage.set_price(&market.pool, price).await?;
            uptime(stage, actor, 0, time).await
        };
        restarts(first).await?;
        let (owner, feed) = (&stage.owner, market.pool.feed);
        stage.protocol.evaluate(owner, feed).await?;
        let doubted = stage.now().await?;
        restarts(first + DAY / 2).await?;
        stage.protocol.evaluate(owner, feed).await?;
        waits(stage, &market, first + DAY / 2 + WAIT).await?;
        restarts(doubted + DAY).await?;
        ensure!(grace_until(stage, &market).await? == 0);
        stage
            .publish(&market.pool, end_to_end::stage::VOLATILITY)
            .await?;
        market.liquidation_goes_on(stage).await
    });
}
