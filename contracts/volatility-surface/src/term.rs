//! Carry, rate and doubt of an expiry, as a publisher states them: 80 bits.

/// Highest carry and rate, 1e-9 per year: 100 %.
const MOST_RATE: u64 = 1_000_000_000;
/// All doubt, 1e-4.
pub(crate) const ALL_DOUBT: i64 = 10_000;
/// One above the largest word of a term.
pub(crate) const BELOW: u128 = 1 << 80;

/// Numbers of an expiry.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Numbers {
    /// `F = S·e^(carry·T)`, 1e-9 per year.
    pub(crate) carry: i64,
    /// Discount `e^(−rate·T)`, 1e-9 per year.
    pub(crate) rate: i64,
    /// One less the confidence, 1e-4.
    pub(crate) doubt: i64,
}

/// Reads `carry i32 · rate i32 · doubt u16`.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "each cast takes its own bits"
)]
pub(crate) fn numbers(term: u128) -> Numbers {
    Numbers {
        carry: ((term >> 48) as i32).into(),
        rate: ((term >> 16) as i32).into(),
        doubt: (term as u16).into(),
    }
}

/// Whether carry, rate and doubt are within bounds.
pub(crate) fn is_within_bounds(term: u128) -> bool {
    let Numbers { carry, rate, doubt } = numbers(term);
    let is_rate = |given: i64| given.unsigned_abs() <= MOST_RATE;
    is_rate(carry) && is_rate(rate) && doubt <= ALL_DOUBT
}
