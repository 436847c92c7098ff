//! The errors of the adapter, one function each. Encoded word by word: the generated encoders are instantiated per error and cost kilobytes.

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::SolError;
use interfaces::IOracleAdapter::{
    AlreadyFixed, BadSource, BadSourceCount, DuplicateOrigin, FeedExists, IndexOutOfBounds,
    InsufficientGasForSource, InsufficientSamples, NotExpired, NotFixed, OutsideWindow,
    ParameterOutOfBounds, QuorumLost, SampleGap, SampleTooSoon, UnknownFeed, UnknownRound,
};
use interfaces::Revert;
use interfaces::words::{Word, encode};

#[inline(never)]
pub(crate) fn refuse(selector: [u8; 4], words: &[B256]) -> Revert {
    Revert::from_callee(encode(&selector, words))
}

/// A length or an index; it fits, whatever the machine.
fn count(value: usize) -> B256 {
    U256::from(value).word()
}

pub(crate) fn unknown_feed(feed: B256) -> Revert {
    refuse(UnknownFeed::SELECTOR, &[feed])
}

pub(crate) fn feed_exists(feed: B256) -> Revert {
    refuse(FeedExists::SELECTOR, &[feed])
}

pub(crate) fn bad_source_count(given: usize, least: usize, most: usize) -> Revert {
    refuse(
        BadSourceCount::SELECTOR,
        &[count(given), count(least), count(most)],
    )
}

pub(crate) fn duplicate_origin(source: Address) -> Revert {
    refuse(DuplicateOrigin::SELECTOR, &[source.word()])
}

pub(crate) fn bad_source(source: Address) -> Revert {
    refuse(BadSource::SELECTOR, &[source.word()])
}

pub(crate) fn parameter_out_of_bounds<W: Word>(given: W, least: W, most: W) -> Revert {
    refuse(
        ParameterOutOfBounds::SELECTOR,
        &[given.word(), least.word(), most.word()],
    )
}

pub(crate) fn quorum_lost(valid: u8, needed: u8) -> Revert {
    refuse(
        QuorumLost::SELECTOR,
        &[u32::from(valid).word(), u32::from(needed).word()],
    )
}

pub(crate) fn insufficient_gas_for_source(gas_left: u64, needed: u64) -> Revert {
    refuse(
        InsufficientGasForSource::SELECTOR,
        &[gas_left.word(), needed.word()],
    )
}

pub(crate) fn unknown_round(feed: B256, id: u64) -> Revert {
    refuse(UnknownRound::SELECTOR, &[feed, id.word()])
}

pub(crate) fn outside_window(time: u64, opens: u64, closes: u64) -> Revert {
    refuse(
        OutsideWindow::SELECTOR,
        &[time.word(), opens.word(), closes.word()],
    )
}

pub(crate) fn sample_too_soon(time: u64, next: u64) -> Revert {
    refuse(SampleTooSoon::SELECTOR, &[time.word(), next.word()])
}

pub(crate) fn not_fixed(feed: B256, expiry: u32) -> Revert {
    refuse(NotFixed::SELECTOR, &[feed, expiry.word()])
}

pub(crate) fn already_fixed(feed: B256, expiry: u32) -> Revert {
    refuse(AlreadyFixed::SELECTOR, &[feed, expiry.word()])
}

pub(crate) fn not_expired(expiry: u32, time: u64) -> Revert {
    refuse(NotExpired::SELECTOR, &[expiry.word(), time.word()])
}

pub(crate) fn insufficient_samples(given: u32, needed: u32) -> Revert {
    refuse(
        InsufficientSamples::SELECTOR,
        &[given.word(), needed.word()],
    )
}

pub(crate) fn sample_gap(gap: u32, allowed: u32) -> Revert {
    refuse(SampleGap::SELECTOR, &[gap.word(), allowed.word()])
}

pub(crate) fn index_out_of_bounds(index: U256, length: usize) -> Revert {
    refuse(IndexOutOfBounds::SELECTOR, &[index.word(), count(length)])
}
