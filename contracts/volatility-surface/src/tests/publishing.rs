//! `publishSurface` and `publishVolatility`: what is stored, and that a refusal leaves everything as it was.

use alloy_primitives::{Address, B256, U256, aliases::U80};
use clearing_math::surface::{LEAST_VOLATILITY, MOST_VOLATILITY, PublishedSmile};
use interfaces::IVolatilitySurface as abi;
use interfaces::Revert;
use motsu::prelude::*;
use smile_proof::SmileProof;

use super::host::{START, set_time};
use super::scene::{
    DAY, FEED, MONTH, NOW, OTHER_FEED, QUARTER, SKEW, error, flat, listed, publish, word,
};
use crate::VolatilitySurface;
use crate::page::MOST_EXPIRIES;

fn stored(surface: &Contract<VolatilitySurface>, expiry: u32) -> (B256, U80) {
    surface
        .sender(Address::ZERO)
        .smile_of(FEED, 0, expiry)
        .motsu_unwrap()
}

fn at(smile: PublishedSmile, published_at: u32) -> B256 {
    word(PublishedSmile {
        published_at,
        ..smile
    })
}

#[motsu::test]
fn smiles_are_stored_with_their_time_and_terms_and_replaced_by_later_ones(
    surface: Contract<VolatilitySurface>,
    proof: Contract<SmileProof>,
    alice: Address,
    bob: Address,
) {
    listed(&surface, &proof, alice, &[bob]);
    let term = U80::from((40_000_000_u128 << 48) | (30_000_000 << 16) | 25);
    let later = PublishedSmile {
        expiry: QUARTER,
        ..SKEW
    };
    surface
        .sender(bob)
        .publish_surface(
            FEED,
            0,
            vec![word(SKEW), word(later)],
            vec![term, U80::ZERO],
            0,
            vec![].into(),
        )
        .motsu_unwrap();
    assert_eq!(stored(&surface, MONTH), (at(SKEW, NOW), term));
    assert_eq!(stored(&surface, QUARTER), (at(later, NOW), U80::ZERO));
    let event = abi::SmilePublished {
        feed: FEED,
        publisher: 0,
        expiry: MONTH,
        smile: at(SKEW, NOW),
        term,
    };
    assert!(surface.emitted(&event));
    assert_eq!(
        surface.sender(alice).expiries_of(FEED, 0).motsu_unwrap(),
        vec![MONTH, QUARTER]
    );
    // An older one is ignored, an equally old one and a later one are not; terms that are not given stay.
    set_time(START + 60);
    let lower = PublishedSmile {
        a: 190_000_000,
        ..SKEW
    };
    publish(&surface, bob, 0, &[at(lower, NOW - 1)]).unwrap();
    assert_eq!(stored(&surface, MONTH).0, at(SKEW, NOW));
    publish(&surface, bob, 0, &[at(lower, NOW)]).unwrap();
    assert_eq!(stored(&surface, MONTH), (at(lower, NOW), term));
    publish(&surface, bob, 0, &[at(SKEW, NOW + 60)]).unwrap();
    assert_eq!(stored(&surface, MONTH), (at(SKEW, NOW + 60), term));
    // Expired ones are dropped, and ignored when they come late.
    set_time(u64::from(MONTH));
    assert_eq!(stored(&surface, MONTH), (B256::ZERO, U80::ZERO));
    publish(&surface, bob, 0, &[flat(60, MONTH), flat(60, QUARTER)]).unwrap();
    assert_eq!(
        surface.sender(alice).expiries_of(FEED, 0).motsu_unwrap(),
        vec![QUARTER]
    );
}

#[motsu::test]
fn refused_smiles_leave_everything_as_it_was(
    surface: Contract<VolatilitySurface>,
    proof: Contract<SmileProof>,
    alice: Address,
    bob: Address,
) {
    listed(&surface, &proof, alice, &[bob]);
    publish(&surface, bob, 0, &[word(SKEW), flat(100, QUARTER)]).unwrap_err();
    publish(&surface, bob, 0, &[flat(60, MONTH), flat(60, QUARTER)]).unwrap();
    let before = [MONTH, QUARTER].map(|expiry| stored(&surface, expiry));
    let refused = |smiles: &[B256], expected: Revert| {
        assert_eq!(publish(&surface, bob, 0, smiles), Err(expected));
        assert_eq!(
            [MONTH, QUARTER].map(|expiry| stored(&surface, expiry)),
            before
        );
    };
    let code = |smile: PublishedSmile| {
        let data = publish(&surface, bob, 0, &[word(smile)]).unwrap_err();
        assert_eq!(
            [MONTH, QUARTER].map(|expiry| stored(&surface, expiry)),
            before
        );
        let error: abi::InvalidSmile =
            alloy_sol_types::SolError::abi_decode(data.data(), true).unwrap();
        (error.code, error.expiry)
    };
    assert_eq!(
        code(PublishedSmile {
            b: (1 << 40) - 1,
            ..SKEW
        }),
        (1, MONTH)
    );
    assert_eq!(
        code(PublishedSmile {
            rho: 1_000_000_000,
            ..SKEW
        }),
        (2, MONTH)
    );
    assert_eq!(code(PublishedSmile { sigma: 0, ..SKEW }), (4, MONTH));
    assert_eq!(
        code(PublishedSmile {
            b: 20_000_000_000,
            ..SKEW
        }),
        (8, MONTH)
    );
    // Below the stored month, although nothing is said about the month.
    assert_eq!(
        code(PublishedSmile {
            a: 90_000_000,
            b: 0,
            expiry: QUARTER,
            ..SKEW
        }),
        (11, QUARTER)
    );
    // Above the stored quarter, which then is the one that is too low.
    assert_eq!(
        code(PublishedSmile {
            a: 1_440_000_000,
            b: 0,
            ..SKEW
        }),
        (11, QUARTER)
    );
    for given in [0, LEAST_VOLATILITY / 2] {
        let smile = PublishedSmile {
            a: (given / 1_000_000_000).pow(2) as i64 / 1_000_000_000,
            b: 0,
            ..SKEW
        };
        let (least, most) = (LEAST_VOLATILITY, MOST_VOLATILITY);
        refused(
            &[word(smile)],
            error(abi::BadVolatility {
                expiry: MONTH,
                given,
                least,
                most,
            }),
        );
    }
    let future = abi::FutureTimestamp {
        timestamp: START + 1,
        latest: START,
    };
    refused(&[at(SKEW, NOW + 1)], error(future));
    let unsorted = |previous, next| error(abi::UnsortedExpiries { previous, next });
    refused(
        &[flat(60, QUARTER), flat(60, MONTH)],
        unsorted(QUARTER, MONTH),
    );
    refused(&[flat(60, MONTH), flat(60, MONTH)], unsorted(MONTH, MONTH));
    refused(&[flat(60, 0)], unsorted(0, 0));
    let many: Vec<B256> = (1..MOST_EXPIRIES as u32)
        .map(|day| flat(60, NOW + day * DAY))
        .collect();
    let (given, most) = (U256::from(MOST_EXPIRIES + 1), U256::from(MOST_EXPIRIES));
    refused(&many, error(abi::TooManyExpiries { given, most }));
    publish(&surface, bob, 0, &many[..MOST_EXPIRIES - 2]).unwrap();
}

