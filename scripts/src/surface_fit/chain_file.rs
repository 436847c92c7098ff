//! Option chains of a file: snapshots by underlying, each with the quotes of its expiries.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use clearing_math::implied_volatility::{ForwardQuote, implied_volatility_forward};
use clearing_math::leg::OptionKind;
use flate2::read::MultiGzDecoder;

use super::YEAR;
use super::chain_columns::{ChainColumns, Worth};
use crate::quant::ColumnError;

/// Largest file after decompression.
const MAX_BYTES: u64 = 512 * 1024 * 1024;
/// Quotes further apart than this are of two snapshots, seconds.
const SNAPSHOT_GAP: f64 = 1_800.0;
/// WAD of one unit.
const WAD: f64 = 1e18;

/// Why a chain cannot be read. Each message is one line.
#[derive(Debug, thiserror::Error)]
pub enum ChainError {
    /// The file cannot be opened or decompressed.
    #[error("{}: cannot read: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The file is larger than any chain.
    #[error("{}: larger than {MAX_BYTES} bytes", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// A column is missing.
    #[error("{}: {source}", path.display())]
    Columns {
        /// The file.
        path: PathBuf,
        /// Which.
        source: ColumnError,
    },
    /// The file is no CSV.
    #[error("{}: {source}", path.display())]
    Csv {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: csv::Error,
    },
    /// No row can be used.
    #[error("{}: no usable quote in {rows} rows; the first refusal: {first}", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
        /// Rows read.
        rows: usize,
        /// Why the first was not used.
        first: String,
    },
}

/// One strike.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quote {
    /// Quote units.
    pub strike: f64,
    /// `ln(strike / forward)`.
    pub k: f64,
    /// 1.0 = 100 % per year.
    pub volatility: f64,
}

/// The quotes of one expiry.
#[derive(Clone, Debug, PartialEq)]
pub struct Expiry {
    /// Unix seconds.
    pub at: u32,
    /// Median of the forwards of its quotes, in quote units.
    pub forward: f64,
    /// By strike, one each: the side out of the money where there are both.
    pub quotes: Vec<Quote>,
}

/// All quotes of an underlying at one time.
#[derive(Clone, Debug, PartialEq)]
pub struct Chain {
    /// `BTC`; empty in a file that names none.
    pub underlying: String,
    /// Unix seconds of the last quote.
    pub at: u32,
    /// Median price of the underlying, if the file has it.
    pub spot: Option<f64>,
    /// Soonest first.
    pub expiries: Vec<Expiry>,
}

/// What a file held.
#[derive(Clone, Debug, PartialEq)]
pub struct ChainFile {
    /// By underlying and time.
    pub chains: Vec<Chain>,
    /// Rows read.
    pub rows: usize,
    /// Rows not used, by reason.
    pub unused: BTreeMap<String, usize>,
}

/// A row.
#[derive(Clone, Debug)]
struct Row {
    underlying: String,
    time: f64,
    expiry: u32,
    strike: f64,
    forward: f64,
    spot: Option<f64>,
    volatility: f64,
    kind: Option<OptionKind>,
}

/// Reads a file, compressed if it ends in `.gz`; `-` is standard input.
///
/// # Errors
/// [`ChainError`]. A row that cannot be used is counted, not an error, unless all are such.
pub fn read(path: &Path) -> Result<ChainFile, ChainError> {
    let bytes = bytes(path)?;
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .from_reader(&bytes[..]);
    let csv_error = |source| ChainError::Csv {
        path: path.to_owned(),
        source,
    };
    let header = reader.headers().map_err(csv_error)?.clone();
    let columns = ChainColumns::find(&header).map_err(|source| ChainError::Columns {
        path: path.to_owned(),
        source,
    })?;
    let (mut rows, mut unused, mut first, mut count) = (Vec::new(), BTreeMap::new(), None, 0);
    for record in reader.records() {
        count += 1;
        match row(&columns, &record.map_err(csv_error)?) {
            Ok(row) => rows.push(row),
            Err(reason) => {
                first.get_or_insert_with(|| reason.clone());
                *unused.entry(reason).or_default() += 1;
            }
        }
    }
    if rows.is_empty() {
        return Err(ChainError::Empty {
            path: path.to_owned(),
            rows: count,
            first: first.unwrap_or_else(|| "there is none".to_owned()),
        });
    }
    Ok(ChainFile {
        chains: chains(rows),
        rows: count,
        unused,
    })
}

