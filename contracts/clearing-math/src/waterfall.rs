//! How the winners of one expiry in one pool share a shortfall: pro rata, rounded down.

use crate::fixed::mul_div_down;

/// What a winner with `credit` receives when `pot` is there for winners who are `owed` in total: all of it when the
/// pot suffices, else `⌊credit · pot / owed⌋`. All three in the same unit. The shares never add up to more than the pot
/// as long as the credits add up to no more than `owed`.
///
/// `None` when `credit > owed`: the books are wrong, and paying on them would take from others.
#[must_use]
pub fn share_down(credit: u128, pot: u128, owed: u128) -> Option<u128> {
    if credit > owed {
        return None;
    }
    if pot >= owed {
        Some(credit)
    } else {
        mul_div_down(credit, pot, owed)
    }
}
