//! A random walk over everything anyone can do: ten accounts in two pools that share one settlement asset, honest and not, while prices
//! jump, go stale and come back, and series expire. After every step the books are read and every invariant is checked.

mod crowd;
mod expiry;
mod liquidation;
mod market;
mod trading;

use std::collections::BTreeMap;

use alloy::primitives::{Address, U256};
use alloy::providers::Provider;
use alloy::signers::local::PrivateKeySigner;
use anyhow::{Context, bail, ensure};
use novation::chain::Sent;
use novation::client::Health;
use novation::errors::ChainError;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::books::{Books, PoolScope, Scope};
use crate::invariants::{Deed, check_state, check_step};
use crate::stage::Stage;

use crowd::Person;
use market::Market;

/// How often a kind of action went through, and how often it was refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    /// Went through.
    pub done: usize,
    /// Refused with a typed error.
    pub refused: usize,
}

/// The walk.
pub struct Walk<'a> {
    stage: &'a Stage,
    rng: ChaCha8Rng,
    /// Time of the next block, unix seconds.
    clock: u64,
    markets: Vec<Market>,
    people: Vec<Person>,
    scope: Scope,
    books: Books,
    /// By kind of action.
    pub tally: BTreeMap<&'static str, Tally>,
    /// By name of the error.
    pub refusals: BTreeMap<String, usize>,
}

/// An action that was tried.
struct Attempt {
    kind: &'static str,
    deed: Deed,
    done: bool,
}

impl<'a> Walk<'a> {
    /// Sets out with `seed`: accounts are funded, both pools insured, series listed.
    pub async fn set_out(stage: &'a Stage, seed: u64) -> anyhow::Result<Self> {
        let pools = stage.pools.iter().map(|pool| PoolScope {
            pool: pool.id,
            cash: stage.usdc,
            base: pool.base,
            feed: pool.feed,
        });
        let mut scope = Scope {
            pools: pools.collect(),
            ..Scope::default()
        };
        scope.wallets.push(stage.owner.address());
        let books = Books::read(&stage.protocol, &scope).await?;
        let mut walk = Self {
            stage,
            rng: ChaCha8Rng::seed_from_u64(seed),
            clock: books.time,
            markets: stage.pools.iter().cloned().map(Market::new).collect(),
            people: Vec::new(),
            scope,
            books,
            tally: BTreeMap::new(),
            refusals: BTreeMap::new(),
        };
        walk.gather_crowd().await?;
        for market in 0..walk.markets.len() {
            walk.list_expiry(market).await?;
            walk.refresh(market).await?;
        }
        walk.books = Books::read(&stage.protocol, &walk.scope).await?;
        check_state(&walk.books)?;
        Ok(walk)
    }

    /// The books after the last step.
    pub fn books(&self) -> &Books {
        &self.books
    }

    /// One action and all checks.
    ///
    /// # Errors
    /// A violation, an untyped revert, or a node that fails.
    pub async fn step(&mut self) -> anyhow::Result<()> {
        let attempt = self.act().await?;
        self.check(attempt).await
    }

    async fn act(&mut self) -> anyhow::Result<Attempt> {
        if let Some(market) = self.market_in_window()
            && self.rng.random_range(0..10) < 4
        {
            return self.sample(market).await;
        }
        // Unsettled legs bar most other things: somebody usually takes care of them soon.
        if self.is_due() && self.rng.random_range(0..10) < 3 {
            return self.settle().await;
        }
        match self.rng.random_range(0..100) {
            0..7 => self.deposit().await,
            7..14 => self.withdraw().await,
            14..40 => self.trade().await,
            40..50 => self.move_prices().await,
            50..56 => self.pass_time().await,
            56..76 => self.liquidate().await,
            76..80 => self.fix().await,
            80..90 => self.settle().await,
            90..94 => self.claim().await,
            94..96 => self.set_operator().await,
            96..97 => self.repay().await,
            97..98 => self.insure().await,
            98..99 => self.donate().await,
            _ => self.end_auction().await,
        }
    }

