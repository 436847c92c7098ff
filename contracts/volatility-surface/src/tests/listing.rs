//! `listSurface`, `replacePublisher`.

use alloy_primitives::{Address, U256};
use interfaces::{IOwnable2Step, IVolatilitySurface as abi};
use motsu::prelude::*;
use smile_proof::SmileProof;

use super::host::{START, set_time};
use super::scene::{CEILING, FEED, MAX_AGE, MONTH, OTHER_FEED, error, flat, listed, publish};
use crate::VolatilitySurface;
use crate::listing::{DELAY, MOST_AGE};

#[motsu::test]
fn only_the_owner_lists_and_only_once_and_within_bounds(
    surface: Contract<VolatilitySurface>,
    proof: Contract<SmileProof>,
    alice: Address,
    bob: Address,
) {
    listed(&surface, &proof, alice, &[alice, bob]);
    let list = |caller, feed, publishers: Vec<Address>, quorum, age, ceiling| {
        surface
            .sender(caller)
            .list_surface(feed, publishers, quorum, age, ceiling, 0)
            .motsu_res()
            .unwrap_err()
    };
    let one = || vec![alice];
    assert_eq!(
        list(bob, OTHER_FEED, one(), 0, 1, CEILING),
        error(IOwnable2Step::OwnableUnauthorizedAccount { account: bob })
    );
    assert_eq!(
        list(alice, FEED, one(), 0, 1, CEILING),
        error(abi::FeedExists { feed: FEED })
    );
    let out = |given: u64, least: u64, most: u64| {
        let [given, least, most] = [given, least, most].map(U256::from);
        error(abi::ParameterOutOfBounds { given, least, most })
    };
    assert_eq!(
        list(alice, OTHER_FEED, vec![], 0, 1, CEILING),
        out(0, 1, 15)
    );
    let many = (1..=16).map(Address::with_last_byte).collect();
    assert_eq!(list(alice, OTHER_FEED, many, 0, 1, CEILING), out(16, 1, 15));
    assert_eq!(list(alice, OTHER_FEED, one(), 2, 1, CEILING), out(2, 0, 1));
    for age in [0, MOST_AGE + 1] {
        assert_eq!(
            list(alice, OTHER_FEED, one(), 0, age, CEILING),
            out(age.into(), 1, MOST_AGE.into())
        );
    }
    let (least, most) = (10_000_000_000_000_000, 18_000_000_000_000_000_000);
    for ceiling in [0, least - 1, most + 1] {
        assert_eq!(
            list(alice, OTHER_FEED, one(), 0, 1, ceiling),
            out(ceiling, least, most)
        );
    }
    assert_eq!(
        list(alice, OTHER_FEED, vec![alice, bob, alice], 0, 1, CEILING),
        error(abi::DuplicateOrigin { source: alice })
    );
    // The quorum is a majority at least.
    assert_eq!(
        surface.sender(bob).rules(FEED).motsu_unwrap(),
        (2, 2, MAX_AGE, CEILING, 0)
    );
    assert_eq!(
        surface.sender(bob).rules(OTHER_FEED).motsu_unwrap_err(),
        error(abi::UnknownFeed { feed: OTHER_FEED })
    );
}

