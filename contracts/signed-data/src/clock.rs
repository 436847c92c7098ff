//! When signed data counts. Times in unix seconds.

use crate::refusal::Refusal;

/// Errors: `Expired` once the deadline has passed; at the deadline itself the data still count.
pub fn before_deadline(deadline: u64, now: u64) -> Result<(), Refusal> {
    if now > deadline {
        return Err(Refusal::Expired {
            deadline,
            time: now,
        });
    }
    Ok(())
}

/// Errors: `FutureTimestamp` when `timestamp` is more than `skew` seconds ahead of the block's clock.
pub fn not_in_future(timestamp: u64, now: u64, skew: u64) -> Result<(), Refusal> {
    let latest = now.saturating_add(skew);
    if timestamp > latest {
        return Err(Refusal::FutureTimestamp { timestamp, latest });
    }
    Ok(())
}
