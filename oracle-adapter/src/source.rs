//! One source of a feed: what is pinned of it, what its answer may be worth, and how it is asked.
//!
//! What is assumed of a source: nothing. It may revert, answer anything of any length, burn all gas it is given or be gone; each of these is
//! a [`Status`], never a revert of ours. Reads are static calls, so it cannot change anything either.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256};
use interfaces::Revert;
use stylus_sdk::prelude::*;

use crate::{aggregator, host, pyth, refusal, sequencer, twap};

/// Gas a source gets for one answer. Chainlink's proxies take about 15,000 on cold storage, a pool's oldest observation about 80,000.
const GAS_PER_CALL: u64 = 150_000;
/// Gas that must be left before a call: the 63/64 rule passes on [`GAS_PER_CALL`] in full, and 30,000 remain for what follows.
/// With less, whoever pays the gas could choose which sources answer.
pub(crate) const GAS_NEEDED: u64 = GAS_PER_CALL.div_ceil(63) * 64 + 30_000;
/// Furthest a timestamp may lie ahead of the block's, seconds.
pub(crate) const MAX_CLOCK_SKEW: u64 = 60;
/// Most decimals a source may have.
pub(crate) const MAX_DECIMALS: u8 = 18;

const WORD: usize = 32;

/// What a source is; the numbers are part of the ABI. 2 is left out: a signed price has the face of an aggregator.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Kind {
    Aggregator = 0,
    Pyth = 1,
    Twap = 3,
    Sequencer = 4,
    SettlementAsset = 5,
    /// No source of prices: asked for a settlement price, and never in an evaluation.
    Committee = 6,
}

impl Kind {
    pub(crate) const fn of(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::Aggregator),
            1 => Some(Self::Pyth),
            3 => Some(Self::Twap),
            4 => Some(Self::Sequencer),
            5 => Some(Self::SettlementAsset),
            6 => Some(Self::Committee),
            _ => None,
        }
    }

    /// Whether its price counts towards the median; the others only watch.
    pub(crate) const fn votes(self) -> bool {
        matches!(self, Self::Aggregator | Self::Pyth)
    }

    /// Whether one contract can hold several of its kind, told apart by their ids.
    pub(crate) const fn has_id(self) -> bool {
        matches!(self, Self::Pyth | Self::Twap)
    }
}

/// A source as it was listed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PinnedSource {
    pub(crate) account: Address,
    pub(crate) kind: Kind,
    /// Age up to which an answer counts; of a pool the window of its mean, of the sequencer the time of grace; seconds.
    pub(crate) max_age: u32,
    /// Decimals of its answers at listing; of a pool the power of ten that makes its raw price a WAD one, 0 to 36.
    pub(crate) decimals: u8,
    /// Of a pool: whether the underlying is its second token.
    pub(crate) inverted: bool,
    /// Pyth's price id; zero for the rest.
    pub(crate) id: B256,
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
    ConfidenceTooWide = 7,
    BadExponent = 8,
    /// Older than what was accepted from it, or than what was reported.
    WentBack = 9,
    SequencerDown = 10,
    SequencerUnknown = 11,
    GracePeriod = 12,
}

/// One answer and what it is worth. `price` (WAD) and `updated_at` are zero as far as they could not be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Reading {
    pub(crate) status: Status,
    pub(crate) price: u128,
    pub(crate) updated_at: u64,
}

impl Reading {
    pub(crate) const fn unreadable(status: Status) -> Self {
        Self {
            status,
            price: 0,
            updated_at: 0,
        }
    }
}

/// What an answer is judged by.
#[derive(Clone, Copy)]
pub(crate) struct Judge<'a> {
    pub(crate) vm: &'a dyn Host,
    pub(crate) bounds: Bounds,
    /// Widest confidence interval of a price, 1/10,000 of it.
    pub(crate) confidence_bps: u16,
    /// Unix seconds.
    pub(crate) now: u64,
}

