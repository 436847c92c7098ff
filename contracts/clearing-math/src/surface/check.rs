//! Whether a smile may be published.
//!
//! In this order: parameters in range, not expired, volatility at the forward within bounds, and no static arbitrage in the total variance of
//! now ([`crate::svi::arbitrage`]: least variance, wings, butterfly; a proof for every strike). Against the neighbouring expiries of the same
//! publisher, [`crate::svi::check_calendar`] of what [`PublishedSmile::check`] returns.

use super::{
    LEAST_VOLATILITY, MAX_REACH, MAX_SLOPE, MOST_VOLATILITY, PublishedSmile, UNIT, nearest,
    reading::volatility_of_variance,
};
use crate::{
    magnitude::Magnitude,
    svi::{
        ArbitrageError, LogMoneyness, Smile,
        arbitrage::{Side, check_smile},
    },
    tables::PER_YEAR,
};

/// Why a smile may not be published.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SmileError {
    /// `b` is above [`MAX_SLOPE`], or negative in two's complement.
    Slope {
        /// `b` given, units.
        given: u64,
    },
    /// `|ρ|` is not below [`UNIT`].
    Correlation {
        /// `ρ` given, units.
        given: i64,
    },
    /// `|m|` is above [`MAX_REACH`].
    Centre {
        /// `m` given, units.
        given: i64,
    },
    /// `σ` is zero or above [`MAX_REACH`].
    Width {
        /// `σ` given, units.
        given: u64,
    },
    /// The expiry is not after now.
    Expired {
        /// Now, unix seconds.
        now: u64,
    },
    /// The volatility at the forward is outside of [`LEAST_VOLATILITY`]..=[`MOST_VOLATILITY`].
    Volatility {
        /// Volatility there, WAD; zero where variance is negative, at most `u64::MAX`.
        given: u64,
    },
    /// Total variance holds arbitrage.
    Arbitrage(ArbitrageError),
}

/// A refusal as numbers, for an error of a contract.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Refusal {
    /// 1 slope, 2 correlation, 3 centre, 4 width, 5 expired, 6 volatility at the forward, 7 negative variance, 8 wing, 9 butterfly,
    /// 10 calendar in a wing, 11 calendar.
    pub code: u8,
    /// Where, as `ln(K/F)`, WAD; ±16e18 stands for a wing, zero where no strike is meant.
    pub k: i128,
    /// What was given: a parameter (1e-9), a time, or a number of the condition (WAD).
    pub given: i128,
    /// The limit that it passes, in the same unit: the nearer one of two.
    pub limit: i128,
}

/// `k` that stands for a wing.
const WING: i128 = 16_000_000_000_000_000_000;

const fn wing(side: Side) -> i128 {
    match side {
        Side::Left => -WING,
        Side::Right => WING,
    }
}

impl From<ArbitrageError> for SmileError {
    fn from(error: ArbitrageError) -> Self {
        Self::Arbitrage(error)
    }
}

impl SmileError {
    /// The refusal as numbers.
    #[must_use]
    pub fn refusal(&self) -> Refusal {
        let limit_of = |given: i64, limit: i64| {
            if given < 0 {
                i128::from(limit).wrapping_neg()
            } else {
                limit.into()
            }
        };
        let (code, k, given, limit) = match *self {
            Self::Slope { given } => (1, 0, given.into(), MAX_SLOPE.into()),
            Self::Correlation { given } => (2, 0, given.into(), limit_of(given, UNIT as i64)),
            Self::Centre { given } => (3, 0, given.into(), limit_of(given, MAX_REACH as i64)),
            Self::Width { given } => {
                let limit = if given == 0 { 1 } else { MAX_REACH };
                (4, 0, given.into(), limit.into())
            }
            Self::Expired { now } => (5, 0, now.into(), 0),
            Self::Volatility { given } => {
                let limit = if given > MOST_VOLATILITY {
                    MOST_VOLATILITY
                } else {
                    LEAST_VOLATILITY
                };
                (6, 0, given.into(), limit.into())
            }
            Self::Arbitrage(error) => match error {
                // Parameters were in range before.
                ArbitrageError::Range(_) => (7, 0, 0, 0),
                ArbitrageError::NegativeVariance { k, least } => (7, k, least, 0),
                ArbitrageError::WingTooSteep {
                    side,
                    given,
                    allowed,
                } => (8, wing(side), given, allowed.into()),
                ArbitrageError::Butterfly { k, g } => (9, k, g, 0),
                ArbitrageError::CalendarWing { side, near, far } => (10, wing(side), far, near),
                ArbitrageError::Calendar { k, near, far } => (11, k, far, near),
            },
        };
        Refusal {
            code,
            k,
            given,
            limit,
        }
    }
}

