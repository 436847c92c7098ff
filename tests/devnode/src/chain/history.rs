//! What the chain remembers of its past: the newest blocks with their transactions and receipts, and states after the newest of those.
//!
//! Both are bounded, so that a node that runs for weeks takes no more memory than one that runs for an hour: the oldest block goes when
//! one more than allowed has come, like the history a pruned node of geth gives up.

use std::{
    collections::{HashMap, VecDeque, vec_deque},
    sync::Arc,
};

use alloy_primitives::B256;

use super::{BlockRecord, State, TransactionRecord};

/// Where a transaction was mined.
#[derive(Clone, Copy, Debug)]
struct TransactionPlace {
    block: u64,
    index: usize,
}

/// Blocks and states, each up to a number; at least one of either once the first has come.
#[derive(Debug)]
pub struct History {
    blocks: VecDeque<Arc<BlockRecord>>,
    numbers: HashMap<B256, u64>,
    places: HashMap<B256, TransactionPlace>,
    /// States after the newest blocks, the last one after the head.
    states: VecDeque<State>,
    most_blocks: usize,
    most_states: usize,
}

impl History {
    /// Remembers nothing yet, and never more than so many blocks and states (at least one of each).
    pub fn new(most_blocks: usize, most_states: usize) -> Self {
        let most_blocks = most_blocks.max(1);
        Self {
            blocks: VecDeque::new(),
            numbers: HashMap::new(),
            places: HashMap::new(),
            states: VecDeque::new(),
            most_blocks,
            most_states: most_states.clamp(1, most_blocks),
        }
    }

    /// Forgets everything and begins anew with these blocks, of which only the state after the last is known.
    pub fn replace(&mut self, blocks: impl IntoIterator<Item = Arc<BlockRecord>>, state: State) {
        *self = Self::new(self.most_blocks, self.most_states);
        for block in blocks {
            self.push(block, state.clone());
        }
        self.states.clear();
        self.states.push_back(state);
    }

    /// Newest block; none before the first.
    pub fn head(&self) -> Option<&Arc<BlockRecord>> {
        self.blocks.back()
    }

    /// Number of the oldest block kept.
    pub fn oldest(&self) -> u64 {
        self.blocks.front().map_or(0, |block| block.number())
    }

    /// Number of the oldest block whose state is kept.
    pub fn oldest_state(&self) -> u64 {
        self.oldest() + (self.blocks.len() - self.states.len()) as u64
    }

    /// A block that is kept.
    pub fn block(&self, number: u64) -> Option<&Arc<BlockRecord>> {
        self.blocks.get(self.index(number)?)
    }

    /// Number of the block with this hash, if it is kept.
    pub fn number(&self, hash: &B256) -> Option<u64> {
        self.numbers.get(hash).copied()
    }

    /// State after a block, if it is kept.
    pub fn state(&self, number: u64) -> Option<&State> {
        let index = number.checked_sub(self.oldest_state())?;
        self.states.get(usize::try_from(index).ok()?)
    }

    /// A transaction with its block, if it is kept.
    pub fn transaction(
        &self,
        hash: &B256,
    ) -> Option<(&Arc<BlockRecord>, usize, &TransactionRecord)> {
        let place = self.places.get(hash)?;
        let block = self.block(place.block)?;
        Some((block, place.index, block.transactions.get(place.index)?))
    }

    /// Blocks from `first` to `last`, both included, as far as they are kept.
    pub fn between(&self, first: u64, last: u64) -> vec_deque::Iter<'_, Arc<BlockRecord>> {
        let index = |number: u64| {
            let index = number.saturating_sub(self.oldest());
            usize::try_from(index).map_or(self.blocks.len(), |index| index.min(self.blocks.len()))
        };
        let end = index(last.saturating_add(1));
        self.blocks.range(index(first).min(end)..end)
    }

    /// All blocks kept, the oldest first.
    pub fn blocks(&self) -> vec_deque::Iter<'_, Arc<BlockRecord>> {
        self.blocks.iter()
    }

    /// Appends a block and the state after it, and forgets what is too old.
    pub fn push(&mut self, block: Arc<BlockRecord>, state: State) {
        let number = block.number();
        self.numbers.insert(block.hash(), number);
        for (index, record) in block.transactions.iter().enumerate() {
            let place = TransactionPlace {
                block: number,
                index,
            };
            self.places.insert(*record.transaction.tx_hash(), place);
        }
        self.blocks.push_back(block);
        self.states.push_back(state);
        while self.blocks.len() > self.most_blocks {
            if let Some(block) = self.blocks.pop_front() {
                self.forget(&block);
            }
        }
        while self.states.len() > self.most_states {
            self.states.pop_front();
        }
    }

    /// Takes back all blocks after `head`, after which `state` was in force. Gives those that were kept, the newest first.
    pub fn rewind(&mut self, head: Arc<BlockRecord>, state: State) -> Vec<Arc<BlockRecord>> {
        let mut removed = Vec::new();
        while let Some(block) = self
            .blocks
            .pop_back_if(|last| last.number() > head.number())
        {
            self.forget(&block);
            self.states.pop_back();
            removed.push(block);
        }
        if self.blocks.is_empty() {
            self.states.clear();
            self.push(head, state);
        } else {
            self.set_head_state(state);
        }
        removed
    }

    /// Puts another state after the head.
    pub fn set_head_state(&mut self, state: State) {
        self.states.pop_back();
        self.states.push_back(state);
    }

    fn forget(&mut self, block: &BlockRecord) {
        self.numbers.remove(&block.hash());
        for record in &block.transactions {
            self.places.remove(record.transaction.tx_hash());
        }
    }

    fn index(&self, number: u64) -> Option<usize> {
        usize::try_from(number.checked_sub(self.oldest())?).ok()
    }
}
