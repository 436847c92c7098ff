//! The deployed engine and the native crate calculate the same margin, to the last digit: keepers and liquidators may rely on either.

mod lens;
mod refusals;
mod scene;

use alloy::primitives::U256;
use anyhow::{Context, ensure};
use clearing_math::leg::{Leg, OptionKind};
use end_to_end::{WAD, on_any_node};
use rand::Rng;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use self::scene::{Portfolio, compare, market_of, random_portfolio, uneven_market};

/// Portfolios compared in each pool.
const PORTFOLIOS: usize = 80;
/// Most legs of an account.
const MOST_LEGS: usize = 32;
/// Most legs the engine takes.
const ENGINE_LEGS: usize = 128;
const SEED: u64 = 0x6d61_7267_696e;

#[test]
fn random_portfolios_have_the_same_margin_deployed_and_native_to_the_last_digit() {
    on_any_node(async |stage| {
        let mut rng = ChaCha8Rng::seed_from_u64(SEED);
        println!("seed {SEED:#x}");
        for pool in [stage.eth(), stage.btc()] {
            let expiries = uneven_market(stage, pool, &mut rng).await?;
            let (facts, market) = market_of(stage, pool, &expiries).await?;
            ensure!(
                market.low < market.mid && market.mid < market.high,
                "the band has no width: {market:?}"
            );
            for index in 0..PORTFOLIOS {
                // Every number of legs up to the most, and a few as long as the engine allows.
                let count = if index % 16 == 15 {
                    rng.random_range(33..=ENGINE_LEGS)
                } else {
                    1 + index % MOST_LEGS
                };
                let portfolio =
                    random_portfolio(&mut rng, count, &expiries, market.mid, market.now);
                compare(stage, &facts, &market, &portfolio)
                    .await
                    .with_context(|| format!("portfolio {index}"))?;
            }
        }
        Ok(())
    });
}

#[test]
fn collateral_without_legs_has_the_same_margin_deployed_and_native() {
    on_any_node(async |stage| {
        for pool in [stage.eth(), stage.btc()] {
            let (facts, market) = market_of(stage, pool, &[]).await?;
            for (cash, base) in [
                (0, 0),
                (1, 0),
                (-1, 0),
                (0, 1),
                (12_345_678, WAD + 1),
                (-999_999_999, 3),
            ] {
                let portfolio = Portfolio {
                    legs: vec![],
                    cash,
                    base,
                };
                compare(stage, &facts, &market, &portfolio).await?;
            }
        }
        Ok(())
    });
}

#[test]
fn a_degraded_market_has_the_same_margin_deployed_and_native_and_both_say_so() {
    on_any_node(async |stage| {
        let pool = stage.eth();
        let mut rng = ChaCha8Rng::seed_from_u64(SEED + 1);
        let expiries = uneven_market(stage, pool, &mut rng).await?;
        let spot = stage.protocol.spot(pool.feed).await?.mid;
        // Every second venue 6 % away: the band is wider than 2 %.
        for (index, venue) in pool.venues.iter().enumerate() {
            let percent = if index % 2 == 0 { 100 } else { 94 };
            let price = spot * U256::from(percent) / U256::from(100);
            stage
                .protocol
                .set_venue_price(&stage.owner, *venue, price)
                .await?;
        }
        let (facts, market) = market_of(stage, pool, &expiries).await?;
        ensure!(market.degraded, "not degraded: {market:?}");
        for count in 1..=8 {
            let portfolio = random_portfolio(&mut rng, count, &expiries, market.mid, market.now);
            compare(stage, &facts, &market, &portfolio).await?;
        }
        Ok(())
    });
}

#[test]
fn the_comparison_notices_a_price_that_is_one_unit_away() {
    on_any_node(async |stage| {
        let pool = stage.eth();
        let mut rng = ChaCha8Rng::seed_from_u64(SEED + 2);
        let expiries = uneven_market(stage, pool, &mut rng).await?;
        let (facts, mut market) = market_of(stage, pool, &expiries).await?;
        // A thousand contracts: a wrong last digit of the price is seen in the last three of the balance.
        let leg = Leg {
            expiry: expiries[4],
            strike: 100_000_000,
            kind: OptionKind::Call,
            contracts: 1_000 * WAD as i128,
        };
        let portfolio = Portfolio {
            legs: vec![leg],
            cash: 0,
            base: 0,
        };
        compare(stage, &facts, &market, &portfolio).await?;
        market.mid += 1;
        let noticed = compare(stage, &facts, &market, &portfolio).await;
        ensure!(noticed.is_err(), "a wrong price went unnoticed");
        Ok(())
    });
}
