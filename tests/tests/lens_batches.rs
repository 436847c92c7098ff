//! Searches and batches of the deployed lens: the native twins' answers to the digit, each item of a batch the answer alone, and what fails fails alone.

use alloy::primitives::{B256, FixedBytes, I256, U256};
use alloy::rpc::types::BlockId;
use alloy::sol_types::SolError;
use anyhow::ensure;
use clearing_math::leg::{Leg, OptionKind};
use end_to_end::stage::strike;
use end_to_end::{Pool, Stage, Trader, USDC, WAD, on_any_node};
use novation::bindings::IRiskLens::{self, BadLeg, BadSeries, SeriesExpired, WrongPool};
use novation::bindings::ISeriesFactory::{UnknownPool, poolRiskCall};
use novation::native_lens::{self, Asset, Trade};
use novation::native_margin::{self, Market, PoolFacts};

const NONE: FixedBytes<4> = FixedBytes::ZERO;

/// Short a put and a call, long another call, with cash and base asset; the market as the latest block has it.
struct Scene<'a> {
    stage: &'a Stage,
    pool: &'a Pool,
    seller: Trader,
    /// Legs of the seller's series, sizes zero, and their ids.
    series: Vec<(U256, Leg)>,
    facts: PoolFacts,
    market: Market,
}

impl<'a> Scene<'a> {
    async fn open(stage: &'a Stage) -> anyhow::Result<Self> {
        let pool = stage.eth();
        let buyer = stage.funded("batch buyer", pool, 1_000_000 * USDC).await?;
        let seller = stage.funded("batch seller", pool, 500 * USDC).await?;
        stage.deposit(&seller, pool.base, 3 * WAD).await?;
        let [near, far] = stage.expiries;
        let mut series = Vec::new();
        for (expiry, dollars, kind, sells) in [
            (far, 1_900, OptionKind::Put, true),
            (near, 2_050, OptionKind::Call, true),
            (far, 2_300, OptionKind::Call, false),
        ] {
            let id = stage.series(pool, expiry, dollars, kind).await?;
            let (long, short) = if sells {
                (&buyer, &seller)
            } else {
                (&seller, &buyer)
            };
            stage.agree(long, short, id, WAD / 2 + 7, 20 * USDC).await?;
            let leg = Leg {
                expiry,
                strike: strike(dollars),
                kind,
                contracts: 0,
            };
            series.push((id, leg));
        }
        let facts = native_margin::pool_facts(&stage.protocol, pool.id).await?;
        let now = stage.protocol.chain().time().await?;
        let latest = BlockId::latest();
        let market =
            native_margin::market(&stage.protocol, pool.feed, &[near, far], latest, now).await?;
        Ok(Self {
            stage,
            pool,
            seller,
            series,
            facts,
            market,
        })
    }

    async fn ask<C: alloy::sol_types::SolCall>(&self, call: &C) -> anyhow::Result<C::Return> {
        let lens = self.stage.protocol.at().lens;
        Ok(self.stage.protocol.chain().read(lens, call).await?)
    }
}

fn said<T, E: std::fmt::Debug>(answer: Result<T, E>) -> anyhow::Result<T> {
    answer.map_err(|error| anyhow::anyhow!("{error:?}"))
}

#[test]
fn searches_are_the_native_ones_to_the_unit() {
    on_any_node(async |stage| {
        let scene = Scene::open(stage).await?;
        let (account, facts, market) = (scene.seller.account, &scene.facts, &scene.market);
        let state = stage.protocol.account_state(account).await?;
        for (asset, kind) in [
            (stage.usdc, Asset::Settlement),
            (scene.pool.base, Asset::Base),
        ] {
            let here = said(native_lens::max_withdraw(facts, market, &state, kind))?;
            let call = IRiskLens::maxWithdrawCall { account, asset };
            let there = scene.ask(&call).await?;
            ensure!(there == U256::from(here), "{kind:?}: {there} {here}");
            ensure!(here > 0, "{kind:?}");
        }
        let risk = poolRiskCall {
            pool: scene.pool.id,
        };
        let factory = stage.protocol.at().factory;
        let cap = stage
            .protocol
            .chain()
            .read(factory, &risk)
            .await?
            .openInterestCap;
        for (series_id, leg) in &scene.series {
            let mark = said(native_lens::price(market, leg))?.quotation.value;
            for buys in [true, false] {
                let trade = Trade {
                    series: *leg,
                    mark: mark.unsigned_abs(),
                    buys,
                    cap,
                };
                let here = said(native_lens::max_trade(facts, market, &state, &trade))?;
                let call = IRiskLens::maxTradeCall {
                    account,
                    seriesId: *series_id,
                    buys,
                };
                let there = scene.ask(&call).await?;
                ensure!(there == U256::from(here), "{trade:?}: {there} {here}");
            }
        }
        let here = said(native_lens::liquidation_prices(facts, market, &state))?;
        let there = scene
            .ask(&IRiskLens::liquidationPriceCall { account })
            .await?;
        ensure!([there.below, there.above] == here, "{there:?} {here:?}");
        ensure!(!there.below.is_zero(), "short puts fall with the spot");
        Ok(())
    });
}

