//! The router against the interface: every method is reached, and what it reads and writes is what the generated encoders write and read.

use alloy_primitives::U256;
use alloy_sol_types::{SolCall, SolInterface, SolValue};
use interfaces::ISettlementCommittee as abi;
use motsu::prelude::*;
use stylus_sdk::abi::Router;

use super::scene::{CHAIN, EXPIRY, FEED, NOW, RELAYER, addresses, domain, good, keys, sign};
use crate::SettlementCommittee;
use crate::attestation::DISPUTE_SECONDS;

/// Asks our router, whose answer must be that of the generated one.
fn ask(committee: &Contract<SettlementCommittee>, calldata: &[u8]) -> Result<Vec<u8>, Vec<u8>> {
    let (selector, input) = calldata.split_first_chunk().unwrap();
    let selector = u32::from_be_bytes(*selector);
    let ours = committee.sender(RELAYER).serve(calldata);
    let generated = SettlementCommittee::route(&mut *committee.sender(RELAYER), selector, input);
    assert_eq!(Some(&ours), generated.as_ref());
    ours
}

fn read<C: SolCall>(committee: &Contract<SettlementCommittee>, call: &C) -> C::Return {
    C::abi_decode_returns(&ask(committee, &call.abi_encode()).unwrap(), true).unwrap()
}

#[motsu::test]
fn every_selector_is_known(committee: Contract<SettlementCommittee>) {
    for selector in abi::ISettlementCommitteeCalls::selectors() {
        let found = committee.sender(RELAYER).dispatch(selector, &[]);
        assert_ne!(found, Ok(None), "{selector:02x?}");
    }
    let unknown = committee.sender(RELAYER).dispatch([1, 2, 3, 4], &[]);
    assert_eq!(unknown, Ok(None));
    for calldata in [&[][..], &[1, 2, 3], &[1, 2, 3, 4]] {
        assert_eq!(committee.sender(RELAYER).serve(calldata), Err(Vec::new()));
    }
}

#[motsu::test]
fn every_method_speaks_the_interface(committee: Contract<SettlementCommittee>) {
    let signers = keys(1..=3);
    let arguments = (addresses(&signers), U256::from(2));
    let built = committee
        .sender(RELAYER)
        .construct(&arguments.abi_encode_params());
    assert_eq!(built, Ok(()));

    let here = domain(CHAIN, committee.address());
    let attest = abi::attestCall {
        feed: FEED,
        expiry: EXPIRY,
        price: good().price,
        deadline: good().deadline,
        signatures: sign(&signers[..2], &good(), &here).0.into(),
    };
    let answer = committee
        .sender(RELAYER)
        .serve(&attest.abi_encode())
        .unwrap();
    let returned = abi::attestCall::abi_decode_returns(&answer, true).unwrap();
    assert_eq!(returned.finalAt, NOW + DISPUTE_SECONDS);
    // A second time as many are not more: both routers say so alike.
    assert!(ask(&committee, &attest.abi_encode()).is_err());

    let (feed, expiry) = (FEED, EXPIRY);
    let stands = read(&committee, &abi::attestationCall { feed, expiry });
    assert_eq!(
        (stands.price, stands.finalAt),
        (good().price, NOW + DISPUTE_SECONDS)
    );
    let attesters = read(&committee, &abi::attestersCall { feed, expiry });
    assert_eq!(attesters.signers, 2);
    // Only ours: of a list beside a number the generated router makes one tuple.
    let mut answer = committee.sender(RELAYER);
    let answer = answer.serve(&abi::signerSetCall {}.abi_encode()).unwrap();
    let set = abi::signerSetCall::abi_decode_returns(&answer, true).unwrap();
    assert_eq!((set.signers, set.threshold), (addresses(&signers), 2));
    let separator = read(&committee, &abi::domainSeparatorCall {})._0;
    assert_eq!(separator, here.separator());
}

#[motsu::test]
fn truncated_and_dirty_calldata_revert(committee: Contract<SettlementCommittee>) {
    super::scene::open(&committee);
    let attest = abi::attestCall {
        feed: FEED,
        expiry: EXPIRY,
        price: U256::from(1),
        deadline: NOW,
        signatures: Vec::from([7; 195]).into(),
    }
    .abi_encode();
    let refused = ask(&committee, &attest);
    assert!(!refused.unwrap_err().is_empty(), "a typed refusal");
    // Cut inside the signatures, and inside the head.
    for length in [4 + 6 * 32 + 194, 4 + 5 * 32, 40] {
        let cut = committee.sender(RELAYER).serve(&attest[..length]);
        assert_eq!(cut, Err(Vec::new()), "{length}");
    }
    // Bits above the 32 of the expiry.
    let mut dirty = attest;
    dirty[4 + 32] = 1;
    assert_eq!(committee.sender(RELAYER).serve(&dirty), Err(Vec::new()));
}
