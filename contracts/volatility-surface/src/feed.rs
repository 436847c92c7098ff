//! A feed in storage: its rules, its publishers, and which page holds what each says.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, U8};
use interfaces::words::{Word, halves};
use signed_data::SignerSet;
use stylus_sdk::prelude::*;
use stylus_sdk::storage::{StorageAddress, StorageArray, StorageB256, StorageMap, StorageU8};

use crate::listing::MOST_PUBLISHERS;

/// Bytes of the number of a page.
const NUMBER: usize = 4;
/// Publishers whose pages are named beside the rules: all of them, in most feeds.
const BESIDE_RULES: usize = 4;
/// Numbers in a slot of their own.
const PER_SLOT: usize = 8;

/// One feed.
#[storage]
pub struct Feed {
    /// `pages of the first four publishers, u32 each · rules u128`, see [`Rules`]; zero when the feed is not listed.
    rules: StorageB256,
    pub(crate) publishers: StorageMap<U8, Publisher>,
    /// Pages of the publishers from the fifth on, eight a slot.
    more_pages: StorageArray<StorageB256, 2>,
}

/// One publisher of a feed.
#[storage]
pub struct Publisher {
    /// Who sends; zero when keys sign, or for nobody.
    pub(crate) account: StorageAddress,
    /// See [`Kind`].
    kind: StorageU8,
    /// `hash of a replacement, its first 24 bytes · effective_at u64`; zero when there is none.
    pub(crate) proposal: StorageB256,
    /// Who signs.
    pub(crate) signers: SignerSet,
}

/// How a publisher publishes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Kind {
    /// The place was never filled.
    Unset = 0,
    /// An account sends.
    Account = 1,
    /// Keys sign.
    Keys = 2,
    /// Nobody any more.
    Nobody = 3,
}

/// What listing fixes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Rules {
    /// Number of publishers.
    pub(crate) publishers: u8,
    /// Fresh publishers needed.
    pub(crate) quorum: u8,
    /// Age up to which a smile is fresh, seconds.
    pub(crate) max_age: u32,
    /// Change of the volatility at the forward allowed per minute, 1e-4; zero for any.
    pub(crate) max_change: u16,
    /// Volatility when too few publishers are fresh, WAD.
    pub(crate) ceiling: u64,
}

#[allow(
    clippy::cast_possible_truncation,
    reason = "fields are read back as wide as they were written"
)]
impl Feed {
    /// The rules; `None` when the feed is not listed.
    pub(crate) fn rules(&self) -> Option<Rules> {
        let (_, word) = halves(self.rules.get());
        let rules = Rules {
            publishers: (word >> 120) as u8,
            quorum: (word >> 112) as u8,
            max_age: (word >> 80) as u32,
            max_change: (word >> 64) as u16,
            ceiling: word as u64,
        };
        (rules.publishers != 0).then_some(rules)
    }

    pub(crate) fn set_rules(&mut self, rules: Rules) {
        let word = (u128::from(rules.publishers) << 120)
            | (u128::from(rules.quorum) << 112)
            | (u128::from(rules.max_age) << 80)
            | (u128::from(rules.max_change) << 64)
            | u128::from(rules.ceiling);
        self.rules.set(word.word());
    }

    /// Number of the page that holds what the publisher says; zero when it says nothing.
    pub(crate) fn page(&self, publisher: u8) -> u32 {
        let (slot, at) = place(publisher);
        let word = match slot {
            None => self.rules.get(),
            Some(slot) => self.more_pages.get(slot).unwrap_or_default(),
        };
        word.get(at..)
            .and_then(|tail| tail.first_chunk())
            .map_or(0, |bytes| u32::from_be_bytes(*bytes))
    }

    pub(crate) fn set_page(&mut self, publisher: u8, number: u32) {
        let (slot, at) = place(publisher);
        let with = |mut word: B256| {
            if let Some(bytes) = word.get_mut(at..).and_then(|tail| tail.first_chunk_mut()) {
                *bytes = number.to_be_bytes();
            }
            word
        };
        match slot {
            None => {
                let word = with(self.rules.get());
                self.rules.set(word);
            }
            Some(slot) => {
                if let Some(mut slot) = self.more_pages.setter(slot) {
                    let word = with(slot.get());
                    slot.set(word);
                }
            }
        }
    }
}

/// Where the number of a publisher's page stands: the slot, `None` for that of the rules, and its first byte there.
fn place(publisher: u8) -> (Option<usize>, usize) {
    let publisher = usize::from(publisher);
    match publisher.checked_sub(BESIDE_RULES) {
        None => (None, publisher.wrapping_mul(NUMBER)),
        Some(index) => {
            let at = (index % PER_SLOT).wrapping_mul(NUMBER);
            (Some(index / PER_SLOT), at)
        }
    }
}

impl Publisher {
    pub(crate) fn kind(&self) -> Kind {
        match self.kind.get().to::<u8>() {
            0 => Kind::Unset,
            1 => Kind::Account,
            2 => Kind::Keys,
            _ => Kind::Nobody,
        }
    }

    /// Names who publishes.
    pub(crate) fn set(&mut self, kind: Kind, account: Address) {
        self.account.set(account);
        self.kind.set(U8::from(kind as u8));
        self.proposal.set(B256::ZERO);
    }
}

/// The accounts or keys of a list argument, for hashing.
pub(crate) fn as_words(accounts: &[Address]) -> Vec<B256> {
    accounts.iter().map(|account| account.word()).collect()
}

const _: () = assert!(PER_SLOT * NUMBER == 32 && BESIDE_RULES * NUMBER == 16);
const _: () = assert!(BESIDE_RULES + 2 * PER_SLOT >= MOST_PUBLISHERS);
