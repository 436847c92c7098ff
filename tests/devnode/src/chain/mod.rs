//! The chain: blocks, state, snapshots, time. One transaction a block, mined when it arrives.

mod block;
mod clock;
pub mod config;
mod dump;
pub mod error;
pub mod estimate;
pub mod genesis;
mod history;
mod impersonation;
mod news;
mod query;
mod state;
pub mod transaction;
mod trie;
pub mod view;

use std::{collections::VecDeque, sync::Arc};

use alloy_consensus::Transaction;
use alloy_consensus::{TxEnvelope, transaction::Recovered};
use alloy_primitives::{Address, B256, U256};
use revm::context_interface::result::ExecutionResult;
use tokio::sync::broadcast;

pub use self::{
    block::{BlockRecord, TransactionRecord},
    config::ChainConfig,
    dump::DumpError,
    error::ChainError,
    genesis::GenesisError,
    impersonation::Unsigned,
    news::News,
    state::{AccountRecord, State},
    view::View,
};
use self::{clock::Clock, history::History, impersonation::Impersonated};
use crate::{
    evm::{arbos, context::BlockFacts, tracer::Tracer},
    program::Engine,
};

/// A chain and its writer's side: blocks are appended here and nowhere else.
pub struct Chain {
    config: ChainConfig,
    engine: Arc<Engine>,
    state: State,
    history: History,
    clock: Clock,
    snapshots: VecDeque<Snapshot>,
    snapshots_taken: u64,
    news: broadcast::Sender<News>,
    impersonated: Impersonated,
}

/// Most snapshots held; beyond it the oldest is forgotten. Each holds what has changed since in the state, so they may not pile up for ever.
const MAX_SNAPSHOTS: usize = 4_096;

/// Enough to come back to a moment: blocks are only ever appended, so the last stands for all of them.
struct Snapshot {
    id: u64,
    head: Arc<BlockRecord>,
    state: State,
    clock: Clock,
}

impl Chain {
    /// A chain with its genesis block.
    pub fn new(config: ChainConfig, engine: Arc<Engine>) -> Result<Self, GenesisError> {
        let clock = Clock::starting_at(config.genesis_timestamp);
        let timestamp = config.genesis_timestamp.unwrap_or_else(|| clock.peek(0));
        let state = genesis::state(&config, timestamp, &engine)?;
        let history = History::new(config.block_history, config.state_history);
        let mut chain = Self {
            config,
            engine,
            state,
            history,
            clock,
            snapshots: VecDeque::new(),
            snapshots_taken: 0,
            news: broadcast::Sender::new(news::BACKLOG),
            impersonated: Impersonated::default(),
        };
        chain.append(timestamp, Vec::new());
        Ok(chain)
    }

    /// Settings.
    pub fn config(&self) -> &ChainConfig {
        &self.config
    }

    /// State after the newest block.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Everything that happens from now on.
    pub fn news(&self) -> broadcast::Receiver<News> {
        self.news.subscribe()
    }

    /// Decodes, checks and runs a signed transaction and mines its block. Gives the transaction's hash; a transaction that reverts is
    /// mined too.
    pub fn send_raw(&mut self, raw: &[u8]) -> Result<B256, ChainError> {
        let transaction = transaction::decode(raw, self.config.chain_id)?;
        transaction::check_sender(&transaction, &self.state)?;
        self.send(transaction)
    }

    /// Checks, runs and mines a transaction whose sender is known.
    fn send(&mut self, transaction: Recovered<TxEnvelope>) -> Result<B256, ChainError> {
        transaction::check(&transaction, &self.state)?;
        let hash = *transaction.tx_hash();
        let timestamp = self.clock.peek(self.head().header.timestamp);
        let view = self.view_at(self.state.clone(), self.next_number(), timestamp);
        let environment = transaction::environment(&transaction);
        let (outcome, _, _) = view.execute(environment, false, Tracer::Off)?;
        self.state.apply(outcome.changes);
        let timestamp = self.clock.tick(self.head().header.timestamp);
        self.append(timestamp, vec![record(transaction, outcome.result)]);
        Ok(hash)
    }

    /// Mines an empty block.
    pub fn mine(&mut self, timestamp: Option<u64>) -> Result<(), ChainError> {
        if let Some(timestamp) = timestamp {
            self.set_next_timestamp(timestamp)?;
        }
        let timestamp = self.clock.tick(self.head().header.timestamp);
        self.append(timestamp, Vec::new());
        Ok(())
    }

