//! Expiry: the settlement price, who owes, who is owed, who pays when the debtor cannot.

use alloy::primitives::{I256, U256};
use anyhow::ensure;
use clearing_math::leg::OptionKind;
use end_to_end::expiry::{SLOT, WINDOW};
use end_to_end::{Pool, Stage, Trader, USDC, WAD, on_the_local_node};
use novation::bindings::IExpirySettlement::{
    NotExpired, NothingToClaim, NothingToSettle, ShortsUnsettled, claimCall, settleCall,
};
use novation::bindings::{IClearingHouse, IOracleAdapter};

const DAY: u64 = 86_400;

fn settle(who: &Trader, expiry: u32) -> settleCall {
    settleCall {
        account: who.account,
        expiry,
    }
}

fn claim(who: &Trader, expiry: u32) -> claimCall {
    claimCall {
        account: who.account,
        expiry,
    }
}

/// `writer` (with `cash` dollars) is short `contracts` whole calls at 2,000 of the near expiry to `holder`, for nothing.
async fn written(stage: &Stage, cash: u128, contracts: u128) -> anyhow::Result<(Trader, Trader)> {
    let pool = stage.eth();
    let writer = stage.funded("writer", pool, cash * USDC).await?;
    let holder = stage.funded("holder", pool, USDC).await?;
    let series = stage
        .series(pool, stage.expiries[0], 2_000, OptionKind::Call)
        .await?;
    stage
        .agree(&holder, &writer, series, contracts * WAD, 0)
        .await?;
    Ok((writer, holder))
}

/// Records samples at these seconds relative to the expiry, at these prices (dollars).
async fn samples(
    stage: &Stage,
    pool: &Pool,
    expiry: u32,
    prices: &[(i64, u128)],
) -> anyhow::Result<()> {
    for (at, dollars) in prices {
        stage
            .warp_to(u64::from(expiry).saturating_add_signed(*at))
            .await?;
        stage.set_price(pool, dollars * WAD).await?;
        stage
            .protocol
            .record_sample(&stage.owner, pool.feed, expiry)
            .await?;
    }
    Ok(())
}

fn dollars(amount: u128) -> U256 {
    U256::from(amount * USDC)
}

#[test]
fn nothing_is_settled_fixed_or_sampled_early() {
    on_the_local_node(async |stage| {
        let (writer, _) = written(stage, 5_000, 1).await?;
        let (near, at) = (stage.expiries[0], stage.protocol.at());
        let _: NotExpired = stage
            .reverts_with(&stage.owner, at.settlement, &settle(&writer, near))
            .await?;
        let feed = stage.eth().feed;
        let fix = IOracleAdapter::fixSettlementPriceCall { feed, expiry: near };
        let _: IOracleAdapter::NotExpired =
            stage.reverts_with(&stage.owner, at.adapter, &fix).await?;
        let sample = IOracleAdapter::recordSampleCall { feed, expiry: near };
        let error: IOracleAdapter::OutsideWindow = stage
            .reverts_with(&stage.owner, at.adapter, &sample)
            .await?;
        ensure!(error.opens == u64::from(near) - WINDOW, "{error:?}");
        // The last second before the expiry is still too early.
        stage.warp_to(u64::from(near) - 1).await?;
        stage.protocol.chain().set_time(u64::from(near) - 1).await?;
        let _: NotExpired = stage
            .reverts_with(&stage.owner, at.settlement, &settle(&writer, near))
            .await?;
        Ok(())
    });
}

#[test]
fn an_expired_account_is_not_settled_before_the_price_is_fixed() {
    on_the_local_node(async |stage| {
        let (writer, _) = written(stage, 5_000, 1).await?;
        let near = stage.expiries[0];
        stage.warp_to(u64::from(near)).await?;
        let settlement = stage.protocol.at().settlement;
        let error: IOracleAdapter::NotFixed = stage
            .reverts_with(&stage.owner, settlement, &settle(&writer, near))
            .await?;
        ensure!(error.expiry == near);
        Ok(())
    });
}

