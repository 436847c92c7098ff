//! Whose signatures count, and over what.

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::SolError;
use interfaces::ISignedQuotes::{
    BadSignature, DuplicateSigner, NotEnoughSigners, UnknownSigner, UnsortedSigners,
};
use motsu::prelude::*;
use smile_proof::SmileProof;
use stylus_sdk::abi::Bytes;
use volatility_surface::VolatilitySurface;

use super::scene::{
    CHAIN, OptionQuotes, RELAYER, SKEW, addresses, domain, error, good, keys, listed, send, sign,
    submit, word,
};
use crate::SignedQuotes;

#[motsu::test]
fn enough_of_the_right_keys_must_sign(
    publisher: Contract<SignedQuotes>,
    surface: Contract<VolatilitySurface>,
    proof: Contract<SmileProof>,
) {
    let signers = listed(&publisher, &surface, &proof);
    let submit = |keys: &[_]| submit(&publisher, keys, &good(1), &[word(SKEW)]);
    let few = NotEnoughSigners {
        given: U256::from(1),
        needed: U256::from(2),
    };
    assert_eq!(submit(&signers[..1]), Err(error(few)));
    let stranger = keys(9..=9);
    let mixed: Vec<_> = signers.iter().chain(&stranger).cloned().collect();
    let signer = addresses(&stranger)[0];
    assert_eq!(submit(&mixed), Err(error(UnknownSigner { signer })));
    let [a, b, _] = &signers[..] else {
        panic!("three keys")
    };
    let signer = a.address();
    assert_eq!(
        submit(&[a.clone(), a.clone()]),
        Err(error(DuplicateSigner { signer }))
    );
    let backwards = UnsortedSigners {
        previous: b.address(),
        next: a.address(),
    };
    assert_eq!(submit(&[b.clone(), a.clone()]), Err(error(backwards)));
    let torn = sign(&signers, &good(1), &domain(CHAIN, publisher.address()));
    let torn = Bytes(torn[..torn.len() - 1].to_vec());
    let refused = send(&publisher, &good(1), &[word(SKEW)], torn);
    let bad = BadSignature {
        index: U256::from(2),
    };
    assert_eq!(refused, Err(error(bad)));
    assert_eq!(submit(&signers), Ok(()));
}

#[motsu::test]
fn every_signed_field_counts(
    publisher: Contract<SignedQuotes>,
    surface: Contract<VolatilitySurface>,
    proof: Contract<SmileProof>,
) {
    let signers = listed(&publisher, &surface, &proof);
    let here = domain(CHAIN, publisher.address());
    let altered: [fn(&mut OptionQuotes); 7] = [
        |quotes| quotes.feed = !quotes.feed,
        |quotes| quotes.observedAt -= 1,
        |quotes| quotes.spot += 1,
        |quotes| quotes.expiries[0].0[31] ^= 1,
        |quotes| quotes.quotes[0].0[31] ^= 1,
        |quotes| quotes.quotes.swap(0, 1),
        |quotes| quotes.deadline += 1,
    ];
    for alter in altered {
        let mut other = good(1);
        alter(&mut other);
        // Signed as altered, sent as it was: the feed is not even sent.
        let signatures = sign(&signers, &other, &here);
        let refused = send(&publisher, &good(1), &[word(SKEW)], signatures).unwrap_err();
        assert_eq!(refused.data()[..4], UnknownSigner::SELECTOR);
    }
    // What is in no signature: who sends, and the smile.
    assert_eq!(
        submit(&publisher, &signers, &good(1), &[word(SKEW)]),
        Ok(())
    );
}

#[motsu::test]
fn a_quote_moved_to_the_list_of_expiries_is_another_message(
    publisher: Contract<SignedQuotes>,
    surface: Contract<VolatilitySurface>,
    proof: Contract<SmileProof>,
) {
    let signers = listed(&publisher, &surface, &proof);
    let message = good(1);
    let signatures = sign(&signers, &message, &domain(CHAIN, publisher.address()));
    let mut moved = good(1);
    moved.expiries.push(moved.quotes.remove(0));
    let refused = send(&publisher, &moved, &[word(SKEW), B256::ZERO], signatures).unwrap_err();
    assert_eq!(refused.data()[..4], UnknownSigner::SELECTOR);
}

#[motsu::test]
fn signatures_for_another_chain_or_contract_are_of_nobody_here(
    publisher: Contract<SignedQuotes>,
    surface: Contract<VolatilitySurface>,
    proof: Contract<SmileProof>,
) {
    let signers = listed(&publisher, &surface, &proof);
    for elsewhere in [
        domain(CHAIN + 1, publisher.address()),
        domain(CHAIN, Address::repeat_byte(9)),
    ] {
        let signatures = sign(&signers, &good(1), &elsewhere);
        let refused = send(&publisher, &good(1), &[word(SKEW)], signatures).unwrap_err();
        assert_eq!(refused.data()[..4], UnknownSigner::SELECTOR);
    }
    assert_eq!(
        publisher.sender(RELAYER).domain_separator(),
        domain(CHAIN, publisher.address()).separator()
    );
}
