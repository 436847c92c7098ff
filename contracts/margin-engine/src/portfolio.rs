//! A portfolio as the caller gives it, brought to the units of the mathematics: legs from their words, token amounts to 1e18.

use alloc::vec::Vec;

use alloy_primitives::{B256, I256, U256};
use clearing_math::leg::Leg;
use clearing_math::margin::MAX_LEGS;
use interfaces::Revert;
use interfaces::words::Words;

use crate::refusal;

/// Decimals of the mathematics.
const WAD_DECIMALS: u8 = 18;
/// Bytes of a leg word that say which series it is.
const SERIES_BYTES: usize = 16;

/// Reads the legs. Errors: `TooManyLegs`, `BadLeg`, `DuplicateLeg`.
pub(crate) fn legs_of(words: &[B256]) -> Result<Vec<Leg>, Revert> {
    if words.len() > MAX_LEGS {
        return Err(refusal::too_many_legs(words.len(), MAX_LEGS));
    }
    let mut legs = Vec::with_capacity(words.len());
    for (index, word) in words.iter().enumerate() {
        let leg = Leg::from_word(&word.0)
            .ok()
            .filter(|leg| leg.contracts != 0);
        legs.push(leg.ok_or_else(|| refusal::bad_leg(index))?);
        let earlier = words.iter().take(index);
        if earlier
            .map(|other| other.first_chunk::<SERIES_BYTES>())
            .any(|other| other == word.first_chunk())
        {
            return Err(refusal::duplicate_leg(index));
        }
    }
    Ok(legs)
}

/// Distinct expiries of the legs that are still to come at `now`: those whose volatility matters.
pub(crate) fn live_expiries(legs: &[Leg], now: u64) -> Vec<u32> {
    let mut expiries = Vec::new();
    for leg in legs {
        if u64::from(leg.expiry) > now && !expiries.contains(&leg.expiry) {
            expiries.push(leg.expiry);
        }
    }
    expiries
}

/// Signed token units to 1e18; exact, tokens having at most 18 decimals. Errors: `Overflow`.
pub(crate) fn cash_to_wad(amount: I256, decimals: u8) -> Result<i128, Revert> {
    narrow(&amount.to_be_bytes(), Words::i128)
        .zip(factor(decimals))
        .and_then(|(amount, factor)| amount.checked_mul(factor.into()))
        .ok_or_else(refusal::overflow)
}

/// Token units to 1e18; exact. Errors: `Overflow`.
pub(crate) fn base_to_wad(amount: U256, decimals: u8) -> Result<u128, Revert> {
    narrow(&amount.to_be_bytes(), Words::u128)
        .zip(factor(decimals))
        .and_then(|(amount, factor)| amount.checked_mul(factor.into()))
        .ok_or_else(refusal::overflow)
}

/// A word as the narrower integer `read` takes it for. (The library's conversions bring the formatting code along, which is kilobytes.)
fn narrow<'a, T>(word: &'a [u8; 32], read: fn(&mut Words<'a>) -> T) -> Option<T> {
    let mut words = Words::new(word);
    let value = read(&mut words);
    words.end().ok()?;
    Some(value)
}

/// 1e18 units per token unit; `None` for more than 18 decimals.
fn factor(decimals: u8) -> Option<u64> {
    let missing = WAD_DECIMALS.checked_sub(decimals)?;
    10_u64.checked_pow(u32::from(missing))
}
