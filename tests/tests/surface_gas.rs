//! Gas of volatility: what publishing smiles and reading them cost, and of `marketData`, the one call margin makes for everything it prices with.
//!
//! Transactions are whole, 21,000, calldata and the entry of programs that nobody keeps in the chain's cache included. Frames are the call alone, with the
//! programs kept: once with all storage cold, as the first call of a transaction meets it, and once more in the same transaction.

use alloy::primitives::{B256, Bytes, Uint, keccak256};
use alloy::signers::local::PrivateKeySigner;
use anyhow::{bail, ensure};
use clearing_math::surface::PublishedSmile;
use end_to_end::Stage;
use end_to_end::gas::Report;
use end_to_end::stage::key;
use novation::bindings::IOracleAdapter::{evaluateCall, latestRoundCall, marketDataCall};
use novation::bindings::IVolatilitySurface::{listSurfaceCall, publishSurfaceCall, termsCall};

use crate::margin_frame::{gas, keep_programs, twice};

/// Publishers of a feed.
const PUBLISHERS: u8 = 3;
/// Smiles of a publication.
const SMILES: [usize; 3] = [1, 4, 12];
/// Expiries of a margin call.
const EXPIRIES: usize = 4;
const WEEK: u32 = 604_800;
/// Carry 0, rate 3 % and a doubt of 20 basis points, and another of a different rate.
const TERMS: [u64; 2] = [(30_000_000 << 16) | 20, (31_000_000 << 16) | 25];

/// A feed of three venues and three publishers.
struct Market<'a> {
    stage: &'a Stage,
    feed: B256,
    publishers: Vec<PrivateKeySigner>,
    expiries: Vec<u32>,
}

impl<'a> Market<'a> {
    async fn open(stage: &'a Stage, name: &str) -> anyhow::Result<Self> {
        let (chain, owner, at) = (stage.protocol.chain(), &stage.owner, stage.protocol.at());
        let feed = keccak256(name);
        let listing = stage.feed_terms(feed, &stage.eth().venues[..3], stage.eth().spot);
        stage.protocol.list_feed(owner, &listing).await?;
        let mut publishers = Vec::new();
        for index in 0..PUBLISHERS {
            let publisher = key(&format!("{name} {index}"));
            stage.fuel(publisher.address()).await?;
            publishers.push(publisher);
        }
        let surface = listSurfaceCall {
            feed,
            publishers: publishers.iter().map(|key| key.address()).collect(),
            quorum: 2,
            maxAge: 7_200,
            ceiling: 2_000_000_000_000_000_000,
            maxChangeBps: 0,
        };
        chain
            .send("list surface", owner, at.surface, &surface)
            .await?;
        let [near, _] = stage.expiries;
        Ok(Self {
            stage,
            feed,
            publishers,
            expiries: (0..12).map(|week| near + week * WEEK).collect(),
        })
    }

    /// One publisher publishes the first `count` expiries; `time` makes this publication another than the last.
    async fn publish(&self, publisher: u8, count: usize, time: usize) -> anyhow::Result<u64> {
        let smile = |expiry: &u32| {
            let smile = PublishedSmile {
                a: 200_000_000 + 5_000_000 * i64::from(publisher),
                b: 100_000_000,
                rho: -300_000_000,
                m: 20_000_000,
                sigma: 200_000_000 + 1_000_000 * time as u64,
                expiry: *expiry,
                published_at: 0,
            };
            B256::new(smile.to_word())
        };
        let call = publishSurfaceCall {
            feed: self.feed,
            publisher,
            smiles: self.expiries[..count].iter().map(smile).collect(),
            terms: vec![Uint::from(TERMS[time % 2]); count],
            deadline: 0,
            signatures: Bytes::new(),
        };
        let (chain, at) = (self.stage.protocol.chain(), self.stage.protocol.at());
        let signer = &self.publishers[usize::from(publisher)];
        let sent = chain
            .send("publish smiles", signer, at.surface, &call)
            .await?;
        Ok(sent.gas())
    }

    fn question(&self) -> marketDataCall {
        marketDataCall {
            feed: self.feed,
            expiries: self.expiries[..EXPIRIES].to_vec(),
        }
    }

