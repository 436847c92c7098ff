//! Listing pools (the owner) and series (anyone), and who owns the registry.

use alloy::primitives::{Address, B256, U256};
use alloy::sol_types::SolCall;
use clearing_math::leg::OptionKind;
use end_to_end::stage::{MAX_TENOR, OPEN_INTEREST_CAP, STRIKE_TICK, strike};
use end_to_end::{Stage, on_any_node, on_the_local_node};
use novation::bindings::{IOwnable2Step, ISeriesFactory};
use novation::ids::series_id;
use novation::market::{PoolTerms, deploy_token};

fn list_pool(terms: &PoolTerms) -> ISeriesFactory::listPoolCall {
    ISeriesFactory::listPoolCall {
        settlementAsset: terms.settlement_asset,
        baseAsset: terms.base_asset,
        feed: terms.feed,
        riskProfile: terms.risk_profile,
        expiryInterval: terms.expiry_interval,
        expiryOffset: terms.expiry_offset,
        maxTenor: terms.max_tenor,
        strikeTick: terms.strike_tick,
        openInterestCap: terms.open_interest_cap,
    }
}

/// Terms that would be accepted.
fn good(stage: &Stage) -> PoolTerms {
    stage.pool_terms(stage.usdc, stage.eth().base, stage.eth().feed)
}

fn list_series(pool: u32, expiry: u32, strike: u64, kind: u8) -> ISeriesFactory::listSeriesCall {
    ISeriesFactory::listSeriesCall {
        pool,
        expiry,
        strike,
        kind,
    }
}

async fn factory<C: SolCall>(stage: &Stage, call: &C) -> anyhow::Result<C::Return> {
    let at = stage.protocol.at().factory;
    Ok(stage.protocol.chain().read(at, call).await?)
}

#[test]
fn pool_listing_reverts_for_everyone_but_the_owner() {
    on_any_node(async |stage| {
        let alice = stage.trader("alice", stage.eth()).await?;
        for signer in [&alice.signer, &stage.guardian] {
            let error = stage
                .reverts_with::<IOwnable2Step::OwnableUnauthorizedAccount>(
                    signer,
                    stage.protocol.at().factory,
                    &list_pool(&good(stage)),
                )
                .await?;
            assert_eq!(error.account, signer.address());
        }
        Ok(())
    });
}

#[test]
fn pool_listing_reverts_for_parameters_just_outside_their_bounds() {
    on_any_node(async |stage| {
        let terms = good(stage);
        let outside = [
            (
                PoolTerms {
                    expiry_interval: 3_599,
                    ..terms
                },
                3_599,
                3_600,
                604_800,
            ),
            (
                PoolTerms {
                    expiry_interval: 604_801,
                    ..terms
                },
                604_801,
                3_600,
                604_800,
            ),
            (
                PoolTerms {
                    expiry_offset: 3_600,
                    ..terms
                },
                3_600,
                0,
                3_599,
            ),
            (
                PoolTerms {
                    max_tenor: 3_599,
                    ..terms
                },
                3_599,
                3_600,
                94_608_000,
            ),
            (
                PoolTerms {
                    max_tenor: 94_608_001,
                    ..terms
                },
                94_608_001,
                3_600,
                94_608_000,
            ),
            (
                PoolTerms {
                    strike_tick: 0,
                    ..terms
                },
                0,
                1,
                u128::from(u64::MAX),
            ),
            (
                PoolTerms {
                    open_interest_cap: 0,
                    ..terms
                },
                0,
                1,
                u128::MAX,
            ),
        ];
        for (terms, given, least, most) in outside {
            let error = stage
                .reverts_with::<ISeriesFactory::ParameterOutOfBounds>(
                    &stage.owner,
                    stage.protocol.at().factory,
                    &list_pool(&terms),
                )
                .await?;
            assert_eq!(
                (error.given, error.least, error.most),
                (U256::from(given), U256::from(least), U256::from(most)),
                "{terms:?}"
            );
        }
        Ok(())
    });
}

