//! The volatility surface of several publishers: smiles as 32-byte words, and the volatility that all of them together mean.
//!
//! A publisher says, per expiry, how **annualised** variance depends on `k = ln(K/F)`: `v(k) = a + b·(ρ·(k − m) + √((k − m)² + σ²))`, the raw
//! form of Gatheral (see [`crate::svi`], whose slices are of total variance `w = v·T`). Volatility then stands still between publications
//! while time runs out. The volatility at a strike is the **median** of what the publishers' smiles say there: while fewer than half
//! of them lie, it is between two honest ones, at every strike.
//!
//! # Why a word that was free of arbitrage stays so
//!
//! [`PublishedSmile::check`] proves the total variance of *now*. As time passes, `w` becomes `λw` with `λ` falling from 1 to 0.
//! * Butterfly: Durrleman's `g(k; λw) = (1 − k·w′/2w)² − λ·w′²/4w − λ²·w′²/16 + λ·w″/2` is concave in `λ`, a square at `λ = 0`, and not negative at
//!   `λ = 1`: so nowhere in between.
//! * Calendar: let `v₂·T₂ ≥ v₁·T₁` with `T₁ ≤ T₂`, and both lose `s`. Where `v₂ ≥ v₁` the order is plain; else `v₂·s ≤ v₁·s`, so less is taken off
//!   the larger side.
//! * Between two expiries variance is linear in time at one `k`, which keeps the order; before the first and beyond the last the
//!   nearest annualised variance is kept, so that variance is proportional to time.
//!
//! The median of smiles that are free of arbitrage need not be: where two publishers cross, it has a kink. It is a measure of risk, and being between
//! honest smiles matters more for it.
//!
//! # Rules at the ends
//!
//! A volatility read is held within [`LEAST_VOLATILITY`] and [`MOST_VOLATILITY`], and `|k|` below 16: reading fails for no strike, because a volatility that
//! cannot be read would shield an account from liquidation. Publishing is strict instead: a smile whose volatility at the forward is outside
//! of the same bounds is refused.
//!
//! | module | what it decides |
//! |---|---|
//! | this one | the word |
//! | [`check`] | whether a smile may be published |
//! | [`reading`] | the volatility at a strike |

pub mod check;
pub mod reading;

pub use self::{
    check::SmileError,
    reading::{SmilePair, SurfaceError, volatility, volatility_at},
};
use crate::{
    magnitude::{Magnitude, Signed},
    svi::{Smile, evaluation::Parameters},
};

/// Lowest volatility, WAD: 1 %.
pub const LEAST_VOLATILITY: u64 = 10_000_000_000_000_000;
/// Highest volatility, WAD: 1,800 %, just below what `u64` holds (1,844 %).
pub const MOST_VOLATILITY: u64 = 18_000_000_000_000_000_000;

/// One, in the unit of the parameters.
pub const UNIT: u64 = 1_000_000_000;
/// Largest `b`, in units: 549.8, all bits but the top one, so that a negative `b` (two's complement) is one above it.
pub const MAX_SLOPE: u64 = (1 << 39) - 1;
/// Largest `|m|` and largest `σ`, in units: 8.0.
pub const MAX_REACH: u64 = 8 * UNIT;

/// `1e-9`, to 2^-64 of itself.
const PER_UNIT: Magnitude = Magnitude::new(
    (((1_u128 << 93) + (UNIT / 2) as u128) / UNIT as u128) as u64,
    -93,
);

/// A smile of annualised variance, as it is signed, sent and stored. Parameters in units of 1e-9; the value of this type has them in range, but
/// may hold arbitrage: see [`PublishedSmile::check`].
///
/// As a word, most significant first: `a i40 · b u40 · rho i32 · m i40 · sigma u40 · expiry u32 · published_at u32`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PublishedSmile {
    /// Level of annualised variance, `−549.7..549.7`.
    pub a: i64,
    /// Slope between the asymptotes, `0..549.7`.
    pub b: u64,
    /// Asymmetry of the asymptotes, above −1 and below 1.
    pub rho: i64,
    /// Where the asymptotes meet, `−8..8`.
    pub m: i64,
    /// Width of the smile's bend, above 0 and up to 8.
    pub sigma: u64,
    /// Unix seconds.
    pub expiry: u32,
    /// When the publisher says it was so, unix seconds.
    pub published_at: u32,
}