    async fn check(&mut self, attempt: Attempt) -> anyhow::Result<()> {
        let Attempt { kind, deed, done } = attempt;
        let tally = self.tally.entry(kind).or_default();
        if done {
            tally.done += 1;
        } else {
            tally.refused += 1;
        }
        let after = Books::read(&self.stage.protocol, &self.scope).await?;
        let doing = || format!("after {kind} ({done}), {deed:?}");
        check_state(&after).with_context(doing)?;
        if done {
            check_step(&self.books, &after, &deed).with_context(doing)?;
        } else {
            // The time may differ: what came before the refused call was mined.
            let nothing = Deed::default();
            check_step(&self.books, &after, &nothing).with_context(doing)?;
            let same = self.books.accounts == after.accounts && self.books.tokens == after.tokens;
            ensure!(same, "a refused action changed something: {}", doing());
        }
        self.books = after;
        self.close_groups();
        Ok(())
    }

    /// Settled groups whose winners are paid cannot change any more: of them only the dust in the pot is read on.
    fn close_groups(&mut self) {
        let closed: Vec<(u32, u32)> = self
            .books
            .groups
            .iter()
            .filter(|((pool, expiry), group)| {
                u64::from(*expiry) < self.clock
                    && group.short_interest.is_zero()
                    && group.credits.is_empty()
                    && self.is_gone(*pool, *expiry)
            })
            .map(|(key, _)| *key)
            .collect();
        for key in closed {
            self.scope.close(key);
            let pot = self.books.groups.remove(&key).map(|group| group.pot);
            self.books.closed_pots.insert(key, pot.unwrap_or_default());
            self.books.open_interest.retain(|series, _| {
                novation::ids::series(*series).map(|parts| (parts.pool, parts.expiry)) != Ok(key)
            });
        }
    }

    fn is_gone(&self, pool: u32, expiry: u32) -> bool {
        self.books.accounts.iter().all(|(account, state)| {
            novation::ids::account_pool(*account) != pool
                || state.legs.iter().all(|leg| leg.expiry != expiry)
        })
    }

    /// Fixes the time of the next transaction, a few seconds on: the walk of a seed does not depend on how fast the machine is.
    async fn tick(&mut self) -> anyhow::Result<()> {
        self.clock += self.rng.random_range(0..3);
        let time = serde_json::json!([U256::from(self.clock)]);
        let provider = self.stage.protocol.chain().provider();
        let method = "evm_setNextBlockTimestamp".into();
        let _: serde_json::Value = provider.raw_request(method, time).await?;
        Ok(())
    }

    /// What came of a transaction: whether it went through. Only typed errors are refusals.
    fn outcome<T>(&mut self, sent: Result<Sent<T>, ChainError>) -> anyhow::Result<bool> {
        match sent {
            Ok(_) => Ok(true),
            Err(ChainError::Reverted { action, revert }) => {
                let Some(name) = revert.name() else {
                    bail!("{action} reverted without a typed error: {revert}");
                };
                *self.refusals.entry(name).or_default() += 1;
                Ok(false)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Health of an account; none while the oracle has no quorum.
    async fn health(&mut self, account: U256) -> anyhow::Result<Option<Health>> {
        match self.stage.protocol.health(account).await {
            Ok(health) => Ok(Some(health)),
            Err(ChainError::Reverted { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn anyone(&mut self) -> usize {
        self.rng.random_range(0..self.people.len())
    }

    fn signer(&self, person: usize) -> PrivateKeySigner {
        self.people[person].signer.clone()
    }

    fn is_authorized(&self, account: U256, caller: Address) -> bool {
        novation::ids::account_owner(account) == caller
            || self
                .people
                .iter()
                .any(|person| person.account == account && person.operators.contains(&caller))
    }
}