    /// `marketData` as frames: cold and again.
    async fn frames(&self) -> anyhow::Result<[u64; 2]> {
        let adapter = self.stage.protocol.at().adapter;
        let trace = twice(self.stage, adapter, &self.question()).await?;
        Ok([gas(&trace["calls"][0])?, gas(&trace["calls"][1])?])
    }
}

/// Notes every figure.
pub(crate) async fn measure(stage: &Stage, figures: &mut Report) -> anyhow::Result<()> {
    publications(stage, figures).await?;
    let market = Market::open(stage, "gas of market data").await?;
    for publisher in 0..PUBLISHERS {
        market.publish(publisher, EXPIRIES, 0).await?;
    }
    let (chain, owner, at) = (stage.protocol.chain(), &stage.owner, stage.protocol.at());
    let question = market.question();
    let cold = chain
        .send("market data", owner, at.adapter, &question)
        .await?;
    figures.insert("market data, 3 venues, 4 expiries".into(), cold.gas());
    keep_programs(stage, true).await?;
    let [cold, again] = market.frames().await?;
    figures.insert("market data frame, cold".into(), cold);
    figures.insert("market data frame, again".into(), again);
    keep_programs(stage, false).await?;

    let evaluate = evaluateCall { feed: market.feed };
    let first = chain.send("evaluate", owner, at.adapter, &evaluate).await?;
    figures.insert("evaluate, 3 venues, first round".into(), first.gas());
    let found = within_a_second(&market, async || {
        let again = chain.send("evaluate", owner, at.adapter, &evaluate).await?;
        let reread = chain
            .send("market data", owner, at.adapter, &question)
            .await?;
        Ok([
            ("evaluate, 3 venues", again.gas()),
            ("market data in the second of a round", reread.gas()),
        ])
    })
    .await?;
    figures.extend(found.map(|(action, gas)| (action.to_owned(), gas)));
    keep_programs(stage, true).await?;
    let found = within_a_second(&market, async || {
        chain.send("evaluate", owner, at.adapter, &evaluate).await?;
        let [cold, again] = market.frames().await?;
        Ok([
            ("market data frame in the second of a round, cold", cold),
            ("market data frame in the second of a round, again", again),
        ])
    })
    .await?;
    figures.extend(found.map(|(action, gas)| (action.to_owned(), gas)));
    keep_programs(stage, false).await?;
    terms(&market, figures).await
}

/// Publications of the same expiries as the one before.
async fn publications(stage: &Stage, figures: &mut Report) -> anyhow::Result<()> {
    let market = Market::open(stage, "gas of publications").await?;
    for (publisher, count) in (0..PUBLISHERS).zip(SMILES) {
        market.publish(publisher, count, 0).await?;
        let gas = market.publish(publisher, count, 1).await?;
        figures.insert(format!("publish smiles with terms, {count:>2}"), gas);
    }
    Ok(())
}

/// Terms of one, four and twelve expiries, each published by all.
async fn terms(market: &Market<'_>, figures: &mut Report) -> anyhow::Result<()> {
    for publisher in 0..PUBLISHERS {
        market.publish(publisher, 12, 1).await?;
    }
    let (chain, at) = (market.stage.protocol.chain(), market.stage.protocol.at());
    for count in SMILES {
        let call = termsCall {
            feed: market.feed,
            expiries: market.expiries[..count].to_vec(),
        };
        let sent = chain
            .send("terms", &market.stage.owner, at.surface, &call)
            .await?;
        ensure!(sent.value.smiles.len() == count * 2 * usize::from(PUBLISHERS));
        figures.insert(
            format!("terms of 3 publishers, expiries {count:>2}"),
            sent.gas(),
        );
    }
    Ok(())
}

/// The clock runs: until all of it falls into the second of one round.
async fn within_a_second<F: AsyncFn() -> anyhow::Result<[(&'static str, u64); 2]>>(
    market: &Market<'_>,
    measure: F,
) -> anyhow::Result<[(&'static str, u64); 2]> {
    let chain = market.stage.protocol.chain();
    for _ in 0..20 {
        market.stage.warp(5).await?;
        let found = measure().await?;
        let call = latestRoundCall { feed: market.feed };
        let adapter = market.stage.protocol.at().adapter;
        let round = chain.read(adapter, &call).await?;
        if market.stage.now().await? == round.evaluatedAt {
            return Ok(found);
        }
    }
    bail!("never two transactions within one second")
}
