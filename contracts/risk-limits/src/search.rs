//! How amounts are searched for.

use clearing_math::search::{Limits, largest};
use interfaces::Revert;

/// To one unit. An answer below 2^93 is reached in fewer questions than these whatever the balance does between (five to leave it behind
/// in steps of sixteen from one contract, then as many as halving takes and two); a smooth balance takes a dozen.
const LIMITS: Limits = Limits {
    questions: 128,
    resolution: 1,
};

/// The largest amount from zero to `most` that leaves a balance of at least zero, tried first at `first`; zero if none does. One copy for all
/// questions. Errors: that of `balance` at zero; elsewhere an amount without a balance is refused.
#[inline(never)]
pub(crate) fn most_allowed(
    first: u128,
    most: u128,
    balance: &mut dyn FnMut(u128) -> Result<i128, Revert>,
) -> Result<u128, Revert> {
    Ok(largest(first, most, LIMITS, balance)?.allowed.unwrap_or(0))
}
