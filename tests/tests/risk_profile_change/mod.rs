//! A risk profile that changes under open positions, as their holder lives it: the delay, both versions for new risk, the ramp, his own auction.
//!
//! | file | what it shows |
//! |---|---|
//! | `waiting` | who may offer, apply and withdraw a version, and when |
//! | `bounds` | every number at its bound and one past it |
//! | `ramp` | both balances between two versions, against native numbers |
//! | `liquidation` | nobody is liquidated by the instant of the change, and anybody may be while it goes on |

mod bounds;
mod liquidation;
mod ramp;
mod waiting;

use alloy::primitives::{Address, U256};
use alloy::rpc::types::BlockId;
use alloy::signers::local::PrivateKeySigner;
use anyhow::{anyhow, ensure};
use clearing_math::margin::{NOVATION_DEFAULT, Requirement, RiskProfile, ScenarioProfile};
use end_to_end::Stage;
use end_to_end::stage::VOLATILITY;
use novation::bindings::ISeriesFactory::{
    applyRiskProfileCall, cancelRiskProfileCall, poolRiskCall, proposeRiskProfileCall,
    riskProfileVersionsCall, riskProfileVersionsReturn,
};
use novation::client::Health;
use novation::native_margin::{self, PoolFacts};
use novation::risk_profiles::encoded;

/// The profile of every pool on the stage.
const PROFILE: u32 = native_margin::DEFAULT_PROFILE;
/// How long a version that is milder somewhere waits, seconds: part of what a holder is promised, so it is stated here, not imported.
const DELAY: u64 = 2 * 86_400;
/// How long maintenance margin takes to arrive, seconds.
const RAMP: u64 = 86_400;
/// Prices and volatilities are renewed this long before a block whose time matters, seconds: longer than a loaded machine takes for it.
const LEAD: u64 = 600;

/// The default with some of its numbers changed.
fn default_with(change: impl FnOnce(&mut ScenarioProfile)) -> anyhow::Result<RiskProfile> {
    let RiskProfile::ScenarioReprice(mut profile) = NOVATION_DEFAULT else {
        return Err(anyhow!("the default reprices scenarios"));
    };
    change(&mut profile);
    Ok(RiskProfile::ScenarioReprice(profile))
}

/// Nowhere milder than the default: takes effect at once.
fn stricter() -> anyhow::Result<RiskProfile> {
    default_with(|profile| {
        profile.maintenance_factor = 950_000_000_000_000_000;
        profile.contingencies.naked_short.both = 20_000_000_000_000_000;
    })
}

/// Nowhere stricter than the default: waits.
fn milder() -> anyhow::Result<RiskProfile> {
    default_with(|profile| {
        profile.maintenance_factor = 600_000_000_000_000_000;
        profile.contingencies.naked_short.both = 1_000_000_000_000_000;
    })
}

/// The owner's offer.
fn offer(profile: &RiskProfile) -> proposeRiskProfileCall {
    proposeRiskProfileCall {
        riskProfile: PROFILE,
        profile: encoded(profile),
    }
}

const APPLY: applyRiskProfileCall = applyRiskProfileCall {
    riskProfile: PROFILE,
};
const CANCEL: cancelRiskProfileCall = cancelRiskProfileCall {
    riskProfile: PROFILE,
};

fn factory(stage: &Stage) -> Address {
    stage.protocol.at().factory
}

/// Offers a version; returns when it takes effect and when it was offered, unix seconds.
async fn propose(stage: &Stage, profile: &RiskProfile) -> anyhow::Result<(u64, u64)> {
    let chain = stage.protocol.chain();
    let sent = chain
        .send("propose", &stage.owner, factory(stage), &offer(profile))
        .await?;
    // What the trial returned may be a second older than the block: the contract's own record counts.
    let versions = versions(stage).await?;
    let offered = stage.now().await?;
    let effective = if versions.pending.is_zero() {
        versions.rampStart
    } else {
        versions.effectiveAt
    };
    ensure!(sent.receipt.status() && sent.value <= effective);
    Ok((effective, offered))
}

