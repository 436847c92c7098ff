//! Sets the stage: tokens, venues, feed, pool, series, accounts and their opening trades.

mod opening;

use alloy::primitives::{Address, B256, U256, keccak256};
use alloy::signers::local::PrivateKeySigner;
use anyhow::{Context, bail};
use clearing_math::surface::PublishedSmile;

use super::cast::cast;
use super::replay::Replay;
use super::smile;
use super::volatility_feed::VolatilityFeed;
use crate::checkout::Checkout;
use crate::client::Protocol;
use crate::ids;
use crate::market::{FeedTerms, PoolTerms, Venue, deploy_token, deploy_venue};
use crate::native_margin::{self, Market, PoolFacts};
use crate::progress::Progress;

/// 1e18.
pub const WAD: u128 = clearing_math::WAD;
/// Decimals of the demo's dollar.
pub const CASH_DECIMALS: u8 = 6;
/// Decimals of the demo's underlying.
pub const BASE_DECIMALS: u8 = 18;
/// Decimals of the venues' answers.
const ANSWER_DECIMALS: u8 = 8;
/// Strikes are multiples of this, 1e-8 quote: one dollar.
const STRIKE_TICK: u64 = 100_000_000;

/// Someone with an account.
#[derive(Clone, Debug)]
pub struct Actor {
    /// Name in the report.
    pub name: String,
    /// Key of the owner.
    pub signer: PrivateKeySigner,
    /// Account id.
    pub account: U256,
}

/// Everything that stands on the stage when the crash begins.
#[derive(Clone, Debug)]
pub struct Stage {
    /// The deployment.
    pub protocol: Protocol,
    /// Owner of adapter and factory, the venues' printer and the volatility publisher.
    pub owner: PrivateKeySigner,
    /// The pool.
    pub facts: PoolFacts,
    /// Settlement token.
    pub cash: Address,
    /// Base token.
    pub base: Address,
    /// Venues, in the order of [`Replay::venues`].
    pub venues: Vec<Venue>,
    /// Near and far expiry.
    pub expiries: [u32; 2],
    /// Option accounts.
    pub actors: Vec<Actor>,
    /// Other side of all trades.
    pub maker: Actor,
    /// Bids in auctions.
    pub liquidator: Actor,
}

impl Stage {
    /// Everyone with an account.
    pub fn everyone(&self) -> impl Iterator<Item = &Actor> {
        self.actors.iter().chain([&self.maker, &self.liquidator])
    }

    /// Market data now, for both expiries.
    pub async fn market(&self) -> anyhow::Result<Market> {
        let now = self.protocol.chain().time().await?;
        let latest = alloy::rpc::types::BlockId::latest();
        Ok(
            native_margin::market(&self.protocol, self.facts.feed, &self.expiries, latest, now)
                .await?,
        )
    }
}

/// Near expiry after the middle of the replay, far expiry at its end, both on the hour.
pub fn expiries(replay: &Replay) -> anyhow::Result<[u32; 2]> {
    let (start, end) = (replay.start(), replay.end());
    let hour = |time: u64| time / 3_600 * 3_600;
    let near = hour(start + (end - start) * 55 / 100);
    let far = hour(end);
    if far < near + 3_600 || near < start + 7_200 {
        bail!(
            "the data cover {} h; a replay needs at least 8",
            (end - start) / 3_600
        );
    }
    Ok([u32::try_from(near)?, u32::try_from(far)?])
}

