//! After an outage of the sequencer, owners first get to act.
//!
//! While the sequencer is down and for its time of grace afterwards, an account is put up for sale only if it is deep in shortfall: less than half of
//! what maintenance requires is left, that is `mark < requirement / 2`, and with `maintenance = mark − requirement`, `mark + maintenance < 0`.
//! Waiting costs the pool at most the other half, and at most an hour for each restart: the adapter bounds the wait, and does not wait for a feed
//! that is out of order.
//!
//! Bids do not wait. An auction that was open before the outage has had its fair start, and its clock stood while nobody could look; one that was
//! opened meanwhile is of an account that could not wait.

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::{SolCall, SolError};
use interfaces::words::{Word, Words, encode};
use interfaces::{ILiquidationAuction, IMarginEngine, IOracleAdapter, Revert, ids, view_encoded};

use crate::LiquidationAuction;
use crate::parties::Offer;
use crate::refusal::refusal;

/// Whether less than half of the requirement is left. Balances in WAD quote units.
fn is_deep(maintenance: i128, mark: i128) -> bool {
    // Saturated sums keep their sign.
    maintenance.saturating_add(mark) < 0
}

impl LiquidationAuction {
    /// An auction of the account may be opened now.
    ///
    /// Errors: `GracePeriod`, and those of the adapter.
    pub(crate) fn check_grace(&self, account: U256, offer: &Offer) -> Result<(), Revert> {
        if is_deep(offer.maintenance, offer.mark) {
            return Ok(());
        }
        let until = self.grace_until(self.feed_of(ids::account_pool(account))?)?;
        // Zero: nobody waits. Otherwise it is ahead of the clock.
        if until != 0 {
            return Err(refusal(
                ILiquidationAuction::GracePeriod::SELECTOR,
                &[account.word(), until.word()],
            ));
        }
        Ok(())
    }

    /// Until when auctions of a feed's pools wait, unix seconds; 0: they do not.
    fn grace_until(&self, feed: B256) -> Result<u64, Revert> {
        let request = encode(&IOracleAdapter::graceUntilCall::SELECTOR, &[feed]);
        let answer = view_encoded(self, self.adapter.get(), &request)?;
        let mut words = Words::new(&answer);
        let until = words.u64();
        words.end().map(|()| until)
    }

    /// The adapter that a margin engine asks.
    pub(crate) fn adapter_of(&self, engine: Address) -> Result<Address, Revert> {
        let request = encode(&IMarginEngine::oracleAdapterCall::SELECTOR, &[]);
        let answer = view_encoded(self, engine, &request)?;
        let mut words = Words::new(&answer);
        let adapter = words.address();
        words.end().map(|()| adapter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deep_is_less_than_half_of_the_requirement() {
        // (mark, requirement)
        for (mark, requirement, deep) in [
            (50, 100, false),
            (49, 100, true),
            (99, 100, false),
            (0, 100, true),
            (-1, 0, true),
        ] {
            assert_eq!(
                is_deep(mark - requirement, mark),
                deep,
                "{mark} {requirement}"
            );
        }
        assert!(is_deep(i128::MIN, -1) && is_deep(-1, i128::MIN));
        assert!(!is_deep(i128::MAX, 1));
    }
}
