//! From the last half hour of a series to the last unit paid out.

use alloy::primitives::U256;
use anyhow::ensure;
use novation::ids;
use rand::Rng;

use super::{Attempt, Walk};
use crate::books::Books;
use crate::invariants::{Deed, check_state};

/// Sampling window, seconds before and after the expiry.
const BEFORE: u64 = 1_800;
const AFTER: u64 = 3_600;
const DAY: u64 = 86_400;

impl Walk<'_> {
    /// A market of which samples are taken now.
    pub(super) fn market_in_window(&self) -> Option<usize> {
        self.markets
            .iter()
            .position(|market| self.window_of(&market.expiries).is_some())
    }

    fn window_of(&self, expiries: &[u32]) -> Option<u32> {
        expiries.iter().copied().find(|expiry| {
            let expiry = u64::from(*expiry);
            (expiry - BEFORE..expiry + AFTER).contains(&self.clock)
        })
    }

    /// Some minutes on, the venues print and somebody records the median.
    pub(super) async fn sample(&mut self, market: usize) -> anyhow::Result<Attempt> {
        let Some(expiry) = self.window_of(&self.markets[market].expiries) else {
            return Ok(Attempt {
                kind: "sample",
                deed: Deed::default(),
                done: false,
            });
        };
        self.clock += self.rng.random_range(50..280);
        self.refresh(market).await?;
        self.tick().await?;
        let caller = self.anyone();
        let (signer, feed) = (self.signer(caller), self.markets[market].pool.feed);
        let sent = self
            .stage
            .protocol
            .record_sample(&signer, feed, expiry)
            .await;
        Ok(Attempt {
            kind: "sample",
            deed: Deed::default(),
            done: self.outcome(sent)?,
        })
    }

    /// Anyone fixes a settlement price, or tries to.
    pub(super) async fn fix(&mut self) -> anyhow::Result<Attempt> {
        let open = self
            .books
            .groups
            .iter()
            .find(|((_, expiry), group)| u64::from(*expiry) <= self.clock && group.price.is_none())
            .or_else(|| self.books.groups.iter().next());
        let Some((pool, expiry)) = open.map(|(key, _)| *key) else {
            return Ok(Attempt {
                kind: "fix",
                deed: Deed::default(),
                done: false,
            });
        };
        let caller = self.anyone();
        self.tick().await?;
        let feed = self.books.pools[&pool].feed;
        let sent = self
            .stage
            .protocol
            .fix_settlement_price(&self.signer(caller), feed, expiry)
            .await;
        Ok(Attempt {
            kind: "fix",
            deed: Deed::default(),
            done: self.outcome(sent)?,
        })
    }

    /// Whether some account could be settled now.
    pub(super) fn is_due(&self) -> bool {
        !self.settleable().is_empty()
    }

    /// Legs that could be settled now, as (account, expiry).
    fn settleable(&self) -> Vec<(U256, u32)> {
        let mut found = Vec::new();
        for (account, state) in &self.books.accounts {
            for leg in &state.legs {
                let key = (ids::account_pool(*account), leg.expiry);
                let fixed = self
                    .books
                    .groups
                    .get(&key)
                    .is_some_and(|group| group.price.is_some());
                if fixed && !found.contains(&(*account, leg.expiry)) {
                    found.push((*account, leg.expiry));
                }
            }
        }
        found
    }

    /// Anyone settles an account; sometimes one that is not due.
    pub(super) async fn settle(&mut self) -> anyhow::Result<Attempt> {
        let mut choice = self.settleable();
        if choice.is_empty() || self.rng.random_range(0..12) == 0 {
            let legs =
                self.books.accounts.iter().flat_map(|(account, state)| {
                    state.legs.iter().map(|leg| (*account, leg.expiry))
                });
            choice = legs.collect();
        }
        if choice.is_empty() {
            return Ok(Attempt {
                kind: "settle",
                deed: Deed::default(),
                done: false,
            });
        }
        let (account, expiry) = choice[self.rng.random_range(0..choice.len())];
        let caller = self.anyone();
        self.tick().await?;
        let sent = self
            .stage
            .protocol
            .settle(&self.signer(caller), account, expiry)
            .await;
        let deed = Deed {
            pool: Some(ids::account_pool(account)),
            subject: vec![account],
            ..Deed::default()
        };
        Ok(Attempt {
            kind: "settle",
            deed,
            done: self.outcome(sent)?,
        })
    }

    /// Anyone has a winner paid; sometimes too early, sometimes somebody who won nothing.
    pub(super) async fn claim(&mut self) -> anyhow::Result<Attempt> {
        let mut choice: Vec<(U256, u32)> = Vec::new();
        for ((_, expiry), group) in &self.books.groups {
            choice.extend(group.credits.keys().map(|account| (*account, *expiry)));
        }
        if choice.is_empty() || self.rng.random_range(0..12) == 0 {
            let somebody = self.anyone();
            let account = self.people[somebody].account;
            let keys = self
                .books
                .groups
                .keys()
                .map(|(_, expiry)| (account, *expiry));
            choice = keys.collect();
        }
        if choice.is_empty() {
            return Ok(Attempt {
                kind: "claim",
                deed: Deed::default(),
                done: false,
            });
        }
        let (account, expiry) = choice[self.rng.random_range(0..choice.len())];
        let caller = self.anyone();
        self.tick().await?;
        let sent = self
            .stage
            .protocol
            .claim(&self.signer(caller), account, expiry)
            .await;
        let deed = Deed {
            pool: Some(ids::account_pool(account)),
            receiving: vec![account],
            ..Deed::default()
        };
        Ok(Attempt {
            kind: "claim",
            deed,
            done: self.outcome(sent)?,
        })
    }

    /// The end: every series expires, everything is settled and claimed, everyone takes out all he has. Every invariant holds on the way, and
    /// what stays behind is insurance, donations, and dust: per account and group at most two units of the settlement asset's worth.
    pub async fn unwind(&mut self) -> anyhow::Result<()> {
        let last = self
            .markets
            .iter()
            .flat_map(|market| &market.expiries)
            .max();
        self.clock = self
            .clock
            .max(last.map_or(0, |expiry| u64::from(*expiry)) + DAY + 1);
        for market in 0..self.markets.len() {
            self.refresh(market).await?;
        }
        let protocol = &self.stage.protocol.clone();
        let owner = &self.stage.owner.clone();
        let open = self
            .books
            .groups
            .iter()
            .filter(|(_, group)| group.price.is_none());
        let open: Vec<(u32, u32)> = open.map(|(key, _)| *key).collect();
        for (pool, expiry) in open {
            self.tick().await?;
            protocol
                .fix_settlement_price(owner, self.books.pools[&pool].feed, expiry)
                .await?;
        }
        self.books = Books::read(protocol, &self.scope).await?;
        for (account, expiry) in self.settleable() {
            self.tick().await?;
            protocol.settle(owner, account, expiry).await?;
        }
        self.books = Books::read(protocol, &self.scope).await?;
        check_state(&self.books)?;
        let groups: Vec<_> = self
            .books
            .groups
            .iter()
            .map(|(k, g)| (k.1, g.credits.clone()))
            .collect();
        for (expiry, credits) in groups {
            for account in credits.into_keys() {
                self.tick().await?;
                protocol.claim(owner, account, expiry).await?;
            }
        }
        for person in 0..self.people.len() {
            self.leave(person).await?;
        }
        self.books = Books::read(protocol, &self.scope).await?;
        check_state(&self.books)?;
        self.check_what_stays()
    }

    /// Repays what is owed, and takes out the rest.
    async fn leave(&mut self, person: usize) -> anyhow::Result<()> {
        let (protocol, usdc) = (&self.stage.protocol.clone(), self.stage.usdc);
        let (signer, account) = (self.signer(person), self.people[person].account);
        self.tick().await?;
        protocol.repay_debt(&signer, account).await?;
        let state = protocol.account_state(account).await?;
        ensure!(state.legs.is_empty(), "legs are left: {state:?}");
        if !state.debt.is_zero() {
            ensure!(state.cash.is_zero(), "in debt, yet with cash: {state:?}");
            return Ok(());
        }
        let base = self.stage.pools[self.people[person].market].base;
        for (asset, assets) in [(usdc, state.cash), (base, state.base)] {
            if !assets.is_zero() {
                self.tick().await?;
                protocol
                    .withdraw(&signer, account, asset, assets, signer.address())
                    .await?;
            }
        }
        Ok(())
    }

    fn check_what_stays(&self) -> anyhow::Result<()> {
        for (account, state) in &self.books.accounts {
            let empty = state.cash.is_zero() && (state.base.is_zero() || !state.debt.is_zero());
            ensure!(empty, "account {account:#x} kept {state:?}");
        }
        let most = U256::from(2 * self.people.len());
        let groups = self
            .books
            .groups
            .iter()
            .map(|(key, group)| (key, group.pot));
        let closed = self.books.closed_pots.iter().map(|(key, pot)| (key, *pot));
        for (key, pot) in groups.chain(closed) {
            ensure!(pot.cash <= most, "the pot of {key:?} keeps {pot:?}");
        }
        Ok(())
    }
}
