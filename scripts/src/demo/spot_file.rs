//! Reads market data files: the columns of `shared/data/README.md` (several venues a file) and exchange kline CSV (one venue a file).

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;

use super::replay::{Bar, MIN_VENUES, Quote, Replay, Venue};

/// Largest file after decompression; real event files are below 20 MB.
const MAX_BYTES: u64 = 512 * 1024 * 1024;

/// A venue whose exchange the source does not name is no independent origin.
const UNNAMED: &str = "coinapi_unnamed";

/// Why a data file cannot be replayed. Each message is one line and says where.
#[derive(Debug, thiserror::Error)]
pub enum SpotFileError {
    /// The file cannot be opened or decompressed.
    #[error("{}: cannot read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// The file is larger than any market event.
    #[error("{}: larger than {MAX_BYTES} bytes", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// Neither of the two formats.
    #[error(
        "{}: unknown columns `{header}`; expected ts,venue,instrument,kind,interval_s,open,high,low,close,… or an exchange kline CSV",
        path.display()
    )]
    UnknownColumns {
        /// The file.
        path: PathBuf,
        /// First line.
        header: String,
    },
    /// A cell that does not parse, or prices that cannot be of one bar.
    #[error("{}: line {line}: {problem}", path.display())]
    BadRow {
        /// The file.
        path: PathBuf,
        /// 1-based line.
        line: usize,
        /// What is wrong.
        problem: String,
    },
    /// Fewer venues than a median needs.
    #[error(
        "only {found} venue(s) of {underlying} ({names}); a median needs {MIN_VENUES}: choose another --underlying, or give --spot more often"
    )]
    TooFewVenues {
        /// Venues found.
        found: usize,
        /// What was asked for.
        underlying: String,
        /// Their names.
        names: String,
    },
}

/// Bars by venue, instrument, kind and interval, seconds.
pub type Series = BTreeMap<(String, String, String, u64), Vec<Bar>>;

/// Everything a file has of `underlying`.
///
/// # Errors
/// [`SpotFileError`].
pub fn series(path: &Path, underlying: &str) -> Result<Series, SpotFileError> {
    let mut series = Series::new();
    read_one(path, underlying, &mut series)?;
    Ok(series)
}

/// Reads the files and chooses, for `underlying` (`ETH`, `BTC`), one series per venue: the interval that most venues share (the finest
/// of equals), spot before perpetuals, venues with other intervals only to reach three.
///
/// Errors: [`SpotFileError`].
pub fn read(paths: &[PathBuf], underlying: &str) -> Result<Replay, SpotFileError> {
    let mut series = Series::new();
    for path in paths {
        read_one(path, underlying, &mut series)?;
    }
    let chosen = choose(&series);
    if chosen.len() < MIN_VENUES {
        return Err(SpotFileError::TooFewVenues {
            found: chosen.len(),
            underlying: underlying.to_owned(),
            names: chosen
                .iter()
                .map(|key| key.0.as_str())
                .collect::<Vec<_>>()
                .join(", "),
        });
    }
    let title = paths
        .iter()
        .filter_map(|path| path.file_name())
        .map(|name| {
            name.to_string_lossy()
                .trim_end_matches(".gz")
                .trim_end_matches(".csv")
                .to_owned()
        })
        .collect::<Vec<_>>()
        .join(" + ");
    Ok(assemble(title, underlying, &series, chosen))
}

fn assemble(
    title: String,
    underlying: &str,
    series: &Series,
    chosen: Vec<(String, String, String, u64)>,
) -> Replay {
    let mut quotes = Vec::new();
    let mut venues = Vec::new();
    // The replay runs while every venue has data: before that, its on-chain source would have nothing to show.
    let begin = chosen
        .iter()
        .filter_map(|key| series[key].first())
        .map(|bar| bar.at)
        .max();
    for (index, key) in chosen.into_iter().enumerate() {
        for bar in series[&key]
            .iter()
            .filter(|bar| Some(bar.at + key.3) > begin)
        {
            for (at, price) in bar.path(key.3) {
                quotes.push(Quote {
                    at: at.max(begin.unwrap_or(0)),
                    venue: index,
                    price,
                });
            }
        }
        let (name, instrument, kind, interval) = key;
        venues.push(Venue {
            name,
            instrument,
            kind,
            interval,
        });
    }
    quotes.sort_by_key(|quote| (quote.at, quote.venue));
    Replay {
        title,
        underlying: underlying.to_owned(),
        venues,
        quotes,
    }
}

