//! A feed in storage: its sources, who publishes its volatilities, and its expiries.

use alloc::vec::Vec;

use alloy_primitives::{Address, U32};
use stylus_sdk::prelude::*;
use stylus_sdk::storage::{StorageArray, StorageB256, StorageMap};

use crate::aggregator::{Bounds, PinnedSource};
use crate::listing::MOST_SOURCES;
use crate::samples::ExpiryRecord;
use crate::slot::Slot;

/// One feed. Everything but the publisher and what is published never changes after listing.
#[storage]
pub struct Feed {
    /// `publisher address · volatility_max_age u32 · sources u8 · quorum u8`; see [`Head`].
    head: StorageB256,
    /// `min u128 · max u128`, WAD, exclusive.
    bounds: StorageB256,
    /// `account address · max_age u32 · decimals u8`, in the order of listing.
    sources: StorageArray<StorageB256, MOST_SOURCES>,
    /// `value u64 · updated_at u64` per expiry.
    pub(crate) volatilities: StorageMap<U32, StorageB256>,
    /// Samples and settlement price per expiry.
    pub(crate) expiries: StorageMap<U32, ExpiryRecord>,
}

/// The numbers every read of a feed needs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Head {
    /// Who publishes volatilities; zero for nobody.
    pub(crate) publisher: Address,
    /// Age up to which a volatility is fresh, seconds.
    pub(crate) volatility_max_age: u64,
    /// Number of sources; zero when the feed is not listed.
    pub(crate) sources: u8,
    /// Sources that must be valid.
    pub(crate) quorum: u8,
}

#[allow(
    clippy::cast_possible_truncation,
    reason = "fields are read back as wide as they were written"
)]
impl Feed {
    pub(crate) fn head(&self) -> Head {
        let word = Slot(self.head.get());
        Head {
            publisher: word.address(0),
            volatility_max_age: word.small(20, 4),
            sources: word.small(24, 1) as u8,
            quorum: word.small(25, 1) as u8,
        }
    }

    pub(crate) fn set_head(&mut self, head: Head) {
        let word = Slot::default()
            .with_address(0, head.publisher)
            .with(20, 4, head.volatility_max_age.into())
            .with(24, 1, head.sources.into())
            .with(25, 1, head.quorum.into());
        self.head.set(word.0);
    }

    pub(crate) fn bounds(&self) -> Bounds {
        let word = Slot(self.bounds.get());
        Bounds {
            min: word.uint(0, 16),
            max: word.uint(16, 16),
        }
    }

    /// A source below [`Head::sources`].
    pub(crate) fn source(&self, index: u8) -> Option<PinnedSource> {
        let word = Slot(self.sources.get(usize::from(index))?);
        Some(PinnedSource {
            account: word.address(0),
            max_age: word.small(20, 4) as u32,
            decimals: word.small(24, 1) as u8,
        })
    }

    /// Writes what listing has checked.
    pub(crate) fn store(&mut self, sources: &[PinnedSource], bounds: Bounds, quorum: u8) {
        for (index, source) in sources.iter().enumerate() {
            let word = Slot::default()
                .with_address(0, source.account)
                .with(20, 4, source.max_age.into())
                .with(24, 1, source.decimals.into());
            if let Some(mut slot) = self.sources.setter(index) {
                slot.set(word.0);
            }
        }
        self.bounds.set(
            Slot::default()
                .with(0, 16, bounds.min)
                .with(16, 16, bounds.max)
                .0,
        );
        // At most 15 sources.
        let sources = sources.len() as u8;
        self.set_head(Head {
            publisher: Address::ZERO,
            volatility_max_age: 0,
            sources,
            quorum,
        });
    }
}
