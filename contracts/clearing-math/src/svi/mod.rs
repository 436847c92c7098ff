//! The volatility surface: SVI slices, one per expiry, and the checks that make one fit to be published.
//!
//! A slice is the raw parametrisation of Gatheral, `w(k) = a + b·(ρ·(k − m) + √((k − m)² + σ²))`, with `k = ln(K/F)` and `w` the
//! total variance `σ_iv²·T`. [`Slice::prepare`] checks the ranges and does the work that all strikes share, [`Smile::expiring_in`]
//! adds what all strikes of one expiry share; the rest is one logarithm and two square roots a strike.
//!
//! | module | what it decides |
//! |---|---|
//! | this one | what a slice is, and how far from the money it is read |
//! | [`evaluation`] | total variance, its derivatives in `k`, implied volatility |
//! | [`arbitrage`] | whether a slice, and a pair of slices, is free of static arbitrage |
//! | `butterfly`, `calendar` | the two proofs behind that, for all strikes rather than on a grid |
//! | [`interpolation`] | total variance between and beyond the listed expiries |

pub mod arbitrage;
mod butterfly;
mod calendar;
pub mod evaluation;
pub mod interpolation;
mod root;
pub(crate) mod sum;

pub use self::{
    arbitrage::{ArbitrageError, Side, check_calendar, check_slice},
    evaluation::{ExpirySmile, Point, Smile},
    interpolation::total_variance_at,
};
use crate::{
    WAD,
    elementary::ln_ratio_here,
    magnitude::{Magnitude, Signed},
    tables::PER_WAD,
};

/// One, in the unit of the parameters.
const ONE: u64 = WAD as u64;

/// Largest `|a|`, WAD: 8.0, the variance of 280 % over a year.
pub const MAX_LEVEL: i64 = 8 * ONE as i64;
/// Largest `b`, WAD: 8.0. Above 2 no slice is free of arbitrage.
pub const MAX_SLOPE: u64 = 8 * ONE;
/// What `|ρ|` is below, WAD: 1.0.
pub const CORRELATION_LIMIT: i64 = ONE as i64;
/// Largest `|m|`, WAD: 8.0.
pub const MAX_CENTRE: i64 = 8 * ONE as i64;
/// Largest `σ`, WAD: 8.0; the smallest is one unit.
pub const MAX_WIDTH: u64 = 8 * ONE;
/// What `|k|` is below, as a power of two: strikes down to a nine-millionth of the forward, and up to nine million times it.
pub const LOG_MONEYNESS_POWER: u32 = 4;
/// Exponent of the largest `|k|`: mantissas have 64 bits.
const LARGEST_EXPONENT: i32 = LOG_MONEYNESS_POWER as i32 - 64;

/// Parameters of one expiry, all WAD.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Slice {
    /// Level of variance, `−8..8`.
    pub a: i64,
    /// Slope between the asymptotes, `0..8`.
    pub b: u64,
    /// Asymmetry of the asymptotes, above −1 and below 1.
    pub rho: i64,
    /// Where the asymptotes meet, `−8..8`.
    pub m: i64,
    /// Width of the smile's bend, above 0 and up to 8.
    pub sigma: u64,
}

/// Why a slice cannot be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SliceError {
    /// `|a|` is above the allowed one.
    Level {
        /// `a` given.
        given: i64,
        /// Largest absolute value.
        allowed: i64,
    },
    /// `b` is above the allowed one.
    Slope {
        /// `b` given.
        given: u64,
        /// Largest value.
        allowed: u64,
    },
    /// `|ρ|` is not below the allowed one.
    Correlation {
        /// `ρ` given.
        given: i64,
        /// What its absolute value must be below.
        below: i64,
    },
    /// `|m|` is above the allowed one.
    Centre {
        /// `m` given.
        given: i64,
        /// Largest absolute value.
        allowed: i64,
    },
    /// `σ` is zero or above the allowed one.
    Width {
        /// `σ` given.
        given: u64,
        /// Largest value.
        allowed: u64,
    },
    /// The forward is zero.
    ZeroForward,
    /// The strike is zero.
    ZeroStrike,
    /// `|ln(K/F)|` is not below the allowed one.
    StrikeTooFar {
        /// `ln(K/F)`, WAD; beyond ±31 it is given as ±31.
        given: i128,
        /// What its absolute value must be below, WAD.
        below: i128,
    },
    /// No time is left, so no volatility explains the variance.
    NoTime,
    /// The time to expiry exceeds the allowed one.
    TimeTooLong {
        /// Seconds given.
        given: u64,
        /// Most seconds allowed.
        allowed: u64,
    },
    /// The slice has no variance at this strike: the parameters are not free of arbitrage.
    NegativeVariance {
        /// Total variance, WAD, rounded towards zero.
        total_variance: i128,
    },
}

/// `k = ln(K/F)`, with `|k| < 16`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LogMoneyness(Signed);

impl LogMoneyness {
    /// At the forward.
    pub const ZERO: Self = Self(Signed::ZERO);

