//! The face of an aggregator: stored rounds, and nothing invented.

use alloy_primitives::aliases::U80;
use alloy_primitives::{I256, U256};
use interfaces::ISignedPrice::NoData;
use motsu::prelude::*;

use super::scene::{DECIMALS, NOW, PriceUpdate, RELAYER, error, good, open, submit};
use crate::SignedPrice;

#[motsu::test]
fn there_is_no_round_before_the_first_price(source: Contract<SignedPrice>) {
    open(&source);
    let none = NoData { roundId: U80::ZERO };
    let source = source.sender(RELAYER);
    assert_eq!(source.latest_round_data(), Err(error(none)));
    assert_eq!(source.latest_price(), (U256::ZERO, 0, 0, U80::ZERO));
}

#[motsu::test]
fn every_round_stays_as_it_was_written(source: Contract<SignedPrice>) {
    let signers = open(&source);
    for age in [20, 10] {
        let price = PriceUpdate {
            price: U256::from(100 + age),
            timestamp: NOW - age,
            ..good()
        };
        submit(&source, &signers, &price).motsu_unwrap();
    }
    let source = source.sender(RELAYER);
    for (id, age) in [(1, 20_i64), (2, 10)] {
        let id = U80::from(id);
        let at = U256::from(NOW) - U256::from(age);
        let answer = I256::try_from(100 + age).unwrap();
        assert_eq!(source.get_round_data(id), Ok((id, answer, at, at, id)));
    }
    assert_eq!(
        source.latest_round_data(),
        source.get_round_data(U80::from(2))
    );
    for unknown in [U80::ZERO, U80::from(3), U80::from(1_u128 << 64), U80::MAX] {
        let refused = source.get_round_data(unknown);
        assert_eq!(refused, Err(error(NoData { roundId: unknown })));
    }
}

#[motsu::test]
fn it_says_what_it_is(source: Contract<SignedPrice>) {
    open(&source);
    let source = source.sender(RELAYER);
    assert_eq!(source.decimals(), DECIMALS);
    assert_eq!(source.description(), "ETH / USD");
    assert_eq!(source.version(), U256::from(1));
}