#[test]
fn every_item_of_a_batch_is_the_answer_alone_and_what_fails_fails_alone() {
    on_any_node(async |stage| {
        let scene = Scene::open(stage).await?;
        let (account, asset) = (scene.seller.account, stage.usdc);
        let [(good, _), (other, _), _] = scene.series[..] else {
            anyhow::bail!("three series");
        };
        let expired =
            novation::ids::series_id(scene.pool.id, 86_400, strike(2_000), OptionKind::Put);
        let elsewhere = novation::ids::series_id(
            stage.btc().id,
            stage.expiries[1],
            strike(2_000),
            OptionKind::Put,
        );

        // Prices and implied volatilities.
        let ids = vec![good, U256::MAX, other, expired];
        let call = IRiskLens::pricesOfCall {
            seriesIds: ids.clone(),
        };
        let prices = scene.ask(&call).await?;
        let failures: Vec<_> = prices.iter().map(|item| item.failure).collect();
        let (bad, passed) = (BadSeries::SELECTOR.into(), SeriesExpired::SELECTOR.into());
        ensure!(failures == [NONE, bad, NONE, passed], "{failures:?}");
        for (item, id) in prices
            .iter()
            .zip(&ids)
            .filter(|(item, _)| item.failure == NONE)
        {
            let alone = scene.ask(&IRiskLens::greeksCall { seriesId: *id }).await?;
            ensure!((item.delta, item.volga) == (alone.delta, alone.volga));
            ensure!((item.volatility, item.forward) == (alone.volatility, alone.forward));
        }
        let marks: Vec<_> = prices.iter().map(|item| item.mark).collect();
        let call = IRiskLens::impliedVolatilityOfCall {
            seriesIds: ids.clone(),
            values: marks.clone(),
        };
        for ((item, id), mark) in scene.ask(&call).await?.iter().zip(&ids).zip(&marks) {
            if *id == good || *id == other {
                let call = IRiskLens::impliedVolatilityCall {
                    seriesId: *id,
                    value: *mark,
                };
                ensure!((item.failure, item.volatility) == (NONE, scene.ask(&call).await?));
            } else {
                ensure!(item.failure != NONE && item.volatility.is_zero());
            }
        }

        // Alternatives of one account.
        let leg = Leg {
            contracts: -1_000_000_000_000_000,
            ..scene.series[0].1
        };
        let alternatives = [
            Vec::new(),
            vec![B256::from(leg.to_word())],
            vec![B256::ZERO],
        ];
        let cash = I256::try_from(5_000_000)?;
        let call = IRiskLens::marginWithManyCall {
            account,
            extraLegs: alternatives.to_vec(),
            cashChanges: vec![cash; 3],
        };
        let margins = scene.ask(&call).await?;
        for (item, extra) in margins.iter().zip(&alternatives[..2]) {
            let call = IRiskLens::marginWithCall {
                account,
                extraLegs: extra.clone(),
                cashChange: cash,
            };
            let alone = scene.ask(&call).await?;
            ensure!((item.failure, item.initial) == (NONE, alone.initial));
            ensure!((item.maintenance, item.mark) == (alone.maintenance, alone.mark));
        }
        ensure!(margins[0].initial > margins[1].initial);
        ensure!(margins[2].failure == FixedBytes::from(BadLeg::SELECTOR));

        // Searches.
        let nobody = U256::from(u32::MAX) << 64;
        let unknown: FixedBytes<4> = UnknownPool::SELECTOR.into();
        let accounts = vec![account, nobody];
        let call = IRiskLens::maxWithdrawOfCall {
            accounts: accounts.clone(),
            asset,
        };
        let most = scene.ask(&call).await?;
        let alone = scene
            .ask(&IRiskLens::maxWithdrawCall { account, asset })
            .await?;
        ensure!((most[0].failure, most[0].most) == (NONE, alone));
        ensure!(most[1].failure == unknown, "{most:?}");
        let prices = scene
            .ask(&IRiskLens::liquidationPriceOfCall { accounts })
            .await?;
        let alone = scene
            .ask(&IRiskLens::liquidationPriceCall { account })
            .await?;
        ensure!((prices[0].below, prices[0].above) == (alone.below, alone.above));
        ensure!(prices[1].failure == unknown, "{prices:?}");
        let call = IRiskLens::maxTradeOfCall {
            account,
            seriesIds: vec![good, elsewhere, U256::MAX],
            buys: false,
        };
        let most = scene.ask(&call).await?;
        let call = IRiskLens::maxTradeCall {
            account,
            seriesId: good,
            buys: false,
        };
        ensure!((most[0].failure, most[0].most) == (NONE, scene.ask(&call).await?));
        let failures = [most[1].failure, most[2].failure];
        ensure!(
            failures == [WrongPool::SELECTOR.into(), bad],
            "{failures:?}"
        );
        Ok(())
    });
}
