//! Who may sign, in storage.
//!
//! Membership is a generation number per address, so that replacing the whole set costs one write for every new member and none for the old ones,
//! and a check costs one read for each signature and one for the threshold.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::SolError;
use interfaces::ISignedPrice::{BadSigner, ParameterOutOfBounds};
use interfaces::Revert;
use interfaces::words::{Word, encode, to_u256};
use stylus_sdk::prelude::*;
use stylus_sdk::storage::{StorageAddress, StorageB256, StorageMap};

use crate::refusal::Refusal;
use crate::{quorum, recovery};

/// Most members of a set: at 3,000 gas of recovery and 2,100 of membership each, 32 stay far below a block.
pub const MOST_SIGNERS: usize = 32;

/// Keys and how many of them must sign.
#[storage]
pub struct SignerSet {
    /// `generation u64 · count u8 · threshold u8` in the low ten bytes; generation 0: never set, nobody may sign.
    terms: StorageB256,
    /// Generation in which an address last became a member.
    member_since: StorageMap<Address, StorageB256>,
    /// Members in ascending order; those beyond the count are of earlier generations. A map: a list divides 256-bit numbers to find a slot.
    members: StorageMap<u64, StorageAddress>,
}

/// The packed slot.
#[derive(Clone, Copy)]
struct Terms {
    generation: u64,
    count: u8,
    threshold: u8,
}

impl SignerSet {
    /// Signatures needed; 0 when the set was never filled.
    #[must_use]
    pub fn threshold(&self) -> u8 {
        self.terms().threshold
    }

    /// Members.
    #[must_use]
    pub fn count(&self) -> u8 {
        self.terms().count
    }

    /// How often the set was replaced, the first filling included.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.terms().generation
    }

    /// Member `index`, ascending.
    #[must_use]
    pub fn signer(&self, index: u8) -> Option<Address> {
        let within = index < self.count();
        within.then(|| self.members.get(index.into()))
    }

    /// All members, ascending.
    #[must_use]
    pub fn signers(&self) -> Vec<Address> {
        (0..self.count())
            .filter_map(|index| self.signer(index))
            .collect()
    }

    /// Whether an address is a member now.
    #[must_use]
    pub fn is_signer(&self, account: Address) -> bool {
        self.is_member(self.terms(), account)
    }

    /// Makes `signers`, strictly ascending, the set. Who may do that is the caller's business.
    ///
    /// Errors: `ParameterOutOfBounds` for a set that is empty or larger than [`MOST_SIGNERS`] and for a threshold outside of 1 to its size;
    /// `BadSigner` for the zero address; `DuplicateSigner`, `UnsortedSigners`.
    pub fn replace(&mut self, signers: &[Address], threshold: u8) -> Result<(), Revert> {
        let count = u8::try_from(signers.len()).unwrap_or(u8::MAX);
        if signers.is_empty() || signers.len() > MOST_SIGNERS {
            return Err(out_of_bounds(signers.len(), MOST_SIGNERS));
        }
        if threshold == 0 || threshold > count {
            return Err(out_of_bounds(usize::from(threshold), signers.len()));
        }
        let generation = self.terms().generation.saturating_add(1);
        let mut previous = Address::ZERO;
        for (index, &signer) in (0_u64..).zip(signers) {
            check_order(previous, signer)?;
            previous = signer;
            self.member_since.setter(signer).set(generation.word());
            self.members.setter(index).set(signer);
        }
        self.set_terms(Terms {
            generation,
            count,
            threshold,
        });
        Ok(())
    }

    /// Demands that at least the threshold of members signed `digest`. `signatures`: 65 bytes each, ascending by signer.
    ///
    /// Errors: those of [`quorum::verify`]; a set that was never filled is `NotEnoughSigners(given, 1)` or `UnknownSigner`, never satisfied.
    pub fn require(&self, digest: B256, signatures: &[u8]) -> Result<(), Revert> {
        let terms = self.terms();
        quorum::verify(
            digest,
            signatures,
            usize::from(terms.threshold.max(1)),
            |digest, signature| recovery::signer(self.vm(), digest, signature),
            |account| self.is_member(terms, account),
        )
    }

    fn is_member(&self, terms: Terms, account: Address) -> bool {
        terms.generation != 0 && self.member_since.get(account) == terms.generation.word()
    }

    #[allow(
        clippy::cast_possible_truncation,
        reason = "fields are read back as wide as they were written"
    )]
    fn terms(&self) -> Terms {
        let [low, high, ..] = *to_u256(self.terms.get()).as_limbs();
        Terms {
            generation: (high << 48) | (low >> 16),
            count: (low >> 8) as u8,
            threshold: low as u8,
        }
    }

    fn set_terms(&mut self, terms: Terms) {
        let packed = (u128::from(terms.generation) << 16)
            | (u128::from(terms.count) << 8)
            | u128::from(terms.threshold);
        self.terms.set(packed.word());
    }
}

fn check_order(previous: Address, next: Address) -> Result<(), Revert> {
    if next.is_zero() {
        return Err(Revert::from_callee(encode(
            &BadSigner::SELECTOR,
            &[next.word()],
        )));
    }
    if next == previous {
        return Err(Refusal::DuplicateSigner { signer: next }.into());
    }
    if next < previous {
        return Err(Refusal::UnsortedSigners { previous, next }.into());
    }
    Ok(())
}

fn out_of_bounds(given: usize, most: usize) -> Revert {
    let words = [given, 1, most].map(|value| U256::from(value).word());
    Revert::from_callee(encode(&ParameterOutOfBounds::SELECTOR, &words))
}
