//! The errors of the publisher beside those of signed data. Encoded word by word: the generated encoders cost kilobytes.

use alloy_primitives::{B256, U256};
use alloy_sol_types::SolError;
use clearing_math::quotes::solving::QuoteError;
use clearing_math::quotes::{Disagreement, MOST_QUOTES};
use interfaces::ISignedQuotes::{
    BadExpiry, CrossedQuote, InvalidSmile, LengthMismatch, MalformedExpiry, MalformedQuote,
    ParameterOutOfBounds, QuoteWithoutVolatility, QuotesTooNarrow, QuotesTooSparse,
    SmileMissesQuote, StaleQuotes, TooFewQuotes, TooManyQuotes, UnsortedStrikes, WorseSmile,
    WrongGeneration,
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

pub(crate) fn parameter_out_of_bounds(given: u64, least: u64, most: u64) -> Revert {
    refuse(
        ParameterOutOfBounds::SELECTOR,
        &[given.word(), least.word(), most.word()],
    )
}

pub(crate) fn wrong_generation(given: u64, current: u64) -> Revert {
    refuse(WrongGeneration::SELECTOR, &[given.word(), current.word()])
}

pub(crate) fn length_mismatch(first: usize, second: usize) -> Revert {
    refuse(LengthMismatch::SELECTOR, &[count(first), count(second)])
}

pub(crate) fn malformed_expiry(index: usize) -> Revert {
    refuse(MalformedExpiry::SELECTOR, &[count(index)])
}

pub(crate) fn bad_expiry(expiry: u32, earliest: u64, latest: u64) -> Revert {
    refuse(
        BadExpiry::SELECTOR,
        &[expiry.word(), earliest.word(), latest.word()],
    )
}

pub(crate) fn stale_quotes(expiry: u32, observed_at: u64, earliest: u64) -> Revert {
    refuse(
        StaleQuotes::SELECTOR,
        &[expiry.word(), observed_at.word(), earliest.word()],
    )
}

pub(crate) fn worse_smile(expiry: u32, miss: u16, most: u16) -> Revert {
    refuse(
        WorseSmile::SELECTOR,
        &[
            expiry.word(),
            u32::from(miss).word(),
            u32::from(most).word(),
        ],
    )
}

pub(crate) fn malformed_quote(index: usize) -> Revert {
    refuse(MalformedQuote::SELECTOR, &[count(index)])
}

/// Why quote `index` of the call cannot be used.
pub(crate) fn quote(index: usize, error: QuoteError) -> Revert {
    let index = count(index);
    match error {
        QuoteError::Crossed { bid, ask } => {
            refuse(CrossedQuote::SELECTOR, &[index, bid.word(), ask.word()])
        }
        QuoteError::NoVolatility {
            code,
            given,
            allowed,
        } => refuse(
            QuoteWithoutVolatility::SELECTOR,
            &[index, u32::from(code).word(), given.word(), allowed.word()],
        ),
    }
}

/// Why a smile of `expiry`, whose quotes begin with number `first` of the call, is not published.
pub(crate) fn disagreement(expiry: u32, first: usize, reason: Disagreement) -> Revert {
    let of_call = |index: usize| first.saturating_add(index);
    match reason {
        Disagreement::Smile(error) => {
            let refusal = error.refusal();
            refuse(
                InvalidSmile::SELECTOR,
                &[
                    expiry.word(),
                    u32::from(refusal.code).word(),
                    refusal.k.word(),
                    refusal.given.word(),
                    refusal.limit.word(),
                ],
            )
        }
        Disagreement::TooMany { given } => refuse(
            TooManyQuotes::SELECTOR,
            &[expiry.word(), count(given), count(MOST_QUOTES)],
        ),
        Disagreement::Malformed { index } => malformed_quote(of_call(index)),
        Disagreement::UnsortedStrikes {
            index,
            previous,
            next,
        } => refuse(
            UnsortedStrikes::SELECTOR,
            &[count(of_call(index)), previous.word(), next.word()],
        ),
        Disagreement::Quote { index, error } => quote(of_call(index), error),
        Disagreement::Misses {
            index,
            low,
            high,
            given,
        } => refuse(
            SmileMissesQuote::SELECTOR,
            &[count(of_call(index)), low.word(), high.word(), given.word()],
        ),
        Disagreement::TooFew { given, needed } => refuse(
            TooFewQuotes::SELECTOR,
            &[expiry.word(), count(given), u32::from(needed).word()],
        ),
        Disagreement::TooNarrow {
            lowest,
            highest,
            reach,
        } => refuse(
            QuotesTooNarrow::SELECTOR,
            &[expiry.word(), lowest.word(), highest.word(), reach.word()],
        ),
        Disagreement::TooSparse { index, gap, most } => refuse(
            QuotesTooSparse::SELECTOR,
            &[count(of_call(index)), gap.word(), most.word()],
        ),
    }
}
