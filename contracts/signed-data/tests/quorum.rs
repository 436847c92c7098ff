//! The rules of k of n, against signatures made and recovered by alloy.

use alloy_primitives::{Address, B256, PrimitiveSignature, U256, uint};
use alloy_signer::SignerSync;
use alloy_signer_local::PrivateKeySigner;
// Linked for the host functions it brings along: hashing is the host's.
use motsu as _;
use proptest::prelude::*;
use signed_data::signature::{HALF_ORDER, LENGTH};
use signed_data::{Refusal, Signature, verify};

/// Order of secp256k1's group.
const ORDER: U256 = uint!(0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141_U256);
const DIGEST: B256 = B256::repeat_byte(0xd1);

/// Keys whose addresses ascend.
fn keys(count: u8) -> Vec<PrivateKeySigner> {
    let mut keys: Vec<_> = (1..=count)
        .map(|index| PrivateKeySigner::from_bytes(&B256::repeat_byte(index)).unwrap())
        .collect();
    keys.sort_unstable_by_key(PrivateKeySigner::address);
    keys
}

fn sign(key: &PrivateKeySigner, digest: B256) -> [u8; LENGTH] {
    key.sign_hash_sync(&digest).unwrap().as_bytes()
}

#[allow(clippy::unnecessary_wraps, reason = "what `verify` asks for")]
fn recover(digest: B256, signature: &Signature) -> Result<Option<Address>, Refusal> {
    let to_u256 = |word: B256| U256::from_be_bytes(word.0);
    let signature = PrimitiveSignature::new(
        to_u256(signature.r),
        to_u256(signature.s),
        signature.v == 28,
    );
    Ok(signature.recover_address_from_prehash(&digest).ok())
}

/// Checks `signatures` against a set of `members`.
fn check(
    members: &[PrivateKeySigner],
    needed: usize,
    signatures: &[[u8; LENGTH]],
) -> Result<(), Refusal> {
    let is_signer = |account| members.iter().any(|key| key.address() == account);
    verify(
        DIGEST,
        signatures.as_flattened(),
        needed,
        recover,
        is_signer,
    )
}

fn signatures(keys: &[PrivateKeySigner]) -> Vec<[u8; LENGTH]> {
    keys.iter().map(|key| sign(key, DIGEST)).collect()
}

#[test]
fn the_threshold_and_everything_above_it_is_enough() {
    let members = keys(5);
    let all = signatures(&members);
    for given in 3..=5 {
        assert_eq!(check(&members, 3, &all[..given]), Ok(()));
    }
    assert_eq!(check(&members, 3, &[all[0], all[2], all[4]]), Ok(()));
}

#[test]
fn one_signer_less_is_not_enough() {
    let members = keys(5);
    let all = signatures(&members);
    for given in 0..3 {
        let refused = check(&members, 3, &all[..given]);
        assert_eq!(refused, Err(Refusal::NotEnoughSigners { given, needed: 3 }));
    }
}

#[test]
fn a_signer_counts_once_wherever_he_stands() {
    let members = keys(3);
    let all = signatures(&members);
    let signer = members[0].address();
    assert_eq!(
        check(&members, 2, &[all[0], all[0]]),
        Err(Refusal::DuplicateSigner { signer })
    );
    assert_eq!(
        check(&members, 3, &[all[0], all[1], all[0]]),
        Err(Refusal::UnsortedSigners {
            previous: members[1].address(),
            next: signer,
        })
    );
}

#[test]
fn a_stranger_and_a_signature_over_other_data_are_unknown() {
    let all = keys(4);
    let (members, stranger) = (&all[..3], &all[3]);
    let mut given = signatures(members);
    given.push(sign(stranger, DIGEST));
    assert_eq!(
        check(members, 2, &given),
        Err(Refusal::UnknownSigner {
            signer: stranger.address(),
        })
    );
    let other = sign(&members[0], B256::repeat_byte(0xd2));
    assert!(matches!(
        check(members, 1, &[other]),
        Err(Refusal::UnknownSigner { .. })
    ));
}

