//! What the engine refuses, the native crate refuses for the same reason.

use alloy::sol_types::SolValue;
use anyhow::ensure;
use clearing_math::leg::{Leg, OptionKind};
use clearing_math::margin::MarginError;
use end_to_end::on_any_node;
use novation::bindings::{IMarginEngine, IOracleAdapter};
use novation::native_margin::NativeMarginError;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::SEED;
use super::scene::{Portfolio, engine_call, market_of, native, uneven_market};

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
