//! F-11: what a majority of sources that lies within the bounds can take. No median prevents it; the bounds of the feed and the caps of the pool bound
//! it, and it stays within the pool.
//!
//! With price bounds `(min, max)`, a series of strike `K` and cap `C` pays at most `C·(max − K)` more than it should (a call) or `C·(K − min)` (a put).
//! Who settles by a lie takes no more than the sum of that over the series of an expiry. Who liquidates by a lie takes no more than the maintenance
//! requirement of the capped positions at the bound: what a bidder is paid for taking them over.

use alloy::primitives::{I256, U256};
use anyhow::ensure;
use clearing_math::leg::OptionKind;
use end_to_end::expiry::{SLOT, WINDOW};
use end_to_end::{Pool, Stage, Trader, USDC, WAD, on_the_local_node};
use novation::bindings::IClearingHouse::OpenInterestCapExceeded;
use novation::lifecycle::Bid;
use novation::market::{FeedTerms, PoolTerms};

/// Fair price, WAD.
const SPOT: u128 = 2_000 * WAD;
/// Bounds of the feed, exclusive, WAD.
const MIN: u128 = 1_000 * WAD;
const MAX: u128 = 4_000 * WAD;
/// Most contracts of a series, 1e18.
const CAP: u128 = 10 * WAD;
/// Unit of the sources, WAD.
const TICK: u128 = 10_000_000_000;
/// Sources that lie, of five.
const LIARS: usize = 3;
/// Just below the jump limit of 10 %: what is accepted at once, 1/10,000.
const STEP: u128 = 999;

/// A pool of small caps on a feed of narrow bounds.
async fn capped(stage: &Stage, symbol: &str) -> anyhow::Result<Pool> {
    let (protocol, owner) = (&stage.protocol, &stage.owner);
    let template = stage.open_pool(symbol, SPOT, 18).await?;
    let feed = alloy::primitives::keccak256(format!("capped {symbol}"));
    let terms = FeedTerms {
        min_price: U256::from(MIN),
        max_price: U256::from(MAX),
        ..stage.feed_terms(feed, &template.venues, SPOT)
    };
    protocol.list_feed(owner, &terms).await?;
    protocol
        .set_publisher(
            owner,
            feed,
            owner.address(),
            end_to_end::stage::VOLATILITY_AGE,
        )
        .await?;
    let terms = PoolTerms {
        open_interest_cap: CAP,
        ..stage.pool_terms(stage.usdc, template.base, feed)
    };
    let id = protocol.list_pool(owner, &terms).await?.value;
    let pool = Pool {
        id,
        feed,
        ..template
    };
    stage.publish(&pool, end_to_end::stage::VOLATILITY).await?;
    Ok(pool)
}

/// Three of the five say `lie`, the others the truth.
async fn tell(stage: &Stage, pool: &Pool, lie: u128) -> anyhow::Result<()> {
    for venue in 0..pool.venues.len() {
        let price = if venue < LIARS { lie } else { SPOT };
        stage.print(pool, venue, price).await?;
    }
    Ok(())
}

/// Walks the accepted price from the truth to `goal` in steps below the jump limit, one round each. How many it took.
async fn walk(stage: &Stage, pool: &Pool, goal: u128) -> anyhow::Result<u32> {
    let (mut price, mut steps) = (SPOT, 0);
    stage.protocol.evaluate(&stage.owner, pool.feed).await?;
    while price != goal {
        price = if goal > price {
            (price + price / 10_000 * STEP).min(goal)
        } else {
            (price - price / 10_000 * STEP).max(goal)
        };
        stage.warp(1).await?;
        tell(stage, pool, price).await?;
        stage.protocol.evaluate(&stage.owner, pool.feed).await?;
        steps += 1;
        let accepted = stage.protocol.spot(pool.feed).await?.mid;
        ensure!(
            accepted.abs_diff(U256::from(price)) < U256::from(TICK),
            "{accepted}"
        );
    }
    Ok(steps)
}

