//! A price aggregator with `latestRoundData()` and `decimals()`, as Chainlink's feeds have.
//!
//! Round ids and `startedAt` are ignored: sources of other makers do not keep them, and the timestamp says the same.

use alloy_primitives::Address;
use alloy_sol_types::{SolCall, sol};
use interfaces::Revert;
use stylus_sdk::prelude::*;

use crate::source::{
    self, Bounds, Judge, MAX_DECIMALS, PinnedSource, Reading, Status, ask, is_negative, to_wad,
    unsigned, word,
};

sol! {
    /// The part of an aggregator that is read.
    interface IAggregator {
        function latestRoundData()
            external
            view
            returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound);
        function decimals() external view returns (uint8);
    }
}

/// Words of `latestRoundData()`; a longer answer is not copied.
pub(crate) const ROUND_WORDS: usize = 5;
/// What a settlement asset may be worth in quote units, exclusive, WAD: a hundredth to ten.
pub(crate) const SETTLEMENT_BOUNDS: Bounds = Bounds {
    min: 10_000_000_000_000_000,
    max: 10_000_000_000_000_000_000,
};

/// Asks for the latest round and judges it.
///
/// Errors: `InsufficientGasForSource`.
pub(crate) fn read(
    judge: &Judge<'_>,
    source: &PinnedSource,
    bounds: Bounds,
) -> Result<Reading, Revert> {
    let selector = IAggregator::latestRoundDataCall::SELECTOR;
    let Some(round) = ask(judge.vm, source.account, &selector, ROUND_WORDS)? else {
        return Ok(Reading::unreadable(Status::CallFailed));
    };
    // A proxy may be pointed to an aggregator of other decimals at any time, so they are asked for every time.
    if decimals(judge.vm, source.account)? != Some(source.decimals) {
        return Ok(Reading::unreadable(Status::DecimalsChanged));
    }
    let (Some(answer), Some(updated_at)) = (word(&round, 1), word(&round, 3)) else {
        return Ok(Reading::unreadable(Status::CallFailed));
    };
    let price = if is_negative(answer) {
        Some(0)
    } else {
        unsigned(answer).and_then(|answer| answer.checked_mul(to_wad(source.decimals)))
    };
    Ok(judge.judge(price, source::time(updated_at), source.max_age, bounds))
}

/// `decimals()` of a source; `None` when it does not answer a number of at most [`MAX_DECIMALS`].
///
/// Errors: `InsufficientGasForSource`.
pub(crate) fn decimals(vm: &dyn Host, account: Address) -> Result<Option<u8>, Revert> {
    let answer = ask(vm, account, &IAggregator::decimalsCall::SELECTOR, 1)?;
    Ok(answer
        .and_then(|answer| word(&answer, 0).and_then(unsigned))
        .and_then(|decimals| u8::try_from(decimals).ok())
        .filter(|decimals| *decimals <= MAX_DECIMALS))
}
