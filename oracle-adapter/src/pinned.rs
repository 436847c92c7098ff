//! What listing fixes of a feed, as it lies on the chain: the code of one contract, written once.
//!
//! An evaluation reads all of it for one account (3,400 gas cold), where slots took 2,100 for the rules, the bounds and each source.

use alloc::vec::Vec;

use alloy_primitives::B256;
use interfaces::words::{Word, encode};

use crate::feed::Head;
use crate::slot::Slot;
use crate::source::{Bounds, Kind, PinnedSource};

/// Words before those of the sources: rules and bounds.
const FIRST: usize = 2;
/// Words of a source: what is pinned, its id, its origin.
const WORDS: usize = 3;

/// Rules, bounds and sources of a feed; empty when it is not listed.
///
/// | word | holds, most significant first |
/// |---|---|
/// | rules | `sources u8 · quorum u8 · listed u8 · warn u16 · halt u16 · jump u16 · delay u32 · confidence u16 · mean u16` |
/// | bounds | `min u128 · max u128`, WAD, exclusive |
/// | source | `account address · max_age u32 · decimals u8 · kind u8 · inverted u8`; then its id; then its origin |
#[derive(Clone, Default)]
pub(crate) struct Pinned(Vec<u8>);

#[allow(
    clippy::cast_possible_truncation,
    reason = "fields are read back as wide as they were written"
)]
impl Pinned {
    /// As it was stored.
    pub(crate) const fn stored(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// Of what listing has checked; `sources` are those that vote, those that watch, the committee, with their origins.
    pub(crate) fn new(sources: &[(PinnedSource, B256)], bounds: Bounds, head: Head) -> Self {
        let rules = Slot::default()
            .with(0, 1, head.sources.into())
            .with(1, 1, head.quorum.into())
            .with(2, 1, head.listed.into())
            .with(3, 2, head.warn_bps.into())
            .with(5, 2, head.halt_bps.into())
            .with(7, 2, head.jump_bps.into())
            .with(9, 4, head.jump_delay.into())
            .with(13, 2, head.confidence_bps.into())
            .with(15, 2, head.twap_bps.into());
        let bounds = Slot::default()
            .with(0, 16, bounds.min)
            .with(16, 16, bounds.max);
        let mut words = vec![rules.0, bounds.0];
        for (source, origin) in sources {
            let word = Slot::default()
                .with_address(0, source.account)
                .with(20, 4, source.max_age.into())
                .with(24, 1, source.decimals.into())
                .with(25, 1, (source.kind as u8).into())
                .with(26, 1, source.inverted.into());
            words.extend([word.0, source.id.word(), *origin]);
        }
        Self(encode(&[], &words))
    }

    /// As it is stored.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// A word; zero beyond the last.
    fn word(&self, index: usize) -> Slot {
        let words = self.0.as_chunks::<32>().0;
        Slot(words.get(index).map_or(B256::ZERO, |word| B256::new(*word)))
    }

    pub(crate) fn head(&self) -> Head {
        let word = self.word(0);
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
        let word = self.word(1);
        Bounds {
            min: word.uint(0, 16),
            max: word.uint(16, 16),
        }
    }

    /// A source below [`Head::listed`]; at it the settlement committee, or an empty place.
    pub(crate) fn source(&self, index: u8) -> Option<PinnedSource> {
        let at = place(index);
        let word = self.word(at);
        // An empty place has no account; its kind would be that of an aggregator.
        let account = word.address(0);
        let kind = Kind::of(word.small(25, 1) as u8).filter(|_| !account.is_zero())?;
        Some(PinnedSource {
            account,
            kind,
            max_age: word.small(20, 4) as u32,
            decimals: word.small(24, 1) as u8,
            inverted: word.small(26, 1) != 0,
            id: self.word(at.saturating_add(1)).0,
        })
    }

    /// Who stands behind a source.
    pub(crate) fn origin(&self, index: u8) -> B256 {
        self.word(place(index).saturating_add(2)).0
    }

    /// Who attests settlement prices of this feed, if anyone: listed behind the sources.
    pub(crate) fn committee(&self) -> Option<PinnedSource> {
        self.source(self.head().listed)
            .filter(|source| source.kind == Kind::Committee)
    }
}

/// The first word of a source.
fn place(index: u8) -> usize {
    usize::from(index)
        .saturating_mul(WORDS)
        .saturating_add(FIRST)
}
