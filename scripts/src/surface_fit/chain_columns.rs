//! Columns of a file of option quotes, found by name, and the units their names stand for.
//!
//! | what | names | unit |
//! |---|---|---|
//! | expiry, required | `expiry`, `expiration`, `expiry_datetime`, `expiration_timestamp`, `expiration_date`, `expiry_date`, `maturity` | a time |
//! | strike, required | `strike`, `strike_price` | quote |
//! | forward of the expiry, required | `forward`, `forward_price`, `futures_price`, `underlying_price`; where empty, spot | quote |
//! | time of the quote, required | `timestamp`, `ts`, `time`, `quote_time` | a time |
//! | volatility | `implied_volatility`, `iv`, `volatility` | 1 = 100 % per year |
//! | | `mark_iv`, `iv_percent` | percent |
//! | price, where there is no volatility | `price`, `mid`, `mid_price` | quote |
//! | | `mark_price`, `price_coin` | the underlying, as on inverse venues |
//! | call or put, needed for prices | as `novation iv` finds it | |
//! | underlying | `underlying`, `currency`, `asset`; else the letters before `-` in `instrument_name`, `symbol`, `instrument` | |
//! | spot | `index_price`, `spot`, `spot_price` | quote |
//! | interest rate per year | `interest_rate`, `rate` | 1 = 100 %; none: 0 |
//!
//! `bestBidPrice` and `best_bid_price` are one name. A time is RFC 3339, or unix seconds or milliseconds.

use clearing_math::leg::OptionKind;
use csv::StringRecord;

use crate::quant::{Column, ColumnError, KindColumn};

const EXPIRY: [&str; 7] = [
    "expiry",
    "expiration",
    "expiry_datetime",
    "expiration_timestamp",
    "expiration_date",
    "expiry_date",
    "maturity",
];
const STRIKE: [&str; 2] = ["strike", "strike_price"];
const FORWARD: [&str; 4] = [
    "forward",
    "forward_price",
    "futures_price",
    "underlying_price",
];
const TIME: [&str; 4] = ["timestamp", "ts", "time", "quote_time"];
const VOLATILITY: [&str; 3] = ["implied_volatility", "iv", "volatility"];
const PERCENT: [&str; 2] = ["mark_iv", "iv_percent"];
const PRICE: [&str; 3] = ["price", "mid", "mid_price"];
const COIN_PRICE: [&str; 2] = ["mark_price", "price_coin"];
const UNDERLYING: [&str; 3] = ["underlying", "currency", "asset"];
const INSTRUMENT: [&str; 3] = ["instrument_name", "symbol", "instrument"];
const SPOT: [&str; 3] = ["index_price", "spot", "spot_price"];
const RATE: [&str; 2] = ["interest_rate", "rate"];

/// Unix milliseconds from here on: the year 5138 in seconds.
const MILLISECONDS_FROM: f64 = 1e11;

/// Where everything is.
pub(super) struct ChainColumns {
    expiry: Column,
    strike: Column,
    forward: Column,
    time: Column,
    volatility: Option<Column>,
    percent: Option<Column>,
    price: Option<Column>,
    coin_price: Option<Column>,
    kind: Option<KindColumn>,
    underlying: Option<Column>,
    instrument: Option<Column>,
    spot: Option<Column>,
    rate: Option<Column>,
}

/// What a quote says about volatility.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Worth {
    /// Its volatility, 1 = 100 %.
    Volatility(f64),
    /// Its price, quote.
    Price(f64),
}

impl ChainColumns {
    /// Finds the columns.
    pub(super) fn find(header: &StringRecord) -> Result<Self, ColumnError> {
        let header = &header.iter().map(snake_case).collect::<StringRecord>();
        let optional = |names: &[&str]| Column::find_any(header, names);
        let required = |names: &[&str]| {
            optional(names)?.ok_or_else(|| ColumnError::Missing {
                wanted: names.join(" or "),
                found: header.iter().collect::<Vec<_>>().join(", "),
            })
        };
        let columns = Self {
            expiry: required(&EXPIRY)?,
            strike: required(&STRIKE)?,
            forward: required(&FORWARD)?,
            time: required(&TIME)?,
            volatility: optional(&VOLATILITY)?,
            percent: optional(&PERCENT)?,
            price: optional(&PRICE)?,
            coin_price: optional(&COIN_PRICE)?,
            kind: KindColumn::find(header).ok(),
            underlying: optional(&UNDERLYING)?,
            instrument: optional(&INSTRUMENT)?,
            spot: optional(&SPOT)?,
            rate: optional(&RATE)?,
        };
        if columns.volatility.is_none() && columns.percent.is_none() {
            if columns.price.is_none() && columns.coin_price.is_none() {
                let all = [&VOLATILITY[..], &PERCENT, &PRICE, &COIN_PRICE].concat();
                required(&all)?;
            }
            KindColumn::find(header)?;
        }
        Ok(columns)
    }

    /// Unix seconds of expiry.
    pub(super) fn expiry(&self, row: &StringRecord) -> Result<f64, String> {
        time(&self.expiry, row)
    }

    /// Unix seconds of the quote.
    pub(super) fn time(&self, row: &StringRecord) -> Result<f64, String> {
        time(&self.time, row)
    }

    /// Strike and forward, quote.
    pub(super) fn strike_and_forward(&self, row: &StringRecord) -> Result<(f64, f64), String> {
        let forward = match (self.forward.text(row), self.spot(row)) {
            // Venues leave it out where no future of that expiry trades: days away, where spot is as good.
            ("", Some(spot)) => spot,
            _ => positive(&self.forward, row)?,
        };
        Ok((positive(&self.strike, row)?, forward))
    }

