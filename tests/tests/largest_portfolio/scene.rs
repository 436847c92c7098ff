//! The widest market there can be, and two accounts with as many legs as may be held, each the other's counterparty.

use alloy::primitives::{Address, B256, Bytes, U256, Uint, keccak256};
use alloy::signers::local::PrivateKeySigner;
use anyhow::ensure;
use clearing_math::leg::OptionKind;
use clearing_math::margin::{
    MAX_EXPIRIES, MAX_SCENARIOS, NOVATION_DEFAULT, RiskProfile, Scenario, ScenarioProfile,
    Scenarios, VolatilityMove,
};
use clearing_math::surface::PublishedSmile;
use end_to_end::stage::{key, strike};
use end_to_end::{Stage, Trader, USDC, WAD};
use novation::bindings::IOracleAdapter::Source;
use novation::bindings::{ISeriesFactory, IVolatilitySurface};
use novation::market::{FeedTerms, VOLATILITY_CEILING};
use novation::risk_profiles::encoded;

use super::source::{self, Price};

/// Most sources of a feed that count.
const SOURCES: usize = 15;
/// Most publishers of a surface.
const PUBLISHERS: u8 = 15;
/// Most expiries a publisher has at a time.
const PUBLISHED: u32 = 16;
/// Age up to which smiles are fresh, seconds.
pub(super) const SMILE_AGE: u32 = 7_200;
/// Dollars, when the market opens.
pub(super) const OPENING: u128 = 2_000;
/// Contracts of a leg: a tenth.
pub(super) const SIZE: u128 = WAD / 10;
/// Collateral of each account, USDC units.
const CASH: u128 = 100_000 * USDC;
const HOUR: u32 = 3_600;

/// Market and accounts.
pub(super) struct Scene {
    /// Pool id.
    pub(super) pool: u32,
    /// Of fifteen sources.
    pub(super) feed: B256,
    sources: Vec<Address>,
    profile: u32,
    publishers: Vec<PrivateKeySigner>,
    /// On the full hour; those of the accounts.
    expiries: Vec<u32>,
    /// Short three legs of four.
    pub(super) debtor: Trader,
    /// Has the opposite of each.
    pub(super) holder: Trader,
    /// By leg.
    pub(super) series: Vec<U256>,
}

impl Scene {
    /// Fifteen sources and the settlement asset's, fifteen publishers with sixteen smiles each, a profile of as many scenarios and skews as one may have,
    /// two funded accounts.
    pub(super) async fn open(stage: &Stage) -> anyhow::Result<Self> {
        let mut sources = Vec::new();
        for index in 0..SOURCES {
            sources.push(source::deploy(stage, answer(index, OPENING)).await?);
        }
        let feed = keccak256("the widest market");
        list_feed(stage, feed, &sources).await?;
        let publishers: Vec<_> = (0..PUBLISHERS)
            .map(|index| key(&format!("wide publisher {index}")))
            .collect();
        list_surface(stage, feed, &publishers).await?;
        let profile = ISeriesFactory::listRiskProfileCall {
            profile: encoded(&widest_profile(0)),
        };
        let (chain, factory) = (stage.protocol.chain(), stage.protocol.at().factory);
        let profile = chain
            .send("list risk profile", &stage.owner, factory, &profile)
            .await?
            .value;
        let mut terms = stage.pool_terms(stage.usdc, stage.eth().base, feed);
        terms.risk_profile = profile;
        let pool = stage.protocol.list_pool(&stage.owner, &terms).await?.value;
        let as_pool = end_to_end::Pool {
            id: pool,
            feed,
            ..stage.eth().clone()
        };
        let first = stage.expiries[0];
        let expiries = (0..).map(|hour| first + HOUR * hour).take(MAX_EXPIRIES);
        let scene = Self {
            pool,
            feed,
            sources,
            profile,
            publishers,
            expiries: expiries.collect(),
            debtor: stage.funded("debtor", &as_pool, CASH).await?,
            holder: stage.funded("holder", &as_pool, CASH).await?,
            series: Vec::new(),
        };
        // Base asset counts in every scenario too.
        for trader in [&scene.debtor, &scene.holder] {
            stage.deposit(trader, stage.eth().base, WAD).await?;
        }
        stage.deposit(&scene.holder, stage.usdc, CASH).await?;
        scene.publish(stage).await?;
        Ok(scene)
    }

