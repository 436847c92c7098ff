//! The signers replace themselves, and nobody else does.

use alloy_sol_types::SolError;
use interfaces::ISignedPrice::{Expired, SignersReplaced, UnknownSigner, WrongGeneration};
use interfaces::Revert;
use motsu::prelude::*;
use stylus_sdk::abi::Bytes;

use super::scene::{
    CHAIN, NOW, RELAYER, SignerReplacement, addresses, domain, error, good, keys, open, sign,
    submit,
};
use crate::SignedPrice;

fn replacement() -> SignerReplacement {
    SignerReplacement {
        signers: addresses(&keys(3..=6)),
        threshold: 3,
        generation: 1,
        deadline: NOW,
    }
}

fn replace(
    source: &Contract<SignedPrice>,
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
fn the_threshold_of_signers_names_the_next(source: Contract<SignedPrice>) {
    let old = open(&source);
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
    // The old ones are strangers now; the new ones set prices.
    let refused = submit(&source, &old, &good()).unwrap_err();
    assert_eq!(refused.data()[..4], UnknownSigner::SELECTOR);
    assert_eq!(submit(&source, &new[..3], &good()), Ok(true));
    // What was signed for the first generation does not work again.
    let again = replace(&source, &message, sign(&new, &message, &here));
    let wrong = WrongGeneration {
        given: 1,
        current: 2,
    };
    assert_eq!(again, Err(error(wrong)));
}

#[motsu::test]
fn a_replacement_is_signed_whole_by_signers_before_its_deadline(source: Contract<SignedPrice>) {
    let old = open(&source);
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
