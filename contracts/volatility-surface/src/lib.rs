//! The volatility surface: smiles, forwards and rates per feed and expiry, from several publishers, as the median of what they say.
//!
//! It decides which smiles are believed. Publishers are listed by the owner, once per feed, and replaced only after a delay. Every smile is proved free of
//! static arbitrage when it is stored; a refused one leaves what was there. Readers get the publishers' smiles around each expiry and take the
//! median of the volatilities at each strike, so that fewer than half of the publishers cannot move margin beyond the honest ones. Too few fresh
//! publishers are reported, with a ceiling for initial margin; they change no number and make nobody liquidatable.
//!
//! | file | decides |
//! |---|---|
//! | [`listing`] | who publishes, and how a publisher is replaced |
//! | [`publishing`] | who may send an update, and which smiles are stored |
//! | [`reading`] | what margin needs of each expiry |
//! | [`feed`], [`page`], [`term`] | how it lies on the chain: what a publisher says is the code of a contract |
//! | [`router`], [`refusal`] | calldata and errors, by hand |
//!
//! Its ABI and the meaning of every error is `IVolatilitySurface.sol`; the mathematics is `clearing_math::surface`.
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

mod feed;
mod host;
mod listing;
mod page;
mod publishing;
mod reading;
mod refusal;
mod router;
mod term;

#[cfg(test)]
mod tests;

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, U256, aliases::U80};
use clearing_math::surface::{SmilePair, volatility};
use interfaces::{Ownership, Revert};
use stylus_sdk::abi::Bytes;
use stylus_sdk::prelude::*;
use stylus_sdk::storage::{StorageAddress, StorageMap, StorageU32};

use crate::feed::{Feed, Rules};
use crate::publishing::Update;
use crate::reading::{Answer, Term};

/// Storage of the surface.
#[storage]
pub struct VolatilitySurface {
    ownership: Ownership,
    /// The program that proves smiles; fixed.
    pub(crate) proof: StorageAddress,
    /// Pages written so far; in the slot of the proof, which every publication reads.
    pub(crate) pages: StorageU32,
    pub(crate) feeds: StorageMap<B256, Feed>,
}

// SAFETY: the only storage of the contract, at slot zero.
unsafe impl TopLevelStorage for VolatilitySurface {}

/// Prints the ABI as Solidity.
#[cfg(feature = "export-abi")]
pub fn print_abi(license: &str, pragma: &str) {
    stylus_sdk::abi::export::print_abi::<VolatilitySurface>(license, pragma);
}

/// The entry points. On chain they are reached through [`router`].
#[public]
impl VolatilitySurface {
    /// `owner` lists feeds and replaces publishers; `smile_proof` is the program of `ISmileProof`. Errors: `OwnableInvalidOwner` when the owner
    /// is zero.
    #[constructor]
    pub fn constructor(&mut self, owner: Address, smile_proof: Address) -> Result<(), Revert> {
        self.ownership.begin(owner)?;
        self.proof.set(smile_proof);
        Ok(())
    }

    /// See `IVolatilitySurface.listSurface`.
    pub fn list_surface(
        &mut self,
        feed: B256,
        publishers: Vec<Address>,
        quorum: u8,
        max_age: u32,
        ceiling: u64,
        max_change_bps: u16,
    ) -> Result<(), Revert> {
        self.ownership.only_owner()?;
        let rules = Rules {
            publishers: 0,
            quorum,
            max_age,
            max_change: max_change_bps,
            ceiling,
        };
        self.list(feed, &publishers, rules)
    }

    /// See `IVolatilitySurface.replacePublisher`.
    pub fn replace_publisher(
        &mut self,
        feed: B256,
        publisher: u8,
        account: Address,
        signers: Vec<Address>,
        threshold: u8,
    ) -> Result<(), Revert> {
        self.ownership.only_owner()?;
        self.listed_publisher(feed, publisher)?;
        self.replace(feed, publisher, account, &signers, threshold)
    }

    /// See `IVolatilitySurface.publishSurface`.
    pub fn publish_surface(
        &mut self,
        feed: B256,
        publisher: u8,
        smiles: Vec<B256>,
        terms: Vec<U80>,
        deadline: u64,
        signatures: Bytes,
    ) -> Result<(), Revert> {
        let terms = terms.into_iter().map(|term| term.to::<u128>()).collect();
        self.publish(feed, publisher, smiles, terms, deadline, &signatures)
    }

    /// See `IVolatilitySurface.publishVolatility`.
    pub fn publish_volatility(
        &mut self,
        feed: B256,
        expiries: Vec<u32>,
        volatilities: Vec<u64>,
    ) -> Result<(), Revert> {
        let rules = self.listed(feed)?;
        let update = Update {
            feed,
            publisher: self.index_of_caller(feed, rules)?,
            smiles: publishing::flat(&expiries, &volatilities)?,
            terms: Vec::new(),
            signed: false,
        };
        self.store(&update, rules)
    }

    /// See `IVolatilitySurface.terms`: terms, smiles, stale.
    pub fn terms(
        &self,
        feed: B256,
        expiries: Vec<u32>,
    ) -> Result<(Vec<Term>, Vec<B256>, bool), Revert> {
        let Answer {
            terms,
            smiles,
            stale,
        } = self.answer(feed, &expiries)?;
        Ok((terms, smiles, stale))
    }

    /// See `IVolatilitySurface.volatility`: value, stale.
    pub fn volatility(
        &self,
        feed: B256,
        expiry: u32,
        forward: U256,
        strike: U256,
    ) -> Result<(u64, bool), Revert> {
        let [forward, strike] =
            [forward, strike].map(|price| u128::try_from(price).unwrap_or(u128::MAX));
        self.median(feed, expiry, forward, strike)
    }

