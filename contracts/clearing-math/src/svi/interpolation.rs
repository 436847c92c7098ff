//! Total variance at times that have no slice of their own.
//!
//! Between two expiries it is linear in time at one `k = ln(K/F)`, each expiry with its own forward: variance per time, the
//! forward variance, is then constant in between, and two slices free of calendar arbitrage stay so. Before the first and beyond
//! the last expiry the **volatility** of that expiry is kept, so variance is proportional to time.

use super::{LogMoneyness, Smile, sum::signed_sum};
use crate::magnitude::{Magnitude, Signed};

/// Total variance at `k`, `seconds` from now, given slices and their seconds to expiry, soonest first.
/// `None` if there is no slice, or the expiries do not rise or begin at zero. To 2^-58 of the larger of the two variances.
#[must_use]
pub fn total_variance_at(slices: &[(u64, Smile)], k: LogMoneyness, seconds: u64) -> Option<Signed> {
    if !slices.is_sorted_by(|(sooner, _), (later, _)| sooner < later) {
        return None;
    }
    let (first, _) = slices.first()?;
    if *first == 0 {
        return None;
    }
    let next = slices.partition_point(|(expiry, _)| *expiry < seconds);
    let Some((far_expiry, far)) = slices.get(next) else {
        let (expiry, last) = slices.last()?;
        return Some(last.total_variance(k).times(ratio(seconds, *expiry)));
    };
    let far_variance = far.total_variance(k);
    let Some((near_expiry, near)) = next.checked_sub(1).and_then(|index| slices.get(index)) else {
        return Some(far_variance.times(ratio(seconds, *far_expiry)));
    };
    // near < seconds ≤ far.
    let span = far_expiry.wrapping_sub(*near_expiry);
    let later = ratio(seconds.wrapping_sub(*near_expiry), span);
    let sooner = ratio(far_expiry.wrapping_sub(seconds), span);
    let near_part = near.total_variance(k).times(sooner);
    Some(signed_sum(near_part, far_variance.times(later)))
}

/// `a / b` of two times; `b` is not zero.
fn ratio(a: u64, b: u64) -> Magnitude {
    Magnitude::scaled(a, 0).over(Magnitude::scaled(b, 0))
}
