//! A keeper's duty to the oracle: rounds. The jump limit of the adapter remembers what was stored, not what was read, and so do the faces others
//! read prices from: where nobody stores rounds, no jump is held and none is ever confirmed.

use std::collections::BTreeSet;

use alloy::primitives::B256;

use super::{Action, Keeper};
use crate::errors::ChainError;
use crate::ids;

/// A round is stored when the last one is this old, seconds: the shortest delay after which the adapter confirms a jump.
const INTERVAL: u64 = 60;

impl Keeper {
    /// Stores a round of every feed with open positions whose last one is a minute old. Without one the rest of the pass goes on: what the
    /// sources say is read anyway.
    pub(super) async fn store_rounds(&mut self, actions: &mut Vec<Action>) {
        let now = match self.protocol.chain().time().await {
            Ok(now) => now,
            Err(error) => return actions.push(Action::failed("reading the time", &error)),
        };
        for feed in self.feeds_at_risk().await {
            match self.store_round(feed, now).await {
                Ok(Some(stored)) => actions.push(stored),
                Ok(None) => {}
                Err(error) => actions.push(Action::refused(format!("round of {feed}"), &error)),
            }
        }
    }

    /// `None`: the last round is young enough.
    async fn store_round(&self, feed: B256, now: u64) -> Result<Option<Action>, ChainError> {
        let latest = self.protocol.latest_round(feed).await?;
        if !is_due(latest.map(|(_, evaluated_at)| evaluated_at), now) {
            return Ok(None);
        }
        let sent = self.protocol.evaluate(&self.signer, feed).await?;
        let (id, gas) = (sent.value, sent.gas());
        Ok(Some(Action::RoundStored { feed, id, gas }))
    }

    /// Feeds of all pools with positions. A pool that cannot be read is left out: the calculation of its margins says so.
    async fn feeds_at_risk(&self) -> BTreeSet<B256> {
        let held = self.book.states();
        let pools: BTreeSet<u32> = held
            .filter(|(_, state)| !state.legs.is_empty())
            .map(|(account, _)| ids::account_pool(account))
            .collect();
        let mut feeds = BTreeSet::new();
        for pool in pools {
            if let Ok(facts) = self.facts(pool).await {
                feeds.insert(facts.feed);
            }
        }
        feeds
    }
}

/// Whether a round is due at `now` after one evaluated at `latest` (unix seconds; `None`: there never was one).
fn is_due(latest: Option<u64>, now: u64) -> bool {
    latest.is_none_or(|latest| now.saturating_sub(latest) >= INTERVAL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_is_due_at_first_and_a_minute_after_the_last() {
        let latest = 1_700_000_000;
        assert!(is_due(None, latest));
        assert!(!is_due(Some(latest), latest));
        assert!(!is_due(Some(latest), latest + 59));
        assert!(is_due(Some(latest), latest + 60));
        // Another node is a block behind the one the round came from.
        assert!(!is_due(Some(latest), latest - 1));
    }
}
