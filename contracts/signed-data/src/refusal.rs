//! Why signed data are refused: the errors of `ISignedPrice.sol`, which every interface that takes signed data declares alike.

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::SolError;
use interfaces::ISignedPrice::{
    BadSignature, DuplicateSigner, Expired, FutureTimestamp, NotEnoughSigners, UnknownSigner,
    UnsortedSigners,
};
use interfaces::Revert;
use interfaces::words::{Word, encode};

/// An error, with what was given and what is allowed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// Fewer whole signatures than the threshold.
    NotEnoughSigners {
        /// Signatures given.
        given: usize,
        /// The threshold.
        needed: usize,
    },
    /// Signed by somebody who is no signer here, or for another chain, contract or content.
    UnknownSigner {
        /// Who.
        signer: Address,
    },
    /// The same signer twice in a row.
    DuplicateSigner {
        /// Who.
        signer: Address,
    },
    /// Signers not in ascending order.
    UnsortedSigners {
        /// The one before.
        previous: Address,
        /// The lower one after it.
        next: Address,
    },
    /// No signature of anybody, or one that could be altered by others.
    BadSignature {
        /// Which, from 0.
        index: usize,
    },
    /// The deadline has passed.
    Expired {
        /// Until when the data counted, unix seconds.
        deadline: u64,
        /// Time of the block, unix seconds.
        time: u64,
    },
    /// Dated ahead of the clock.
    FutureTimestamp {
        /// Given, unix seconds.
        timestamp: u64,
        /// Latest that is accepted, unix seconds.
        latest: u64,
    },
}

impl From<Refusal> for Revert {
    /// Word by word: the generated encoders are instantiated per error and cost kilobytes.
    fn from(refusal: Refusal) -> Self {
        let count = |value: usize| U256::from(value).word();
        let (selector, words): (_, [Option<B256>; 2]) = match refusal {
            Refusal::NotEnoughSigners { given, needed } => (
                NotEnoughSigners::SELECTOR,
                [Some(count(given)), Some(count(needed))],
            ),
            Refusal::UnknownSigner { signer } => {
                (UnknownSigner::SELECTOR, [Some(signer.word()), None])
            }
            Refusal::DuplicateSigner { signer } => {
                (DuplicateSigner::SELECTOR, [Some(signer.word()), None])
            }
            Refusal::UnsortedSigners { previous, next } => (
                UnsortedSigners::SELECTOR,
                [Some(previous.word()), Some(next.word())],
            ),
            Refusal::BadSignature { index } => (BadSignature::SELECTOR, [Some(count(index)), None]),
            Refusal::Expired { deadline, time } => (
                Expired::SELECTOR,
                [Some(deadline.word()), Some(time.word())],
            ),
            Refusal::FutureTimestamp { timestamp, latest } => (
                FutureTimestamp::SELECTOR,
                [Some(timestamp.word()), Some(latest.word())],
            ),
        };
        let [first, second] = words.map(Option::unwrap_or_default);
        let both = [first, second];
        let present = if words[1].is_some() { 2 } else { 1 };
        Self::from_callee(encode(&selector, both.get(..present).unwrap_or_default()))
    }
}