    /// See `IVolatilitySurface.smileOf`: smile, term.
    pub fn smile_of(&self, feed: B256, publisher: u8, expiry: u32) -> Result<(B256, U80), Revert> {
        let (smile, term) = self.stored(feed, publisher, expiry)?;
        Ok((smile, U80::try_from(term).unwrap_or_default()))
    }

    /// See `IVolatilitySurface.expiriesOf`.
    pub fn expiries_of(&self, feed: B256, publisher: u8) -> Result<Vec<u32>, Revert> {
        self.listed_publisher(feed, publisher)?;
        let record = self.feeds.getter(feed);
        let page = self.page(&record, publisher, host::now(self.vm()))?;
        Ok(page.0.iter().map(|entry| entry.expiry).collect())
    }

    /// See `IVolatilitySurface.publisherOf`: account, signers, threshold.
    pub fn publisher_of(
        &self,
        feed: B256,
        publisher: u8,
    ) -> Result<(Address, Vec<Address>, u8), Revert> {
        self.listed_publisher(feed, publisher)?;
        Ok(self.publisher(feed, publisher))
    }

    /// See `IVolatilitySurface.rules`: publishers, quorum, max age, ceiling, max change.
    pub fn rules(&self, feed: B256) -> Result<(u8, u8, u32, u64, u16), Revert> {
        let rules = self.listed(feed)?;
        Ok((
            rules.publishers,
            rules.quorum,
            rules.max_age,
            rules.ceiling,
            rules.max_change,
        ))
    }

    /// The program that proves smiles.
    pub fn smile_proof(&self) -> Address {
        self.proof.get()
    }

    /// What signatures are bound to.
    pub fn domain_separator(&self) -> B256 {
        publishing::DOMAIN.separator(self.vm().chain_id(), self.vm().contract_address())
    }

    /// Who lists feeds and replaces publishers. It may never change the rules of a listed feed, or what a publisher said.
    pub fn owner(&self) -> Address {
        self.ownership.owner()
    }

    /// Who may accept the ownership.
    pub fn pending_owner(&self) -> Address {
        self.ownership.pending()
    }

    /// Offers the ownership (owner only); zero withdraws an offer.
    pub fn transfer_ownership(&mut self, new_owner: Address) -> Result<(), Revert> {
        self.ownership.offer(new_owner)
    }

    /// Takes the offered ownership.
    pub fn accept_ownership(&mut self) -> Result<(), Revert> {
        self.ownership.accept()
    }

    /// Leaves the contract without owner (owner only): no more feeds, no more replacements.
    pub fn renounce_ownership(&mut self) -> Result<(), Revert> {
        self.ownership.renounce()
    }
}

impl VolatilitySurface {
    /// Rules of the feed, which must be listed. Errors: `UnknownFeed`.
    pub(crate) fn listed(&self, feed: B256) -> Result<Rules, Revert> {
        self.feeds
            .getter(feed)
            .rules()
            .ok_or_else(|| refusal::unknown_feed(feed))
    }

    /// The same, of a publisher it must have. Errors: `UnknownFeed`, `IndexOutOfBounds`.
    fn listed_publisher(&self, feed: B256, publisher: u8) -> Result<Rules, Revert> {
        let rules = self.listed(feed)?;
        if publisher >= rules.publishers {
            return Err(refusal::index_out_of_bounds(publisher, rules.publishers));
        }
        Ok(rules)
    }

    fn publish(
        &mut self,
        feed: B256,
        publisher: u8,
        smiles: Vec<B256>,
        terms: Vec<u128>,
        deadline: u64,
        signatures: &[u8],
    ) -> Result<(), Revert> {
        let rules = self.listed_publisher(feed, publisher)?;
        if !terms.is_empty() && terms.len() != smiles.len() {
            return Err(refusal::length_mismatch(smiles.len(), terms.len()));
        }
        let mut update = Update {
            feed,
            publisher,
            smiles,
            terms,
            signed: false,
        };
        update.signed = self.authorise(&update, deadline, signatures)?;
        self.store(&update, rules)
    }

    /// The median volatility at a strike. Errors: `UnknownFeed`, `MissingVolatility`, `ParameterOutOfBounds` for a price of zero.
    fn median(
        &self,
        feed: B256,
        expiry: u32,
        forward: u128,
        strike: u128,
    ) -> Result<(u64, bool), Revert> {
        let Answer { smiles, stale, .. } = self.answer(feed, &[expiry])?;
        let now = host::now(self.vm());
        if forward == 0 || strike == 0 {
            return Err(refusal::parameter_out_of_bounds(0, 1, u64::MAX));
        }
        let missing = || refusal::missing_volatility(expiry);
        let mut pairs: Vec<SmilePair> = Vec::with_capacity(smiles.len() / 2);
        for pair in smiles.as_chunks::<2>().0 {
            let [near, far] = pair;
            // Stored words are in range.
            pairs.push(SmilePair::prepare(&near.0, &far.0, expiry, now).map_err(|_| missing())?);
        }
        let value = volatility(&pairs, forward, strike).map_err(|_| missing())?;
        Ok((value, stale))
    }

    /// Smile and term that a publisher has stored for an expiry that has not passed; zeros else.
    fn stored(&self, feed: B256, publisher: u8, expiry: u32) -> Result<(B256, u128), Revert> {
        self.listed_publisher(feed, publisher)?;
        let record = self.feeds.getter(feed);
        let page = self.page(&record, publisher, host::now(self.vm()))?;
        let found = page.at(expiry);
        Ok(found.map_or((B256::ZERO, 0), |entry| (entry.smile, entry.term)))
    }
}
