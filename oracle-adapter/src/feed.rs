//! A feed in storage: its sources and rules, what was evaluated last, its rounds and its expiries.

use alloc::vec::Vec;

use alloy_primitives::{B256, U32, U64};
use stylus_sdk::prelude::*;
use stylus_sdk::storage::{StorageArray, StorageB256, StorageMap};

use crate::hold::{Limit, Memory};
use crate::listing::{MOST_LISTED, MOST_SOURCES};
use crate::rounds::RoundRecord;
use crate::samples::ExpiryRecord;
use crate::slot::Slot;
use crate::source::{Bounds, Kind, PinnedSource};

/// Timestamps of four bytes in a slot.
const TIMES_PER_SLOT: usize = 8;

/// One feed. What listing writes never changes.
#[storage]
pub struct Feed {
    /// Numbers and rules; see [`Head`].
    head: StorageB256,
    /// `min u128 · max u128`, WAD, exclusive.
    bounds: StorageB256,
    /// `account address · max_age u32 · decimals u8 · kind u8 · inverted u8`; those that vote first, then those that watch, and behind them, not
    /// counted in [`Head::listed`], the settlement committee.
    sources: StorageArray<StorageB256, MOST_LISTED>,
    /// Ids of those that have one: Pyth's prices, tokens of pools.
    ids: StorageArray<StorageB256, MOST_LISTED>,
    /// `least u128 · since u32 · evaluated_at u32 · last round u64`.
    latest: StorageB256,
    /// `accepted u128 · accepted_at u32 · accepted's updated_at u32 · reported updated_at u32 · doubted_since u32`.
    accepted: StorageB256,
    /// Time of the last answer accepted from each source, four bytes each.
    times: StorageArray<StorageB256, 2>,
    /// By id, from 1.
    pub(crate) rounds: StorageMap<U64, RoundRecord>,
    /// Samples and settlement price per expiry.
    pub(crate) expiries: StorageMap<U32, ExpiryRecord>,
    /// Who stands behind each of `sources`.
    origins: StorageArray<StorageB256, MOST_LISTED>,
}

/// The numbers every read of a feed needs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Head {
    /// Sources that count; zero when the feed is not listed.
    pub(crate) sources: u8,
    /// Of these must be valid.
    pub(crate) quorum: u8,
    /// Sources listed, those that only watch included; the settlement committee is not.
    pub(crate) listed: u8,
    /// Band width from which it is widened, 1/10,000.
    pub(crate) warn_bps: u16,
    /// Band width that is a doubt, 1/10,000.
    pub(crate) halt_bps: u16,
    pub(crate) jump_bps: u16,
    /// Seconds.
    pub(crate) jump_delay: u32,
    /// Widest confidence interval of a price, 1/10,000.
    pub(crate) confidence_bps: u16,
    /// Furthest the median may be from the pool's mean, 1/10,000.
    pub(crate) twap_bps: u16,
}

impl Head {
    pub(crate) const fn limit(&self) -> Limit {
        Limit {
            bps: self.jump_bps,
            delay: self.jump_delay,
        }
    }
}

/// What is known of the last evaluation without reading its round.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Latest {
    pub(crate) memory: Memory,
    /// Unix seconds; zero before the first.
    pub(crate) evaluated_at: u64,
    /// Oldest timestamp reported, unix seconds.
    pub(crate) reported: u64,
    /// Since when every round has found the sequencer in doubt, unix seconds; zero when the last one did not.
    pub(crate) doubted_since: u64,
    /// Id of the last round.
    pub(crate) round: u64,
}

/// Times of the answers accepted last, by source; zero before the first.
pub(crate) type Times = [u32; MOST_SOURCES];

#[allow(
    clippy::cast_possible_truncation,
    reason = "fields are read back as wide as they were written"
)]
impl Feed {
    pub(crate) fn head(&self) -> Head {
        let word = Slot(self.head.get());
        let bps = |first| word.small(first, 2) as u16;
        Head {
            sources: word.small(0, 1) as u8,
            quorum: word.small(1, 1) as u8,
            listed: word.small(2, 1) as u8,
            warn_bps: bps(3),
            halt_bps: bps(5),
            jump_bps: bps(7),
            jump_delay: word.small(9, 4) as u32,
            confidence_bps: bps(13),
            twap_bps: bps(15),
        }
    }

    pub(crate) fn bounds(&self) -> Bounds {
        let word = Slot(self.bounds.get());
        Bounds {
            min: word.uint(0, 16),
            max: word.uint(16, 16),
        }
    }

