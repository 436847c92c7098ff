//! What is hashed and signed is what alloy's EIP-712 hashes and signs: two implementations that share no line.

use alloy_primitives::{Address, B256, U256, keccak256};
use alloy_sol_types::{Eip712Domain, SolStruct, sol};
use interfaces::words::Word;
// Linked for the host functions it brings along: hashing is the host's.
use motsu as _;
use proptest::prelude::*;
use signed_data::{Domain, digest, hash_words, struct_hash, type_hash};

sol! {
    struct Price {
        uint256 price;
        uint64 timestamp;
        address source;
        bytes32[] words;
    }
}

const TYPE: &str = "Price(uint256 price,uint64 timestamp,address source,bytes32[] words)";
const PRICE: B256 = type_hash(TYPE);
const DOMAIN: Domain = Domain::new("Novation test", "7");

fn alloys_domain(chain_id: u64, contract: Address) -> Eip712Domain {
    Eip712Domain::new(
        Some("Novation test".into()),
        Some("7".into()),
        Some(U256::from(chain_id)),
        Some(contract),
        None,
    )
}

#[test]
fn a_type_is_hashed_at_compile_time_as_at_run_time() {
    assert_eq!(PRICE, keccak256(TYPE));
    assert_eq!(Price::eip712_encode_type(), TYPE);
}

proptest! {
    #[test]
    fn the_digest_is_alloys(
        price: [u8; 32],
        timestamp: u64,
        source: [u8; 20],
        words in proptest::collection::vec(any::<[u8; 32]>(), 0..5),
        chain_id: u64,
        contract: [u8; 20],
    ) {
        let words: Vec<B256> = words.into_iter().map(B256::new).collect();
        let (source, contract) = (Address::from(source), Address::from(contract));
        let price = U256::from_be_bytes(price);
        let members = [price.word(), timestamp.word(), source.word(), hash_words(&words)];
        let separator = DOMAIN.separator(chain_id, contract);
        let ours = digest(separator, struct_hash(PRICE, &members));

        let domain = alloys_domain(chain_id, contract);
        prop_assert_eq!(separator, domain.separator());
        let value = Price { price, timestamp, source, words };
        prop_assert_eq!(ours, value.eip712_signing_hash(&domain));
    }
}

#[test]
fn chain_contract_name_and_version_each_change_the_separator() {
    let contract = Address::repeat_byte(1);
    let separators = [
        DOMAIN.separator(1, contract),
        DOMAIN.separator(2, contract),
        DOMAIN.separator(1, Address::repeat_byte(2)),
        Domain::new("Novation test", "8").separator(1, contract),
        Domain::new("Novation tesu", "7").separator(1, contract),
    ];
    for (index, one) in separators.iter().enumerate() {
        assert!(!separators[index + 1..].contains(one));
    }
}
