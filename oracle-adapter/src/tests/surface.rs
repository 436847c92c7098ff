//! A volatility surface that answers whatever a test tells it to, and how its answers read.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::{SolCall, SolValue, sol};
use motsu::prelude::*;
use stylus_sdk::ArbResult;
use stylus_sdk::prelude::*;
use stylus_sdk::storage::StorageU256;

sol! {
    #[derive(Debug, PartialEq, Eq)]
    struct Term {
        uint32 expiry;
        int64 carry;
        int64 rate;
        uint64 confidence;
        uint64 volatilityCeiling;
        uint32 smiles;
    }

    interface IVolatilitySurface {
        function terms(bytes32 feed, uint32[] memory expiries) external view returns (Term[] memory terms, bytes32[] memory smiles, bool stale);
    }
}

pub(crate) use IVolatilitySurface::termsCall;

/// How it answers.
#[derive(Clone, Copy)]
pub(crate) enum Mood {
    Answers = 0,
    Stale = 1,
    Refuses = 2,
    /// Answers 64 bytes.
    Truncates = 3,
    /// Answers terms at another offset.
    Shifts = 4,
}

#[storage]
pub(crate) struct Surface {
    mood: StorageU256,
}

unsafe impl TopLevelStorage for Surface {}

#[public]
impl Surface {
    #[fallback]
    fn fallback(&mut self, input: &[u8]) -> ArbResult {
        let question = termsCall::abi_decode(input, true).map_err(|_| b"question".to_vec())?;
        let mut answer = lists(&question.expiries, self.mood.get() == U256::from(1));
        match self.mood.get().to::<u8>() {
            2 => return Err(b"refused".to_vec()),
            3 => answer.truncate(64),
            4 => answer[31] = 128,
            _ => {}
        }
        Ok(answer)
    }
}

/// Two smiles of one publisher for each expiry.
fn lists(expiries: &[u32], stale: bool) -> Vec<u8> {
    let terms: Vec<Term> = expiries.iter().copied().map(term).collect();
    let smiles: Vec<B256> = expiries.iter().copied().flat_map(smiles).collect();
    (terms, smiles, stale).abi_encode_params()
}

pub(crate) fn term(expiry: u32) -> Term {
    Term {
        expiry,
        carry: -5,
        rate: 7,
        confidence: 9,
        volatilityCeiling: 11,
        smiles: 1,
    }
}

pub(crate) fn smiles(expiry: u32) -> [B256; 2] {
    [0, 1].map(|index| B256::from(U256::from(u64::from(expiry) * 10 + index)))
}

/// Remote control.
pub(crate) trait Temper {
    fn be(&self, mood: Mood);
}

impl Temper for Contract<Surface> {
    fn be(&self, mood: Mood) {
        self.sender(Address::ZERO).mood.set(U256::from(mood as u8));
    }
}