#[test]
fn pool_listing_reverts_for_assets_that_are_no_tokens() {
    on_any_node(async |stage| {
        let terms = good(stage);
        let (chain, owner) = (stage.protocol.chain(), &stage.owner);
        let precise = deploy_token(chain, &stage.checkout, owner, "Precise", "P", 19).await?;
        let nobody = Address::repeat_byte(0x99);
        let bad = [
            (
                PoolTerms {
                    settlement_asset: Address::ZERO,
                    ..terms
                },
                Address::ZERO,
            ),
            (
                PoolTerms {
                    settlement_asset: nobody,
                    ..terms
                },
                nobody,
            ),
            (
                PoolTerms {
                    settlement_asset: precise,
                    ..terms
                },
                precise,
            ),
            (
                PoolTerms {
                    base_asset: nobody,
                    ..terms
                },
                nobody,
            ),
            // An account without code, though it was used.
            (
                PoolTerms {
                    base_asset: owner.address(),
                    ..terms
                },
                owner.address(),
            ),
            // A contract that has no decimals.
            (
                PoolTerms {
                    base_asset: stage.protocol.at().vault,
                    ..terms
                },
                stage.protocol.at().vault,
            ),
            (
                PoolTerms {
                    base_asset: stage.usdc,
                    ..terms
                },
                stage.usdc,
            ),
        ];
        for (terms, asset) in bad {
            let factory = stage.protocol.at().factory;
            let error = stage
                .reverts_with::<ISeriesFactory::BadAsset>(owner, factory, &list_pool(&terms))
                .await?;
            assert_eq!(error.asset, asset);
        }
        Ok(())
    });
}

#[test]
fn series_listing_reverts_for_unknown_pools_and_kinds() {
    on_any_node(async |stage| {
        let (at, expiry) = (stage.protocol.at().factory, stage.expiries[1]);
        for pool in [0, 3_000_000_000] {
            let call = list_series(pool, expiry, strike(2_000), 0);
            let error = stage
                .reverts_with::<ISeriesFactory::UnknownPool>(&stage.owner, at, &call)
                .await?;
            assert_eq!(error.pool, pool);
        }
        for kind in [2, 255] {
            let call = list_series(stage.eth().id, expiry, strike(2_000), kind);
            let error = stage
                .reverts_with::<ISeriesFactory::BadKind>(&stage.owner, at, &call)
                .await?;
            assert_eq!(error.kind, kind);
        }
        Ok(())
    });
}

#[test]
fn series_listing_reverts_for_strikes_of_zero_and_off_the_tick() {
    on_any_node(async |stage| {
        let (at, expiry) = (stage.protocol.at().factory, stage.expiries[1]);
        for strike in [0, 1, STRIKE_TICK - 1, strike(2_000) + 1, u64::MAX] {
            let call = list_series(stage.eth().id, expiry, strike, 0);
            let error = stage
                .reverts_with::<ISeriesFactory::BadStrike>(&stage.owner, at, &call)
                .await?;
            assert_eq!((error.strike, error.tick), (strike, STRIKE_TICK));
        }
        Ok(())
    });
}

#[test]
fn series_listing_reverts_for_expiries_past_too_far_and_off_the_grid() {
    on_any_node(async |stage| {
        let at = stage.protocol.at().factory;
        let now = u32::try_from(stage.now().await?)?;
        let hour = |time: u32| time / 3_600 * 3_600;
        let too_far = hour(now + MAX_TENOR) + 3_600;
        for expiry in [0, hour(now), too_far, stage.expiries[1] + 1, u32::MAX] {
            let call = list_series(stage.eth().id, expiry, strike(2_000), 0);
            let error = stage
                .reverts_with::<ISeriesFactory::BadExpiry>(&stage.owner, at, &call)
                .await?;
            assert_eq!(error.expiry, expiry);
            assert!(error.earliest > u64::from(now) && error.latest >= u64::from(now + MAX_TENOR));
        }
        Ok(())
    });
}

