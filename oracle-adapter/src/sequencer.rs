//! The uptime feed of an L2's sequencer: while it is down, prices stand still and only those who can force transactions act.
//!
//! Answer 0 is up, 1 is down; `startedAt` is when that began. Anything but "up for longer than the time of grace" is a doubt, a feed that cannot
//! be read too: new risk is refused. Nothing else is: liquidations and exits read the same prices as ever, and what gives those caught by an
//! outage time is the auction, which starts at a price nobody loses at and takes half an hour to fall.

use alloy_sol_types::SolCall;
use interfaces::Revert;

use crate::aggregator::{IAggregator, ROUND_WORDS};
use crate::source::{Judge, PinnedSource, Reading, Status, ask, time, unsigned, word};

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
