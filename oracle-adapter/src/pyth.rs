//! A price of Pyth's own contract: a price, how sure its publishers are of it, a decimal exponent, and its time.
//!
//! Whoever updates Pyth's contract chooses the moment and so, among the prices of a minute, the price. Three things bound what that is worth:
//! the greatest age, the confidence interval, and that the median needs a majority of origins. The unsafe getter is used because the safe one
//! reverts on age, which is judged here like everywhere.

use alloy_sol_types::{SolCall, sol};
use interfaces::Revert;
use interfaces::words::encode;

use crate::source::{
    Judge, MAX_DECIMALS, PinnedSource, Reading, Status, ask, signed, time, to_wad, unsigned, word,
};

sol! {
    /// The part of Pyth that is read. The answer is a struct of static members: four words.
    interface IPyth {
        function getPriceUnsafe(bytes32 id)
            external
            view
            returns (int64 price, uint64 conf, int32 expo, uint256 publishTime);
    }
}

const PRICE_WORDS: usize = 4;

/// Asks for the price and judges it.
///
/// Errors: `InsufficientGasForSource`.
pub(crate) fn read(judge: &Judge<'_>, source: &PinnedSource) -> Result<Reading, Revert> {
    let Some(answer) = price_of(judge, source)? else {
        return Ok(Reading::unreadable(Status::CallFailed));
    };
    let Answer {
        price,
        confidence,
        exponent,
        updated_at,
    } = answer;
    let Some(decimals) = decimals(exponent) else {
        return Ok(Reading::unreadable(Status::BadExponent));
    };
    if decimals != source.decimals {
        return Ok(Reading::unreadable(Status::DecimalsChanged));
    }
    // The least i64 is no price either.
    let price = u64::try_from(price).unwrap_or(0);
    // Below 2^64 · 10^18 < 2^124.
    let wad = u128::from(price).saturating_mul(to_wad(decimals));
    let mut reading = judge.judge(Some(wad), updated_at, source.max_age, judge.bounds);
    let widest = u128::from(price).saturating_mul(judge.confidence_bps.into());
    if reading.status == Status::Valid && u128::from(confidence).saturating_mul(10_000) > widest {
        reading.status = Status::ConfidenceTooWide;
    }
    Ok(reading)
}

/// Decimals of the exponent that is answered now; `None` when it is out of range or nothing is answered.
///
/// Errors: `InsufficientGasForSource`.
pub(crate) fn decimals_now(judge: &Judge<'_>, source: &PinnedSource) -> Result<Option<u8>, Revert> {
    Ok(price_of(judge, source)?.and_then(|answer| decimals(answer.exponent)))
}

struct Answer {
    price: i64,
    confidence: u64,
    exponent: i64,
    updated_at: Option<u64>,
}

fn price_of(judge: &Judge<'_>, source: &PinnedSource) -> Result<Option<Answer>, Revert> {
    let request = encode(&IPyth::getPriceUnsafeCall::SELECTOR, &[source.id]);
    let answer = ask(judge.vm, source.account, &request, PRICE_WORDS)?;
    Ok(answer.and_then(|answer| {
        Some(Answer {
            price: signed(word(&answer, 0)?)?,
            confidence: u64::try_from(unsigned(word(&answer, 1)?)?).ok()?,
            exponent: signed(word(&answer, 2)?)?,
            updated_at: time(word(&answer, 3)?),
        })
    }))
}

/// An exponent from −18 to 0 as decimals.
fn decimals(exponent: i64) -> Option<u8> {
    let decimals = u8::try_from(exponent.checked_neg()?).ok()?;
    (decimals <= MAX_DECIMALS).then_some(decimals)
}
