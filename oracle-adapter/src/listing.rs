//! Listing a feed: what its sources must be, and the hard bounds of its parameters.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::SolEvent;
use interfaces::IOracleAdapter::FeedListed;
use interfaces::Revert;
use interfaces::words::{Word, emit};
use stylus_sdk::prelude::*;

use crate::aggregator::{self, Bounds, PinnedSource, Status};
use crate::{OracleAdapter, host, refusal};

/// With three sources one may fail or lie.
pub(crate) const LEAST_SOURCES: usize = 3;
/// Keeps the worst read within a block's gas: 15 · 2 calls of at most 150,000.
pub(crate) const MOST_SOURCES: usize = 15;
/// Longest age a source may be given, seconds: two days, twice the slowest heartbeat in use.
pub(crate) const MOST_AGE: u32 = 172_800;
/// Highest upper bound of a price, WAD: 1e18 quote units. Leaves room to multiply by a hundred in `u128`.
pub(crate) const MOST_PRICE: u128 = 1_000_000_000_000_000_000_000_000_000_000_000_000;

/// What `listFeed` is given.
pub(crate) struct Terms {
    pub(crate) sources: Vec<Address>,
    pub(crate) max_ages: Vec<u32>,
    pub(crate) min_price: U256,
    pub(crate) max_price: U256,
    pub(crate) quorum: u8,
}

impl OracleAdapter {
    /// Checks the terms, asks every source once, and stores the feed.
    pub(crate) fn list(&mut self, feed: B256, terms: &Terms) -> Result<(), Revert> {
        if self.feeds.getter(feed).head().sources != 0 {
            return Err(refusal::feed_exists(feed));
        }
        let quorum = quorum_of(terms)?;
        let bounds = bounds_of(terms)?;
        let sources = pin_sources(self.vm(), terms, bounds)?;
        self.feeds.setter(feed).store(&sources, bounds, quorum);
        // At most 15.
        let count = u8::try_from(sources.len()).unwrap_or(u8::MAX);
        emit(
            self.vm(),
            &[FeedListed::SIGNATURE_HASH, feed],
            &[u32::from(count).word(), u32::from(quorum).word()],
        );
        Ok(())
    }
}

/// The quorum asked for, raised to a majority.
fn quorum_of(terms: &Terms) -> Result<u8, Revert> {
    let count = terms.sources.len();
    if !(LEAST_SOURCES..=MOST_SOURCES).contains(&count) {
        return Err(refusal::bad_source_count(
            count,
            LEAST_SOURCES,
            MOST_SOURCES,
        ));
    }
    if terms.max_ages.len() != count {
        return Err(refusal::length_mismatch(count, terms.max_ages.len()));
    }
    let majority = (count / 2).saturating_add(1);
    if usize::from(terms.quorum) > count {
        return Err(refusal::parameter_out_of_bounds(
            U256::from(terms.quorum),
            U256::from(majority),
            U256::from(count),
        ));
    }
    Ok(terms.quorum.max(u8::try_from(majority).unwrap_or(u8::MAX)))
}

/// `0 <= min < max <= MOST_PRICE`.
fn bounds_of(terms: &Terms) -> Result<Bounds, Revert> {
    let most = U256::from(MOST_PRICE);
    if terms.max_price > most || terms.max_price.is_zero() {
        return Err(refusal::parameter_out_of_bounds(
            terms.max_price,
            U256::from(1),
            most,
        ));
    }
    if terms.min_price >= terms.max_price {
        return Err(refusal::parameter_out_of_bounds(
            terms.min_price,
            U256::ZERO,
            terms.max_price.saturating_sub(U256::from(1)),
        ));
    }
    Ok(Bounds {
        min: low_half(terms.min_price),
        max: low_half(terms.max_price),
    })
}

/// A price of at most [`MOST_PRICE`], which fits in half a word.
fn low_half(price: U256) -> u128 {
    let [low, high, ..] = *price.as_limbs();
    (u128::from(high) << 64) | u128::from(low)
}

/// Pins the decimals of each source and demands a valid answer now.
fn pin_sources(vm: &dyn Host, terms: &Terms, bounds: Bounds) -> Result<Vec<PinnedSource>, Revert> {
    let now = host::now(vm);
    let mut pinned: Vec<PinnedSource> = Vec::with_capacity(terms.sources.len());
    for (&account, &max_age) in terms.sources.iter().zip(&terms.max_ages) {
        if max_age == 0 || max_age > MOST_AGE {
            return Err(refusal::parameter_out_of_bounds(max_age, 1, MOST_AGE));
        }
        if pinned.iter().any(|other| other.account == account) {
            return Err(refusal::duplicate_origin(account));
        }
        // An account without code answers nothing and ends here.
        let decimals =
            aggregator::decimals(vm, account)?.ok_or_else(|| refusal::bad_source(account))?;
        let source = PinnedSource {
            account,
            max_age,
            decimals,
        };
        if aggregator::read(vm, &source, bounds, now)?.status != Status::Valid {
            return Err(refusal::bad_source(account));
        }
        pinned.push(source);
    }
    Ok(pinned)
}
