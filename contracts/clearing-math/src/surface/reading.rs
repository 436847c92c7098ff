//! The volatility at a strike: the median of what the publishers say.
//!
//! Per publisher and expiry two words are given: the smiles of the publisher's expiries around the one asked for, or one smile twice. Between two
//! expiries variance is linear in time at one `k`; with annualised variances that is a mean whose weights depend on times alone, so it is
//! prepared once per expiry ([`SmilePair::prepare`]) and costs two products a strike. The root is taken once, of the median of the
//! variances; for an even number of publishers of the two in the middle, whose volatilities are averaged.
//!
//! Errors on top of that of the two variances ([`crate::svi::evaluation`]: 2^-58 of their terms): the weights 2^-58, the root 2^-59.
//! Tested against 60 digits in `tests/surface_accuracy.rs`: at most 0.34 units of 2^-60 per unit of condition over 20,000 surfaces.
//!
//! Ink on the Stylus VM, under the local node's meter: a strike from three prepared publishers 542,000 (181,000 each; the logarithm and the root
//! are shared), 831,000 where each interpolates between two smiles; preparing a publisher 307,000 and 522,000.

use super::{LEAST_VOLATILITY, MOST_VOLATILITY, PublishedSmile, SmileError};
use crate::{
    elementary::square_root,
    magnitude::Magnitude,
    svi::{LogMoneyness, SliceError, Smile, sum::signed_sum},
};

/// Most publishers that are read.
pub const MAX_PUBLISHERS: usize = 15;

/// `(1e18)²`: the square of a WAD.
const SQUARE_WAD: Magnitude = Magnitude::scaled(1_000_000_000_000_000_000, 0)
    .times(Magnitude::scaled(1_000_000_000_000_000_000, 0));

/// Why no volatility can be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SurfaceError {
    /// The forward is zero.
    ZeroForward,
    /// The strike is zero.
    ZeroStrike,
    /// There is no smile, or more than [`MAX_PUBLISHERS`].
    PublisherCount {
        /// Smile pairs given.
        given: usize,
    },
}

/// One publisher's smiles around an expiry, prepared for many strikes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SmilePair {
    near: Smile,
    /// The later smile; without weight where one decides alone.
    far: Smile,
    near_weight: Magnitude,
    far_weight: Magnitude,
}

impl SmilePair {
    /// Of the publisher's words on either side of `expiry`; `now` in unix seconds. Total: where the two are one, or their expiries are not on
    /// either side, the nearer live one decides alone.
    ///
    /// # Errors
    /// [`SmileError`]: a word with a parameter out of range.
    pub fn prepare(
        near: &[u8; 32],
        far: &[u8; 32],
        expiry: u32,
        now: u64,
    ) -> Result<Self, SmileError> {
        let first = PublishedSmile::from_word(near)?;
        if near == far {
            return Ok(Self::alone(&first));
        }
        let second = PublishedSmile::from_word(far)?;
        let [near_at, at, far_at] = [first.expiry, expiry, second.expiry].map(u64::from);
        if at <= near_at && near_at > now {
            return Ok(Self::alone(&first));
        }
        if near_at <= now || at >= far_at {
            return Ok(Self::alone(&second));
        }
        // now < near < at < far: every difference is above zero and below 2^32, every product below 2^64.
        let left = |time: u64| time.wrapping_sub(now);
        let whole = left(at).wrapping_mul(far_at.wrapping_sub(near_at));
        let per_whole = Magnitude::scaled(whole, 0).reciprocal();
        let sooner = left(near_at).wrapping_mul(far_at.wrapping_sub(at));
        let later = left(far_at).wrapping_mul(at.wrapping_sub(near_at));
        Ok(Self {
            near: first.annualised(),
            far: second.annualised(),
            near_weight: Magnitude::scaled(sooner, 0).times(per_whole),
            far_weight: Magnitude::scaled(later, 0).times(per_whole),
        })
    }

    #[inline(never)]
    fn alone(smile: &PublishedSmile) -> Self {
        let smile = smile.annualised();
        Self {
            near: smile,
            far: smile,
            near_weight: Magnitude::ONE,
            far_weight: Magnitude::ZERO,
        }
    }

    /// Annualised variance at `k`; a negative one, which only a word that was never checked can have, counts as none.
    #[inline(never)]
    fn variance(&self, k: LogMoneyness) -> Magnitude {
        let mut variance = self.near.total_variance(k);
        if !self.far_weight.is_zero() {
            let far = self.far.total_variance(k).times(self.far_weight);
            variance = signed_sum(variance.times(self.near_weight), far);
        }
        if variance.negative {
            return Magnitude::ZERO;
        }
        variance.size
    }
}

/// The volatility at a strike, WAD, held within [`LEAST_VOLATILITY`] and [`MOST_VOLATILITY`]; `forward` and `strike` WAD.
///
/// # Errors
/// [`SurfaceError`].
pub fn volatility(pairs: &[SmilePair], forward: u128, strike: u128) -> Result<u64, SurfaceError> {
    let k = LogMoneyness::held(forward, strike).map_err(|error| match error {
        SliceError::ZeroForward => SurfaceError::ZeroForward,
        _ => SurfaceError::ZeroStrike,
    })?;
    volatility_at(pairs, k)
}

/// [`volatility`] at `k = ln(K/F)`.
///
/// # Errors
/// [`SurfaceError::PublisherCount`].
pub fn volatility_at(pairs: &[SmilePair], k: LogMoneyness) -> Result<u64, SurfaceError> {
    let mut sorted = [Magnitude::ZERO; MAX_PUBLISHERS];
    let count = pairs.len();
    let refused = SurfaceError::PublisherCount { given: count };
    let variances = sorted.get_mut(..count).ok_or(refused)?;
    for (cell, pair) in variances.iter_mut().zip(pairs) {
        *cell = pair.variance(k);
    }
    sort(variances);
    let last = count.checked_sub(1).ok_or(refused)?;
    let (Some(below), Some(above)) = (variances.get(last / 2), variances.get(count / 2)) else {
        return Err(refused);
    };
    let below = held(volatility_of_variance(*below));
    if count & 1 == 1 {
        return Ok(below);
    }
    let above = held(volatility_of_variance(*above));
    // The mean of two that are in order, rounded down.
    Ok(below.wrapping_add(above.wrapping_sub(below) >> 1))
}

fn held(volatility: u64) -> u64 {
    volatility.clamp(LEAST_VOLATILITY, MOST_VOLATILITY)
}

/// Insertion sort: a handful.
fn sort(values: &mut [Magnitude]) {
    for end in 1..values.len() {
        let mut at = end;
        while let Some([left, right]) = at.checked_sub(1).and_then(|l| values.get_mut(l..=at)) {
            if !right.is_below(*left) {
                break;
            }
            core::mem::swap(left, right);
            at = at.wrapping_sub(1);
        }
    }
}

/// `√v` in WAD, the nearest integer; at most `u64::MAX`.
#[inline(never)]
pub(super) fn volatility_of_variance(variance: Magnitude) -> u64 {
    let root = square_root(variance.times(SQUARE_WAD));
    let halves = root.to_fixed(1);
    if halves == u64::MAX {
        // From 2^63 on there is no half to round by.
        return root.to_fixed(0);
    }
    halves.wrapping_add(1) >> 1
}
