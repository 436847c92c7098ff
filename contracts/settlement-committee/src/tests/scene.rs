//! A committee of five signers, three of whom must sign, and signing as wallets do: through alloy's own EIP-712, not ours.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, U256};
use alloy_signer::SignerSync;
use alloy_signer_local::PrivateKeySigner;
use alloy_sol_types::{Eip712Domain, SolError, SolStruct, sol};
use interfaces::Revert;
use motsu::prelude::*;
use stylus_sdk::abi::Bytes;

use crate::SettlementCommittee;

/// Motsu's clock, which stands still.
pub(crate) const NOW: u64 = 1_735_689_600;
/// Motsu's chain.
pub(crate) const CHAIN: u64 = 42_161;
/// An hour ago.
pub(crate) const EXPIRY: u32 = 1_735_686_000;
pub(crate) const FEED: B256 = B256::repeat_byte(0xfe);
/// Anybody.
pub(crate) const RELAYER: Address = Address::repeat_byte(0x77);

sol! {
    #[derive(Debug)]
    struct Attestation {
        bytes32 feed;
        uint32 expiry;
        uint256 price;
        uint64 deadline;
    }
}

/// 2,000 dollars at the expiry, to be submitted within a minute.
pub(crate) fn good() -> Attestation {
    Attestation {
        feed: FEED,
        expiry: EXPIRY,
        price: dollars(2_000),
        deadline: NOW + 60,
    }
}

pub(crate) fn dollars(dollars: u128) -> U256 {
    U256::from(dollars * 1_000_000_000_000_000_000)
}

/// Keys with ascending addresses.
pub(crate) fn keys(numbers: core::ops::RangeInclusive<u8>) -> Vec<PrivateKeySigner> {
    let mut keys: Vec<_> = numbers
        .map(|number| PrivateKeySigner::from_bytes(&B256::repeat_byte(number)).unwrap())
        .collect();
    keys.sort_unstable_by_key(PrivateKeySigner::address);
    keys
}

pub(crate) fn addresses(keys: &[PrivateKeySigner]) -> Vec<Address> {
    keys.iter().map(PrivateKeySigner::address).collect()
}

pub(crate) fn domain(chain: u64, contract: Address) -> Eip712Domain {
    Eip712Domain::new(
        Some("Novation Settlement Committee".into()),
        Some("1".into()),
        Some(U256::from(chain)),
        Some(contract),
        None,
    )
}

pub(crate) fn sign(
    keys: &[PrivateKeySigner],
    message: &impl SolStruct,
    domain: &Eip712Domain,
) -> Bytes {
    let hash = message.eip712_signing_hash(domain);
    let signatures = keys
        .iter()
        .flat_map(|key| key.sign_hash_sync(&hash).unwrap().as_bytes());
    Bytes(signatures.collect())
}

/// Five signers, three must sign.
pub(crate) fn open(committee: &Contract<SettlementCommittee>) -> Vec<PrivateKeySigner> {
    let signers = keys(1..=5);
    committee
        .sender(RELAYER)
        .constructor(addresses(&signers), 3)
        .motsu_unwrap();
    signers
}

/// Submits `message` with given signatures.
pub(crate) fn send(
    committee: &Contract<SettlementCommittee>,
    message: &Attestation,
    signatures: Bytes,
) -> Result<u64, Revert> {
    committee
        .sender(RELAYER)
        .attest(
            message.feed,
            message.expiry,
            message.price,
            message.deadline,
            signatures,
        )
        .motsu_res()
}

/// Submits `message` signed by `keys` for this committee.
pub(crate) fn submit(
    committee: &Contract<SettlementCommittee>,
    keys: &[PrivateKeySigner],
    message: &Attestation,
) -> Result<u64, Revert> {
    let domain = domain(CHAIN, committee.address());
    send(committee, message, sign(keys, message, &domain))
}

/// The error, as the caller sees it.
pub(crate) fn error<E: SolError>(expected: E) -> Revert {
    expected.into()
}
