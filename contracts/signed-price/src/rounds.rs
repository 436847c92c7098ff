//! Rounds in storage: every accepted price, numbered from 1, one slot each.

use alloc::vec::Vec;

use alloy_primitives::B256;
use interfaces::words::{Word, halves};
use stylus_sdk::prelude::*;
use stylus_sdk::storage::{StorageB256, StorageMap};

/// All rounds, and what every update needs, in one slot.
#[storage]
pub struct Rounds {
    /// `latest timestamp u64 · latest round u64 · least confidence u64 · decimals u64`.
    head: StorageB256,
    /// `price u128 · confidence u64 · timestamp u64`.
    stored: StorageMap<u64, StorageB256>,
}

/// The first slot.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Head {
    /// Time of the latest price, unix seconds; zero before the first.
    pub(crate) timestamp: u64,
    /// Its round; zero before the first.
    pub(crate) latest: u64,
    /// Confidence (1e18 = sure) below which prices are refused.
    pub(crate) least_confidence: u64,
    pub(crate) decimals: u8,
}

/// One accepted price.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Round {
    /// In units of `decimals`; never zero in storage.
    pub(crate) price: u128,
    /// 1e18 = sure.
    pub(crate) confidence: u64,
    /// Unix seconds.
    pub(crate) timestamp: u64,
}

#[allow(
    clippy::cast_possible_truncation,
    reason = "fields are read back as wide as they were written"
)]
impl Rounds {
    pub(crate) fn head(&self) -> Head {
        let (high, low) = halves(self.head.get());
        Head {
            timestamp: (high >> 64) as u64,
            latest: high as u64,
            least_confidence: (low >> 64) as u64,
            decimals: low as u8,
        }
    }

    fn set_head(&mut self, head: Head) {
        self.head.set(packed(
            two(head.timestamp, head.latest),
            two(head.least_confidence, head.decimals.into()),
        ));
    }

    /// Sets what never changes.
    pub(crate) fn open(&mut self, decimals: u8, least_confidence: u64) {
        self.set_head(Head {
            timestamp: 0,
            latest: 0,
            least_confidence,
            decimals,
        });
    }

    /// A stored round.
    pub(crate) fn get(&self, id: u64) -> Option<Round> {
        let (price, rest) = halves(self.stored.get(id));
        (price != 0).then_some(Round {
            price,
            confidence: (rest >> 64) as u64,
            timestamp: rest as u64,
        })
    }

    /// Stores the next round and returns its number. `head` is what is stored, `round` is newer and its price not zero.
    pub(crate) fn append(&mut self, head: Head, round: Round) -> u64 {
        // One a second at most: timestamps ascend.
        let latest = head.latest.saturating_add(1);
        self.stored
            .setter(latest)
            .set(packed(round.price, two(round.confidence, round.timestamp)));
        self.set_head(Head {
            timestamp: round.timestamp,
            latest,
            ..head
        });
        latest
    }
}

fn two(high: u64, low: u64) -> u128 {
    (u128::from(high) << 64) | u128::from(low)
}

fn packed(high: u128, low: u128) -> B256 {
    let mut word = low.word();
    word[..16].copy_from_slice(&high.to_be_bytes());
    word
}
