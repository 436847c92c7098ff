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
    #[error("{}: cannot read: {source}", path.display())]
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

/// Bars by venue, instrument, kind and interval.
type Series = BTreeMap<(String, String, String, u64), Vec<Bar>>;

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
    if !value.is_finite() || value < 1e-8 || value > 1e10 {
        return Err(format!("price `{cell}` is outside 1e-8 … 1e10"));
    }
    // Within f64's exact integers after scaling for every market price (1e10 · 1e8 rounds in the 17th digit).
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    Ok((value * 1e8).round() as u64)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    const HEADER: &str = "ts,venue,instrument,kind,interval_s,open,high,low,close,volume,source";

    fn file(name: &str, text: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("novation-spot-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join(name);
        File::create(&path)
            .unwrap()
            .write_all(text.as_bytes())
            .unwrap();
        path
    }

    fn message(name: &str, text: &str) -> String {
        read(&[file(name, text)], "ETH").unwrap_err().to_string()
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = read(&[PathBuf::from("/nowhere.csv")], "ETH")
            .unwrap_err()
            .to_string();
        assert!(error.starts_with("/nowhere.csv: cannot read"), "{error}");
    }

    #[test]
    fn a_file_that_is_not_gzip_is_refused() {
        assert!(message("plain.csv.gz", "not gzip").contains("cannot read"));
    }

    #[test]
    fn unknown_columns_are_quoted() {
        assert!(message("columns.csv", "a,b,c\n1,2,3\n").contains("unknown columns `a,b,c`"));
    }

    #[test]
    fn a_bad_price_is_found_by_line() {
        let text = format!(
            "{HEADER}\n0,x,ETHUSD,spot,60,1,1,1,1,0,s\n60,x,ETHUSD,spot,60,1,oops,1,1,0,s\n"
        );
        assert!(message("price.csv", &text).contains("line 3: price `oops` is no number"));
    }

    #[test]
    fn zero_negative_and_infinite_prices_are_refused() {
        for bad in ["0", "-1", "inf", "NaN", "1e300"] {
            let text = format!("{HEADER}\n0,x,ETHUSD,spot,60,1,1,{bad},1,0,s\n");
            assert!(message("range.csv", &text).contains("is outside"), "{bad}");
        }
    }

    #[test]
    fn a_bar_whose_low_is_above_its_close_is_refused() {
        let text = format!("{HEADER}\n0,x,ETHUSD,spot,60,10,11,10,9,0,s\n");
        assert!(message("bar.csv", &text).contains("cannot be of one bar"));
    }

    #[test]
    fn a_truncated_row_is_refused() {
        assert!(message("short.csv", &format!("{HEADER}\n0,x,ETHUSD\n")).contains("column"));
    }

    #[test]
    fn two_venues_are_too_few() {
        let text =
            format!("{HEADER}\n0,x,ETHUSD,spot,60,1,1,1,1,0,s\n0,y,ETHUSD,spot,60,1,1,1,1,0,s\n");
        assert!(message("two.csv", &text).contains("only 2 venue(s) of ETH (x, y)"));
    }

    #[test]
    fn the_interval_most_venues_share_is_chosen() {
        let mut text = format!("{HEADER}\n");
        for venue in ["a", "b", "c"] {
            text += &format!("0,{venue},ETHUSD,spot,3600,100,100,100,100,0,s\n");
        }
        text += "0,a,ETHUSD,spot,60,100,100,100,100,0,s\n0,d,ETHUSD,spot,60,100,100,100,100,0,s\n";
        let replay = read(&[file("interval.csv", &text)], "ETH").unwrap();
        let names: Vec<_> = replay
            .venues
            .iter()
            .map(|venue| (venue.name.as_str(), venue.interval))
            .collect();
        assert_eq!(names, [("a", 3600), ("b", 3600), ("c", 3600)]);
        assert_eq!(replay.opening_prices(), [100 * 100_000_000; 3]);
    }

    #[test]
    fn kline_files_are_one_venue_each() {
        let rows = "1583971200000,100,101,99,100,5,0\n1583971260000,100,102,98,99,5,0\n";
        let paths = [
            file("one.csv", rows),
            file("two.csv", rows),
            file("three.csv", rows),
        ];
        let replay = read(&paths, "ETH").unwrap();
        assert_eq!(replay.venues.len(), 3);
        assert_eq!(replay.venues[0].interval, 60);
        assert_eq!(replay.start(), 1_583_971_200);
    }
}
