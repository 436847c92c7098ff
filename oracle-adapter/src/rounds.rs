//! Rounds: evaluations as they were stored, numbered from 1, never changed afterwards.
//!
//! They are what the faces for others read (`getRoundData` of a Chainlink-style consumer must find what `latestRoundData` told it), and what is
//! read instead of the sources in the second of the evaluation: whoever asks within one second, with however much gas, gets the same answer.

use alloc::vec::Vec;

use alloy_primitives::{B256, U64};
use alloy_sol_types::SolEvent;
use interfaces::IOracleAdapter::RoundStored;
use interfaces::Revert;
use interfaces::words::{Word, emit};
use stylus_sdk::prelude::*;
use stylus_sdk::storage::StorageB256;

use crate::feed::Feed;
use crate::slot::Slot;
use crate::{OracleAdapter, host, refusal};

/// The settlement asset's price is stored in 1e-9.
const STABLE_UNIT: u64 = 1_000_000_000;

const MILLION: u128 = 1_000_000;
/// WAD.
const MILLIONTH: u64 = 1_000_000_000_000;

/// A settlement asset's price (WAD, within its bounds, below ten) as precise as it is stored, so that a round and the evaluation it was made from
/// say the same.
pub(crate) fn as_stored(price: u128) -> u64 {
    let price = u64::try_from(price).unwrap_or(u64::MAX);
    (price / STABLE_UNIT).saturating_mul(STABLE_UNIT)
}

/// A round in storage.
#[storage]
pub struct RoundRecord {
    /// `mid u128 · evaluated_at u32 · updated_at u32 · doubts u8 · valid u8 · stable u40 · sources u8`.
    middle: StorageB256,
    /// `low u128 · high u128`.
    band: StorageB256,
}

/// An evaluation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Round {
    /// Accepted median, WAD.
    pub(crate) mid: u128,
    /// Adverse band, WAD.
    pub(crate) low: u128,
    pub(crate) high: u128,
    /// Oldest timestamp among the values that determine the median, unix seconds.
    pub(crate) updated_at: u64,
    /// Unix seconds.
    pub(crate) evaluated_at: u64,
    /// See [`crate::spot::doubt`].
    pub(crate) doubts: u8,
    /// Valid sources.
    pub(crate) valid: u8,
    /// Sources listed that count; kept with the round, so that its readers need not read the feed's head.
    pub(crate) sources: u8,
    /// Settlement asset in quote units, WAD, to 1e-9.
    pub(crate) stable: u64,
}

impl Round {
    /// How sure the median is, 1e18 = sure: the share of the sources that are valid, less the width of the band. Rounded down.
    pub(crate) fn confidence(&self) -> u64 {
        let width = self.high.saturating_sub(self.low);
        // Prices are above zero and below 2^120; in millionths, rounded up, so that nothing overflows.
        let unsure = width
            .saturating_mul(MILLION)
            .checked_next_multiple_of(self.mid)
            .and_then(|width| width.checked_div(self.mid))
            .map_or(MILLION, |millionths| millionths.min(MILLION));
        let sure = u64::try_from(MILLION.saturating_sub(unsure)).unwrap_or(0);
        // At most 10^6 · 10^12 · 15 < 2^64.
        sure.saturating_mul(MILLIONTH)
            .saturating_mul(self.valid.into())
            .checked_div(self.sources.into())
            .unwrap_or(0)
    }
}

#[allow(
    clippy::cast_possible_truncation,
    reason = "fields are read back as wide as they were written"
)]
impl Feed {
    /// `None` when it was never stored.
    pub(crate) fn stored_round(&self, id: u64) -> Option<Round> {
        let record = self.rounds.getter(U64::from(id));
        let (middle, band) = (Slot(record.middle.get()), record.band.get());
        let (mid, band) = (middle.uint(0, 16), Slot(band));
        (mid != 0).then(|| Round {
            mid,
            low: band.uint(0, 16),
            high: band.uint(16, 16),
            evaluated_at: middle.small(16, 4),
            updated_at: middle.small(20, 4),
            doubts: middle.small(24, 1) as u8,
            valid: middle.small(25, 1) as u8,
            stable: middle.small(26, 5).saturating_mul(STABLE_UNIT),
            sources: middle.small(31, 1) as u8,
        })
    }

    fn store_round(&mut self, id: u64, round: &Round) {
        let middle = Slot::default()
            .with(0, 16, round.mid)
            .with(16, 4, round.evaluated_at.into())
            .with(20, 4, round.updated_at.into())
            .with(24, 1, round.doubts.into())
            .with(25, 1, round.valid.into())
            .with(26, 5, (round.stable / STABLE_UNIT).into())
            .with(31, 1, round.sources.into());
        let band = Slot::default()
            .with(0, 16, round.low)
            .with(16, 16, round.high);
        let mut record = self.rounds.setter(U64::from(id));
        record.middle.set(middle.0);
        record.band.set(band.0);
    }
}

impl OracleAdapter {
    /// Stores a round, unless this second has one; its id.
    pub(crate) fn store_evaluation(&mut self, feed: B256) -> Result<u64, Revert> {
        let record = self.feeds.getter(feed);
        let (evaluated_at, id) = record.last_round();
        if id != 0 && evaluated_at == host::now(self.vm()) {
            return Ok(id);
        }
        let evaluation = record.evaluation()?;
        let (id, round) = (evaluation.latest.round, evaluation.round);
        let mut record = self.feeds.setter(feed);
        record.store_round(id, &round);
        record.set_latest(&evaluation.latest);
        record.set_times(&evaluation.times, round.sources);
        emit(
            self.vm(),
            &[RoundStored::SIGNATURE_HASH, feed, id.word()],
            &[
                round.mid.word(),
                round.low.word(),
                round.high.word(),
                round.updated_at.word(),
                u32::from(round.doubts).word(),
            ],
        );
        Ok(id)
    }

    /// Errors: `UnknownRound`.
    pub(crate) fn known_round(&self, feed: B256, id: u64) -> Result<Round, Revert> {
        let record = self.feeds.getter(feed);
        record
            .stored_round(id)
            .ok_or_else(|| refusal::unknown_round(feed, id))
    }
}
