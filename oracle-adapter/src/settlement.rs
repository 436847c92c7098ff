//! The settlement price of an expiry: fixed once, by a ladder that always ends.
//!
//! 1. From the expiry on: time-weighted median of the half hour before it, if 80 % of its slots are filled and no gap exceeds five minutes.
//! 2. An hour later: median of all samples, if there are six.
//! 3. Two hours later: what the feed's settlement committee attests, if it lists one, once nobody can dispute it any more.
//! 4. A day later: the median of the sources at that moment.
//! 5. A week later, instead of it: the stored round nearest to the expiry.
//!
//! Steps 1 and 2 depend on recorded samples alone, which are complete by the time the step is open: who calls, and when, changes nothing. What was
//! recorded also bounds the later steps: an attestation beyond the extremes of the samples is not believed, and a median of days later counts no
//! further than to them. Step 4 needs a quorum, and one that is lost for ever would lock every account of the feed: so the fifth asks nobody. It
//! takes the nearest round, on whichever side of the expiry, because anyone could have stored a nearer one: keepers store one a minute. No step can
//! give zero.

use alloc::vec::Vec;

use alloy_primitives::{B256, U32};
use alloy_sol_types::SolEvent;
use clearing_math::median::median_in_place;
use clearing_math::settlement::{Sample, SettlementError, Window, time_weighted_median};
use interfaces::IOracleAdapter::SettlementPriceFixed;
use interfaces::Revert;
use interfaces::words::{Word, emit};
use stylus_sdk::prelude::*;

use crate::feed::Feed;
use crate::samples::{RecordedSample, SECONDS_AFTER, SECONDS_BEFORE, SLOT_SECONDS};
use crate::source::Bounds;
use crate::{OracleAdapter, committee, host, refusal};

/// Share of the slots before the expiry that must hold a sample, 1/10,000.
const FILLED_SLOTS_BPS: u16 = 8_000;
/// Slots that share amounts to; reported when the window is too short to have any.
const FILLED_SLOTS: u32 = SECONDS_BEFORE / SLOT_SECONDS * 4 / 5;
/// Longest stretch of the window without a sample, seconds.
const LONGEST_GAP: u32 = 300;
/// Samples the second step takes at least.
const FEWEST_SAMPLES: u32 = 6;
/// When the committee's step opens, seconds after the expiry: two hours, one after the last sample.
const COMMITTEE_AFTER: u64 = 7_200;
/// When the step of the median opens, seconds after the expiry: a day.
const MEDIAN_AFTER: u64 = 86_400;
/// When the last step takes its place, seconds after the expiry: a week.
const ROUND_AFTER: u64 = 604_800;

/// A price (WAD), and the step that gave it.
pub(crate) type Fixed = (u128, u8);

/// The steps that need nothing but `samples` (oldest first), at `now`, at or past the expiry.
///
/// Errors: `InsufficientSamples`, `SampleGap` of the last of them that time has reached.
pub(crate) fn from_samples(
    samples: &[RecordedSample],
    expiry: u32,
    now: u64,
) -> Result<Fixed, Revert> {
    let refused = match half_hour_median(samples, expiry) {
        Ok(price) => return Ok((price, 1)),
        Err(refused) => refused,
    };
    if now.saturating_sub(expiry.into()) < u64::from(SECONDS_AFTER) {
        return Err(explain(refused, samples.len()));
    }
    let mut prices: Vec<u128> = samples.iter().map(|sample| sample.price).collect();
    if few(prices.len()) >= FEWEST_SAMPLES
        && let Some(price) = median_in_place(&mut prices)
    {
        return Ok((price, 2));
    }
    Err(refusal::insufficient_samples(
        few(samples.len()),
        FEWEST_SAMPLES,
    ))
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

/// Lowest and highest price (WAD, inclusive) an expiry can settle at: the extremes of its samples, which are within the feed's bounds; these,
/// when there are none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Range {
    lowest: u128,
    highest: u128,
}

impl Range {
    pub(crate) fn of(samples: &[RecordedSample], bounds: Bounds) -> Self {
        let prices = || samples.iter().map(|sample| sample.price);
        Self {
            lowest: prices().min().unwrap_or(bounds.min.saturating_add(1)),
            highest: prices().max().unwrap_or(bounds.max.saturating_sub(1)),
        }
    }

    fn holds(self, price: u128) -> bool {
        self.nearest(price) == price
    }

    /// The price within the range that is nearest to `price`.
    fn nearest(self, price: u128) -> u128 {
        price.min(self.highest).max(self.lowest)
    }
}

impl Feed {
    /// The steps for an expiry whose samples do not suffice, for which they were `refused`; what was recorded leaves `range`.
    ///
    /// Errors: `refused`, until the fourth step is open; `QuorumLost`, until the fifth is; `UnknownRound`. `InsufficientGasForSource` always.
    fn beyond_samples(
        &self,
        feed: B256,
        expiry: u32,
        range: Range,
        refused: Revert,
    ) -> Result<Fixed, Revert> {
        let now = host::now(self.vm());
        let age = now.saturating_sub(expiry.into());
        if age < COMMITTEE_AFTER {
            return Err(refused);
        }
        if let Some(committee) = self.pinned()?.committee()
            && let Some(attested) = committee::read(self.vm(), committee.account, feed, expiry)?
            && let Some(price) = attested.final_price(expiry, now)
            && range.holds(price)
        {
            return Ok((price, 3));
        }
        if age < MEDIAN_AFTER {
            return Err(refused);
        }
        if age < ROUND_AFTER {
            return Ok((range.nearest(self.median_now()?.band.mid), 4));
        }
        match self.round_nearest(expiry.into()) {
            Some(price) => Ok((range.nearest(price), 5)),
            None => Err(refusal::unknown_round(feed, 0)),
        }
    }

    /// The middle (WAD) of the stored round that was evaluated nearest to `time` (unix seconds), the earlier one of two; `None` before the first.
    pub(crate) fn round_nearest(&self, time: u64) -> Option<u128> {
        let (_, last) = self.last_round();
        // Rounds are numbered from 1 and ascend in time. Of `before` and all earlier ones it is known that they are at or before `time`; of `after`
        // and all later ones that they are not, or were never stored.
        let (mut before, mut after) = (0, last.saturating_add(1));
        while after.saturating_sub(before) > 1 {
            let middle = before.midpoint(after);
            if self.stored_round(middle)?.evaluated_at <= time {
                before = middle;
            } else {
                after = middle;
            }
        }
        [before, after]
            .into_iter()
            .filter_map(|id| self.stored_round(id))
            .min_by_key(|round| round.evaluated_at.abs_diff(time))
            .map(|round| round.mid)
    }
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
        let samples = known.all_samples();
        let (price, step) = match from_samples(&samples, expiry, now) {
            Ok(fixed) => fixed,
            Err(refused) => {
                let range = Range::of(&samples, record.pinned()?.bounds());
                record.beyond_samples(feed, expiry, range, refused)?
            }
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