#[test]
fn an_account_is_settled_and_paid_exactly_once() {
    on_the_local_node(async |stage| {
        let (writer, holder) = written(stage, 5_000, 1).await?;
        let (near, at) = (stage.expiries[0], stage.protocol.at());
        stage.expire_at(stage.eth(), near, 2_500 * WAD).await?;
        let owner = &stage.owner;
        let _: NothingToClaim = stage
            .reverts_with(owner, at.settlement, &claim(&holder, near))
            .await?;
        stage.protocol.settle(owner, holder.account, near).await?;
        let error: ShortsUnsettled = stage
            .reverts_with(owner, at.settlement, &claim(&holder, near))
            .await?;
        ensure!(error.contracts == U256::from(WAD));
        stage.protocol.settle(owner, writer.account, near).await?;
        for who in [&writer, &holder] {
            let _: NothingToSettle = stage
                .reverts_with(owner, at.settlement, &settle(who, near))
                .await?;
        }
        let _: NothingToClaim = stage
            .reverts_with(owner, at.settlement, &claim(&writer, near))
            .await?;
        stage.protocol.claim(owner, holder.account, near).await?;
        let _: NothingToClaim = stage
            .reverts_with(owner, at.settlement, &claim(&holder, near))
            .await?;
        let fix = IOracleAdapter::fixSettlementPriceCall {
            feed: stage.eth().feed,
            expiry: near,
        };
        let _: IOracleAdapter::AlreadyFixed = stage.reverts_with(owner, at.adapter, &fix).await?;
        Ok(())
    });
}

#[test]
fn only_the_settlement_takes_legs_out_or_books_debt() {
    on_the_local_node(async |stage| {
        let (writer, _) = written(stage, 5_000, 1).await?;
        let near = stage.expiries[0];
        stage.warp_to(u64::from(near)).await?;
        let house = stage.protocol.at().clearing_house;
        let account = writer.account;
        let remove = IClearingHouse::removeExpiredLegsCall {
            account,
            expiry: near,
        };
        let _: IClearingHouse::NotModule =
            stage.reverts_with(&writer.signer, house, &remove).await?;
        let lend = IClearingHouse::addDebtCall {
            account,
            assets: U256::from(1),
        };
        let _: IClearingHouse::NotModule = stage.reverts_with(&stage.owner, house, &lend).await?;
        Ok(())
    });
}

#[test]
fn step_1_of_the_ladder_is_the_time_weighted_median_of_the_last_half_hour() {
    on_the_local_node(async |stage| {
        let (pool, near) = (stage.eth(), stage.expiries[0]);
        // Eleven minutes at 1,800, ten at 2,000, nine at 2,300: the middle of the half hour is at 2,000.
        let window = i64::try_from(WINDOW)?;
        let slots: Vec<(i64, u128)> = (0..30)
            .map(|slot| {
                (
                    slot * i64::try_from(SLOT).unwrap_or(60) - window,
                    match slot {
                        0..11 => 1_800,
                        11..21 => 2_000,
                        _ => 2_300,
                    },
                )
            })
            .collect();
        samples(stage, pool, near, &slots).await?;
        stage.warp_to(u64::from(near)).await?;
        let fixed = stage
            .protocol
            .fix_settlement_price(&stage.owner, pool.feed, near)
            .await?;
        ensure!(fixed.value == U256::from(2_000 * WAD), "{}", fixed.value);
        Ok(())
    });
}

