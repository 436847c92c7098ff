//! Implied volatility per expiry, from one named publisher per feed.
//!
//! A published volatility is trusted within hard bounds. A stale one keeps its value, because maintenance margin must not move when data grow
//! old; staleness is reported, and the clearing house refuses new risk on it.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, U32};
use alloy_sol_types::SolEvent;
use interfaces::IOracleAdapter::{PublisherSet, VolatilityPublished};
use interfaces::Revert;
use interfaces::words::{Word, emit};
use stylus_sdk::prelude::*;

use crate::feed::Feed;
use crate::slot::Slot;
use crate::{OracleAdapter, host, refusal};

/// Lowest volatility accepted, WAD: 1 %.
pub(crate) const LEAST_VOLATILITY: u64 = 10_000_000_000_000_000;
/// Highest volatility accepted, WAD: 1,800 %, just below what `u64` holds (1,844 %).
pub(crate) const MOST_VOLATILITY: u64 = 18_000_000_000_000_000_000;
/// Longest time a volatility may be called fresh, seconds: a week.
pub(crate) const MOST_VOLATILITY_AGE: u32 = 604_800;

impl OracleAdapter {
    /// Names the publisher; zero for nobody.
    pub(crate) fn name_publisher(
        &mut self,
        feed: B256,
        account: Address,
        max_age: u32,
    ) -> Result<(), Revert> {
        if max_age == 0 || max_age > MOST_VOLATILITY_AGE {
            return Err(refusal::parameter_out_of_bounds(
                max_age,
                1,
                MOST_VOLATILITY_AGE,
            ));
        }
        let word = Slot::default()
            .with_address(0, account)
            .with(20, 4, max_age.into());
        self.feeds.setter(feed).publisher.set(word.0);
        emit(
            self.vm(),
            &[PublisherSet::SIGNATURE_HASH, feed, account.word()],
            &[max_age.word()],
        );
        Ok(())
    }

    /// Stores the volatilities, all or none.
    pub(crate) fn publish(
        &mut self,
        feed: B256,
        expiries: &[u32],
        volatilities: &[u64],
    ) -> Result<(), Revert> {
        let caller = self.vm().msg_sender();
        let publisher = self.feeds.getter(feed).named_publisher().0;
        if publisher.is_zero() || caller != publisher {
            return Err(refusal::not_publisher(caller));
        }
        if expiries.len() != volatilities.len() {
            return Err(refusal::length_mismatch(expiries.len(), volatilities.len()));
        }
        let now = host::now(self.vm());
        // An expiry that has passed is stored as any other: nobody reads it, and a batch sent just before it need not fail just after.
        for (&expiry, &volatility) in expiries.iter().zip(volatilities) {
            if !(LEAST_VOLATILITY..=MOST_VOLATILITY).contains(&volatility) {
                return Err(refusal::bad_volatility(
                    expiry,
                    volatility,
                    LEAST_VOLATILITY,
                    MOST_VOLATILITY,
                ));
            }
            let word = Slot::default()
                .with(0, 8, volatility.into())
                .with(8, 8, now.into());
            self.feeds
                .setter(feed)
                .volatilities
                .setter(U32::from(expiry))
                .set(word.0);
            emit(
                self.vm(),
                &[VolatilityPublished::SIGNATURE_HASH, feed, expiry.word()],
                &[volatility.word()],
            );
        }
        Ok(())
    }
}

impl Feed {
    /// Who publishes volatilities (zero for nobody) and how long one is fresh, seconds.
    pub(crate) fn named_publisher(&self) -> (Address, u64) {
        let word = Slot(self.publisher.get());
        (word.address(0), word.small(20, 4))
    }

    /// Volatility of an expiry (WAD) and when it was published; zeros when it never was.
    pub(crate) fn volatility(&self, expiry: u32) -> (u64, u64) {
        let word = Slot(self.volatilities.get(U32::from(expiry)));
        (word.small(0, 8), word.small(8, 8))
    }

    /// Volatilities of `expiries` in their order, and whether one that still matters is stale. An expired series has no use for volatility, and
    /// one never published is not stale but missing: its value is zero.
    pub(crate) fn volatilities(&self, expiries: &[u32]) -> (Vec<u64>, bool) {
        let now = host::now(self.vm());
        let max_age = self.named_publisher().1;
        let mut stale = false;
        let mut values = Vec::with_capacity(expiries.len());
        for &expiry in expiries {
            let (value, updated_at) = self.volatility(expiry);
            stale |=
                value != 0 && u64::from(expiry) > now && now.saturating_sub(updated_at) > max_age;
            values.push(value);
        }
        (values, stale)
    }
}
