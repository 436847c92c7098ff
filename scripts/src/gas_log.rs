//! Gas used, by kind of action.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// Collects gas figures. Clones share one record.
#[derive(Clone, Debug, Default)]
pub struct GasLog(Arc<Mutex<BTreeMap<&'static str, Vec<u64>>>>);

/// Gas of one kind of action.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct GasSummary {
    /// Number of actions.
    pub count: usize,
    /// Least.
    pub least: u64,
    /// Middle one, the lower of two.
    pub median: u64,
    /// Most.
    pub most: u64,
}

impl GasLog {
    /// Notes one action.
    pub fn record(&self, kind: &'static str, gas: u64) {
        self.with(|log| log.entry(kind).or_default().push(gas));
    }

    /// Summary of every kind seen so far.
    pub fn summary(&self) -> BTreeMap<&'static str, GasSummary> {
        self.with(|log| {
            log.iter()
                .filter_map(|(kind, gas)| Some((*kind, summarise(gas)?)))
                .collect()
        })
    }

    /// Every figure of one kind, in order.
    pub fn of(&self, kind: &str) -> Vec<u64> {
        self.with(|log| log.get(kind).cloned().unwrap_or_default())
    }

    /// A record is a list of numbers: one left by a panicking thread is as good as any.
    fn with<T>(&self, read: impl FnOnce(&mut BTreeMap<&'static str, Vec<u64>>) -> T) -> T {
        read(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn summarise(gas: &[u64]) -> Option<GasSummary> {
    let mut sorted = gas.to_vec();
    sorted.sort_unstable();
    Some(GasSummary {
        count: sorted.len(),
        least: *sorted.first()?,
        median: *sorted.get((sorted.len() - 1) / 2)?,
        most: *sorted.last()?,
    })
}

impl fmt::Display for GasLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:<28} {:>6} {:>11} {:>11} {:>11}",
            "action", "count", "least", "median", "most"
        )?;
        for (kind, gas) in self.summary() {
            let GasSummary {
                count,
                least,
                median,
                most,
            } = gas;
            write!(
                f,
                "\n{kind:<28} {count:>6} {least:>11} {median:>11} {most:>11}"
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summary_gives_least_median_and_most() {
        let log = GasLog::default();
        for gas in [5, 1, 9, 3] {
            log.record("deposit", gas);
        }
        let summary = log.summary()["deposit"];
        assert_eq!(
            summary,
            GasSummary {
                count: 4,
                least: 1,
                median: 3,
                most: 9
            }
        );
        assert!(log.to_string().contains("deposit"));
    }
}
