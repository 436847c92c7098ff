//! What a replayed day is: its sources, in what they count, and who was wrong.

/// A source: a series of `spot/`, or the rounds of Chainlink.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Bars of a market.
    Bars {
        /// Venue.
        venue: &'static str,
        /// Instrument.
        instrument: &'static str,
        /// `spot`, `perp` …
        kind: &'static str,
        /// Seconds a bar.
        interval: u64,
        /// Which of a bar's prices are taken.
        taken: Taken,
    },
    /// Chainlink's rounds on mainnet, file of `chainlink/`.
    Rounds {
        /// File name.
        file: &'static str,
    },
}

/// Which prices of a bar are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// Open, extremes and close, along [`crate::demo::replay::Bar::path`].
    Path,
    /// Open and close: beside finer bars nobody may guess when within its hour a coarse one had its extremes.
    Ends,
}

impl Source {
    /// Oldest answer that counts, seconds: what such a source would be listed with.
    #[must_use]
    pub const fn max_age(&self) -> u64 {
        match self {
            // Its heartbeat is an hour, and the widest gap in the data 3,720 s.
            Self::Rounds { .. } => 3_900,
            Self::Bars { interval, .. } if *interval <= 60 => 300,
            Self::Bars { interval, .. } if *interval <= 900 => 900,
            Self::Bars { interval, .. } => *interval,
        }
    }

    /// Who stands behind it: a venue is one origin, whichever of its markets is read.
    #[must_use]
    pub const fn origin(&self) -> &'static str {
        match self {
            Self::Rounds { .. } => "Chainlink",
            Self::Bars { venue, .. } => venue,
        }
    }

    /// What its prices count in.
    #[must_use]
    pub fn quote(&self) -> &'static str {
        match self {
            Self::Bars { instrument, .. } => ["USDT", "USDC"]
                .into_iter()
                .find(|token| instrument.ends_with(token))
                .unwrap_or("USD"),
            Self::Rounds { .. } => "USD",
        }
    }

    /// Name in reports.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Rounds { .. } => "Chainlink rounds".to_owned(),
            Self::Bars {
                venue,
                instrument,
                kind,
                ..
            } => format!("{venue} {instrument} {kind}"),
        }
    }
}

/// Two markets of one venue whose ratio is what a pool's settlement asset is worth: a source of kind 5, which watches and never votes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peg {
    /// The token.
    pub token: &'static str,
    /// The market in dollars.
    pub dollars: Source,
    /// The same underlying in the token.
    pub tokens: Source,
}

/// A day on which sources disagreed.
#[derive(Clone, Copy, Debug)]
pub struct Event {
    /// Short name.
    pub name: &'static str,
    /// What happened.
    pub what: &'static str,
    /// File of `spot/`.
    pub file: &'static str,
    /// `ETH` or `BTC`.
    pub underlying: &'static str,
    /// What the feed says its price counts in.
    pub unit: &'static str,
    /// What somebody would list.
    pub sources: &'static [Source],
    /// Index of the sources that were wrong. Empty: nobody knows who, so each minority is taken to be, in turn.
    pub wrong: &'static [usize],
    /// Sources that must be valid, if that is more than a majority.
    pub quorum: usize,
    /// What pools of the feed settle in, where that is in doubt.
    pub peg: Option<Peg>,
    /// The hours worth drawing, unix seconds.
    pub window: (u64, u64),
}

impl Event {
    /// Most sources that may be wrong at once: fewer than half.
    #[must_use]
    pub const fn minority(&self) -> usize {
        self.sources.len().saturating_sub(1) / 2
    }

    /// The sets of sources that may be wrong together: the one that was, or every minority.
    #[must_use]
    pub fn suspects(&self) -> Vec<Vec<usize>> {
        if !self.wrong.is_empty() {
            return vec![self.wrong.to_vec()];
        }
        // Fifteen sources are the most a feed has.
        let sets = 0..1_u32 << self.sources.len();
        let most = u32::try_from(self.minority()).unwrap_or(u32::MAX);
        sets.filter(|set| set.count_ones() == most)
            .map(|set| {
                let in_set = |source: &usize| set >> source & 1 == 1;
                (0..self.sources.len()).filter(in_set).collect()
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::days::EVENTS;

    #[test]
    fn where_nobody_knows_every_minority_is_suspected_and_no_majority() {
        for event in EVENTS.iter().filter(|event| event.wrong.is_empty()) {
            let sets = event.suspects();
            let (count, most) = (event.sources.len(), event.minority());
            assert!(2 * most < count, "{}", event.name);
            let expected = (0..most).fold(1, |ways, taken| ways * (count - taken) / (taken + 1));
            assert_eq!(sets.len(), expected, "{}", event.name);
            assert!(sets.iter().all(|set| set.len() == most), "{}", event.name);
        }
    }
}
