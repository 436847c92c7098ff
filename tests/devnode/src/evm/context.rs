//! What a transaction carries besides revm's own context: memory pages, live frames, programs used in this block.

use std::{collections::VecDeque, sync::Arc};

use alloy_primitives::{Address, B256};

use crate::program::{Engine, config::NEWEST_ARBOS};

/// Programs remembered within a block (`blockCacheSize`).
pub const RECENT_PROGRAMS: usize = 32;

/// Facts of the block a precompile may ask for and revm's block environment does not hold.
#[derive(Clone, Debug, Default)]
pub struct BlockFacts {
    /// L2 block number; `NUMBER` is the L1 block.
    pub l2_number: u64,
    /// Where network fees and data fees go.
    pub network_fee_account: Address,
}

/// A frame on the call stack, for `msg_reentrant`.
#[derive(Clone, Copy, Debug)]
pub struct LiveFrame {
    /// Acting address.
    pub acting: Address,
    /// True for DELEGATECALL and CALLCODE, which do not count as entering the acting contract.
    pub borrowed: bool,
}

/// Chain extension of the revm context.
pub struct ArbContext {
    /// Facts of the block.
    pub block: BlockFacts,
    /// ArbOS version in force.
    pub arbos_version: u64,
    /// WASM engine with its cache of compiled modules.
    pub engine: Arc<Engine>,
    /// Open pages of the transaction, restored when a program returns.
    pub pages_open: u16,
    /// High-water mark of the transaction; reverts do not lower it.
    pub pages_ever: u16,
    /// Live frames, innermost last; same length as revm's frame stack.
    pub frames: Vec<LiveFrame>,
    /// Why the outermost frame failed, when that is more than revm can say (activation, stack exhausted).
    pub failure: Option<String>,
    /// Programs called earlier in this block.
    pub recent: RecentPrograms,
}

impl ArbContext {
    /// A context for one block. The machine sets the ArbOS version from the state it runs on.
    pub fn new(block: BlockFacts, engine: Arc<Engine>) -> Self {
        Self {
            block,
            arbos_version: NEWEST_ARBOS,
            engine,
            pages_open: 0,
            pages_ever: 0,
            frames: Vec::new(),
            failure: None,
            recent: RecentPrograms::default(),
        }
    }

    /// Resets what belongs to one transaction.
    pub fn begin_transaction(&mut self) {
        self.pages_open = 0;
        self.pages_ever = 0;
        self.frames.clear();
        self.failure = None;
    }

    /// True when `acting` has more than one live frame of its own.
    pub fn is_reentrant(&self, acting: Address) -> bool {
        self.frames
            .iter()
            .filter(|frame| frame.acting == acting && !frame.borrowed)
            .count()
            > 1
    }
}

/// Least-recently-used list of the programs a block has run: the second call of one is charged as cached. Not journaled.
#[derive(Clone, Debug, Default)]
pub struct RecentPrograms(VecDeque<B256>);

impl RecentPrograms {
    /// Notes a use; true when the program was already there.
    pub fn touch(&mut self, code_hash: B256) -> bool {
        let known = self.0.iter().position(|hash| *hash == code_hash);
        if let Some(index) = known {
            self.0.remove(index);
        }
        self.0.push_back(code_hash);
        if self.0.len() > RECENT_PROGRAMS {
            self.0.pop_front();
        }
        known.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_recently_used_program_is_forgotten_first() {
        let mut recent = RecentPrograms::default();
        let hash = |n: u8| B256::repeat_byte(n);
        for n in 0..32 {
            assert!(!recent.touch(hash(n)));
        }
        assert!(
            recent.touch(hash(0)),
            "program 0 is still remembered, and now the newest"
        );
        assert!(
            !recent.touch(hash(32)),
            "program 32 is new and pushes out program 1"
        );
        assert!(!recent.touch(hash(1)));
        assert!(recent.touch(hash(0)));
    }
}
