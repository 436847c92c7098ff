//! A price source whose answers k of n keys have signed.
//!
//! It decides which signed price is the latest. Anyone submits; what counts are the signatures, a timestamp newer than the last, and a deadline. It
//! reads as a price aggregator (`latestRoundData`, `getRoundData`, …), so that our adapter and anyone else's protocol needs nothing new for it.
//! It has no owner: the signers are those of the constructor, and only they, k of them, replace themselves.
//!
//! Its ABI and the meaning of every error is `ISignedPrice.sol`. A price is in units of `decimals()`.
#![cfg_attr(not(any(test, feature = "export-abi")), no_main)]
#![cfg_attr(not(any(test, feature = "export-abi")), no_std)]
#![allow(
    missing_docs,
    clippy::missing_errors_doc,
    clippy::must_use_candidate,
    clippy::needless_pass_by_value,
    clippy::type_complexity,
    reason = "the entry points have the signatures and errors of the interface, and are documented there"
)]

#[macro_use]
extern crate alloc;

mod refusal;
mod replacement;
mod rounds;
mod router;
mod submission;

#[cfg(test)]
mod tests;

use alloc::string::String;
use alloc::vec::Vec;

use alloy_primitives::aliases::U80;
use alloy_primitives::{Address, B256, I256, U256};
use interfaces::{Revert, short_text};
use signed_data::{Domain, SignerSet};
use stylus_sdk::abi::Bytes;
use stylus_sdk::prelude::*;
use stylus_sdk::storage::StorageB256;

use crate::replacement::Replacement;
use crate::rounds::{Round, Rounds};
use crate::submission::Submission;

/// What wallets show when a signer signs.
pub(crate) const DOMAIN: Domain = Domain::new("Novation Signed Price", "1");
/// 1e18: sure.
pub(crate) const SURE: u64 = 1_000_000_000_000_000_000;
/// Most decimals of an answer.
const MOST_DECIMALS: u8 = 18;
/// Of the aggregator interface.
const VERSION: u64 = 1;

/// Storage of the source.
#[storage]
pub struct SignedPrice {
    signers: SignerSet,
    rounds: Rounds,
    /// See [`short_text`].
    description: StorageB256,
}

// SAFETY: the only storage of the contract, at slot zero.
unsafe impl TopLevelStorage for SignedPrice {}

/// Prints the ABI as Solidity.
#[cfg(feature = "export-abi")]
pub fn print_abi(license: &str, pragma: &str) {
    stylus_sdk::abi::export::print_abi::<SignedPrice>(license, pragma);
}

/// The entry points. On chain they are reached through [`router`].
#[public]
impl SignedPrice {
    /// `signers` strictly ascending, `threshold` of them must sign; `decimals` of the price, at most 18; prices with a confidence below
    /// `least_confidence` (1e18 = sure) are refused; `description` at most 31 bytes.
    ///
    /// Errors: those of a set of signers, `ParameterOutOfBounds`.
    #[constructor]
    pub fn constructor(
        &mut self,
        signers: Vec<Address>,
        threshold: u8,
        decimals: u8,
        least_confidence: u64,
        description: String,
    ) -> Result<(), Revert> {
        let description = description.as_bytes();
        self.open(&signers, threshold, decimals, least_confidence, description)
    }

    /// See `ISignedPrice.update`.
    pub fn update(
        &mut self,
        price: U256,
        confidence: u64,
        timestamp: u64,
        deadline: u64,
        signatures: Bytes,
    ) -> Result<bool, Revert> {
        let submission = Submission {
            price,
            confidence,
            timestamp,
            deadline,
        };
        self.submit(&submission, &signatures)
    }

    /// See `ISignedPrice.replaceSigners`.
    pub fn replace_signers(
        &mut self,
        signers: Vec<Address>,
        threshold: u8,
        generation: u64,
        deadline: u64,
        signatures: Bytes,
    ) -> Result<(), Revert> {
        let replacement = Replacement {
            signers,
            threshold,
            generation,
            deadline,
        };
        self.replace(&replacement, &signatures)
    }

    /// See `ISignedPrice.latestPrice`: price, confidence, timestamp, round.
    pub fn latest_price(&self) -> (U256, u64, u64, U80) {
        let latest = self.rounds.head().latest;
        let round = self.rounds.get(latest).unwrap_or_default();
        (
            U256::from(round.price),
            round.confidence,
            round.timestamp,
            U80::from(latest),
        )
    }

    /// See `ISignedPrice.signerSet`: signers, threshold, generation.
    pub fn signer_set(&self) -> (Vec<Address>, u8, u64) {
        (
            self.signers.signers(),
            self.signers.threshold(),
            self.signers.generation(),
        )
    }

    /// See `ISignedPrice.leastConfidence`.
    pub fn least_confidence(&self) -> u64 {
        self.rounds.head().least_confidence
    }

    /// See `ISignedPrice.domainSeparator`.
    pub fn domain_separator(&self) -> B256 {
        DOMAIN.separator(self.vm().chain_id(), self.vm().contract_address())
    }

    /// Decimals of the answers.
    pub fn decimals(&self) -> u8 {
        self.rounds.head().decimals
    }

    /// What is priced.
    pub fn description(&self) -> String {
        String::from_utf8_lossy(short_text::unpack(&self.description.get())).into_owned()
    }

    /// Version of this aggregator.
    pub fn version(&self) -> U256 {
        U256::from(VERSION)
    }

    /// See `ISignedPrice.getRoundData`: round, answer, started at, updated at, answered in round.
    pub fn get_round_data(&self, round_id: U80) -> Result<(U80, I256, U256, U256, U80), Revert> {
        let stored = u64::try_from(round_id)
            .ok()
            .and_then(|id| self.rounds.get(id));
        let round = stored.ok_or_else(|| refusal::no_data(round_id))?;
        Ok(as_aggregator(round_id, round))
    }

    /// See `ISignedPrice.latestRoundData`.
    pub fn latest_round_data(&self) -> Result<(U80, I256, U256, U256, U80), Revert> {
        self.get_round_data(U80::from(self.rounds.head().latest))
    }
}

impl SignedPrice {
    /// The constructor; a text is bytes here, for checking UTF-8 is a kilobyte of code.
    pub(crate) fn open(
        &mut self,
        signers: &[Address],
        threshold: u8,
        decimals: u8,
        least_confidence: u64,
        description: &[u8],
    ) -> Result<(), Revert> {
        refusal::within(decimals.into(), 0, MOST_DECIMALS.into())?;
        refusal::within(least_confidence.into(), 0, SURE.into())?;
        refusal::within(description.len() as u128, 0, short_text::MOST_BYTES as u128)?;
        self.fill(signers, threshold)?;
        self.rounds.open(decimals, least_confidence);
        self.description
            .set(short_text::pack(description).unwrap_or_default());
        Ok(())
    }
}

/// The five values of a round. Both times are that of the price: signed data have no other.
fn as_aggregator(id: U80, round: Round) -> (U80, I256, U256, U256, U80) {
    let at = U256::from(round.timestamp);
    // 128 bits: never negative.
    let answer = I256::from_raw(U256::from(round.price));
    (id, answer, at, at, id)
}
