//! Listing a feed: what its sources must be, and the hard bounds of its rules.

use alloc::vec::Vec;

use alloy_primitives::{B256, U256};
use alloy_sol_types::SolEvent;
use interfaces::IOracleAdapter::{FeedListed, SourceListed};
use interfaces::Revert;
use interfaces::words::{Word, emit};
use stylus_sdk::prelude::*;

use crate::abi_types::{FeedRules, Source};
use crate::feed::Head;
use crate::hold::LAPSE;
use crate::source::{Bounds, Judge, Kind, PinnedSource, Status};
use crate::{OracleAdapter, aggregator, host, pyth, refusal, twap};

/// With three sources one may fail or lie.
pub(crate) const LEAST_SOURCES: usize = 3;
/// Sources that count. Keeps the worst read within a block's gas: 15 · 2 calls of at most 150,000.
pub(crate) const MOST_SOURCES: usize = 15;
/// With one of each kind that only watches.
pub(crate) const MOST_LISTED: usize = MOST_SOURCES + 3;
/// Longest age a source may be given, seconds: two days, twice the slowest heartbeat in use.
pub(crate) const MOST_AGE: u32 = 172_800;
/// Highest upper bound of a price, WAD: 1e18 quote units. Leaves room to multiply by a hundred in `u128`.
pub(crate) const MOST_PRICE: u128 = 1_000_000_000_000_000_000_000_000_000_000_000_000;
/// Widest any of the thresholds may be, 1/10,000: a half.
pub(crate) const MOST_BPS: u16 = 5_000;
/// Longest a jump may be asked to last, seconds.
pub(crate) const MOST_DELAY: u32 = 600;
const _: () = assert!(MOST_DELAY as u64 * LAPSE <= 6_000);

/// What `listFeed` is given.
pub(crate) struct Terms {
    pub(crate) sources: Vec<Source>,
    pub(crate) rules: FeedRules,
}

impl OracleAdapter {
    /// Checks the terms, asks every source once, and stores the feed.
    pub(crate) fn list(&mut self, feed: B256, terms: &Terms) -> Result<(), Revert> {
        if self.feeds.getter(feed).head().sources != 0 {
            return Err(refusal::feed_exists(feed));
        }
        let count = terms
            .sources
            .iter()
            .filter(|source| votes(source.kind))
            .count();
        let head = head_of(&terms.rules, count, terms.sources.len())?;
        let judge = Judge {
            vm: self.vm(),
            bounds: bounds_of(&terms.rules)?,
            confidence_bps: head.confidence_bps,
            now: host::now(self.vm()),
        };
        let sources = pin_sources(&judge, &terms.sources)?;
        let bounds = judge.bounds;
        self.feeds.setter(feed).store(&sources, bounds, head);
        for source in &terms.sources {
            emit(
                self.vm(),
                &[SourceListed::SIGNATURE_HASH, feed, source.account.word()],
                &[u32::from(source.kind).word(), source.origin],
            );
        }
        let (count, quorum) = (u32::from(head.sources), u32::from(head.quorum));
        emit(
            self.vm(),
            &[FeedListed::SIGNATURE_HASH, feed],
            &[count.word(), quorum.word()],
        );
        Ok(())
    }
}

/// The rules within their bounds, the quorum raised to a majority. `count` sources vote, of `listed`.
fn head_of(rules: &FeedRules, count: usize, listed: usize) -> Result<Head, Revert> {
    if !(LEAST_SOURCES..=MOST_SOURCES).contains(&count) {
        return Err(refusal::bad_source_count(
            count,
            LEAST_SOURCES,
            MOST_SOURCES,
        ));
    }
    let narrow = |count: usize| u8::try_from(count).unwrap_or(u8::MAX);
    let (sources, listed) = (narrow(count), narrow(listed));
    let majority = (sources / 2).saturating_add(1);
    // Lower ones are raised.
    within(rules.quorum.into(), 0, sources.into())?;
    within(rules.warnBps.into(), 0, rules.haltBps.into())?;
    within(rules.haltBps.into(), 1, MOST_BPS.into())?;
    within(rules.jumpBps.into(), 0, MOST_BPS.into())?;
    // A limit without a delay would hold nothing.
    let least_delay = u32::from(rules.jumpBps != 0);
    within(rules.jumpDelay, least_delay, MOST_DELAY)?;
    within(rules.confidenceBps.into(), 0, MOST_BPS.into())?;
    within(rules.twapBps.into(), 0, MOST_BPS.into())?;
    Ok(Head {
        sources,
        quorum: rules.quorum.max(majority),
        listed,
        warn_bps: rules.warnBps,
        halt_bps: rules.haltBps,
        jump_bps: rules.jumpBps,
        jump_delay: rules.jumpDelay,
        confidence_bps: rules.confidenceBps,
        twap_bps: rules.twapBps,
    })
}

