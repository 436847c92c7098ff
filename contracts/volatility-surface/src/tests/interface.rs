//! The router against the interface: every method is reached, and what it reads and writes is what the generated encoders write and read.

use alloy_primitives::{Address, U256, aliases::U80};
use alloy_sol_types::{SolCall, SolInterface};
use interfaces::{IOwnable2Step as owned, IVolatilitySurface as abi};
use motsu::prelude::*;
use smile_proof::SmileProof;
use stylus_sdk::abi::{CONSTRUCTOR_SELECTOR, Router};

use super::scene::{CEILING, FEED, MAX_AGE, MONTH, QUARTER, SKEW, flat, word};
use crate::VolatilitySurface;

/// Reads through our router, whose answer must be that of the generated one, but for the offset that SDK 0.9 puts before several values of which one is
/// dynamic, and Solidity does not.
fn read<C: SolCall>(surface: &Contract<VolatilitySurface>, call: &C) -> C::Return {
    let calldata = call.abi_encode();
    let (selector, input) = calldata.split_first_chunk().unwrap();
    let selector = u32::from_be_bytes(*selector);
    let ours = surface.sender(Address::ZERO).serve(&calldata);
    let generated = VolatilitySurface::route(&mut *surface.sender(Address::ZERO), selector, input);
    let ours = ours.unwrap();
    let generated = generated.unwrap().unwrap();
    let offset = generated.len().saturating_sub(ours.len());
    assert!(offset == 0 || generated[..offset] == U256::from(32).to_be_bytes::<32>());
    assert_eq!(ours, generated[offset..]);
    C::abi_decode_returns(&ours, true).unwrap()
}

/// Calls through our router.
fn call<C: SolCall>(surface: &Contract<VolatilitySurface>, caller: Address, call: &C) {
    let answer = surface.sender(caller).serve(&call.abi_encode()).unwrap();
    assert!(answer.is_empty());
}

#[motsu::test]
fn every_selector_is_known(surface: Contract<VolatilitySurface>, alice: Address) {
    let selectors =
        abi::IVolatilitySurfaceCalls::selectors().chain(owned::IOwnable2StepCalls::selectors());
    for selector in selectors {
        let found = surface.sender(alice).dispatch(selector, &[]);
        assert_ne!(found, Ok(None), "{selector:02x?}");
    }
    assert_eq!(surface.sender(alice).dispatch([1, 2, 3, 4], &[]), Ok(None));
    for calldata in [&[][..], &[1, 2, 3], &[1, 2, 3, 4]] {
        assert_eq!(surface.sender(alice).serve(calldata), Err(Vec::new()));
    }
}