fn bytes(path: &Path) -> Result<Vec<u8>, ChainError> {
    let unreadable = |source| ChainError::Unreadable {
        path: path.to_owned(),
        source,
    };
    let source: Box<dyn Read> = if path == Path::new("-") {
        Box::new(io::stdin())
    } else {
        let file = File::open(path).map_err(unreadable)?;
        match path.extension().is_some_and(|extension| extension == "gz") {
            true => Box::new(MultiGzDecoder::new(file)),
            false => Box::new(file),
        }
    };
    let mut bytes = Vec::new();
    source
        .take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(ChainError::TooLarge {
            path: path.to_owned(),
        });
    }
    Ok(bytes)
}

fn row(columns: &ChainColumns, record: &csv::StringRecord) -> Result<Row, String> {
    let (time, expiry) = (columns.time(record)?, columns.expiry(record)?);
    let (strike, forward) = columns.strike_and_forward(record)?;
    let kind = columns.kind(record);
    if expiry - time < 1.0 {
        return Err("it has expired".to_owned());
    }
    let volatility = match columns.worth(record, forward)? {
        Worth::Volatility(volatility) => volatility,
        Worth::Price(price) => {
            let kind = kind.ok_or("call or put is not said")?;
            let seconds = expiry - time;
            let discount = (-columns.rate(record)? * seconds / YEAR).exp();
            solved(kind, price, forward, strike, discount, seconds)?
        }
    };
    // Both were checked to be below 2^32 seconds.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    Ok(Row {
        underlying: columns.underlying(record),
        time,
        expiry: expiry as u32,
        strike,
        forward,
        spot: columns.spot(record),
        volatility,
        kind,
    })
}

/// The volatility a price implies, by the solver of the contracts.
fn solved(
    kind: OptionKind,
    price: f64,
    forward: f64,
    strike: f64,
    discount: f64,
    seconds: f64,
) -> Result<f64, String> {
    // Conversions saturate, and the solver refuses what is too large.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let quote = ForwardQuote {
        kind,
        price: (price * WAD) as u128,
        forward: (forward * WAD) as u128,
        strike: (strike * WAD) as u128,
        discount: (discount * WAD) as u128,
        seconds: seconds as u64,
    };
    implied_volatility_forward(&quote)
        .map(|volatility| volatility as f64 / WAD)
        .map_err(|error| {
            let name = format!("{error:?}");
            let name = name.split([' ', '(', '{']).next().unwrap_or_default();
            format!("its price implies no volatility ({name})")
        })
}

/// Groups rows by underlying, then by snapshot, then by expiry and strike.
fn chains(mut rows: Vec<Row>) -> Vec<Chain> {
    rows.sort_by(|a, b| {
        a.underlying
            .cmp(&b.underlying)
            .then(a.time.total_cmp(&b.time))
    });
    rows.chunk_by(|a, b| a.underlying == b.underlying && b.time - a.time <= SNAPSHOT_GAP)
        .filter_map(chain)
        .collect()
}

fn chain(rows: &[Row]) -> Option<Chain> {
    let last = rows.last()?;
    let mut by_expiry: BTreeMap<u32, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        by_expiry.entry(row.expiry).or_default().push(row);
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let at = last.time as u32;
    Some(Chain {
        underlying: last.underlying.clone(),
        at,
        spot: median(rows.iter().filter_map(|row| row.spot)),
        expiries: by_expiry
            .into_iter()
            .filter(|(expiry, _)| *expiry > at)
            .filter_map(|(expiry, rows)| of_expiry(expiry, &rows))
            .collect(),
    })
}

fn of_expiry(at: u32, rows: &[&Row]) -> Option<Expiry> {
    let forward = median(rows.iter().map(|row| row.forward))?;
    // Positive floats sort as their bits do.
    let mut by_strike: BTreeMap<u64, &Row> = BTreeMap::new();
    for &row in rows {
        let held = by_strike.entry(row.strike.to_bits()).or_insert(row);
        if !is_out_of_the_money(held) && is_out_of_the_money(row) {
            *held = row;
        }
    }
    let quotes = by_strike.values().map(|row| Quote {
        strike: row.strike,
        // Each quote with the forward it was quoted against.
        k: (row.strike / row.forward).ln(),
        volatility: row.volatility,
    });
    Some(Expiry {
        at,
        forward,
        quotes: quotes.collect(),
    })
}

fn is_out_of_the_money(row: &Row) -> bool {
    match row.kind {
        Some(OptionKind::Call) => row.strike >= row.forward,
        Some(OptionKind::Put) => row.strike < row.forward,
        None => true,
    }
}

/// The lower of the two middle values where there are two.
pub(super) fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len().checked_sub(1)? / 2).copied()
}