    /// Goes back to block 0, as it was when the node started; the clock too.
    pub fn reset(&mut self) -> Result<(), GenesisError> {
        let fresh = Self::new(self.config.clone(), Arc::clone(&self.engine))?;
        self.clock = fresh.clock;
        self.replace(fresh.history.blocks().cloned(), fresh.state);
        self.impersonated = Impersonated::default();
        Ok(())
    }

    /// Lets the clock show `timestamp` now; returns how far it is from the machine's time, in seconds.
    pub fn set_time(&mut self, timestamp: u64) -> i64 {
        self.clock.set_now(timestamp)
    }

    /// Moves the clock; returns the total offset from the machine's time, in seconds.
    pub fn increase_time(&mut self, seconds: u64) -> i64 {
        self.clock.advance(seconds)
    }

    /// Fixes the timestamp of the next block.
    pub fn set_next_timestamp(&mut self, timestamp: u64) -> Result<(), ChainError> {
        let last = self.head().header.timestamp;
        if timestamp < last {
            return Err(ChainError::TimeRunsBackwards {
                given: timestamp,
                last,
            });
        }
        self.clock.set_next(timestamp);
        Ok(())
    }

    /// Remembers this moment; of too many, the oldest is forgotten. Identifiers are never used twice.
    pub fn snapshot(&mut self) -> u64 {
        self.snapshots_taken += 1;
        self.snapshots.push_back(Snapshot {
            id: self.snapshots_taken,
            head: Arc::clone(self.head()),
            state: self.state.clone(),
            clock: self.clock.clone(),
        });
        if self.snapshots.len() > MAX_SNAPSHOTS {
            self.snapshots.pop_front();
        }
        self.snapshots_taken
    }

    /// Goes back to a snapshot, which is used up with all later ones. False when there is none of that number.
    pub fn revert(&mut self, id: u64) -> bool {
        let Some(index) = self.snapshots.iter().position(|snapshot| snapshot.id == id) else {
            return false;
        };
        let Some(snapshot) = self.snapshots.drain(index..).next() else {
            return false;
        };
        for block in self.history.rewind(snapshot.head, snapshot.state.clone()) {
            // An error means nobody listens.
            let _ = self.news.send(News::Removed(block));
        }
        self.state = snapshot.state;
        self.clock = snapshot.clock;
        true
    }

    /// Puts other blocks and another state in place of those there are; snapshots are forgotten.
    fn replace(&mut self, blocks: impl IntoIterator<Item = Arc<BlockRecord>>, state: State) {
        self.history.replace(blocks, state.clone());
        self.state = state;
        self.snapshots.clear();
    }

    /// Changes the state outside any transaction, as `anvil_setBalance` does. Visible at once at the head.
    pub fn edit_state(&mut self, edit: impl FnOnce(&mut State)) {
        edit(&mut self.state);
        self.history.set_head_state(self.state.clone());
    }

    /// Sets the balance of an account.
    pub fn set_balance(&mut self, address: Address, balance: U256) {
        self.edit_state(|state| state.set_balance(address, balance));
    }

    fn next_number(&self) -> u64 {
        self.history.head().map_or(0, |head| head.number() + 1)
    }

    fn view_at(&self, state: State, l2_number: u64, timestamp: u64) -> View {
        View::new(
            state,
            BlockFacts {
                l2_number,
                network_fee_account: self.config.network_fee_account,
            },
            timestamp,
            self.config.l1_block_number,
            self.config.chain_id,
            self.config.max_code_size,
            Arc::clone(&self.engine),
        )
    }

    fn append(&mut self, timestamp: u64, transactions: Vec<TransactionRecord>) {
        let number = self.next_number();
        let parent = self.history.head();
        let parent = parent.map_or(B256::ZERO, |block| block.hash());
        let block = block::seal(
            number,
            parent,
            timestamp,
            self.config.l1_block_number,
            arbos::version_at(&self.state, timestamp),
            self.state.root(),
            transactions,
        );
        let block = Arc::new(block);
        self.history.push(Arc::clone(&block), self.state.clone());
        // An error means nobody listens.
        let _ = self.news.send(News::Mined(block));
    }
}

fn record(transaction: Recovered<TxEnvelope>, result: ExecutionResult) -> TransactionRecord {
    let gas_used = result.tx_gas_used();
    let contract_address = transaction
        .kind()
        .is_create()
        .then(|| transaction.signer().create(transaction.nonce()));
    let success = result.is_success();
    let receipt = block::receipt(transaction.tx_type(), success, gas_used, result.into_logs());
    TransactionRecord {
        transaction,
        receipt,
        gas_used,
        contract_address,
    }
}
