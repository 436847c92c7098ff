//! A feed in storage: its rules, its publishers, their smiles and terms.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, U8, U32, U64};
use interfaces::words::{Word, halves};
use signed_data::SignerSet;
use stylus_sdk::prelude::*;
use stylus_sdk::storage::{StorageAddress, StorageArray, StorageB256, StorageMap, StorageU8};

use crate::expiries::{Expiries, PER_SLOT, SLOTS};
use crate::term;

/// One feed.
#[storage]
pub struct Feed {
    /// See [`Rules`]; zero when the feed is not listed.
    rules: StorageB256,
    pub(crate) publishers: StorageMap<U8, Publisher>,
    /// Three terms a slot, by `expiry u32 · publisher / 3`.
    terms: StorageMap<U64, StorageB256>,
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
    /// See [`Expiries`].
    live: StorageArray<StorageB256, SLOTS>,
    smiles: StorageMap<U32, StorageB256>,
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

    /// The publisher's term of an expiry, 80 bits; zero when none was stated.
    pub(crate) fn term(&self, publisher: u8, expiry: u32) -> u128 {
        term::in_slot(self.terms_slot(terms_key(publisher, expiry)), publisher)
    }

    /// A slot of terms; see [`terms_key`].
    pub(crate) fn terms_slot(&self, key: u64) -> B256 {
        self.terms.get(U64::from(key))
    }

    pub(crate) fn set_term(&mut self, publisher: u8, expiry: u32, stated: u128) {
        let mut slot = self.terms.setter(U64::from(terms_key(publisher, expiry)));
        let replaced = term::with_term(slot.get(), publisher, stated);
        slot.set(replaced);
    }
}

/// Which slot holds a publisher's term of an expiry.
pub(crate) fn terms_key(publisher: u8, expiry: u32) -> u64 {
    (u64::from(expiry) << 8) | u64::from(publisher / term::PER_SLOT)
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

    /// Names who publishes. Smiles of the predecessor are dropped with the list of their expiries.
    pub(crate) fn set(&mut self, kind: Kind, account: Address) {
        self.account.set(account);
        self.kind.set(U8::from(kind as u8));
        self.proposal.set(B256::ZERO);
        self.set_expiries(&Expiries::default());
    }

    /// Expiries after `now`.
    pub(crate) fn expiries(&self, now: u64) -> Expiries {
        let mut expiries = Expiries::default();
        for index in 0..SLOTS {
            let slot = self.live.get(index).unwrap_or_default();
            if !expiries.read(slot, now) {
                break;
            }
        }
        expiries
    }

    /// Writes the slots that change.
    pub(crate) fn set_expiries(&mut self, expiries: &Expiries) {
        for index in 0..SLOTS {
            let new = expiries.slot(index);
            if let Some(mut slot) = self.live.setter(index)
                && slot.get() != new
            {
                slot.set(new);
            }
        }
    }

    /// The word stored for an expiry, listed or not.
    pub(crate) fn smile(&self, expiry: u32) -> B256 {
        self.smiles.get(U32::from(expiry))
    }

    pub(crate) fn set_smile(&mut self, expiry: u32, word: B256) {
        self.smiles.setter(U32::from(expiry)).set(word);
    }
}

/// When a smile says it was published, unix seconds.
pub(crate) fn published_at(word: B256) -> u64 {
    word.last_chunk()
        .map_or(0, |bytes| u32::from_be_bytes(*bytes))
        .into()
}

/// The accounts or keys of a list argument, for hashing.
pub(crate) fn as_words(accounts: &[Address]) -> Vec<B256> {
    accounts.iter().map(|account| account.word()).collect()
}

const _: () = assert!(PER_SLOT * 4 == 32);
