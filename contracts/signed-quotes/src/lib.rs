//! A publisher of the volatility surface whose keys sign prices, not volatilities.
//!
//! It decides which smile follows from bids and offers that k of n keys have seen. Anyone relays the signed quotes together with a smile; the volatilities of
//! every bid and offer are solved here, and the smile is published if it agrees with all of them and they are enough to tell. So the signers answer only
//! for what everybody can look up at exchanges, and whoever fits is checked, not trusted. To the surface it is a publisher like any other that sends by
//! itself: the proof of no arbitrage, the limit of changes and the median over publishers apply.
//!
//! What a relayer can do: delay, and choose within the bands of the quotes. At a firm quote that is half of its width plus the tolerance, both listed;
//! between two, what a smile free of arbitrage can do there; beyond the outermost, what its wings can. Whoever sends a smile that is nearer to the middle of the
//! same quotes replaces it, so that the choice stands only while nobody minds. It has no owner.
//!
//! | file | decides |
//! |---|---|
//! | [`publication`] | what is signed, and what becomes of it |
//! | [`latest`] | what is kept: the rules, and one slot an expiry |
//! | [`replacement`] | who signs next |
//! | [`router`], [`refusal`] | calldata and errors, by hand |
//!
//! Its ABI and the meaning of every error is `ISignedQuotes.sol`; the mathematics is `clearing_math::quotes`.
#![cfg_attr(not(any(test, feature = "export-abi")), no_main)]
#![cfg_attr(not(any(test, feature = "export-abi")), no_std)]
#![allow(
    missing_docs,
    clippy::missing_errors_doc,
    clippy::must_use_candidate,
    clippy::needless_pass_by_value,
    clippy::too_many_arguments,
    clippy::type_complexity,
    reason = "the entry points have the signatures and errors of the interface, and are documented there"
)]

#[macro_use]
extern crate alloc;

mod latest;
mod publication;
mod refusal;
mod replacement;
mod router;

#[cfg(test)]
mod tests;

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, U8, U32};
use clearing_math::quotes::Rules;
use interfaces::Revert;
use signed_data::{Domain, SignerSet};
use stylus_sdk::abi::Bytes;
use stylus_sdk::prelude::*;
use stylus_sdk::storage::{StorageAddress, StorageB256, StorageMap, StorageU8};

use crate::latest::Terms;
use crate::publication::Publication;

/// What wallets show when a signer signs.
pub(crate) const DOMAIN: Domain = Domain::new("Novation Signed Quotes", "1");

/// Storage of the publisher.
#[storage]
pub struct SignedQuotes {
    pub(crate) signers: SignerSet,
    /// Where smiles go; fixed.
    pub(crate) surface: StorageAddress,
    /// Our place among the feed's publishers; fixed.
    pub(crate) publisher: StorageU8,
    /// Which feed; fixed.
    pub(crate) feed: StorageB256,
    /// See [`Terms`]; fixed.
    terms: StorageB256,
    /// By expiry; see [`latest::Published`].
    published: StorageMap<U32, StorageB256>,
}

// SAFETY: the only storage of the contract, at slot zero.
unsafe impl TopLevelStorage for SignedQuotes {}

/// Prints the ABI as Solidity.
#[cfg(feature = "export-abi")]
pub fn print_abi(license: &str, pragma: &str) {
    stylus_sdk::abi::export::print_abi::<SignedQuotes>(license, pragma);
}

/// The entry points. On chain they are reached through [`router`].
#[public]
impl SignedQuotes {
    /// Publishes on `surface` as publisher number `publisher` of `feed`, once the owner of the surface has put this contract there. `signers` strictly ascending,
    /// `threshold` of them must sign. The rules are those of `ISignedQuotes.rules`, within the bounds of [`latest`].
    ///
    /// Errors: those of a set of signers, `ParameterOutOfBounds`.
    #[constructor]
    pub fn constructor(
        &mut self,
        surface: Address,
        feed: B256,
        publisher: u8,
        signers: Vec<Address>,
        threshold: u8,
        least_quotes: u16,
        reach_bps: u16,
        max_spread: u64,
        tolerance: u64,
        max_age: u32,
    ) -> Result<(), Revert> {
        let terms = Terms {
            rules: Rules {
                least_quotes,
                reach: reach_bps,
                max_spread,
                tolerance,
            },
            max_age,
        };
        terms.check()?;
        self.surface.set(surface);
        self.feed.set(feed);
        self.publisher.set(U8::from(publisher));
        self.terms.set(terms.pack());
        self.fill(&signers, threshold)
    }

    /// See `ISignedQuotes.publish`.
    pub fn publish(
        &mut self,
        observed_at: u64,
        spot: u128,
        expiries: Vec<B256>,
        quotes: Vec<B256>,
        smiles: Vec<B256>,
        deadline: u64,
        signatures: Bytes,
    ) -> Result<(), Revert> {
        let publication = Publication {
            observed_at,
            spot,
            expiries,
            quotes,
            smiles,
            deadline,
        };
        self.take(&publication, &signatures)
    }

    /// See `ISignedQuotes.replaceSigners`.
    pub fn replace_signers(
        &mut self,
        signers: Vec<Address>,
        threshold: u8,
        generation: u64,
        deadline: u64,
        signatures: Bytes,
    ) -> Result<(), Revert> {
        let replacement = replacement::Replacement {
            signers,
            threshold,
            generation,
            deadline,
        };
        self.replace(&replacement, &signatures)
    }

    /// See `ISignedQuotes.impliedVolatilities`: bids, asks.
    pub fn implied_volatilities(
        &self,
        observed_at: u64,
        expiry: B256,
        quotes: Vec<B256>,
    ) -> Result<(Vec<u64>, Vec<u64>), Revert> {
        publication::solved(observed_at, expiry, &quotes)
    }

    /// See `ISignedQuotes.latestOf`: observed at, forward, firm quotes, miss.
    pub fn latest_of(&self, expiry: u32) -> (u64, u128, u16, u16) {
        let last = self.last(expiry);
        (last.observed_at, last.forward, last.firm_quotes, last.miss)
    }

    /// See `ISignedQuotes.rules`: least quotes, reach, max spread, tolerance, max age.
    pub fn rules(&self) -> (u16, u16, u64, u64, u32) {
        let Terms { rules, max_age } = self.terms();
        (
            rules.least_quotes,
            rules.reach,
            rules.max_spread,
            rules.tolerance,
            max_age,
        )
    }

    /// See `ISignedQuotes.place`: surface, feed, publisher.
    pub fn place(&self) -> (Address, B256, u8) {
        let publisher = self.publisher.get().to();
        (self.surface.get(), self.feed.get(), publisher)
    }

    /// See `ISignedQuotes.signerSet`: signers, threshold, generation.
    pub fn signer_set(&self) -> (Vec<Address>, u8, u64) {
        (
            self.signers.signers(),
            self.signers.threshold(),
            self.signers.generation(),
        )
    }

    /// See `ISignedQuotes.domainSeparator`.
    pub fn domain_separator(&self) -> B256 {
        DOMAIN.separator(self.vm().chain_id(), self.vm().contract_address())
    }
}
