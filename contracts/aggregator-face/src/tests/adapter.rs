//! The adapter's rounds, written by hand.

use alloc::vec::Vec;

use alloy_primitives::{B256, U256};
use alloy_sol_types::{SolCall, SolError};
use interfaces::IOracleAdapter::{
    QuorumLost, UnknownRound, evaluateCall, latestRoundCall, roundCall,
};
use motsu::prelude::*;
use stylus_sdk::ArbResult;
use stylus_sdk::prelude::*;
use stylus_sdk::storage::{StorageB256, StorageMap, StorageU256};

use super::scene::{FEED, RELAYER};

#[storage]
pub(crate) struct Adapter {
    last: StorageU256,
    mids: StorageMap<U256, StorageU256>,
    times: StorageMap<U256, StorageU256>,
    doubts: StorageMap<U256, StorageU256>,
    down: StorageB256,
}

unsafe impl TopLevelStorage for Adapter {}

#[public]
impl Adapter {
    #[fallback]
    fn fallback(&mut self, input: &[u8]) -> ArbResult {
        let (selector, arguments) = input.split_first_chunk().unwrap();
        assert_eq!(arguments[..32], FEED.0, "the feed of the face");
        match *selector {
            evaluateCall::SELECTOR if self.down.get().is_zero() => {
                Ok(self.last.get().to_be_bytes::<32>().to_vec())
            }
            evaluateCall::SELECTOR => Err(QuorumLost {
                valid: U256::from(1),
                needed: U256::from(3),
            }
            .abi_encode()),
            latestRoundCall::SELECTOR => {
                let id = self.last.get();
                let mut answer = id.to_be_bytes::<32>().to_vec();
                answer.extend(self.members(id)?);
                Ok(answer)
            }
            roundCall::SELECTOR => self.members(U256::from_be_slice(&arguments[32..])),
            _ => Err(b"unknown".to_vec()),
        }
    }
}

impl Adapter {
    fn members(&self, id: U256) -> ArbResult {
        let mid = self.mids.get(id);
        if mid.is_zero() {
            let id = id.to();
            return Err(UnknownRound { feed: FEED, id }.abi_encode());
        }
        let at = self.times.get(id);
        let stored_at = at + U256::from(5);
        let words = [mid, mid, mid, at, stored_at, self.doubts.get(id)];
        Ok(words.iter().flat_map(U256::to_be_bytes::<32>).collect())
    }
}

/// Remote control of the adapter.
pub(crate) trait Script {
    /// Stores the next round: `mid` WAD, its oldest price as of `at`; stored five seconds later.
    fn say(&self, mid: u128, at: u64, doubts: u32);
    fn lose_quorum(&self);
}

impl Script for Contract<Adapter> {
    fn say(&self, mid: u128, at: u64, doubts: u32) {
        let mut adapter = self.sender(RELAYER);
        let id = adapter.last.get() + U256::from(1);
        adapter.last.set(id);
        adapter.mids.setter(id).set(U256::from(mid));
        adapter.times.setter(id).set(U256::from(at));
        adapter.doubts.setter(id).set(U256::from(doubts));
    }

    fn lose_quorum(&self) {
        self.sender(RELAYER).down.set(B256::repeat_byte(1));
    }
}
