//! The signers replace themselves, and nobody else does.

use alloy_sol_types::SolError;
use interfaces::ISignedQuotes::{Expired, SignersReplaced, UnknownSigner, WrongGeneration};
use interfaces::Revert;
use motsu::prelude::*;
use smile_proof::SmileProof;
use stylus_sdk::abi::Bytes;
use volatility_surface::VolatilitySurface;

use super::scene::{
    CHAIN, NOW, RELAYER, SKEW, SignerReplacement, addresses, domain, error, good, keys, listed,
    open, sign, submit, word,
};
use crate::SignedQuotes;

fn replacement() -> SignerReplacement {
    SignerReplacement {
        signers: addresses(&keys(3..=6)),
        threshold: 3,
        generation: 1,
        deadline: NOW,
    }
}

fn replace(
    source: &Contract<SignedQuotes>,
    message: &SignerReplacement,
    signatures: Bytes,
) -> Result<(), Revert> {
    source.sender(RELAYER).replace_signers(
        message.signers.clone(),
        message.threshold,
        message.generation,
        message.deadline,
        signatures,
    )
}

#[motsu::test]
fn the_threshold_of_signers_names_the_next(
    source: Contract<SignedQuotes>,
    surface: Contract<VolatilitySurface>,
    proof: Contract<SmileProof>,
) {
    let old = listed(&source, &surface, &proof);
    let message = replacement();
    let here = domain(CHAIN, source.address());
    replace(&source, &message, sign(&old[..2], &message, &here)).motsu_unwrap();
    let new = keys(3..=6);
    assert_eq!(source.sender(RELAYER).signer_set(), (addresses(&new), 3, 2));
    assert!(source.emitted(&SignersReplaced {
        generation: 2,
        signers: 4,
        threshold: 3,
    }));
    // The old ones are strangers now; the new ones state quotes.
    let refused = submit(&source, &old, &good(1), &[word(SKEW)]).unwrap_err();
    assert_eq!(refused.data()[..4], UnknownSigner::SELECTOR);
    assert_eq!(submit(&source, &new[..3], &good(1), &[word(SKEW)]), Ok(()));
    // What was signed for the first generation does not work again.
    let again = replace(&source, &message, sign(&new, &message, &here));
    let wrong = WrongGeneration {
        given: 1,
        current: 2,
    };
    assert_eq!(again, Err(error(wrong)));
}

#[motsu::test]
fn a_replacement_is_signed_whole_by_signers_before_its_deadline(source: Contract<SignedQuotes>) {
    let old = open(&source, RELAYER);
    let here = domain(CHAIN, source.address());
    let late = SignerReplacement {
        deadline: NOW - 1,
        ..replacement()
    };
    let expired = Expired {
        deadline: NOW - 1,
        time: NOW,
    };
    assert_eq!(
        replace(&source, &late, sign(&old, &late, &here)),
        Err(error(expired))
    );
    let signatures = sign(&old, &replacement(), &here);
    let mut other = replacement();
    other.signers.pop();
    for altered in [
        other,
        SignerReplacement {
            threshold: 1,
            ..replacement()
        },
        SignerReplacement {
            deadline: NOW + 1,
            ..replacement()
        },
    ] {
        let refused = replace(&source, &altered, Bytes(signatures.0.clone())).unwrap_err();
        assert_eq!(refused.data()[..4], UnknownSigner::SELECTOR);
    }
    // The next signers cannot name themselves.
    let usurped = sign(&keys(4..=6), &replacement(), &here);
    let refused = replace(&source, &replacement(), usurped).unwrap_err();
    assert_eq!(refused.data()[..4], UnknownSigner::SELECTOR);
    assert_eq!(source.sender(RELAYER).signer_set().2, 1);
}
