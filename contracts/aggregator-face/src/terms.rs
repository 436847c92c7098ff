//! What a face was constructed with; it never changes.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256};
use interfaces::words::{Word, halves};
use interfaces::{Revert, short_text};
use stylus_sdk::prelude::*;
use stylus_sdk::storage::StorageB256;

use crate::refusal;

/// Most decimals of an answer or an asset.
pub(crate) const MOST_DECIMALS: u8 = 18;

/// An address with two numbers in the bytes above it fills a slot: one read each.
#[storage]
pub struct StoredTerms {
    /// `max age u32 · … · decimals u8 · adapter u160`.
    adapter: StorageB256,
    feed: StorageB256,
    /// `decimals u8 · account u160`.
    base: StorageB256,
    /// `decimals u8 · account u160`.
    quote: StorageB256,
    /// See [`short_text`].
    description: StorageB256,
}

/// A token, or a currency that has none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Asset {
    pub(crate) account: Address,
    pub(crate) decimals: u8,
}

/// Everything a face is constructed with but its description.
#[derive(Clone, Copy)]
pub(crate) struct Terms {
    pub(crate) adapter: Address,
    pub(crate) feed: B256,
    pub(crate) decimals: u8,
    /// Seconds.
    pub(crate) max_age: u32,
    pub(crate) base: Asset,
    pub(crate) quote: Asset,
}

/// Byte of a slot in which the decimals stand, right before the address.
const DECIMALS: usize = 11;

#[allow(
    clippy::cast_possible_truncation,
    reason = "fields are read back as wide as they were written"
)]
impl StoredTerms {
    /// Errors: `ParameterOutOfBounds`.
    pub(crate) fn set(&mut self, terms: Terms, description: &[u8]) -> Result<(), Revert> {
        for decimals in [terms.decimals, terms.base.decimals, terms.quote.decimals] {
            refusal::at_most(decimals.into(), MOST_DECIMALS.into())?;
        }
        refusal::at_most(description.len(), short_text::MOST_BYTES)?;
        self.description
            .set(short_text::pack(description).unwrap_or_default());
        let mut adapter = packed(terms.adapter, terms.decimals);
        adapter[..4].copy_from_slice(&terms.max_age.to_be_bytes());
        self.adapter.set(adapter);
        self.feed.set(terms.feed);
        self.base
            .set(packed(terms.base.account, terms.base.decimals));
        self.quote
            .set(packed(terms.quote.account, terms.quote.decimals));
        Ok(())
    }

    pub(crate) fn description(&self) -> B256 {
        self.description.get()
    }

    pub(crate) fn adapter(&self) -> Address {
        Address::from_word(self.adapter.get())
    }

    pub(crate) fn decimals(&self) -> u8 {
        self.adapter.get()[DECIMALS]
    }

    /// Seconds.
    pub(crate) fn max_age(&self) -> u32 {
        let (high, _) = halves(self.adapter.get());
        (high >> 96) as u32
    }

    pub(crate) fn feed(&self) -> B256 {
        self.feed.get()
    }

    pub(crate) fn base(&self) -> Asset {
        unpacked(self.base.get())
    }

    pub(crate) fn quote(&self) -> Asset {
        unpacked(self.quote.get())
    }
}

fn packed(account: Address, decimals: u8) -> B256 {
    let mut word = account.word();
    word[DECIMALS] = decimals;
    word
}

fn unpacked(word: B256) -> Asset {
    Asset {
        account: Address::from_word(word),
        decimals: word[DECIMALS],
    }
}
