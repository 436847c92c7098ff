//! Auctions: of accounts that deserve it, and of some that do not.

use alloy::primitives::{I256, U256};
use novation::lifecycle::Bid;
use rand::Rng;

use super::{Attempt, Walk};
use crate::WAD;
use crate::invariants::Deed;

impl Walk<'_> {
    /// Starts an auction of the worst account, or bids in it.
    pub(super) async fn liquidate(&mut self) -> anyhow::Result<Attempt> {
        let person = match self.worst().await? {
            Some(person) if self.rng.random_range(0..10) != 0 => person,
            _ => self.anyone(),
        };
        let account = self.people[person].account;
        let caller = self.anyone();
        let open = self.stage.protocol.auction_of(account).await?.is_some();
        let again = self.rng.random_range(0..10) == 0;
        if !open || again {
            self.tick().await?;
            let sent = self
                .stage
                .protocol
                .start_auction(&self.signer(caller), account)
                .await;
            let deed = Deed::default();
            return Ok(Attempt {
                kind: "start auction",
                deed,
                done: self.outcome(sent)?,
            });
        }
        self.bid(person).await
    }

    /// The account furthest below maintenance margin, or one whose auction is still open.
    async fn worst(&mut self) -> anyhow::Result<Option<usize>> {
        let mut worst = None;
        for person in 0..self.people.len() {
            let account = self.people[person].account;
            let Some(state) = self.books.accounts.get(&account) else {
                continue;
            };
            if !state.legs.iter().any(|leg| leg.contracts < 0) {
                continue;
            }
            // One with an expired leg must be settled before it is sold: it comes last, as keepers have it.
            let expired = state
                .legs
                .iter()
                .any(|leg| u64::from(leg.expiry) <= self.clock);
            let Some(health) = self.health(account).await? else {
                continue;
            };
            let open = self.stage.protocol.auction_of(account).await?.is_some();
            let key = (expired, health.maintenance, person);
            if (health.maintenance < 0 || open) && worst.is_none_or(|least| key < least) {
                worst = Some(key);
            }
        }
        Ok(worst.map(|(_, _, person)| person))
    }

    /// Who holds most cash in a market, `except` aside: the one whose margin can carry what he takes over.
    fn richest(&self, market: usize, except: usize) -> usize {
        let cash = |person: &usize| {
            let state = self.books.accounts.get(&self.people[*person].account);
            state.map_or(U256::ZERO, |state| state.cash)
        };
        (0..self.people.len())
            .filter(|&person| person != except && self.people[person].market == market)
            .max_by_key(cash)
            .unwrap_or(except)
    }

    /// Some bids are for oneself, of another pool, outdated or too stingy.
    async fn bid(&mut self, person: usize) -> anyhow::Result<Attempt> {
        let (account, market) = (self.people[person].account, self.people[person].market);
        let bidder = if self.rng.random_range(0..3) == 0 {
            loop {
                let bidder = self.anyone();
                if self.people[bidder].market == market || self.rng.random_range(0..20) == 0 {
                    break bidder;
                }
            }
        } else {
            self.richest(market, person)
        };
        let max_fraction = match self.rng.random_range(0..6) {
            0 => U256::from(self.rng.random_range(0..WAD)),
            1 | 2 => U256::from(WAD / 10),
            _ => U256::from(WAD),
        };
        let version = self
            .books
            .accounts
            .get(&account)
            .map_or(0, |state| state.version);
        let stale = self.rng.random_range(0..15) == 0;
        let stingy = self.rng.random_range(0..15) == 0;
        let bid = Bid {
            account,
            bidder: self.people[bidder].account,
            max_fraction,
            max_net_payment: if stingy { I256::MINUS_ONE } else { I256::MAX },
            expected_version: version.wrapping_sub(u64::from(stale)),
            deadline: self.clock + 60,
        };
        self.tick().await?;
        let sent = self.stage.protocol.bid(&self.signer(bidder), &bid).await;
        let deed = Deed {
            pool: Some(self.stage.pools[market].id),
            consenting: vec![bid.bidder],
            subject: vec![account],
            ..Deed::default()
        };
        Ok(Attempt {
            kind: "bid",
            deed,
            done: self.outcome(sent)?,
        })
    }

    /// Anyone ends an auction, if its account recovered.
    pub(super) async fn end_auction(&mut self) -> anyhow::Result<Attempt> {
        let (person, caller) = (self.anyone(), self.anyone());
        let account = self.people[person].account;
        self.tick().await?;
        let sent = self
            .stage
            .protocol
            .end_auction(&self.signer(caller), account)
            .await;
        Ok(Attempt {
            kind: "end auction",
            deed: Deed::default(),
            done: self.outcome(sent)?,
        })
    }
}
