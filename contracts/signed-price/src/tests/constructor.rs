//! What a source may be made of.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use alloy_primitives::{Address, U256};
use interfaces::ISignedPrice::{BadSigner, ParameterOutOfBounds, SignersReplaced};
use interfaces::Revert;
use motsu::prelude::*;

use super::scene::{LEAST_CONFIDENCE, RELAYER, addresses, error, open};
use crate::{SURE, SignedPrice};

fn construct(
    source: &Contract<SignedPrice>,
    signers: Vec<Address>,
    threshold: u8,
    decimals: u8,
    least_confidence: u64,
) -> Result<(), Revert> {
    source.sender(RELAYER).constructor(
        signers,
        threshold,
        decimals,
        least_confidence,
        String::new(),
    )
}

#[motsu::test]
fn the_parameters_are_bounded(source: Contract<SignedPrice>) {
    let out = |given: u64, least: u64, most: u64| {
        let [given, least, most] = [given, least, most].map(U256::from);
        error(ParameterOutOfBounds { given, least, most })
    };
    let one = vec![Address::repeat_byte(1)];
    let nobody = BadSigner {
        signer: Address::ZERO,
    };
    for (signers, threshold, decimals, confidence, refusal) in [
        (one.clone(), 1, 19, 0, out(19, 0, 18)),
        (one.clone(), 1, 18, SURE + 1, out(SURE + 1, 0, SURE)),
        (one.clone(), 0, 18, SURE, out(0, 1, 1)),
        (one.clone(), 2, 18, SURE, out(2, 1, 1)),
        (Vec::new(), 1, 18, SURE, out(0, 1, 32)),
        (vec![Address::ZERO], 1, 18, SURE, error(nobody)),
    ] {
        assert_eq!(
            construct(&source, signers, threshold, decimals, confidence),
            Err(refusal)
        );
    }
    assert_eq!(construct(&source, one, 1, 18, SURE), Ok(()));
}

#[motsu::test]
fn the_first_signers_are_those_of_the_constructor(source: Contract<SignedPrice>) {
    let signers = open(&source);
    assert_eq!(
        source.sender(RELAYER).signer_set(),
        (addresses(&signers), 2, 1)
    );
    assert_eq!(source.sender(RELAYER).least_confidence(), LEAST_CONFIDENCE);
    assert!(source.emitted(&SignersReplaced {
        generation: 1,
        signers: 3,
        threshold: 2,
    }));
}
