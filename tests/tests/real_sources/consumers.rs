//! Protocols written for Chainlink read our median unchanged.

use alloy::primitives::{Address, B256, I256, U256, Uint};
use alloy::sol_types::SolValue;
use end_to_end::stage::key;
use end_to_end::{Stage, USDC, WAD, on_any_node, on_the_local_node};
use novation::bindings::IAggregatorFace;
use novation::per_feed::{self, Asset, FaceTerms, deploy_face};
use novation::progress::Progress;
use novation::wasm_build;

use super::aave::Market;
use super::contracts::{IAaveOracle, IAggregatorProxy};
use super::scene::{AGGREGATOR, ANSWER, Chainlink, create, list, proxy, source};

const FEED: B256 = B256::repeat_byte(0xce);
/// Seconds for which a face quotes from a round.
const MAX_AGE: u32 = 600;

/// Three Chainlink feeds, our feed over them, and a face of it.
struct Scene {
    face: Address,
    feeds: Vec<Chainlink>,
}

async fn open(stage: &Stage) -> anyhow::Result<Scene> {
    let mut feeds = Vec::new();
    for dollars in [1_999, 2_000, 2_001] {
        feeds.push(Chainlink::open(stage, dollars).await?);
    }
    let sources = feeds
        .iter()
        .map(|feed| source(feed.proxy, AGGREGATOR, B256::ZERO));
    list(stage, FEED, sources.collect()).await?;
    let programs = wasm_build::build(&stage.checkout, &Progress::silent())?;
    let terms = FaceTerms {
        feed: FEED,
        decimals: 8,
        base: Asset {
            account: stage.eth().base,
            decimals: 18,
        },
        quote: Asset {
            account: stage.usdc,
            decimals: 6,
        },
        max_age: MAX_AGE,
        description: "ETH / USD of Novation".into(),
    };
    let (chain, adapter) = (stage.protocol.chain(), stage.protocol.at().adapter);
    let deployed = deploy_face(chain, &stage.owner, &programs, adapter, &terms).await?;
    stage.watch(deployed.address);
    Ok(Scene {
        face: deployed.address,
        feeds,
    })
}

impl Scene {
    /// All three feeds answer `dollars`, and a round is stored.
    async fn answer(&mut self, stage: &Stage, dollars: i64) -> anyhow::Result<()> {
        for feed in &mut self.feeds {
            feed.answer(stage, [dollars; 3]).await?;
        }
        self.poke(stage).await
    }

    async fn poke(&self, stage: &Stage) -> anyhow::Result<()> {
        let (chain, owner) = (stage.protocol.chain(), &stage.owner);
        let call = IAggregatorFace::pokeCall {};
        chain.send("store a round", owner, self.face, &call).await?;
        Ok(())
    }
}

fn dollars(dollars: i64) -> I256 {
    I256::try_from(dollars * ANSWER).expect("small")
}

