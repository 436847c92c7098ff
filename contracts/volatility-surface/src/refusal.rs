//! The errors of the surface, one function each. Encoded word by word: the generated encoders are instantiated per error and cost kilobytes.

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::SolError;
use clearing_math::surface::{LEAST_VOLATILITY, MOST_VOLATILITY};
use interfaces::IVolatilitySurface::{
    BadTerm, BadVolatility, DuplicateOrigin, FeedExists, IndexOutOfBounds, LengthMismatch,
    MissingVolatility, NotPublisher, NotYetEffective, ParameterOutOfBounds, TooManyExpiries,
    UnknownFeed, UnsortedExpiries, VolatilityJump,
};
use interfaces::Revert;
use interfaces::words::{Word, encode};

#[inline(never)]
fn refuse(selector: [u8; 4], words: &[B256]) -> Revert {
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

pub(crate) fn length_mismatch(first: usize, second: usize) -> Revert {
    refuse(LengthMismatch::SELECTOR, &[count(first), count(second)])
}

pub(crate) fn parameter_out_of_bounds(given: u64, least: u64, most: u64) -> Revert {
    refuse(
        ParameterOutOfBounds::SELECTOR,
        &[given.word(), least.word(), most.word()],
    )
}

pub(crate) fn index_out_of_bounds(index: u8, length: u8) -> Revert {
    refuse(
        IndexOutOfBounds::SELECTOR,
        &[u32::from(index).word(), u32::from(length).word()],
    )
}

pub(crate) fn duplicate_origin(source: Address) -> Revert {
    refuse(DuplicateOrigin::SELECTOR, &[source.word()])
}

pub(crate) fn not_publisher(caller: Address) -> Revert {
    refuse(NotPublisher::SELECTOR, &[caller.word()])
}

pub(crate) fn not_yet_effective(time: u64, effective_at: u64) -> Revert {
    refuse(
        NotYetEffective::SELECTOR,
        &[time.word(), effective_at.word()],
    )
}

pub(crate) fn unsorted_expiries(previous: u32, next: u32) -> Revert {
    refuse(UnsortedExpiries::SELECTOR, &[previous.word(), next.word()])
}

pub(crate) fn too_many_expiries(given: usize, most: usize) -> Revert {
    refuse(TooManyExpiries::SELECTOR, &[count(given), count(most)])
}

pub(crate) fn bad_volatility(expiry: u32, given: u64) -> Revert {
    let words = [
        expiry.word(),
        given.word(),
        LEAST_VOLATILITY.word(),
        MOST_VOLATILITY.word(),
    ];
    refuse(BadVolatility::SELECTOR, &words)
}

pub(crate) fn volatility_jump(expiry: u32, given: u64, previous: u64, limit: u128) -> Revert {
    refuse(
        VolatilityJump::SELECTOR,
        &[expiry.word(), given.word(), previous.word(), limit.word()],
    )
}

pub(crate) fn bad_term(expiry: u32, term: u128) -> Revert {
    refuse(BadTerm::SELECTOR, &[expiry.word(), term.word()])
}

pub(crate) fn missing_volatility(expiry: u32) -> Revert {
    refuse(MissingVolatility::SELECTOR, &[expiry.word()])
}
