//! A source of three signers, two of whom must sign, and signing as wallets do: through alloy's own EIP-712, not ours.

use alloc::string::ToString;
use alloc::vec::Vec;

use alloy_primitives::{Address, B256, U256};
use alloy_signer::SignerSync;
use alloy_signer_local::PrivateKeySigner;
use alloy_sol_types::{Eip712Domain, SolError, SolStruct, sol};
use interfaces::Revert;
use motsu::prelude::*;
use stylus_sdk::abi::Bytes;

use crate::{SURE, SignedPrice};

/// Motsu's clock, which stands still.
pub(crate) const NOW: u64 = 1_735_689_600;
/// Motsu's chain.
pub(crate) const CHAIN: u64 = 42_161;
pub(crate) const DECIMALS: u8 = 8;
pub(crate) const LEAST_CONFIDENCE: u64 = SURE / 2;
/// Anybody.
pub(crate) const RELAYER: Address = Address::repeat_byte(0x77);

sol! {
    struct PriceUpdate {
        uint256 price;
        uint64 confidence;
        uint64 timestamp;
        uint64 deadline;
    }
    struct SignerReplacement {
        address[] signers;
        uint8 threshold;
        uint64 generation;
        uint64 deadline;
    }
}

/// Good now: 2,000 units (8 decimals), sure, as of now, for a minute.
pub(crate) fn good() -> PriceUpdate {
    PriceUpdate {
        price: U256::from(200_000_000_000_u64),
        confidence: SURE,
        timestamp: NOW,
        deadline: NOW + 60,
    }
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
        Some("Novation Signed Price".into()),
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

/// Three signers, two must sign.
pub(crate) fn open(source: &Contract<SignedPrice>) -> Vec<PrivateKeySigner> {
    let signers = keys(1..=3);
    source
        .sender(RELAYER)
        .constructor(
            addresses(&signers),
            2,
            DECIMALS,
            LEAST_CONFIDENCE,
            "ETH / USD".to_string(),
        )
        .motsu_unwrap();
    signers
}

/// Submits `message` with given signatures.
pub(crate) fn send(
    source: &Contract<SignedPrice>,
    message: &PriceUpdate,
    signatures: Bytes,
) -> Result<bool, Revert> {
    source.sender(RELAYER).update(
        message.price,
        message.confidence,
        message.timestamp,
        message.deadline,
        signatures,
    )
}

/// Submits `message` signed by `keys` for this source.
pub(crate) fn submit(
    source: &Contract<SignedPrice>,
    keys: &[PrivateKeySigner],
    message: &PriceUpdate,
) -> Result<bool, Revert> {
    send(
        source,
        message,
        sign(keys, message, &domain(CHAIN, source.address())),
    )
}

/// The error, as the caller sees it.
pub(crate) fn error<E: SolError>(expected: E) -> Revert {
    expected.into()
}
