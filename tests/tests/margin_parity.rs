//! The deployed engine and the native crate calculate the same margin, to the last digit: keepers and liquidators may rely on either.

use alloy::primitives::{B256, I256, U256};
use alloy::rpc::types::BlockId;
use alloy::sol_types::SolValue;
use anyhow::{Context, ensure};
use clearing_math::leg::{Leg, OptionKind};
use clearing_math::margin::{MarginError, Requirement};
use end_to_end::{Pool, Stage, USDC, WAD, on_any_node};
use novation::bindings::{IMarginEngine, IOracleAdapter, IRiskLens};
use novation::native_margin::{self, Market, NativeMarginError, PoolFacts};
use rand::Rng;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// Portfolios compared in each pool.
const PORTFOLIOS: usize = 80;
/// Most legs of an account.
const MOST_LEGS: usize = 32;
/// Most legs the engine takes.
const ENGINE_LEGS: usize = 128;
const DAY: u32 = 86_400;
const SEED: u64 = 0x6d61_7267_696e;

/// A portfolio as the engine is asked for it.
#[derive(Clone, Debug)]
struct Portfolio {
    legs: Vec<Leg>,
    /// Settlement token units, negative for debt.
    cash: i128,
    /// Base token units.
    base: u128,
}

/// Volatilities of eight expiries, from tomorrow to two years, and venues that do not agree: the adverse band has a width.
async fn uneven_market(
    stage: &Stage,
    pool: &Pool,
    rng: &mut ChaCha8Rng,
) -> anyhow::Result<Vec<u32>> {
    let now = stage.protocol.chain().time().await?;
    let start = u32::try_from(now)? / DAY * DAY;
    let expiries: Vec<u32> = [1, 2, 7, 14, 30, 90, 365, 730]
        .iter()
        .map(|days| start + days * DAY + 28_800)
        .collect();
    // Every live expiry of the publisher, rising, and total variance rising with it: anything else is refused.
    let mut published = [&expiries[..], &stage.expiries].concat();
    published.sort_unstable();
    published.dedup();
    let mut least = 0.0;
    let volatilities: Vec<(u32, u64)> = published
        .into_iter()
        .map(|expiry| {
            let years = f64::from(expiry - u32::try_from(now).unwrap_or(expiry)) / 31_536_000.0;
            let volatility = f64::from(rng.random_range(20..180)) / 100.0;
            let volatility = volatility.max((least / years).sqrt() * 1.001);
            least = volatility * volatility * years;
            (expiry, (volatility * 1e18) as u64)
        })
        .collect();
    stage
        .protocol
        .publish_volatility(&stage.owner, pool.feed, &volatilities)
        .await?;
    let spot = stage.protocol.spot(pool.feed).await?.mid;
    for venue in &pool.venues {
        let price = spot * U256::from(rng.random_range(9_960..10_040_u32)) / U256::from(10_000);
        stage
            .protocol
            .set_venue_price(&stage.owner, *venue, price)
            .await?;
    }
    Ok(expiries)
}

fn random_portfolio(
    rng: &mut ChaCha8Rng,
    count: usize,
    expiries: &[u32],
    spot: u128,
    now: u64,
) -> Portfolio {
    let mut legs: Vec<Leg> = (0..count)
        .map(|_| {
            let expired = rng.random_range(0..20) == 0;
            let expiry = if expired {
                u32::try_from(now).unwrap_or(u32::MAX) - rng.random_range(0..DAY)
            } else {
                expiries[rng.random_range(0..expiries.len())]
            };
            // From a tenth of the spot to ten times it; most are near.
            let percent: u128 = match rng.random_range(0..10) {
                0 => rng.random_range(10..50),
                1 => rng.random_range(200..1_000),
                _ => rng.random_range(60..160),
            };
            let strike = spot / 10_000_000_000 * percent / 100;
            let kind = if rng.random() {
                OptionKind::Call
            } else {
                OptionKind::Put
            };
            // From a dust of 1e-18 to ten thousand contracts.
            let digits = rng.random_range(1..=22);
            let size = rng.random_range(1..10_i128.pow(digits));
            let contracts = if rng.random() { size } else { -size };
            Leg {
                expiry,
                strike: u64::try_from(strike.max(1)).unwrap_or(u64::MAX),
                kind,
                contracts,
            }
        })
        .collect();
    // The engine takes a series once.
    let mut seen = std::collections::BTreeSet::new();
    legs.retain(|leg| seen.insert(leg.to_word()[..16].to_vec()));
    let digits = rng.random_range(1..=15);
    let cash = rng.random_range(0..10_i128.pow(digits));
    Portfolio {
        legs,
        cash: if rng.random_range(0..4) == 0 {
            -cash
        } else {
            cash
        },
        base: if rng.random() {
            rng.random_range(0..10_u128.pow(21))
        } else {
            0
        },
    }
}

fn engine_call(pool: u32, portfolio: &Portfolio) -> anyhow::Result<IMarginEngine::marginCall> {
    Ok(IMarginEngine::marginCall {
        pool,
        legs: portfolio
            .legs
            .iter()
            .map(|leg| B256::from(leg.to_word()))
            .collect(),
        cash: I256::try_from(portfolio.cash)?,
        base: U256::from(portfolio.base),
    })
}

