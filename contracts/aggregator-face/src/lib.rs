//! One feed of the oracle adapter, as other protocols read it: Chainlink's aggregator interfaces (V2, V3) and ERC-7726.
//!
//! It decides nothing and stores nothing but what it was constructed with. Rounds are those of the adapter, numbers, times and all, so that
//! `getRoundData` answers tomorrow what `latestRoundData` answers today. It has no owner.
//!
//! Its ABI and the meaning of every error is `IAggregatorFace.sol`.
#![cfg_attr(not(any(test, feature = "export-abi")), no_main)]
#![cfg_attr(not(any(test, feature = "export-abi")), no_std)]
#![allow(
    missing_docs,
    clippy::missing_errors_doc,
    clippy::must_use_candidate,
    clippy::needless_pass_by_value,
    clippy::type_complexity,
    reason = "the entry points have the signatures and errors of the interface, and are documented there"
)]

#[macro_use]
extern crate alloc;

mod feed_round;
mod quote;
mod refusal;
mod router;
mod terms;

#[cfg(test)]
mod tests;

use alloc::string::String;
use alloc::vec::Vec;

use alloy_primitives::aliases::U80;
use alloy_primitives::{Address, B256, I256, U256};
use interfaces::{Revert, short_text};
use stylus_sdk::prelude::*;

use crate::terms::{Asset, StoredTerms, Terms};

/// Of the aggregator interface.
const VERSION: u64 = 1;

/// Storage of the face.
#[storage]
pub struct AggregatorFace {
    terms: StoredTerms,
}

// SAFETY: the only storage of the contract, at slot zero.
unsafe impl TopLevelStorage for AggregatorFace {}

/// Prints the ABI as Solidity.
#[cfg(feature = "export-abi")]
pub fn print_abi(license: &str, pragma: &str) {
    stylus_sdk::abi::export::print_abi::<AggregatorFace>(license, pragma);
}

/// The entry points. On chain they are reached through [`router`].
#[public]
impl AggregatorFace {
    /// `feed` of `oracle_adapter`, answered with `decimals`; `base` is priced in `quote`; `max_age` in seconds.
    ///
    /// Errors: `ParameterOutOfBounds` for more than 18 decimals and a description of more than 31 bytes.
    #[constructor]
    #[allow(clippy::too_many_arguments, reason = "the interface has them")]
    pub fn constructor(
        &mut self,
        oracle_adapter: Address,
        feed: B256,
        decimals: u8,
        base: Address,
        base_decimals: u8,
        quote: Address,
        quote_decimals: u8,
        max_age: u32,
        description: String,
    ) -> Result<(), Revert> {
        let terms = Terms {
            adapter: oracle_adapter,
            feed,
            decimals,
            max_age,
            base: Asset {
                account: base,
                decimals: base_decimals,
            },
            quote: Asset {
                account: quote,
                decimals: quote_decimals,
            },
        };
        self.terms.set(terms, description.as_bytes())
    }

    /// See `IAggregatorFace.poke`.
    pub fn poke(&mut self) -> Result<U80, Revert> {
        self.store_round().map(U80::from)
    }

    /// Decimals of the answers.
    pub fn decimals(&self) -> u8 {
        self.terms.decimals()
    }

    /// What is priced.
    pub fn description(&self) -> String {
        String::from_utf8_lossy(short_text::unpack(&self.terms.description())).into_owned()
    }

    /// Version of this aggregator.
    pub fn version(&self) -> U256 {
        U256::from(VERSION)
    }

    /// See `IAggregatorFace.getRoundData`: round, answer, started at, updated at, answered in round.
    pub fn get_round_data(&self, round_id: U80) -> Result<(U80, I256, U256, U256, U80), Revert> {
        let round = self.round(U256::from(round_id))?;
        let at = U256::from(round.updated_at);
        Ok((round_id, self.answer_of(&round), at, at, round_id))
    }

    /// See `IAggregatorFace.latestRoundData`.
    pub fn latest_round_data(&self) -> Result<(U80, I256, U256, U256, U80), Revert> {
        let round = self.last_round()?;
        let (id, at) = (U80::from(round.id), U256::from(round.updated_at));
        Ok((id, self.answer_of(&round), at, at, id))
    }

    /// See `IAggregatorFace.latestAnswer`.
    pub fn latest_answer(&self) -> Result<I256, Revert> {
        Ok(self.answer_of(&self.last_round()?))
    }

    /// See `IAggregatorFace.latestTimestamp`.
    pub fn latest_timestamp(&self) -> Result<U256, Revert> {
        Ok(U256::from(self.last_round()?.updated_at))
    }

    /// See `IAggregatorFace.latestRound`.
    pub fn latest_round(&self) -> Result<U256, Revert> {
        Ok(U256::from(self.last_round()?.id))
    }

    /// See `IAggregatorFace.getAnswer`.
    pub fn get_answer(&self, round_id: U256) -> Result<I256, Revert> {
        Ok(self.answer_of(&self.round(round_id)?))
    }

    /// See `IAggregatorFace.getTimestamp`.
    pub fn get_timestamp(&self, round_id: U256) -> Result<U256, Revert> {
        Ok(U256::from(self.round(round_id)?.updated_at))
    }

    /// See `IAggregatorFace.getQuote`.
    pub fn get_quote(
        &self,
        in_amount: U256,
        base: Address,
        quote: Address,
    ) -> Result<U256, Revert> {
        self.quote(in_amount, base, quote)
    }

    /// See `IAggregatorFace.oracleAdapter`.
    pub fn oracle_adapter(&self) -> Address {
        self.terms.adapter()
    }

    /// See `IAggregatorFace.feed`.
    pub fn feed(&self) -> B256 {
        self.terms.feed()
    }

    /// See `IAggregatorFace.pair`: base, its decimals, quote, its decimals.
    pub fn pair(&self) -> (Address, u8, Address, u8) {
        let (base, quote) = (self.terms.base(), self.terms.quote());
        (base.account, base.decimals, quote.account, quote.decimals)
    }

    /// See `IAggregatorFace.maxAge`.
    pub fn max_age(&self) -> u32 {
        self.terms.max_age()
    }
}