    /// Another funded account of the pool.
    pub(super) async fn bidder(&self, stage: &Stage, name: &str) -> anyhow::Result<Trader> {
        let pool = end_to_end::Pool {
            id: self.pool,
            ..stage.eth().clone()
        };
        stage.funded(name, &pool, 1_000_000 * USDC).await
    }

    /// Cash into the pool's insurance.
    pub(super) async fn insure(&self, stage: &Stage) -> anyhow::Result<()> {
        let pool = end_to_end::Pool {
            id: self.pool,
            ..stage.eth().clone()
        };
        stage.insure(&pool, 1_000_000 * USDC).await
    }

    /// Every publisher publishes sixteen smiles, the accounts' expiries between them, so that each leg needs two of each publisher.
    pub(super) async fn publish(&self, stage: &Stage) -> anyhow::Result<()> {
        let last = self.expiries.last().copied().unwrap_or_default();
        let from = self.expiries[0] - HOUR / 2;
        let apart = (last + HOUR - from).div_ceil(PUBLISHED - 1);
        let expiries = (0..PUBLISHED).map(|index| from + index * apart);
        for (index, publisher) in (0_u8..).zip(&self.publishers) {
            let smiles = expiries.clone().map(|expiry| smile(index, expiry));
            let call = IVolatilitySurface::publishSurfaceCall {
                feed: self.feed,
                publisher: index,
                smiles: smiles.collect(),
                // 2 % carry and rate a year, no doubt.
                terms: vec![
                    Uint::from((20_000_000_u128 << 48) | (20_000_000_u128 << 16));
                    usize::try_from(PUBLISHED)?
                ],
                deadline: 0,
                signatures: Bytes::new(),
            };
            let (chain, surface) = (stage.protocol.chain(), stage.protocol.at().surface);
            chain
                .send("publish smiles", publisher, surface, &call)
                .await?;
        }
        Ok(())
    }

    /// The sources answer around `dollars`, each at this price.
    pub(super) async fn print(
        &self,
        stage: &Stage,
        dollars: u128,
        price: Price,
    ) -> anyhow::Result<()> {
        for (index, at) in self.sources.iter().enumerate() {
            source::set(stage, &stage.owner, *at, answer(index, dollars), price).await?;
        }
        Ok(())
    }

    /// Trades one leg more into both accounts.
    pub(super) async fn add_leg(&mut self, stage: &Stage) -> anyhow::Result<()> {
        let index = self.series.len();
        let series = self.list_leg(stage, index).await?;
        let (buyer, seller) = self.sides(index);
        stage.agree(buyer, seller, series, SIZE, 0).await?;
        self.series.push(series);
        Ok(())
    }

    /// Lists the series of a leg; expiries take turns.
    pub(super) async fn list_leg(&self, stage: &Stage, index: usize) -> anyhow::Result<U256> {
        let expiry = self.expiries[index % self.expiries.len()];
        let kind = if index.is_multiple_of(2) {
            OptionKind::Put
        } else {
            OptionKind::Call
        };
        let dollars = 1_500 + 8 * u64::try_from(index)?;
        let call = ISeriesFactory::listSeriesCall {
            pool: self.pool,
            expiry,
            strike: strike(dollars),
            kind: kind.to_byte(),
        };
        let (chain, factory) = (stage.protocol.chain(), stage.protocol.at().factory);
        let listed = chain
            .send("list series", &stage.owner, factory, &call)
            .await?;
        Ok(listed.value)
    }

    /// An expiry that no leg has.
    pub(super) fn next_expiry(&self) -> u32 {
        self.expiries.last().copied().unwrap_or_default() + HOUR
    }

    /// Buyer and seller of a leg: the debtor is long every fourth.
    pub(super) fn sides(&self, index: usize) -> (&Trader, &Trader) {
        if index % 4 == 3 {
            (&self.debtor, &self.holder)
        } else {
            (&self.holder, &self.debtor)
        }
    }

