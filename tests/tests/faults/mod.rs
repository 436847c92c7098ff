//! The fault rows of the oracle, one test each, named after its row: what a source, a sequencer or a clock may do, and the typed error or status
//! it ends in, on the compiled programs.

mod answers;
mod caps;
mod combinations;
mod gas;
mod grace;
mod jumps;
mod outage;
pub(crate) mod pool;
mod sequencer;
mod settlement;

use alloy::primitives::{Address, B256, Bytes, FixedBytes, I256, U256, keccak256};
use alloy::sol_types::{SolCall, SolError, SolValue};
use end_to_end::Stage;
use end_to_end::bindings::IScriptedSource::scriptCall;
use end_to_end::stage::MAX_AGE;
use novation::bindings::IOracleAdapter::{
    self, FeedRules, Source, evaluateCall, latestRoundCall, latestRoundReturn, listFeedCall,
    marketDataCall, sourceStatusCall, sourceStatusReturn, spotReturn,
};
use novation::bindings::IPriceAggregator::{decimalsCall, latestRoundDataCall};
use novation::market::FEED_RULES;
use novation::solidity;

/// A dollar, in the eight decimals of the sources.
const DOLLAR: i64 = 100_000_000;
/// A dollar, WAD.
const WAD: u128 = 1_000_000_000_000_000_000;
/// What a scripted feed opens at, dollars.
const FAIR: i64 = 2_000;

/// Statuses of a source, as in `IOracleAdapter.sol`.
mod status {
    pub const VALID: u8 = 0;
    pub const CALL_FAILED: u8 = 1;
    pub const NOT_POSITIVE: u8 = 2;
    pub const BAD_TIMESTAMP: u8 = 3;
    pub const STALE: u8 = 4;
    pub const OUT_OF_BOUNDS: u8 = 5;
    pub const DECIMALS_CHANGED: u8 = 6;
    pub const CONFIDENCE_TOO_WIDE: u8 = 7;
    pub const BAD_EXPONENT: u8 = 8;
    pub const WENT_BACK: u8 = 9;
    pub const SEQUENCER_DOWN: u8 = 10;
    pub const SEQUENCER_UNKNOWN: u8 = 11;
    pub const GRACE_PERIOD: u8 = 12;
}

/// Doubts, as in `IOracleAdapter.sol`.
mod doubt {
    pub const WIDE_BAND: u32 = 1;
    pub const JUMP: u32 = 2;
    pub const THIN_QUORUM: u32 = 4;
    pub const SEQUENCER: u32 = 16;
    pub const TWAP: u32 = 32;
    pub const SETTLEMENT_ASSET: u32 = 64;
}

/// How a scripted call ends.
#[derive(Clone, Copy)]
enum Ending {
    Answers = 0,
    Reverts = 1,
    BurnsGas = 2,
}

/// A contract that answers as it is told.
#[derive(Clone, Copy)]
struct Actor {
    at: Address,
}

impl Actor {
    async fn new(stage: &Stage) -> anyhow::Result<Self> {
        let code = solidity::creation_code(&stage.checkout, "ScriptedSource")?;
        let at = stage.protocol.chain().create(&stage.owner, code).await?;
        stage.watch(at);
        Ok(Self { at })
    }

    async fn answer<C: SolCall>(
        &self,
        stage: &Stage,
        ending: Ending,
        answer: Vec<u8>,
    ) -> anyhow::Result<()> {
        let call = scriptCall {
            selector: FixedBytes(C::SELECTOR),
            ending: ending as u8,
            answer: Bytes::from(answer),
        };
        let chain = stage.protocol.chain();
        chain.send("script", &stage.owner, self.at, &call).await?;
        Ok(())
    }

    /// An aggregator's round.
    async fn round(&self, stage: &Stage, answer: I256, at: U256) -> anyhow::Result<()> {
        let round = (U256::ONE, answer, at, at, U256::ONE).abi_encode_params();
        self.answer::<latestRoundDataCall>(stage, Ending::Answers, round)
            .await
    }

    async fn decimals(&self, stage: &Stage, decimals: U256) -> anyhow::Result<()> {
        self.answer::<decimalsCall>(stage, Ending::Answers, decimals.abi_encode())
            .await
    }

    /// An aggregator of eight decimals that answers so many dollars now.
    async fn aggregator(stage: &Stage, dollars: i64) -> anyhow::Result<Self> {
        let actor = Self::new(stage).await?;
        actor.decimals(stage, U256::from(8)).await?;
        let now = U256::from(stage.now().await?);
        actor.round(stage, price(dollars), now).await?;
        Ok(actor)
    }

