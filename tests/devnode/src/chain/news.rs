//! What happened on the chain, told to whoever listens.

use std::sync::Arc;

use super::BlockRecord;

/// Blocks a listener may be behind before it misses some.
pub const BACKLOG: usize = 4_096;

/// One event.
#[derive(Clone, Debug)]
pub enum News {
    /// A block was mined, its transactions with it.
    Mined(Arc<BlockRecord>),
    /// `evm_revert` took a block back; told newest block first.
    Removed(Arc<BlockRecord>),
}
