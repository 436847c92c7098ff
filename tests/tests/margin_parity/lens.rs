//! The lens answers what the native functions calculate.

use alloy::primitives::{B256, I256, U256};
use anyhow::ensure;
use clearing_math::leg::{Leg, OptionKind};
use end_to_end::{USDC, WAD, on_any_node};
use novation::bindings::IRiskLens;
use novation::native_margin::{self, Market};

use super::scene::market_of;

#[test]
fn the_lens_answers_what_the_native_functions_calculate() {
    on_any_node(async |stage| {
        let pool = stage.eth();
        let (lens, chain) = (stage.protocol.at().lens, stage.protocol.chain());
        let buyer = stage.funded("lens buyer", pool, 1_000_000 * USDC).await?;
        let seller = stage.funded("lens seller", pool, 3_000 * USDC).await?;
        let expiry = stage.expiries[1];
        let series = stage.series(pool, expiry, 1_900, OptionKind::Put).await?;
        stage
            .agree(&buyer, &seller, series, 3 * WAD, 100 * USDC)
            .await?;
        let (facts, market) = market_of(stage, pool, &[expiry]).await?;
        let state = stage.protocol.account_state(seller.account).await?;
        let here = native_margin::requirement(&facts, &market, &state)
            .map_err(|error| anyhow::anyhow!("{error:?}"))?;
        let account = seller.account;
        let there = chain
            .read(lens, &IRiskLens::marginOfCall { account })
            .await?;
        ensure!(
            i128::try_from(there.initial)? == here.initial,
            "{there:?} {here:?}"
        );
        ensure!(i128::try_from(there.maintenance)? == here.maintenance);
        let health = IRiskLens::healthOfCall {
            accounts: vec![account, buyer.account],
        };
        let health = chain.read(lens, &health).await?;
        ensure!(
            health.len() == 2 && health[0].initial == there.initial,
            "{health:?}"
        );
        ensure!(health.iter().all(|one| one.failure.is_zero()));

        // Price, and the volatility that price implies.
        let price = chain
            .read(lens, &IRiskLens::priceCall { seriesId: series })
            .await?;
        let greeks = chain
            .read(lens, &IRiskLens::greeksCall { seriesId: series })
            .await?;
        ensure!(price.delta == greeks.delta && price.delta.is_negative());
        let implied = IRiskLens::impliedVolatilityCall {
            seriesId: series,
            value: price.mark,
        };
        let implied = chain.read(lens, &implied).await?;
        let off = implied.abs_diff(greeks.volatility);
        ensure!(
            off < U256::from(1_000_000),
            "{implied} {}",
            greeks.volatility
        );
        let risk = chain
            .read(lens, &IRiskLens::greeksOfCall { account })
            .await?;
        ensure!(risk.expiries.len() == 1 && risk.expiries[0].expiry == expiry);
        ensure!(
            risk.total.delta.is_positive(),
            "short puts are long the spot"
        );

        // Nothing more may be withdrawn than the lens says, and not less.
        let asset = stage.usdc;
        let most = chain
            .read(lens, &IRiskLens::maxWithdrawCall { account, asset })
            .await?;
        let free = u128::try_from(here.initial)? / 1_000_000_000_000;
        ensure!(
            most == U256::from(free.min(state.cash.to())),
            "{most} {free}"
        );

        // At the prices found the account is liquidatable, a little before them it is not.
        let prices = chain
            .read(lens, &IRiskLens::liquidationPriceCall { account })
            .await?;
        ensure!(prices.above == U256::MAX, "{prices:?}");
        let maintenance = |spot: u128| {
            let moved = Market {
                mid: spot,
                low: spot,
                high: spot,
                ..market.clone()
            };
            let found = native_margin::requirement(&facts, &moved, &state);
            found.map(|found| found.maintenance)
        };
        let below: u128 = prices.below.to();
        ensure!(0 < below && below < market.mid, "{prices:?}");
        ensure!(maintenance(below).is_ok_and(|balance| balance < 0));
        ensure!(maintenance(below + below / 100_000_000).is_ok_and(|balance| balance >= 0));

        // The largest sale leaves a margin, and one a thousandth larger does not.
        let call = IRiskLens::maxTradeCall {
            account,
            seriesId: series,
            buys: false,
        };
        let most: u128 = chain.read(lens, &call).await?.to();
        ensure!(most > WAD, "{most}");
        for (contracts, passes) in [(most, true), (most + most / 1_000, false)] {
            // Token units, rounded down: 1e30 is a contract and a WAD of 6 decimals.
            let premium = price.mark * U256::from(contracts) / U256::from(10).pow(U256::from(30));
            let leg = Leg {
                expiry,
                strike: end_to_end::stage::strike(1_900),
                kind: OptionKind::Put,
                contracts: -i128::try_from(contracts)?,
            };
            let with = IRiskLens::marginWithCall {
                account,
                extraLegs: vec![B256::from(leg.to_word())],
                cashChange: I256::from_raw(premium),
            };
            let with = chain.read(lens, &with).await?;
            ensure!(with.initial.is_negative() != passes, "{contracts} {with:?}");
        }
        Ok(())
    });
}