#[motsu::test]
fn every_method_speaks_the_interface(
    surface: Contract<VolatilitySurface>,
    proof: Contract<SmileProof>,
    alice: Address,
    bob: Address,
) {
    surface
        .sender(bob)
        .constructor(alice, proof.address())
        .motsu_unwrap();
    let listing = abi::listSurfaceCall {
        feed: FEED,
        publishers: vec![alice, Address::ZERO, bob],
        quorum: 2,
        maxAge: MAX_AGE,
        ceiling: CEILING,
        maxChangeBps: 65_535,
    };
    call(&surface, alice, &listing);
    let signers = vec![Address::with_last_byte(1), Address::with_last_byte(2)];
    let filling = abi::replacePublisherCall {
        feed: FEED,
        publisher: 1,
        account: Address::ZERO,
        signers: signers.clone(),
        threshold: 2,
    };
    call(&surface, alice, &filling);
    let term = U80::from((7_u128 << 48) | (9 << 16) | 100);
    let publishing = abi::publishSurfaceCall {
        feed: FEED,
        publisher: 2,
        smiles: vec![word(SKEW), flat(900, QUARTER - 1)],
        terms: vec![term, term],
        deadline: 0,
        signatures: vec![1, 2, 3].into(),
    };
    let wings = surface
        .sender(bob)
        .serve(&publishing.abi_encode())
        .unwrap_err();
    assert_eq!(
        wings[..4],
        <abi::InvalidSmile as alloy_sol_types::SolError>::SELECTOR
    );
    let publishing = abi::publishSurfaceCall {
        smiles: vec![word(SKEW)],
        terms: vec![term],
        ..publishing
    };
    call(&surface, bob, &publishing);
    let expiries = vec![MONTH, QUARTER];
    let volatilities = vec![600_000_000_000_000_000, 700_000_000_000_000_000];
    let flats = abi::publishVolatilityCall {
        feed: FEED,
        expiries: expiries.clone(),
        volatilities,
    };
    call(&surface, alice, &flats);

    let found = read(
        &surface,
        &abi::termsCall {
            feed: FEED,
            expiries: expiries.clone(),
        },
    );
    assert_eq!(found.terms.len(), 2);
    assert_eq!(found.terms[0].smiles, 2);
    assert_eq!(found.smiles.len(), 8);
    assert!(!found.stale);
    // (7 + 0) / 2, rounded down, and the mean of no and one percent of doubt.
    assert_eq!(found.terms[0].carry, 3_000_000_000);
    assert_eq!(found.terms[0].confidence, 995_000_000_000_000_000);
    let none = read(
        &surface,
        &abi::termsCall {
            feed: FEED,
            expiries: vec![],
        },
    );
    assert!(none.terms.is_empty() && none.smiles.is_empty());
    let [forward, strike] = [100, 80].map(U256::from);
    let asked = abi::volatilityCall {
        feed: FEED,
        expiry: MONTH,
        forward,
        strike,
    };
    assert!(read(&surface, &asked).value > 600_000_000_000_000_000);
    let smile = read(
        &surface,
        &abi::smileOfCall {
            feed: FEED,
            publisher: 2,
            expiry: MONTH,
        },
    );
    assert_eq!(smile.term, term);
    let listed = read(
        &surface,
        &abi::expiriesOfCall {
            feed: FEED,
            publisher: 0,
        },
    )
    ._0;
    assert_eq!(listed, expiries);
    let keys = read(
        &surface,
        &abi::publisherOfCall {
            feed: FEED,
            publisher: 1,
        },
    );
    assert_eq!(
        (keys.account, keys.signers, keys.threshold),
        (Address::ZERO, signers, 2)
    );
    let rules = read(&surface, &abi::rulesCall { feed: FEED });
    assert_eq!(
        (rules.publishers, rules.quorum, rules.maxAge),
        (3, 2, MAX_AGE)
    );
    assert_eq!((rules.ceiling, rules.maxChangeBps), (CEILING, 65_535));
    assert_eq!(read(&surface, &abi::smileProofCall {})._0, proof.address());
    read(&surface, &abi::domainSeparatorCall {});

    call(
        &surface,
        alice,
        &owned::transferOwnershipCall { newOwner: bob },
    );
    assert_eq!(read(&surface, &owned::pendingOwnerCall {})._0, bob);
    call(&surface, bob, &owned::acceptOwnershipCall {});
    assert_eq!(read(&surface, &owned::ownerCall {})._0, bob);
    call(&surface, bob, &owned::renounceOwnershipCall {});
    assert_eq!(read(&surface, &owned::ownerCall {})._0, Address::ZERO);
}

#[motsu::test]
fn the_constructor_runs_once(surface: Contract<VolatilitySurface>, alice: Address, bob: Address) {
    let construct = |owner: Address| {
        let selector = CONSTRUCTOR_SELECTOR.to_be_bytes();
        let args = [owner.into_word(), bob.into_word()].concat();
        surface
            .sender(alice)
            .serve(&[&selector[..], &args].concat())
    };
    assert!(construct(alice).is_ok());
    assert!(construct(bob).is_err());
    assert_eq!(
        (
            surface.sender(alice).owner(),
            surface.sender(alice).smile_proof()
        ),
        (alice, bob)
    );
}

#[motsu::test]
fn truncated_and_dirty_calldata_revert(surface: Contract<VolatilitySurface>, alice: Address) {
    let asked = abi::termsCall {
        feed: FEED,
        expiries: vec![MONTH],
    }
    .abi_encode();
    // 1 in the byte before a u32.
    let mut dirty = asked.clone();
    dirty[4 + 3 * 32 + 27] = 1;
    for calldata in [&asked[..asked.len() - 1], &asked[..40], &dirty] {
        assert_eq!(surface.sender(alice).serve(calldata), Err(Vec::new()));
    }
}