#[test]
fn step_2_an_hour_after_expiry_takes_six_samples_and_no_fewer() {
    on_the_local_node(async |stage| {
        let (pool, near) = (stage.eth(), stage.expiries[0]);
        let five = [
            (-1_800, 1_900),
            (-1_000, 1_950),
            (100, 2_000),
            (1_000, 2_050),
            (2_000, 2_100),
        ];
        samples(stage, pool, near, &five).await?;
        let adapter = stage.protocol.at().adapter;
        let fix = IOracleAdapter::fixSettlementPriceCall {
            feed: pool.feed,
            expiry: near,
        };
        let _: IOracleAdapter::InsufficientSamples =
            stage.reverts_with(&stage.owner, adapter, &fix).await?;
        stage.warp_to(u64::from(near) + 3_590).await?;
        stage.set_price(pool, 2_400 * WAD).await?;
        stage
            .protocol
            .record_sample(&stage.owner, pool.feed, near)
            .await?;
        stage.warp_to(u64::from(near) + 3_600).await?;
        let fixed = stage
            .protocol
            .fix_settlement_price(&stage.owner, pool.feed, near)
            .await?;
        // Between the third and the fourth of six.
        ensure!(fixed.value == U256::from(2_025 * WAD), "{}", fixed.value);
        Ok(())
    });
}

#[test]
fn step_4_a_day_after_expiry_takes_the_median_of_that_moment_if_there_is_a_quorum() {
    on_the_local_node(async |stage| {
        let (pool, near) = (stage.eth(), stage.expiries[0]);
        let adapter = stage.protocol.at().adapter;
        let fix = IOracleAdapter::fixSettlementPriceCall {
            feed: pool.feed,
            expiry: near,
        };
        stage.warp_to(u64::from(near) + DAY - 60).await?;
        stage.set_price(pool, 1_700 * WAD).await?;
        let _: IOracleAdapter::InsufficientSamples =
            stage.reverts_with(&stage.owner, adapter, &fix).await?;
        stage.warp_to(u64::from(near) + 2 * DAY).await?;
        let _: IOracleAdapter::QuorumLost = stage.reverts_with(&stage.owner, adapter, &fix).await?;
        stage.set_price(pool, 1_750 * WAD).await?;
        let fixed = stage
            .protocol
            .fix_settlement_price(&stage.owner, pool.feed, near)
            .await?;
        ensure!(fixed.value == U256::from(1_750 * WAD), "{}", fixed.value);
        Ok(())
    });
}

#[test]
fn a_solvent_writer_pays_the_holder_in_full_out_of_his_cash() {
    on_the_local_node(async |stage| {
        let (writer, holder) = written(stage, 5_000, 2).await?;
        let near = stage.expiries[0];
        stage.expire_at(stage.eth(), near, 2_500 * WAD).await?;
        let (protocol, owner) = (&stage.protocol, &stage.owner);
        let owed = protocol.settle(owner, writer.account, near).await?.value;
        ensure!(owed == -I256::try_from(1_000 * USDC)?, "{owed}");
        let won = protocol.settle(owner, holder.account, near).await?.value;
        ensure!(won == I256::try_from(1_000 * USDC)?, "{won}");
        let paid = protocol.claim(owner, holder.account, near).await?.value;
        ensure!(paid == (dollars(1_000), U256::ZERO), "{paid:?}");
        ensure!(protocol.account_state(writer.account).await?.cash == dollars(4_000));
        ensure!(protocol.account_state(holder.account).await?.cash == dollars(1_001));
        ensure!(
            protocol
                .short_interest(stage.eth().id, near)
                .await?
                .is_zero()
        );
        Ok(())
    });
}

#[test]
fn at_the_strike_nobody_owes_anything() {
    on_the_local_node(async |stage| {
        let (writer, holder) = written(stage, 5_000, 2).await?;
        let near = stage.expiries[0];
        stage.expire_at(stage.eth(), near, 2_000 * WAD).await?;
        for who in [&writer, &holder] {
            let net = stage
                .protocol
                .settle(&stage.owner, who.account, near)
                .await?
                .value;
            ensure!(net.is_zero(), "{net}");
        }
        let group = stage.protocol.group_state(stage.eth().id, near).await?;
        ensure!(group.owed.is_zero(), "{group:?}");
        let settlement = stage.protocol.at().settlement;
        let _: NothingToClaim = stage
            .reverts_with(&stage.owner, settlement, &claim(&holder, near))
            .await?;
        Ok(())
    });
}

