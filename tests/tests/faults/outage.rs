//! F-17: every source is silent for a week.

use alloy::primitives::U256;
use anyhow::ensure;
use clearing_math::leg::OptionKind;
use end_to_end::{USDC, WAD, on_the_local_node};
use novation::bindings::IOracleAdapter::{QuorumLost, fixSettlementPriceCall};

use super::pool::{Market, pool_with, trade};
use super::wad;

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

        // Past the far expiry, still silent: nothing is settled at a guess, and the last step of the ladder waits for a quorum.
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
