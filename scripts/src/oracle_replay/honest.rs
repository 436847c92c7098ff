//! What the venues that were right say: the range the median must stay in, and their own medians.

use clearing_math::median::band;

use super::events::Event;

/// Prices of the sources that are not in `wrong`.
fn prices(valid: &[Option<u128>], wrong: &[usize]) -> Vec<u128> {
    let prices = valid.iter().enumerate();
    let honest = prices.filter(|(source, _)| !wrong.contains(source));
    honest.filter_map(|(_, price)| *price).collect()
}

/// Whether the median is outside of the range of the honest venues, for any set of suspects. `valid`: by source, WAD.
pub(super) fn is_outside(event: &Event, valid: &[Option<u128>], median: u128) -> bool {
    event.suspects().iter().any(|wrong| {
        let honest = prices(valid, wrong);
        let (least, most) = (honest.iter().min(), honest.iter().max());
        // With nobody honest left there is no range to be in.
        least
            .zip(most)
            .is_none_or(|(least, most)| !(least..=most).contains(&&median))
    })
}

/// The medians of the honest venues, for every set of suspects: of an even number both middle prices and their mean.
pub(super) fn medians(event: &Event, valid: &[Option<u128>]) -> Vec<u128> {
    let of_set = |wrong: &Vec<usize>| {
        let mut prices = prices(valid, wrong);
        // Sorts.
        let mid = band(&mut prices).map(|band| band.mid);
        let last = prices.len().saturating_sub(1);
        let middle = [
            prices.get(last / 2).copied(),
            mid,
            prices.get(prices.len() / 2).copied(),
        ];
        middle.into_iter().flatten()
    };
    let mut medians: Vec<u128> = event.suspects().iter().flat_map(of_set).collect();
    medians.sort_unstable();
    medians.dedup();
    medians
}

#[cfg(test)]
mod tests {
    use super::super::days::EVENTS;
    use super::*;

    /// The day of Gemini: the fifth source is wrong.
    fn frozen() -> Event {
        EVENTS[0]
    }

    #[test]
    fn the_range_is_that_of_the_others() {
        let valid = [100, 101, 102, 103, 135, 104].map(Some);
        assert!(!is_outside(&frozen(), &valid, 104));
        assert!(is_outside(&frozen(), &valid, 105));
        assert!(is_outside(&frozen(), &valid, 99));
        assert_eq!(medians(&frozen(), &valid), [102]);
    }

    #[test]
    fn of_two_middle_prices_either_is_a_median_and_nobody_is_no_range() {
        let valid = [Some(100), Some(101), None, None, Some(135), None];
        assert_eq!(medians(&frozen(), &valid), [100, 101]);
        let alone = [None, None, None, None, Some(135), None];
        assert!(is_outside(&frozen(), &alone, 135));
    }
}
