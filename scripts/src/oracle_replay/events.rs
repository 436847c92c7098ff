//! The days, their sources, and who was wrong.

/// A source: a series of `spot/`, or the rounds of Chainlink.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Bars of a venue.
    Bars {
        /// Venue.
        venue: &'static str,
        /// Instrument.
        instrument: &'static str,
        /// `spot`, `perp` …
        kind: &'static str,
        /// Seconds a bar.
        interval: u64,
    },
    /// Chainlink's rounds on mainnet, file of `chainlink/`.
    Rounds {
        /// File name.
        file: &'static str,
    },
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
    /// What the feed would have listed.
    pub sources: &'static [Source],
    /// Index of the sources that were wrong. Empty: nobody knows who, so each is taken to be, in turn.
    pub wrong: &'static [usize],
    /// Whether the contract would list these sources. Those that are one origin count once there; such an event shows the limit, and only the
    /// range of the honest venues is asked for.
    pub listable: bool,
    /// The hours worth drawing, unix seconds.
    pub window: (u64, u64),
}

const fn spot(venue: &'static str, instrument: &'static str, interval: u64) -> Source {
    Source::Bars {
        venue,
        instrument,
        kind: "spot",
        interval,
    }
}

const fn perpetual(venue: &'static str, instrument: &'static str, interval: u64) -> Source {
    Source::Bars {
        venue,
        instrument,
        kind: "perp",
        interval,
    }
}

/// The days of the issue, in order of time.
pub const EVENTS: [Event; 7] = [
    Event {
        name: "2020-03-13 Gemini frozen",
        what: "Gemini showed 135.47 for an hour and more while the others printed 106 to 130.",
        file: "2020-03_black_thursday.csv.gz",
        underlying: "ETH",
        sources: &[
            spot("binance", "ETHUSDT", 3_600),
            spot("coinbase", "ETHUSD", 3_600),
            spot("bitstamp", "ETHUSD", 3_600),
            spot("bitfinex", "ETHUSD", 3_600),
            spot("gemini", "ETHUSD", 3_600),
        ],
        wrong: &[4],
        listable: true,
        window: (1_584_057_600, 1_584_093_600),
    },
    Event {
        name: "2023-03-11 USDC, one source of three",
        what: "Kraken's BTCUSDC rose by up to 15 % because USDC fell.",
        file: "2023-03_usdc_depeg.csv.gz",
        underlying: "BTC",
        sources: &[
            spot("binance", "BTCUSDT", 300),
            spot("binance_us", "BTCUSD", 60),
            spot("kraken", "BTCUSDC", 60),
        ],
        wrong: &[2],
        listable: true,
        window: (1_678_492_800, 1_678_665_600),
    },
    Event {
        name: "2023-03-11 USDC, two sources of five",
        what: "Both BTCUSDC markets at once, the most a median of five bears. Three of the five are one venue, which a feed counts once: this could not be listed.",
        file: "2023-03_usdc_depeg.csv.gz",
        underlying: "BTC",
        sources: &[
            spot("binance", "BTCUSDT", 300),
            spot("binance_us", "BTCUSD", 60),
            spot("binance_us", "BTCUSDT", 60),
            spot("kraken", "BTCUSDC", 60),
            spot("binance_us", "BTCUSDC", 60),
        ],
        wrong: &[3, 4],
        listable: false,
        window: (1_678_492_800, 1_678_665_600),
    },
    Event {
        name: "2023-08-17 ETH, perpetual against spot",
        what: "Binance's perpetual fell 3.9 % further than its spot market.",
        file: "2023-08-17_flash.csv.gz",
        underlying: "ETH",
        sources: &[
            spot("binance", "ETHUSDT", 300),
            perpetual("binance", "ETHUSDT", 300),
            Source::Rounds {
                file: "eth_usd_mainnet_rounds_2023-04-05_2024-01-29.csv.gz",
            },
        ],
        wrong: &[1],
        listable: true,
        window: (1_692_302_400, 1_692_316_800),
    },
    Event {
        name: "2023-08-17 BTC, perpetual against spot",
        what: "The same crash in BTC.",
        file: "2023-08-17_flash.csv.gz",
        underlying: "BTC",
        sources: &[
            spot("binance", "BTCUSDT", 300),
            perpetual("binance", "BTCUSDT", 300),
            Source::Rounds {
                file: "btc_usd_mainnet_rounds_2023-04-05_2024-01-29.csv.gz",
            },
        ],
        wrong: &[1],
        listable: true,
        window: (1_692_302_400, 1_692_316_800),
    },
    Event {
        name: "2025-10-10 ETH, venues split",
        what: "The day of the largest liquidations: venues 2.6 % apart at the low, and nobody knows which was right.",
        file: "2025-10-10_adl.csv.gz",
        underlying: "ETH",
        sources: &[
            perpetual("binance", "ETHUSDT", 300),
            perpetual("bybit", "ETHUSDT", 300),
            Source::Bars {
                venue: "okx",
                instrument: "ETHUSDT",
                kind: "perp_mark",
                interval: 3_600,
            },
        ],
        wrong: &[],
        listable: true,
        window: (1_760_126_400, 1_760_140_800),
    },
    Event {
        name: "2025-10-10 BTC, venues split",
        what: "The same day in BTC.",
        file: "2025-10-10_adl.csv.gz",
        underlying: "BTC",
        sources: &[
            perpetual("binance", "BTCUSDT", 300),
            perpetual("bybit", "BTCUSDT", 300),
            spot("bybit", "BTCUSDT", 300),
        ],
        wrong: &[],
        listable: true,
        window: (1_760_126_400, 1_760_140_800),
    },
];
