//! Reading one source: a price aggregator with `latestRoundData()` and `decimals()`, as Chainlink's feeds have.
//!
//! What is assumed of a source: nothing. It may revert, answer anything of any length, burn all gas it is given or be gone; each of these is
//! a [`Status`], never a revert of ours. Reads are static calls, so it cannot change anything either. Round ids are ignored: sources of other
//! makers do not keep them, and the timestamp says the same.

use alloc::vec::Vec;

use alloy_primitives::Address;
use alloy_sol_types::{SolCall, sol};
use interfaces::Revert;
use stylus_sdk::prelude::*;

use crate::{host, refusal};

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

/// Gas a source gets for one answer. Chainlink's proxies take about 15,000 on cold storage.
const GAS_PER_CALL: u64 = 150_000;
/// Gas that must be left before a call: the 63/64 rule passes on [`GAS_PER_CALL`] in full, and 30,000 remain for what follows.
/// With less, whoever pays the gas could choose which sources answer.
pub(crate) const GAS_NEEDED: u64 = GAS_PER_CALL.div_ceil(63) * 64 + 30_000;
/// Furthest a timestamp may lie ahead of the block's, seconds.
pub(crate) const MAX_CLOCK_SKEW: u64 = 60;
/// Most decimals a source may have.
pub(crate) const MAX_DECIMALS: u8 = 18;

const WORD: usize = 32;
/// Words of `latestRoundData()`; a longer answer is not copied.
const ROUND_WORDS: usize = 5;

/// A source as it was listed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PinnedSource {
    pub(crate) account: Address,
    /// Age up to which an answer counts, seconds.
    pub(crate) max_age: u32,
    /// `decimals()` at listing.
    pub(crate) decimals: u8,
}

/// Range an answer must lie in, both ends exclusive, WAD quote per underlying. A print at a registered bound is a source's own clamp.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) min: u128,
    pub(crate) max: u128,
}

/// What an answer is worth; the numbers are part of the ABI.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Status {
    Valid = 0,
    CallFailed = 1,
    NotPositive = 2,
    BadTimestamp = 3,
    Stale = 4,
    OutOfBounds = 5,
    DecimalsChanged = 6,
}

/// One answer and what it is worth. `price` (WAD) and `updated_at` are zero as far as they could not be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Reading {
    pub(crate) status: Status,
    pub(crate) price: u128,
    pub(crate) updated_at: u64,
}

impl Reading {
    const fn unreadable(status: Status) -> Self {
        Self {
            status,
            price: 0,
            updated_at: 0,
        }
    }
}

/// Asks a source for its price.
///
/// Errors: `InsufficientGasForSource`, whatever the source does: the outcome must not depend on the gas supplied.
pub(crate) fn read(
    vm: &dyn Host,
    source: &PinnedSource,
    bounds: Bounds,
    now: u64,
) -> Result<Reading, Revert> {
    let Some(round) = ask(
        vm,
        source.account,
        IAggregator::latestRoundDataCall::SELECTOR,
        ROUND_WORDS,
    )?
    else {
        return Ok(Reading::unreadable(Status::CallFailed));
    };
    // A proxy may be pointed to an aggregator of other decimals at any time, so they are asked for every time.
    if decimals(vm, source.account)? != Some(source.decimals) {
        return Ok(Reading::unreadable(Status::DecimalsChanged));
    }
    Ok(judge(&round, source, bounds, now))
}

/// `decimals()` of a source; `None` when it does not answer a number of at most [`MAX_DECIMALS`].
///
/// Errors: `InsufficientGasForSource`.
pub(crate) fn decimals(vm: &dyn Host, account: Address) -> Result<Option<u8>, Revert> {
    let answer = ask(vm, account, IAggregator::decimalsCall::SELECTOR, 1)?;
    Ok(answer
        .and_then(|answer| word(&answer, 0).and_then(unsigned))
        .and_then(|decimals| u8::try_from(decimals).ok())
        .filter(|decimals| *decimals <= MAX_DECIMALS))
}

/// Static call with bounded gas and bounded copying. `None` when it fails or answers less than `words`.
fn ask(
    vm: &dyn Host,
    account: Address,
    selector: [u8; 4],
    words: usize,
) -> Result<Option<Vec<u8>>, Revert> {
    let gas_left = host::gas_left(vm);
    if gas_left < GAS_NEEDED {
        return Err(refusal::insufficient_gas_for_source(gas_left, GAS_NEEDED));
    }
    // The source could read us: what it sees must be what is stored.
    vm.flush_cache(false);
    let mut answered = 0_usize;
    // SAFETY: address and selector outlive the call; a static call writes no storage, so no storage reference can go stale.
    let failed = unsafe {
        vm.static_call_contract(
            account.as_ptr(),
            selector.as_ptr(),
            selector.len(),
            GAS_PER_CALL,
            &mut answered,
        )
    };
    let wanted = words.saturating_mul(WORD);
    // An account without code succeeds with an empty answer and ends here as well.
    if failed != 0 || answered < wanted {
        return Ok(None);
    }
    Ok(Some(vm.read_return_data(0, Some(wanted))))
}

/// What a complete answer is worth at `now`.
fn judge(round: &[u8], source: &PinnedSource, bounds: Bounds, now: u64) -> Reading {
    let (Some(answer), Some(updated_at)) = (word(round, 1), word(round, 3)) else {
        return Reading::unreadable(Status::CallFailed);
    };
    let updated_at = unsigned(updated_at).and_then(|time| u64::try_from(time).ok());
    // Two's complement: the top bit is the sign.
    let negative = answer.first().is_some_and(|byte| byte & 0x80 != 0);
    let price = if negative {
        Some(0)
    } else {
        unsigned(answer).and_then(|answer| answer.checked_mul(to_wad(source.decimals)))
    };
    let status = match (price, updated_at) {
        (Some(0), _) => Status::NotPositive,
        // Beyond u64 is what a clock in nanoseconds or garbage looks like.
        (_, None | Some(0)) => Status::BadTimestamp,
        (_, Some(time)) if time > now.saturating_add(MAX_CLOCK_SKEW) => Status::BadTimestamp,
        (_, Some(time)) if now.saturating_sub(time) > u64::from(source.max_age) => Status::Stale,
        (Some(price), _) if price > bounds.min && price < bounds.max => Status::Valid,
        _ => Status::OutOfBounds,
    };
    Reading {
        status,
        price: price.unwrap_or(0),
        updated_at: updated_at.unwrap_or(0),
    }
}

/// Factor from a source's unit to WAD. `decimals` is at most 18 by listing; beyond it there is no factor and no valid price.
fn to_wad(decimals: u8) -> u128 {
    MAX_DECIMALS
        .checked_sub(decimals)
        .map_or(0, |missing| 10_u128.pow(u32::from(missing)))
}

fn word(data: &[u8], index: usize) -> Option<&[u8; WORD]> {
    data.chunks_exact(WORD).nth(index)?.try_into().ok()
}

/// A word as an integer; `None` from 2^128 on.
fn unsigned(word: &[u8; WORD]) -> Option<u128> {
    let (high, low) = word.split_at(16);
    if high.iter().any(|byte| *byte != 0) {
        return None;
    }
    low.try_into().ok().map(u128::from_be_bytes)
}