fn within(given: u32, least: u32, most: u32) -> Result<(), Revert> {
    if (least..=most).contains(&given) {
        Ok(())
    } else {
        Err(refusal::parameter_out_of_bounds(given, least, most))
    }
}

/// `0 <= min < max <= MOST_PRICE`.
fn bounds_of(rules: &FeedRules) -> Result<Bounds, Revert> {
    let (min, max, most) = (rules.minPrice, rules.maxPrice, U256::from(MOST_PRICE));
    if max > most || max.is_zero() {
        return Err(refusal::parameter_out_of_bounds(max, U256::from(1), most));
    }
    if min >= max {
        return Err(refusal::parameter_out_of_bounds(
            min,
            U256::ZERO,
            max.saturating_sub(U256::from(1)),
        ));
    }
    Ok(Bounds {
        min: low_half(min),
        max: low_half(max),
    })
}

/// A price of at most [`MOST_PRICE`], which fits in half a word.
fn low_half(price: U256) -> u128 {
    let [low, high, ..] = *price.as_limbs();
    (u128::from(high) << 64) | u128::from(low)
}

/// Pins each source and demands a valid answer now. Those that vote first, in the order given, then those that watch.
fn pin_sources(judge: &Judge<'_>, sources: &[Source]) -> Result<Vec<PinnedSource>, Revert> {
    let (mut voting, mut watching) = (Vec::<PinnedSource>::new(), Vec::<PinnedSource>::new());
    for (index, source) in sources.iter().enumerate() {
        let kind = Kind::of(source.kind).ok_or_else(|| refusal::bad_source(source.account))?;
        within(source.maxAge, 1, MOST_AGE)?;
        // Two contracts of one origin fail together; two prices may share Pyth's contract, but one price asked twice is one.
        let earlier = sources.iter().take(index);
        let same = |other: &Source| {
            other.origin == source.origin
                || (other.account == source.account && other.id == source.id)
        };
        if kind.votes() && earlier.filter(|other| votes(other.kind)).any(same) {
            return Err(refusal::duplicate_origin(source.account));
        }
        let pinned =
            pin(judge, source, kind)?.ok_or_else(|| refusal::bad_source(source.account))?;
        if kind.votes() {
            voting.push(pinned);
        } else if watching.iter().any(|other| other.kind == kind) {
            return Err(refusal::bad_source(source.account));
        } else {
            watching.push(pinned);
        }
    }
    voting.append(&mut watching);
    Ok(voting)
}

fn votes(kind: u8) -> bool {
    Kind::of(kind).is_some_and(Kind::votes)
}

/// A source with what is pinned of it; `None` when it does not answer as its kind should.
fn pin(judge: &Judge<'_>, source: &Source, kind: Kind) -> Result<Option<PinnedSource>, Revert> {
    let plain = PinnedSource {
        account: source.account,
        kind,
        max_age: source.maxAge,
        decimals: 0,
        inverted: false,
        id: source.id,
    };
    // An account without code answers nothing and ends here.
    let pinned = match kind {
        Kind::Aggregator | Kind::SettlementAsset => aggregator::decimals(judge.vm, source.account)?
            .map(|decimals| PinnedSource { decimals, ..plain }),
        Kind::Pyth => {
            pyth::decimals_now(judge, &plain)?.map(|decimals| PinnedSource { decimals, ..plain })
        }
        Kind::Twap => twap::pin(judge, &plain, source.id)?,
        Kind::Sequencer => Some(plain),
    };
    let Some(pinned) = pinned else {
        return Ok(None);
    };
    let status = judge.read(&pinned)?.status;
    let answers = match kind {
        // Listing during an outage is no fault.
        Kind::Sequencer => matches!(
            status,
            Status::Valid | Status::GracePeriod | Status::SequencerDown
        ),
        _ => status == Status::Valid,
    };
    Ok(answers.then_some(pinned))
}
