//! What an underlying was worth at an expiry, by the word of k of n keys.
//!
//! It decides which attestation of a (feed, expiry) stands, and when it is final. Anyone submits; what counts are signatures. The first attestation
//! opens a window of six hours in which one of strictly more signers replaces it: a dispute is decided by how many sign, and it ends when the
//! window does, whoever is silent. More than half must sign, so two attestations that differ share a signer, and both bear his name.
//!
//! Nobody owns it and the signers never change: could a threshold of them replace the set, it could outvote any dispute. A committee that has lost
//! its keys attests nothing, and the adapter's ladder goes on without it.
//!
//! Its ABI and the meaning of every error is `ISettlementCommittee.sol`. Prices are WAD quote per underlying, times unix seconds.
#![cfg_attr(not(any(test, feature = "export-abi")), no_main)]
#![cfg_attr(not(any(test, feature = "export-abi")), no_std)]
#![allow(
    missing_docs,
    clippy::missing_errors_doc,
    clippy::must_use_candidate,
    clippy::needless_pass_by_value,
    reason = "the entry points have the signatures and errors of the interface, and are documented there"
)]

#[macro_use]
extern crate alloc;

mod attestation;
mod refusal;
mod router;

#[cfg(test)]
mod tests;

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, U256};
use interfaces::Revert;
use signed_data::{Domain, SignerSet};
use stylus_sdk::abi::Bytes;
use stylus_sdk::prelude::*;
use stylus_sdk::storage::{StorageB256, StorageMap};

use crate::attestation::Statement;

/// What wallets show when a signer signs.
pub(crate) const DOMAIN: Domain = Domain::new("Novation Settlement Committee", "1");

/// Storage of the committee.
#[storage]
pub struct SettlementCommittee {
    /// Filled once.
    signers: SignerSet,
    /// By feed and expiry; see [`attestation::Attestation`].
    attestations: StorageMap<B256, StorageMap<u64, StorageB256>>,
}

// SAFETY: the only storage of the contract, at slot zero.
unsafe impl TopLevelStorage for SettlementCommittee {}

/// Prints the ABI as Solidity.
#[cfg(feature = "export-abi")]
pub fn print_abi(license: &str, pragma: &str) {
    stylus_sdk::abi::export::print_abi::<SettlementCommittee>(license, pragma);
}

/// The entry points. On chain they are reached through [`router`].
#[public]
impl SettlementCommittee {
    /// `signers` strictly ascending, of whom `threshold` must sign, more than half.
    ///
    /// Errors: those of a set of signers, `ParameterOutOfBounds`.
    #[constructor]
    pub fn constructor(&mut self, signers: Vec<Address>, threshold: u8) -> Result<(), Revert> {
        self.open(&signers, threshold)
    }

    /// See `ISettlementCommittee.attest`.
    pub fn attest(
        &mut self,
        feed: B256,
        expiry: u32,
        price: U256,
        deadline: u64,
        signatures: Bytes,
    ) -> Result<u64, Revert> {
        let statement = Statement {
            feed,
            expiry,
            price,
            deadline,
        };
        self.take(&statement, &signatures)
    }

    /// See `ISettlementCommittee.attestation`: price, final at.
    pub fn attestation(&self, feed: B256, expiry: u32) -> (U256, u64) {
        let stands = self.stored(feed, expiry);
        (U256::from(stands.price), stands.final_at)
    }

    /// See `ISettlementCommittee.attesters`.
    pub fn attesters(&self, feed: B256, expiry: u32) -> u8 {
        self.stored(feed, expiry).signers
    }

    /// See `ISettlementCommittee.signerSet`: signers, threshold.
    pub fn signer_set(&self) -> (Vec<Address>, u8) {
        (self.signers.signers(), self.signers.threshold())
    }

    /// See `ISettlementCommittee.domainSeparator`.
    pub fn domain_separator(&self) -> B256 {
        DOMAIN.separator(self.vm().chain_id(), self.vm().contract_address())
    }
}

impl SettlementCommittee {
    fn open(&mut self, signers: &[Address], threshold: u8) -> Result<(), Revert> {
        let majority = (signers.len() / 2).saturating_add(1);
        refusal::within(
            U256::from(threshold),
            majority as u128,
            signers.len() as u128,
        )?;
        self.signers.replace(signers, threshold)
    }
}
