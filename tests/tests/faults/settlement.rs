//! F-21 to F-24: when a settlement price may be fixed, out of what, by whom, and what extreme ones do.

use alloy::network::TransactionBuilder;
use alloy::primitives::{B256, I256, U256};
use alloy::providers::Provider;
use alloy::rpc::types::TransactionRequest;
use anyhow::ensure;
use clearing_math::leg::OptionKind;
use end_to_end::{Pool, Stage, USDC, WAD, on_the_local_node};
use novation::bindings::IExpirySettlement;
use novation::bindings::IOracleAdapter::{
    AlreadyFixed, InsufficientSamples, NotExpired, NotFixed, OutsideWindow, QuorumLost, SampleGap,
    UnknownFeed, fixSettlementPriceCall, recordSampleCall, settlementPriceCall,
};
use novation::bindings::IPriceAggregator::setAnswerCall;

use super::pool::{Market, pool_with};
use super::wad;

/// Samples of 2,000 dollars at seconds relative to the expiry.
async fn samples(stage: &Stage, pool: &Pool, expiry: u32, at: &[i64]) -> anyhow::Result<()> {
    for at in at {
        stage
            .warp_to(u64::from(expiry).saturating_add_signed(*at))
            .await?;
        stage.set_price(pool, 2_000 * WAD).await?;
        stage
            .protocol
            .record_sample(&stage.owner, pool.feed, expiry)
            .await?;
    }
    Ok(())
}

fn fix(feed: B256, expiry: u32) -> fixSettlementPriceCall {
    fixSettlementPriceCall { feed, expiry }
}

#[test]
fn f_21_a_price_is_not_fixed_early_twice_or_for_an_unknown_feed() {
    on_the_local_node(async |stage| {
        let (pool, expiry) = (stage.eth(), stage.expiries[0]);
        let (owner, at) = (&stage.owner, stage.protocol.at().adapter);
        let unknown = fix(B256::repeat_byte(0x21), expiry);
        let _: UnknownFeed = stage.reverts_with(owner, at, &unknown).await?;
        let call = fix(pool.feed, expiry);
        stage.warp_to(u64::from(expiry) - 2).await?;
        let early: NotExpired = stage.reverts_with(owner, at, &call).await?;
        ensure!(early.expiry == expiry && early.time < u64::from(expiry));
        // From the expiry on the first step is open, and wants samples; the second waits for its hour, the fourth for its day.
        stage.warp_to(u64::from(expiry)).await?;
        let thin: InsufficientSamples = stage.reverts_with(owner, at, &call).await?;
        ensure!((thin.given, thin.needed) == (U256::ZERO, U256::from(24)));
        stage.warp_to(u64::from(expiry) + 3_600).await?;
        let thin: InsufficientSamples = stage.reverts_with(owner, at, &call).await?;
        ensure!((thin.given, thin.needed) == (U256::ZERO, U256::from(6)));
        stage.warp_to(u64::from(expiry) + 86_398).await?;
        stage.set_price(pool, 1_950 * WAD).await?;
        stage.warp_to(u64::from(expiry) + 86_400).await?;
        let fixed = stage
            .protocol
            .fix_settlement_price(owner, pool.feed, expiry)
            .await?;
        ensure!(fixed.value == wad(1_950));
        let _: AlreadyFixed = stage.reverts_with(owner, at, &call).await?;
        Ok(())
    });
}

#[test]
fn f_22_gaps_and_thin_windows_lead_to_the_second_step_of_the_ladder() {
    on_the_local_node(async |stage| {
        let (pool, expiry) = (stage.eth(), stage.expiries[0]);
        let (owner, at) = (&stage.owner, stage.protocol.at().adapter);
        // 25 of 30 slots, but nothing in the first five and a bit of them.
        let late: Vec<i64> = (0..25).map(|slot| -1_499 + 60 * slot).collect();
        samples(stage, pool, expiry, &late).await?;
        stage.warp_to(u64::from(expiry)).await?;
        let gap: SampleGap = stage
            .reverts_with(owner, at, &fix(pool.feed, expiry))
            .await?;
        ensure!((gap.gap, gap.allowed) == (301, 300));
        stage.warp_to(u64::from(expiry) + 3_600).await?;
        let fixed = stage
            .protocol
            .fix_settlement_price(owner, pool.feed, expiry)
            .await?;
        ensure!(fixed.value == wad(2_000));

        // Every second slot, 15 of 30, no gap above two minutes: too thin.
        let (pool, expiry) = (stage.btc(), stage.expiries[1]);
        let sparse: Vec<i64> = (0..15).map(|slot| -1_795 + 120 * slot).collect();
        samples(stage, pool, expiry, &sparse).await?;
        stage.warp_to(u64::from(expiry)).await?;
        let thin: InsufficientSamples = stage
            .reverts_with(owner, at, &fix(pool.feed, expiry))
            .await?;
        ensure!((thin.given, thin.needed) == (U256::from(15), U256::from(24)));
        stage.warp_to(u64::from(expiry) + 3_600).await?;
        stage
            .protocol
            .fix_settlement_price(owner, pool.feed, expiry)
            .await?;
        Ok(())
    });
}