/// One key per venue, see [`read`].
fn choose(series: &Series) -> Vec<(String, String, String, u64)> {
    let mut by_venue: BTreeMap<&str, Vec<&(String, String, String, u64)>> = BTreeMap::new();
    for key in series.keys() {
        by_venue.entry(&key.0).or_default().push(key);
    }
    let intervals: std::collections::BTreeSet<u64> = series.keys().map(|key| key.3).collect();
    let count = |interval: u64| {
        by_venue
            .values()
            .filter(|keys| keys.iter().any(|key| key.3 == interval))
            .count()
    };
    // `max_by_key` keeps the last of equals, so go from coarse to fine.
    let Some(interval) = intervals
        .iter()
        .rev()
        .copied()
        .max_by_key(|&interval| count(interval))
    else {
        return Vec::new();
    };
    let rank = |key: &(String, String, String, u64)| match key.2.as_str() {
        "spot" => 0,
        "index" => 1,
        "perp" => 2,
        _ => 3,
    };
    // Dollars before tethers before USDC: the pool settles in dollars.
    let quote_rank = |key: &(String, String, String, u64)| {
        if key.1.ends_with("USD") {
            0
        } else if key.1.ends_with("USDT") {
            1
        } else {
            2
        }
    };
    let mut chosen = Vec::new();
    let mut spare = Vec::new();
    for keys in by_venue.values() {
        let best = |want: Option<u64>| {
            keys.iter()
                .filter(|key| want.is_none_or(|interval| key.3 == interval))
                .min_by_key(|key| (rank(key), quote_rank(key), key.3))
                .map(|key| (*key).clone())
        };
        match best(Some(interval)) {
            Some(key) => chosen.push(key),
            None => spare.extend(best(None)),
        }
    }
    if chosen.len() < MIN_VENUES {
        chosen.extend(spare);
        chosen.sort();
    }
    chosen
}

fn read_one(path: &Path, underlying: &str, series: &mut Series) -> Result<(), SpotFileError> {
    let text = decompress(path)?;
    let header = text.lines().next().unwrap_or_default().to_owned();
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let is_event = header.starts_with("ts,venue,instrument,kind,interval_s,open,high,low,close");
    let kline_venue = if is_event {
        None
    } else {
        Some(kline_venue(path, &header)?)
    };
    let mut kline = Vec::new();
    for (index, record) in reader.records().enumerate() {
        let line = index + 1;
        let bad = |problem: String| SpotFileError::BadRow {
            path: path.to_owned(),
            line,
            problem,
        };
        let record = record.map_err(|error| bad(error.to_string()))?;
        let first = record.get(0).unwrap_or_default();
        if index == 0 && (is_event || !first.starts_with(|c: char| c.is_ascii_digit())) {
            continue;
        }
        let cell = |column: usize| {
            record
                .get(column)
                .ok_or_else(|| format!("column {} is missing", column + 1))
        };
        if is_event {
            let row = || -> Result<_, String> {
                let key = (
                    cell(1)?.to_owned(),
                    cell(2)?.to_owned(),
                    cell(3)?.to_owned(),
                    whole(cell(4)?, "interval_s")?,
                );
                Ok((
                    key,
                    bar(
                        whole(cell(0)?, "ts")?,
                        [cell(5)?, cell(6)?, cell(7)?, cell(8)?],
                    )?,
                ))
            };
            let (key, bar) = row().map_err(bad)?;
            if key.1.starts_with(underlying) && key.0 != UNNAMED {
                if key.3 == 0 {
                    return Err(bad("interval_s is 0".to_owned()));
                }
                series.entry(key).or_default().push(bar);
            }
        } else {
            let row = || -> Result<Bar, String> {
                let stamp = whole(cell(0)?, "open time")?;
                bar(to_seconds(stamp), [cell(1)?, cell(2)?, cell(3)?, cell(4)?])
            };
            kline.push(row().map_err(bad)?);
        }
    }
    if let Some(venue) = kline_venue {
        kline.sort_by_key(|bar| bar.at);
        let interval = kline
            .windows(2)
            .map(|pair| pair[1].at - pair[0].at)
            .filter(|&gap| gap > 0)
            .min();
        let Some(interval) = interval else {
            let problem = "fewer than two bars".to_owned();
            return Err(SpotFileError::BadRow {
                path: path.to_owned(),
                line: 1,
                problem,
            });
        };
        series.insert(
            (
                venue,
                format!("{underlying}USD"),
                "spot".to_owned(),
                interval,
            ),
            kline,
        );
    }
    for bars in series.values_mut() {
        bars.sort_by_key(|bar| bar.at);
    }
    Ok(())
}

