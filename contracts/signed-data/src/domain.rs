//! What is signed: the EIP-712 hash of a struct, bound to one contract on one chain.

use alloy_primitives::{Address, B256, keccak256};
use interfaces::words::{Word, encode};
use stylus_sdk::keccak_const::Keccak256;

/// Of the domain's own struct.
const DOMAIN_TYPE: B256 =
    type_hash("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");

/// Name and version of a protocol, hashed at compile time.
#[derive(Clone, Copy, Debug)]
pub struct Domain {
    name: B256,
    version: B256,
}

impl Domain {
    /// Of a name and a version as wallets show them.
    #[must_use]
    pub const fn new(name: &str, version: &str) -> Self {
        Self {
            name: type_hash(name),
            version: type_hash(version),
        }
    }

    /// The domain separator of `contract` on a chain. Cheap enough (three host calls) to compute with every use, so that a chain that splits
    /// cannot replay what was signed for the other half.
    #[must_use]
    pub fn separator(&self, chain_id: u64, contract: Address) -> B256 {
        let members = [self.name, self.version, chain_id.word(), contract.word()];
        struct_hash(DOMAIN_TYPE, &members)
    }
}

/// Hash of a struct's type string, such as `Price(uint256 price,uint64 timestamp)`; at compile time when assigned to a constant.
#[must_use]
pub const fn type_hash(definition: &str) -> B256 {
    B256::new(Keccak256::new().update(definition.as_bytes()).finalize())
}

/// Hash of a struct: `members` in order, each one word; a dynamic member is the hash of its content.
#[must_use]
pub fn struct_hash(type_hash: B256, members: &[B256]) -> B256 {
    keccak256(encode(type_hash.as_slice(), members))
}

/// What stands for a list of one-word values (`bytes32[]`, `uint256[]`, …) among the members of a struct.
#[must_use]
pub fn hash_words(words: &[B256]) -> B256 {
    keccak256(encode(&[], words))
}

/// What the keys sign.
#[must_use]
pub fn digest(separator: B256, struct_hash: B256) -> B256 {
    keccak256(encode(&[0x19, 0x01], &[separator, struct_hash]))
}
