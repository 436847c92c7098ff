//! F-15 and F-16 for prices, opens and exits, and the other two that only watch: a pool's mean and the settlement asset. What they do to
//! liquidations is in `grace`.

use alloy::primitives::{B256, I256, U256};
use alloy::sol_types::SolValue;
use anyhow::ensure;
use end_to_end::stage::MAX_AGE;
use end_to_end::{Stage, on_the_local_node};
use novation::bindings::IOracleAdapter::BadSource;
use novation::bindings::IPriceAggregator::latestRoundDataCall;

use super::pool::{Market, pool_with};
use super::{Actor, Ending, Feed, doubt, rules, status, wad};

alloy::sol! {
    function observe(uint32[] memory secondsAgos) external view returns (int56[] memory tickCumulatives, uint160[] memory secondsPerLiquidityCumulativeX128s);
    function token0() external view returns (address);
    function token1() external view returns (address);
}

/// Time after a restart in which new risk is refused, seconds.
pub const GRACE: u32 = 3_600;

pub async fn uptime(stage: &Stage, actor: Actor, answer: u64, since: u64) -> anyhow::Result<()> {
    let now = U256::from(stage.now().await?);
    let round = (
        U256::ONE,
        U256::from(answer),
        U256::from(since),
        now,
        U256::ONE,
    );
    actor
        .answer::<latestRoundDataCall>(stage, Ending::Answers, round.abi_encode_params())
        .await
}

#[test]
fn f_15_a_sequencer_that_is_down_unknown_or_just_back_is_a_doubt_until_its_grace_has_passed() {
    on_the_local_node(async |stage| {
        let actor = Actor::new(stage).await?;
        let back = stage.now().await? + 1_000;
        stage.warp_to(back).await?;
        uptime(stage, actor, 0, back).await?;
        let watch = actor.source(4, GRACE, B256::ZERO);
        let feed = Feed::with(stage, 3, vec![watch], rules()).await?;
        for (answer, since, expected) in [
            (1, back, status::SEQUENCER_DOWN),
            (0, 0, status::SEQUENCER_UNKNOWN),
            (2, back, status::SEQUENCER_UNKNOWN),
            (0, back + 1_000_000, status::SEQUENCER_UNKNOWN),
            (0, back, status::GRACE_PERIOD),
        ] {
            uptime(stage, actor, answer, since).await?;
            ensure!(feed.status(3).await?.status == expected, "{answer} {since}");
            ensure!(feed.doubts().await? == doubt::SEQUENCER);
            // The price is as good as ever: whoever exits reads it.
            ensure!(feed.spot().await?.mid == wad(2_000));
        }
        stage.warp_to(back + u64::from(GRACE) - 1).await?;
        ensure!(feed.status(3).await?.status == status::GRACE_PERIOD);
        stage.warp_to(back + u64::from(GRACE)).await?;
        ensure!(feed.status(3).await?.status == status::VALID);
        feed.print_all(2_000).await?;
        ensure!(feed.doubts().await? == 0);
        Ok(())
    });
}

#[test]
fn f_15_while_the_sequencer_is_down_opens_halt_and_exits_and_deep_liquidations_go_on() {
    on_the_local_node(async |stage| {
        let actor = Actor::new(stage).await?;
        let up = stage.now().await?;
        stage.warp(u64::from(GRACE) + 10).await?;
        stage.set_price(stage.eth(), stage.eth().spot).await?;
        stage
            .publish(stage.eth(), end_to_end::stage::VOLATILITY)
            .await?;
        uptime(stage, actor, 0, up).await?;
        let pool = pool_with(stage, vec![actor.source(4, GRACE, B256::ZERO)]).await?;
        let market = Market::open(stage, pool).await?;
        uptime(stage, actor, 1, stage.now().await?).await?;
        market.opens_are_refused(stage).await?;
        market.exits_go_on(stage).await?;
        stage
            .set_price(&market.pool, market.pool.spot * 3 / 2)
            .await?;
        market.liquidation_goes_on(stage).await?;
        Ok(())
    });
}

#[test]
fn f_16_an_uptime_feed_that_reverts_halts_opens_and_nothing_else() {
    on_the_local_node(async |stage| {
        let actor = Actor::new(stage).await?;
        let up = stage.now().await?;
        stage.warp(u64::from(GRACE) + 10).await?;
        stage.set_price(stage.eth(), stage.eth().spot).await?;
        uptime(stage, actor, 0, up).await?;
        let pool = pool_with(stage, vec![actor.source(4, GRACE, B256::ZERO)]).await?;
        let market = Market::open(stage, pool).await?;
        for ending in [Ending::BurnsGas, Ending::Reverts] {
            actor
                .answer::<latestRoundDataCall>(stage, ending, Vec::new())
                .await?;
            market.opens_are_refused(stage).await?;
        }
        market.exits_go_on(stage).await?;
        stage
            .set_price(&market.pool, market.pool.spot * 3 / 2)
            .await?;
        market.liquidation_goes_on(stage).await?;
        Ok(())
    });
}

