//! Feeds: listing, volatilities, and the median of venues that are late, lie or break.

use alloy::primitives::{Address, B256, I256, U256, keccak256};
use alloy::sol_types::SolCall;
use end_to_end::stage::{MAX_AGE, VENUES, VOLATILITY, VOLATILITY_AGE};
use end_to_end::{Pool, Stage, WAD, on_any_node, on_the_local_node};
use novation::bindings::{IOracleAdapter, IOwnable2Step, IPriceAggregator};
use novation::market::{FeedTerms, Venue, deploy_venue};

/// Statuses of a source, as in `IOracleAdapter.sol`.
const VALID: u8 = 0;
const CALL_FAILED: u8 = 1;
const NOT_POSITIVE: u8 = 2;
const BAD_TIMESTAMP: u8 = 3;
const STALE: u8 = 4;
const OUT_OF_BOUNDS: u8 = 5;
const DECIMALS_CHANGED: u8 = 6;

fn list_feed(terms: &FeedTerms) -> IOracleAdapter::listFeedCall {
    IOracleAdapter::listFeedCall {
        feed: terms.feed,
        sources: terms.sources.clone(),
        maxAges: vec![terms.max_age; terms.sources.len()],
        minPrice: terms.min_price,
        maxPrice: terms.max_price,
        quorum: terms.quorum,
    }
}

/// Terms over the ETH venues that would be accepted under another id.
fn good(stage: &Stage) -> FeedTerms {
    let feed = keccak256("another feed");
    stage.feed_terms(feed, &stage.eth().venues, stage.eth().spot)
}

/// A venue answers anything, with any time.
async fn answer(stage: &Stage, venue: Venue, answer: I256, at: U256) -> anyhow::Result<()> {
    let call = IPriceAggregator::setAnswerAtCall {
        answer,
        updatedAt: at,
    };
    stage
        .protocol
        .chain()
        .send("answer", &stage.owner, venue.source, &call)
        .await?;
    Ok(())
}

async fn status(stage: &Stage, pool: &Pool, index: u8) -> anyhow::Result<u8> {
    let call = IOracleAdapter::sourceStatusCall {
        feed: pool.feed,
        index,
    };
    let at = stage.protocol.at().adapter;
    Ok(stage.protocol.chain().read(at, &call).await?.status)
}

async fn adapter<C: SolCall>(stage: &Stage, call: &C) -> anyhow::Result<C::Return> {
    let at = stage.protocol.at().adapter;
    Ok(stage.protocol.chain().read(at, call).await?)
}

#[test]
fn feed_listing_reverts_for_everyone_but_the_owner() {
    on_any_node(async |stage| {
        let alice = stage.trader("alice", stage.eth()).await?;
        let at = stage.protocol.at().adapter;
        stage
            .reverts_with::<IOwnable2Step::OwnableUnauthorizedAccount>(
                &alice.signer,
                at,
                &list_feed(&good(stage)),
            )
            .await?;
        let named = IOracleAdapter::setPublisherCall {
            feed: stage.eth().feed,
            publisher: alice.address(),
            maxAge: 1,
        };
        stage
            .reverts_with::<IOwnable2Step::OwnableUnauthorizedAccount>(&alice.signer, at, &named)
            .await?;
        Ok(())
    });
}