#[test]
fn a_series_may_be_listed_until_the_second_before_its_expiry() {
    on_the_local_node(async |stage| {
        let [expiry, _] = stage.expiries;
        let at = stage.protocol.at().factory;
        stage.warp_to(u64::from(expiry)).await?;
        let call = list_series(stage.eth().id, expiry, strike(2_000), 0);
        stage
            .reverts_with::<ISeriesFactory::BadExpiry>(&stage.owner, at, &call)
            .await?;
        // From one hour before the next expiry on it is still on offer.
        let next = expiry + 3_600;
        stage
            .series(stage.eth(), next, 2_000, OptionKind::Call)
            .await?;
        Ok(())
    });
}

#[test]
fn listing_a_series_again_returns_its_id_and_changes_nothing() {
    on_any_node(async |stage| {
        let alice = stage.trader("alice", stage.eth()).await?;
        let (pool, expiry) = (stage.eth().id, stage.expiries[1]);
        let expected = series_id(pool, expiry, strike(2_000), OptionKind::Put);
        let listed = ISeriesFactory::isListedCall { seriesId: expected };
        let count = ISeriesFactory::seriesCountCall { pool };
        assert!(!factory(stage, &listed).await?);
        let first = stage
            .protocol
            .list_series(&alice.signer, pool, expiry, strike(2_000), OptionKind::Put)
            .await?;
        let event = first
            .receipt
            .decoded_log::<ISeriesFactory::SeriesListed>()
            .expect("event");
        assert_eq!(
            (event.seriesId, event.strike, event.kind),
            (expected, strike(2_000), 1)
        );
        let before = (factory(stage, &count).await?, stage.digest().await?);
        let again = stage
            .protocol
            .list_series(&stage.owner, pool, expiry, strike(2_000), OptionKind::Put)
            .await?;
        assert_eq!((first.value, again.value), (expected, expected));
        assert!(again.receipt.logs().is_empty());
        assert_eq!(
            before,
            (factory(stage, &count).await?, stage.digest().await?)
        );
        let last = ISeriesFactory::seriesAtCall {
            pool,
            index: before.0 - U256::from(1),
        };
        assert_eq!(factory(stage, &last).await?, expected);
        Ok(())
    });
}

#[test]
fn a_pool_reads_back_as_it_was_listed() {
    on_any_node(async |stage| {
        let before = factory(stage, &ISeriesFactory::poolCountCall {}).await?;
        // Every field another number, so that none can stand in for another.
        let terms = PoolTerms {
            settlement_asset: stage.usdc,
            base_asset: stage.btc().base,
            feed: B256::repeat_byte(0x5f),
            risk_profile: 5,
            expiry_interval: 86_400,
            expiry_offset: 28_800,
            max_tenor: 94_608_000,
            strike_tick: 12_345,
            open_interest_cap: u128::MAX,
        };
        let pool = stage.protocol.list_pool(&stage.owner, &terms).await?.value;
        assert_eq!(pool, before + 1);
        let assets = factory(stage, &ISeriesFactory::poolAssetsCall { pool }).await?;
        assert_eq!(
            (assets.settlementAsset, assets.settlementDecimals),
            (stage.usdc, 6)
        );
        assert_eq!(
            (assets.baseAsset, assets.baseDecimals),
            (stage.btc().base, 8)
        );
        let risk = factory(stage, &ISeriesFactory::poolRiskCall { pool }).await?;
        assert_eq!((risk.feed, risk.riskProfile), (terms.feed, 5));
        assert_eq!((risk.settlementDecimals, risk.baseDecimals), (6, 8));
        assert_eq!(risk.openInterestCap, u128::MAX);
        let rules = factory(stage, &ISeriesFactory::poolSeriesRulesCall { pool }).await?;
        assert_eq!((rules.expiryInterval, rules.expiryOffset), (86_400, 28_800));
        assert_eq!((rules.maxTenor, rules.strikeTick), (94_608_000, 12_345));
        let unknown = PoolTerms {
            risk_profile: 77,
            ..terms
        };
        let error = stage
            .reverts_with::<ISeriesFactory::UnknownRiskProfile>(
                &stage.owner,
                stage.protocol.at().factory,
                &list_pool(&unknown),
            )
            .await?;
        assert_eq!(error.riskProfile, 77);
        Ok(())
    });
}

