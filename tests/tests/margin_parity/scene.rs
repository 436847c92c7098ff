//! Markets and portfolios that engine and native crate are asked about, and the comparison.

use alloy::primitives::{B256, I256, U256};
use alloy::rpc::types::BlockId;
use anyhow::ensure;
use clearing_math::leg::{Leg, OptionKind};
use clearing_math::margin::{MarginError, Requirement};
use end_to_end::{Pool, Stage};
use novation::bindings::IMarginEngine;
use novation::native_margin::{self, Market, PoolFacts};
use rand::Rng;
use rand_chacha::ChaCha8Rng;

const DAY: u32 = 86_400;

/// A portfolio as the engine is asked for it.
#[derive(Clone, Debug)]
pub(super) struct Portfolio {
    pub(super) legs: Vec<Leg>,
    /// Settlement token units, negative for debt.
    pub(super) cash: i128,
    /// Base token units.
    pub(super) base: u128,
}

/// Volatilities of eight expiries, from tomorrow to two years, and venues that do not agree: the adverse band has a width.
pub(super) async fn uneven_market(
    stage: &Stage,
    pool: &Pool,
    rng: &mut ChaCha8Rng,
) -> anyhow::Result<Vec<u32>> {
    let now = stage.protocol.chain().time().await?;
    let start = u32::try_from(now)? / DAY * DAY;
    let expiries: Vec<u32> = [1, 2, 7, 14, 30, 90, 365, 730]
        .iter()
        .map(|days| start + days * DAY + 28_800)
        .collect();
    // Every live expiry of the publisher, rising, and total variance rising with it: anything else is refused.
    let mut published = [&expiries[..], &stage.expiries].concat();
    published.sort_unstable();
    published.dedup();
    let mut least = 0.0;
    let volatilities: Vec<(u32, u64)> = published
        .into_iter()
        .map(|expiry| {
            let years = f64::from(expiry - u32::try_from(now).unwrap_or(expiry)) / 31_536_000.0;
            let volatility = f64::from(rng.random_range(20..180)) / 100.0;
            let volatility = volatility.max((least / years).sqrt() * 1.001);
            least = volatility * volatility * years;
            (expiry, (volatility * 1e18) as u64)
        })
        .collect();
    stage
        .protocol
        .publish_volatility(&stage.owner, pool.feed, &volatilities)
        .await?;
    let spot = stage.protocol.spot(pool.feed).await?.mid;
    for venue in &pool.venues {
        let price = spot * U256::from(rng.random_range(9_960..10_040_u32)) / U256::from(10_000);
        stage
            .protocol
            .set_venue_price(&stage.owner, *venue, price)
            .await?;
    }
    Ok(expiries)
}

pub(super) fn random_portfolio(
    rng: &mut ChaCha8Rng,
    count: usize,
    expiries: &[u32],
    spot: u128,
    now: u64,
) -> Portfolio {
    let mut legs: Vec<Leg> = (0..count)
        .map(|_| {
            let expired = rng.random_range(0..20) == 0;
            let expiry = if expired {
                u32::try_from(now).unwrap_or(u32::MAX) - rng.random_range(0..DAY)
            } else {
                expiries[rng.random_range(0..expiries.len())]
            };
            // From a tenth of the spot to ten times it; most are near.
            let percent: u128 = match rng.random_range(0..10) {
                0 => rng.random_range(10..50),
                1 => rng.random_range(200..1_000),
                _ => rng.random_range(60..160),
            };
            let strike = spot / 10_000_000_000 * percent / 100;
            let kind = if rng.random() {
                OptionKind::Call
            } else {
                OptionKind::Put
            };
            // From a dust of 1e-18 to ten thousand contracts.
            let digits = rng.random_range(1..=22);
            let size = rng.random_range(1..10_i128.pow(digits));
            let contracts = if rng.random() { size } else { -size };
            Leg {
                expiry,
                strike: u64::try_from(strike.max(1)).unwrap_or(u64::MAX),
                kind,
                contracts,
            }
        })
        .collect();
    // The engine takes a series once.
    let mut seen = std::collections::BTreeSet::new();
    legs.retain(|leg| seen.insert(leg.to_word()[..16].to_vec()));
    let digits = rng.random_range(1..=15);
    let cash = rng.random_range(0..10_i128.pow(digits));
    Portfolio {
        legs,
        cash: if rng.random_range(0..4) == 0 {
            -cash
        } else {
            cash
        },
        base: if rng.random() {
            rng.random_range(0..10_u128.pow(21))
        } else {
            0
        },
    }
}

pub(super) fn engine_call(
    pool: u32,
    portfolio: &Portfolio,
) -> anyhow::Result<IMarginEngine::marginCall> {
    Ok(IMarginEngine::marginCall {
        pool,
        legs: portfolio
            .legs
            .iter()
            .map(|leg| B256::from(leg.to_word()))
            .collect(),
        cash: I256::try_from(portfolio.cash)?,
        base: U256::from(portfolio.base),
    })
}

pub(super) fn native(
    facts: &PoolFacts,
    market: &Market,
    portfolio: &Portfolio,
) -> Result<Requirement, MarginError> {
    let scale = 10_i128.pow(18 - u32::from(facts.settlement_decimals));
    let cash = portfolio
        .cash
        .checked_mul(scale)
        .ok_or(MarginError::Overflow)?;
    native_margin::requirement_of(
        facts,
        market,
        &portfolio.legs,
        cash,
        U256::from(portfolio.base),
    )
}

/// Asks both, and says whether the market was degraded.
pub(super) async fn compare(
    stage: &Stage,
    facts: &PoolFacts,
    market: &Market,
    portfolio: &Portfolio,
) -> anyhow::Result<()> {
    let engine = stage.protocol.at().engine;
    let deployed = stage
        .protocol
        .chain()
        .read(engine, &engine_call(facts.pool, portfolio)?)
        .await?;
    let here = native(facts, market, portfolio).map_err(|error| {
        anyhow::anyhow!("native: {error:?}, deployed: {deployed:?}, {portfolio:?}")
    })?;
    let there = Requirement {
        initial: i128::try_from(deployed.initial)?,
        maintenance: i128::try_from(deployed.maintenance)?,
        mark: i128::try_from(deployed.mark)?,
        worst_scenario: deployed.worstScenario,
    };
    ensure!(
        here == there,
        "native {here:?} ≠ deployed {there:?} for {portfolio:?} in {market:?}"
    );
    ensure!(deployed.degraded == market.degraded, "degraded differs");
    Ok(())
}

pub(super) async fn market_of(
    stage: &Stage,
    pool: &Pool,
    expiries: &[u32],
) -> anyhow::Result<(PoolFacts, Market)> {
    let facts = native_margin::pool_facts(&stage.protocol, pool.id).await?;
    let now = stage.protocol.chain().time().await?;
    let market =
        native_margin::market(&stage.protocol, pool.feed, expiries, BlockId::latest(), now).await?;
    Ok((facts, market))
}
