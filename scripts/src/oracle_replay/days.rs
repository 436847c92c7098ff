//! The days of the data on which venues disagreed, with every venue they have of the underlying.

use super::events::{Event, Peg, Source, Taken};

const fn market(
    venue: &'static str,
    instrument: &'static str,
    kind: &'static str,
    interval: u64,
) -> Source {
    Source::Bars {
        venue,
        instrument,
        kind,
        interval,
        taken: Taken::Path,
    }
}

const fn spot(venue: &'static str, instrument: &'static str, interval: u64) -> Source {
    market(venue, instrument, "spot", interval)
}

const fn perpetual(venue: &'static str, instrument: &'static str, interval: u64) -> Source {
    market(venue, instrument, "perp", interval)
}

/// OKX's mark price, hourly in the data, beside venues with finer bars.
const OKX: Source = Source::Bars {
    venue: "okx",
    instrument: "ETHUSDT",
    kind: "perp_mark",
    interval: 3_600,
    taken: Taken::Ends,
};

const USDC: Peg = Peg {
    token: "USDC",
    dollars: spot("binance_us", "BTCUSD", 60),
    tokens: spot("binance_us", "BTCUSDC", 60),
};

/// 10 to 13 March 2023.
const DEPEG: (u64, u64) = (1_678_492_800, 1_678_665_600);

