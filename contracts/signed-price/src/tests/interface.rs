//! The router against the interface: every method is reached, and what it reads and writes is what the generated encoders write and read.

use alloc::string::ToString;
use alloc::vec::Vec;

use alloy_primitives::aliases::U80;
use alloy_primitives::{Address, U256};
use alloy_sol_types::{SolCall, SolInterface, SolValue};
use interfaces::ISignedPrice as abi;
use motsu::prelude::*;
use stylus_sdk::abi::Router;

use super::scene::{
    CHAIN, DECIMALS, LEAST_CONFIDENCE, NOW, RELAYER, SignerReplacement, addresses, domain, good,
    keys, sign,
};
use crate::{SURE, SignedPrice};

/// Reads through our router, whose answer must be that of the generated one.
fn ask(source: &Contract<SignedPrice>, calldata: &[u8]) -> Result<Vec<u8>, Vec<u8>> {
    let (selector, input) = calldata.split_first_chunk().unwrap();
    let selector = u32::from_be_bytes(*selector);
    let ours = source.sender(RELAYER).serve(calldata);
    let generated = SignedPrice::route(&mut *source.sender(RELAYER), selector, input);
    assert_eq!(Some(&ours), generated.as_ref());
    ours
}

fn read<C: SolCall>(source: &Contract<SignedPrice>, call: &C) -> C::Return {
    C::abi_decode_returns(&ask(source, &call.abi_encode()).unwrap(), true).unwrap()
}

/// Constructs as the deployer does: ABI-encoded arguments.
fn construct(source: &Contract<SignedPrice>, signers: Vec<Address>, description: &str) {
    let arguments = (
        signers,
        U256::from(2),
        U256::from(DECIMALS),
        LEAST_CONFIDENCE,
        description.to_string(),
    );
    let built = source
        .sender(RELAYER)
        .construct(&arguments.abi_encode_params());
    assert_eq!(built, Ok(()));
}

#[motsu::test]
fn every_selector_is_known(source: Contract<SignedPrice>) {
    for selector in abi::ISignedPriceCalls::selectors() {
        let found = source.sender(RELAYER).dispatch(selector, &[]);
        assert_ne!(found, Ok(None), "{selector:02x?}");
    }
    let unknown = source.sender(RELAYER).dispatch([1, 2, 3, 4], &[]);
    assert_eq!(unknown, Ok(None));
    for calldata in [&[][..], &[1, 2, 3], &[1, 2, 3, 4]] {
        assert_eq!(source.sender(RELAYER).serve(calldata), Err(Vec::new()));
    }
}

#[motsu::test]
fn every_method_speaks_the_interface(source: Contract<SignedPrice>) {
    let signers = keys(1..=3);
    let description = "Exactly thirty-one bytes / USD!";
    construct(&source, addresses(&signers), description);

    let here = domain(CHAIN, source.address());
    let update = abi::updateCall {
        price: good().price,
        confidence: good().confidence,
        timestamp: good().timestamp,
        deadline: good().deadline,
        signatures: sign(&signers, &good(), &here).0.into(),
    };
    let answer = source.sender(RELAYER).serve(&update.abi_encode()).unwrap();
    let accepted = abi::updateCall::abi_decode_returns(&answer, true).unwrap();
    assert!(accepted.accepted);
    // The second time it is old: both routers say so alike.
    assert!(!read(&source, &update).accepted);

    assert_eq!(read(&source, &abi::decimalsCall {})._0, DECIMALS);
    assert_eq!(read(&source, &abi::descriptionCall {})._0, description);
    assert_eq!(read(&source, &abi::versionCall {})._0, U256::from(1));
    let least = read(&source, &abi::leastConfidenceCall {})._0;
    assert_eq!(least, LEAST_CONFIDENCE);
    let separator = read(&source, &abi::domainSeparatorCall {})._0;
    assert_eq!(separator, here.separator());
    let set = read(&source, &abi::signerSetCall {})._0;
    assert_eq!(
        (set.signers, set.threshold, set.generation),
        (addresses(&signers), 2, 1)
    );
    let latest = read(&source, &abi::latestPriceCall {});
    assert_eq!(
        (
            latest.price,
            latest.confidence,
            latest.timestamp,
            latest.roundId
        ),
        (good().price, SURE, NOW, U80::from(1))
    );
    let round = read(&source, &abi::latestRoundDataCall {});
    let of_id = read(
        &source,
        &abi::getRoundDataCall {
            roundId: U80::from(1),
        },
    );
    assert_eq!((round.id, round.answer), (of_id.id, of_id.answer));
    assert_eq!(round.answer.into_raw(), good().price);
    assert_eq!(
        (round.startedAt, round.updatedAt, round.answeredInRound),
        (U256::from(NOW), U256::from(NOW), U80::from(1))
    );
    let unknown = abi::getRoundDataCall { roundId: U80::MAX };
    assert!(ask(&source, &unknown.abi_encode()).is_err());

    let message = SignerReplacement {
        signers: addresses(&keys(5..=6)),
        threshold: 1,
        generation: 1,
        deadline: NOW,
    };
    let replace = abi::replaceSignersCall {
        signatures: sign(&signers, &message, &here).0.into(),
        signers: message.signers,
        threshold: message.threshold,
        generation: message.generation,
        deadline: message.deadline,
    };
    let answer = source.sender(RELAYER).serve(&replace.abi_encode());
    assert_eq!(answer, Ok(Vec::new()));
    assert_eq!(read(&source, &abi::signerSetCall {})._0.generation, 2);
}

#[motsu::test]
fn truncated_and_dirty_calldata_revert(source: Contract<SignedPrice>) {
    construct(&source, addresses(&keys(1..=3)), "ETH / USD");
    let update = abi::updateCall {
        price: U256::from(1),
        confidence: SURE,
        timestamp: NOW,
        deadline: NOW,
        signatures: Vec::from([7; 130]).into(),
    }
    .abi_encode();
    let refused = ask(&source, &update);
    assert!(!refused.unwrap_err().is_empty(), "a typed refusal");
    // Cut inside the signatures, and inside the head.
    for length in [4 + 6 * 32 + 129, 4 + 5 * 32, 40] {
        let cut = source.sender(RELAYER).serve(&update[..length]);
        assert_eq!(cut, Err(Vec::new()), "{length}");
    }
    // Bits above the 64 of the confidence.
    let mut dirty = update;
    dirty[4 + 32] = 1;
    assert_eq!(source.sender(RELAYER).serve(&dirty), Err(Vec::new()));
    let mut wide = abi::getRoundDataCall { roundId: U80::MAX }.abi_encode();
    wide[4 + 21] = 1;
    assert_eq!(source.sender(RELAYER).serve(&wide), Err(Vec::new()));
}
