//! Chainlink's aggregator and proxy as sources.

use alloy::primitives::{B256, I256, U256};
use end_to_end::{WAD, on_any_node, on_the_local_node};

use super::contracts::{IAggregatorProxy, IFluxAggregator};
use super::scene::{AGGREGATOR, Chainlink, aggregator, evaluate, list, proxy, source, status};

const FEED: B256 = B256::repeat_byte(0xc1);

#[test]
fn three_feeds_of_chainlink_make_a_median() {
    on_any_node(async |stage| {
        let mut feeds = Vec::new();
        for dollars in [1_990, 2_000, 2_005] {
            feeds.push(Chainlink::open(stage, dollars).await?);
        }
        let sources = feeds
            .iter()
            .map(|feed| source(feed.proxy, AGGREGATOR, B256::ZERO));
        list(stage, FEED, sources.collect()).await?;
        for (index, dollars) in [(0, 1_990), (1, 2_000), (2, 2_005)] {
            assert_eq!(status(stage, FEED, index).await?, (0, dollars * WAD));
        }
        assert_eq!(evaluate(stage, FEED).await?.0, 2_000 * WAD);
        // An oracle of the second aggregator lies: its own median takes no notice, and ours sees the next honest round.
        feeds[1].answer(stage, [1, 2_001, 2_002]).await?;
        assert_eq!(status(stage, FEED, 1).await?, (0, 2_001 * WAD));
        Ok(())
    });
}

#[test]
fn a_proxy_pointed_to_other_decimals_is_left_out() {
    on_any_node(async |stage| {
        let mut proxies = Vec::new();
        for dollars in [1_999, 2_000, 2_001] {
            proxies.push(Chainlink::open(stage, dollars).await?.proxy);
        }
        let sources = proxies
            .iter()
            .map(|proxy| source(*proxy, AGGREGATOR, B256::ZERO));
        list(stage, FEED, sources.collect()).await?;
        // What Chainlink does when it replaces an aggregator; this one answers with 18 decimals.
        let (next, oracles) = aggregator(stage, 18).await?;
        let chain = stage.protocol.chain();
        let submission = I256::try_from(2_000 * WAD)?;
        for oracle in &oracles {
            let call = IFluxAggregator::submitCall {
                roundId: U256::from(1),
                submission,
            };
            chain.send("submit", oracle, next, &call).await?;
        }
        let (owner, aggregator) = (&stage.owner, next);
        let propose = IAggregatorProxy::proposeAggregatorCall { aggregator };
        chain.send("propose", owner, proxies[0], &propose).await?;
        let confirm = IAggregatorProxy::confirmAggregatorCall { aggregator };
        chain.send("confirm", owner, proxies[0], &confirm).await?;
        let call = IAggregatorProxy::latestAnswerCall {};
        assert_eq!(chain.read(proxies[0], &call).await?, submission);
        // 6: the decimals changed. The two others still make a quorum.
        assert_eq!(status(stage, FEED, 0).await?.0, 6);
        let (mid, _) = evaluate(stage, FEED).await?;
        assert!((2_000 * WAD..=2_001 * WAD).contains(&mid), "{mid}");
        Ok(())
    });
}

#[test]
fn a_feed_whose_oracles_fall_silent_goes_stale() {
    on_the_local_node(async |stage| {
        let mut feeds = Vec::new();
        for dollars in [1_999, 2_000, 2_001] {
            feeds.push(Chainlink::open(stage, dollars).await?);
        }
        let sources = feeds
            .iter()
            .map(|feed| source(feed.proxy, AGGREGATOR, B256::ZERO));
        list(stage, FEED, sources.collect()).await?;
        let late = stage.now().await? + 3_700;
        stage.protocol.chain().set_time(late).await?;
        for feed in &mut feeds[..2] {
            feed.answer(stage, [2_010; 3]).await?;
        }
        // 4: stale.
        assert_eq!(status(stage, FEED, 2).await?, (4, 2_001 * WAD));
        assert_eq!(status(stage, FEED, 0).await?, (0, 2_010 * WAD));
        Ok(())
    });
}

#[test]
fn a_proxy_in_front_of_nothing_is_no_source() {
    on_any_node(async |stage| {
        let (silent, _) = aggregator(stage, 8).await?;
        let silent = proxy(stage, silent).await?;
        let other = Chainlink::open(stage, 2_000).await?.proxy;
        let third = Chainlink::open(stage, 2_001).await?.proxy;
        let sources = [other, third, silent]
            .map(|account| source(account, AGGREGATOR, B256::ZERO))
            .to_vec();
        // Chainlink's proxy reverts "No data present"; a source must answer when it is listed.
        let refused = list(stage, FEED, sources).await.expect_err("no answer yet");
        let text = format!("{refused:#}");
        assert!(text.contains("BadSource"), "{text}");
        Ok(())
    });
}
