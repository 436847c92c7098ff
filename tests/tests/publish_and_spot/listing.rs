//! Listing a feed.

use alloy::primitives::{Address, B256, U256};
use end_to_end::on_any_node;
use end_to_end::stage::VENUES;
use novation::bindings::{IOracleAdapter, IOwnable2Step};
use novation::market::{FeedTerms, deploy_venue};

use super::good;

#[test]
fn feed_listing_reverts_for_everyone_but_the_owner() {
    on_any_node(async |stage| {
        let alice = stage.trader("alice", stage.eth()).await?;
        let at = stage.protocol.at().adapter;
        stage
            .reverts_with::<IOwnable2Step::OwnableUnauthorizedAccount>(
                &alice.signer,
                at,
                &good(stage).call(),
            )
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
                .reverts_with::<IOracleAdapter::BadSourceCount>(&stage.owner, at, &terms.call())
                .await?;
            assert_eq!(error.given, U256::from(count));
            assert_eq!((error.least, error.most), (U256::from(3), U256::from(15)));
        }
        let mut twice = terms.clone();
        twice.sources[4] = twice.sources[0];
        let error = stage
            .reverts_with::<IOracleAdapter::DuplicateOrigin>(&stage.owner, at, &twice.call())
            .await?;
        assert_eq!(error.source, terms.sources[0]);
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
                    &terms.call(),
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
                .reverts_with::<IOracleAdapter::BadSource>(owner, at, &terms.call())
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
            .reverts_with::<IOracleAdapter::FeedExists>(&stage.owner, at, &terms.call())
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
fn everything_reverts_for_an_unknown_feed() {
    on_any_node(async |stage| {
        let at = stage.protocol.at().adapter;
        let feed = B256::repeat_byte(0xee);
        let expiry = stage.expiries[0];
        let evaluate = IOracleAdapter::evaluateCall { feed };
        stage
            .reverts_with::<IOracleAdapter::UnknownFeed>(&stage.owner, at, &evaluate)
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
        let median = IOracleAdapter::medianCall { feed };
        stage
            .view_reverts_with::<IOracleAdapter::UnknownFeed>(at, &median)
            .await?;
        let latest = IOracleAdapter::latestRoundCall { feed };
        stage
            .view_reverts_with::<IOracleAdapter::UnknownFeed>(at, &latest)
            .await?;
        let round = IOracleAdapter::roundCall { feed, id: 1 };
        let unknown = stage
            .view_reverts_with::<IOracleAdapter::UnknownRound>(at, &round)
            .await?;
        assert_eq!((unknown.feed, unknown.id), (feed, 1));
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
