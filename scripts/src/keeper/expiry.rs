//! A keeper's duties around an expiry: samples before it, the price after it, then debtors and winners.

use std::collections::{BTreeMap, BTreeSet};

use alloy::primitives::{B256, U256};

use super::{Action, Keeper};
use crate::bindings::{IExpirySettlement, IOracleAdapter};
use crate::errors::ChainError;
use crate::ids;

/// Samples are taken from this long before expiry, seconds …
const WINDOW_BEFORE: u64 = 1_800;
/// … to this long after it.
const WINDOW_AFTER: u64 = 3_600;
/// At most one sample in this long, seconds.
const SLOT: u64 = 60;

/// What the adapter says while the ladder has not reached a step that can be taken: wait.
fn is_too_early(error: &ChainError) -> bool {
    error.is::<IOracleAdapter::InsufficientSamples>()
        || error.is::<IOracleAdapter::SampleGap>()
        || error.is::<IOracleAdapter::NotExpired>()
}

/// What is left to say when another keeper was faster.
fn is_done_already(error: &ChainError) -> bool {
    error.is::<IOracleAdapter::AlreadyFixed>()
        || error.is::<IOracleAdapter::SampleTooSoon>()
        || error.is::<IOracleAdapter::OutsideWindow>()
        || error.is::<IExpirySettlement::NothingToSettle>()
        || error.is::<IExpirySettlement::NothingToClaim>()
}

impl Keeper {
    /// Records a sample for every (feed, expiry) with open positions whose window is open and whose slot is empty.
    pub(super) async fn record_samples(&mut self, actions: &mut Vec<Action>) {
        let now = match self.protocol.chain().time().await {
            Ok(now) => now,
            Err(error) => return actions.push(Action::failed("reading the time", &error)),
        };
        for (feed, expiry) in self.open_groups(actions).await.into_keys() {
            let Some(slot) = slot_of(now, expiry) else {
                continue;
            };
            if self.sampled.get(&(feed, expiry)) == Some(&slot) {
                continue;
            }
            match self
                .protocol
                .record_sample(&self.signer, feed, expiry)
                .await
            {
                Ok(sent) => {
                    let (price, gas) = (sent.value, sent.gas());
                    actions.push(Action::SampleRecorded {
                        feed,
                        expiry,
                        price,
                        gas,
                    });
                }
                Err(error) if is_done_already(&error) => {}
                Err(error) => {
                    actions.push(Action::refused(
                        format!("sample for expiry {expiry}"),
                        &error,
                    ));
                    continue;
                }
            }
            self.sampled.insert((feed, expiry), slot);
        }
    }

    /// Fixes prices of past expiries, settles every account of them, pays winners.
    pub(super) async fn settle_expiries(&mut self, actions: &mut Vec<Action>) {
        let now = match self.protocol.chain().time().await {
            Ok(now) => now,
            Err(error) => return actions.push(Action::failed("reading the time", &error)),
        };
        for ((feed, expiry), accounts) in self.open_groups(actions).await {
            if u64::from(expiry) > now || !self.fix_price(feed, expiry, actions).await {
                continue;
            }
            for account in accounts {
                match self.protocol.settle(&self.signer, account, expiry).await {
                    Ok(sent) => {
                        let (net, gas) = (sent.value, sent.gas());
                        actions.push(Action::Settled {
                            account,
                            expiry,
                            net,
                            gas,
                        });
                    }
                    Err(error) if is_done_already(&error) => {}
                    Err(error) => {
                        actions.push(Action::refused(format!("settling {account:#x}"), &error));
                    }
                }
            }
        }
        if let Err(error) = self.catch_up().await {
            return actions.push(Action::failed("reading events", &error));
        }
        self.claim_credits(actions).await;
    }

    /// Whether the price of an expiry is fixed, after trying to.
    async fn fix_price(&mut self, feed: B256, expiry: u32, actions: &mut Vec<Action>) -> bool {
        match self.protocol.settlement_price(feed, expiry).await {
            Ok(Some(_)) => return true,
            Ok(None) => {}
            Err(error) => {
                actions.push(Action::failed(format!("price of expiry {expiry}"), &error));
                return false;
            }
        }
        match self
            .protocol
            .fix_settlement_price(&self.signer, feed, expiry)
            .await
        {
            Ok(sent) => {
                let (price, gas) = (sent.value, sent.gas());
                actions.push(Action::PriceFixed {
                    feed,
                    expiry,
                    price,
                    gas,
                });
                true
            }
            Err(error) if is_too_early(&error) => {
                tracing::debug!(%error, expiry, "settlement price must wait");
                false
            }
            Err(error) => {
                let lost = !is_done_already(&error);
                if lost {
                    actions.push(Action::refused(format!("price of expiry {expiry}"), &error));
                }
                !lost
            }
        }
    }

    /// Pays every settled winner whose group has no unsettled short left.
    async fn claim_credits(&mut self, actions: &mut Vec<Action>) {
        for (expiry, account) in self.book.credits() {
            match self.protocol.claim(&self.signer, account, expiry).await {
                Ok(sent) => {
                    let ((cash, base), gas) = (sent.value, sent.gas());
                    actions.push(Action::Claimed {
                        account,
                        expiry,
                        cash,
                        base,
                        gas,
                    });
                }
                Err(error) if is_done_already(&error) => {}
                Err(error) if error.is::<IExpirySettlement::ShortsUnsettled>() => {
                    tracing::debug!(%error, "claim must wait");
                }
                Err(error) => {
                    actions.push(Action::refused(format!("claim of {account:#x}"), &error));
                }
            }
        }
    }

    /// Accounts with legs, by (feed, expiry).
    async fn open_groups(
        &mut self,
        actions: &mut Vec<Action>,
    ) -> BTreeMap<(B256, u32), BTreeSet<U256>> {
        let mut held = BTreeSet::new();
        for (account, state) in self.book.states() {
            held.extend(state.legs.iter().map(|leg| (account, leg.expiry)));
        }
        let mut groups: BTreeMap<_, BTreeSet<U256>> = BTreeMap::new();
        for (account, expiry) in held {
            match self.facts(ids::account_pool(account)).await {
                Ok(facts) => {
                    groups
                        .entry((facts.feed, expiry))
                        .or_default()
                        .insert(account);
                }
                Err(error) => actions.push(Action::failed(format!("pool of {account:#x}"), &error)),
            }
        }
        groups
    }
}

/// Slot of the sample window that `now` lies in.
fn slot_of(now: u64, expiry: u32) -> Option<u64> {
    let opens = u64::from(expiry).saturating_sub(WINDOW_BEFORE);
    let closes = u64::from(expiry).saturating_add(WINDOW_AFTER);
    (opens..=closes)
        .contains(&now)
        .then(|| now.saturating_sub(opens) / SLOT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_due_once_a_slot_inside_the_window_only() {
        let expiry = 1_700_000_000;
        let opens = u64::from(expiry) - WINDOW_BEFORE;
        assert_eq!(slot_of(opens - 1, expiry), None);
        assert_eq!(slot_of(opens, expiry), Some(0));
        assert_eq!(slot_of(opens + 59, expiry), Some(0));
        assert_eq!(slot_of(opens + 60, expiry), Some(1));
        assert_eq!(slot_of(u64::from(expiry) + WINDOW_AFTER + 1, expiry), None);
    }
}