    /// Another version of the profile takes effect: while maintenance margin moves to it, both count.
    pub(super) async fn begin_ramp(&self, stage: &Stage) -> anyhow::Result<()> {
        let call = ISeriesFactory::proposeRiskProfileCall {
            riskProfile: self.profile,
            profile: encoded(&widest_profile(WAD as u64 / 1_000)),
        };
        let (chain, factory) = (stage.protocol.chain(), stage.protocol.at().factory);
        chain
            .send("propose risk profile", &stage.owner, factory, &call)
            .await?;
        let risk = ISeriesFactory::poolRiskCall { pool: self.pool };
        let risk = chain.read(factory, &risk).await?;
        ensure!(!risk.previousProfile.is_zero(), "no version is on its way");
        Ok(())
    }
}

/// What a source answers around so many dollars, 1e-8: a fiftieth of a percent from its neighbour, so that the band is no point and margin is
/// calculated at its middle and both ends.
fn answer(index: usize, dollars: u128) -> u128 {
    let step = dollars * 20_000;
    dollars * 100_000_000 + step * index as u128 - step * (SOURCES as u128 / 2)
}

async fn list_feed(stage: &Stage, feed: B256, sources: &[Address]) -> anyhow::Result<()> {
    let spot = OPENING * WAD;
    let terms = FeedTerms {
        feed,
        sources: sources.to_vec(),
        max_age: 3_600,
        min_price: U256::from(spot / 100),
        max_price: U256::from(spot * 100),
        quorum: 8,
    };
    let mut call = terms.call();
    // Falls of any size count at once.
    call.rules.jumpBps = 0;
    let peg = source::deploy(stage, 100_000_000).await?;
    call.sources.push(Source {
        account: peg,
        kind: 5,
        maxAge: 3_600,
        origin: peg.into_word(),
        id: B256::ZERO,
    });
    let (chain, adapter) = (stage.protocol.chain(), stage.protocol.at().adapter);
    chain
        .send("list feed", &stage.owner, adapter, &call)
        .await?;
    Ok(())
}

async fn list_surface(
    stage: &Stage,
    feed: B256,
    publishers: &[PrivateKeySigner],
) -> anyhow::Result<()> {
    for publisher in publishers {
        stage.fuel(publisher.address()).await?;
    }
    let call = IVolatilitySurface::listSurfaceCall {
        feed,
        publishers: publishers.iter().map(|key| key.address()).collect(),
        quorum: 8,
        maxAge: SMILE_AGE,
        ceiling: VOLATILITY_CEILING,
        maxChangeBps: 0,
    };
    let (chain, surface) = (stage.protocol.chain(), stage.protocol.at().surface);
    chain
        .send("list surface", &stage.owner, surface, &call)
        .await?;
    Ok(())
}

/// A skewed smile around 60 %, every publisher's a little higher than that of the one before.
fn smile(publisher: u8, expiry: u32) -> B256 {
    let smile = PublishedSmile {
        a: 200_000_000 + 2_000_000 * i64::from(publisher),
        b: 900_000_000,
        rho: -300_000_000,
        m: 20_000_000,
        sigma: 240_000_000,
        expiry,
        published_at: 0,
    };
    B256::from(smile.to_word())
}

/// The default with skews up to eight and scenarios up to forty, each at a spot of its own, and `more` charged for naked shorts.
pub(super) fn widest_profile(more: u64) -> RiskProfile {
    let RiskProfile::ScenarioReprice(default) = NOVATION_DEFAULT else {
        unreachable!("the default is of scenarios");
    };
    let permille = WAD as u64 / 1_000;
    let mut scenarios = default.scenarios.as_slice().to_vec();
    for index in 0..(MAX_SCENARIOS - scenarios.len()) as u64 {
        let (spot, volatility) = match index {
            0..3 => (990 - index, VolatilityMove::LinearSkew),
            3..6 => (1_010 + index, VolatilityMove::AbsoluteSkew),
            _ => (1_025, VolatilityMove::Up),
        };
        scenarios.push(Scenario {
            spot: spot * permille,
            volatility,
            damping: WAD as u64,
        });
    }
    let mut contingencies = default.contingencies;
    contingencies.naked_short.initial += more;
    RiskProfile::ScenarioReprice(ScenarioProfile {
        scenarios: Scenarios::new(&scenarios).unwrap_or(default.scenarios),
        contingencies,
        ..default
    })
}