impl PublishedSmile {
    /// Reads a word.
    ///
    /// # Errors
    /// [`SmileError::Slope`], [`SmileError::Correlation`], [`SmileError::Centre`], [`SmileError::Width`].
    pub fn from_word(word: &[u8; 32]) -> Result<Self, SmileError> {
        let smile = Self::unchecked(word);
        smile.check_ranges()?;
        Ok(smile)
    }

    /// The fields of a word, in range or not.
    #[cfg_attr(not(feature = "compact"), inline(always))]
    fn unchecked(word: &[u8; 32]) -> Self {
        let (quarters, _) = word.as_chunks::<8>();
        let mut parts = [0_u64; 4];
        for (part, quarter) in parts.iter_mut().zip(quarters) {
            *part = u64::from_be_bytes(*quarter);
        }
        let [first, second, third, last] = parts;
        Self {
            a: (first as i64) >> 24,
            b: ((first & 0xFF_FFFF) << 16) | (second >> 48),
            rho: i64::from((second >> 16) as i32),
            m: (((second << 48) | ((third >> 40) << 24)) as i64) >> 24,
            sigma: third & 0xFF_FFFF_FFFF,
            expiry: (last >> 32) as u32,
            published_at: last as u32,
        }
    }

    /// The word; of fields beyond their width, the lower bits.
    #[must_use]
    pub const fn to_word(&self) -> [u8; 32] {
        let first = ((self.a as u64) << 24) | ((self.b >> 16) & 0xFF_FFFF);
        let second =
            (self.b << 48) | ((self.rho as u32 as u64) << 16) | (((self.m as u64) >> 24) & 0xFFFF);
        let third = ((self.m as u64) << 40) | (self.sigma & 0xFF_FFFF_FFFF);
        let last = ((self.expiry as u64) << 32) | self.published_at as u64;
        let parts = [
            first.to_be_bytes(),
            second.to_be_bytes(),
            third.to_be_bytes(),
            last.to_be_bytes(),
        ];
        let mut word = [0; 32];
        word.copy_from_slice(parts.as_flattened());
        word
    }

    /// One volatility (WAD) at all strikes; its square is rounded to the nearest 1e-9.
    ///
    /// # Errors
    /// [`SmileError::Volatility`] outside of [`LEAST_VOLATILITY`]..=[`MOST_VOLATILITY`].
    pub fn flat(volatility: u64, expiry: u32, published_at: u32) -> Result<Self, SmileError> {
        if !(LEAST_VOLATILITY..=MOST_VOLATILITY).contains(&volatility) {
            return Err(SmileError::Volatility { given: volatility });
        }
        // WAD² per unit is 1e27.
        let wad = Magnitude::scaled(volatility, 0);
        let square = wad
            .times(wad)
            .times(PER_UNIT)
            .times(PER_UNIT)
            .times(PER_UNIT);
        Ok(Self {
            // At most 324e9.
            a: nearest(square) as i64,
            b: 0,
            rho: 0,
            m: 0,
            sigma: UNIT,
            expiry,
            published_at,
        })
    }

    /// The smile of variance per year, times `years`.
    #[inline(never)]
    fn smile_over(&self, years: Magnitude) -> Smile {
        Smile::from_parameters(&Parameters {
            level: signed(self.a).times(years),
            slope: number(self.b).times(years),
            // |ρ| < 1e9.
            rho: self.rho.wrapping_mul(UNIT as i64),
            centre: signed(self.m),
            width: number(self.sigma),
        })
    }

    /// The smile of annualised variance.
    #[cfg_attr(not(feature = "compact"), inline(always))]
    fn annualised(&self) -> Smile {
        self.smile_over(Magnitude::ONE)
    }
}

/// Units as the number they stand for.
#[cfg_attr(not(feature = "compact"), inline(always))]
fn number(units: u64) -> Magnitude {
    Magnitude::scaled(units, 0).times(PER_UNIT)
}

/// The same, signed.
#[cfg_attr(not(feature = "compact"), inline(always))]
fn signed(units: i64) -> Signed {
    Signed {
        negative: units < 0,
        size: number(units.unsigned_abs()),
    }
}

/// The nearest integer, at most 2^63.
#[cfg_attr(not(feature = "compact"), inline(always))]
const fn nearest(x: Magnitude) -> u64 {
    (x.to_fixed(1) >> 1).wrapping_add(x.to_fixed(1) & 1)
}
