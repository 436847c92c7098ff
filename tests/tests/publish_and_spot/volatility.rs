//! Publishing volatilities, fresh and stale.

use alloy::primitives::Address;
use end_to_end::stage::{VOLATILITY, VOLATILITY_AGE};
use end_to_end::{on_any_node, on_the_local_node};
use novation::bindings::IOracleAdapter;

use super::adapter;

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
