//! What a replay is: venues, and the prices they print, in order of time.

/// One price source of the replay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Venue {
    /// Name, as in the data.
    pub name: String,
    /// Instrument, as in the data (`ETHUSD`).
    pub instrument: String,
    /// `spot`, `perp`, `perp_mark` …
    pub kind: String,
    /// Bar length in seconds.
    pub interval: u64,
}

/// A price printed by one venue. Prices are integers of 1e-8 quote units, the precision of the on-chain sources.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quote {
    /// Unix seconds, in the data's own time.
    pub at: u64,
    /// Index into [`Replay::venues`].
    pub venue: usize,
    /// 1e-8 quote units.
    pub price: u64,
}

/// A market to replay.
#[derive(Clone, Debug)]
pub struct Replay {
    /// What it is called in the report.
    pub title: String,
    /// `ETH` or `BTC`.
    pub underlying: String,
    /// At least [`MIN_VENUES`].
    pub venues: Vec<Venue>,
    /// Sorted by time, then venue.
    pub quotes: Vec<Quote>,
}

/// The fewest venues a median means something for.
pub const MIN_VENUES: usize = 3;

impl Replay {
    /// Time of the first quote.
    #[must_use]
    pub fn start(&self) -> u64 {
        self.quotes.first().map_or(0, |quote| quote.at)
    }

    /// Time of the last quote.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.quotes.last().map_or(0, |quote| quote.at)
    }

    /// First price of every venue: what the sources show when the protocol is deployed.
    #[must_use]
    pub fn opening_prices(&self) -> Vec<u64> {
        (0..self.venues.len())
            .map(|venue| {
                self.quotes
                    .iter()
                    .find(|quote| quote.venue == venue)
                    .map_or(0, |quote| quote.price)
            })
            .collect()
    }
}

/// One bar of a venue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bar {
    /// Open time, unix seconds.
    pub at: u64,
    /// 1e-8 quote units, as the other prices.
    pub open: u64,
    /// Highest.
    pub high: u64,
    /// Lowest.
    pub low: u64,
    /// Last.
    pub close: u64,
}

impl Bar {
    /// The path through the bar that everyone assumes who has nothing finer: a falling bar visits its high first, a rising one its low.
    /// Long bars give four prices, a quarter of the interval apart; bars of 15 minutes and less give their far extreme and their close.
    #[must_use]
    pub fn path(&self, interval: u64) -> Vec<(u64, u64)> {
        let falling = self.close < self.open;
        let (first, second) = if falling {
            (self.high, self.low)
        } else {
            (self.low, self.high)
        };
        let quarter = interval / 4;
        if interval <= 900 {
            return vec![(self.at, second), (self.at + interval / 2, self.close)];
        }
        vec![
            (self.at, self.open),
            (self.at + quarter, first),
            (self.at + 2 * quarter, second),
            (self.at + 3 * quarter, self.close),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_falling_bar_visits_its_high_first_and_a_rising_one_its_low() {
        let falling = Bar {
            at: 0,
            open: 10,
            high: 12,
            low: 5,
            close: 6,
        };
        assert_eq!(
            falling.path(3600),
            vec![(0, 10), (900, 12), (1800, 5), (2700, 6)]
        );
        let rising = Bar {
            at: 0,
            open: 6,
            high: 12,
            low: 5,
            close: 10,
        };
        assert_eq!(
            rising.path(3600),
            vec![(0, 6), (900, 5), (1800, 12), (2700, 10)]
        );
    }

    #[test]
    fn a_short_bar_still_visits_its_far_extreme() {
        let falling = Bar {
            at: 0,
            open: 10,
            high: 12,
            low: 5,
            close: 6,
        };
        assert_eq!(falling.path(300), vec![(0, 5), (150, 6)]);
    }
}
