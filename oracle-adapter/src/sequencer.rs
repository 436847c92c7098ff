//! The uptime feed of an L2's sequencer: while it is down, prices stand still and only those who can force transactions act.
//!
//! Answer 0 is up, 1 is down; `startedAt` is when that began. Anything but "up for longer than the time of grace" is a doubt, a feed that cannot
//! be read too: new risk is refused. Exits are not, and everything reads the same prices as ever.
//!
//! Auctions of accounts that are not deep in shortfall wait for those caught by an outage, but never for the feed: for the time of grace from when
//! it says that the sequencer went down or came back, and no longer once every round of a day has found it in doubt. So the wait ends when
//! the feed stands still, and when it claims for ever to have just restarted. What cannot be read is not waited for at all.

use alloy_sol_types::SolCall;
use interfaces::Revert;
use stylus_sdk::prelude::*;

use crate::aggregator::{IAggregator, ROUND_WORDS};
use crate::feed::Feed;
use crate::host;
use crate::source::{Judge, Kind, PinnedSource, Reading, Status, ask, time, unsigned, word};

/// Longest time of grace, seconds.
pub(crate) const MOST_GRACE: u32 = 3_600;
/// Doubt of every round for so long, seconds, is the feed's fault: a day.
const LONGEST_DOUBT: u64 = 86_400;

/// Asks whether the sequencer is up. `price` is the answer, `updated_at` since when.
///
/// Errors: `InsufficientGasForSource`.
pub(crate) fn read(judge: &Judge<'_>, source: &PinnedSource) -> Result<Reading, Revert> {
    let selector = IAggregator::latestRoundDataCall::SELECTOR;
    let Some(round) = ask(judge.vm, source.account, &selector, ROUND_WORDS)? else {
        return Ok(Reading::unreadable(Status::CallFailed));
    };
    let answer = word(&round, 1).and_then(unsigned);
    let since = word(&round, 2).and_then(time);
    let status = match (answer, since) {
        (Some(1), _) => Status::SequencerDown,
        (Some(0), Some(since)) if since != 0 && since <= judge.now => {
            if judge.now.saturating_sub(since) < u64::from(source.max_age) {
                Status::GracePeriod
            } else {
                Status::Valid
            }
        }
        _ => Status::SequencerUnknown,
    };
    Ok(Reading {
        status,
        price: answer.unwrap_or(0),
        updated_at: since.unwrap_or(0),
    })
}

impl Feed {
    /// Until when auctions wait, unix seconds; 0: they do not.
    ///
    /// Errors: `InsufficientGasForSource`.
    pub(crate) fn grace_until(&self) -> Result<u64, Revert> {
        let (pinned, now) = (self.pinned()?, host::now(self.vm()));
        let head = pinned.head();
        let mut watching = (head.sources..head.listed).filter_map(|index| pinned.source(index));
        let sequencer = watching.rfind(|source| source.kind == Kind::Sequencer);
        let doubted_since = self.latest().doubted_since;
        let lapsed = doubted_since != 0 && now.saturating_sub(doubted_since) >= LONGEST_DOUBT;
        let Some(source) = sequencer.filter(|_| !lapsed) else {
            return Ok(0);
        };
        let reading = read(&self.judge(&pinned), &source)?;
        let says = matches!(reading.status, Status::SequencerDown | Status::GracePeriod);
        let until = reading.updated_at.saturating_add(source.max_age.into());
        // A time ahead of the clock is no time of anything that happened.
        let due = says && reading.updated_at <= now && until > now;
        Ok(if due { until } else { 0 })
    }
}