    /// Price of the underlying, if the row has one.
    pub(super) fn spot(&self, row: &StringRecord) -> Option<f64> {
        self.spot.as_ref().and_then(|spot| positive(spot, row).ok())
    }

    /// Interest rate per year.
    pub(super) fn rate(&self, row: &StringRecord) -> Result<f64, String> {
        let cell = self.rate.as_ref().filter(|rate| !rate.text(row).is_empty());
        cell.map_or(Ok(0.0), |rate| number(rate, row))
    }

    /// Call or put, if the file says.
    pub(super) fn kind(&self, row: &StringRecord) -> Option<OptionKind> {
        self.kind.as_ref().and_then(|kind| kind.kind(row).ok())
    }

    /// `BTC`, or nothing in a file that names no underlying.
    pub(super) fn underlying(&self, row: &StringRecord) -> String {
        if let Some(column) = &self.underlying {
            return column.text(row).to_ascii_uppercase();
        }
        let name = self
            .instrument
            .as_ref()
            .map_or("", |column| column.text(row));
        name.split('-')
            .next()
            .unwrap_or_default()
            .to_ascii_uppercase()
    }

    /// The volatility of a row, else its price; the first that is not empty.
    pub(super) fn worth(&self, row: &StringRecord, forward: f64) -> Result<Worth, String> {
        let filled =
            |column: &Option<Column>| column.clone().filter(|column| !column.text(row).is_empty());
        if let Some(column) = filled(&self.volatility) {
            return positive(&column, row).map(Worth::Volatility);
        }
        if let Some(column) = filled(&self.percent) {
            return positive(&column, row).map(|percent| Worth::Volatility(percent / 100.0));
        }
        if let Some(column) = filled(&self.price) {
            return positive(&column, row).map(Worth::Price);
        }
        match filled(&self.coin_price) {
            Some(column) => positive(&column, row).map(|coin| Worth::Price(coin * forward)),
            None => Err("no volatility and no price".to_owned()),
        }
    }
}

/// `bestBidPrice` as `best_bid_price`.
fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    let mut after_lower = false;
    for letter in name.trim_start_matches('\u{feff}').trim().chars() {
        if letter.is_ascii_uppercase() && after_lower {
            snake.push('_');
        }
        after_lower = letter.is_ascii_lowercase();
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

fn number(column: &Column, row: &StringRecord) -> Result<f64, String> {
    let text = column.text(row);
    let number: Option<f64> = text.parse().ok();
    number
        .filter(|number| number.is_finite())
        .ok_or_else(|| format!("{} is `{text}`: a number is expected", column.name()))
}

fn positive(column: &Column, row: &StringRecord) -> Result<f64, String> {
    let value = number(column, row)?;
    if value > 0.0 {
        return Ok(value);
    }
    Err(format!("{} is {value}: it must be above 0", column.name()))
}

fn time(column: &Column, row: &StringRecord) -> Result<f64, String> {
    let text = column.text(row);
    if let Ok(stamp) = text.parse::<f64>() {
        let seconds = if stamp >= MILLISECONDS_FROM {
            stamp / 1e3
        } else {
            stamp
        };
        // 2^32 seconds: what a word can hold.
        if (0.0..4_294_967_296.0).contains(&seconds) {
            return Ok(seconds);
        }
    } else if let Ok(at) = text.parse::<jiff::Timestamp>() {
        return Ok(at.as_millisecond() as f64 / 1e3);
    }
    Err(format!(
        "{} is `{text}`: RFC 3339, unix seconds or milliseconds are expected",
        column.name()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(names: &str) -> StringRecord {
        names.split(',').collect()
    }

    #[test]
    fn names_in_camel_case_are_the_names_in_snake_case() {
        assert_eq!(snake_case("\u{feff} bestBidPrice"), "best_bid_price");
        assert_eq!(snake_case("mark_IV"), "mark_iv");
    }

    #[test]
    fn times_come_in_three_notations() {
        let columns = ChainColumns::find(&header("ts,expiry,strike,forward,iv")).expect("columns");
        for text in ["2020-05-22T08:00:00Z", "1590134400", "1590134400000"] {
            let row = header(&format!("{text},{text},1,1,1"));
            assert_eq!(columns.expiry(&row), Ok(1_590_134_400.0));
        }
        assert!(columns.expiry(&header("1,22MAY20,1,1,1")).is_err());
    }

    #[test]
    fn a_file_without_any_worth_is_refused_with_the_names_it_may_have() {
        let error = ChainColumns::find(&header("ts,expiry,strike,forward")).err();
        assert!(error.is_some_and(|error| error.to_string().contains("mark_iv")));
        // Prices need a side.
        assert!(ChainColumns::find(&header("ts,expiry,strike,forward,price")).is_err());
    }

    #[test]
    fn percent_and_coin_are_brought_to_one_unit() {
        let names = "ts,expiry,strike,forward,mark_iv,mark_price,type";
        let columns = ChainColumns::find(&header(names)).expect("columns");
        let worth = |row: &str| columns.worth(&header(row), 2_000.0);
        assert_eq!(worth("0,9,1,2000,85,0.1,c"), Ok(Worth::Volatility(0.85)));
        assert_eq!(worth("0,9,1,2000,,0.1,c"), Ok(Worth::Price(200.0)));
        assert!(worth("0,9,1,2000,0,0.1,c").is_err());
    }
}