#[motsu::test]
fn terms_out_of_bounds_and_other_callers_are_refused(
    surface: Contract<VolatilitySurface>,
    proof: Contract<SmileProof>,
    alice: Address,
    bob: Address,
) {
    listed(&surface, &proof, alice, &[bob]);
    let send = |caller, feed, index, terms: Vec<U80>| {
        let smiles = vec![flat(60, MONTH)];
        surface
            .sender(caller)
            .publish_surface(feed, index, smiles, terms, 0, vec![].into())
            .motsu_res()
    };
    let bad = [
        10_001_u128,
        1_000_000_001 << 16,
        1_000_000_001 << 48,
        1 << 79,
    ];
    for term in bad.map(U80::from) {
        let expected = abi::BadTerm {
            expiry: MONTH,
            term,
        };
        assert_eq!(send(bob, FEED, 0, vec![term]), Err(error(expected)));
    }
    let (first, second) = (U256::from(1), U256::from(2));
    assert_eq!(
        send(bob, FEED, 0, vec![U80::ZERO; 2]),
        Err(error(abi::LengthMismatch { first, second }))
    );
    assert_eq!(
        send(alice, FEED, 0, vec![]),
        Err(error(abi::NotPublisher { caller: alice }))
    );
    assert_eq!(
        send(bob, OTHER_FEED, 0, vec![]),
        Err(error(abi::UnknownFeed { feed: OTHER_FEED }))
    );
    let (index, length) = (U256::from(1), U256::from(1));
    assert_eq!(
        send(bob, FEED, 1, vec![]),
        Err(error(abi::IndexOutOfBounds { index, length }))
    );
    assert!(
        surface
            .sender(bob)
            .expiries_of(FEED, 0)
            .motsu_unwrap()
            .is_empty()
    );
    assert!(send(bob, FEED, 0, vec![U80::from(10_000)]).is_ok());
}

#[motsu::test]
fn flat_volatilities_are_published_by_whoever_is_a_publisher(
    surface: Contract<VolatilitySurface>,
    proof: Contract<SmileProof>,
    alice: Address,
    bob: Address,
) {
    listed(&surface, &proof, alice, &[bob, alice]);
    let send = |caller, volatilities: &[u64]| {
        surface
            .sender(caller)
            .publish_volatility(FEED, vec![MONTH, QUARTER], volatilities.to_vec())
            .motsu_res()
    };
    let caller = proof.address();
    assert_eq!(
        send(caller, &[LEAST_VOLATILITY; 2]),
        Err(error(abi::NotPublisher { caller }))
    );
    let (first, second) = (U256::from(2), U256::from(1));
    assert_eq!(
        send(alice, &[LEAST_VOLATILITY]),
        Err(error(abi::LengthMismatch { first, second }))
    );
    for given in [0, LEAST_VOLATILITY - 1, MOST_VOLATILITY + 1, u64::MAX] {
        let (expiry, least, most) = (QUARTER, LEAST_VOLATILITY, MOST_VOLATILITY);
        let expected = abi::BadVolatility {
            expiry,
            given,
            least,
            most,
        };
        assert_eq!(
            send(alice, &[LEAST_VOLATILITY, given]),
            Err(error(expected))
        );
    }
    send(alice, &[LEAST_VOLATILITY, MOST_VOLATILITY]).unwrap();
    let found = surface
        .sender(bob)
        .smile_of(FEED, 1, QUARTER)
        .motsu_unwrap()
        .0;
    let expected = PublishedSmile::flat(MOST_VOLATILITY, QUARTER, NOW).unwrap();
    assert_eq!(found, word(expected));
    assert!(
        surface
            .sender(bob)
            .expiries_of(FEED, 0)
            .motsu_unwrap()
            .is_empty()
    );
}
