//! F-19 and F-20 (refusals): the typed error, and the smile that was there stays.

use alloy::primitives::{Address, U256};
use clearing_math::surface::{MAX_SLOPE, MOST_VOLATILITY, PublishedSmile, UNIT};
use end_to_end::on_any_node;
use novation::bindings::IVolatilitySurface::{
    BadTerm, BadVolatility, DuplicateOrigin, FeedExists, FutureTimestamp, IndexOutOfBounds,
    InvalidSmile, LengthMismatch, NotPublisher, NotYetEffective, ParameterOutOfBounds,
    TooManyExpiries, UnknownFeed, UnsortedExpiries, VolatilityJump, listSurfaceCall,
    publishVolatilityCall, replacePublisherCall, volatilityCall,
};

use super::{CEILING, MAX_AGE, SKEW, expiries, flat, list, publication, publish, stored, word};

#[test]
fn f_19_smiles_with_arbitrage_or_out_of_range_are_refused_and_the_previous_ones_kept() {
    on_any_node(async |stage| {
        let owner = &stage.owner;
        let feed = list(stage, vec![owner.address()]).await?;
        let at = stage.protocol.at().surface;
        let [near, far] = stage.expiries;
        publish(
            stage,
            owner,
            &publication(feed, 0, vec![flat(60, near), flat(60, far)]),
        )
        .await?;
        let before = [
            stored(stage, feed, 0, near).await?,
            stored(stage, feed, 0, far).await?,
        ];
        let skew = PublishedSmile {
            expiry: far,
            ..SKEW
        };
        let one = UNIT as i64;
        // Parameters, the code of the refusal, and the expiry it names.
        let cases = [
            (
                PublishedSmile {
                    b: MAX_SLOPE + 1,
                    ..skew
                },
                1,
                far,
            ),
            // A negative b in two's complement.
            (
                PublishedSmile {
                    b: (1 << 40) - 1,
                    ..skew
                },
                1,
                far,
            ),
            (PublishedSmile { rho: one, ..skew }, 2, far),
            (PublishedSmile { rho: -one, ..skew }, 2, far),
            (
                PublishedSmile {
                    m: 8 * one + 1,
                    ..skew
                },
                3,
                far,
            ),
            (PublishedSmile { sigma: 0, ..skew }, 4, far),
            // w(k) < 0 in the dip, with variance at the forward.
            (
                PublishedSmile {
                    a: -130_000_000,
                    m: 400_000_000,
                    sigma: 100_000_000,
                    ..skew
                },
                7,
                far,
            ),
            (
                PublishedSmile {
                    b: 40 * UNIT,
                    ..skew
                },
                8,
                far,
            ),
            // Butterfly.
            (
                PublishedSmile {
                    a: 1_000_000,
                    b: 5 * UNIT,
                    sigma: 5_000_000,
                    rho: -900_000_000,
                    ..skew
                },
                9,
                far,
            ),
            // The later smile below the stored earlier one: in level, and in a wing.
            (
                PublishedSmile {
                    a: 1_000_000,
                    b: 0,
                    sigma: UNIT,
                    ..skew
                },
                11,
                far,
            ),
            (
                PublishedSmile {
                    a: 6_000_000_000,
                    b: 0,
                    expiry: near,
                    ..skew
                },
                11,
                far,
            ),
            (
                PublishedSmile {
                    a: 200_000_000,
                    expiry: near,
                    ..skew
                },
                10,
                far,
            ),
        ];
        for (smile, code, expiry) in cases {
            let call = publication(feed, 0, vec![word(smile)]);
            let error = stage.reverts_with::<InvalidSmile>(owner, at, &call).await?;
            assert_eq!((error.code, error.expiry), (code, expiry), "{smile:?}");
            let kept = [
                stored(stage, feed, 0, near).await?,
                stored(stage, feed, 0, far).await?,
            ];
            assert_eq!(kept, before);
        }
        // One bad smile refuses the good one beside it.
        let bad = PublishedSmile { rho: one, ..skew };
        let call = publication(feed, 0, vec![flat(61, near), word(bad)]);
        stage.reverts_with::<InvalidSmile>(owner, at, &call).await?;
        publish(stage, owner, &publication(feed, 0, vec![word(skew)])).await?;
        Ok(())
    });
}

#[test]
fn f_20_volatilities_of_zero_and_above_the_cap_are_refused() {
    on_any_node(async |stage| {
        let owner = &stage.owner;
        let feed = list(stage, vec![owner.address()]).await?;
        let at = stage.protocol.at().surface;
        let [near, far] = stage.expiries;
        for given in [0, 9_999_999_999_999_999, MOST_VOLATILITY + 1, u64::MAX] {
            let call = publishVolatilityCall {
                feed,
                expiries: vec![near, far],
                volatilities: vec![CEILING, given],
            };
            let error = stage
                .reverts_with::<BadVolatility>(owner, at, &call)
                .await?;
            assert_eq!((error.expiry, error.given), (far, given));
        }
        for (a, zero) in [
            (0, true),
            (-1, true),
            (99_999, false),
            (324_000_000_001, false),
            (500_000_000_000, false),
        ] {
            let smile = PublishedSmile {
                a,
                b: 0,
                expiry: near,
                ..SKEW
            };
            let call = publication(feed, 0, vec![word(smile)]);
            let error = stage
                .reverts_with::<BadVolatility>(owner, at, &call)
                .await?;
            assert_eq!((error.expiry, error.given == 0), (near, zero));
        }
        assert!(expiries(stage, feed, 0).await?.is_empty());
        Ok(())
    });
}