#[test]
fn chainlinks_own_proxy_stands_in_front_of_our_median() {
    on_the_local_node(async |stage| {
        let mut scene = open(stage).await?;
        scene.poke(stage).await?;
        let proxy = proxy(stage, scene.face).await?;
        let chain = stage.protocol.chain();
        let first = chain
            .read(proxy, &IAggregatorProxy::latestRoundDataCall {})
            .await?;
        assert_eq!(first.answer, dollars(2_000));
        // The proxy puts its phase above our round.
        assert_eq!(first.id, Uint::from((1_u128 << 64) | 1));
        assert_eq!(first.answeredInRound, first.id);

        chain.set_time(stage.now().await? + 120).await?;
        scene.answer(stage, 2_020).await?;
        let second = chain
            .read(proxy, &IAggregatorProxy::latestRoundDataCall {})
            .await?;
        assert_eq!(second.answer, dollars(2_020));
        assert!(second.updatedAt > first.updatedAt);
        // History stays: by both interfaces, through their proxy.
        let again = IAggregatorProxy::getRoundDataCall { roundId: first.id };
        let again = chain.read(proxy, &again).await?;
        assert_eq!(
            (again.answer, again.updatedAt),
            (first.answer, first.updatedAt)
        );
        let answer = IAggregatorProxy::getAnswerCall {
            roundId: U256::from(first.id),
        };
        assert_eq!(chain.read(proxy, &answer).await?, first.answer);
        let call = IAggregatorProxy::latestAnswerCall {};
        assert_eq!(chain.read(proxy, &call).await?, second.answer);
        let call = IAggregatorProxy::latestTimestampCall {};
        assert_eq!(chain.read(proxy, &call).await?, second.updatedAt);
        let call = IAggregatorProxy::latestRoundCall {};
        assert_eq!(chain.read(proxy, &call).await?, U256::from(second.id));
        assert_eq!(
            chain
                .read(proxy, &IAggregatorProxy::decimalsCall {})
                .await?,
            8
        );
        let call = IAggregatorProxy::descriptionCall {};
        assert_eq!(chain.read(proxy, &call).await?, "ETH / USD of Novation");
        // A round that was never stored reverts, through the proxy as well.
        let unknown = IAggregatorProxy::getRoundDataCall {
            roundId: Uint::from((1_u128 << 64) | 99),
        };
        let error = stage
            .view_reverts_with::<IAggregatorFace::NoData>(proxy, &unknown)
            .await?;
        assert_eq!(error.roundId, Uint::from(99));
        Ok(())
    });
}

#[test]
fn there_is_no_answer_before_the_first_round() {
    on_any_node(async |stage| {
        let scene = open(stage).await?;
        let latest = IAggregatorFace::latestRoundDataCall {};
        stage
            .view_reverts_with::<IAggregatorFace::NoData>(scene.face, &latest)
            .await?;
        let latest = IAggregatorFace::latestAnswerCall {};
        stage
            .view_reverts_with::<IAggregatorFace::NoData>(scene.face, &latest)
            .await?;
        Ok(())
    });
}

#[test]
fn aaves_oracle_prices_collateral_by_our_median() {
    on_any_node(async |stage| {
        let scene = open(stage).await?;
        scene.poke(stage).await?;
        let (ether, usdc) = (stage.eth().base, stage.usdc);
        // Through Chainlink's proxy as on the chains, and directly.
        for source in [proxy(stage, scene.face).await?, scene.face] {
            // Addresses provider, assets, their sources, fallback, base currency (dollars), its unit.
            let arguments = (
                Address::ZERO,
                vec![ether],
                vec![source],
                Address::ZERO,
                usdc,
                U256::from(ANSWER),
            );
            let oracle = create(stage, "AaveOracle", &arguments.abi_encode_params()).await?;
            let price = IAaveOracle::getAssetPriceCall { asset: ether };
            let price = stage.protocol.chain().read(oracle, &price).await?;
            assert_eq!(price, U256::from(2_000 * ANSWER));
        }
        Ok(())
    });
}

