//! A real Uniswap v3 pool as a sanity bound: it raises doubt, and never sets the price.

use alloy::primitives::B256;
use end_to_end::{Stage, WAD, on_the_local_node};

use super::contracts::IUniswapV3Pool;
use super::scene::{AGGREGATOR, Chainlink, UNISWAP_POOL, UniswapPool, evaluate, list, source};

const FEED: B256 = B256::repeat_byte(0xa1);
/// Doubt that the pool's mean disagrees.
const POOL_DISAGREES: u32 = 32;
/// Seconds of the mean.
const WINDOW: u32 = 1_800;

/// A feed of three Chainlink feeds at 2,000, bound by a pool at 2,000 that has a window of history.
async fn open(stage: &Stage) -> anyhow::Result<(UniswapPool, Vec<Chainlink>)> {
    let pool = UniswapPool::open(stage, 2_000).await?;
    wait(stage, u64::from(WINDOW) + 60).await?;
    let mut feeds = Vec::new();
    for dollars in [1_999, 2_000, 2_001] {
        feeds.push(Chainlink::open(stage, dollars).await?);
    }
    let mut sources: Vec<_> = feeds
        .iter()
        .map(|feed| source(feed.proxy, AGGREGATOR, B256::ZERO))
        .collect();
    let ether = stage.eth().base.into_word();
    let mut bound = source(pool.address, UNISWAP_POOL, ether);
    bound.maxAge = WINDOW;
    sources.push(bound);
    list(stage, FEED, sources).await?;
    Ok((pool, feeds))
}

async fn wait(stage: &Stage, seconds: u64) -> anyhow::Result<()> {
    let time = stage.now().await? + seconds;
    stage.protocol.chain().set_time(time).await?;
    Ok(())
}

#[test]
fn a_pool_that_agrees_leaves_no_trace() {
    on_the_local_node(async |stage| {
        let (pool, _) = open(stage).await?;
        assert_eq!(evaluate(stage, FEED).await?, (2_000 * WAD, 0));
        // The pool's own view of its mean: the tick has stood still.
        let call = IUniswapV3Pool::observeCall {
            secondsAgos: vec![WINDOW, 0],
        };
        let seen = stage.protocol.chain().read(pool.address, &call).await?;
        let slot = stage
            .protocol
            .chain()
            .read(pool.address, &IUniswapV3Pool::slot0Call {})
            .await?;
        let moved =
            i64::try_from(seen.tickCumulatives[1])? - i64::try_from(seen.tickCumulatives[0])?;
        assert_eq!(
            moved / i64::from(WINDOW),
            i64::from(i32::try_from(slot.tick)?)
        );
        Ok(())
    });
}

#[test]
fn a_trade_moves_the_mean_only_as_long_as_it_lasts() {
    on_the_local_node(async |stage| {
        let (pool, mut feeds) = open(stage).await?;
        // Pushed up by half within a block, as with a flash loan: the mean of half an hour does not see it.
        pool.trade_to(stage, 3_000).await?;
        assert_eq!(evaluate(stage, FEED).await?, (2_000 * WAD, 0));
        // A minute of it neither: 1.36 %, of 3 % allowed.
        wait(stage, 60).await?;
        assert_eq!(evaluate(stage, FEED).await?, (2_000 * WAD, 0));
        // Half an hour of it raises doubt, and the price stays the venues'.
        wait(stage, u64::from(WINDOW)).await?;
        for (feed, dollars) in feeds.iter_mut().zip([1_999, 2_000, 2_001]) {
            feed.answer(stage, [dollars; 3]).await?;
        }
        assert_eq!(evaluate(stage, FEED).await?, (2_000 * WAD, POOL_DISAGREES));
        // Back again for as long: no doubt.
        pool.trade_to(stage, 2_000).await?;
        wait(stage, u64::from(WINDOW) + 10).await?;
        for (feed, dollars) in feeds.iter_mut().zip([1_999, 2_000, 2_001]) {
            feed.answer(stage, [dollars; 3]).await?;
        }
        assert_eq!(evaluate(stage, FEED).await?, (2_000 * WAD, 0));
        Ok(())
    });
}