#[test]
fn f_23_nobody_writes_a_settlement_price_and_nobody_disputes_a_fixed_one() {
    on_the_local_node(async |stage| {
        let (pool, expiry) = (stage.eth(), stage.expiries[0]);
        let (owner, at) = (&stage.owner, stage.protocol.at().adapter);
        let ask = settlementPriceCall {
            feed: pool.feed,
            expiry,
        };
        // There is no such power: setters others have had (Ribbon's among them) are no selectors here, for the owner neither.
        for signature in [
            "setExpiryPrice(bytes32,uint32,uint256)",
            "setExpiryPriceInOracle(address,uint256,uint256)",
            "disputeExpiryPrice(address,uint256,uint256)",
            "setSettlementPrice(bytes32,uint32,uint256)",
        ] {
            let selector = &alloy::primitives::keccak256(signature)[..4];
            let request = TransactionRequest::default()
                .with_from(owner.address())
                .with_to(at)
                .with_input([selector, &[0; 96]].concat());
            let answer = stage.protocol.chain().provider().call(request).await;
            ensure!(answer.is_err(), "{signature}");
        }
        let _: NotFixed = stage.view_reverts_with(at, &ask).await?;
        stage.expire_at(pool, expiry, 2_000 * WAD).await?;
        // Whatever is printed afterwards: no sample, no second price.
        stage.set_price(pool, 9_000 * WAD).await?;
        let sample = recordSampleCall {
            feed: pool.feed,
            expiry,
        };
        let _: AlreadyFixed = stage.reverts_with(owner, at, &sample).await?;
        let _: AlreadyFixed = stage
            .reverts_with(owner, at, &fix(pool.feed, expiry))
            .await?;
        stage.warp_to(u64::from(expiry) + 7_200).await?;
        let _: AlreadyFixed = stage
            .reverts_with(owner, at, &fix(pool.feed, expiry))
            .await?;
        let price = stage.protocol.chain().read(at, &ask).await?;
        ensure!(price == wad(2_000));
        let late = recordSampleCall {
            feed: stage.btc().feed,
            expiry,
        };
        let _: OutsideWindow = stage.reverts_with(owner, at, &late).await?;
        Ok(())
    });
}

#[test]
fn f_24_a_price_at_the_strike_pays_nothing_zero_is_no_price_and_the_highest_overflows_nothing() {
    on_the_local_node(async |stage| {
        let pool = pool_with(stage, Vec::new()).await?;
        let market = Market::open(stage, pool).await?;
        let (protocol, pool, [near, far]) = (&stage.protocol, &market.pool, stage.expiries);
        let (owner, adapter) = (&stage.owner, protocol.at().adapter);
        let at_the_money = stage.series(pool, near, 2_000, OptionKind::Put).await?;
        stage
            .agree(&market.idle, &market.rescuer, at_the_money, WAD, 0)
            .await?;

        // Zero is no price: sources that say so are invalid, and without a quorum there is no sample.
        stage.warp_to(u64::from(near) - 1_800).await?;
        for venue in &pool.venues {
            let zero = setAnswerCall { answer: I256::ZERO };
            protocol
                .chain()
                .send("zero", owner, venue.source, &zero)
                .await?;
        }
        let sample = recordSampleCall {
            feed: pool.feed,
            expiry: near,
        };
        let _: QuorumLost = stage.reverts_with(owner, adapter, &sample).await?;

        // At the strike nobody owes anything.
        stage.expire_at(pool, near, 2_000 * WAD).await?;
        for trader in [&market.rescuer, &market.idle] {
            protocol.settle(owner, trader.account, near).await?;
        }
        let nothing = IExpirySettlement::claimCall {
            account: market.idle.account,
            expiry: near,
        };
        let _: IExpirySettlement::NothingToClaim = stage
            .reverts_with(owner, protocol.at().settlement, &nothing)
            .await?;

        // The highest price below the feed's bound: ten calls owe 1,980,000 dollars that are not there. Winners get what there is.
        let highest = pool.spot * 100 - 10_u128.pow(10);
        stage.expire_at(pool, far, highest).await?;
        let there = protocol.account_state(market.writer.account).await?.cash;
        let before = protocol.account_state(market.holder.account).await?.cash;
        for trader in [&market.writer, &market.holder] {
            protocol.settle(owner, trader.account, far).await?;
        }
        protocol.claim(owner, market.holder.account, far).await?;
        let after = protocol.account_state(market.holder.account).await?.cash;
        let left = protocol.account_state(market.writer.account).await?.cash;
        ensure!(
            left.is_zero() && after <= before + there,
            "{before} {there} {after} {left}"
        );
        ensure!(
            after + U256::from(USDC) > before + there,
            "the winner gets what there is"
        );
        Ok(())
    });
}
