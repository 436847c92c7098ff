//! A publisher's live expiries: at most sixteen, rising, eight to a slot.
//!
//! Expired ones are dropped where the list is read, and from storage when it is written next.

use alloy_primitives::B256;

/// Most live expiries of a publisher: what listed markets have, and two slots.
pub(crate) const MOST_EXPIRIES: usize = 16;
/// Expiries in a slot.
pub(crate) const PER_SLOT: usize = 8;
/// Slots of a list.
pub(crate) const SLOTS: usize = MOST_EXPIRIES / PER_SLOT;

/// Rising, unix seconds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Expiries {
    at: [u32; MOST_EXPIRIES],
    count: usize,
}

impl Expiries {
    /// The list.
    pub(crate) fn as_slice(&self) -> &[u32] {
        self.at.get(..self.count).unwrap_or_default()
    }

    /// Adds a later one; `false` when it does not fit.
    pub(crate) fn push(&mut self, expiry: u32) -> bool {
        let Some(cell) = self.at.get_mut(self.count) else {
            return false;
        };
        *cell = expiry;
        self.count = self.count.saturating_add(1);
        true
    }

    /// Adds those of a slot that have not passed at `now`. Whether the slot was full, so that another may follow.
    pub(crate) fn read(&mut self, slot: B256, now: u64) -> bool {
        let mut last = 0;
        for bytes in slot.as_chunks::<4>().0 {
            last = u32::from_be_bytes(*bytes);
            if u64::from(last) > now {
                self.push(last);
            }
        }
        last != 0
    }

    /// The slot of this index.
    pub(crate) fn slot(&self, index: usize) -> B256 {
        let mut slot = B256::ZERO;
        let skipped = index.saturating_mul(PER_SLOT);
        for (bytes, expiry) in slot.chunks_exact_mut(4).zip(self.at.iter().skip(skipped)) {
            bytes.copy_from_slice(&expiry.to_be_bytes());
        }
        slot
    }

    /// The expiries on either side of one; the same twice where it is listed, or before or beyond all. `None` when the list is empty.
    pub(crate) fn around(&self, expiry: u32) -> Option<(u32, u32)> {
        let mut before = None;
        for &at in self.as_slice() {
            if at == expiry {
                return Some((at, at));
            }
            if at > expiry {
                return Some((before.unwrap_or(at), at));
            }
            before = Some(at);
        }
        before.map(|last| (last, last))
    }
}
