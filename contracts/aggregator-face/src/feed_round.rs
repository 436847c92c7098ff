//! Rounds of the feed, as the adapter keeps them.

use alloc::vec::Vec;

use alloy_primitives::aliases::U80;
use alloy_primitives::{B256, I256, U256};
use alloy_sol_types::{SolCall, SolError};
use interfaces::IOracleAdapter::{UnknownRound, evaluateCall, latestRoundCall, roundCall};
use interfaces::Revert;
use interfaces::words::{Word, Words, encode};
use interfaces::{call_encoded, view_encoded};

use crate::terms::MOST_DECIMALS;
use crate::{AggregatorFace, refusal};

/// One round.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct FeedRound {
    pub(crate) id: u64,
    /// Median, WAD.
    pub(crate) mid: u128,
    /// Oldest time among the prices behind it, unix seconds.
    pub(crate) updated_at: u64,
    /// When it was stored, unix seconds.
    pub(crate) evaluated_at: u64,
    /// What made the adapter doubt it; zero: nothing.
    pub(crate) doubts: u32,
}

impl AggregatorFace {
    /// Has the adapter store a round.
    ///
    /// Errors: the adapter's own, `QuorumLost` above all.
    pub(crate) fn store_round(&mut self) -> Result<u64, Revert> {
        let adapter = self.terms.adapter();
        let request = encode(&evaluateCall::SELECTOR, &[self.terms.feed()]);
        let answer = call_encoded(self, adapter, &request)?;
        let mut words = Words::new(&answer);
        let id = words.u64();
        words.end()?;
        Ok(id)
    }

    /// The last round.
    ///
    /// Errors: `NoData(0)` before the first, else the adapter's.
    pub(crate) fn last_round(&self) -> Result<FeedRound, Revert> {
        let answer = self.ask(latestRoundCall::SELECTOR, &[self.terms.feed()], U80::ZERO)?;
        let mut words = Words::new(&answer);
        let id = words.u64();
        rest_of(id, &mut words)
    }

    /// A round that was stored; ids are the adapter's, 64 bits wide.
    ///
    /// Errors: `NoData`, else the adapter's.
    pub(crate) fn round(&self, id: U256) -> Result<FeedRound, Revert> {
        // For the error only: an id beyond its 80 bits is told as the highest.
        let told = id.saturating_to();
        let id = u64::try_from(id).map_err(|_| refusal::no_data(told))?;
        let answer = self.ask(roundCall::SELECTOR, &[self.terms.feed(), id.word()], told)?;
        rest_of(id, &mut Words::new(&answer))
    }

    /// The median of a round in units of `decimals`, rounded down.
    pub(crate) fn answer_of(&self, round: &FeedRound) -> I256 {
        // At most 18 by construction.
        let missing = MOST_DECIMALS.saturating_sub(self.terms.decimals());
        let answer = round.mid.checked_div(10_u128.pow(missing.into()));
        // 128 bits: never negative.
        I256::from_raw(U256::from(answer.unwrap_or(0)))
    }

    fn ask(&self, selector: [u8; 4], arguments: &[B256], id: U80) -> Result<Vec<u8>, Revert> {
        let request = encode(&selector, arguments);
        view_encoded(self, self.terms.adapter(), &request).map_err(|refused| {
            if refused.data().starts_with(&UnknownRound::SELECTOR) {
                refusal::no_data(id)
            } else {
                refused
            }
        })
    }
}

/// The members behind the id.
fn rest_of(id: u64, words: &mut Words<'_>) -> Result<FeedRound, Revert> {
    let (mid, _low, _high) = (words.u128(), words.word(), words.word());
    let (updated_at, evaluated_at) = (words.u64(), words.u64());
    let doubts = words.u32();
    words.end()?;
    Ok(FeedRound {
        id,
        mid,
        updated_at,
        evaluated_at,
        doubts,
    })
}