/// The thief buys a series to its cap; more is refused.
async fn buy_out(
    stage: &Stage,
    pool: &Pool,
    [thief, writer]: [&Trader; 2],
    (expiry, dollars, kind): (u32, u64, OptionKind),
) -> anyhow::Result<()> {
    let series = stage.series(pool, expiry, dollars, kind).await?;
    stage.agree(thief, writer, series, CAP, USDC).await?;
    let terms = stage.terms(thief, writer, series, WAD, USDC).await?;
    let (signer, account) = (&thief.signer, thief.account);
    let protocol = &stage.protocol;
    protocol.approve_trade(signer, account, &terms).await?;
    let error = protocol.trade(&writer.signer, &terms).await.err();
    ensure!(error.is_some_and(|error| error.is::<OpenInterestCapExceeded>()));
    Ok(())
}

/// Settles an expiry of two series at a lie. What the thief took beyond the fair payoff, and the most he could, USDC units.
async fn settle_by_lie(
    stage: &Stage,
    symbol: &str,
    expiry: u32,
    (kind, strikes, lie): (OptionKind, [u64; 2], u128),
) -> anyhow::Result<(u128, u128)> {
    let (protocol, owner) = (&stage.protocol, &stage.owner);
    let pool = capped(stage, symbol).await?;
    let thief = stage.funded("thief", &pool, 1_000 * USDC).await?;
    let writer = stage.funded("writer", &pool, 200_000 * USDC).await?;
    for dollars in strikes {
        buy_out(stage, &pool, [&thief, &writer], (expiry, dollars, kind)).await?;
    }
    let cash = async |who: &Trader| protocol.balance_of(who.account, stage.usdc).await;
    let [before, rich] = [cash(&thief).await?, cash(&writer).await?];
    for slot in 0..WINDOW / SLOT {
        let opens = u64::from(expiry) - WINDOW;
        stage.warp_to(opens + slot * SLOT).await?;
        if slot % 10 == 0 {
            tell(stage, &pool, lie).await?;
        }
        protocol.record_sample(owner, pool.feed, expiry).await?;
    }
    stage.warp_to(u64::from(expiry)).await?;
    let fixed = protocol
        .fix_settlement_price(owner, pool.feed, expiry)
        .await?;
    ensure!(fixed.value == U256::from(lie), "the majority decides");
    protocol.settle(owner, writer.account, expiry).await?;
    protocol.settle(owner, thief.account, expiry).await?;
    protocol.claim(owner, thief.account, expiry).await?;
    // At the fair price both series expire worthless.
    let taken = u128::try_from(cash(&thief).await? - before)?;
    let lost = u128::try_from(rich - cash(&writer).await?)?;
    ensure!(taken <= lost && lost - taken <= 2, "{taken} of {lost}");
    let most = strikes.iter().map(|dollars| {
        let strike = u128::from(*dollars) * WAD;
        match kind {
            OptionKind::Call => MAX - strike,
            OptionKind::Put => strike - MIN,
        }
    });
    let most: u128 = most.sum::<u128>() / WAD * (CAP / WAD) * USDC;
    Ok((taken, most))
}

#[test]
fn f_11_by_a_settlement_price_a_lying_majority_takes_no_more_than_caps_times_the_way_to_the_bound()
{
    on_the_local_node(async |stage| {
        let other = stage.funded("bystander", stage.btc(), 1_000 * USDC).await?;
        let [near, far] = stage.expiries;
        let up = (OptionKind::Call, [2_000, 2_500], MAX - TICK);
        let down = (OptionKind::Put, [2_000, 1_500], MIN + TICK);
        for (symbol, expiry, lie) in [("UP", near, up), ("DOWN", far, down)] {
            let (taken, most) = settle_by_lie(stage, symbol, expiry, lie).await?;
            println!(
                "F-11, {symbol}: settled at the bound, taken {taken} of at most {most} USDC units"
            );
            ensure!(taken <= most, "{taken} of {most}");
            // The formula is no loose one.
            ensure!(most - taken <= most / 1_000_000, "{taken} of {most}");
        }
        // Another pool knows nothing of it.
        let protocol = &stage.protocol;
        let (signer, to) = (&other.signer, other.address());
        let all = U256::from(1_000 * USDC);
        protocol
            .withdraw(signer, other.account, stage.usdc, all, to)
            .await?;
        Ok(())
    });
}