#[test]
fn feed_listing_reverts_for_too_few_too_many_or_repeated_sources() {
    on_any_node(async |stage| {
        let at = stage.protocol.at().adapter;
        let terms = good(stage);
        for count in [0, 2, 16] {
            let sources = terms.sources.iter().copied().cycle().take(count).collect();
            let terms = FeedTerms {
                sources,
                ..terms.clone()
            };
            let error = stage
                .reverts_with::<IOracleAdapter::BadSourceCount>(
                    &stage.owner,
                    at,
                    &list_feed(&terms),
                )
                .await?;
            assert_eq!(error.given, U256::from(count));
            assert_eq!((error.least, error.most), (U256::from(3), U256::from(15)));
        }
        let mut twice = terms.clone();
        twice.sources[4] = twice.sources[0];
        let error = stage
            .reverts_with::<IOracleAdapter::DuplicateOrigin>(&stage.owner, at, &list_feed(&twice))
            .await?;
        assert_eq!(error.source, terms.sources[0]);
        let mut call = list_feed(&terms);
        call.maxAges.pop();
        let error = stage
            .reverts_with::<IOracleAdapter::LengthMismatch>(&stage.owner, at, &call)
            .await?;
        assert_eq!((error.first, error.second), (U256::from(5), U256::from(4)));
        Ok(())
    });
}

#[test]
fn feed_listing_reverts_for_parameters_outside_their_bounds() {
    on_any_node(async |stage| {
        let at = stage.protocol.at().adapter;
        let terms = good(stage);
        let most = U256::from(10).pow(U256::from(36));
        for terms in [
            FeedTerms {
                max_age: 0,
                ..terms.clone()
            },
            FeedTerms {
                max_age: 172_801,
                ..terms.clone()
            },
            FeedTerms {
                quorum: 6,
                ..terms.clone()
            },
            FeedTerms {
                max_price: U256::ZERO,
                ..terms.clone()
            },
            FeedTerms {
                max_price: most + U256::from(1),
                ..terms.clone()
            },
            FeedTerms {
                max_price: U256::MAX,
                ..terms.clone()
            },
            FeedTerms {
                min_price: terms.max_price,
                ..terms.clone()
            },
        ] {
            stage
                .reverts_with::<IOracleAdapter::ParameterOutOfBounds>(
                    &stage.owner,
                    at,
                    &list_feed(&terms),
                )
                .await?;
        }
        Ok(())
    });
}

#[test]
fn feed_listing_reverts_for_sources_without_a_valid_answer() {
    on_any_node(async |stage| {
        let at = stage.protocol.at().adapter;
        let owner = &stage.owner;
        let high = U256::from(stage.eth().spot * 1_000);
        let absurd = deploy_venue(
            stage.protocol.chain(),
            &stage.checkout,
            owner,
            "absurd",
            8,
            high,
        )
        .await?;
        // No code, no aggregator, a price out of bounds.
        for source in [Address::repeat_byte(0x42), stage.usdc, absurd.source] {
            let mut terms = good(stage);
            terms.sources[2] = source;
            let error = stage
                .reverts_with::<IOracleAdapter::BadSource>(owner, at, &list_feed(&terms))
                .await?;
            assert_eq!(error.source, source);
        }
        Ok(())
    });
}

#[test]
fn a_listed_feed_never_changes() {
    on_any_node(async |stage| {
        let at = stage.protocol.at().adapter;
        let terms = FeedTerms {
            feed: stage.eth().feed,
            ..good(stage)
        };
        let error = stage
            .reverts_with::<IOracleAdapter::FeedExists>(&stage.owner, at, &list_feed(&terms))
            .await?;
        assert_eq!(error.feed, stage.eth().feed);
        Ok(())
    });
}

#[test]
fn a_quorum_below_the_majority_is_raised_to_it() {
    on_any_node(async |stage| {
        let terms = FeedTerms {
            quorum: 0,
            ..good(stage)
        };
        let sent = stage.protocol.list_feed(&stage.owner, &terms).await?;
        let event = sent
            .receipt
            .decoded_log::<IOracleAdapter::FeedListed>()
            .expect("event");
        assert_eq!((event.sources, event.quorum), (5, 3));
        Ok(())
    });
}

