//! The time-weighted mean of a Uniswap v3 pool, as a bound of sanity: it can raise doubt and nothing else.
//!
//! A pool is moved by whoever has the capital for as long as he keeps it there, and its depth is nobody's promise: it never counts towards the
//! quorum. But moving it for its whole window is dear, so a median that has left it deserves a second look before new risk is taken.

use alloy_primitives::{Address, B256};
use alloy_sol_types::{SolCall, sol};
use clearing_math::elementary::exp;
use clearing_math::magnitude::{Magnitude, Signed};
use interfaces::Revert;
use interfaces::words::{Word, encode};

use crate::aggregator;
use crate::source::{
    Judge, Kind, MAX_DECIMALS, PinnedSource, Reading, Status, ask, signed, unsigned, word,
};

sol! {
    /// The part of a pool that is read.
    interface IPool {
        function observe(uint32[] memory secondsAgos)
            external
            view
            returns (int56[] memory tickCumulatives, uint160[] memory secondsPerLiquidityCumulativeX128s);
        function token0() external view returns (address);
        function token1() external view returns (address);
    }
}

/// `ln 1.0001`, to 2^-64 of itself: a tick is a factor of 1.0001 in the raw price.
const LN_TICK: Magnitude = Magnitude::scaled(0xd1b4_6832_c000_058c, -77);
/// Furthest tick a pool can have.
const MAX_TICK: i64 = 887_272;
/// Words of `observe` up to the second cumulative tick; the rest is not copied.
const OBSERVED_WORDS: usize = 5;

/// The mean price over the window (`max_age` seconds), as of now.
///
/// Errors: `InsufficientGasForSource`.
pub(crate) fn read(judge: &Judge<'_>, source: &PinnedSource) -> Result<Reading, Revert> {
    let Some(tick) = mean_tick(judge, source)? else {
        return Ok(Reading::unreadable(Status::CallFailed));
    };
    let price = price_at(tick, source.decimals, source.inverted);
    Ok(judge.judge(price, Some(judge.now), source.max_age, judge.bounds))
}

/// Pins the order of the tokens and the power of ten between raw and WAD price. `None` when the pool does not hold `underlying`, or a token
/// has no sane decimals.
///
/// Errors: `InsufficientGasForSource`.
pub(crate) fn pin(
    judge: &Judge<'_>,
    source: &PinnedSource,
    underlying: B256,
) -> Result<Option<PinnedSource>, Revert> {
    let first = token(judge, source.account, IPool::token0Call::SELECTOR)?;
    let second = token(judge, source.account, IPool::token1Call::SELECTOR)?;
    let (Some(first), Some(second)) = (first, second) else {
        return Ok(None);
    };
    let inverted = underlying == second.into_word();
    if !inverted && underlying != first.into_word() {
        return Ok(None);
    }
    let (base, quote) = if inverted {
        (second, first)
    } else {
        (first, second)
    };
    let base = aggregator::decimals(judge.vm, base)?;
    let quote = aggregator::decimals(judge.vm, quote)?;
    let decimals = base.zip(quote).and_then(|(base, quote)| {
        // Both at most 18.
        MAX_DECIMALS.checked_add(base)?.checked_sub(quote)
    });
    Ok(decimals.map(|decimals| PinnedSource {
        decimals,
        inverted,
        kind: Kind::Twap,
        ..*source
    }))
}

fn token(judge: &Judge<'_>, pool: Address, selector: [u8; 4]) -> Result<Option<Address>, Revert> {
    let answer = ask(judge.vm, pool, &selector, 1)?;
    Ok(answer.and_then(|answer| {
        let word = word(&answer, 0)?;
        // An address, not a number beyond it.
        unsigned_above(word).then(|| Address::from_slice(word.split_at(12).1))
    }))
}

/// Whether the twelve bytes above an address are empty.
fn unsigned_above(word: &[u8; 32]) -> bool {
    word.iter().take(12).all(|byte| *byte == 0)
}

/// Mean tick over the window, rounded down as Uniswap's own library does.
fn mean_tick(judge: &Judge<'_>, source: &PinnedSource) -> Result<Option<i64>, Revert> {
    let request = encode(
        &IPool::observeCall::SELECTOR,
        &[
            32_u32.word(),
            2_u32.word(),
            source.max_age.word(),
            0_u32.word(),
        ],
    );
    let answer = ask(judge.vm, source.account, &request, OBSERVED_WORDS)?;
    Ok(answer.and_then(|answer| {
        let number = |index| word(&answer, index).and_then(unsigned);
        if number(0) != Some(64) || number(2) != Some(2) {
            return None;
        }
        let (then, now) = (signed(word(&answer, 3)?)?, signed(word(&answer, 4)?)?);
        let tick = now
            .checked_sub(then)?
            .checked_div_euclid(source.max_age.into())?;
        (tick.unsigned_abs() <= MAX_TICK.unsigned_abs()).then_some(tick)
    }))
}

/// WAD price at a tick; `None` from 2^127 on. `power` of ten from raw to WAD. Relative error below 2^-52.
fn price_at(tick: i64, power: u8, inverted: bool) -> Option<u128> {
    let tick = Signed::from_i64(tick).signed_by(inverted);
    let scale = Magnitude::from_u128(10_u128.checked_pow(power.into())?);
    exp(tick.times(LN_TICK)).times(scale).to_u128()
}