#[test]
fn f_11_by_liquidation_a_lying_majority_takes_no_more_than_the_margin_of_the_caps_at_the_bound() {
    on_the_local_node(async |stage| {
        let protocol = &stage.protocol;
        let pool = capped(stage, "WALK").await?;
        let writer = stage.funded("writer", &pool, 12_000 * USDC).await?;
        let holder = stage.funded("holder", &pool, 10_000 * USDC).await?;
        let thief = stage.funded("thief", &pool, 200_000 * USDC).await?;
        stage.insure(&pool, 100_000 * USDC).await?;
        let series = (stage.expiries[1], 2_000, OptionKind::Call);
        buy_out(stage, &pool, [&holder, &writer], series).await?;
        let purse = async |who: &Trader| -> anyhow::Result<i128> {
            let health = protocol.health(who.account).await?;
            Ok(health.mark)
        };
        let insurance = async || -> anyhow::Result<i128> {
            Ok(i128::try_from(protocol.insurance_of(pool.id).await?)?)
        };
        let [rich, poor, insured] = [
            purse(&writer).await?,
            purse(&thief).await?,
            insurance().await?,
        ];
        let steps = walk(stage, &pool, MAX - TICK).await?;
        // What the capped positions require at the bound: of the writer's margin, all but his cash.
        let health = protocol.health(writer.account).await?;
        let cash = protocol.balance_of(writer.account, stage.usdc).await?;
        let cash = i128::try_from(cash)? * 1_000_000_000_000;
        let most = cash - health.maintenance;
        ensure!(health.maintenance < 0 && health.mark < 0, "{health:?}");
        protocol
            .start_auction(&thief.signer, writer.account)
            .await?;
        // Until the insurance pays as much as it ever does, the lie goes on and somebody notes that the auction is due.
        for _ in 0..14 {
            stage.warp(280).await?;
            tell(stage, &pool, MAX - TICK).await?;
            protocol
                .start_auction(&thief.signer, writer.account)
                .await?;
        }
        let (_, version) = protocol
            .preview_bid(writer.account, U256::from(WAD))
            .await?;
        let bid = Bid {
            account: writer.account,
            bidder: thief.account,
            max_fraction: U256::from(WAD),
            max_net_payment: I256::MAX,
            expected_version: version,
            deadline: stage.now().await? + 600,
        };
        protocol.bid(&thief.signer, &bid).await?;
        // The truth comes back.
        stage.warp(3_600).await?;
        tell(stage, &pool, SPOT).await?;
        ensure!(protocol.spot(pool.feed).await?.mid == U256::from(SPOT));
        let taken = purse(&thief).await? - poor;
        let lost = rich - purse(&writer).await?;
        let paid = (insured - insurance().await?) * 1_000_000_000_000;
        println!(
            "F-11, liquidated at the bound after {steps} rounds: taken {} dollars of at most {}; lost by the writer {}, by the insurance {}",
            taken / WAD as i128,
            most / WAD as i128,
            lost / WAD as i128,
            paid / WAD as i128
        );
        ensure!(taken > 0 && taken <= most, "{taken} of {most}");
        ensure!(
            (lost + paid - taken).unsigned_abs() < 100 * WAD,
            "{lost} {paid} {taken}"
        );
        Ok(())
    });
}