impl Judge<'_> {
    /// Asks a source.
    ///
    /// Errors: `InsufficientGasForSource`, whatever the source does: the outcome must not depend on the gas supplied.
    pub(crate) fn read(&self, source: &PinnedSource) -> Result<Reading, Revert> {
        match source.kind {
            Kind::Aggregator => aggregator::read(self, source, self.bounds),
            Kind::SettlementAsset => aggregator::read(self, source, aggregator::SETTLEMENT_BOUNDS),
            Kind::Pyth => pyth::read(self, source),
            Kind::Twap => twap::read(self, source),
            Kind::Sequencer => sequencer::read(self, source),
            Kind::Committee => Ok(Reading::unreadable(Status::CallFailed)),
        }
    }

    /// [`Judge::read`] of a source of which an answer of time `accepted` was accepted and to whose readers `reported` was told. An older answer does
    /// not count: time runs forward for whoever reads us.
    ///
    /// Errors: `InsufficientGasForSource`.
    pub(crate) fn read_after(
        &self,
        source: &PinnedSource,
        accepted: u32,
        reported: u64,
    ) -> Result<Reading, Revert> {
        let mut reading = self.read(source)?;
        let went_back = reading.updated_at < u64::from(accepted).max(reported);
        if source.kind.votes() && reading.status == Status::Valid && went_back {
            reading.status = Status::WentBack;
        }
        Ok(reading)
    }

    /// Judges what every price has: its time, and bounds. `price` WAD; zero and `None` (too large to hold) are judged too.
    pub(crate) fn judge(
        &self,
        price: Option<u128>,
        updated_at: Option<u64>,
        max_age: u32,
        bounds: Bounds,
    ) -> Reading {
        let status = match (price, updated_at) {
            (Some(0), _) => Status::NotPositive,
            // Beyond u64 is what a clock in nanoseconds or garbage looks like.
            (_, None | Some(0)) => Status::BadTimestamp,
            (_, Some(time)) if time > self.now.saturating_add(MAX_CLOCK_SKEW) => {
                Status::BadTimestamp
            }
            (_, Some(time)) if self.now.saturating_sub(time) > u64::from(max_age) => Status::Stale,
            (Some(price), _) if price > bounds.min && price < bounds.max => Status::Valid,
            _ => Status::OutOfBounds,
        };
        Reading {
            status,
            price: price.unwrap_or(0),
            updated_at: updated_at.unwrap_or(0),
        }
    }
}

/// Static call with bounded gas and bounded copying. `None` when it fails or answers less than `words`.
///
/// Errors: `InsufficientGasForSource`.
pub(crate) fn ask(
    vm: &dyn Host,
    account: Address,
    calldata: &[u8],
    words: usize,
) -> Result<Option<Vec<u8>>, Revert> {
    let gas_left = host::gas_left(vm);
    if gas_left < GAS_NEEDED {
        return Err(refusal::insufficient_gas_for_source(gas_left, GAS_NEEDED));
    }
    // The source could read us: what it sees must be what is stored.
    vm.flush_cache(false);
    let mut answered = 0_usize;
    // SAFETY: address and calldata outlive the call; a static call writes no storage, so no storage reference can go stale.
    let failed = unsafe {
        vm.static_call_contract(
            account.as_ptr(),
            calldata.as_ptr(),
            calldata.len(),
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

/// Factor from a source's unit to WAD. Decimals are at most 18 by listing; beyond there is no factor and no valid price.
pub(crate) fn to_wad(decimals: u8) -> u128 {
    MAX_DECIMALS
        .checked_sub(decimals)
        .map_or(0, |missing| 10_u128.pow(u32::from(missing)))
}

/// Word number `index` of an answer.
pub(crate) fn word(data: &[u8], index: usize) -> Option<&[u8; WORD]> {
    data.chunks_exact(WORD).nth(index)?.try_into().ok()
}

/// A word as an integer; `None` from 2^128 on.
pub(crate) fn unsigned(word: &[u8; WORD]) -> Option<u128> {
    let (high, low) = word.split_at(16);
    if high.iter().any(|byte| *byte != 0) {
        return None;
    }
    low.try_into().ok().map(u128::from_be_bytes)
}

/// A word as a signed integer; `None` when it does not fit 64 bits.
pub(crate) fn signed(word: &[u8; WORD]) -> Option<i64> {
    let (high, low) = word.split_at(24);
    let value = i64::from_be_bytes(low.try_into().ok()?);
    // Sign extension: every byte above repeats the sign.
    let filler = if value < 0 { 0xff } else { 0 };
    high.iter().all(|byte| *byte == filler).then_some(value)
}

/// A word as a time; `None` when it is no `u64`.
pub(crate) fn time(word: &[u8; WORD]) -> Option<u64> {
    unsigned(word).and_then(|time| u64::try_from(time).ok())
}

/// Whether two's complement says negative.
pub(crate) fn is_negative(word: &[u8; WORD]) -> bool {
    word.first().is_some_and(|byte| byte & 0x80 != 0)
}
