//! The constructor.

use alloy_primitives::{Address, U256};
use interfaces::ISettlementCommittee::{
    BadSigner, DuplicateSigner, ParameterOutOfBounds, UnsortedSigners,
};
use motsu::prelude::*;

use super::scene::{RELAYER, addresses, error, keys, open};
use crate::SettlementCommittee;

#[motsu::test]
fn less_than_a_majority_or_more_than_all_is_no_threshold(committee: Contract<SettlementCommittee>) {
    for (count, threshold, least) in [(5, 2, 3), (5, 6, 3), (4, 2, 3), (3, 1, 2), (1, 0, 1)] {
        let refused = committee
            .sender(RELAYER)
            .constructor(addresses(&keys(1..=count)), threshold)
            .motsu_unwrap_err();
        let [given, least, most] = [threshold, least, count].map(U256::from);
        let expected = error(ParameterOutOfBounds { given, least, most });
        assert_eq!(refused, expected, "{threshold} of {count}");
    }
}

#[motsu::test]
fn a_set_is_ascending_without_nobody_and_of_at_most_32(committee: Contract<SettlementCommittee>) {
    let [a, b, c] = addresses(&keys(1..=3))[..] else {
        panic!("three");
    };
    let try_set = |signers: Vec<Address>| {
        let threshold = u8::try_from(signers.len()).unwrap();
        committee
            .sender(RELAYER)
            .constructor(signers, threshold)
            .motsu_unwrap_err()
    };
    assert_eq!(
        try_set(vec![a, c, b]),
        error(UnsortedSigners {
            previous: c,
            next: b
        })
    );
    assert_eq!(try_set(vec![a, b, b]), error(DuplicateSigner { signer: b }));
    assert_eq!(
        try_set(vec![Address::ZERO, a, b]),
        error(BadSigner {
            signer: Address::ZERO
        })
    );
    let many = (1..=33).map(Address::repeat_byte).collect();
    let [given, least, most] = [33, 1, 32].map(U256::from);
    assert_eq!(
        try_set(many),
        error(ParameterOutOfBounds { given, least, most })
    );
    // Nobody at all.
    assert!(
        committee
            .sender(RELAYER)
            .constructor(Vec::new(), 1)
            .motsu_res()
            .is_err()
    );
}

#[motsu::test]
fn the_set_is_what_was_given(committee: Contract<SettlementCommittee>) {
    let signers = open(&committee);
    let (found, threshold) = committee.sender(RELAYER).signer_set();
    assert_eq!((found, threshold), (addresses(&signers), 3));
}