#[test]
fn publishing_reverts_for_everyone_but_the_publisher() {
    on_any_node(async |stage| {
        let alice = stage.trader("alice", stage.eth()).await?;
        let at = stage.protocol.at().adapter;
        let feed = stage.eth().feed;
        let call = IOracleAdapter::publishVolatilityCall {
            feed,
            expiries: vec![stage.expiries[0]],
            volatilities: vec![VOLATILITY],
        };
        let error = stage
            .reverts_with::<IOracleAdapter::NotPublisher>(&alice.signer, at, &call)
            .await?;
        assert_eq!(error.caller, alice.address());
        // With nobody named, not even the owner publishes.
        stage
            .protocol
            .set_publisher(&stage.owner, feed, Address::ZERO, VOLATILITY_AGE)
            .await?;
        stage
            .reverts_with::<IOracleAdapter::NotPublisher>(&stage.owner, at, &call)
            .await?;
        Ok(())
    });
}

#[test]
fn publishing_reverts_as_a_whole_for_one_bad_volatility() {
    on_any_node(async |stage| {
        let at = stage.protocol.at().adapter;
        let [near, far] = stage.expiries;
        for bad in [
            0,
            9_999_999_999_999_999,
            18_000_000_000_000_000_001,
            u64::MAX,
        ] {
            let call = IOracleAdapter::publishVolatilityCall {
                feed: stage.eth().feed,
                expiries: vec![near, far],
                volatilities: vec![VOLATILITY + 1, bad],
            };
            let error = stage
                .reverts_with::<IOracleAdapter::BadVolatility>(&stage.owner, at, &call)
                .await?;
            assert_eq!((error.expiry, error.given), (far, bad));
        }
        let call = IOracleAdapter::publishVolatilityCall {
            feed: stage.eth().feed,
            expiries: vec![near, far],
            volatilities: vec![VOLATILITY],
        };
        stage
            .reverts_with::<IOracleAdapter::LengthMismatch>(&stage.owner, at, &call)
            .await?;
        for max_age in [0, 604_801] {
            let call = IOracleAdapter::setPublisherCall {
                feed: stage.eth().feed,
                publisher: stage.owner.address(),
                maxAge: max_age,
            };
            stage
                .reverts_with::<IOracleAdapter::ParameterOutOfBounds>(&stage.owner, at, &call)
                .await?;
        }
        Ok(())
    });
}

#[test]
fn everything_reverts_for_an_unknown_feed() {
    on_any_node(async |stage| {
        let at = stage.protocol.at().adapter;
        let feed = B256::repeat_byte(0xee);
        let expiry = stage.expiries[0];
        let publish = IOracleAdapter::publishVolatilityCall {
            feed,
            expiries: Vec::new(),
            volatilities: Vec::new(),
        };
        stage
            .reverts_with::<IOracleAdapter::UnknownFeed>(&stage.owner, at, &publish)
            .await?;
        let sample = IOracleAdapter::recordSampleCall { feed, expiry };
        stage
            .reverts_with::<IOracleAdapter::UnknownFeed>(&stage.owner, at, &sample)
            .await?;
        let fix = IOracleAdapter::fixSettlementPriceCall { feed, expiry };
        stage
            .reverts_with::<IOracleAdapter::UnknownFeed>(&stage.owner, at, &fix)
            .await?;
        stage
            .view_reverts_with::<IOracleAdapter::UnknownFeed>(
                at,
                &IOracleAdapter::spotCall { feed },
            )
            .await?;
        let data = IOracleAdapter::marketDataCall {
            feed,
            expiries: vec![expiry],
        };
        stage
            .view_reverts_with::<IOracleAdapter::UnknownFeed>(at, &data)
            .await?;
        let price = IOracleAdapter::settlementPriceCall { feed, expiry };
        stage
            .view_reverts_with::<IOracleAdapter::UnknownFeed>(at, &price)
            .await?;
        let index = IOracleAdapter::sourceStatusCall {
            feed: stage.eth().feed,
            index: VENUES,
        };
        stage
            .view_reverts_with::<IOracleAdapter::IndexOutOfBounds>(at, &index)
            .await?;
        Ok(())
    });
}