/// A kline file names no venue: its own name does. Its first line is numbers or a header with open, high, low, close.
fn kline_venue(path: &Path, header: &str) -> Result<String, SpotFileError> {
    let lower = header.to_ascii_lowercase();
    let numeric = header
        .split(',')
        .take(5)
        .filter(|cell| cell.parse::<f64>().is_ok())
        .count()
        == 5;
    if !numeric
        && !["open", "high", "low", "close"]
            .iter()
            .all(|name| lower.contains(name))
    {
        return Err(SpotFileError::UnknownColumns {
            path: path.to_owned(),
            header: header.chars().take(80).collect(),
        });
    }
    let stem = path.file_name().unwrap_or_default().to_string_lossy();
    Ok(stem.split('.').next().unwrap_or("venue").to_owned())
}

fn decompress(path: &Path) -> Result<String, SpotFileError> {
    let unreadable = |source| SpotFileError::Unreadable {
        path: path.to_owned(),
        source,
    };
    let file = File::open(path).map_err(unreadable)?;
    let gzip = path.extension().is_some_and(|extension| extension == "gz");
    let mut text = String::new();
    let read = if gzip {
        MultiGzDecoder::new(file)
            .take(MAX_BYTES + 1)
            .read_to_string(&mut text)
    } else {
        file.take(MAX_BYTES + 1).read_to_string(&mut text)
    };
    let bytes = read.map_err(unreadable)?;
    if bytes as u64 > MAX_BYTES {
        return Err(SpotFileError::TooLarge {
            path: path.to_owned(),
        });
    }
    Ok(text)
}

/// Exchanges write seconds, milliseconds or microseconds.
fn to_seconds(stamp: u64) -> u64 {
    match stamp {
        0..100_000_000_000 => stamp,
        100_000_000_000..100_000_000_000_000 => stamp / 1_000,
        _ => stamp / 1_000_000,
    }
}

fn whole(cell: &str, name: &str) -> Result<u64, String> {
    cell.parse()
        .map_err(|_| format!("{name} `{cell}` is no whole number"))
}

fn bar(at: u64, cells: [&str; 4]) -> Result<Bar, String> {
    let [open, high, low, close] = cells.map(price);
    let bar = Bar {
        at,
        open: open?,
        high: high?,
        low: low?,
        close: close?,
    };
    if bar.low > bar.open.min(bar.close) || bar.high < bar.open.max(bar.close) {
        return Err(format!(
            "open, high, low, close {} cannot be of one bar",
            cells.join(", ")
        ));
    }
    Ok(bar)
}

/// A decimal price as an integer of 1e-8, truncated; positive and at most 1e10.
fn price(cell: &str) -> Result<u64, String> {
    let value: f64 = cell
        .parse()
        .map_err(|_| format!("price `{cell}` is no number"))?;
    if !(1e-8..=1e10).contains(&value) {
        return Err(format!("price `{cell}` is outside 1e-8 … 1e10"));
    }
    // Within f64's exact integers after scaling for every market price (1e10 · 1e8 rounds in the 17th digit).
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    Ok((value * 1e8).round() as u64)
}

#[cfg(test)]
mod tests;
