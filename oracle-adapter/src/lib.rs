//! The oracle adapter: spot as the median of independent sources, rounds of it, and the settlement price.
//!
//! It decides what a price is. Spot is the median of the sources that are valid right now, with the band in which they disagree; a majority of
//! those listed must be valid. Anyone may store it as a round. A median that jumps moves nothing until it has lasted. The settlement price of an
//! expiry is fixed once, from samples anyone may record. Volatility comes from the volatility surface, a contract of its own, and passes through.
//! Uncertainty (a wide band, a jump, a thin quorum, a sequencer that is down) is reported beside the numbers and never changes them: whoever
//! reads may refuse new risk, but nobody becomes liquidatable by it.
//!
//! Its ABI and the meaning of every error is `IOracleAdapter.sol`. Prices are 1e18 quote units per unit of the underlying.
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

mod abi_types;
mod aggregator;
mod committee;
mod feed;
mod hold;
mod host;
mod listing;
mod market;
mod ownership;
mod pinned;
mod pyth;
mod refusal;
mod rounds;
mod router;
mod samples;
mod sequencer;
mod settlement;
mod slot;
mod source;
mod spot;
mod twap;

#[cfg(test)]
mod tests;

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, U32, U256};
use alloy_sol_types::SolValue;
use interfaces::Revert;
use stylus_sdk::prelude::*;
use stylus_sdk::storage::{StorageAddress, StorageGuard, StorageMap, StorageU32};

use crate::abi_types::{FeedRules, MarketData, Source};
use crate::feed::Feed;
use crate::listing::Terms;
use crate::ownership::Ownership;

/// Storage of the adapter.
#[storage]
pub struct OracleAdapter {
    ownership: Ownership,
    /// Asked for volatility terms; never changes.
    volatility_surface: StorageAddress,
    /// Feeds listed so far, each with a contract of what listing fixed.
    listings: StorageU32,
    feeds: StorageMap<B256, Feed>,
}

// SAFETY: the only storage of the contract, at slot zero.
unsafe impl TopLevelStorage for OracleAdapter {}

/// Prints the ABI as Solidity.
#[cfg(feature = "export-abi")]
pub fn print_abi(license: &str, pragma: &str) {
    stylus_sdk::abi::export::print_abi::<OracleAdapter>(license, pragma);
}

/// The entry points. On chain they are reached through [`router`].
#[public]
impl OracleAdapter {
    /// `owner` lists feeds; `volatility_surface` never changes. Errors: `OwnableInvalidOwner` when the owner is zero.
    #[constructor]
    pub fn constructor(
        &mut self,
        owner: Address,
        volatility_surface: Address,
    ) -> Result<(), Revert> {
        self.volatility_surface.set(volatility_surface);
        self.set_first_owner(owner)
    }

    /// See `IOracleAdapter.listFeed`.
    pub fn list_feed(
        &mut self,
        feed: B256,
        sources: Vec<Source>,
        rules: FeedRules,
    ) -> Result<(), Revert> {
        self.only_owner()?;
        self.list(feed, &Terms { sources, rules })
    }

    /// See `IOracleAdapter.evaluate`.
    pub fn evaluate(&mut self, feed: B256) -> Result<u64, Revert> {
        self.listed(feed)?;
        self.store_evaluation(feed)
    }

    /// See `IOracleAdapter.recordSample`.
    pub fn record_sample(&mut self, feed: B256, expiry: u32) -> Result<U256, Revert> {
        self.listed(feed)?;
        self.record(feed, expiry).map(U256::from)
    }

    /// See `IOracleAdapter.fixSettlementPrice`.
    pub fn fix_settlement_price(&mut self, feed: B256, expiry: u32) -> Result<U256, Revert> {
        self.listed(feed)?;
        self.fix(feed, expiry).map(U256::from)
    }

    /// See `IOracleAdapter.spot`: mid, low, high, updated at, valid sources, sources.
    pub fn spot(&self, feed: B256) -> Result<(U256, U256, U256, u64, u8, u8), Revert> {
        let record = self.listed(feed)?;
        let round = record.current()?;
        let [mid, low, high] = [round.mid, round.low, round.high].map(U256::from);
        Ok((mid, low, high, round.updated_at, round.valid, round.sources))
    }

    /// See `IOracleAdapter.round`: mid, low, high, updated at, evaluated at, doubts.
    pub fn round(&self, feed: B256, id: u64) -> Result<(U256, U256, U256, u64, u64, u32), Revert> {
        let round = self.known_round(feed, id)?;
        let [mid, low, high] = [round.mid, round.low, round.high].map(U256::from);
        let doubts = round.doubts.into();
        Ok((mid, low, high, round.updated_at, round.evaluated_at, doubts))
    }

    /// See `IOracleAdapter.latestRound`: id, then as `round`.
    pub fn latest_round(
        &self,
        feed: B256,
    ) -> Result<(u64, U256, U256, U256, u64, u64, u32), Revert> {
        let (_, id) = self.listed(feed)?.last_round();
        let (mid, low, high, updated_at, evaluated_at, doubts) = self.round(feed, id)?;
        Ok((id, mid, low, high, updated_at, evaluated_at, doubts))
    }

