//! Jumps: a median further than the limit from the price accepted last is held back until it has lasted.
//!
//! While it is held, the middle of the market stays where it was (nobody's maintenance margin moves by one print) and the band covers both. A
//! held move is accepted as soon as two evaluations at least [`Limit::delay`] apart have seen it, and of it no more than every evaluation in
//! between has seen, plus one limit. A crash is therefore followed within twice the delay. Where nobody evaluates, what was accepted lapses
//! after [`LAPSE`] delays and the median stands for itself: nothing is ever frozen longer.
//!
//! The limit is meant to be out of reach of real markets at the pace of keepers: the widest minute of ETH on 2021-05-19 moved by 9.3 % from close
//! to close, of BTC on 2020-03-12 by 5.4 %.

/// Delays after which an accepted price is no longer a yardstick.
pub(crate) const LAPSE: u64 = 10;

/// How far and for how long.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Limit {
    /// Furthest move taken at once, 1/10,000 of the accepted price; 0: any.
    pub(crate) bps: u16,
    /// How long a further one must last, seconds.
    pub(crate) delay: u32,
}

/// What is remembered between evaluations.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Memory {
    /// Price accepted last, WAD; zero before the first.
    pub(crate) accepted: u128,
    /// When, unix seconds.
    pub(crate) accepted_at: u64,
    /// Its oldest timestamp, unix seconds.
    pub(crate) updated_at: u64,
    /// The least of the move that is held, WAD; zero when none is.
    pub(crate) least: u128,
    /// When it was first seen, unix seconds.
    pub(crate) since: u64,
}

impl Memory {
    /// Whether a move is held.
    pub(crate) const fn holds(&self) -> bool {
        self.least != 0
    }

    /// What is remembered after a median (WAD, above zero; of values as old as `updated_at`) at `now`.
    #[must_use]
    pub(crate) fn after(self, median: u128, updated_at: u64, now: u64, limit: Limit) -> Self {
        let taken = Self {
            accepted: median,
            accepted_at: now,
            updated_at,
            least: 0,
            since: 0,
        };
        let delay = u64::from(limit.delay);
        let age = now.saturating_sub(self.accepted_at);
        if self.accepted == 0 || limit.bps == 0 || age >= delay.saturating_mul(LAPSE) {
            return taken;
        }
        if !is_beyond(median, self.accepted, limit.bps) {
            return taken;
        }
        let up = median > self.accepted;
        if !self.holds() || (self.least > self.accepted) != up {
            return Self {
                least: median,
                since: now,
                ..self
            };
        }
        let least = if up {
            self.least.min(median)
        } else {
            self.least.max(median)
        };
        if now.saturating_sub(self.since) < delay {
            return Self { least, ..self };
        }
        if !is_beyond(median, least, limit.bps) {
            return taken;
        }
        // What has lasted is accepted; the rest must last as well.
        Self {
            accepted: least,
            least: median,
            since: now,
            ..taken
        }
    }
}

/// Whether `price` is further than `bps` of `from` away from it.
pub(crate) fn is_beyond(price: u128, from: u128, bps: u16) -> bool {
    price.abs_diff(from) > share(from, bps)
}

/// `bps`/10,000 of a price, rounded down. Prices are below 2^120: nothing saturates.
pub(crate) fn share(price: u128, bps: u16) -> u128 {
    let bps = u128::from(bps);
    let whole = (price / 10_000).saturating_mul(bps);
    whole.saturating_add((price % 10_000).saturating_mul(bps) / 10_000)
}