#[test]
fn a_published_volatility_reads_back_with_its_time() {
    on_any_node(async |stage| {
        let [near, far] = stage.expiries;
        let feed = stage.eth().feed;
        let lowest_and_highest = [
            (near, 10_000_000_000_000_000),
            (far, 18_000_000_000_000_000_000),
        ];
        stage
            .protocol
            .publish_volatility(&stage.owner, feed, &lowest_and_highest)
            .await?;
        let now = stage.now().await?;
        for (expiry, value) in lowest_and_highest {
            let call = IOracleAdapter::volatilityCall { feed, expiry };
            let published = adapter(stage, &call).await?;
            assert_eq!((published.value, published.updatedAt), (value, now));
        }
        let data = IOracleAdapter::marketDataCall {
            feed,
            expiries: vec![far, near + 1, near],
        };
        let data = adapter(stage, &data).await?;
        // In the order asked for; zero where there is none.
        assert_eq!(
            data.volatilities,
            [18_000_000_000_000_000_000, 0, 10_000_000_000_000_000]
        );
        assert!(!data.degraded);
        Ok(())
    });
}

#[test]
fn a_stale_volatility_keeps_its_value_and_degrades_the_data() {
    on_the_local_node(async |stage| {
        let pool = stage.eth();
        let [near, _] = stage.expiries;
        let call = IOracleAdapter::marketDataCall {
            feed: pool.feed,
            expiries: vec![near],
        };
        let published = IOracleAdapter::volatilityCall {
            feed: pool.feed,
            expiry: near,
        };
        let published = adapter(stage, &published).await?.updatedAt;
        // Prices printed on the way, so that only the volatility grows old.
        stage
            .warp_to(published + u64::from(VOLATILITY_AGE) - 60)
            .await?;
        stage.set_price(pool, pool.spot).await?;
        assert!(!adapter(stage, &call).await?.degraded);
        stage
            .warp_to(published + u64::from(VOLATILITY_AGE) + 1)
            .await?;
        let data = adapter(stage, &call).await?;
        assert_eq!((data.volatilities[0], data.degraded), (VOLATILITY, true));
        Ok(())
    });
}

#[test]
fn spot_is_the_median_with_its_band_and_oldest_time() {
    on_the_local_node(async |stage| {
        let pool = stage.eth();
        stage.warp(100).await?;
        let oldest = stage.now().await?;
        for (venue, dollars) in [(0, 2_005), (1, 1_990), (2, 2_001), (3, 1_999), (4, 2_020)] {
            stage.print(pool, venue, dollars * WAD).await?;
            stage.warp(10).await?;
        }
        let spot = stage.protocol.spot(pool.feed).await?;
        assert_eq!(spot.mid, U256::from(2_001 * WAD));
        assert!(spot.low <= spot.mid && spot.mid <= spot.high);
        assert!(spot.low >= U256::from(1_990 * WAD) && spot.high <= U256::from(2_020 * WAD));
        assert_eq!((spot.valid, spot.sources), (VENUES, VENUES));
        assert!((oldest..oldest + 5).contains(&spot.updatedAt));
        Ok(())
    });
}

#[test]
fn one_lying_venue_moves_the_median_no_further_than_to_its_neighbour() {
    on_any_node(async |stage| {
        let pool = stage.eth();
        for (venue, dollars) in [(0, 1_998), (1, 1_999), (2, 2_000), (3, 2_001), (4, 2_002)] {
            stage.print(pool, venue, dollars * WAD).await?;
        }
        for lie in [
            pool.spot * 65 / 100,
            pool.spot / 50,
            pool.spot * 3,
            pool.spot * 99,
        ] {
            stage.print(pool, 2, lie).await?;
            let mid = stage.protocol.spot(pool.feed).await?.mid;
            assert!(
                mid >= U256::from(1_999 * WAD) && mid <= U256::from(2_001 * WAD),
                "{mid}"
            );
        }
        // Two of five: still between honest prices.
        stage.print(pool, 0, pool.spot * 90).await?;
        let mid = stage.protocol.spot(pool.feed).await?.mid;
        assert!(
            mid >= U256::from(1_999 * WAD) && mid <= U256::from(2_002 * WAD),
            "{mid}"
        );
        Ok(())
    });
}

