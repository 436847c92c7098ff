//! Reading the chain: blocks by number, tag or hash, states behind them, and views to call on.

use std::sync::Arc;

use alloy_eips::{BlockId, BlockNumberOrTag};
use alloy_primitives::B256;

use super::{BlockRecord, Chain, ChainError, State, TransactionRecord, View};

/// Where a transaction was mined.
#[derive(Clone, Copy, Debug)]
pub struct TransactionPlace {
    /// Block number.
    pub block: u64,
    /// Index in the block.
    pub index: usize,
}

impl Chain {
    /// Newest block.
    pub fn head(&self) -> &Arc<BlockRecord> {
        // Genesis is appended before anybody holds a chain and is never taken back.
        self.blocks.last().expect("a chain has its genesis block")
    }

    /// A block, if it exists. Every tag but `earliest` is the head: what is mined is final here.
    pub fn block(&self, id: BlockId) -> Option<&Arc<BlockRecord>> {
        let number = match id {
            BlockId::Hash(hash) => *self.numbers.get(&hash.block_hash)?,
            BlockId::Number(BlockNumberOrTag::Number(number)) => number,
            BlockId::Number(BlockNumberOrTag::Earliest) => 0,
            BlockId::Number(_) => return Some(self.head()),
        };
        self.blocks.get(usize::try_from(number).ok()?)
    }

    /// State after a block.
    pub fn state_at(&self, id: BlockId) -> Result<&State, ChainError> {
        let number = self.block(id).ok_or(ChainError::UnknownBlock)?.number();
        let oldest = (self.blocks.len() - self.history.len()) as u64;
        number
            .checked_sub(oldest)
            .and_then(|index| self.history.get(usize::try_from(index).ok()?))
            .ok_or(ChainError::StateGone {
                block: number,
                oldest,
            })
    }

    /// What a call at `id` runs on: the block's own header, or the block to come for `pending`.
    pub fn view(&self, id: BlockId) -> Result<View, ChainError> {
        if id.is_pending() {
            let timestamp = self.clock.peek(self.head().header.timestamp);
            return Ok(self.view_at(self.state.clone(), self.next_number(), timestamp));
        }
        let state = self.state_at(id)?.clone();
        let header = &self.block(id).ok_or(ChainError::UnknownBlock)?.header;
        Ok(self.view_at(state, header.number, header.timestamp))
    }

    /// What the transactions of a mined block ran on: the state before it, its number and its time.
    pub fn view_before(&self, block: &BlockRecord) -> Result<View, ChainError> {
        let parent = block.number().checked_sub(1);
        let parent = parent.ok_or(ChainError::UnknownBlock)?;
        let state = self.state_at(parent.into())?.clone();
        Ok(self.view_at(state, block.number(), block.header.timestamp))
    }

    /// A mined transaction with its block.
    pub fn transaction(
        &self,
        hash: &B256,
    ) -> Option<(&Arc<BlockRecord>, usize, &TransactionRecord)> {
        let place = self.places.get(hash)?;
        let block = self.blocks.get(usize::try_from(place.block).ok()?)?;
        Some((block, place.index, block.transactions.get(place.index)?))
    }

    /// Blocks from `first` to `last`, both included, as far as they exist.
    pub fn blocks_between(&self, first: u64, last: u64) -> &[Arc<BlockRecord>] {
        let end = usize::try_from(last.saturating_add(1)).unwrap_or(usize::MAX);
        let end = end.min(self.blocks.len());
        let start = usize::try_from(first).unwrap_or(usize::MAX).min(end);
        &self.blocks[start..end]
    }
}
