//! A page: all that a publisher says of a feed, as it lies on the chain, the code of one contract.
//!
//! Everything a margin call asks is read for one account per publisher, however many expiries it needs: 3,400 gas cold, where slots took 2,100 for each
//! smile and more for terms and the list of expiries. A publication writes the whole page again: 32,000 gas and 8,400 per expiry, about what slots
//! took for twelve expiries, and more for fewer. Prices are read far more often than written.
//!
//! Old pages stay on the chain unread. A page is named by the number of its creation, so that a slot names eight of them.

use alloc::vec::Vec;

use alloy_primitives::B256;

/// Most live expiries of a publisher: what listed markets have, and two slots.
pub(crate) const MOST_EXPIRIES: usize = 16;
/// Bytes of a term.
const TERM: usize = 10;
/// Bytes of an expiry: smile and term.
const ENTRY: usize = 32 + TERM;

/// What is said of one expiry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Entry {
    /// Unix seconds; what the smile says.
    pub(crate) expiry: u32,
    pub(crate) smile: B256,
    /// 80 bits, see [`crate::term`]; zero when none was stated.
    pub(crate) term: u128,
}

impl Entry {
    pub(crate) fn new(smile: B256, term: u128) -> Self {
        Self {
            expiry: expiry_of(smile),
            smile,
            term,
        }
    }

    /// When it was published, unix seconds.
    pub(crate) fn published_at(&self) -> u64 {
        published_at(self.smile)
    }
}

/// Entries that have not expired, rising.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Page(pub(crate) Vec<Entry>);

impl Page {
    /// Reads a page; what has expired at `now` is left out.
    pub(crate) fn read(bytes: &[u8], now: u64) -> Self {
        let mut entries = Vec::with_capacity(MOST_EXPIRIES);
        for bytes in bytes.as_chunks::<ENTRY>().0 {
            let (smile, term) = bytes.split_at(32);
            let smile = B256::from_slice(smile);
            if u64::from(expiry_of(smile)) > now {
                let mut stated = [0; 16];
                if let Some(low) = stated.last_chunk_mut() {
                    *low = *term.first_chunk::<TERM>().unwrap_or(&[0; TERM]);
                }
                entries.push(Entry::new(smile, u128::from_be_bytes(stated)));
            }
        }
        Self(entries)
    }

    /// The page as it is stored.
    pub(crate) fn written(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.0.len().saturating_mul(ENTRY));
        for entry in &self.0 {
            bytes.extend_from_slice(entry.smile.as_slice());
            let stated = entry.term.to_be_bytes();
            bytes.extend_from_slice(stated.last_chunk::<TERM>().unwrap_or(&[0; TERM]));
        }
        bytes
    }

    /// What is said of an expiry itself.
    pub(crate) fn at(&self, expiry: u32) -> Option<&Entry> {
        self.0.iter().find(|entry| entry.expiry == expiry)
    }

    /// The entries on either side of an expiry; the same twice where it is listed, or before or beyond all. `None` when the page is empty.
    pub(crate) fn around(&self, expiry: u32) -> Option<(&Entry, &Entry)> {
        let mut before = None;
        for entry in &self.0 {
            if entry.expiry == expiry {
                return Some((entry, entry));
            }
            if entry.expiry > expiry {
                return Some((before.unwrap_or(entry), entry));
            }
            before = Some(entry);
        }
        before.map(|last| (last, last))
    }
}

/// The expiry field of a smile, readable whatever else it holds.
pub(crate) fn expiry_of(smile: B256) -> u32 {
    smile
        .get(24..)
        .and_then(|tail| tail.first_chunk())
        .map_or(0, |bytes| u32::from_be_bytes(*bytes))
}

/// When a smile says it was published, unix seconds.
pub(crate) fn published_at(smile: B256) -> u64 {
    smile
        .last_chunk()
        .map_or(0, |bytes| u32::from_be_bytes(*bytes))
        .into()
}