impl PublishedSmile {
    #[allow(
        clippy::needless_bitwise_bool,
        reason = "branches cost more than comparisons"
    )]
    #[cfg_attr(not(feature = "compact"), inline(always))]
    pub(super) fn check_ranges(&self) -> Result<(), SmileError> {
        let in_range = (self.b <= MAX_SLOPE)
            & (self.rho.unsigned_abs() < UNIT)
            & (self.m.unsigned_abs() <= MAX_REACH)
            & (self.sigma.wrapping_sub(1) < MAX_REACH);
        if in_range {
            Ok(())
        } else {
            Err(self.out_of_range())
        }
    }

    /// The first parameter that is out of its range, when one is.
    #[cold]
    #[inline(never)]
    const fn out_of_range(&self) -> SmileError {
        if self.b > MAX_SLOPE {
            SmileError::Slope { given: self.b }
        } else if self.rho.unsigned_abs() >= UNIT {
            SmileError::Correlation { given: self.rho }
        } else if self.m.unsigned_abs() > MAX_REACH {
            SmileError::Centre { given: self.m }
        } else {
            SmileError::Width { given: self.sigma }
        }
    }

    /// Proves the smile free of static arbitrage and returns its total variance at `now` (unix seconds), for the proof against its neighbours.
    ///
    /// # Errors
    /// [`SmileError`]: the first condition that fails.
    pub fn check(&self, now: u64) -> Result<Smile, SmileError> {
        let smile = self.total(now)?;
        let given = self.volatility_at_forward();
        if !(LEAST_VOLATILITY..=MOST_VOLATILITY).contains(&given) {
            return Err(SmileError::Volatility { given });
        }
        check_smile(&smile)?;
        Ok(smile)
    }

    /// The total variance at `now` (unix seconds) of a smile that was checked before.
    ///
    /// # Errors
    /// A parameter out of range, or [`SmileError::Expired`].
    pub fn total(&self, now: u64) -> Result<Smile, SmileError> {
        self.check_ranges()?;
        match u64::from(self.expiry).checked_sub(now) {
            None | Some(0) => Err(SmileError::Expired { now }),
            Some(seconds) => Ok(self.smile_over(Magnitude::scaled(seconds, 0).times(PER_YEAR))),
        }
    }

    /// Volatility at `K = F`, WAD, not held within bounds; its square is the nearest 1e-9.
    #[must_use]
    pub fn volatility_at_forward(&self) -> u64 {
        let variance = self.annualised().total_variance(LogMoneyness::ZERO);
        if variance.negative {
            return 0;
        }
        // Through the unit that smiles are published in: a flat one of the least volatility must not fail by the last bit.
        let units = nearest(variance.size.times(Magnitude::scaled(UNIT, 0)));
        if units == EXTREMES[0] {
            return LEAST_VOLATILITY;
        }
        if units == EXTREMES[1] {
            return MOST_VOLATILITY;
        }
        volatility_of_variance(Magnitude::scaled(units, 0).times(super::PER_UNIT))
    }
}

/// Squares of the least and the highest volatility, units.
const EXTREMES: [u64; 2] = [100_000, 324_000_000_000];