#[test]
fn bad_answers_are_left_out_and_named() {
    on_any_node(async |stage| {
        let pool = stage.eth();
        let venue = pool.venues[0];
        let now = U256::from(stage.now().await?);
        let fair = I256::try_from(2_000_00000000_u64)?;
        let (one, dust) = (I256::ONE, I256::MINUS_ONE);
        // The feed's bounds, 20 and 200,000 dollars, in the venue's 8 decimals.
        let (least, most) = (2_000_000_000_u64, 20_000_000_000_000_u64);
        let nanoseconds = now * U256::from(1_000_000_000);
        for (print, at, expected) in [
            (I256::ZERO, now, NOT_POSITIVE),
            (dust, now, NOT_POSITIVE),
            (I256::MIN, now, NOT_POSITIVE),
            (fair, U256::ZERO, BAD_TIMESTAMP),
            (fair, now + U256::from(1_000), BAD_TIMESTAMP),
            (fair, nanoseconds, BAD_TIMESTAMP),
            (fair, U256::MAX, BAD_TIMESTAMP),
            (fair, now - U256::from(u64::from(MAX_AGE) + 100), STALE),
            (I256::try_from(least)?, now, OUT_OF_BOUNDS),
            (I256::try_from(most)?, now, OUT_OF_BOUNDS),
            (one, now, OUT_OF_BOUNDS),
            (I256::MAX, now, OUT_OF_BOUNDS),
            (I256::try_from(least + 1)?, now, VALID),
            (I256::try_from(most - 1)?, now, VALID),
            (fair, now + U256::from(30), VALID),
        ] {
            answer(stage, venue, print, at).await?;
            assert_eq!(status(stage, pool, 0).await?, expected, "{print} at {at}");
            let spot = stage.protocol.spot(pool.feed).await?;
            let valid = VENUES - u8::from(expected != VALID);
            assert_eq!(
                (spot.valid, spot.mid),
                (valid, U256::from(pool.spot)),
                "{print} at {at}"
            );
        }
        Ok(())
    });
}

#[test]
fn an_answer_counts_up_to_its_greatest_age_and_not_a_second_longer() {
    on_the_local_node(async |stage| {
        let pool = stage.eth();
        let printed = stage.now().await? + 1_000;
        stage.warp_to(printed - 1).await?;
        let fair = I256::try_from(2_000_00000000_u64)?;
        answer(stage, pool.venues[0], fair, U256::from(printed)).await?;
        stage.warp_to(printed + u64::from(MAX_AGE)).await?;
        assert_eq!(status(stage, pool, 0).await?, VALID);
        stage.warp_to(printed + u64::from(MAX_AGE) + 1).await?;
        assert_eq!(status(stage, pool, 0).await?, STALE);
        Ok(())
    });
}

#[test]
fn changed_decimals_quarantine_a_source_until_they_are_back() {
    on_any_node(async |stage| {
        let pool = stage.eth();
        let chain = stage.protocol.chain();
        for (decimals, expected) in [
            (18, DECIMALS_CHANGED),
            (7, DECIMALS_CHANGED),
            (255, DECIMALS_CHANGED),
            (8, VALID),
        ] {
            let call = IPriceAggregator::setDecimalsCall { decimals };
            chain
                .send("decimals", &stage.owner, pool.venues[1].source, &call)
                .await?;
            assert_eq!(status(stage, pool, 1).await?, expected);
            let mid = stage.protocol.spot(pool.feed).await?.mid;
            assert_eq!(mid, U256::from(pool.spot));
        }
        Ok(())
    });
}