#[test]
fn every_other_refusal_of_a_publication_is_typed_and_changes_nothing() {
    on_any_node(async |stage| {
        let owner = &stage.owner;
        let feed = list(stage, vec![owner.address(), Address::repeat_byte(7)]).await?;
        let at = stage.protocol.at().surface;
        let [near, far] = stage.expiries;
        let good = publication(feed, 0, vec![flat(60, near)]);
        let other = stage.trader("no publisher", stage.eth()).await?;
        let error = stage
            .reverts_with::<NotPublisher>(&other.signer, at, &good)
            .await?;
        assert_eq!(error.caller, other.address());
        // Not in the place of another publisher either.
        let call = publication(feed, 1, vec![flat(60, near)]);
        stage.reverts_with::<NotPublisher>(owner, at, &call).await?;
        let call = publication(feed, 2, vec![flat(60, near)]);
        let error = stage
            .reverts_with::<IndexOutOfBounds>(owner, at, &call)
            .await?;
        assert_eq!((error.index, error.length), (U256::from(2), U256::from(2)));
        let call = publication(!feed, 0, vec![flat(60, near)]);
        assert_eq!(
            stage
                .reverts_with::<UnknownFeed>(owner, at, &call)
                .await?
                .feed,
            !feed
        );
        let call = publication(feed, 0, vec![flat(60, far), flat(60, near)]);
        let error = stage
            .reverts_with::<UnsortedExpiries>(owner, at, &call)
            .await?;
        assert_eq!((error.previous, error.next), (far, near));
        let many = (0..17).map(|hours| flat(60, far + hours * 3_600)).collect();
        let error = stage
            .reverts_with::<TooManyExpiries>(owner, at, &publication(feed, 0, many))
            .await?;
        assert_eq!((error.given, error.most), (U256::from(17), U256::from(16)));
        let future = PublishedSmile {
            expiry: near,
            published_at: near - 1,
            ..SKEW
        };
        let call = publication(feed, 0, vec![word(future)]);
        let error = stage
            .reverts_with::<FutureTimestamp>(owner, at, &call)
            .await?;
        assert_eq!(error.timestamp, u64::from(near - 1));
        let mut call = good.clone();
        call.terms = vec![alloy::primitives::Uint::from(10_001)];
        assert_eq!(
            stage
                .reverts_with::<BadTerm>(owner, at, &call)
                .await?
                .expiry,
            near
        );
        call.terms = vec![alloy::primitives::Uint::ZERO; 2];
        stage
            .reverts_with::<LengthMismatch>(owner, at, &call)
            .await?;
        assert!(expiries(stage, feed, 0).await?.is_empty());
        let price = U256::from(1);
        let asked = volatilityCall {
            feed,
            expiry: near,
            forward: price,
            strike: price,
        };
        stage
            .view_reverts_with::<novation::bindings::IVolatilitySurface::MissingVolatility>(
                at, &asked,
            )
            .await?;
        publish(stage, owner, &good).await?;
        Ok(())
    });
}

#[test]
fn listing_and_replacing_are_the_owners_within_bounds_and_after_the_delay() {
    on_any_node(async |stage| {
        let owner = &stage.owner;
        let feed = list(stage, vec![owner.address()]).await?;
        let at = stage.protocol.at().surface;
        let listing = |feed, publishers, age| listSurfaceCall {
            feed,
            publishers,
            quorum: 0,
            maxAge: age,
            ceiling: CEILING,
            maxChangeBps: 0,
        };
        let one = || vec![owner.address()];
        let call = listing(feed, one(), MAX_AGE);
        stage.reverts_with::<FeedExists>(owner, at, &call).await?;
        let call = listing(!feed, one(), 604_801);
        let error = stage
            .reverts_with::<ParameterOutOfBounds>(owner, at, &call)
            .await?;
        assert_eq!(error.given, U256::from(604_801));
        let call = listing(!feed, vec![at, owner.address(), at], MAX_AGE);
        assert_eq!(
            stage
                .reverts_with::<DuplicateOrigin>(owner, at, &call)
                .await?
                .source,
            at
        );
        let replacing = replacePublisherCall {
            feed,
            publisher: 0,
            account: at,
            signers: Vec::new(),
            threshold: 0,
        };
        stage
            .protocol
            .chain()
            .send("replace publisher", owner, at, &replacing)
            .await?;
        stage
            .reverts_with::<NotYetEffective>(owner, at, &replacing)
            .await?;
        // Until then the old one publishes.
        publish(
            stage,
            owner,
            &publication(feed, 0, vec![flat(60, stage.expiries[0])]),
        )
        .await?;
        Ok(())
    });
}

#[test]
fn a_publisher_alone_is_slowed_down() {
    on_any_node(async |stage| {
        let owner = &stage.owner;
        let at = stage.protocol.at().surface;
        let feed = alloy::primitives::keccak256(format!("slow {}", stage.next_nonce()));
        let call = listSurfaceCall {
            feed,
            publishers: vec![owner.address()],
            quorum: 0,
            maxAge: MAX_AGE,
            ceiling: CEILING,
            maxChangeBps: 100,
        };
        stage
            .protocol
            .chain()
            .send("list surface", owner, at, &call)
            .await?;
        let [near, _] = stage.expiries;
        publish(stage, owner, &publication(feed, 0, vec![flat(60, near)])).await?;
        for percent in [30, 120] {
            let call = publication(feed, 0, vec![flat(percent, near)]);
            let error = stage
                .reverts_with::<VolatilityJump>(owner, at, &call)
                .await?;
            assert_eq!(error.expiry, near);
        }
        Ok(())
    });
}
