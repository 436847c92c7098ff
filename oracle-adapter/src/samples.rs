//! Settlement samples: medians recorded around an expiry, by anyone, at most one per slot of a minute.
//!
//! A recorder chooses the second within a slot, not the price; and the time-weighted median of thirty slots moves only with the market.

use alloc::vec::Vec;

use alloy_primitives::{B256, U32};
use alloy_sol_types::SolEvent;
use interfaces::IOracleAdapter::SampleRecorded;
use interfaces::Revert;
use interfaces::words::{Word, emit};
use stylus_sdk::prelude::*;
use stylus_sdk::storage::{StorageArray, StorageB256};

use crate::slot::Slot;
use crate::{OracleAdapter, host, refusal};

/// Length of the window before the expiry, seconds: the samples that make the settlement price.
pub(crate) const SECONDS_BEFORE: u32 = 1_800;
/// How long after the expiry samples are still taken, seconds: they serve the second step of the ladder only.
pub(crate) const SECONDS_AFTER: u32 = 3_600;
/// Length of a slot, seconds.
pub(crate) const SLOT_SECONDS: u32 = 60;
const SLOT: u64 = SLOT_SECONDS as u64;

/// Slots of a window: the most samples there can be.
pub(crate) const MOST_SAMPLES: usize = ((SECONDS_BEFORE + SECONDS_AFTER) / SLOT_SECONDS) as usize;

/// What is known of an expiry of a feed.
#[storage]
pub struct ExpiryRecord {
    /// `settlement_price u128 · last sample's time u64 · number of samples u8`.
    head: StorageB256,
    /// `price u128 · at u64`, oldest first.
    samples: StorageArray<StorageB256, MOST_SAMPLES>,
}

/// A recorded median.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct RecordedSample {
    /// Unix seconds.
    pub(crate) at: u64,
    /// WAD quote per underlying, never zero.
    pub(crate) price: u128,
}

/// When samples of an expiry are taken: from `opens` on, until just before `closes`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct SamplingWindow {
    pub(crate) opens: u64,
    pub(crate) closes: u64,
}

impl SamplingWindow {
    pub(crate) fn of(expiry: u32) -> Self {
        Self {
            opens: u64::from(expiry.saturating_sub(SECONDS_BEFORE)),
            closes: u64::from(expiry).saturating_add(u64::from(SECONDS_AFTER)),
        }
    }

    /// Whether a sample may be taken at `time`, the last one being of `last`.
    ///
    /// Errors: `OutsideWindow`, `SampleTooSoon`.
    pub(crate) fn admit(self, time: u64, last: Option<u64>) -> Result<(), Revert> {
        let Self { opens, closes } = self;
        if time < opens || time >= closes {
            return Err(refusal::outside_window(time, opens, closes));
        }
        let Some(last) = last else { return Ok(()) };
        let slot_of = |time: u64| time.saturating_sub(opens) / SLOT;
        let taken = slot_of(last);
        if slot_of(time) > taken {
            return Ok(());
        }
        let next = opens.saturating_add(taken.saturating_add(1).saturating_mul(SLOT));
        Err(refusal::sample_too_soon(time, next))
    }
}

impl ExpiryRecord {
    fn head(&self) -> Slot {
        Slot(self.head.get())
    }

    /// WAD quote per underlying; `None` until fixed.
    pub(crate) fn settlement_price(&self) -> Option<u128> {
        Some(self.head().uint(0, 16)).filter(|price| *price != 0)
    }

    pub(crate) fn fix(&mut self, price: u128) {
        let head = self.head().with(0, 16, price);
        self.head.set(head.0);
    }

    #[allow(clippy::cast_possible_truncation, reason = "one byte")]
    pub(crate) fn sample_count(&self) -> usize {
        self.head().small(24, 1) as usize
    }

    pub(crate) fn sample(&self, index: usize) -> Option<RecordedSample> {
        if index >= self.sample_count() {
            return None;
        }
        let word = Slot(self.samples.get(index)?);
        Some(RecordedSample {
            at: word.small(16, 8),
            price: word.uint(0, 16),
        })
    }

    /// All samples, oldest first: at most one per minute of an hour and a half.
    pub(crate) fn all_samples(&self) -> Vec<RecordedSample> {
        (0..self.sample_count())
            .filter_map(|index| self.sample(index))
            .collect()
    }

    fn last_sample_time(&self) -> Option<u64> {
        Some(self.head().small(16, 8)).filter(|time| *time != 0)
    }

    /// Appends. There is room: the window has [`MOST_SAMPLES`] slots and admits one sample a slot.
    fn push(&mut self, sample: RecordedSample) {
        let count = self.sample_count();
        if let Some(mut slot) = self.samples.setter(count) {
            slot.set(
                Slot::default()
                    .with(0, 16, sample.price)
                    .with(16, 8, sample.at.into())
                    .0,
            );
            let head = self.head().with(16, 8, sample.at.into());
            self.head
                .set(head.with(24, 1, count.saturating_add(1) as u128).0);
        }
    }
}

impl OracleAdapter {
    /// Records the median now as a sample of an expiry that is not fixed yet.
    pub(crate) fn record(&mut self, feed: B256, expiry: u32) -> Result<u128, Revert> {
        let now = host::now(self.vm());
        let record = self.feeds.getter(feed);
        let known = record.expiries.getter(U32::from(expiry));
        if known.settlement_price().is_some() {
            return Err(refusal::already_fixed(feed, expiry));
        }
        SamplingWindow::of(expiry).admit(now, known.last_sample_time())?;
        let price = record.median_now()?.band.mid;
        self.feeds
            .setter(feed)
            .expiries
            .setter(U32::from(expiry))
            .push(RecordedSample { at: now, price });
        emit(
            self.vm(),
            &[SampleRecorded::SIGNATURE_HASH, feed, expiry.word()],
            &[now.word(), price.word()],
        );
        Ok(price)
    }
}
