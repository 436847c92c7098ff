//! Signatures of k of n keys over typed data (EIP-712), in the order the contracts take them.

use alloy::primitives::{Address, B256, Bytes};
use alloy::signers::SignerSync;
use alloy::signers::local::PrivateKeySigner;
use alloy::sol;
use alloy::sol_types::{Eip712Domain, SolStruct};

sol! {
    /// What the keys of a volatility publisher sign.
    #[derive(Debug, PartialEq, Eq)]
    struct PublishSurface {
        bytes32 feed;
        uint8 publisher;
        bytes32[] smiles;
        uint80[] terms;
        uint64 deadline;
    }

    /// What the members of a settlement committee sign.
    #[derive(Debug, PartialEq, Eq)]
    struct Attestation {
        bytes32 feed;
        uint32 expiry;
        uint256 price;
        uint64 deadline;
    }

    /// What the keys of a `SignedQuotes` contract sign.
    #[derive(Debug, PartialEq, Eq)]
    struct OptionQuotes {
        bytes32 feed;
        uint64 observedAt;
        uint128 spot;
        bytes32[] expiries;
        bytes32[] quotes;
        uint64 deadline;
    }

    /// What the keys of a price source sign.
    #[derive(Debug, PartialEq, Eq)]
    struct PriceUpdate {
        uint256 price;
        uint64 confidence;
        uint64 timestamp;
        uint64 deadline;
    }
}

/// Domain of the volatility surface.
#[must_use]
pub fn surface_domain(chain_id: u64, contract: Address) -> Eip712Domain {
    domain("Novation Volatility Surface", chain_id, contract)
}

/// Domain of signed option quotes.
#[must_use]
pub fn quotes_domain(chain_id: u64, contract: Address) -> Eip712Domain {
    domain("Novation Signed Quotes", chain_id, contract)
}

/// Domain of a signed price.
#[must_use]
pub fn price_domain(chain_id: u64, contract: Address) -> Eip712Domain {
    domain("Novation Signed Price", chain_id, contract)
}

/// Domain of a settlement committee.
#[must_use]
pub fn committee_domain(chain_id: u64, contract: Address) -> Eip712Domain {
    domain("Novation Settlement Committee", chain_id, contract)
}

fn domain(name: &'static str, chain_id: u64, contract: Address) -> Eip712Domain {
    Eip712Domain::new(
        Some(name.into()),
        Some("1".into()),
        Some(alloy::primitives::U256::from(chain_id)),
        Some(contract),
        None,
    )
}

/// Signatures of all keys, 65 bytes each (r, s, v), ascending by address.
///
/// # Errors
/// What the signer reports; a key in memory reports nothing.
pub fn sign<T: SolStruct>(
    message: &T,
    domain: &Eip712Domain,
    keys: &[PrivateKeySigner],
) -> Result<Bytes, alloy::signers::Error> {
    let digest: B256 = message.eip712_signing_hash(domain);
    let mut keys: Vec<&PrivateKeySigner> = keys.iter().collect();
    keys.sort_by_key(|key| key.address());
    let mut signatures = Vec::with_capacity(65 * keys.len());
    for key in keys {
        signatures.extend(key.sign_hash_sync(&digest)?.as_bytes());
    }
    Ok(signatures.into())
}

#[cfg(test)]
mod tests {
    use alloy::primitives::{Signature, U256};

    use super::*;

    #[test]
    fn signatures_are_in_order_of_their_addresses_whatever_that_of_the_keys() {
        let keys: Vec<_> = (1..=5_u8)
            .map(|byte| PrivateKeySigner::from_bytes(&B256::repeat_byte(byte)).expect("a key"))
            .collect();
        let message = PriceUpdate {
            price: U256::from(193_455),
            confidence: 1,
            timestamp: 2,
            deadline: 3,
        };
        let domain = price_domain(1, Address::repeat_byte(7));
        let signed = sign(&message, &domain, &keys).expect("signed");
        let digest = message.eip712_signing_hash(&domain);
        let signers: Vec<_> = signed
            .chunks(65)
            .map(|one| {
                let signature = Signature::from_raw(one).expect("a signature");
                signature
                    .recover_address_from_prehash(&digest)
                    .expect("a signer")
            })
            .collect();
        assert_eq!(signers.len(), keys.len());
        assert!(signers.is_sorted());
        assert!(keys.iter().all(|key| signers.contains(&key.address())));
    }

    #[test]
    fn type_strings_are_those_the_contracts_hash() {
        assert_eq!(
            PublishSurface::eip712_encode_type(),
            "PublishSurface(bytes32 feed,uint8 publisher,bytes32[] smiles,uint80[] terms,uint64 deadline)"
        );
        assert_eq!(
            OptionQuotes::eip712_encode_type(),
            "OptionQuotes(bytes32 feed,uint64 observedAt,uint128 spot,bytes32[] expiries,bytes32[] quotes,uint64 deadline)"
        );
        assert_eq!(
            PriceUpdate::eip712_encode_type(),
            "PriceUpdate(uint256 price,uint64 confidence,uint64 timestamp,uint64 deadline)"
        );
    }
}