/// Brings the version that waits into effect in a block of exactly this time.
async fn apply_at(stage: &Stage, signer: &PrivateKeySigner, time: u64) -> anyhow::Result<()> {
    let chain = stage.protocol.chain();
    chain.set_next_time(time).await?;
    chain.send("apply", signer, factory(stage), &APPLY).await?;
    ensure!(stage.now().await? == time, "another time than asked for");
    Ok(())
}

async fn versions(stage: &Stage) -> anyhow::Result<riskProfileVersionsReturn> {
    let call = riskProfileVersionsCall {
        riskProfile: PROFILE,
    };
    Ok(stage.protocol.chain().read(factory(stage), &call).await?)
}

/// Moves to a block of exactly this time, with prices and the far expiry's volatility as they were at the opening, young enough to count.
async fn calm_until(stage: &Stage, time: u64) -> anyhow::Result<()> {
    let pool = stage.eth();
    stage.warp_to(time - LEAD).await?;
    stage.set_price(pool, pool.spot).await?;
    let far = [(stage.expiries[1], VOLATILITY)];
    let (protocol, owner) = (&stage.protocol, &stage.owner);
    protocol.publish_volatility(owner, pool.feed, &far).await?;
    ensure!(stage.now().await? < time, "the machine was too slow");
    stage.warp_to(time).await
}

/// What an account's margin is on the chain, and natively under each of two versions, all at the latest block.
#[derive(Debug)]
struct Look {
    /// Time of the block.
    now: u64,
    /// The deployed engine's, with whatever versions and ramp the factory has.
    chain: Health,
    /// The native function's, under the version before and under the one after, neither knowing of the other.
    native: [Requirement; 2],
}

async fn look(
    stage: &Stage,
    account: U256,
    [before, after]: [&RiskProfile; 2],
) -> anyhow::Result<Look> {
    let (protocol, pool) = (&stage.protocol, stage.eth());
    let latest = protocol.chain().latest().await?;
    let block = BlockId::number(latest.number);
    let state = protocol.account_state_at(account, block).await?;
    let expiries = [stage.expiries[1]];
    let market = native_margin::market(protocol, pool.feed, &expiries, block, latest.time).await?;
    let risk = protocol
        .chain()
        .read(factory(stage), &poolRiskCall { pool: pool.id })
        .await?;
    let under = |profile: &RiskProfile| {
        let facts = PoolFacts {
            pool: pool.id,
            feed: pool.feed,
            settlement_decimals: risk.settlementDecimals,
            base_decimals: risk.baseDecimals,
            profile: *profile,
            ramp: None,
        };
        native_margin::requirement(&facts, &market, &state).map_err(|error| anyhow!("{error:?}"))
    };
    Ok(Look {
        now: latest.time,
        chain: protocol.health_at(account, block).await?,
        native: [under(before)?, under(after)?],
    })
}

impl Look {
    /// The lower initial balance at once; maintenance on the straight line from the version before, at `start`, to the one after, a day
    /// later, rounded down. Written anew here, so that an error in the contracts' own line shows.
    fn promised(&self, start: u64) -> (i128, i128) {
        let [before, after] = &self.native;
        let passed = i128::from(self.now.saturating_sub(start).min(RAMP));
        let length = i128::from(RAMP);
        let moved = ((after.maintenance - before.maintenance) * passed).div_euclid(length);
        let initial = before.initial.min(after.initial);
        (initial, before.maintenance + moved)
    }

    /// Holds the chain to the promise, bit for bit.
    fn check(&self, start: u64) -> anyhow::Result<()> {
        let found = (self.chain.initial, self.chain.maintenance);
        let promised = self.promised(start);
        ensure!(
            found == promised,
            "{} s after the change: {found:?}, promised {promised:?}, {self:?}",
            self.now.saturating_sub(start)
        );
        ensure!(self.chain.mark == self.native[0].mark);
        Ok(())
    }
}