#[test]
fn a_shortfall_is_paid_by_the_insurance_while_it_lasts() {
    on_the_local_node(async |stage| {
        stage.insure(stage.eth(), 10_000 * USDC).await?;
        let (writer, holder) = written(stage, 2_000, 2).await?;
        let near = stage.expiries[0];
        stage.expire_at(stage.eth(), near, 4_000 * WAD).await?;
        let (protocol, owner, pool) = (&stage.protocol, &stage.owner, stage.eth().id);
        protocol.settle(owner, writer.account, near).await?;
        let group = protocol.group_state(pool, near).await?;
        ensure!(
            group.owed == dollars(4_000) && group.paid_cash == dollars(4_000),
            "{group:?}"
        );
        ensure!(
            group.paid_insurance == dollars(2_000) && group.shortfall.is_zero(),
            "{group:?}"
        );
        ensure!(protocol.insurance_of(pool).await? == dollars(8_000));
        // Nothing else is left to him: nothing to lend against.
        ensure!(protocol.account_state(writer.account).await?.debt.is_zero());
        protocol.settle(owner, holder.account, near).await?;
        let paid = protocol.claim(owner, holder.account, near).await?.value;
        ensure!(paid == (dollars(4_000), U256::ZERO), "{paid:?}");
        Ok(())
    });
}

#[test]
fn what_the_insurance_cannot_pay_is_shared_by_the_winners_pro_rata() {
    on_the_local_node(async |stage| {
        stage.insure(stage.eth(), 500 * USDC).await?;
        let (writer, holder) = written(stage, 2_000, 2).await?;
        let (pool, near) = (stage.eth(), stage.expiries[0]);
        // A second winner with a third of the claims.
        let second = stage.funded("second", pool, USDC).await?;
        let series = stage.series(pool, near, 2_000, OptionKind::Call).await?;
        stage.agree(&second, &writer, series, WAD, 0).await?;
        stage.expire_at(pool, near, 4_000 * WAD).await?;
        let (protocol, owner) = (&stage.protocol, &stage.owner);
        for who in [&holder, &second, &writer] {
            protocol.settle(owner, who.account, near).await?;
        }
        let group = protocol.group_state(pool.id, near).await?;
        ensure!(
            group.owed == dollars(6_000) && group.shortfall == dollars(3_500),
            "{group:?}"
        );
        ensure!(protocol.insurance_of(pool.id).await?.is_zero());
        // 2,500 of 6,000 for credits of 4,000 and 2,000, rounded down.
        for (who, credit) in [(&holder, 4_000), (&second, 2_000)] {
            let paid = protocol.claim(owner, who.account, near).await?.value;
            let due = dollars(credit) * dollars(2_500) / dollars(6_000);
            ensure!(paid == (due, U256::ZERO), "{paid:?}, due {due}");
        }
        Ok(())
    });
}

#[test]
fn a_covered_call_pays_in_the_base_asset_at_the_settlement_price() {
    on_the_local_node(async |stage| {
        let (pool, near) = (stage.eth(), stage.expiries[0]);
        let writer = stage.trader("covered writer", pool).await?;
        stage.deposit(&writer, pool.base, WAD).await?;
        stage.deposit(&writer, stage.usdc, 200 * USDC).await?;
        let holder = stage.funded("holder", pool, USDC).await?;
        let series = stage.series(pool, near, 2_000, OptionKind::Call).await?;
        stage.agree(&holder, &writer, series, WAD, 0).await?;
        stage.expire_at(pool, near, 4_000 * WAD).await?;
        let (protocol, owner) = (&stage.protocol, &stage.owner);
        for who in [&writer, &holder] {
            protocol.settle(owner, who.account, near).await?;
        }
        // Owes 2,000: 200 in cash, 1,800 as 0.45 ETH at 4,000.
        let paid = protocol.claim(owner, holder.account, near).await?.value;
        ensure!(
            paid == (dollars(200), U256::from(WAD / 100 * 45)),
            "{paid:?}"
        );
        let left = protocol.account_state(writer.account).await?;
        ensure!(
            left.cash.is_zero() && left.base == U256::from(WAD / 100 * 55),
            "{left:?}"
        );
        ensure!(
            protocol
                .group_state(pool.id, near)
                .await?
                .shortfall
                .is_zero()
        );
        Ok(())
    });
}

