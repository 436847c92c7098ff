//! The rules of a pool that a new series must satisfy, and the hard bounds of these rules.

use alloy_primitives::U256;
use interfaces::{ISeriesFactory, Revert};

/// Shortest distance between expiries: an hour, in seconds. The window in which samples of one are recorded is an hour and a half long, at most one a
/// minute and expiry: whoever keeps a feed could not record an expiry every second, and every expiry on the grid can be listed by anyone.
const MIN_EXPIRY_INTERVAL: u32 = 3_600;

/// Longest distance between expiries: a week, in seconds.
const MAX_EXPIRY_INTERVAL: u32 = 604_800;

/// Shortest maximal tenor: an hour, in seconds.
const MIN_TENOR: u32 = 3_600;

/// Longest maximal tenor: three years of 365 days, in seconds.
const MAX_TENOR: u32 = 94_608_000;

/// Put; call is 0.
const LAST_KIND: u8 = 1;

/// Grid of expiries and strikes.
#[derive(Clone, Copy)]
pub struct SeriesRules {
    /// Seconds between expiries: `expiry % expiry_interval == expiry_offset`.
    pub expiry_interval: u32,
    /// Seconds.
    pub expiry_offset: u32,
    /// Longest time from listing to expiry, in seconds.
    pub max_tenor: u32,
    /// Strikes are multiples of it; 1e-8 quote.
    pub strike_tick: u64,
}

impl SeriesRules {
    /// Checks the rules themselves. Errors: `ParameterOutOfBounds`.
    pub fn check_bounds(&self) -> Result<(), Revert> {
        check_bounds(
            self.expiry_interval.into(),
            MIN_EXPIRY_INTERVAL.into(),
            MAX_EXPIRY_INTERVAL.into(),
        )?;
        let last_offset = self.expiry_interval.saturating_sub(1);
        check_bounds(self.expiry_offset.into(), 0, last_offset.into())?;
        check_bounds(self.max_tenor.into(), MIN_TENOR.into(), MAX_TENOR.into())?;
        check_bounds(self.strike_tick.into(), 1, u64::MAX.into())
    }

    /// Checks a strike, in 1e-8 quote. Errors: `BadStrike`.
    pub fn check_strike(&self, strike: u64) -> Result<(), Revert> {
        // The remainder is none only for a tick of zero, which `check_bounds` keeps out.
        if strike == 0 || strike.checked_rem(self.strike_tick) != Some(0) {
            return Err(ISeriesFactory::BadStrike {
                strike,
                tick: self.strike_tick,
            }
            .into());
        }
        Ok(())
    }

    /// Checks an expiry, in unix seconds, of a series listed at `now`. Errors: `BadExpiry`.
    pub fn check_expiry(&self, expiry: u32, now: u64) -> Result<(), Revert> {
        let (earliest, latest) = (
            now.saturating_add(1),
            now.saturating_add(u64::from(self.max_tenor)),
        );
        let on_grid = expiry.checked_rem(self.expiry_interval) == Some(self.expiry_offset);
        if !on_grid || !(earliest..=latest).contains(&u64::from(expiry)) {
            return Err(ISeriesFactory::BadExpiry {
                expiry,
                earliest,
                latest,
            }
            .into());
        }
        Ok(())
    }
}

/// Checks that the kind is 0 (call) or 1 (put). Errors: `BadKind`.
pub fn check_kind(kind: u8) -> Result<(), Revert> {
    if kind > LAST_KIND {
        return Err(ISeriesFactory::BadKind { kind }.into());
    }
    Ok(())
}

/// Checks a parameter of a pool. Errors: `ParameterOutOfBounds` when `given` is not in `least..=most`.
pub fn check_bounds(given: u128, least: u128, most: u128) -> Result<(), Revert> {
    if given < least || given > most {
        return Err(ISeriesFactory::ParameterOutOfBounds {
            given: U256::from(given),
            least: U256::from(least),
            most: U256::from(most),
        }
        .into());
    }
    Ok(())
}
