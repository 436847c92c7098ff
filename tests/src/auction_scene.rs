//! Somebody who sold more puts than he can pay for, before and in his auction.

use alloy::primitives::{I256, U256};
use clearing_math::leg::OptionKind;
use novation::bindings::ILiquidationAuction::bidCall;
use novation::client::AccountState;
use novation::lifecycle::Bid;

use crate::{Stage, Trader, USDC, WAD};

/// Price (WAD) at which the debtor is short of maintenance margin but worth something.
pub const UNHEALTHY: u128 = 1_600 * WAD;
/// Price (WAD) at which he is worth less than nothing.
pub const INSOLVENT: u128 = 1_250 * WAD;
/// Seconds between two looks at an auction: less than its clock runs on unwatched, with room for the blocks in between.
const LOOK: u64 = 280;
/// Puts the debtor is short.
pub const PUTS: i128 = 10;

/// A debtor short ten puts, the holder of them, and someone who can take over.
pub struct Scene {
    /// Short ten puts.
    pub debtor: Trader,
    /// Long the same.
    pub holder: Trader,
    /// Rich.
    pub bidder: Trader,
}

/// The debtor sells ten puts at 2,000 while ETH is at 2,000; the pool has `insurance` USDC units.
pub async fn scene(stage: &Stage, insurance: u128) -> anyhow::Result<Scene> {
    let pool = stage.eth();
    if insurance > 0 {
        stage.insure(pool, insurance).await?;
    }
    let scene = Scene {
        debtor: stage.funded("debtor", pool, 5_000 * USDC).await?,
        holder: stage.funded("holder", pool, 10_000 * USDC).await?,
        bidder: stage.funded("bidder", pool, 100_000 * USDC).await?,
    };
    let series = stage
        .series(pool, stage.expiries[1], 2_000, OptionKind::Put)
        .await?;
    let contracts = PUTS.unsigned_abs() * WAD;
    stage
        .agree(
            &scene.holder,
            &scene.debtor,
            series,
            contracts,
            1_370 * USDC,
        )
        .await?;
    Ok(scene)
}

/// The scene after a fall to `price`, with the auction open.
pub async fn auction(stage: &Stage, insurance: u128, price: u128) -> anyhow::Result<Scene> {
    let scene = scene(stage, insurance).await?;
    stage.set_price(stage.eth(), price).await?;
    stage
        .protocol
        .start_auction(&scene.bidder.signer, scene.debtor.account)
        .await?;
    Ok(scene)
}

/// Moves time to `until` with somebody noting every few minutes that the auction is still due, at an unchanged `price`: its clock stands while
/// nobody looks.
pub async fn watch_until(
    stage: &Stage,
    scene: &Scene,
    price: u128,
    until: u64,
) -> anyhow::Result<()> {
    loop {
        let now = stage.now().await?;
        if until.saturating_sub(now) <= LOOK {
            stage.warp_to(until).await?;
            return stage.set_price(stage.eth(), price).await;
        }
        stage.warp_to(now + LOOK).await?;
        stage.set_price(stage.eth(), price).await?;
        stage
            .protocol
            .start_auction(&scene.bidder.signer, scene.debtor.account)
            .await?;
    }
}

/// A bid for everything there is to have, at any price, good for an hour.
pub async fn any_bid(stage: &Stage, scene: &Scene) -> anyhow::Result<Bid> {
    let account = scene.debtor.account;
    Ok(Bid {
        account,
        bidder: scene.bidder.account,
        max_fraction: U256::from(WAD),
        max_net_payment: I256::MAX,
        expected_version: stage.protocol.account_state(account).await?.version,
        deadline: stage.now().await? + 3_600,
    })
}

/// The call that makes a bid.
pub fn call(bid: &Bid) -> bidCall {
    bidCall {
        account: bid.account,
        bidder: bid.bidder,
        maxFraction: bid.max_fraction,
        maxNetPayment: bid.max_net_payment,
        expectedVersion: bid.expected_version,
        deadline: bid.deadline,
    }
}

/// Cash of debtor and bidder, and the insurance, USDC units.
pub async fn purses(stage: &Stage, scene: &Scene) -> anyhow::Result<[U256; 3]> {
    let cash = async |who: &Trader| stage.protocol.balance_of(who.account, stage.usdc).await;
    Ok([
        cash(&scene.debtor).await?,
        cash(&scene.bidder).await?,
        stage.protocol.insurance_of(stage.eth().id).await?,
    ])
}

/// Contracts of all legs, 1e18.
pub fn contracts(state: &AccountState) -> i128 {
    state.legs.iter().map(|leg| leg.contracts).sum()
}
