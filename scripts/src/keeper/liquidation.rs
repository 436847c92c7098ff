//! Margins of all accounts, calculated here; auctions opened, bid in and ended.

use std::collections::BTreeMap;

use alloy::primitives::U256;
use clearing_math::auction::buffer_margin;

use super::bidding::{self, Plan, Refusal};
use super::{Action, Keeper, Moment, carries_risk};
use crate::bindings::ILiquidationAuction;
use crate::client::Health;
use crate::ids;
use crate::lifecycle::Bid;
use crate::native_margin::{self, Market, PoolFacts};

/// How long a bid is good for, seconds.
const BID_SECONDS: u64 = 300;

/// How often an auction without a bid is noted, seconds: below the five minutes its clock runs on.
const NOTE_SECONDS: u64 = 240;

impl Keeper {
    /// Calculates every account's margin at the latest block and acts on it.
    pub(super) async fn watch_margins(&mut self, actions: &mut Vec<Action>) {
        let moment = match self.moment().await {
            Ok(moment) => moment,
            Err(error) => return actions.push(Action::failed("reading the latest block", &error)),
        };
        self.health.clear();
        for (facts, market) in self.markets(moment, actions).await {
            let accounts: Vec<U256> = self
                .book
                .states()
                .filter(|(account, state)| {
                    ids::account_pool(*account) == facts.pool && !state.legs.is_empty()
                })
                .map(|(account, _)| account)
                .collect();
            for account in &accounts {
                self.measure(*account, &facts, &market, actions);
            }
            self.compare(&accounts, &market, moment, actions).await;
            for account in accounts {
                self.liquidate(account, &facts, &market, actions).await;
            }
        }
    }

    /// Market data of every pool with positions; a pool without a price is left out, and said so.
    async fn markets(
        &mut self,
        moment: Moment,
        actions: &mut Vec<Action>,
    ) -> Vec<(PoolFacts, Market)> {
        let pools: BTreeMap<u32, ()> = self
            .book
            .states()
            .filter(|(_, state)| !state.legs.is_empty())
            .map(|(account, _)| (ids::account_pool(account), ()))
            .collect();
        let mut markets = Vec::new();
        for pool in pools.into_keys() {
            let facts = match self.facts(pool).await {
                Ok(facts) => facts,
                Err(error) => {
                    actions.push(Action::failed(format!("pool {pool}"), &error));
                    continue;
                }
            };
            match self.market(&facts, moment).await {
                Ok(market) => markets.push((facts, market)),
                Err(error) => {
                    actions.push(Action::failed(format!("market of pool {pool}"), &error));
                }
            }
        }
        markets
    }

    fn measure(
        &mut self,
        account: U256,
        facts: &PoolFacts,
        market: &Market,
        actions: &mut Vec<Action>,
    ) {
        let Some(state) = self.book.state(account) else {
            return;
        };
        match native_margin::requirement(facts, market, state) {
            Ok(requirement) => {
                self.health.insert(account, requirement);
            }
            Err(error) => {
                let error = format!("{error:?}");
                actions.push(Action::failed(format!("margin of {account:#x}"), &error));
            }
        }
    }

    /// Asks the chain about a few accounts, others each step, and reports any difference.
    async fn compare(
        &self,
        accounts: &[U256],
        market: &Market,
        moment: Moment,
        actions: &mut Vec<Action>,
    ) {
        let offset = self.steps.wrapping_mul(self.settings.compared);
        let sample = accounts
            .iter()
            .cycle()
            .skip(offset.checked_rem(accounts.len()).unwrap_or(0));
        for account in sample.take(self.settings.compared.min(accounts.len())) {
            let Some(native) = self.health.get(account) else {
                continue;
            };
            let native = Health {
                initial: native.initial,
                maintenance: native.maintenance,
                mark: native.mark,
                worst_scenario: native.worst_scenario,
                degraded: market.degraded,
            };
            match self.protocol.health_at(*account, moment.block).await {
                Ok(chain) if chain == native => {}
                Ok(chain) => actions.push(Action::MarginMismatch {
                    account: *account,
                    native: format!("{native:?}"),
                    chain: format!("{chain:?}"),
                }),
                Err(error) => {
                    actions.push(Action::failed(format!("health of {account:#x}"), &error));
                }
            }
        }
    }

