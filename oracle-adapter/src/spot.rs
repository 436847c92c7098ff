//! Spot: the median of the valid sources, and the adverse band around it.
//!
//! The median lies between two honest prices while fewer than half of the valid sources lie; the quorum (a majority of those listed, at least)
//! bounds how few may stand for all. The band says how far the sources next to the median disagree. It carries no such guarantee, and therefore
//! only ever tightens new risk, as every doubt does.

use clearing_math::median::{self, Band};
use interfaces::Revert;
use stylus_sdk::prelude::*;

use crate::feed::{Feed, Latest, Times};
use crate::hold::{is_beyond, share};
use crate::listing::MOST_SOURCES;
use crate::pinned::Pinned;
use crate::rounds::{Round, as_stored};
use crate::source::{Judge, Kind, Status};
use crate::{host, refusal};

/// What makes a price uncertain; the numbers are part of the ABI.
pub(crate) mod doubt {
    pub(crate) const WIDE_BAND: u8 = 1;
    pub(crate) const JUMP: u8 = 2;
    pub(crate) const THIN_QUORUM: u8 = 4;
    pub(crate) const STALE_VOLATILITY: u8 = 8;
    pub(crate) const SEQUENCER: u8 = 16;
    pub(crate) const TWAP: u8 = 32;
    pub(crate) const SETTLEMENT_ASSET: u8 = 64;
}

/// One, WAD.
pub(crate) const WAD: u64 = 1_000_000_000_000_000_000;

/// What the sources say, counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Poll {
    /// Median and neighbours, WAD.
    pub(crate) band: Band,
    /// Lowest and highest valid price, WAD.
    extremes: (u128, u128),
    /// Oldest timestamp among the valid sources, unix seconds: each of them decides where the middle is.
    pub(crate) updated_at: u64,
    valid: u8,
    /// Times of the answers accepted last, these included.
    times: Times,
}

/// What an evaluation finds, and what is remembered of it when it is stored.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Evaluation {
    pub(crate) round: Round,
    pub(crate) latest: Latest,
    pub(crate) times: Times,
}

