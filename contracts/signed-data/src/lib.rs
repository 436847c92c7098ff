//! Data that k of n keys have signed (EIP-712), checked in a contract.
//!
//! | file | decides |
//! |---|---|
//! | [`domain`] | what is signed: hash of a struct, bound to one contract on one chain |
//! | [`signature`] | what a signature may look like: 65 bytes, low `s`, `v` 27 or 28 |
//! | [`quorum`] | whether enough of the right keys have signed |
//! | [`signer_set`] | who may sign, in storage |
//! | [`clock`] | when signed data counts |
//! | [`recovery`] | who signed: the precompile at address 1 |
//! | [`refusal`] | the errors, as the interfaces declare them |
//!
//! A signature made for another chain or another contract recovers to a key that nobody has: `UnknownSigner`, and the address tells the relayer that
//! the domain was wrong. Replay on the same contract is the business of the caller: what he signs must carry a timestamp or a nonce.
//!
//! Why no crate does this: `openzeppelin-stylus` 0.3 turns on alloy's `tiny-keccak` (every storage slot hashed in WASM), and its `recover` indexes
//! into the answer of the precompile, which is empty for a signature of nobody: a trap instead of a typed error. alloy recovers with `k256`,
//! curve arithmetic in WASM: more code than a program may have, at a multiple of the precompile's 3,000 gas. Hashing is the host's here.

#![cfg_attr(not(test), no_std)]
#![allow(
    missing_docs,
    reason = "`#[storage]` generates public functions without docs; everything else has them"
)]

#[macro_use]
extern crate alloc;

pub mod clock;
pub mod domain;
pub mod quorum;
pub mod recovery;
pub mod refusal;
pub mod signature;
pub mod signer_set;

pub use clock::{before_deadline, not_in_future};
pub use domain::{Domain, digest, hash_words, struct_hash, type_hash};
pub use quorum::verify;
pub use refusal::Refusal;
pub use signature::Signature;
pub use signer_set::{MOST_SIGNERS, SignerSet};