#[test]
fn aave_lends_against_ether_at_our_median_and_liquidates_by_it() {
    on_the_local_node(async |stage| {
        let mut scene = open(stage).await?;
        scene.poke(stage).await?;
        let chain = stage.protocol.chain();
        let dollar = Chainlink::open(stage, 1).await?.proxy;
        let market = Market::open(stage, [proxy(stage, scene.face).await?, dollar]).await?;
        let [lender, borrower, liquidator] = ["lender", "borrower", "liquidator"].map(key);
        for who in [&lender, &borrower, &liquidator] {
            stage.fuel(who.address()).await?;
        }
        let (ether, usdc) = (stage.eth().base, stage.usdc);
        market
            .supply(stage, &lender, usdc, 1_000_000 * USDC)
            .await?;
        market.supply(stage, &borrower, ether, 10 * WAD).await?;
        market.borrow(stage, &borrower, 15_000 * USDC).await?;
        // Ten ether at 2,000; 82.5 % of it over 15,000.
        let (collateral, health) = market.health(stage, borrower.address()).await?;
        assert_eq!(collateral, 20_000 * 100_000_000);
        assert!(health.abs_diff(11 * WAD / 10) < WAD / 1_000, "{health}");
        market
            .mint_and_approve(stage, &liquidator, usdc, 7_500 * USDC)
            .await?;
        let liquidation = market.liquidation(borrower.address(), 7_500 * USDC);
        let healthy = chain
            .send("liquidate", &liquidator, market.pool, &liquidation)
            .await;
        // Aave's error 45: the health factor is not below one.
        let refused = healthy.expect_err("a healthy borrower").to_string();
        assert!(refused.contains("45"), "{refused}");

        // Ether falls by a quarter. Such a jump must last a minute before our median follows; until then nobody is sold for it, here or there.
        chain.set_time(stage.now().await? + 30).await?;
        scene.answer(stage, 1_500).await?;
        let (collateral, _) = market.health(stage, borrower.address()).await?;
        assert_eq!(collateral, 20_000 * 100_000_000);
        chain.set_time(stage.now().await? + 61).await?;
        scene.poke(stage).await?;
        let (collateral, health) = market.health(stage, borrower.address()).await?;
        assert_eq!(collateral, 15_000 * 100_000_000);
        assert!(health < WAD, "{health}");
        chain
            .send("liquidate", &liquidator, market.pool, &liquidation)
            .await?;
        // 7,500 dollars of ether at 1,500, and 5 % for the trouble.
        let won = stage
            .protocol
            .token_balance(ether, liquidator.address())
            .await?;
        assert_eq!(won, U256::from(525 * WAD / 100));
        Ok(())
    });
}

#[test]
fn erc_7726_quotes_both_ways_until_the_round_is_old() {
    on_the_local_node(async |stage| {
        let scene = open(stage).await?;
        scene.poke(stage).await?;
        let chain = stage.protocol.chain();
        let (ether, usdc) = (stage.eth().base, stage.usdc);
        let quote = |amount: u128, base: Address, quote: Address| IAggregatorFace::getQuoteCall {
            inAmount: U256::from(amount),
            base,
            quote,
        };
        let out = chain.read(scene.face, &quote(WAD, ether, usdc)).await?;
        assert_eq!(out, U256::from(2_000_000_000_u64));
        let out = chain
            .read(scene.face, &quote(2_000_000_000, usdc, ether))
            .await?;
        assert_eq!(out, U256::from(WAD));
        let error = stage
            .view_reverts_with::<IAggregatorFace::OracleUnsupportedPair>(
                scene.face,
                &quote(1, ether, ether),
            )
            .await?;
        assert_eq!((error.base, error.quote), (ether, ether));
        chain
            .set_time(stage.now().await? + u64::from(MAX_AGE) + 1)
            .await?;
        stage
            .view_reverts_with::<IAggregatorFace::OracleUntrustedData>(
                scene.face,
                &quote(WAD, ether, usdc),
            )
            .await?;
        Ok(())
    });
}

#[test]
fn the_tool_deploys_a_face_of_a_listed_feed_and_of_no_other() {
    on_any_node(async |stage| {
        let programs = wasm_build::build(&stage.checkout, &Progress::silent())?;
        let (chain, deployment) = (stage.protocol.chain(), &stage.site.deployment);
        let asset = |account: Address, decimals: u8| Asset { account, decimals };
        let mut options = per_feed::Options {
            deployment: None,
            feed: stage.eth().feed.to_string(),
            base: asset(stage.eth().base, 18),
            quote: asset(stage.usdc, 6),
            decimals: 8,
            max_age: MAX_AGE,
            description: Some("ETH / USD".into()),
        };
        // Reads the face back itself, and says so when it does not show what was asked for.
        per_feed::run(&options, chain, &stage.owner, &programs, deployment).await?;
        options.feed = "no such feed".into();
        let unlisted = per_feed::run(&options, chain, &stage.owner, &programs, deployment).await;
        let refused = format!("{:#}", unlisted.expect_err("not listed"));
        assert!(refused.contains("UnknownFeed"), "{refused}");
        Ok(())
    });
}