    /// See `IOracleAdapter.median`: mid, updated at.
    pub fn median(&self, feed: B256) -> Result<(U256, u64), Revert> {
        let poll = self.listed(feed)?.median_now()?;
        Ok((U256::from(poll.band.mid), poll.updated_at))
    }

    /// See `IOracleAdapter.marketData`. The router answers with the encoded form.
    pub fn market_data(&self, feed: B256, expiries: Vec<u32>) -> Result<MarketData, Revert> {
        let question = (feed, expiries).abi_encode_params();
        let encoded = self.market_data_encoded(feed, &question)?;
        MarketData::abi_decode(&encoded, true).map_err(|_| Revert::empty())
    }

    /// See `IOracleAdapter.listing`: sources, rules.
    pub fn listing(&self, feed: B256) -> Result<(Vec<Source>, FeedRules), Revert> {
        let record = self.listed(feed)?;
        let pinned = record.pinned()?;
        Ok((pinned.listed_sources(), pinned.rules()))
    }

    /// See `IOracleAdapter.graceUntil`.
    pub fn grace_until(&self, feed: B256) -> Result<u64, Revert> {
        self.listed(feed)?.grace_until()
    }

    /// See `IOracleAdapter.volatilitySurface`.
    pub fn volatility_surface(&self) -> Address {
        self.volatility_surface.get()
    }

    /// See `IOracleAdapter.sourceStatus`: source, status, price, updated at.
    pub fn source_status(&self, feed: B256, index: u8) -> Result<(Address, u8, U256, u64), Revert> {
        let record = self.listed(feed)?;
        let pinned = record.pinned()?;
        let head = pinned.head();
        let source = Some(index)
            .filter(|index| *index < head.listed)
            .and_then(|index| pinned.source(index))
            .ok_or_else(|| refusal::index_out_of_bounds(U256::from(index), head.listed.into()))?;
        let accepted = record.times(head.sources).get(usize::from(index)).copied();
        let (accepted, reported) = (accepted.unwrap_or(0), record.latest().reported);
        let reading = record
            .judge(&pinned)
            .read_after(&source, accepted, reported)?;
        Ok((
            source.account,
            reading.status as u8,
            U256::from(reading.price),
            reading.updated_at,
        ))
    }

    /// See `IOracleAdapter.sampleCount`.
    pub fn sample_count(&self, feed: B256, expiry: u32) -> Result<U256, Revert> {
        let record = self.listed(feed)?;
        Ok(U256::from(
            record.expiries.getter(U32::from(expiry)).sample_count(),
        ))
    }

    /// See `IOracleAdapter.sampleAt`: time, price.
    pub fn sample_at(&self, feed: B256, expiry: u32, index: U256) -> Result<(u64, U256), Revert> {
        let record = self.listed(feed)?;
        let known = record.expiries.getter(U32::from(expiry));
        let sample = usize::try_from(index)
            .ok()
            .and_then(|index| known.sample(index))
            .ok_or_else(|| refusal::index_out_of_bounds(index, known.sample_count()))?;
        Ok((sample.at, U256::from(sample.price)))
    }

    /// See `IOracleAdapter.settlementPrice`.
    pub fn settlement_price(&self, feed: B256, expiry: u32) -> Result<U256, Revert> {
        let record = self.listed(feed)?;
        let price = record.expiries.getter(U32::from(expiry)).settlement_price();
        price
            .map(U256::from)
            .ok_or_else(|| refusal::not_fixed(feed, expiry))
    }

    /// Who lists feeds. It may never change a listed feed, a sample or a settlement price.
    pub fn owner(&self) -> Address {
        self.ownership.owner.get()
    }

    /// Who may accept the ownership.
    pub fn pending_owner(&self) -> Address {
        self.ownership.pending.get()
    }

    /// Offers the ownership (owner only); zero withdraws an offer.
    pub fn transfer_ownership(&mut self, new_owner: Address) -> Result<(), Revert> {
        self.offer_ownership(new_owner)
    }

    /// Takes the offered ownership.
    pub fn accept_ownership(&mut self) -> Result<(), Revert> {
        self.take_ownership()
    }

    /// Leaves the contract without owner (owner only): no more feeds.
    pub fn renounce_ownership(&mut self) -> Result<(), Revert> {
        self.only_owner()?;
        self.set_owner(Address::ZERO);
        Ok(())
    }
}

impl OracleAdapter {
    /// The feed, which must be listed. Errors: `UnknownFeed`.
    fn listed(&self, feed: B256) -> Result<StorageGuard<'_, Feed>, Revert> {
        let record = self.feeds.getter(feed);
        if record.is_listed() {
            Ok(record)
        } else {
            Err(refusal::unknown_feed(feed))
        }
    }
}