#[test]
fn a_source_that_vanishes_reverts_or_answers_nonsense_is_left_out() {
    on_the_local_node(async |stage| {
        use alloy::providers::Provider;
        let pool = stage.eth();
        let provider = stage.protocol.chain().provider();
        let codes: [(&str, &str); 6] = [
            ("gone", "0x"),
            ("reverts", "0x5f5ffd"),
            ("invalid opcode burns all gas", "0xfe"),
            ("loops for ever", "0x5b5f56"),
            ("answers 31 bytes", "0x601f5ff3"),
            ("answers a megabyte", "0x620f42405ff3"),
        ];
        for (what, code) in codes {
            let address = pool.venues[3].source;
            let _: serde_json::Value = provider
                .raw_request("anvil_setCode".into(), (address, code))
                .await?;
            let spot = stage.protocol.spot(pool.feed).await?;
            assert_eq!(
                (spot.valid, spot.mid),
                (VENUES - 1, U256::from(pool.spot)),
                "{what}"
            );
            // A megabyte of zeros is an answer of zeros with zero decimals: not ours, either way.
            let status = status(stage, pool, 3).await?;
            assert!(
                status == CALL_FAILED || status == DECIMALS_CHANGED,
                "{what}: {status}"
            );
        }
        Ok(())
    });
}

#[test]
fn spot_reverts_below_the_quorum() {
    on_any_node(async |stage| {
        let pool = stage.eth();
        let at = stage.protocol.at().adapter;
        for venue in 0..3_usize {
            answer(
                stage,
                pool.venues[venue],
                I256::ZERO,
                U256::from(stage.now().await?),
            )
            .await?;
            if venue < 2 {
                assert_eq!(
                    usize::from(stage.protocol.spot(pool.feed).await?.valid),
                    4 - venue
                );
            }
        }
        let error = stage
            .view_reverts_with::<IOracleAdapter::QuorumLost>(
                at,
                &IOracleAdapter::spotCall { feed: pool.feed },
            )
            .await?;
        assert_eq!((error.valid, error.needed), (U256::from(2), U256::from(3)));
        Ok(())
    });
}

#[test]
fn the_median_depends_on_the_gas_supplied_in_no_other_way_than_by_reverting() {
    on_any_node(async |stage| {
        use alloy::network::TransactionBuilder;
        use alloy::providers::Provider;
        use alloy::rpc::types::TransactionRequest;
        use alloy::sol_types::SolError;
        let pool = stage.eth();
        let call = IOracleAdapter::spotCall { feed: pool.feed };
        let mut refused = 0_u32;
        for gas in (30_000..600_000).step_by(15_000) {
            let request = TransactionRequest::default()
                .with_to(stage.protocol.at().adapter)
                .with_input(call.abi_encode())
                .with_gas_limit(gas);
            match stage.protocol.chain().provider().call(request).await {
                Ok(answer) => {
                    let spot = IOracleAdapter::spotCall::abi_decode_returns(&answer)?;
                    assert_eq!(
                        (spot.mid, spot.valid),
                        (U256::from(pool.spot), VENUES),
                        "{gas} gas"
                    );
                }
                Err(error) => {
                    // Out of gas before the first source, or the typed refusal; never another price.
                    let data = error
                        .as_error_resp()
                        .and_then(|payload| payload.as_revert_data());
                    let typed = IOracleAdapter::InsufficientGasForSource::SELECTOR;
                    match data {
                        Some(data) if !data.is_empty() => {
                            assert!(data.starts_with(&typed), "{gas} gas: {data}");
                            refused += 1;
                        }
                        _ => assert!(gas < 100_000, "{gas} gas: {error}"),
                    }
                }
            }
        }
        assert!(refused > 3, "the typed refusal was seen {refused} times");
        Ok(())
    });
}
