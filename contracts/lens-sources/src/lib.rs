//! What the programs behind the risk lens share: accounts, market data and margins, as other contracts answer them.
//!
//! Prices, searches and the views of accounts are more than one program may hold, so the risk lens, the risk limits and the option pricer are
//! three. Each asks the same neighbours in the same words: a feed's market data once a call, whatever number of series or accounts it is asked
//! about, and each of them on the part that concerns it, as if it had been asked about alone.
#![no_std]

#[macro_use]
extern crate alloc;

mod account;
mod margin;
mod market;
pub mod refusal;

pub use account::{Account, Accounts, Portfolio, contracts_of, expiry_of};
pub use margin::{Margin, Margins};
pub use market::{Fetched, Markets, Neighbours, Pool, Wanted, excerpt, move_spot};

use alloc::vec::Vec;

use alloy_primitives::B256;
use interfaces::Revert;

/// Selector of an error as a word (`bytes4` lies at the left): what an item of a batch says of its failure. An error without data counts as
/// `0xffffffff`.
#[must_use]
pub fn failure(error: &Revert) -> B256 {
    let selector = error.data().first_chunk().copied().unwrap_or([0xff; 4]);
    let mut word = B256::ZERO;
    if let Some(place) = word.first_chunk_mut() {
        *place = selector;
    }
    word
}

/// The encoding of a list of structs of `WORDS` words behind its offset: a failure, then the others, which are zero where there is one.
#[must_use]
pub fn encode_each<T, const WORDS: usize>(
    items: &[Result<T, Revert>],
    words: impl Fn(&T) -> [B256; WORDS],
) -> Vec<u8> {
    use interfaces::words::{Word, encode};
    let mut answer = vec![32_u32.word(), (items.len() as u64).word()];
    for item in items {
        let (failure, words) = match item {
            Ok(item) => (B256::ZERO, words(item)),
            Err(error) => (failure(error), [B256::ZERO; WORDS]),
        };
        answer.push(failure);
        answer.extend(words);
    }
    encode(&[], &answer)
}
