//! Listing a feed: what its sources must be, and the hard bounds of its rules.

use alloc::vec::Vec;

use alloy_primitives::{B256, U32, U256};
use alloy_sol_types::SolEvent;
use interfaces::IOracleAdapter::{FeedListed, SourceListed};
use interfaces::Revert;
use interfaces::data_contract::{MAX_DATA, create_numbered};
use interfaces::words::{Word, emit};
use stylus_sdk::prelude::*;

use crate::abi_types::{FeedRules, Source};
use crate::feed::Head;
use crate::hold::LAPSE;
use crate::pinned::Pinned;
use crate::sequencer::MOST_GRACE;
use crate::source::{Bounds, Judge, Kind, PinnedSource, Status};
use crate::{OracleAdapter, aggregator, committee, host, pyth, refusal, twap};

/// With three sources one may fail or lie.
pub(crate) const LEAST_SOURCES: usize = 3;
/// Sources that count. Keeps the worst read within a block's gas: 15 · 2 calls of at most 150,000.
pub(crate) const MOST_SOURCES: usize = 15;
/// With one of each kind that only watches, and the settlement committee.
pub(crate) const MOST_LISTED: usize = MOST_SOURCES + 4;
/// Longest age a source may be given, seconds: two days, twice the slowest heartbeat in use.
pub(crate) const MOST_AGE: u32 = 172_800;
/// Highest upper bound of a price, WAD: 1e18 quote units. Leaves room to multiply by a hundred in `u128`.
pub(crate) const MOST_PRICE: u128 = 1_000_000_000_000_000_000_000_000_000_000_000_000;
/// Widest any of the thresholds may be, 1/10,000: a half.
pub(crate) const MOST_BPS: u16 = 5_000;
/// Longest a jump may be asked to last, seconds.
pub(crate) const MOST_DELAY: u32 = 600;
const _: () = assert!(MOST_DELAY as u64 * LAPSE <= 6_000);
// Rules, bounds and three words a source.
const _: () = assert!((2 + 3 * MOST_LISTED) * 32 <= MAX_DATA);

/// What `listFeed` is given.
pub(crate) struct Terms {
    pub(crate) sources: Vec<Source>,
    pub(crate) rules: FeedRules,
}

impl OracleAdapter {
    /// Checks the terms, asks every source once, and stores the feed.
    pub(crate) fn list(&mut self, feed: B256, terms: &Terms) -> Result<(), Revert> {
        if self.feeds.getter(feed).is_listed() {
            return Err(refusal::feed_exists(feed));
        }
        let count = terms
            .sources
            .iter()
            .filter(|source| votes(source.kind))
            .count();
        let committees = terms.sources.iter().filter(|source| is_committee(source));
        let listed = terms.sources.len().saturating_sub(committees.count());
        let head = head_of(&terms.rules, count, listed)?;
        let judge = Judge {
            vm: self.vm(),
            bounds: bounds_of(&terms.rules)?,
            confidence_bps: head.confidence_bps,
            now: host::now(self.vm()),
        };
        let sources = pin_sources(&judge, feed, &terms.sources)?;
        let bounds = judge.bounds;
        let number = self.listings.get().to::<u32>().checked_add(1);
        let number = number.ok_or_else(Revert::empty)?;
        let pinned = Pinned::new(&sources, bounds, head);
        create_numbered(self, number, pinned.bytes()).ok_or_else(Revert::empty)?;
        self.listings.set(U32::from(number));
        self.feeds.setter(feed).pin(number);
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

impl Pinned {
    /// The sources as they were listed, in the order of [`Pinned::new`].
    pub(crate) fn listed_sources(&self) -> Vec<Source> {
        let listed = self.head().listed;
        let committee = u8::from(self.committee().is_some());
        (0..listed.saturating_add(committee))
            .filter_map(|index| {
                let source = self.source(index)?;
                Some(Source {
                    account: source.account,
                    kind: source.kind as u8,
                    maxAge: source.max_age,
                    origin: self.origin(index),
                    id: source.id,
                })
            })
            .collect()
    }

    /// The rules as they were listed, the quorum raised.
    pub(crate) fn rules(&self) -> FeedRules {
        let (head, bounds) = (self.head(), self.bounds());
        FeedRules {
            minPrice: U256::from(bounds.min),
            maxPrice: U256::from(bounds.max),
            quorum: head.quorum,
            warnBps: head.warn_bps,
            haltBps: head.halt_bps,
            jumpBps: head.jump_bps,
            jumpDelay: head.jump_delay,
            confidenceBps: head.confidence_bps,
            twapBps: head.twap_bps,
        }
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

/// Pins each source and demands a valid answer now; each with its origin. Those that vote first, in the order given, then those that watch, then
/// the committee.
fn pin_sources(
    judge: &Judge<'_>,
    feed: B256,
    sources: &[Source],
) -> Result<Vec<(PinnedSource, B256)>, Revert> {
    let (mut voting, mut watching) = (Vec::new(), Vec::<(PinnedSource, B256)>::new());
    let mut committee = None;
    for (index, source) in sources.iter().enumerate() {
        let bad = || refusal::bad_source(source.account);
        let kind = Kind::of(source.kind).ok_or_else(bad)?;
        let most_age = match kind {
            Kind::Sequencer => MOST_GRACE,
            _ => MOST_AGE,
        };
        within(source.maxAge, 1, most_age)?;
        // Two contracts of one origin fail together; two prices may share Pyth's contract, but one price asked twice is one.
        let earlier = sources.iter().take(index);
        let same = |other: &Source| {
            other.origin == source.origin
                || (other.account == source.account && other.id == source.id)
        };
        if kind.votes() && earlier.filter(|other| votes(other.kind)).any(same) {
            return Err(refusal::duplicate_origin(source.account));
        }
        // An id that means nothing would make one aggregator two.
        if !kind.has_id() && !source.id.is_zero() {
            return Err(bad());
        }
        let pinned = (
            pin(judge, feed, source, kind)?.ok_or_else(bad)?,
            source.origin,
        );
        if kind.votes() {
            voting.push(pinned);
        } else if kind == Kind::Committee && committee.is_none() {
            committee = Some(pinned);
        } else if kind == Kind::Committee || watching.iter().any(|(other, _)| other.kind == kind) {
            return Err(bad());
        } else {
            watching.push(pinned);
        }
    }
    voting.append(&mut watching);
    voting.extend(committee);
    Ok(voting)
}

fn votes(kind: u8) -> bool {
    Kind::of(kind).is_some_and(Kind::votes)
}

fn is_committee(source: &Source) -> bool {
    source.kind == Kind::Committee as u8
}

/// A source with what is pinned of it; `None` when it does not answer as its kind should.
fn pin(
    judge: &Judge<'_>,
    feed: B256,
    source: &Source,
    kind: Kind,
) -> Result<Option<PinnedSource>, Revert> {
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
        // Of the expiry at time zero nobody attests anything, but that it must say.
        Kind::Committee => {
            let answer = committee::read(judge.vm, source.account, feed, 0)?;
            return Ok(answer.map(|_| plain));
        }
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
