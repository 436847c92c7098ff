//! `setPublisher`, `publishVolatility` and their views.

use alloy_primitives::{Address, U256};
use interfaces::IOracleAdapter;
use motsu::prelude::*;

use super::host::{START, set_time};
use super::scene::{FEED, OTHER_FEED, error, set_scene};
use super::source::Source;
use crate::OracleAdapter;
use crate::ownership::OwnableUnauthorizedAccount;
use crate::volatility::{LEAST_VOLATILITY, MOST_VOLATILITY, MOST_VOLATILITY_AGE};

const EXPIRY: u32 = 1_735_776_000;

#[motsu::test]
fn only_the_owner_names_a_publisher_within_bounds(
    adapter: Contract<OracleAdapter>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    alice: Address,
    bob: Address,
) {
    set_scene(&adapter, alice, [&a, &b, &c]);
    let refused = adapter
        .sender(bob)
        .set_publisher(FEED, bob, 60)
        .motsu_unwrap_err();
    assert_eq!(refused, error(OwnableUnauthorizedAccount { account: bob }));
    let refused = adapter
        .sender(alice)
        .set_publisher(OTHER_FEED, bob, 60)
        .motsu_unwrap_err();
    assert_eq!(
        refused,
        error(IOracleAdapter::UnknownFeed { feed: OTHER_FEED })
    );
    for age in [0, MOST_VOLATILITY_AGE + 1] {
        let refused = adapter
            .sender(alice)
            .set_publisher(FEED, bob, age)
            .motsu_unwrap_err();
        let (least, most) = (U256::from(1), U256::from(MOST_VOLATILITY_AGE));
        let given = U256::from(age);
        assert_eq!(
            refused,
            error(IOracleAdapter::ParameterOutOfBounds { given, least, most })
        );
    }
    assert_eq!(
        adapter.sender(bob).publisher(FEED).motsu_unwrap(),
        (alice, 600)
    );
    adapter
        .sender(alice)
        .set_publisher(FEED, bob, MOST_VOLATILITY_AGE)
        .motsu_unwrap();
    let named = IOracleAdapter::PublisherSet {
        feed: FEED,
        publisher: bob,
        maxAge: MOST_VOLATILITY_AGE,
    };
    assert!(adapter.emitted(&named));
    assert_eq!(
        adapter.sender(bob).publisher(FEED).motsu_unwrap(),
        (bob, MOST_VOLATILITY_AGE)
    );
    // Naming a publisher touches nothing else of the feed.
    assert_eq!(adapter.sender(bob).spot(FEED).motsu_unwrap().5, 3);
}

#[motsu::test]
fn only_the_publisher_publishes(
    adapter: Contract<OracleAdapter>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    alice: Address,
    bob: Address,
) {
    set_scene(&adapter, alice, [&a, &b, &c]);
    let publish = |caller| {
        adapter
            .sender(caller)
            .publish_volatility(FEED, vec![EXPIRY], vec![LEAST_VOLATILITY])
            .motsu_res()
    };
    assert_eq!(
        publish(bob).unwrap_err(),
        error(IOracleAdapter::NotPublisher { caller: bob })
    );
    // Nobody is the publisher when it is zero: not even the caller zero.
    adapter
        .sender(alice)
        .set_publisher(FEED, Address::ZERO, 60)
        .motsu_unwrap();
    for caller in [alice, Address::ZERO] {
        assert_eq!(
            publish(caller).unwrap_err(),
            error(IOracleAdapter::NotPublisher { caller })
        );
    }
    adapter
        .sender(alice)
        .set_publisher(FEED, bob, 60)
        .motsu_unwrap();
    assert!(publish(bob).is_ok());
    let refused = adapter
        .sender(bob)
        .publish_volatility(OTHER_FEED, vec![], vec![])
        .motsu_unwrap_err();
    assert_eq!(
        refused,
        error(IOracleAdapter::UnknownFeed { feed: OTHER_FEED })
    );
}

#[motsu::test]
fn volatilities_outside_of_their_bounds_revert_the_whole_batch(
    adapter: Contract<OracleAdapter>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    alice: Address,
) {
    set_scene(&adapter, alice, [&a, &b, &c]);
    let refused = adapter
        .sender(alice)
        .publish_volatility(FEED, vec![EXPIRY, EXPIRY], vec![LEAST_VOLATILITY])
        .motsu_unwrap_err();
    let (first, second) = (U256::from(2), U256::from(1));
    assert_eq!(
        refused,
        error(IOracleAdapter::LengthMismatch { first, second })
    );
    for given in [0, LEAST_VOLATILITY - 1, MOST_VOLATILITY + 1, u64::MAX] {
        let refused = adapter
            .sender(alice)
            .publish_volatility(
                FEED,
                vec![EXPIRY, EXPIRY + 1],
                vec![LEAST_VOLATILITY, given],
            )
            .motsu_unwrap_err();
        let expected = IOracleAdapter::BadVolatility {
            expiry: EXPIRY + 1,
            given,
            least: LEAST_VOLATILITY,
            most: MOST_VOLATILITY,
        };
        assert_eq!(refused, error(expected));
        assert_eq!(
            adapter
                .sender(alice)
                .volatility(FEED, EXPIRY)
                .motsu_unwrap(),
            (0, 0)
        );
    }
}

#[motsu::test]
fn a_volatility_is_kept_with_its_time_and_replaced(
    adapter: Contract<OracleAdapter>,
    a: Contract<Source>,
    b: Contract<Source>,
    c: Contract<Source>,
    alice: Address,
) {
    set_scene(&adapter, alice, [&a, &b, &c]);
    let publish = |volatilities| {
        adapter
            .sender(alice)
            .publish_volatility(FEED, vec![EXPIRY, EXPIRY + 1], volatilities)
            .motsu_unwrap();
    };
    let read = |expiry| {
        adapter
            .sender(alice)
            .volatility(FEED, expiry)
            .motsu_unwrap()
    };
    publish(vec![LEAST_VOLATILITY, MOST_VOLATILITY]);
    assert_eq!(read(EXPIRY), (LEAST_VOLATILITY, START));
    assert_eq!(read(EXPIRY + 1), (MOST_VOLATILITY, START));
    let (feed, expiry, volatility) = (FEED, EXPIRY + 1, MOST_VOLATILITY);
    assert!(adapter.emitted(&IOracleAdapter::VolatilityPublished {
        feed,
        expiry,
        volatility
    }));
    set_time(START + 9);
    publish(vec![LEAST_VOLATILITY + 1, LEAST_VOLATILITY]);
    assert_eq!(read(EXPIRY), (LEAST_VOLATILITY + 1, START + 9));
    assert_eq!(read(EXPIRY + 2), (0, 0));
    let refused = adapter
        .sender(alice)
        .volatility(OTHER_FEED, EXPIRY)
        .motsu_unwrap_err();
    assert_eq!(
        refused,
        error(IOracleAdapter::UnknownFeed { feed: OTHER_FEED })
    );
    let refused = adapter
        .sender(alice)
        .publisher(OTHER_FEED)
        .motsu_unwrap_err();
    assert_eq!(
        refused,
        error(IOracleAdapter::UnknownFeed { feed: OTHER_FEED })
    );
}
