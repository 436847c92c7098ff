//! What is kept: the rules, in one slot, and what was published last, one slot an expiry.

use alloy_primitives::{B256, U32};
use clearing_math::quotes::{MOST_QUOTES, Rules};
use interfaces::Revert;
use interfaces::words::{Word, halves};

use crate::{SignedQuotes, refusal};

/// A smile has five parameters.
const LEAST_QUOTES: u64 = 5;
/// Bounds of the reach, 1e-4 standard deviations: from an option of 40 delta to one of a thousandth.
const REACH: (u64, u64) = (2_500, 30_000);
/// Bounds of the width of a firm quote, volatility: 0.01 % to 50 %.
const SPREAD: (u64, u64) = (100_000_000_000_000, 500_000_000_000_000_000);
/// Most tolerance, volatility: 5 %.
const MOST_TOLERANCE: u64 = 50_000_000_000_000_000;
/// Longest age of quotes, seconds: an hour.
const MOST_AGE: u64 = 3_600;

/// What the constructor fixes: `max age u32 · least quotes u16 · reach u16` in the upper half, `max spread u64 · tolerance u64` in the lower.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Terms {
    pub(crate) rules: Rules,
    /// Seconds from observation to publication.
    pub(crate) max_age: u32,
}

/// The last publication of an expiry: `observed at u64 · firm quotes u16 · miss u16` in the upper half, the forward in the lower.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Published {
    /// Unix seconds; zero before the first.
    pub(crate) observed_at: u64,
    pub(crate) firm_quotes: u16,
    /// See [`clearing_math::quotes::Agreement::miss`].
    pub(crate) miss: u16,
    /// WAD.
    pub(crate) forward: u128,
}

#[allow(
    clippy::cast_possible_truncation,
    reason = "fields are read back as wide as they were written"
)]
impl Terms {
    /// Errors: `ParameterOutOfBounds`.
    pub(crate) fn check(&self) -> Result<(), Revert> {
        let Rules {
            least_quotes,
            reach,
            max_spread,
            tolerance,
        } = self.rules;
        for (given, least, most) in [
            (least_quotes.into(), LEAST_QUOTES, MOST_QUOTES as u64),
            (reach.into(), REACH.0, REACH.1),
            (max_spread, SPREAD.0, SPREAD.1),
            (tolerance, 0, MOST_TOLERANCE),
            (self.max_age.into(), 1, MOST_AGE),
        ] {
            if given < least || given > most {
                return Err(refusal::parameter_out_of_bounds(given, least, most));
            }
        }
        Ok(())
    }

    pub(crate) fn pack(&self) -> B256 {
        let high = (u128::from(self.max_age) << 32)
            | (u128::from(self.rules.least_quotes) << 16)
            | u128::from(self.rules.reach);
        let low = (u128::from(self.rules.max_spread) << 64) | u128::from(self.rules.tolerance);
        packed(high, low)
    }

    fn unpack(word: B256) -> Self {
        let (high, low) = halves(word);
        Self {
            rules: Rules {
                least_quotes: (high >> 16) as u16,
                reach: high as u16,
                max_spread: (low >> 64) as u64,
                tolerance: low as u64,
            },
            max_age: (high >> 32) as u32,
        }
    }
}

#[allow(
    clippy::cast_possible_truncation,
    reason = "fields are read back as wide as they were written"
)]
impl SignedQuotes {
    pub(crate) fn terms(&self) -> Terms {
        Terms::unpack(self.terms.get())
    }

    pub(crate) fn last(&self, expiry: u32) -> Published {
        let (high, forward) = halves(self.published.get(U32::from(expiry)));
        Published {
            observed_at: (high >> 32) as u64,
            firm_quotes: (high >> 16) as u16,
            miss: high as u16,
            forward,
        }
    }

    pub(crate) fn set_last(&mut self, expiry: u32, published: Published) {
        let high = (u128::from(published.observed_at) << 32)
            | (u128::from(published.firm_quotes) << 16)
            | u128::from(published.miss);
        let word = packed(high, published.forward);
        self.published.setter(U32::from(expiry)).set(word);
    }
}

fn packed(high: u128, low: u128) -> B256 {
    let mut word = low.word();
    word[..16].copy_from_slice(&high.to_be_bytes());
    word
}