#[motsu::test]
fn a_publisher_is_replaced_by_the_same_call_two_days_later_and_its_smiles_go(
    surface: Contract<VolatilitySurface>,
    proof: Contract<SmileProof>,
    alice: Address,
    bob: Address,
    carol: Address,
) {
    listed(&surface, &proof, alice, &[bob]);
    publish(&surface, bob, 0, &[flat(60, MONTH)]).unwrap();
    let replace = |account| {
        surface
            .sender(alice)
            .replace_publisher(FEED, 0, account, vec![], 0)
            .motsu_res()
    };
    assert_eq!(replace(carol), Ok(()));
    let effective_at = START + DELAY;
    set_time(effective_at - 1);
    let early = abi::NotYetEffective {
        time: effective_at - 1,
        effectiveAt: effective_at,
    };
    assert_eq!(replace(carol), Err(error(early)));
    // Nothing has changed yet.
    publish(&surface, bob, 0, &[flat(61, MONTH)]).unwrap();
    assert_eq!(
        surface.sender(alice).expiries_of(FEED, 0).motsu_unwrap(),
        vec![MONTH]
    );
    set_time(effective_at);
    assert_eq!(replace(carol), Ok(()));
    assert_eq!(
        surface.sender(alice).publisher_of(FEED, 0).motsu_unwrap(),
        (carol, vec![], 0)
    );
    assert!(
        surface
            .sender(alice)
            .expiries_of(FEED, 0)
            .motsu_unwrap()
            .is_empty()
    );
    assert_eq!(
        publish(&surface, bob, 0, &[flat(60, MONTH)]),
        Err(error(abi::NotPublisher { caller: bob }))
    );
    publish(&surface, carol, 0, &[flat(60, MONTH)]).unwrap();
    // Another proposal starts the delay again.
    assert_eq!(replace(alice), Ok(()));
    set_time(effective_at + DELAY - 1);
    assert_eq!(replace(bob), Ok(()));
    set_time(effective_at + DELAY);
    assert_eq!(replace(alice), Ok(()));
    assert_eq!(
        surface.sender(alice).publisher_of(FEED, 0).motsu_unwrap().0,
        carol
    );
}

#[motsu::test]
fn a_place_for_keys_is_filled_at_once_and_sends_nothing_by_itself(
    surface: Contract<VolatilitySurface>,
    proof: Contract<SmileProof>,
    alice: Address,
    bob: Address,
) {
    listed(&surface, &proof, alice, &[bob, Address::ZERO]);
    for caller in [alice, bob, Address::ZERO] {
        assert_eq!(
            publish(&surface, caller, 1, &[flat(60, MONTH)]),
            Err(error(abi::NotPublisher { caller }))
        );
    }
    let keys = vec![Address::with_last_byte(7), Address::with_last_byte(9)];
    let fill = |account, keys: &[Address], threshold| {
        surface
            .sender(alice)
            .replace_publisher(FEED, 1, account, keys.to_vec(), threshold)
            .motsu_res()
    };
    let (first, second) = (U256::from(2), U256::ZERO);
    assert_eq!(
        fill(alice, &keys, 1),
        Err(error(abi::LengthMismatch { first, second }))
    );
    assert!(fill(Address::ZERO, &keys, 3).is_err());
    fill(Address::ZERO, &keys, 2).unwrap();
    assert_eq!(
        surface.sender(bob).publisher_of(FEED, 1).motsu_unwrap(),
        (Address::ZERO, keys.clone(), 2)
    );
    let (given, needed) = (U256::ZERO, U256::from(2));
    assert_eq!(
        surface
            .sender(bob)
            .publish_surface(FEED, 1, vec![flat(60, MONTH)], vec![], START, vec![].into())
            .motsu_unwrap_err(),
        error(abi::NotEnoughSigners { given, needed })
    );
    let (index, length) = (U256::from(2), U256::from(2));
    assert_eq!(
        surface
            .sender(alice)
            .replace_publisher(FEED, 2, bob, vec![], 0)
            .motsu_unwrap_err(),
        error(abi::IndexOutOfBounds { index, length })
    );
    assert_eq!(
        surface
            .sender(bob)
            .replace_publisher(FEED, 0, bob, vec![], 0)
            .motsu_unwrap_err(),
        error(IOwnable2Step::OwnableUnauthorizedAccount { account: bob })
    );
    // Nobody any more: from then on nothing is accepted.
    set_time(START);
    fill(Address::ZERO, &[], 0).unwrap();
    set_time(START + DELAY);
    fill(Address::ZERO, &[], 0).unwrap();
    assert_eq!(
        publish(&surface, Address::ZERO, 1, &[flat(60, MONTH)]),
        Err(error(abi::NotPublisher {
            caller: Address::ZERO
        }))
    );
}
