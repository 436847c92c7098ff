//! What a price must be to be taken in.

use alloc::vec::Vec;

use alloy_primitives::{Address, I256, U256};
use alloy_sol_types::SolError;
use interfaces::ISignedPrice::{
    AnswerUpdated, Expired, FutureTimestamp, LowConfidence, NotEnoughSigners, ParameterOutOfBounds,
    UnknownSigner,
};
use motsu::prelude::*;

use super::scene::{
    CHAIN, LEAST_CONFIDENCE, NOW, PriceUpdate, RELAYER, addresses, domain, error, good, keys, open,
    send, sign, submit,
};
use crate::{SURE, SignedPrice};

#[motsu::test]
fn a_price_signed_by_the_threshold_is_taken_from_anybody(source: Contract<SignedPrice>) {
    let signers = open(&source);
    assert_eq!(submit(&source, &signers[..2], &good()), Ok(true));
    let (price, confidence, timestamp, id) = source.sender(RELAYER).latest_price();
    assert_eq!((price, confidence), (good().price, SURE));
    assert_eq!((timestamp, id.to::<u64>()), (NOW, 1));
    assert!(source.emitted(&AnswerUpdated {
        current: I256::from_raw(price),
        roundId: U256::from(1),
        updatedAt: U256::from(NOW),
    }));
}

#[motsu::test]
fn what_is_not_newer_is_ignored_whatever_else_it_is(source: Contract<SignedPrice>) {
    let signers = open(&source);
    submit(&source, &signers, &good()).motsu_unwrap();
    let before = source.sender(RELAYER).latest_price();
    for timestamp in [NOW, NOW - 1, 0] {
        let other = PriceUpdate {
            price: U256::from(7),
            timestamp,
            deadline: 0,
            ..good()
        };
        // Not even signed: what changes nothing needs no proof.
        assert_eq!(submit(&source, &[], &other), Ok(false));
        assert_eq!(submit(&source, &signers, &other), Ok(false));
    }
    assert_eq!(source.sender(RELAYER).latest_price(), before);
    assert_eq!(source.all_events().len(), 2, "the signers and one answer");
}

#[motsu::test]
fn newer_prices_follow_each_other(source: Contract<SignedPrice>) {
    let signers = open(&source);
    for (round, timestamp) in (1_u64..).zip([NOW - 100, NOW - 10, NOW, NOW + 60]) {
        let next = PriceUpdate {
            price: U256::from(round),
            timestamp,
            ..good()
        };
        assert_eq!(submit(&source, &signers[1..], &next), Ok(true));
        let (price, _, at, id) = source.sender(RELAYER).latest_price();
        assert_eq!((price, at, id.to()), (U256::from(round), timestamp, round));
    }
}

#[motsu::test]
fn deadline_and_clock_are_bounds_at_the_second(source: Contract<SignedPrice>) {
    let signers = open(&source);
    let late = PriceUpdate {
        deadline: NOW - 1,
        ..good()
    };
    let expired = Expired {
        deadline: NOW - 1,
        time: NOW,
    };
    assert_eq!(submit(&source, &signers, &late), Err(error(expired)));
    let ahead = PriceUpdate {
        timestamp: NOW + 61,
        ..good()
    };
    let future = FutureTimestamp {
        timestamp: NOW + 61,
        latest: NOW + 60,
    };
    assert_eq!(submit(&source, &signers, &ahead), Err(error(future)));
    let at_both = PriceUpdate {
        timestamp: NOW + 60,
        deadline: NOW,
        ..good()
    };
    assert_eq!(submit(&source, &signers, &at_both), Ok(true));
}

#[motsu::test]
fn a_price_is_positive_fits_and_is_sure_enough(source: Contract<SignedPrice>) {
    let signers = open(&source);
    let wide = U256::from(u128::MAX) + U256::from(1);
    for price in [U256::ZERO, wide, U256::MAX] {
        let refused = submit(&source, &signers, &PriceUpdate { price, ..good() });
        let bounds = ParameterOutOfBounds {
            given: price,
            least: U256::from(1),
            most: U256::from(u128::MAX),
        };
        assert_eq!(refused, Err(error(bounds)));
    }
    let unsure = PriceUpdate {
        confidence: LEAST_CONFIDENCE - 1,
        ..good()
    };
    let low = LowConfidence {
        given: LEAST_CONFIDENCE - 1,
        least: LEAST_CONFIDENCE,
    };
    assert_eq!(submit(&source, &signers, &unsure), Err(error(low)));
    let surer_than_sure = PriceUpdate {
        confidence: SURE + 1,
        ..good()
    };
    let bounds = ParameterOutOfBounds {
        given: U256::from(SURE + 1),
        least: U256::ZERO,
        most: U256::from(SURE),
    };
    assert_eq!(
        submit(&source, &signers, &surer_than_sure),
        Err(error(bounds))
    );
    let just = PriceUpdate {
        price: U256::from(u128::MAX),
        confidence: LEAST_CONFIDENCE,
        ..good()
    };
    assert_eq!(submit(&source, &signers, &just), Ok(true));
}

#[motsu::test]
fn every_signed_field_counts(source: Contract<SignedPrice>) {
    let signers = open(&source);
    let signatures = || sign(&signers, &good(), &domain(CHAIN, source.address()));
    let altered: [fn(&mut PriceUpdate); 4] = [
        |update| update.price += U256::from(1),
        |update| update.confidence -= 1,
        |update| update.timestamp -= 1,
        |update| update.deadline += 1,
    ];
    for alter in altered {
        let mut other = good();
        alter(&mut other);
        let refused = send(&source, &other, signatures()).unwrap_err();
        assert_eq!(refused.data()[..4], UnknownSigner::SELECTOR);
    }
    assert_eq!(send(&source, &good(), signatures()), Ok(true));
}

#[motsu::test]
fn signatures_for_another_chain_or_contract_are_of_nobody_here(source: Contract<SignedPrice>) {
    let signers = open(&source);
    for elsewhere in [
        domain(CHAIN + 1, source.address()),
        domain(CHAIN, Address::repeat_byte(9)),
    ] {
        let signatures = sign(&signers, &good(), &elsewhere);
        let refused = send(&source, &good(), signatures).unwrap_err();
        assert_eq!(refused.data()[..4], UnknownSigner::SELECTOR);
    }
    assert_eq!(
        source.sender(RELAYER).domain_separator(),
        domain(CHAIN, source.address()).separator()
    );
}

#[motsu::test]
fn too_few_and_strangers_are_refused(source: Contract<SignedPrice>) {
    let signers = open(&source);
    let few = NotEnoughSigners {
        given: U256::from(1),
        needed: U256::from(2),
    };
    assert_eq!(submit(&source, &signers[..1], &good()), Err(error(few)));
    let stranger = keys(9..=9);
    let mixed: Vec<_> = signers.iter().chain(&stranger).cloned().collect();
    let signer = addresses(&stranger)[0];
    assert_eq!(
        submit(&source, &mixed, &good()),
        Err(error(UnknownSigner { signer }))
    );
}
