//! Block time: the machine's clock plus an offset that tests may move forward.

use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// Source of block timestamps, in unix seconds.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Clock {
    offset: i64,
    next: Option<u64>,
}

impl Clock {
    /// A clock that shows `timestamp` now; the machine's own time when absent.
    pub fn starting_at(timestamp: Option<u64>) -> Self {
        let mut clock = Self::default();
        if let Some(timestamp) = timestamp {
            clock.show(timestamp);
        }
        clock
    }

    /// Timestamp the next block would get after one of `parent`. Equal timestamps are allowed, as on Arbitrum.
    pub fn peek(&self, parent: u64) -> u64 {
        self.next.unwrap_or_else(|| self.now()).max(parent)
    }

    /// Like [`Self::peek`], and the clock runs on from there.
    pub fn tick(&mut self, parent: u64) -> u64 {
        let timestamp = self.peek(parent);
        if self.next.take().is_some() {
            self.show(timestamp);
        }
        timestamp
    }

    /// Moves the clock forward; returns the total offset in seconds.
    pub fn advance(&mut self, seconds: u64) -> i64 {
        if let Some(next) = &mut self.next {
            *next = next.saturating_add(seconds);
        }
        self.offset = self
            .offset
            .saturating_add(i64::try_from(seconds).unwrap_or(i64::MAX));
        self.offset
    }

    /// Shows `timestamp` from now on; returns the offset in seconds.
    pub fn set_now(&mut self, timestamp: u64) -> i64 {
        self.next = None;
        self.show(timestamp);
        self.offset
    }

    /// Fixes the timestamp of the next block.
    pub fn set_next(&mut self, timestamp: u64) {
        self.next = Some(timestamp);
    }

    fn now(&self) -> u64 {
        u64::try_from(machine_seconds().saturating_add(self.offset)).unwrap_or(0)
    }

    fn show(&mut self, timestamp: u64) {
        self.offset = i64::try_from(timestamp)
            .unwrap_or(i64::MAX)
            .saturating_sub(machine_seconds());
    }
}

fn machine_seconds() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |elapsed| {
            i64::try_from(elapsed.as_secs()).unwrap_or(i64::MAX)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_next_timestamp_is_used_once_and_time_runs_on_from_it() {
        let mut clock = Clock::starting_at(Some(1_000));
        clock.set_next(5_000);
        assert_eq!(clock.peek(1_000), 5_000);
        assert_eq!(clock.tick(1_000), 5_000);
        let later = clock.peek(5_000);
        assert!((5_000..5_010).contains(&later), "{later}");
    }

    #[test]
    fn time_never_runs_backwards() {
        let clock = Clock::starting_at(Some(1_000));
        assert_eq!(clock.peek(9_000), 9_000);
    }
}
