//! The keeper: watches every account, and does what anyone may do and somebody must: store rounds of prices, record settlement samples, fix
//! settlement prices, settle, claim, open auctions, bid in them, end them.
//!
//! One [`Keeper::step`] is one pass over everything, in a fixed order, on the state of one block. A failing item is reported and never stops
//! the others; what the chain refuses because someone else was faster is no failure.

mod action;
mod bidding;
mod book;
mod expiry;
mod liquidation;
mod race;
mod rounds;

use std::collections::{BTreeMap, BTreeSet};

use alloy::primitives::U256;
use alloy::rpc::types::BlockId;
use alloy::signers::local::PrivateKeySigner;
use clearing_math::margin::Requirement;

pub use action::Action;

use crate::client::{AccountState, Protocol};
use crate::errors::ChainError;
use crate::ids;
use crate::native_margin::{self, Market, NativeMarginError, PoolFacts};
use book::Book;
use race::Races;

/// How a keeper behaves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Settings {
    /// Account that takes over what is liquidated; the keeper's signer must act for it. `None`: auctions are opened, not bid in.
    pub bidder: Option<U256>,
    /// First block to read events of: the deployment's.
    pub from_block: u64,
    /// Every step compares this many accounts with the chain's own calculation.
    pub compared: usize,
}

/// Watches one deployment.
#[derive(Debug)]
pub struct Keeper {
    protocol: Protocol,
    signer: PrivateKeySigner,
    settings: Settings,
    book: Book,
    health: BTreeMap<U256, Requirement>,
    /// (feed, expiry, slot) of the last sample this keeper recorded or saw recorded.
    sampled: BTreeMap<(alloy::primitives::B256, u32), u64>,
    /// When this keeper last noted that an auction is still due.
    noted: BTreeMap<U256, u64>,
    races: Races,
    steps: usize,
}

/// The block a step looks at.
#[derive(Clone, Copy, Debug)]
struct Moment {
    block: BlockId,
    now: u64,
}

impl Keeper {
    /// A keeper that has seen nothing yet.
    pub fn new(protocol: Protocol, signer: PrivateKeySigner, settings: Settings) -> Self {
        Self {
            protocol,
            signer,
            settings,
            book: Book::new(settings.from_block),
            health: BTreeMap::new(),
            sampled: BTreeMap::new(),
            noted: BTreeMap::new(),
            races: Races::default(),
            steps: 0,
        }
    }

    /// Margin balances found in the last step, by account with positions.
    pub fn health(&self) -> &BTreeMap<U256, Requirement> {
        &self.health
    }

    /// Every account ever seen.
    pub fn accounts(&self) -> impl Iterator<Item = U256> + '_ {
        self.book.accounts()
    }

    /// One pass. Never fails as a whole: what went wrong is among the actions, and the next step tries again.
    pub async fn step(&mut self) -> Vec<Action> {
        let mut actions = Vec::new();
        self.steps = self.steps.wrapping_add(1);
        if let Err(error) = self.catch_up().await {
            actions.push(Action::failed("reading events", &error));
            return actions;
        }
        self.record_samples(&mut actions).await;
        self.settle_expiries(&mut actions).await;
        if let Err(error) = self.catch_up().await {
            actions.push(Action::failed("reading events", &error));
            return actions;
        }
        self.store_rounds(&mut actions).await;
        self.watch_margins(&mut actions).await;
        self.races.count(&mut actions);
        actions
    }

    async fn catch_up(&mut self) -> Result<(), ChainError> {
        self.book.catch_up(&self.protocol).await
    }

    /// The latest block and its time.
    async fn moment(&self) -> Result<Moment, ChainError> {
        let block = self.protocol.chain().latest().await?;
        Ok(Moment {
            block: BlockId::number(block.number),
            now: block.time,
        })
    }

    /// Read anew each time: a risk profile has versions.
    async fn facts(&self, pool: u32) -> Result<PoolFacts, NativeMarginError> {
        native_margin::pool_facts(&self.protocol, pool).await
    }

    /// Market data of a pool for every expiry any of its accounts holds.
    async fn market(&self, facts: &PoolFacts, moment: Moment) -> Result<Market, ChainError> {
        let expiries: BTreeSet<u32> = self
            .book
            .states()
            .filter(|(account, _)| ids::account_pool(*account) == facts.pool)
            .flat_map(|(_, state)| state.legs.iter().map(|leg| leg.expiry))
            .filter(|expiry| u64::from(*expiry) > moment.now)
            .collect();
        let expiries: Vec<u32> = expiries.into_iter().collect();
        let Moment { block, now } = moment;
        native_margin::market(&self.protocol, facts.feed, &expiries, block, now).await
    }
}

/// Whether a portfolio can be below maintenance margin at all: long options and cash without debt cannot.
fn carries_risk(state: &AccountState) -> bool {
    !state.legs.is_empty()
        && (!state.debt.is_zero() || state.legs.iter().any(|leg| leg.contracts < 0))
}
