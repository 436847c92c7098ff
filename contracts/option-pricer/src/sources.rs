//! What the pricer asks of others: the feed of a pool, and its market data.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256};
use alloy_sol_types::SolCall;
use interfaces::ISeriesFactory::poolRiskCall;
use interfaces::words::{Word, Words, encode};
use interfaces::{Revert, market_data, view_encoded};
use stylus_sdk::prelude::*;

use crate::OptionPricer;

impl OptionPricer {
    /// Errors: the factory's `UnknownPool`.
    pub(crate) fn feed(&self, pool: u32) -> Result<B256, Revert> {
        let request = encode(&poolRiskCall::SELECTOR, &[pool.word()]);
        let answer = view_encoded(self, self.factory.get(), &request)?;
        let mut words = Words::new(&answer);
        let feed = words.word();
        words.end()?;
        Ok(feed)
    }

    /// Encoded market data. Errors: the adapter's.
    pub(crate) fn market(&self, feed: B256, expiries: &[u32]) -> Result<Vec<u8>, Revert> {
        market_data::fetch(self, self.adapter.get(), feed, expiries)
    }

    /// An address another contract states.
    pub(crate) fn ask_address(&self, at: Address, selector: [u8; 4]) -> Result<Address, Revert> {
        let answer = view_encoded(self, at, &selector)?;
        let mut words = Words::new(&answer);
        let address = words.address();
        words.end()?;
        Ok(address)
    }

    /// Unix seconds.
    pub(crate) fn now(&self) -> u64 {
        self.vm().block_timestamp()
    }
}