#[test]
fn the_other_s_of_a_valid_signature_is_refused() {
    let members = keys(1);
    let honest = sign(&members[0], DIGEST);
    let mut twin = honest;
    let s = U256::from_be_slice(&honest[32..64]);
    twin[32..64].copy_from_slice(&(ORDER - s).to_be_bytes::<32>());
    twin[64] = if honest[64] == 27 { 28 } else { 27 };
    // It is a signature of the same key, by the letter of the curve …
    let parsed = PrimitiveSignature::new(
        U256::from_be_slice(&twin[..32]),
        U256::from_be_slice(&twin[32..64]),
        twin[64] == 28,
    );
    assert_eq!(
        parsed.recover_address_from_prehash(&DIGEST).unwrap(),
        members[0].address()
    );
    // … and none by ours.
    assert_eq!(check(&members, 1, &[honest]), Ok(()));
    assert_eq!(
        check(&members, 1, &[twin]),
        Err(Refusal::BadSignature { index: 0 })
    );
}

#[test]
fn half_of_the_order_is_the_last_s_that_counts() {
    assert_eq!(U256::from_be_bytes(HALF_ORDER), ORDER >> 1);
    let mut bytes = [1; LENGTH];
    bytes[64] = 27;
    bytes[32..64].copy_from_slice(&HALF_ORDER);
    assert!(Signature::read(&bytes, 0).is_ok());
    let above: U256 = (ORDER >> 1) + U256::from(1);
    bytes[32..64].copy_from_slice(&above.to_be_bytes::<32>());
    assert_eq!(
        Signature::read(&bytes, 4),
        Err(Refusal::BadSignature { index: 4 })
    );
}

#[test]
fn only_27_and_28_are_parities() {
    let members = keys(1);
    let honest = sign(&members[0], DIGEST);
    for v in 0..=u8::MAX {
        let mut altered = honest;
        altered[64] = v;
        let result = check(&members, 1, &[altered]);
        if v == honest[64] {
            assert_eq!(result, Ok(()));
        } else {
            assert!(result.is_err(), "{v}");
        }
    }
}

#[test]
fn what_is_nobodys_signature_is_named_by_its_index() {
    let members = keys(2);
    let mut all = signatures(&members);
    all[1][..32].fill(0);
    assert_eq!(
        check(&members, 2, &all),
        Err(Refusal::BadSignature { index: 1 })
    );
}

#[test]
fn a_tail_that_is_no_whole_signature_is_refused() {
    let members = keys(2);
    let mut bytes = signatures(&members).concat();
    bytes.push(0);
    let refused: Result<(), Refusal> = verify(DIGEST, &bytes, 2, recover, |_| true);
    assert_eq!(refused, Err(Refusal::BadSignature { index: 2 }));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// Any sequence of signers: accepted exactly when it ascends strictly, holds members alone, and is long enough.
    #[test]
    fn exactly_the_ascending_sequences_of_enough_members_pass(
        order in proptest::collection::vec(0_usize..6, 0..6),
        needed in 1_usize..4,
    ) {
        let all = keys(6);
        let members = &all[..5];
        let given: Vec<_> = order.iter().map(|&index| sign(&all[index], DIGEST)).collect();
        let ascends = order.is_sorted_by(|one, next| one < next);
        let known = order.iter().all(|&index| index < 5);
        let expected = ascends && known && order.len() >= needed;
        prop_assert_eq!(check(members, needed, &given).is_ok(), expected);
    }

    /// One flipped bit anywhere is a refusal.
    #[test]
    fn no_bit_of_a_signature_is_idle(byte in 0_usize..65, bit in 0_u32..8) {
        let members = keys(1);
        let mut altered = sign(&members[0], DIGEST);
        altered[byte] ^= 1 << bit;
        prop_assert!(check(&members, 1, &[altered]).is_err());
    }
}