    /// Opens, bids in or ends the auction of one account, as its margin demands.
    async fn liquidate(
        &mut self,
        account: U256,
        facts: &PoolFacts,
        market: &Market,
        actions: &mut Vec<Action>,
    ) {
        let Some(health) = self.health.get(&account).copied() else {
            return;
        };
        let Some(state) = self.book.state(account) else {
            return;
        };
        let has_auction = self.book.has_auction(account);
        let unsettled = state
            .legs
            .iter()
            .any(|leg| u64::from(leg.expiry) <= market.now);
        // Expired legs must be settled first: the kernel refuses to move them.
        if unsettled || (!has_auction && (health.maintenance >= 0 || !carries_risk(state))) {
            return;
        }
        let buffer = buffer_margin(health.maintenance, health.mark);
        if has_auction && buffer.is_some_and(|buffer| buffer >= 0) {
            match self.protocol.end_auction(&self.signer, account).await {
                Ok(sent) => actions.push(Action::AuctionEnded {
                    account,
                    gas: sent.gas(),
                }),
                Err(error) if is_moot(&error) => {}
                Err(error) => actions.push(Action::refused(format!("end {account:#x}"), &error)),
            }
            return;
        }
        if !has_auction {
            match self.protocol.start_auction(&self.signer, account).await {
                Ok(sent) => actions.push(Action::AuctionStarted {
                    account,
                    maintenance: health.maintenance,
                    mark: health.mark,
                    gas: sent.gas(),
                }),
                Err(error)
                    if error.is::<ILiquidationAuction::GracePeriod>()
                        || error.is::<ILiquidationAuction::UnconfirmedJump>() =>
                {
                    // Its owner could not act while the sequencer was down, or nobody knows the price: nothing is open, and the next step tries again.
                    return tracing::debug!(%error, "auction of {account:#x} must wait");
                }
                Err(error) if is_moot(&error) => {}
                Err(error) => {
                    return actions.push(Action::refused(format!("start {account:#x}"), &error));
                }
            }
        }
        if let Some(bidder) = self.settings.bidder
            && bidder != account
            && ids::account_pool(bidder) == facts.pool
        {
            self.bid_for(account, bidder, facts, market, actions).await;
        }
    }

    async fn bid_for(
        &mut self,
        account: U256,
        bidder: U256,
        facts: &PoolFacts,
        market: &Market,
        actions: &mut Vec<Action>,
    ) {
        let plan = match bidding::plan(&self.protocol, account, bidder, facts, market).await {
            Ok(plan) => plan,
            Err(Refusal::Unattractive(reason)) => {
                actions.push(Action::NotBid { account, reason });
                return self.keep_clock_running(account, market.now, actions).await;
            }
            Err(Refusal::Chain(error)) if is_moot(&error) => return,
            Err(Refusal::Chain(error)) => {
                return actions.push(Action::failed(format!("bid for {account:#x}"), &error));
            }
        };
        let Plan {
            max_fraction,
            max_net_payment,
            version,
        } = plan;
        let bid = Bid {
            account,
            bidder,
            max_fraction,
            max_net_payment,
            expected_version: version,
            deadline: market.now.saturating_add(BID_SECONDS),
        };
        match self.protocol.bid(&self.signer, &bid).await {
            Ok(sent) => {
                let (result, gas) = (sent.value, sent.gas());
                actions.push(Action::BidMade {
                    account,
                    bidder,
                    result,
                    gas,
                });
            }
            Err(error) if is_moot(&error) => {}
            Err(error) => actions.push(Action::refused(format!("bid for {account:#x}"), &error)),
        }
    }
}

impl Keeper {
    /// The clock of an auction stands five minutes after the last bid or `start`: a keeper who waits for a better price says that it is still due.
    async fn keep_clock_running(&mut self, account: U256, now: u64, actions: &mut Vec<Action>) {
        let noted = self.noted.get(&account).copied().unwrap_or(0);
        if now.saturating_sub(noted) < NOTE_SECONDS {
            return;
        }
        match self.protocol.start_auction(&self.signer, account).await {
            Ok(_) => {}
            Err(error) if is_moot(&error) => {}
            Err(error) => {
                return actions.push(Action::refused(format!("note {account:#x}"), &error));
            }
        }
        self.noted.insert(account, now);
    }
}

/// What the auction says when another keeper was faster or the market moved back.
fn is_moot(error: &crate::errors::ChainError) -> bool {
    error.is::<ILiquidationAuction::Healthy>()
        || error.is::<ILiquidationAuction::AuctionExists>()
        || error.is::<ILiquidationAuction::NoAuction>()
        || error.is::<ILiquidationAuction::StaleVersion>()
        || error.is::<ILiquidationAuction::Unhealthy>()
        // Its winnings are claimed first; the next step does.
        || error.is::<ILiquidationAuction::UnclaimedCredit>()
        // Nobody is sold before the price is known.
        || error.is::<ILiquidationAuction::UnconfirmedJump>()
}