fn native(
    facts: &PoolFacts,
    market: &Market,
    portfolio: &Portfolio,
) -> Result<Requirement, MarginError> {
    let scale = 10_i128.pow(18 - u32::from(facts.settlement_decimals));
    let cash = portfolio
        .cash
        .checked_mul(scale)
        .ok_or(MarginError::Overflow)?;
    native_margin::requirement_of(
        facts,
        market,
        &portfolio.legs,
        cash,
        U256::from(portfolio.base),
    )
}

/// Asks both, and says whether the market was degraded.
async fn compare(
    stage: &Stage,
    facts: &PoolFacts,
    market: &Market,
    portfolio: &Portfolio,
) -> anyhow::Result<()> {
    let engine = stage.protocol.at().engine;
    let deployed = stage
        .protocol
        .chain()
        .read(engine, &engine_call(facts.pool, portfolio)?)
        .await?;
    let here = native(facts, market, portfolio).map_err(|error| {
        anyhow::anyhow!("native: {error:?}, deployed: {deployed:?}, {portfolio:?}")
    })?;
    let there = Requirement {
        initial: i128::try_from(deployed.initial)?,
        maintenance: i128::try_from(deployed.maintenance)?,
        mark: i128::try_from(deployed.mark)?,
        worst_scenario: deployed.worstScenario,
    };
    ensure!(
        here == there,
        "native {here:?} ≠ deployed {there:?} for {portfolio:?} in {market:?}"
    );
    ensure!(deployed.degraded == market.degraded, "degraded differs");
    Ok(())
}

async fn market_of(
    stage: &Stage,
    pool: &Pool,
    expiries: &[u32],
) -> anyhow::Result<(PoolFacts, Market)> {
    let facts = native_margin::pool_facts(&stage.protocol, pool.id).await?;
    let now = stage.protocol.chain().time().await?;
    let market =
        native_margin::market(&stage.protocol, pool.feed, expiries, BlockId::latest(), now).await?;
    Ok((facts, market))
}

fn is_overflow(error: &NativeMarginError) -> bool {
    matches!(
        error,
        NativeMarginError::Margin(MarginError::Overflow | MarginError::LegOverflow { leg: 0 })
    )
}

#[test]
fn an_unknown_volatility_is_refused_by_both_with_the_same_expiry() {
    on_any_node(async |stage| {
        let pool = stage.eth();
        let mut rng = ChaCha8Rng::seed_from_u64(SEED);
        let expiries = uneven_market(stage, pool, &mut rng).await?;
        let unknown = expiries[0] + 3_600;
        // A market without a term for the expiry: the live surface has a volatility for every one.
        let asked = [expiries[0]];
        let (facts, market) = market_of(stage, pool, &asked).await?;
        let live = IOracleAdapter::marketDataCall {
            feed: pool.feed,
            expiries: asked.to_vec(),
        };
        let adapter = stage.protocol.at().adapter;
        let live = stage.protocol.chain().read(adapter, &live).await?;
        let leg = Leg {
            expiry: unknown,
            strike: 200_000_000_000,
            kind: OptionKind::Put,
            contracts: -1,
        };
        let portfolio = Portfolio {
            legs: vec![leg],
            cash: 0,
            base: 0,
        };
        let plain = engine_call(pool.id, &portfolio)?;
        let call = IMarginEngine::marginAtCall {
            pool: plain.pool,
            legs: plain.legs,
            cash: plain.cash,
            base: plain.base,
            marketData: live.abi_encode().into(),
        };
        let error: IMarginEngine::MissingVolatility = stage
            .view_reverts_with(stage.protocol.at().engine, &call)
            .await?;
        ensure!(error.expiry == unknown);
        let here = native(&facts, &market, &portfolio);
        ensure!(here == Err(MarginError::MissingTerm { leg: 0 }), "{here:?}");
        Ok(())
    });
}

#[test]
fn amounts_beyond_the_calculations_range_are_refused_by_both() {
    on_any_node(async |stage| {
        let pool = stage.eth();
        let mut rng = ChaCha8Rng::seed_from_u64(SEED);
        let expiries = uneven_market(stage, pool, &mut rng).await?;
        let (facts, market) = market_of(stage, pool, &expiries).await?;
        let engine = stage.protocol.at().engine;
        let leg = Leg {
            expiry: expiries[3],
            strike: u64::MAX,
            kind: OptionKind::Put,
            contracts: i128::MAX,
        };
        let huge = [
            Portfolio {
                legs: vec![leg],
                cash: 0,
                base: 0,
            },
            Portfolio {
                legs: vec![],
                cash: i128::MAX / 1_000,
                base: 0,
            },
            Portfolio {
                legs: vec![],
                cash: 0,
                base: u128::MAX,
            },
        ];
        for portfolio in huge {
            let call = engine_call(pool.id, &portfolio)?;
            if portfolio.legs.is_empty() {
                let _: IMarginEngine::Overflow = stage.view_reverts_with(engine, &call).await?;
            } else {
                let leg: IMarginEngine::LegOverflow =
                    stage.view_reverts_with(engine, &call).await?;
                ensure!(leg.index.is_zero());
            }
            let here = native(&facts, &market, &portfolio).map_err(NativeMarginError::Margin);
            ensure!(
                here.as_ref().is_err_and(is_overflow),
                "native: {here:?} for {portfolio:?}"
            );
        }
        Ok(())
    });
}

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