/// In order of time.
pub const EVENTS: [Event; 10] = [
    Event {
        name: "2020-03-13 ETH, Gemini frozen",
        what: "Gemini showed 135.47 for an hour and more while the others printed 106 to 130. Kraken's market is not listed: so thin that it is mostly too old, and with a sixth the frozen one would move the median by half a rank.",
        file: "2020-03_black_thursday.csv.gz",
        underlying: "ETH",
        unit: "USD",
        sources: &[
            spot("binance", "ETHUSDT", 3_600),
            spot("coinbase", "ETHUSD", 3_600),
            spot("bitstamp", "ETHUSD", 3_600),
            spot("bitfinex", "ETHUSD", 3_600),
            spot("gemini", "ETHUSD", 3_600),
        ],
        wrong: &[4],
        quorum: 0,
        peg: None,
        window: (1_584_057_600, 1_584_093_600),
    },
    Event {
        name: "2021-05-19 ETH, five venues fall apart",
        what: "At the low FTX and Bitfinex were 10 % apart, and nobody knows who was right: any two of the five are taken to be wrong.",
        file: "2021-05_china_crash.csv.gz",
        underlying: "ETH",
        unit: "USD",
        sources: &[
            spot("binance", "ETHUSDT", 3_600),
            spot("coinbase", "ETHUSD", 3_600),
            spot("bitstamp", "ETHUSD", 3_600),
            spot("bitfinex", "ETHUSD", 3_600),
            spot("ftx", "ETHUSD", 3_600),
        ],
        wrong: &[],
        quorum: 0,
        peg: None,
        window: (1_621_411_200, 1_621_454_400),
    },
    Event {
        name: "2023-03-11 BTC in dollars, one of three markets in USDC",
        what: "Kraken's BTCUSDC rose by up to 15 % because USDC fell. Pools that settle in USDC know its price from a source that watches (kind 5). Binance and Binance.US have books of their own; who counts them as one origin has two, and no feed.",
        file: "2023-03_usdc_depeg.csv.gz",
        underlying: "BTC",
        unit: "USD",
        sources: &[
            spot("binance", "BTCUSDT", 300),
            spot("binance_us", "BTCUSD", 60),
            spot("kraken", "BTCUSDC", 60),
        ],
        wrong: &[2],
        quorum: 0,
        peg: Some(USDC),
        window: DEPEG,
    },
    Event {
        name: "2023-03-11 BTC in dollars, two of three markets in USDC",
        what: "Three venues, but two of them fall with USDC: a majority that is wrong together, which no median bears and no contract can see.",
        file: "2023-03_usdc_depeg.csv.gz",
        underlying: "BTC",
        unit: "USD",
        sources: &[
            spot("binance", "BTCUSDT", 300),
            spot("binance_us", "BTCUSDC", 60),
            spot("kraken", "BTCUSDC", 60),
        ],
        wrong: &[1, 2],
        quorum: 0,
        peg: None,
        window: DEPEG,
    },
    Event {
        name: "2023-03-11 BTC in USDC, the same three markets",
        what: "The same markets as a feed that says it counts in USDC, for pools that settle in it: now Binance's BTCUSDT is the one that is wrong. Its quorum is all three: one of them is in doubt, and with another one silent two would say their mean.",
        file: "2023-03_usdc_depeg.csv.gz",
        underlying: "BTC",
        unit: "USDC",
        sources: &[
            spot("binance", "BTCUSDT", 300),
            spot("binance_us", "BTCUSDC", 60),
            spot("kraken", "BTCUSDC", 60),
        ],
        wrong: &[0],
        quorum: 3,
        peg: None,
        window: DEPEG,
    },
    Event {
        name: "2023-03-11 BTC in dollars, five markets of three venues",
        what: "Every market the data have: three of them are Binance.US's.",
        file: "2023-03_usdc_depeg.csv.gz",
        underlying: "BTC",
        unit: "USD",
        sources: &[
            spot("binance", "BTCUSDT", 300),
            spot("binance_us", "BTCUSD", 60),
            spot("binance_us", "BTCUSDT", 60),
            spot("kraken", "BTCUSDC", 60),
            spot("binance_us", "BTCUSDC", 60),
        ],
        wrong: &[3, 4],
        quorum: 0,
        peg: None,
        window: DEPEG,
    },
    Event {
        name: "2023-08-17 ETH, Binance's perpetual against spot",
        what: "Binance's perpetual fell 3.9 % further than its spot market. OKX's mark price is hourly in the data: its open and close are taken.",
        file: "2023-08-17_flash.csv.gz",
        underlying: "ETH",
        unit: "USDT",
        sources: &[
            perpetual("binance", "ETHUSDT", 300),
            OKX,
            Source::Rounds {
                file: "eth_usd_mainnet_rounds_2023-04-05_2024-01-29.csv.gz",
            },
        ],
        wrong: &[0],
        quorum: 0,
        peg: None,
        window: (1_692_302_400, 1_692_316_800),
    },
    Event {
        name: "2023-08-17 BTC, Binance's perpetual against spot",
        what: "Of BTC the data have Binance and Chainlink alone.",
        file: "2023-08-17_flash.csv.gz",
        underlying: "BTC",
        unit: "USDT",
        sources: &[
            spot("binance", "BTCUSDT", 300),
            perpetual("binance", "BTCUSDT", 300),
            Source::Rounds {
                file: "btc_usd_mainnet_rounds_2023-04-05_2024-01-29.csv.gz",
            },
        ],
        wrong: &[1],
        quorum: 0,
        peg: None,
        window: (1_692_302_400, 1_692_316_800),
    },
    Event {
        name: "2025-10-10 ETH, venues split",
        what: "The day of the largest liquidations: venues 2.6 % apart at the low, and nobody knows which was right. OKX's mark price is hourly in the data: its open and close are taken.",
        file: "2025-10-10_adl.csv.gz",
        underlying: "ETH",
        unit: "USDT",
        sources: &[
            perpetual("binance", "ETHUSDT", 300),
            perpetual("bybit", "ETHUSDT", 300),
            OKX,
        ],
        wrong: &[],
        quorum: 0,
        peg: None,
        window: (1_760_126_400, 1_760_140_800),
    },
    Event {
        name: "2025-10-10 BTC, venues split",
        what: "Of BTC the data have Binance and Bybit alone.",
        file: "2025-10-10_adl.csv.gz",
        underlying: "BTC",
        unit: "USDT",
        sources: &[
            perpetual("binance", "BTCUSDT", 300),
            perpetual("bybit", "BTCUSDT", 300),
            spot("bybit", "BTCUSDT", 300),
        ],
        wrong: &[],
        quorum: 0,
        peg: None,
        window: (1_760_126_400, 1_760_140_800),
    },
];
