//! F-17: every source is silent for a week.

use alloy::primitives::U256;
use anyhow::ensure;
use clearing_math::leg::OptionKind;
use end_to_end::{USDC, WAD, on_the_local_node};
use novation::bindings::IOracleAdapter::{QuorumLost, UnknownRound, fixSettlementPriceCall};

use super::pool::{Market, pool_with, trade};
use super::wad;
use crate::settlement_committee::fix;

const WEEK: u64 = 7 * 86_400;

#[test]
fn f_17_with_all_sources_down_for_a_week_money_still_gets_out_and_settlement_stays_reachable() {
    on_the_local_node(async |stage| {
        let pool = pool_with(stage, Vec::new()).await?;
        let market = Market::open(stage, pool).await?;
        let (protocol, pool, [near, far]) = (&stage.protocol, &market.pool, stage.expiries);
        // A winner of the near expiry, settled before the outage.
        let series = stage.series(pool, near, 1_900, OptionKind::Call).await?;
        stage
            .agree(&market.idle, &market.rescuer, series, WAD, 0)
            .await?;
        stage.expire_at(pool, near, 2_000 * WAD).await?;
        for trader in [&market.rescuer, &market.idle] {
            protocol.settle(&stage.owner, trader.account, near).await?;
        }

        let now = stage.now().await?;
        stage.warp_to(now + WEEK).await?;
        let terms = stage
            .terms(&market.rescuer, &market.writer, market.series, WAD, 0)
            .await?;
        let buyer = &market.rescuer;
        protocol
            .approve_trade(&buyer.signer, buyer.account, &terms)
            .await?;
        let kernel = protocol.at().clearing_house;
        let lost: QuorumLost = stage
            .reverts_with(&market.writer.signer, kernel, &trade(&terms))
            .await?;
        ensure!(lost.valid.is_zero());
        stage.deposit(&market.writer, stage.usdc, USDC).await?;
        market.idle_withdraws(stage).await?;
        protocol
            .claim(&stage.owner, market.idle.account, near)
            .await?;

        // Past the far expiry, still silent: the step of the day waits for a quorum.
        stage.warp_to(u64::from(far) + 86_400).await?;
        let fix = fixSettlementPriceCall {
            feed: pool.feed,
            expiry: far,
        };
        let _: QuorumLost = stage
            .reverts_with(&stage.owner, protocol.at().adapter, &fix)
            .await?;
        stage.set_price(pool, 2_100 * WAD).await?;
        let fixed = protocol
            .fix_settlement_price(&stage.owner, pool.feed, far)
            .await?;
        ensure!(fixed.value == wad(2_100));
        for trader in [&market.writer, &market.holder] {
            protocol.settle(&stage.owner, trader.account, far).await?;
        }
        protocol
            .claim(&stage.owner, market.holder.account, far)
            .await?;
        let won = protocol.account_state(market.holder.account).await?.cash;
        ensure!(won > U256::from(50_000 * USDC - 1_300 * USDC), "{won}");
        Ok(())
    });
}

#[test]
fn f_17_a_quorum_lost_for_ever_ends_every_expiry_a_week_later_at_the_nearest_stored_round() {
    on_the_local_node(async |stage| {
        let bare = pool_with(stage, Vec::new()).await?;
        let pool = pool_with(stage, Vec::new()).await?;
        let market = Market::open(stage, pool).await?;
        let (protocol, pool, far) = (&stage.protocol, &market.pool, stage.expiries[1]);
        let expired = u64::from(far);
        // A week before the expiry the last rounds are stored; then every venue is silent for ever.
        for (before, dollars) in [(9 * 86_400, 2_050), (WEEK, 2_100)] {
            stage.warp_to(expired - before).await?;
            stage.set_price(pool, dollars * WAD).await?;
            protocol.evaluate(&stage.owner, pool.feed).await?;
        }
        let call = fixSettlementPriceCall {
            feed: pool.feed,
            expiry: far,
        };
        let adapter = protocol.at().adapter;
        stage.warp_to(expired + WEEK - 10).await?;
        let lost: QuorumLost = stage.reverts_with(&stage.owner, adapter, &call).await?;
        ensure!(lost.valid.is_zero());
        stage.warp_to(expired + WEEK).await?;
        ensure!(fix(stage, pool, far).await? == (2_100, 5));
        for trader in [&market.writer, &market.holder] {
            protocol.settle(&stage.owner, trader.account, far).await?;
        }
        let before = protocol.account_state(market.holder.account).await?.cash;
        protocol
            .claim(&stage.owner, market.holder.account, far)
            .await?;
        let after = protocol.account_state(market.holder.account).await?.cash;
        // Ten calls at 2,000. Nothing is locked: the writer takes the rest out.
        ensure!(
            after - before == U256::from(1_000 * USDC),
            "{before} {after}"
        );
        let writer = &market.writer;
        let left = protocol.account_state(writer.account).await?.cash;
        protocol
            .withdraw(
                &writer.signer,
                writer.account,
                stage.usdc,
                left,
                writer.address(),
            )
            .await?;
        ensure!(protocol.account_state(writer.account).await?.cash.is_zero());

        // A feed of which no round was ever stored says what is missing.
        let call = fixSettlementPriceCall {
            feed: bare.feed,
            expiry: far,
        };
        let none: UnknownRound = stage.reverts_with(&stage.owner, adapter, &call).await?;
        ensure!((none.feed, none.id) == (bare.feed, 0));
        Ok(())
    });
}