#[test]
fn a_debtor_with_other_positions_owes_the_insurance_and_cannot_withdraw_until_it_is_repaid() {
    on_the_local_node(async |stage| {
        stage.insure(stage.eth(), 10_000 * USDC).await?;
        let (writer, holder) = written(stage, 2_000, 2).await?;
        stage.deposit(&holder, stage.usdc, 500 * USDC).await?;
        let (pool, near) = (stage.eth(), stage.expiries[0]);
        let far = stage
            .series(pool, stage.expiries[1], 3_000, OptionKind::Call)
            .await?;
        stage.agree(&writer, &holder, far, WAD / 10, 0).await?;
        stage.expire_at(pool, near, 4_000 * WAD).await?;
        let (protocol, owner) = (&stage.protocol, &stage.owner);
        protocol.settle(owner, writer.account, near).await?;
        ensure!(protocol.account_state(writer.account).await?.debt == dollars(2_000));
        let withdraw = IClearingHouse::withdrawCall {
            account: writer.account,
            asset: stage.usdc,
            assets: U256::from(1),
            recipient: writer.address(),
        };
        let house = protocol.at().clearing_house;
        let error: IClearingHouse::IndebtedAccount =
            stage.reverts_with(&writer.signer, house, &withdraw).await?;
        ensure!(error.debt == dollars(2_000));
        stage.deposit(&writer, stage.usdc, 2_500 * USDC).await?;
        let repaid = protocol.repay_debt(owner, writer.account).await?.value;
        ensure!(repaid == dollars(2_000));
        ensure!(protocol.insurance_of(pool.id).await? == dollars(10_000));
        protocol
            .chain()
            .send("withdraw", &writer.signer, house, &withdraw)
            .await?;
        Ok(())
    });
}

#[test]
fn payoffs_are_rounded_against_the_account_and_the_dust_stays_in_the_pot() {
    on_the_local_node(async |stage| {
        let (pool, near) = (stage.eth(), stage.expiries[0]);
        let writer = stage.funded("writer", pool, 5_000 * USDC).await?;
        let holder = stage.funded("holder", pool, USDC).await?;
        let series = stage.series(pool, near, 2_000, OptionKind::Call).await?;
        // A third of a contract and a bit: its payoff of 500/3 dollars is no whole number of units.
        stage
            .agree(&holder, &writer, series, WAD / 3 + 1, 0)
            .await?;
        stage.expire_at(pool, near, 2_500 * WAD).await?;
        let (protocol, owner) = (&stage.protocol, &stage.owner);
        let owed = protocol.settle(owner, writer.account, near).await?.value;
        let won = protocol.settle(owner, holder.account, near).await?.value;
        ensure!(
            owed == -I256::try_from(166_666_667)? && won == I256::try_from(166_666_666)?,
            "{owed} {won}"
        );
        let (cash, _) = protocol.claim(owner, holder.account, near).await?.value;
        ensure!(cash <= U256::from(166_666_666), "{cash}");
        let pot = protocol
            .balance_of(novation::ids::pot_bucket(pool.id, near), stage.usdc)
            .await?;
        ensure!(
            pot == U256::from(166_666_667) - cash && pot <= U256::from(2),
            "{pot}"
        );
        Ok(())
    });
}