/// Sets the stage on a fresh deployment whose chain stands before the replay's start.
pub async fn set(
    protocol: Protocol,
    checkout: &Checkout,
    owner: PrivateKeySigner,
    replay: &Replay,
    progress: &Progress,
) -> anyhow::Result<Stage> {
    let chain = protocol.chain().clone();
    let roles = cast();
    let expiries = expiries(replay)?;
    let bar = progress.bar(roles.len() as u64 + 4, "opening accounts");

    let cash = deploy_token(
        &chain,
        checkout,
        &owner,
        "Demo Dollar",
        "USDX",
        CASH_DECIMALS,
    )
    .await?;
    let symbol = replay.underlying.as_str();
    let base = deploy_token(&chain, checkout, &owner, symbol, symbol, BASE_DECIMALS).await?;
    chain.set_time(replay.start()).await?;
    let mut venues = Vec::new();
    for (venue, price) in replay.venues.iter().zip(replay.opening_prices()) {
        let name = format!("{} {}", venue.name, venue.instrument);
        venues.push(
            deploy_venue(&chain, checkout, &owner, &name, ANSWER_DECIMALS, wad(price)).await?,
        );
    }
    bar.inc(1);

    let feed = keccak256(format!("{symbol}/USD"));
    let longest = replay
        .venues
        .iter()
        .map(|venue| venue.interval)
        .max()
        .unwrap_or(3_600);
    let opening = median(&mut replay.opening_prices());
    protocol
        .list_feed(
            &owner,
            &FeedTerms {
                feed,
                sources: venues.iter().map(|venue| venue.source).collect(),
                // Three prints of the slowest venue.
                max_age: u32::try_from((3 * longest / 4).clamp(900, 10_800))?,
                min_price: wad(opening / 100),
                max_price: wad(opening.saturating_mul(100)),
                quorum: u8::try_from(venues.len() / 2 + 1)?,
            },
        )
        .await?;
    protocol
        .set_publisher(&owner, feed, owner.address(), 7_200)
        .await?;
    let calm = VolatilityFeed::default();
    publish(&protocol, &owner, feed, &calm, &expiries, replay.start()).await?;
    let pool = protocol
        .list_pool(
            &owner,
            &PoolTerms {
                settlement_asset: cash,
                base_asset: base,
                feed,
                risk_profile: native_margin::DEFAULT_PROFILE,
                expiry_interval: 3_600,
                expiry_offset: 0,
                max_tenor: 365 * 86_400,
                strike_tick: STRIKE_TICK,
                open_interest_cap: 1_000_000 * WAD,
            },
        )
        .await?
        .value;
    let facts = native_margin::pool_facts(&protocol, pool).await?;
    bar.inc(1);

    let mut stage = Stage {
        maker: actor(&chain, "market maker", pool, 0).await?,
        liquidator: actor(&chain, "liquidator", pool, 1).await?,
        actors: Vec::new(),
        protocol,
        owner,
        facts,
        cash,
        base,
        venues,
        expiries,
    };
    let market = stage.market().await?;
    opening::fund_house(&stage, &market, &roles).await?;
    bar.inc(2);
    for (index, role) in roles.iter().enumerate() {
        let actor = actor(&chain, &role.name, pool, index as u64 + 2).await?;
        opening::open(&stage, &market, role, &actor)
            .await
            .with_context(|| format!("opening the account `{}`", role.name))?;
        stage.actors.push(actor);
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(stage)
}

/// Publishes a smile for every expiry that is still to come, around the volatility of the feed; returns the volatilities at the forward.
pub async fn publish(
    protocol: &Protocol,
    owner: &PrivateKeySigner,
    feed: B256,
    volatility: &VolatilityFeed,
    expiries: &[u32],
    now: u64,
) -> anyhow::Result<Vec<f64>> {
    let values: Vec<f64> = expiries
        .iter()
        .map(|&expiry| volatility.volatility(u64::from(expiry).saturating_sub(now).max(3_600)))
        .collect();
    let time = u32::try_from(now)?;
    let word = |(&expiry, &value): (&u32, &f64)| {
        let smile = PublishedSmile {
            // The contract's own time: the replay's may be a second behind it.
            published_at: 0,
            ..smile::around(value, expiry, time)
        };
        smile.to_word().into()
    };
    let to_come = expiries.iter().zip(&values);
    let smiles: Vec<B256> = to_come
        .filter(|(expiry, _)| **expiry > time)
        .map(word)
        .collect();
    if !smiles.is_empty() {
        protocol.publish_smiles(owner, feed, smiles).await?;
    }
    Ok(values)
}

/// Key, account id and ether of the `index`-th actor; the same in every run.
async fn actor(
    chain: &crate::chain::Chain,
    name: &str,
    pool: u32,
    index: u64,
) -> anyhow::Result<Actor> {
    let signer = PrivateKeySigner::from_bytes(&keccak256(format!("novation demo {index}")))?;
    chain
        .set_balance(signer.address(), U256::from(1_000 * WAD))
        .await?;
    let account = ids::account_id(signer.address(), pool, 0);
    Ok(Actor {
        name: name.to_owned(),
        signer,
        account,
    })
}

/// Whole units of settlement asset in token units.
pub fn cash_units(amount: f64) -> U256 {
    U256::from((amount * 10_f64.powi(i32::from(CASH_DECIMALS))).ceil() as u128)
}

/// 1e-8 in WAD.
pub fn wad(price: u64) -> U256 {
    U256::from(u128::from(price) * 10_000_000_000)
}

fn median(prices: &mut [u64]) -> u64 {
    prices.sort_unstable();
    prices[prices.len() / 2]
}
