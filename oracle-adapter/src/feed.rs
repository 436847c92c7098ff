//! A feed in storage: where its sources and rules are, what was evaluated last, its rounds and its expiries.

use alloc::vec::Vec;

use alloy_primitives::{U32, U64};
use interfaces::Revert;
use interfaces::data_contract::read_numbered;
use stylus_sdk::prelude::*;
use stylus_sdk::storage::{StorageArray, StorageB256, StorageMap};

use crate::hold::{Limit, Memory};
use crate::listing::MOST_SOURCES;
use crate::pinned::Pinned;
use crate::rounds::RoundRecord;
use crate::samples::ExpiryRecord;
use crate::slot::Slot;

/// Timestamps of four bytes in a slot.
const TIMES_PER_SLOT: usize = 8;

/// One feed.
#[storage]
pub struct Feed {
    /// `least u128 · since u32 · evaluated_at u32 · pinned u32 · last round u32`; pinned is the number of what listing fixed, see [`Pinned`].
    latest: StorageB256,
    /// `accepted u128 · accepted_at u32 · accepted's updated_at u32 · reported updated_at u32 · doubted_since u32`.
    accepted: StorageB256,
    /// Time of the last answer accepted from each source, four bytes each.
    times: StorageArray<StorageB256, 2>,
    /// By id, from 1.
    pub(crate) rounds: StorageMap<U64, RoundRecord>,
    /// Samples and settlement price per expiry.
    pub(crate) expiries: StorageMap<U32, ExpiryRecord>,
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
    /// Id of the last round; there is at most one a second, so 32 bits are more than a century.
    pub(crate) round: u64,
}

/// Times of the answers accepted last, by source; zero before the first.
pub(crate) type Times = [u32; MOST_SOURCES];

#[allow(
    clippy::cast_possible_truncation,
    reason = "fields are read back as wide as they were written"
)]
impl Feed {
    /// Whether the feed is listed. One slot, which every evaluation reads.
    pub(crate) fn is_listed(&self) -> bool {
        self.number() != 0
    }

    /// Number of what listing fixed; zero before.
    fn number(&self) -> u32 {
        Slot(self.latest.get()).small(24, 4) as u32
    }

    /// Notes where what listing fixed is.
    pub(crate) fn pin(&mut self, number: u32) {
        let word = Slot(self.latest.get()).with(24, 4, number.into());
        self.latest.set(word.0);
    }

    /// What listing fixed. Errors: none of a listed feed.
    pub(crate) fn pinned(&self) -> Result<Pinned, Revert> {
        match self.number() {
            0 => Ok(Pinned::default()),
            number => read_numbered(self, number).map(Pinned::stored),
        }
    }

    /// When the last round was evaluated, and its id. One slot: what a reader in the same second needs.
    pub(crate) fn last_round(&self) -> (u64, u64) {
        let word = Slot(self.latest.get());
        (word.small(20, 4), word.small(28, 4))
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
            round: latest.small(28, 4),
        }
    }

    /// Times are stored in 32 bits: they last until 2106.
    pub(crate) fn set_latest(&mut self, latest: &Latest) {
        let memory = latest.memory;
        let word = Slot::default()
            .with(0, 16, memory.least)
            .with(16, 4, memory.since.into())
            .with(20, 4, latest.evaluated_at.into())
            .with(24, 4, self.number().into())
            .with(28, 4, latest.round.into());
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
