//! The set in storage, and its check through the precompile as motsu has it.

extern crate alloc;

use alloy_primitives::{Address, B256};
use alloy_signer::SignerSync;
use alloy_signer_local::PrivateKeySigner;
use interfaces::ISignedPrice::{BadSigner, ParameterOutOfBounds};
use interfaces::Revert;
use motsu::prelude::*;
use signed_data::{MOST_SIGNERS, Refusal, SignerSet};
use stylus_sdk::prelude::*;

#[storage]
struct Holder {
    set: SignerSet,
}

unsafe impl TopLevelStorage for Holder {}

#[public]
impl Holder {}

const DIGEST: B256 = B256::repeat_byte(0xd1);
const NOBODY: Address = Address::ZERO;

fn keys(numbers: std::ops::RangeInclusive<u8>) -> Vec<PrivateKeySigner> {
    let mut keys: Vec<_> = numbers
        .map(|number| PrivateKeySigner::from_bytes(&B256::repeat_byte(number)).unwrap())
        .collect();
    keys.sort_unstable_by_key(PrivateKeySigner::address);
    keys
}

fn addresses(keys: &[PrivateKeySigner]) -> Vec<Address> {
    keys.iter().map(PrivateKeySigner::address).collect()
}

fn sign(keys: &[PrivateKeySigner]) -> Vec<u8> {
    keys.iter()
        .flat_map(|key| key.sign_hash_sync(&DIGEST).unwrap().as_bytes())
        .collect()
}

#[motsu::test]
fn an_empty_set_lets_nobody_sign(holder: Contract<Holder>) {
    let holder = holder.sender(NOBODY);
    let one = keys(1..=1);
    assert_eq!(
        holder.set.require(DIGEST, &[]),
        Err(Refusal::NotEnoughSigners {
            given: 0,
            needed: 1
        }
        .into())
    );
    let signer = one[0].address();
    assert_eq!(
        holder.set.require(DIGEST, &sign(&one)),
        Err(Refusal::UnknownSigner { signer }.into())
    );
    assert!(!holder.set.is_signer(signer));
}

#[motsu::test]
fn members_are_kept_and_sign(holder: Contract<Holder>) {
    let mut holder = holder.sender(NOBODY);
    let members = keys(1..=3);
    holder.set.replace(&addresses(&members), 2).unwrap();
    assert_eq!(holder.set.signers(), addresses(&members));
    assert_eq!(
        (
            holder.set.threshold(),
            holder.set.count(),
            holder.set.generation()
        ),
        (2, 3, 1)
    );
    assert_eq!(holder.set.signer(3), None);
    assert_eq!(holder.set.require(DIGEST, &sign(&members[1..])), Ok(()));
    assert_eq!(
        holder.set.require(DIGEST, &sign(&members[..1])),
        Err(Refusal::NotEnoughSigners {
            given: 1,
            needed: 2
        }
        .into())
    );
    let mut nobodys = sign(&members[..2]);
    nobodys[..32].fill(0);
    assert_eq!(
        holder.set.require(DIGEST, &nobodys),
        Err(Refusal::BadSignature { index: 0 }.into())
    );
}

#[motsu::test]
fn a_replaced_set_is_gone_altogether(holder: Contract<Holder>) {
    let mut holder = holder.sender(NOBODY);
    let (old, new) = (keys(1..=3), keys(3..=4));
    holder.set.replace(&addresses(&old), 1).unwrap();
    holder.set.replace(&addresses(&new), 1).unwrap();
    assert_eq!(holder.set.signers(), addresses(&new));
    assert_eq!((holder.set.count(), holder.set.generation()), (2, 2));
    for key in keys(1..=2) {
        let signer = key.address();
        assert_eq!(
            holder.set.require(DIGEST, &sign(&[key])),
            Err(Refusal::UnknownSigner { signer }.into())
        );
    }
    // In both sets.
    assert_eq!(holder.set.require(DIGEST, &sign(&keys(3..=3))), Ok(()));
}

#[motsu::test]
fn a_set_is_bounded_ordered_and_of_somebody(holder: Contract<Holder>) {
    let mut holder = holder.sender(NOBODY);
    let [one, two] = [1, 2].map(Address::repeat_byte);
    let bounds = |given: usize, most: usize| -> Revert {
        let [given, most] = [given, most].map(alloy_primitives::U256::from);
        let least = alloy_primitives::U256::from(1);
        ParameterOutOfBounds { given, least, most }.into()
    };
    let many: Vec<_> = (1..=33).map(Address::repeat_byte).collect();
    for (signers, threshold, refusal) in [
        (&many[..0], 1, bounds(0, MOST_SIGNERS)),
        (&many[..], 1, bounds(33, MOST_SIGNERS)),
        (&many[..2], 0, bounds(0, 2)),
        (&many[..2], 3, bounds(3, 2)),
        (
            &[two, one],
            1,
            Refusal::UnsortedSigners {
                previous: two,
                next: one,
            }
            .into(),
        ),
        (
            &[one, one],
            1,
            Refusal::DuplicateSigner { signer: one }.into(),
        ),
        (&[NOBODY, one], 1, BadSigner { signer: NOBODY }.into()),
    ] {
        assert_eq!(holder.set.replace(signers, threshold), Err(refusal));
        assert_eq!(holder.set.generation(), 0);
    }
    assert_eq!(holder.set.replace(&many[..MOST_SIGNERS], 32), Ok(()));
}
