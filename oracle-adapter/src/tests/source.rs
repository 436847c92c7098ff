//! An aggregator that answers whatever a test tells it to.

use alloc::vec::Vec;

use alloy_primitives::{Address, I256, U256};
use alloy_sol_types::SolCall;
use motsu::prelude::*;
use stylus_sdk::ArbResult;
use stylus_sdk::prelude::*;
use stylus_sdk::storage::{StorageI256, StorageU256};

use crate::aggregator::IAggregator::{decimalsCall, latestRoundDataCall};

/// How `latestRoundData()` ends.
#[derive(Clone, Copy)]
pub(crate) enum Ending {
    Answers = 0,
    Reverts = 1,
    /// Returns only this many bytes: [`Source::length`].
    Truncates = 2,
}

/// The aggregator. Both methods are served by the fallback, so that answers of any length can be given.
#[storage]
pub(crate) struct Source {
    answer: StorageI256,
    updated_at: StorageU256,
    decimals: StorageU256,
    ending: StorageU256,
    length: StorageU256,
    decimals_revert: StorageU256,
}

unsafe impl TopLevelStorage for Source {}

#[public]
impl Source {
    #[fallback]
    fn fallback(&mut self, input: &[u8]) -> ArbResult {
        match input.first_chunk() {
            Some(&latestRoundDataCall::SELECTOR) => self.round(),
            Some(&decimalsCall::SELECTOR) => self.decimals_answer(),
            _ => Err(b"unknown".to_vec()),
        }
    }
}

impl Source {
    fn round(&self) -> ArbResult {
        let round = U256::from(7);
        let words = [
            round,
            self.answer.get().into_raw(),
            self.updated_at.get(),
            self.updated_at.get(),
            round,
        ];
        let mut bytes: Vec<u8> = words.iter().flat_map(U256::to_be_bytes::<32>).collect();
        match self.ending.get().to::<u8>() {
            1 => return Err(b"down".to_vec()),
            2 => bytes.resize(self.length.get().to(), 0),
            _ => {}
        }
        Ok(bytes)
    }

    fn decimals_answer(&self) -> ArbResult {
        if self.decimals_revert.get().is_zero() {
            Ok(self.decimals.get().to_be_bytes::<32>().to_vec())
        } else {
            Err(Vec::new())
        }
    }
}

/// Remote control of a source.
pub(crate) trait Script {
    fn at(&self) -> Address;
    /// Answers `answer` (in its unit), as of `updated_at`.
    fn say(&self, answer: I256, updated_at: U256);
    fn set_decimals(&self, decimals: U256);
    fn end(&self, ending: Ending, length: usize);
    fn break_decimals(&self);
}

impl Script for Contract<Source> {
    fn at(&self) -> Address {
        self.address()
    }

    fn say(&self, answer: I256, updated_at: U256) {
        let mut source = self.sender(Address::ZERO);
        source.answer.set(answer);
        source.updated_at.set(updated_at);
    }

    fn set_decimals(&self, decimals: U256) {
        self.sender(Address::ZERO).decimals.set(decimals);
    }

    fn end(&self, ending: Ending, length: usize) {
        let mut source = self.sender(Address::ZERO);
        source.ending.set(U256::from(ending as u8));
        source.length.set(U256::from(length));
    }

    fn break_decimals(&self) {
        self.sender(Address::ZERO)
            .decimals_revert
            .set(U256::from(1));
    }
}
