//! The price the contract would have had: its rules, on this machine.

use clearing_math::median::{Band, band};

use super::prints::Print;

/// The contract's own file: what holds a jump back.
#[path = "../../../oracle-adapter/src/hold.rs"]
#[allow(dead_code, reason = "the contract uses more of it")]
mod hold;

use hold::{Limit, Memory};

/// Furthest move taken at once and how long a further one must last: what feeds are listed with.
const LIMIT: Limit = Limit {
    bps: 1_000,
    delay: 60,
};

/// A feed.
pub(super) struct Adapter {
    /// By source, seconds.
    max_ages: Vec<u64>,
    /// Sources that must be valid.
    quorum: usize,
    memory: Memory,
}

/// What the feed says at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Evaluation {
    /// Median of the valid sources and its neighbours, WAD.
    pub band: Band,
    /// What margin is computed at: the median, unless a jump is held back.
    pub accepted: u128,
}

impl Adapter {
    /// `quorum` is raised to a majority.
    pub(super) fn new(max_ages: Vec<u64>, quorum: usize) -> Self {
        Self {
            quorum: quorum.max(max_ages.len() / 2 + 1),
            max_ages,
            memory: Memory::default(),
        }
    }

    /// Whether a source counts at `now`.
    pub(super) fn is_valid(&self, source: usize, shown: Option<Print>, now: u64) -> bool {
        let max_age = self.max_ages.get(source).copied().unwrap_or_default();
        shown.is_some_and(|print| {
            print.price > 0 && print.at <= now && now.saturating_sub(print.at) <= max_age
        })
    }

    /// Asks every source. `None` where fewer than the quorum are valid.
    pub(super) fn evaluate(&mut self, shown: &[Option<Print>], now: u64) -> Option<Evaluation> {
        let valid: Vec<Print> = shown
            .iter()
            .enumerate()
            .filter(|(source, print)| self.is_valid(*source, **print, now))
            .filter_map(|(_, print)| *print)
            .collect();
        if valid.len() < self.quorum {
            return None;
        }
        let mut prices: Vec<u128> = valid.iter().map(|print| print.price).collect();
        let band = band(&mut prices)?;
        let oldest = valid.iter().map(|print| print.at).min()?;
        self.memory = self.memory.after(band.mid, oldest, now, LIMIT);
        Some(Evaluation {
            band,
            accepted: self.memory.accepted,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn print(at: u64, price: u128) -> Option<Print> {
        Some(Print { at, price })
    }

    #[test]
    fn a_stale_source_does_not_count_and_a_majority_must() {
        let mut adapter = Adapter::new(vec![100; 3], 0);
        let shown = [print(0, 100), print(150, 101), print(150, 102)];
        let found = adapter.evaluate(&shown, 150).expect("two of three");
        assert_eq!((found.band.mid, found.accepted), (101, 101));
        assert_eq!(adapter.evaluate(&shown, 251), None);
        let mut demanding = Adapter::new(vec![100; 3], 3);
        assert_eq!(demanding.evaluate(&shown, 150), None);
        assert!(
            demanding.evaluate(&shown, 100).is_none(),
            "the later two are ahead of the clock"
        );
    }

    #[test]
    fn a_jump_is_held_until_it_has_lasted() {
        let mut adapter = Adapter::new(vec![100; 3], 0);
        let all = |at, price| [print(at, price); 3];
        assert_eq!(
            adapter.evaluate(&all(0, 1_000), 0).map(|e| e.accepted),
            Some(1_000)
        );
        assert_eq!(
            adapter.evaluate(&all(10, 800), 10).map(|e| e.accepted),
            Some(1_000)
        );
        assert_eq!(
            adapter.evaluate(&all(70, 800), 70).map(|e| e.accepted),
            Some(800)
        );
    }
}
