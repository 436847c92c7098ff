//! The settlement price of an expiry: fixed once, by a ladder that always ends.
//!
//! 1. From the expiry on: time-weighted median of the half hour before it, if 80 % of its slots are filled and no gap exceeds five minutes.
//! 2. An hour later: median of all samples, if there are six.
//! 3. A day later: the median of the sources at that moment.
//!
//! Steps 1 and 2 depend on recorded samples alone, which are complete by the time the step is open: who calls, and when, changes nothing. Step 3
//! needs a quorum; while there is none the price stays open and nothing is settled at a guess. No step can give zero.

use alloc::vec::Vec;

use alloy_primitives::{B256, U32};
use alloy_sol_types::SolEvent;
use clearing_math::median::median_in_place;
use clearing_math::settlement::{Sample, SettlementError, Window, time_weighted_median};
use interfaces::IOracleAdapter::SettlementPriceFixed;
use interfaces::Revert;
use interfaces::words::{Word, emit};
use stylus_sdk::prelude::*;

use crate::samples::{RecordedSample, SECONDS_AFTER, SECONDS_BEFORE, SLOT_SECONDS};
use crate::{OracleAdapter, host, refusal};

/// Share of the slots before the expiry that must hold a sample, 1/10,000.
const FILLED_SLOTS_BPS: u16 = 8_000;
/// Slots that share amounts to; reported when the window is too short to have any.
const FILLED_SLOTS: u32 = SECONDS_BEFORE / SLOT_SECONDS * 4 / 5;
/// Longest stretch of the window without a sample, seconds.
const LONGEST_GAP: u32 = 300;
/// Samples the second step takes at least.
const FEWEST_SAMPLES: u32 = 6;
/// When the third step opens, seconds after the expiry: a day.
const LAST_STEP_AFTER: u64 = 86_400;

/// What the ladder says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Ladder {
    /// The price (WAD), and the step that gave it.
    Fixed(u128, u8),
    /// The third step: the median now.
    AskSources,
}

/// Climbs the ladder with `samples` (oldest first) at `now`, at or past the expiry.
///
/// Errors: `InsufficientSamples`, `SampleGap` of the last step that time has reached.
pub(crate) fn climb(samples: &[RecordedSample], expiry: u32, now: u64) -> Result<Ladder, Revert> {
    let refused = match half_hour_median(samples, expiry) {
        Ok(price) => return Ok(Ladder::Fixed(price, 1)),
        Err(refused) => refused,
    };
    let expired = u64::from(expiry);
    if now < expired.saturating_add(u64::from(SECONDS_AFTER)) {
        return Err(explain(refused, samples.len()));
    }
    let mut prices: Vec<u128> = samples.iter().map(|sample| sample.price).collect();
    if few(prices.len()) >= FEWEST_SAMPLES
        && let Some(price) = median_in_place(&mut prices)
    {
        return Ok(Ladder::Fixed(price, 2));
    }
    if now < expired.saturating_add(LAST_STEP_AFTER) {
        return Err(refusal::insufficient_samples(
            few(samples.len()),
            FEWEST_SAMPLES,
        ));
    }
    Ok(Ladder::AskSources)
}

/// Step 1: samples after the expiry do not count.
fn half_hour_median(samples: &[RecordedSample], expiry: u32) -> Result<u128, SettlementError> {
    let mut before: Vec<Sample> = samples
        .iter()
        .filter_map(|sample| {
            let at = u32::try_from(sample.at).ok().filter(|at| *at <= expiry)?;
            Some(Sample {
                at,
                price: sample.price,
            })
        })
        .collect();
    time_weighted_median(
        &mut before,
        &Window {
            start: expiry.saturating_sub(SECONDS_BEFORE),
            end: expiry,
            slot_seconds: SLOT_SECONDS,
            min_fill_bps: FILLED_SLOTS_BPS,
            max_gap_seconds: LONGEST_GAP,
        },
    )
}

/// A number of samples: at most one per minute of an hour and a half.
fn few(samples: usize) -> u32 {
    u32::try_from(samples).unwrap_or(u32::MAX)
}

/// Why step 1 gave no price. Recorded samples are ordered, inside of the window and positive, so thin coverage is all that is left.
fn explain(refused: SettlementError, samples: usize) -> Revert {
    let (given, needed) = match refused {
        SettlementError::GapTooLong { gap, allowed } => {
            return refusal::sample_gap(gap, allowed);
        }
        SettlementError::TooFewSlots { filled, needed } => (filled, needed),
        _ => (few(samples), FILLED_SLOTS),
    };
    refusal::insufficient_samples(given, needed)
}

impl OracleAdapter {
    /// Fixes the settlement price, once.
    pub(crate) fn fix(&mut self, feed: B256, expiry: u32) -> Result<u128, Revert> {
        let now = host::now(self.vm());
        let record = self.feeds.getter(feed);
        let known = record.expiries.getter(U32::from(expiry));
        if known.settlement_price().is_some() {
            return Err(refusal::already_fixed(feed, expiry));
        }
        if now < u64::from(expiry) {
            return Err(refusal::not_expired(expiry, now));
        }
        let (price, step) = match climb(&known.all_samples(), expiry, now)? {
            Ladder::Fixed(price, step) => (price, step),
            Ladder::AskSources => (record.median_now()?.band.mid, 3),
        };
        self.feeds
            .setter(feed)
            .expiries
            .setter(U32::from(expiry))
            .fix(price);
        emit(
            self.vm(),
            &[SettlementPriceFixed::SIGNATURE_HASH, feed, expiry.word()],
            &[price.word(), u32::from(step).word()],
        );
        Ok(price)
    }
}
