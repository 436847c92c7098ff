//! The settlement committee of a feed: whoever answers for an expiry of which the chain recorded too little.
//!
//! One static call, whoever is behind it: our `settlement-committee` of k of n keys, or any contract with this one view, such as an optimistic
//! oracle. What is assumed of it is what is assumed of any source: nothing. It is believed only within what else is known of the expiry.

use alloy_primitives::{Address, B256};
use alloy_sol_types::{SolCall, sol};
use interfaces::Revert;
use interfaces::words::{Word, encode};
use stylus_sdk::prelude::*;

use crate::source::{ask, time, unsigned, word};

sol! {
    /// The part of `ISettlementCommittee.sol` that is asked.
    interface ICommittee {
        function attestation(bytes32 feed, uint32 expiry) external view returns (uint256 price, uint64 finalAt);
    }
}

/// What a committee says of an expiry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Attestation {
    /// WAD quote per underlying; zero: nothing yet.
    pub(crate) price: u128,
    /// When nobody can dispute it any more, unix seconds.
    final_at: u64,
}

impl Attestation {
    /// The price, once it is final: no earlier than the expiry itself.
    pub(crate) fn final_price(self, expiry: u32, now: u64) -> Option<u128> {
        (self.final_at >= u64::from(expiry) && self.final_at <= now).then_some(self.price)
    }
}

/// Asks a committee; `None` when it does not answer two numbers of these types.
///
/// Errors: `InsufficientGasForSource`.
pub(crate) fn read(
    vm: &dyn Host,
    account: Address,
    feed: B256,
    expiry: u32,
) -> Result<Option<Attestation>, Revert> {
    let question = encode(
        &ICommittee::attestationCall::SELECTOR,
        &[feed, expiry.word()],
    );
    let answer = ask(vm, account, &question, 2)?;
    Ok(answer.and_then(|answer| {
        Some(Attestation {
            price: word(&answer, 0).and_then(unsigned)?,
            final_at: word(&answer, 1).and_then(time)?,
        })
    }))
}
