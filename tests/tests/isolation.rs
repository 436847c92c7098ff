//! What happens in one pool, or to one account, is nothing to the others.

use alloy::primitives::U256;
use anyhow::ensure;
use clearing_math::leg::OptionKind;
use end_to_end::auction_scene::{INSOLVENT, any_bid, auction};
use end_to_end::books::{Books, PoolScope, Scope};
use end_to_end::invariants::{Deed, check_state, check_step};
use end_to_end::{Stage, Trader, USDC, WAD, on_any_node, on_the_local_node};
use novation::bindings::{IClearingHouse, ICollateralVault, IOracleAdapter};

/// Both pools with these accounts and series.
fn scope(stage: &Stage, traders: &[&Trader], series: &[U256]) -> Scope {
    let pool = |pool: &end_to_end::Pool| PoolScope {
        pool: pool.id,
        cash: stage.usdc,
        base: pool.base,
        feed: pool.feed,
    };
    let mut wallets = vec![stage.owner.address()];
    wallets.extend(traders.iter().map(|trader| trader.address()));
    Scope {
        pools: stage.pools.iter().map(pool).collect(),
        accounts: traders.iter().map(|trader| trader.account).collect(),
        wallets,
        series: series.to_vec(),
        closed: Vec::new(),
    }
}

/// A writer and a holder of one BTC call in the second pool, and the series.
async fn neighbours(stage: &Stage) -> anyhow::Result<(Trader, Trader, U256)> {
    let pool = stage.btc();
    let writer = stage
        .funded("neighbour who writes", pool, 40_000 * USDC)
        .await?;
    let holder = stage
        .funded("neighbour who holds", pool, 5_000 * USDC)
        .await?;
    let series = stage
        .series(pool, stage.expiries[0], 60_000, OptionKind::Call)
        .await?;
    stage
        .agree(&holder, &writer, series, WAD, 1_000 * USDC)
        .await?;
    Ok((writer, holder, series))
}

#[test]
fn accounts_and_series_of_two_pools_do_not_trade() {
    on_any_node(async |stage| {
        let (_, stranger, series) = neighbours(stage).await?;
        let local = stage.funded("local", stage.eth(), 10_000 * USDC).await?;
        let terms = stage.terms(&local, &stranger, series, WAD, 0).await?;
        stage
            .protocol
            .approve_trade(&local.signer, local.account, &terms)
            .await?;
        let call = IClearingHouse::tradeCall {
            buyer: terms.buyer,
            seller: terms.seller,
            seriesId: series,
            contracts: U256::from(terms.contracts),
            premium: terms.premium,
            deadline: terms.deadline,
            nonce: terms.nonce,
        };
        let house = stage.protocol.at().clearing_house;
        let error: IClearingHouse::WrongPool =
            stage.reverts_with(&stranger.signer, house, &call).await?;
        ensure!((error.given, error.expected) == (stage.eth().id, stage.btc().id));
        Ok(())
    });
}

#[test]
fn the_base_asset_of_one_pool_is_no_collateral_in_the_other() {
    on_any_node(async |stage| {
        let local = stage.trader("local", stage.eth()).await?;
        let call = ICollateralVault::depositCall {
            account: local.account,
            asset: stage.btc().base,
            assets: U256::from(1),
        };
        let vault = stage.protocol.at().vault;
        let error: ICollateralVault::UnacceptedAsset =
            stage.reverts_with(&local.signer, vault, &call).await?;
        ensure!((error.pool, error.asset) == (stage.eth().id, stage.btc().base));
        Ok(())
    });
}

#[test]
fn nobody_but_the_kernel_moves_balances_and_nobody_but_the_settlement_orders_it_to() {
    on_any_node(async |stage| {
        let (writer, holder, _) = neighbours(stage).await?;
        let steal = ICollateralVault::moveBalanceCall {
            asset: stage.usdc,
            from: writer.account,
            to: holder.account,
            assets: U256::from(1),
        };
        let vault = stage.protocol.at().vault;
        let _: ICollateralVault::NotClearingHouse =
            stage.reverts_with(&holder.signer, vault, &steal).await?;
        let order = IClearingHouse::moveForSettlementCall {
            asset: stage.usdc,
            from: writer.account,
            to: holder.account,
            assets: U256::from(1),
        };
        let house = stage.protocol.at().clearing_house;
        let _: IClearingHouse::NotModule =
            stage.reverts_with(&holder.signer, house, &order).await?;
        Ok(())
    });
}

