//! The boundary between what a balance allows and what it does not.

use crate::fixed::mul_div_down;

/// How long to search, and how sharply.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Most questions asked.
    pub questions: u32,
    /// How near the ends of the answer are to be, in its unit; at least one.
    pub resolution: u128,
}

/// What is allowed, and what is not.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Most {
    /// The largest amount that was found to leave a balance of at least zero; `None` if there is none: not even zero does.
    pub allowed: Option<u128>,
    /// The least that was found to leave less; `None` if the most that was to be tried is allowed.
    pub refused: Option<u128>,
    /// Questions asked.
    pub questions: u32,
}

/// An amount and the balance it leaves.
#[derive(Clone, Copy)]
pub(super) struct Asked {
    pub at: u128,
    pub balance: i128,
}

/// The largest amount from zero to `most` that leaves a balance of at least zero, tried first at `first`. An amount without a balance,
/// because it overflows, is refused.
///
/// # Errors
/// That of `balance` at zero.
pub fn largest<E>(
    first: u128,
    most: u128,
    limits: Limits,
    mut balance: impl FnMut(u128) -> Result<i128, E>,
) -> Result<Most, E> {
    let mut left = limits.questions;
    let found = |allowed, refused, left: u32| Most {
        allowed,
        refused,
        questions: limits.questions.saturating_sub(left),
    };
    if left == 0 {
        return Ok(found(None, None, left));
    }
    left = left.saturating_sub(1);
    let mut allowed = Asked {
        at: 0,
        balance: balance(0)?,
    };
    if allowed.balance < 0 {
        return Ok(found(None, Some(0), left));
    }
    // Outwards until refused. A line through two points of a concave function lies above it past them, and crosses zero too late.
    let mut next = first.clamp(1, most.max(1));
    let refused = loop {
        if left == 0 || allowed.at >= most {
            let refused = None;
            return Ok(found(Some(allowed.at), refused, left));
        }
        left = left.saturating_sub(1);
        // As far below zero as the other end is above: nothing is known of it.
        let unknown = allowed.balance.max(1).wrapping_neg();
        let asked = Asked {
            at: next,
            balance: balance(next).unwrap_or(unknown),
        };
        if asked.balance < 0 {
            break asked;
        }
        let grown = asked.at.saturating_mul(16);
        next = crossing(allowed, asked)
            .map_or(grown, |line| line.saturating_add(1).min(grown))
            .max(asked.at.saturating_add(1))
            .min(most);
        allowed = asked;
    };
    let rest = Limits {
        questions: left,
        ..limits
    };
    let unknown = allowed.balance.max(1).wrapping_neg();
    let (allowed, refused, left) = narrowed(allowed, refused, rest, |at| {
        Ok(balance(at).unwrap_or(unknown))
    })?;
    Ok(found(Some(allowed.at), Some(refused.at), left))
}

/// Where the falling line through two points crosses zero, past the second. `None` if it does not fall.
fn crossing(a: Asked, b: Asked) -> Option<u128> {
    let fall = a.balance.checked_sub(b.balance)?;
    let fall = u128::try_from(fall).ok().filter(|fall| *fall != 0)?;
    let width = b.at.checked_sub(a.at)?;
    let past = mul_div_down(b.balance.unsigned_abs(), width, fall)?;
    b.at.checked_add(past)
}

/// Brings a healthy and an unhealthy point together, in either direction of the amounts, in at most two questions more than halving
/// takes, and in far fewer where the balance is smooth: interpolate, truncate, project (Oliveira and Takahashi, 2020), with
/// parameters 0.2 over the first distance, 2 and 2. Returns both ends and the questions left.
pub(super) fn narrowed<E>(
    mut healthy: Asked,
    mut unhealthy: Asked,
    limits: Limits,
    mut balance: impl FnMut(u128) -> Result<i128, E>,
) -> Result<(Asked, Asked, u32), E> {
    let mut left = limits.questions;
    let resolution = limits.resolution.max(1);
    let first = healthy.at.abs_diff(unhealthy.at);
    // The distance that halving would have reached two questions ago: what is not needed of it is room to interpolate in.
    let mut slack = first.saturating_mul(4);
    loop {
        let distance = healthy.at.abs_diff(unhealthy.at);
        if left == 0 || distance <= resolution {
            return Ok((healthy, unhealthy, left));
        }
        slack = slack.div_ceil(2);
        let half = distance / 2;
        let (above, below) = (
            healthy.balance.unsigned_abs(),
            unhealthy.balance.unsigned_abs(),
        );
        let interpolated = above
            .checked_add(below)
            .and_then(|sum| mul_div_down(distance, above, sum))
            .unwrap_or(half);
        // A little past the line's crossing, towards the middle, so that both ends move.
        let past = mul_div_down(distance, distance, first.saturating_mul(5)).unwrap_or(half);
        let past = past.max(resolution / 2).max(1);
        // No further from the middle than leaves what halving still promises.
        let room = slack.saturating_sub(distance) / 2;
        let step = if interpolated < half {
            let truncated = interpolated.saturating_add(past).min(half);
            truncated.max(half.saturating_sub(room))
        } else {
            let truncated = interpolated.saturating_sub(past).max(half);
            truncated.min(half.saturating_add(room))
        };
        let step = step.clamp(1, distance.saturating_sub(1));
        let at = if healthy.at < unhealthy.at {
            healthy.at.saturating_add(step)
        } else {
            healthy.at.saturating_sub(step)
        };
        left = left.saturating_sub(1);
        let asked = Asked {
            at,
            balance: balance(at)?,
        };
        if asked.balance < 0 {
            unhealthy = asked;
        } else {
            healthy = asked;
        }
    }
}