    /// As a source of its own origin.
    fn source(&self, kind: u8, max_age: u32, id: B256) -> Source {
        Source {
            account: self.at,
            kind,
            maxAge: max_age,
            origin: self.at.into_word(),
            id,
        }
    }
}

/// Dollars as an aggregator answers them.
fn price(dollars: i64) -> I256 {
    I256::try_from(dollars * DOLLAR).unwrap_or(I256::MAX)
}

/// Dollars, WAD.
fn wad(dollars: u128) -> U256 {
    U256::from(dollars * WAD)
}

/// A feed of scripted aggregators.
struct Feed<'a> {
    stage: &'a Stage,
    id: B256,
    sources: Vec<Actor>,
}

/// The rules of a scripted feed: bounds of 20 and 200,000 dollars.
fn rules() -> FeedRules {
    FeedRules {
        minPrice: wad(20),
        maxPrice: wad(200_000),
        ..FEED_RULES
    }
}

impl<'a> Feed<'a> {
    /// So many aggregators at 2,000 dollars.
    async fn of(stage: &'a Stage, count: usize) -> anyhow::Result<Self> {
        Self::with(stage, count, Vec::new(), rules()).await
    }

    /// And other sources beside them.
    async fn with(
        stage: &'a Stage,
        count: usize,
        others: Vec<Source>,
        rules: FeedRules,
    ) -> anyhow::Result<Self> {
        let mut sources = Vec::new();
        for _ in 0..count {
            sources.push(Actor::aggregator(stage, FAIR).await?);
        }
        let aggregators = sources
            .iter()
            .map(|actor| actor.source(0, MAX_AGE, B256::ZERO));
        let id = keccak256(format!("faults {}", stage.next_nonce()));
        let call = listFeedCall {
            feed: id,
            sources: aggregators.chain(others).collect(),
            rules,
        };
        let at = stage.protocol.at().adapter;
        let chain = stage.protocol.chain();
        chain.send("list feed", &stage.owner, at, &call).await?;
        // Without a publisher the surface knows nothing of the feed, and `marketData` has no answer.
        let publisher = stage.owner.address();
        stage
            .protocol
            .set_publisher(&stage.owner, id, publisher, 7_200)
            .await?;
        Ok(Self { stage, id, sources })
    }

    /// A source prints dollars now.
    async fn print(&self, source: usize, dollars: i64) -> anyhow::Result<()> {
        self.print_exact(source, price(dollars)).await
    }

    async fn print_exact(&self, source: usize, answer: I256) -> anyhow::Result<()> {
        let now = U256::from(self.stage.now().await?);
        self.sources[source].round(self.stage, answer, now).await
    }

    /// All print now.
    async fn print_all(&self, dollars: i64) -> anyhow::Result<()> {
        for source in 0..self.sources.len() {
            self.print(source, dollars).await?;
        }
        Ok(())
    }

    async fn read<C: SolCall>(&self, call: &C) -> anyhow::Result<C::Return> {
        let at = self.stage.protocol.at().adapter;
        Ok(self.stage.protocol.chain().read(at, call).await?)
    }

    async fn spot(&self) -> anyhow::Result<spotReturn> {
        Ok(self.stage.protocol.spot(self.id).await?)
    }

    async fn status(&self, index: u8) -> anyhow::Result<sourceStatusReturn> {
        self.read(&sourceStatusCall {
            feed: self.id,
            index,
        })
        .await
    }

    async fn latest(&self) -> anyhow::Result<latestRoundReturn> {
        self.read(&latestRoundCall { feed: self.id }).await
    }

    async fn market(&self) -> anyhow::Result<IOracleAdapter::MarketData> {
        let call = marketDataCall {
            feed: self.id,
            expiries: Vec::new(),
        };
        self.read(&call).await
    }

    async fn doubts(&self) -> anyhow::Result<u32> {
        Ok(self.market().await?.doubts)
    }

    /// Anyone stores a round; its id.
    async fn evaluate(&self) -> anyhow::Result<u64> {
        let at = self.stage.protocol.at().adapter;
        let call = evaluateCall { feed: self.id };
        let chain = self.stage.protocol.chain();
        let sent = chain.send("evaluate", &self.stage.owner, at, &call).await?;
        Ok(sent.value)
    }

    /// Storing a round is refused with `E`, and no slot of any contract changes.
    async fn evaluation_reverts_with<E: SolError>(&self) -> anyhow::Result<E> {
        let at = self.stage.protocol.at().adapter;
        let call = evaluateCall { feed: self.id };
        self.stage.reverts_with(&self.stage.owner, at, &call).await
    }
}
