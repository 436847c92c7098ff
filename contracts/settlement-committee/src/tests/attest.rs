//! `attest` and `attestation`.

use alloy_primitives::{B256, U256};
use interfaces::ISettlementCommittee::{
    Attested, BadSignature, DisputeClosed, DuplicateSigner, Expired, NotEnoughSigners, NotExpired,
    NotMoreSigners, ParameterOutOfBounds, UnknownSigner,
};
use motsu::prelude::*;

use super::scene::{
    Attestation, CHAIN, EXPIRY, FEED, NOW, RELAYER, dollars, domain, error, good, keys, open, send,
    sign, submit,
};
use crate::SettlementCommittee;
use crate::attestation::DISPUTE_SECONDS;

fn stands(committee: &Contract<SettlementCommittee>) -> (U256, u64, u8) {
    let (price, final_at) = committee.sender(RELAYER).attestation(FEED, EXPIRY);
    let signers = committee.sender(RELAYER).attesters(FEED, EXPIRY);
    (price, final_at, signers)
}

#[motsu::test]
fn nothing_is_attested_of_what_has_not_expired(committee: Contract<SettlementCommittee>) {
    let signers = open(&committee);
    let expiry = u32::try_from(NOW).unwrap() + 1;
    let early = Attestation { expiry, ..good() };
    assert_eq!(
        submit(&committee, &signers, &early).unwrap_err(),
        error(NotExpired { expiry, time: NOW })
    );
    let on_time = Attestation {
        expiry: expiry - 1,
        ..good()
    };
    submit(&committee, &signers, &on_time).unwrap();
}

#[motsu::test]
fn zero_and_more_than_128_bits_are_no_price(committee: Contract<SettlementCommittee>) {
    let signers = open(&committee);
    for price in [U256::ZERO, U256::from(u128::MAX) + U256::from(1), U256::MAX] {
        let message = Attestation { price, ..good() };
        let (given, least, most) = (price, U256::from(1), U256::from(u128::MAX));
        assert_eq!(
            submit(&committee, &signers, &message).unwrap_err(),
            error(ParameterOutOfBounds { given, least, most })
        );
    }
}

#[motsu::test]
fn what_is_late_forged_or_of_too_few_is_refused(committee: Contract<SettlementCommittee>) {
    let signers = open(&committee);
    let late = Attestation {
        deadline: NOW - 1,
        ..good()
    };
    let (deadline, time) = (NOW - 1, NOW);
    assert_eq!(
        submit(&committee, &signers, &late).unwrap_err(),
        error(Expired { deadline, time })
    );
    for given in 0..3 {
        let (given, needed) = (U256::from(given), U256::from(3));
        assert_eq!(
            submit(&committee, &signers[..given.to()], &good()).unwrap_err(),
            error(NotEnoughSigners { given, needed })
        );
    }
    // By others; by signers for another contract, chain, feed, expiry or price.
    let others = keys(11..=13);
    let signer = others[0].address();
    assert_eq!(
        submit(&committee, &others, &good()).unwrap_err(),
        error(UnknownSigner { signer })
    );
    let here = domain(CHAIN, committee.address());
    let forged = [
        sign(&signers[..3], &good(), &domain(CHAIN, RELAYER)),
        sign(&signers[..3], &good(), &domain(1, committee.address())),
        sign(
            &signers[..3],
            &Attestation {
                feed: B256::repeat_byte(1),
                ..good()
            },
            &here,
        ),
        sign(
            &signers[..3],
            &Attestation {
                expiry: EXPIRY - 1,
                ..good()
            },
            &here,
        ),
        sign(
            &signers[..3],
            &Attestation {
                price: dollars(1),
                ..good()
            },
            &here,
        ),
    ];
    for signatures in forged {
        let refused = send(&committee, &good(), signatures).unwrap_err();
        let unknown = error(UnknownSigner { signer });
        // Somebody else's, or nobody's.
        assert!(
            Vec::from(refused.clone())[..4] == Vec::from(unknown)[..4]
                || refused == error(BadSignature { index: U256::ZERO })
        );
    }
    let [a, b, ..] = &signers[..] else {
        panic!("five");
    };
    let twice = [a.clone(), b.clone(), b.clone()];
    let signer = b.address();
    assert_eq!(
        submit(&committee, &twice, &good()).unwrap_err(),
        error(DuplicateSigner { signer })
    );
    assert_eq!(stands(&committee), (U256::ZERO, 0, 0));
}

#[motsu::test]
fn only_more_signers_replace_an_attestation_and_the_end_does_not_move(
    committee: Contract<SettlementCommittee>,
) {
    let signers = open(&committee);
    let final_at = NOW + DISPUTE_SECONDS;
    assert_eq!(
        submit(&committee, &signers[..3], &good()).unwrap(),
        final_at
    );
    assert_eq!(stands(&committee), (dollars(2_000), final_at, 3));
    assert!(committee.emitted(&Attested {
        feed: FEED,
        expiry: EXPIRY,
        price: dollars(2_000),
        signers: 3,
        finalAt: final_at,
    }));
    let other = Attestation {
        price: dollars(2_100),
        ..good()
    };
    // As many, others or the same, do not.
    for voters in [&signers[2..], &signers[..3]] {
        let (given, needed) = (U256::from(3), U256::from(4));
        assert_eq!(
            submit(&committee, voters, &other).unwrap_err(),
            error(NotMoreSigners { given, needed })
        );
    }
    assert_eq!(submit(&committee, &signers[1..], &other).unwrap(), final_at);
    assert_eq!(stands(&committee), (dollars(2_100), final_at, 4));
    submit(&committee, &signers, &good()).unwrap();
    assert_eq!(stands(&committee), (dollars(2_000), final_at, 5));
    // Another expiry and another feed know nothing of it.
    let caller = committee.sender(RELAYER);
    assert_eq!(caller.attestation(FEED, EXPIRY + 1), (U256::ZERO, 0));
    let elsewhere = caller.attestation(B256::ZERO, EXPIRY);
    assert_eq!(elsewhere, (U256::ZERO, 0));
}

#[motsu::test]
fn a_final_attestation_is_not_disputed_by_all_of_them(committee: Contract<SettlementCommittee>) {
    let signers = open(&committee);
    submit(&committee, &signers[..3], &good()).unwrap();
    // As if six hours ago: the clock of motsu stands.
    let mut contract = committee.sender(RELAYER);
    contract.store(FEED, EXPIRY, 5, NOW, 3);
    drop(contract);
    let (final_at, time) = (NOW, NOW);
    assert_eq!(
        submit(&committee, &signers, &good()).unwrap_err(),
        error(DisputeClosed {
            finalAt: final_at,
            time
        })
    );
    let mut contract = committee.sender(RELAYER);
    contract.store(FEED, EXPIRY, 5, NOW + 1, 3);
    drop(contract);
    submit(&committee, &signers, &good()).unwrap();
    assert_eq!(stands(&committee), (dollars(2_000), NOW + 1, 5));
}