impl Feed {
    pub(crate) fn judge(&self, pinned: &Pinned) -> Judge<'_> {
        Judge {
            vm: self.vm(),
            bounds: pinned.bounds(),
            confidence_bps: pinned.head().confidence_bps,
            now: host::now(self.vm()),
        }
    }

    /// Reads every source that counts and takes the median of the valid ones.
    ///
    /// Errors: `QuorumLost`, `InsufficientGasForSource`. A source that is invalid is left out, whatever the reason.
    pub(crate) fn poll(&self, pinned: &Pinned, reported: u64) -> Result<Poll, Revert> {
        let (head, judge) = (pinned.head(), self.judge(pinned));
        let mut times = self.times(head.sources);
        let mut prices = [0_u128; MOST_SOURCES];
        let mut updated_at = u64::MAX;
        let mut valid = 0_u8;
        for (index, time) in (0..head.sources).zip(&mut times) {
            let Some(source) = pinned.source(index) else {
                continue;
            };
            let reading = judge.read_after(&source, *time, reported)?;
            if reading.status == Status::Valid
                && let Some(price) = prices.get_mut(usize::from(valid))
            {
                *price = reading.price;
                updated_at = updated_at.min(reading.updated_at);
                *time = u32::try_from(reading.updated_at).unwrap_or(u32::MAX);
                valid = valid.saturating_add(1);
            }
        }
        // The quorum of a listed feed is at least two, so there is a median whenever it is met.
        let enough = prices
            .get_mut(..usize::from(valid))
            .filter(|_| valid >= head.quorum);
        let Some((band, extremes)) = enough.and_then(|prices| {
            // Sorts.
            let band = median::band(prices)?;
            Some((band, (*prices.first()?, *prices.last()?)))
        }) else {
            return Err(refusal::quorum_lost(valid, head.quorum));
        };
        Ok(Poll {
            band,
            extremes,
            updated_at,
            valid,
            times,
        })
    }

    /// The median of the sources at this moment, whatever was accepted before: what settles. It needs no protection from a jump, being one of many
    /// samples or a last resort.
    ///
    /// Errors: as [`Feed::poll`].
    pub(crate) fn median_now(&self) -> Result<Poll, Revert> {
        self.poll(&self.pinned()?, self.latest().reported)
    }

    /// The round of this second, when there is one.
    pub(crate) fn round_of_now(&self) -> Option<Round> {
        let (evaluated_at, id) = self.last_round();
        if id == 0 || evaluated_at != host::now(self.vm()) {
            return None;
        }
        self.stored_round(id)
    }

    /// Asks everybody, unless somebody did in this second.
    ///
    /// Errors: as [`Feed::poll`].
    pub(crate) fn current(&self) -> Result<Round, Revert> {
        match self.round_of_now() {
            Some(round) => Ok(round),
            None => Ok(self.evaluation()?.round),
        }
    }

    /// Asks everybody and judges the answers against what was accepted before.
    ///
    /// Errors: as [`Feed::poll`].
    pub(crate) fn evaluation(&self) -> Result<Evaluation, Revert> {
        let (pinned, latest) = (self.pinned()?, self.latest());
        let head = pinned.head();
        let now = host::now(self.vm());
        let poll = self.poll(&pinned, latest.reported)?;
        let Band { mid, low, high } = poll.band;
        let memory = latest.memory.after(mid, poll.updated_at, now, head.limit());

        let mut doubts = 0;
        let (mut low, mut high) = (low, high);
        let width = high.saturating_sub(low);
        if width > share(mid, head.warn_bps) {
            // By half of it on either side, but not beyond what anyone says.
            let (lowest, highest) = poll.extremes;
            low = low.saturating_sub(width / 2).max(lowest);
            high = high.saturating_add(width / 2).min(highest);
        }
        if width > share(mid, head.halt_bps) {
            doubts |= doubt::WIDE_BAND;
        }
        if memory.holds() {
            doubts |= doubt::JUMP;
            low = low.min(memory.accepted);
            high = high.max(memory.accepted);
        }
        if poll.valid == head.quorum && poll.valid < head.sources {
            doubts |= doubt::THIN_QUORUM;
        }
        let watched = self.watch(&pinned, &latest, mid)?;
        Ok(Evaluation {
            round: Round {
                mid: memory.accepted,
                low,
                high,
                updated_at: memory.updated_at,
                evaluated_at: now,
                doubts: doubts | watched.doubts,
                valid: poll.valid,
                sources: head.sources,
                stable: watched.stable,
            },
            latest: Latest {
                memory,
                evaluated_at: now,
                reported: memory.updated_at,
                doubted_since: match (watched.doubts & doubt::SEQUENCER, latest.doubted_since) {
                    (0, _) => 0,
                    (_, 0) => now,
                    (_, since) => since,
                },
                round: latest.round.saturating_add(1),
            },
            times: poll.times,
        })
    }

    /// Asks those that only watch. What they say, or that they cannot be read, is a doubt and never an error.
    fn watch(&self, pinned: &Pinned, latest: &Latest, median: u128) -> Result<Watched, Revert> {
        let head = pinned.head();
        let mut watched = Watched {
            doubts: 0,
            stable: WAD,
        };
        if head.listed == head.sources {
            return Ok(watched);
        }
        let judge = self.judge(pinned);
        for source in (head.sources..head.listed).filter_map(|index| pinned.source(index)) {
            let reading = judge.read(&source)?;
            let valid = reading.status == Status::Valid;
            match source.kind {
                Kind::Sequencer if !valid => watched.doubts |= doubt::SEQUENCER,
                Kind::Twap if !valid || is_beyond(reading.price, median, head.twap_bps) => {
                    watched.doubts |= doubt::TWAP;
                }
                Kind::SettlementAsset if valid => watched.stable = as_stored(reading.price),
                Kind::SettlementAsset => {
                    watched.doubts |= doubt::SETTLEMENT_ASSET;
                    // What it was worth when last known: no price comes back to par because its source died.
                    watched.stable = self
                        .stored_round(latest.round)
                        .map_or(WAD, |round| round.stable);
                }
                _ => {}
            }
        }
        Ok(watched)
    }
}

/// What those say that do not vote.
struct Watched {
    doubts: u8,
    /// Settlement asset in quote units, WAD.
    stable: u64,
}
