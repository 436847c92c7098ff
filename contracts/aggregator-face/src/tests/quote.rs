//! Amounts of one asset in units of the other.

use alloy_primitives::{Address, U256};
use interfaces::IAggregatorFace::{NoData, OracleUnsupportedPair, OracleUntrustedData, Overflow};
use motsu::prelude::*;

use super::adapter::{Adapter, Script};
use super::scene::{DOLLAR, ETHER, MAX_AGE, NOW, RELAYER, WAD, construct, error, open};
use crate::AggregatorFace;

#[motsu::test]
fn other_pairs_are_refused_before_anything_is_read(
    face: Contract<AggregatorFace>,
    adapter: Contract<Adapter>,
) {
    open(&face, &adapter);
    let one = U256::from(1);
    for (base, quote) in [
        (ETHER, ETHER),
        (DOLLAR, DOLLAR),
        (ETHER, RELAYER),
        (Address::ZERO, DOLLAR),
    ] {
        let refused = face.sender(RELAYER).get_quote(one, base, quote);
        let error = error(OracleUnsupportedPair { base, quote });
        assert_eq!(refused, Err(error));
    }
    let none = NoData {
        roundId: alloy_primitives::aliases::U80::ZERO,
    };
    let early = face.sender(RELAYER).get_quote(one, ETHER, DOLLAR);
    assert_eq!(early, Err(error(none)));
}

#[motsu::test]
fn doubt_and_age_are_untrusted(face: Contract<AggregatorFace>, adapter: Contract<Adapter>) {
    open(&face, &adapter);
    let one = U256::from(1);
    let quote = || face.sender(RELAYER).get_quote(one, DOLLAR, ETHER);
    let untrusted = || {
        error(OracleUntrustedData {
            base: DOLLAR,
            quote: ETHER,
        })
    };
    for doubts in [1, 64] {
        adapter.say(WAD, NOW - 5, doubts);
        assert_eq!(quote(), Err(untrusted()));
    }
    // Stored five seconds after its time: exactly as old as allowed, and a second older.
    let oldest = NOW - u64::from(MAX_AGE) - 5;
    adapter.say(WAD, oldest, 0);
    assert!(quote().is_ok());
    adapter.say(WAD, oldest - 1, 0);
    assert_eq!(quote(), Err(untrusted()));
}

#[motsu::test]
fn amounts_convert_both_ways_and_round_down(
    face: Contract<AggregatorFace>,
    adapter: Contract<Adapter>,
) {
    open(&face, &adapter);
    adapter.say(3_000 * WAD, NOW - 5, 0);
    let quote = |amount: u128, base, quote| {
        let amount = U256::from(amount);
        face.sender(RELAYER)
            .get_quote(amount, base, quote)
            .map(|out| out.to::<u128>())
    };
    assert_eq!(quote(WAD, ETHER, DOLLAR), Ok(3_000_000_000));
    assert_eq!(quote(3_000_000_000, DOLLAR, ETHER), Ok(WAD));
    assert_eq!(quote(0, ETHER, DOLLAR), Ok(0));
    // A wei costs 3e-9 of the smallest dollar unit; a third of an ether does not come back whole.
    assert_eq!(quote(1, ETHER, DOLLAR), Ok(0));
    assert_eq!(quote(333_333_333, ETHER, DOLLAR), Ok(0));
    assert_eq!(quote(333_333_334, ETHER, DOLLAR), Ok(1));
    assert_eq!(quote(1, DOLLAR, ETHER), Ok(333_333_333));
}

#[motsu::test]
fn any_decimals_scale(face: Contract<AggregatorFace>, adapter: Contract<Adapter>) {
    construct(&face, &adapter, 18, [0, 18]).motsu_unwrap();
    adapter.say(WAD / 2, NOW - 5, 0);
    let three = U256::from(3);
    let forwards = face.sender(RELAYER).get_quote(three, ETHER, DOLLAR);
    assert_eq!(forwards, Ok(U256::from(3 * WAD / 2)));
    let out = face
        .sender(RELAYER)
        .get_quote(forwards.unwrap(), DOLLAR, ETHER);
    assert_eq!(out, Ok(three));
}

#[motsu::test]
fn what_exceeds_256_bits_overflows(face: Contract<AggregatorFace>, adapter: Contract<Adapter>) {
    open(&face, &adapter);
    adapter.say(u128::MAX, NOW - 5, 0);
    for (base, quote) in [(ETHER, DOLLAR), (DOLLAR, ETHER)] {
        let out = face.sender(RELAYER).get_quote(U256::MAX, base, quote);
        assert_eq!(out, Err(error(Overflow {})));
    }
}