#[test]
fn a_pool_without_base_asset_takes_cash_alone() {
    on_any_node(async |stage| {
        let terms = PoolTerms {
            base_asset: Address::ZERO,
            ..good(stage)
        };
        let pool = stage.protocol.list_pool(&stage.owner, &terms).await?.value;
        let assets = factory(stage, &ISeriesFactory::poolAssetsCall { pool }).await?;
        assert_eq!((assets.baseAsset, assets.baseDecimals), (Address::ZERO, 0));
        let risk = factory(stage, &ISeriesFactory::poolRiskCall { pool }).await?;
        assert_eq!(risk.openInterestCap, OPEN_INTEREST_CAP);
        Ok(())
    });
}

#[test]
fn views_revert_for_pools_and_series_that_do_not_exist() {
    on_any_node(async |stage| {
        let (at, pool) = (stage.protocol.at().factory, u32::MAX);
        stage
            .view_reverts_with::<ISeriesFactory::UnknownPool>(
                at,
                &ISeriesFactory::poolAssetsCall { pool },
            )
            .await?;
        stage
            .view_reverts_with::<ISeriesFactory::UnknownPool>(
                at,
                &ISeriesFactory::poolRiskCall { pool },
            )
            .await?;
        stage
            .view_reverts_with::<ISeriesFactory::UnknownPool>(
                at,
                &ISeriesFactory::poolSeriesRulesCall { pool },
            )
            .await?;
        for index in [U256::from(1_000), U256::MAX] {
            let call = ISeriesFactory::seriesAtCall {
                pool: stage.eth().id,
                index,
            };
            let error = stage
                .view_reverts_with::<ISeriesFactory::IndexOutOfBounds>(at, &call)
                .await?;
            assert_eq!(error.index, index);
        }
        Ok(())
    });
}

#[test]
fn ownership_passes_in_two_steps() {
    on_any_node(async |stage| {
        let heir = stage.trader("heir", stage.eth()).await?;
        let (chain, at) = (stage.protocol.chain(), stage.protocol.at());
        for contract in [at.factory, at.adapter] {
            let offer = IOwnable2Step::transferOwnershipCall {
                newOwner: heir.address(),
            };
            stage
                .reverts_with::<IOwnable2Step::OwnableUnauthorizedAccount>(
                    &heir.signer,
                    contract,
                    &offer,
                )
                .await?;
            chain.send("offer", &stage.owner, contract, &offer).await?;
            // An offer alone gives no power, and nobody else may take it.
            assert_eq!(
                chain.read(contract, &IOwnable2Step::ownerCall {}).await?,
                stage.owner.address()
            );
            let accept = IOwnable2Step::acceptOwnershipCall {};
            stage
                .reverts_with::<IOwnable2Step::OwnableUnauthorizedAccount>(
                    &stage.guardian,
                    contract,
                    &accept,
                )
                .await?;
            chain
                .send("accept", &heir.signer, contract, &accept)
                .await?;
            assert_eq!(
                chain.read(contract, &IOwnable2Step::ownerCall {}).await?,
                heir.address()
            );
            stage
                .reverts_with::<IOwnable2Step::OwnableUnauthorizedAccount>(
                    &stage.owner,
                    contract,
                    &offer,
                )
                .await?;
            // Back, for other tests on a node that has no snapshots.
            let back = IOwnable2Step::transferOwnershipCall {
                newOwner: stage.owner.address(),
            };
            chain.send("offer", &heir.signer, contract, &back).await?;
            chain
                .send("accept", &stage.owner, contract, &accept)
                .await?;
        }
        Ok(())
    });
}