#[test]
fn an_insolvency_in_one_pool_costs_the_other_pool_nothing() {
    on_any_node(async |stage| {
        stage.insure(stage.btc(), 30_000 * USDC).await?;
        let (writer, holder, series) = neighbours(stage).await?;
        let scene = auction(stage, 20_000 * USDC, INSOLVENT).await?;
        let puts = stage
            .series(stage.eth(), stage.expiries[1], 2_000, OptionKind::Put)
            .await?;
        let everyone = [
            &writer,
            &holder,
            &scene.debtor,
            &scene.holder,
            &scene.bidder,
        ];
        let scope = scope(stage, &everyone, &[series, puts]);
        let before = Books::read(&stage.protocol, &scope).await?;
        check_state(&before)?;
        let bid = any_bid(stage, &scene).await?;
        let done = stage.protocol.bid(&scene.bidder.signer, &bid).await?.value;
        ensure!(
            !done.insurance_payment.is_zero(),
            "the insurance paid nothing: {done:?}"
        );
        let after = Books::read(&stage.protocol, &scope).await?;
        check_state(&after)?;
        let deed = Deed {
            pool: Some(stage.eth().id),
            consenting: vec![scene.bidder.account],
            subject: vec![scene.debtor.account],
            ..Deed::default()
        };
        check_step(&before, &after, &deed)?;
        // Said directly: the other pool's insurance and accounts are what they were.
        let btc = stage.btc().id;
        ensure!(before.insurance[&btc] == after.insurance[&btc]);
        for trader in [&writer, &holder, &scene.holder] {
            ensure!(before.accounts[&trader.account] == after.accounts[&trader.account]);
        }
        Ok(())
    });
}

#[test]
fn a_shortfall_in_one_pool_leaves_the_other_pools_winners_paid_in_full() {
    on_the_local_node(async |stage| {
        let (writer, holder, series) = neighbours(stage).await?;
        let (eth, btc, near) = (stage.eth(), stage.btc(), stage.expiries[0]);
        // Short ten calls, worth 10,000 at expiry, with 4,000 in the account and no insurance.
        let debtor = stage.funded("debtor", eth, 4_000 * USDC).await?;
        let winner = stage.funded("winner", eth, USDC).await?;
        let calls = stage.series(eth, near, 2_000, OptionKind::Call).await?;
        stage.agree(&winner, &debtor, calls, 5 * WAD, 0).await?;
        let opens = u64::from(near) - 1_800;
        for slot in 0..30 {
            stage.warp_to(opens + slot * 60).await?;
            if slot % 10 == 0 {
                stage.set_price(eth, 3_000 * WAD).await?;
                stage.set_price(btc, 63_000 * WAD).await?;
            }
            for pool in [eth, btc] {
                stage
                    .protocol
                    .record_sample(&stage.owner, pool.feed, near)
                    .await?;
            }
        }
        stage.warp_to(u64::from(near)).await?;
        for pool in [eth, btc] {
            stage
                .protocol
                .fix_settlement_price(&stage.owner, pool.feed, near)
                .await?;
        }
        let scope = scope(
            stage,
            &[&writer, &holder, &debtor, &winner],
            &[series, calls],
        );
        let owner = &stage.owner;
        for trader in [&debtor, &winner, &writer, &holder] {
            stage.protocol.settle(owner, trader.account, near).await?;
            check_state(&Books::read(&stage.protocol, &scope).await?)?;
        }
        let short = stage.protocol.group_state(eth.id, near).await?;
        let full = stage.protocol.group_state(btc.id, near).await?;
        ensure!(short.shortfall == U256::from(1_000 * USDC), "{short:?}");
        ensure!(full.shortfall.is_zero(), "{full:?}");
        let paid = stage
            .protocol
            .claim(owner, holder.account, near)
            .await?
            .value;
        ensure!(paid == (U256::from(3_000 * USDC), U256::ZERO), "{paid:?}");
        let paid = stage
            .protocol
            .claim(owner, winner.account, near)
            .await?
            .value;
        ensure!(paid == (U256::from(4_000 * USDC), U256::ZERO), "{paid:?}");
        Ok(())
    });
}

#[test]
fn prices_lost_in_one_pool_do_not_stop_the_other() {
    on_the_local_node(async |stage| {
        let (writer, holder, series) = neighbours(stage).await?;
        let local = stage.funded("local", stage.eth(), 40_000 * USDC).await?;
        let other = stage.funded("other", stage.eth(), 40_000 * USDC).await?;
        stage.warp(7_000).await?;
        stage.set_price(stage.btc(), stage.btc().spot).await?;
        stage
            .publish(stage.btc(), end_to_end::stage::VOLATILITY)
            .await?;
        let call = IOracleAdapter::spotCall {
            feed: stage.eth().feed,
        };
        let adapter = stage.protocol.at().adapter;
        let _: IOracleAdapter::QuorumLost = stage.view_reverts_with(adapter, &call).await?;
        stage
            .agree(&holder, &writer, series, WAD / 10, 100 * USDC)
            .await?;
        let calls = stage
            .series(stage.eth(), stage.expiries[0], 2_000, OptionKind::Call)
            .await?;
        let refused = stage.agree(&local, &other, calls, WAD, 0).await;
        ensure!(refused.is_err(), "new risk without a price");
        Ok(())
    });
}
