//! Settlement price of an expiry: the time-weighted median of samples recorded in a window before it.
//!
//! Each sample holds until the next one, the first one also back to the start of the window, the last one to its end.
//! The result is the smallest sampled price below or at which at least half of the window lies; when exactly half
//! lies there, the mean of it and the next one. It is therefore always between the recorded extremes, and moving it
//! costs half of the window's time.

use crate::median::{mean_down, sort_by_key};

/// One recorded price.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sample {
    /// When it was recorded, unix seconds.
    pub at: u32,
    /// Price, WAD quote per underlying. Never zero.
    pub price: u128,
}

/// The window that samples must cover, and how well.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Window {
    /// First second of the window.
    pub start: u32,
    /// Last second of the window, the expiry.
    pub end: u32,
    /// Length of a slot, seconds; a slot is filled by one sample or more.
    pub slot_seconds: u32,
    /// Share of the slots that must be filled, in 1/10,000.
    pub min_fill_bps: u16,
    /// Longest stretch without a sample, seconds, the edges of the window included.
    pub max_gap_seconds: u32,
}

/// Why samples give no settlement price.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SettlementError {
    /// The window is empty, its slots are, or it asks for more than all slots.
    InvalidWindow,
    /// A sample lies outside of the window.
    SampleOutsideWindow {
        /// Time of the sample.
        at: u32,
        /// First second allowed.
        start: u32,
        /// Last second allowed.
        end: u32,
    },
    /// A sample is not later than the one before it.
    SampleNotLater {
        /// Time of the sample.
        at: u32,
        /// Time of the sample before.
        previous: u32,
    },
    /// A sample has price zero.
    ZeroPrice {
        /// Time of the sample.
        at: u32,
    },
    /// Too few slots hold a sample.
    TooFewSlots {
        /// Slots that hold one.
        filled: u32,
        /// Slots that must.
        needed: u32,
    },
    /// A stretch without samples is too long.
    GapTooLong {
        /// The longest stretch, seconds.
        gap: u32,
        /// The longest allowed, seconds.
        allowed: u32,
    },
}

impl Window {
    /// Number of slots, the last one possibly shorter, and how many of them must be filled.
    ///
    /// # Errors
    /// [`SettlementError::InvalidWindow`] when `end <= start`, a slot has no length, or `min_fill_bps > 10_000`.
    pub fn slots(&self) -> Result<(u32, u32), SettlementError> {
        let length = self
            .end
            .checked_sub(self.start)
            .ok_or(SettlementError::InvalidWindow)?;
        if length == 0 || self.slot_seconds == 0 || self.min_fill_bps > 10_000 {
            return Err(SettlementError::InvalidWindow);
        }
        let slots = length.div_ceil(self.slot_seconds);
        // 2^32 · 10^4 < 2^64.
        let share = u64::from(slots).wrapping_mul(u64::from(self.min_fill_bps));
        Ok((slots, share.div_ceil(10_000) as u32))
    }

    /// The slot a second of the window belongs to; the very end belongs to the last slot.
    fn slot_of(&self, at: u32, slots: u32) -> u32 {
        at.wrapping_sub(self.start)
            .checked_div(self.slot_seconds)
            .unwrap_or(0)
            .min(slots.wrapping_sub(1))
    }
}

/// The time-weighted median of `samples`, WAD quote per underlying, rounded down where a mean is taken.
/// `samples` must be strictly increasing in time; the slice is reordered.
///
/// # Errors
/// [`SettlementError`] when the window is malformed, a sample does not belong in it, or coverage is too thin.
pub fn time_weighted_median(
    samples: &mut [Sample],
    window: &Window,
) -> Result<u128, SettlementError> {
    check_coverage(samples, window)?;
    weigh(samples, window);
    sort_by_key(samples, |sample| sample.price);
    let total = u64::from(window.end.wrapping_sub(window.start));
    // Twice the weight seen so far; the weights add up to the window, below 2^32.
    let mut doubled = 0_u64;
    let mut half: Option<u128> = None;
    for sample in samples.iter().filter(|sample| sample.at != 0) {
        if let Some(below) = half {
            return Ok(mean_down(below, sample.price));
        }
        doubled = doubled.wrapping_add(u64::from(sample.at).wrapping_mul(2));
        if doubled > total {
            return Ok(sample.price);
        }
        if doubled == total {
            half = Some(sample.price);
        }
    }
    // Unreachable with coverage checked: the weights add up to a window that is not empty.
    Err(SettlementError::InvalidWindow)
}

/// Refuses samples that are unordered, outside of the window, zero, too few or too far apart.
fn check_coverage(samples: &[Sample], window: &Window) -> Result<(), SettlementError> {
    let (slots, needed) = window.slots()?;
    let mut filled = 0_u32;
    let mut last_slot = None;
    let mut previous: Option<u32> = None;
    let mut gap = 0_u32;
    for &Sample { at, price } in samples {
        if at < window.start || at > window.end {
            let Window { start, end, .. } = *window;
            return Err(SettlementError::SampleOutsideWindow { at, start, end });
        }
        if let Some(previous) = previous.filter(|&previous| at <= previous) {
            return Err(SettlementError::SampleNotLater { at, previous });
        }
        if price == 0 {
            return Err(SettlementError::ZeroPrice { at });
        }
        let slot = window.slot_of(at, slots);
        if last_slot != Some(slot) {
            filled = filled.wrapping_add(1);
            last_slot = Some(slot);
        }
        gap = gap.max(at.wrapping_sub(previous.unwrap_or(window.start)));
        previous = Some(at);
    }
    gap = gap.max(window.end.wrapping_sub(previous.unwrap_or(window.start)));
    // Without any sample there is no price, however lenient the window.
    let needed = needed.max(1);
    if filled < needed {
        return Err(SettlementError::TooFewSlots { filled, needed });
    }
    if gap > window.max_gap_seconds {
        return Err(SettlementError::GapTooLong {
            gap,
            allowed: window.max_gap_seconds,
        });
    }
    Ok(())
}

/// Replaces the time of each sample by the seconds it holds for.
fn weigh(samples: &mut [Sample], window: &Window) {
    let mut until = window.end;
    for sample in samples.iter_mut().rev() {
        let at = sample.at;
        sample.at = until.wrapping_sub(at);
        until = at;
    }
    if let Some(first) = samples.first_mut() {
        first.at = first.at.wrapping_add(until.wrapping_sub(window.start));
    }
}