    /// A source below [`Head::listed`]; at it the settlement committee, or an empty place.
    pub(crate) fn source(&self, index: u8) -> Option<PinnedSource> {
        let word = Slot(self.sources.get(usize::from(index))?);
        let kind = Kind::of(word.small(25, 1) as u8)?;
        let id = match kind {
            Kind::Pyth => self.ids.get(usize::from(index))?,
            _ => B256::ZERO,
        };
        Some(PinnedSource {
            account: word.address(0),
            kind,
            max_age: word.small(20, 4) as u32,
            decimals: word.small(24, 1) as u8,
            inverted: word.small(26, 1) != 0,
            id,
        })
    }

    /// Id and origin of a source.
    pub(crate) fn names(&self, index: u8) -> (B256, B256) {
        let index = usize::from(index);
        let name = |names: &StorageArray<StorageB256, MOST_LISTED>| names.get(index);
        (
            name(&self.ids).unwrap_or_default(),
            name(&self.origins).unwrap_or_default(),
        )
    }

    /// Writes what listing has checked; `sources` are those that vote, those that watch, the committee, with their origins.
    pub(crate) fn store(&mut self, sources: &[(PinnedSource, B256)], bounds: Bounds, head: Head) {
        for (index, (source, origin)) in sources.iter().enumerate() {
            let word = Slot::default()
                .with_address(0, source.account)
                .with(20, 4, source.max_age.into())
                .with(24, 1, source.decimals.into())
                .with(25, 1, (source.kind as u8).into())
                .with(26, 1, source.inverted.into());
            if let Some(mut slot) = self.sources.setter(index) {
                slot.set(word.0);
            }
            if source.kind.has_id()
                && let Some(mut slot) = self.ids.setter(index)
            {
                slot.set(source.id);
            }
            if let Some(mut slot) = self.origins.setter(index) {
                slot.set(*origin);
            }
        }
        let bounds = Slot::default()
            .with(0, 16, bounds.min)
            .with(16, 16, bounds.max);
        self.bounds.set(bounds.0);
        let word = Slot::default()
            .with(0, 1, head.sources.into())
            .with(1, 1, head.quorum.into())
            .with(2, 1, head.listed.into())
            .with(3, 2, head.warn_bps.into())
            .with(5, 2, head.halt_bps.into())
            .with(7, 2, head.jump_bps.into())
            .with(9, 4, head.jump_delay.into())
            .with(13, 2, head.confidence_bps.into())
            .with(15, 2, head.twap_bps.into());
        self.head.set(word.0);
    }

    /// When the last round was evaluated, and its id. One slot: what a reader in the same second needs.
    pub(crate) fn last_round(&self) -> (u64, u64) {
        let word = Slot(self.latest.get());
        (word.small(20, 4), word.small(24, 8))
    }

    pub(crate) fn latest(&self) -> Latest {
        let (latest, accepted) = (Slot(self.latest.get()), Slot(self.accepted.get()));
        Latest {
            memory: Memory {
                accepted: accepted.uint(0, 16),
                accepted_at: accepted.small(16, 4),
                updated_at: accepted.small(20, 4),
                least: latest.uint(0, 16),
                since: latest.small(16, 4),
            },
            evaluated_at: latest.small(20, 4),
            reported: accepted.small(24, 4),
            doubted_since: accepted.small(28, 4),
            round: latest.small(24, 8),
        }
    }

    /// Times are stored in 32 bits: they last until 2106.
    pub(crate) fn set_latest(&mut self, latest: &Latest) {
        let memory = latest.memory;
        let word = Slot::default()
            .with(0, 16, memory.least)
            .with(16, 4, memory.since.into())
            .with(20, 4, latest.evaluated_at.into())
            .with(24, 8, latest.round.into());
        self.latest.set(word.0);
        let word = Slot::default()
            .with(0, 16, memory.accepted)
            .with(16, 4, memory.accepted_at.into())
            .with(20, 4, memory.updated_at.into())
            .with(24, 4, latest.reported.into())
            .with(28, 4, latest.doubted_since.into());
        self.accepted.set(word.0);
    }

    /// Times of the answers accepted last from the first `sources`.
    pub(crate) fn times(&self, sources: u8) -> Times {
        let mut times = Times::default();
        let used = times.get_mut(..sources.into()).unwrap_or_default();
        for (index, chunk) in used.chunks_mut(TIMES_PER_SLOT).enumerate() {
            let word = Slot(self.times.get(index).unwrap_or_default());
            for (at, time) in chunk.iter_mut().enumerate() {
                *time = word.small(at.wrapping_mul(4), 4) as u32;
            }
        }
        times
    }

    pub(crate) fn set_times(&mut self, times: &Times, sources: u8) {
        let used = times.get(..sources.into()).unwrap_or_default();
        for (index, chunk) in used.chunks(TIMES_PER_SLOT).enumerate() {
            let mut word = Slot::default();
            for (at, time) in chunk.iter().enumerate() {
                word = word.with(at.wrapping_mul(4), 4, (*time).into());
            }
            if let Some(mut slot) = self.times.setter(index) {
                slot.set(word.0);
            }
        }
    }
}
