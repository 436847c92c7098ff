//! Median of independent prices, and the adverse band around it.
//!
//! With `n` prices of which `f < n/2` are false, the median lies between two honest prices. The band edges are the
//! neighbours of the median: they widen with honest disagreement, but a single false price next to the median moves
//! an edge, so an edge carries no such guarantee. That is why the band only ever raises initial margin.

/// The median and its neighbours, in the unit of the input.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Band {
    /// The median; for an even count the mean of the two middle prices, rounded down.
    pub mid: u128,
    /// The price next below the middle, `low <= mid`.
    pub low: u128,
    /// The price next above the middle, `mid <= high`.
    pub high: u128,
}

/// Sorts in place and returns the median: the mean of the two middle values, rounded down, when the count is even.
/// `None` when there is no value.
#[must_use]
pub fn median_in_place(values: &mut [u128]) -> Option<u128> {
    band(values).map(|band| band.mid)
}

/// Sorts in place and returns the median with its neighbours.
/// With one value the band is that value, with two it is those two. `None` when there is no value.
#[must_use]
pub fn band(values: &mut [u128]) -> Option<Band> {
    sort_by_key(values, |value| *value);
    let last = values.len().checked_sub(1)?;
    let (lower, upper) = (last / 2, values.len() / 2);
    let (below, above) = (*values.get(lower)?, *values.get(upper)?);
    Some(Band {
        mid: mean_down(below, above),
        low: *values.get(lower.saturating_sub(1))?,
        high: *values.get(upper.saturating_add(1).min(last))?,
    })
}

/// `⌊(below + above) / 2⌋` for `below <= above`, without the sum that could overflow.
pub(crate) const fn mean_down(below: u128, above: u128) -> u128 {
    below.wrapping_add(above.wrapping_sub(below) / 2)
}

/// Insertion sort: the inputs are a handful of feeds or one window of samples, nearly sorted by nature, and it is a
/// fraction of the code of a general sort.
pub(crate) fn sort_by_key<T: Copy>(values: &mut [T], key: impl Fn(&T) -> u128) {
    for end in 1..values.len() {
        let mut at = end;
        while let Some([left, right]) = at.checked_sub(1).and_then(|l| values.get_mut(l..=at)) {
            if key(left) <= key(right) {
                break;
            }
            core::mem::swap(left, right);
            at = at.wrapping_sub(1);
        }
    }
}
