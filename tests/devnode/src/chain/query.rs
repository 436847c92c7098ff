//! Reading the chain: blocks by number, tag or hash, states behind them, and views to call on.

use std::{collections::vec_deque, sync::Arc};

use alloy_eips::{BlockId, BlockNumberOrTag};
use alloy_primitives::B256;

use super::{BlockRecord, Chain, ChainError, State, TransactionRecord, View};

impl Chain {
    /// Newest block.
    pub fn head(&self) -> &Arc<BlockRecord> {
        // Genesis is appended before anybody holds a chain, and the newest block is never forgotten.
        self.history.head().expect("a chain has a block")
    }

    /// Number of the oldest block that is kept.
    pub fn oldest(&self) -> u64 {
        self.history.oldest()
    }

    /// A block, if it exists. `earliest` is the oldest kept, every other tag the head: what is mined is final here.
    ///
    /// # Errors
    /// [`ChainError::HistoryPruned`]: there was such a block, but it is no longer kept. Of a hash that cannot be known.
    pub fn block(&self, id: BlockId) -> Result<Option<&Arc<BlockRecord>>, ChainError> {
        let oldest = self.history.oldest();
        let number = match id {
            BlockId::Hash(hash) => match self.history.number(&hash.block_hash) {
                Some(number) => number,
                None => return Ok(None),
            },
            BlockId::Number(BlockNumberOrTag::Number(number)) => number,
            BlockId::Number(BlockNumberOrTag::Earliest) => oldest,
            BlockId::Number(_) => return Ok(Some(self.head())),
        };
        if number < oldest {
            return Err(ChainError::HistoryPruned);
        }
        Ok(self.history.block(number))
    }

    /// State after a block.
    pub fn state_at(&self, id: BlockId) -> Result<&State, ChainError> {
        let number = self.existing(id)?.number();
        self.history.state(number).ok_or(ChainError::StateGone {
            block: number,
            oldest: self.history.oldest_state(),
        })
    }

    fn existing(&self, id: BlockId) -> Result<&Arc<BlockRecord>, ChainError> {
        self.block(id)?.ok_or(ChainError::UnknownBlock)
    }

    /// What a call at `id` runs on: the block's own header, or the block to come for `pending`.
    pub fn view(&self, id: BlockId) -> Result<View, ChainError> {
        if id.is_pending() {
            let timestamp = self.clock.peek(self.head().header.timestamp);
            return Ok(self.view_at(self.state.clone(), self.next_number(), timestamp));
        }
        let state = self.state_at(id)?.clone();
        let header = &self.existing(id)?.header;
        Ok(self.view_at(state, header.number, header.timestamp))
    }

    /// What the transactions of a mined block ran on: the state before it, its number and its time.
    pub fn view_before(&self, block: &BlockRecord) -> Result<View, ChainError> {
        let parent = block.number().checked_sub(1);
        let parent = parent.ok_or(ChainError::UnknownBlock)?;
        let state = self.state_at(parent.into())?.clone();
        Ok(self.view_at(state, block.number(), block.header.timestamp))
    }

    /// A mined transaction with its block, if it is kept.
    pub fn transaction(
        &self,
        hash: &B256,
    ) -> Option<(&Arc<BlockRecord>, usize, &TransactionRecord)> {
        self.history.transaction(hash)
    }

    /// Blocks from `first` to `last`, both included, as far as they are kept.
    pub fn blocks_between(&self, first: u64, last: u64) -> vec_deque::Iter<'_, Arc<BlockRecord>> {
        self.history.between(first, last)
    }
}