/// A pool of two tokens (18 decimals of the underlying, 6 of the quote) that stood at `tick` for the whole window.
async fn stands_at(stage: &Stage, pool: Actor, tick: i64, window: u32) -> anyhow::Result<()> {
    let then = 1_000_000_i64;
    let now = then + tick * i64::from(window);
    let observed = (
        vec![I256::try_from(then)?, I256::try_from(now)?],
        vec![U256::ONE; 2],
    );
    pool.answer::<observeCall>(stage, Ending::Answers, observed.abi_encode_params())
        .await
}

#[test]
fn a_pools_mean_only_ever_raises_doubt_in_either_order_of_its_tokens() {
    on_the_local_node(async |stage| {
        let (weth, usd) = (Actor::new(stage).await?, Actor::new(stage).await?);
        weth.decimals(stage, U256::from(18)).await?;
        usd.decimals(stage, U256::from(6)).await?;
        let window = 1_800;
        for (inverted, sign) in [(false, 1), (true, -1)] {
            let pool = Actor::new(stage).await?;
            let (first, second) = if inverted { (usd, weth) } else { (weth, usd) };
            pool.answer::<token0Call>(stage, Ending::Answers, first.at.abi_encode())
                .await?;
            pool.answer::<token1Call>(stage, Ending::Answers, second.at.abi_encode())
                .await?;
            // 2,000 · 10^6 / 10^18 = 1.0001^-200311.
            stands_at(stage, pool, -200_311 * sign, window).await?;
            let watch = pool.source(3, window, weth.at.into_word());
            let feed = Feed::with(stage, 3, vec![watch], rules()).await?;
            let mean = feed.status(3).await?;
            ensure!(mean.status == status::VALID);
            // 1.0001^-200311 · 10^12, to fifty digits elsewhere: 2000.0005…; a tick is 0.2 dollars.
            ensure!(
                mean.price.abs_diff(wad(2_000)) < wad(1) / U256::from(10),
                "{mean:?}"
            );
            ensure!(feed.doubts().await? == 0);
            // 3 % are 296 ticks: 295 are within, 306 beyond.
            for (tick, doubts) in [(295, 0), (310, doubt::TWAP), (-295, 0), (-310, doubt::TWAP)] {
                stands_at(stage, pool, (-200_311 + tick) * sign, window).await?;
                ensure!(feed.doubts().await? == doubts, "{inverted} {tick}");
                let spot = feed.spot().await?;
                ensure!((spot.mid, spot.valid, spot.sources) == (wad(2_000), 3, 3));
            }
            pool.answer::<observeCall>(stage, Ending::Reverts, Vec::new())
                .await?;
            ensure!(feed.doubts().await? == doubt::TWAP, "unknown is doubtful");
        }
        Ok(())
    });
}

#[test]
fn the_settlement_assets_price_is_reported_and_survives_its_source() {
    on_the_local_node(async |stage| {
        let usdc = Actor::aggregator(stage, 1).await?;
        let watch = usdc.source(5, MAX_AGE, B256::ZERO);
        let feed = Feed::with(stage, 3, vec![watch], rules()).await?;
        let (par, depegged) = (10_u64.pow(18), 880_000_000_000_000_000);
        let market = feed.market().await?;
        ensure!((market.stable, market.doubts) == (par, 0));
        let now = U256::from(stage.now().await?);
        usdc.round(stage, I256::try_from(88_000_000)?, now).await?;
        feed.evaluate().await?;
        stage.warp(5).await?;
        // It dies: the last price known stands, not par.
        usdc.answer::<latestRoundDataCall>(stage, Ending::Reverts, Vec::new())
            .await?;
        let market = feed.market().await?;
        ensure!(
            (market.stable, market.doubts) == (depegged, doubt::SETTLEMENT_ASSET),
            "{market:?}"
        );
        ensure!(market.mid == wad(2_000));
        Ok(())
    });
}

#[test]
fn sources_that_only_watch_are_no_quorum_and_stand_once() {
    on_the_local_node(async |stage| {
        let at = stage.protocol.at().adapter;
        let actor = Actor::new(stage).await?;
        uptime(stage, actor, 0, 1).await?;
        let twice = vec![actor.source(4, GRACE, B256::ZERO); 2];
        let feed = Feed::of(stage, 3).await?;
        let mut call = novation::bindings::IOracleAdapter::listFeedCall {
            feed: B256::repeat_byte(4),
            sources: feed
                .sources
                .iter()
                .map(|actor| actor.source(0, MAX_AGE, B256::ZERO))
                .chain(twice)
                .collect(),
            rules: rules(),
        };
        let error: BadSource = stage.reverts_with(&stage.owner, at, &call).await?;
        ensure!(error.source == actor.at);
        // Kind 2 does not exist.
        call.sources.pop();
        call.sources[3].kind = 2;
        let _: BadSource = stage.reverts_with(&stage.owner, at, &call).await?;
        call.sources[3].kind = 4;
        call.sources.remove(0);
        let _: novation::bindings::IOracleAdapter::BadSourceCount =
            stage.reverts_with(&stage.owner, at, &call).await?;
        Ok(())
    });
}