    /// Of a strike, both WAD. To 2^-60 of itself where neither is twice the other, else to 2^-58.
    ///
    /// # Errors
    /// [`SliceError::ZeroForward`], [`SliceError::ZeroStrike`], [`SliceError::StrikeTooFar`].
    #[cfg_attr(not(feature = "compact"), inline(always))]
    pub fn of(forward: u128, strike: u128) -> Result<Self, SliceError> {
        if forward == 0 {
            return Err(SliceError::ZeroForward);
        }
        if strike == 0 {
            return Err(SliceError::ZeroStrike);
        }
        Self::between(Magnitude::from_u128(strike), Magnitude::from_u128(forward))
    }

    /// [`LogMoneyness::of`], held where it would be too far.
    ///
    /// # Errors
    /// [`SliceError::ZeroForward`], [`SliceError::ZeroStrike`].
    #[cfg_attr(not(feature = "compact"), inline(always))]
    pub(crate) fn held(forward: u128, strike: u128) -> Result<Self, SliceError> {
        match Self::of(forward, strike) {
            Err(SliceError::StrikeTooFar { given, .. }) => Ok(Self(Signed {
                negative: given < 0,
                size: Magnitude::new(u64::MAX, LARGEST_EXPONENT),
            })),
            found => found,
        }
    }

    /// Of a strike and a forward that are not zero.
    #[cfg_attr(not(feature = "compact"), inline(always))]
    fn between(strike: Magnitude, forward: Magnitude) -> Result<Self, SliceError> {
        Self::checked(ln_ratio_here(strike, forward))
    }

    /// Of a WAD.
    ///
    /// # Errors
    /// [`SliceError::StrikeTooFar`].
    pub fn from_wad(k: i128) -> Result<Self, SliceError> {
        Self::checked(Signed {
            negative: k < 0,
            size: Magnitude::from_u128(k.unsigned_abs()).times(PER_WAD),
        })
    }

    /// In WAD, rounded towards zero.
    #[must_use]
    pub fn to_wad(self) -> i128 {
        wad(self.0)
    }

    /// The number itself.
    #[must_use]
    pub const fn exact(self) -> Signed {
        self.0
    }

    #[cfg_attr(not(feature = "compact"), inline(always))]
    fn checked(k: Signed) -> Result<Self, SliceError> {
        // From the exponent alone; zero is near whatever its exponent.
        if (k.size.exponent() > LARGEST_EXPONENT) & !k.size.is_zero() {
            return Err(too_far(k));
        }
        Ok(Self(k))
    }
}

/// Out of line: what is never read costs nothing but code.
#[cold]
#[inline(never)]
fn too_far(k: Signed) -> SliceError {
    SliceError::StrikeTooFar {
        given: wad(k),
        below: (WAD as i128) << LOG_MONEYNESS_POWER,
    }
}

/// In WAD, rounded towards zero; what does not fit is shown as the largest.
pub(crate) fn wad(x: Signed) -> i128 {
    let largest = if x.negative { i128::MIN } else { i128::MAX };
    x.times(Magnitude::scaled(ONE, 0))
        .to_i128()
        .unwrap_or(largest)
}

impl Slice {
    /// Checks the ranges and prepares what every strike shares.
    ///
    /// # Errors
    /// The parameter that is out of its range, as a [`SliceError`]. Arbitrage is not looked for: see [`check_slice`].
    pub fn prepare(&self) -> Result<Smile, SliceError> {
        self.prepared()
    }

    #[allow(
        clippy::needless_bitwise_bool,
        reason = "branches cost more than comparisons"
    )]
    /// [`Slice::prepare`] where it is called, so that what the caller does not read is never stored.
    #[cfg_attr(not(feature = "compact"), inline(always))]
    fn prepared(&self) -> Result<Smile, SliceError> {
        // One branch for all that is nearly always in range.
        let in_range = (self.a.unsigned_abs() <= MAX_LEVEL.unsigned_abs())
            & (self.b <= MAX_SLOPE)
            & (self.rho.unsigned_abs() < CORRELATION_LIMIT.unsigned_abs())
            & (self.m.unsigned_abs() <= MAX_CENTRE.unsigned_abs())
            & (self.sigma.wrapping_sub(1) < MAX_WIDTH);
        if in_range {
            Ok(Smile::of(self))
        } else {
            Err(self.out_of_range())
        }
    }

    /// The first parameter that is out of its range, when one is.
    #[cold]
    #[inline(never)]
    const fn out_of_range(&self) -> SliceError {
        if self.a.unsigned_abs() > MAX_LEVEL.unsigned_abs() {
            SliceError::Level {
                given: self.a,
                allowed: MAX_LEVEL,
            }
        } else if self.b > MAX_SLOPE {
            SliceError::Slope {
                given: self.b,
                allowed: MAX_SLOPE,
            }
        } else if self.rho.unsigned_abs() >= CORRELATION_LIMIT.unsigned_abs() {
            SliceError::Correlation {
                given: self.rho,
                below: CORRELATION_LIMIT,
            }
        } else if self.m.unsigned_abs() > MAX_CENTRE.unsigned_abs() {
            SliceError::Centre {
                given: self.m,
                allowed: MAX_CENTRE,
            }
        } else {
            SliceError::Width {
                given: self.sigma,
                allowed: MAX_WIDTH,
            }
        }
    }
}
