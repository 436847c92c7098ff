//! What each source showed when.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, ensure};
use flate2::read::MultiGzDecoder;

use super::events::{Event, Source, Taken};
use crate::demo::replay::Bar;
use crate::demo::spot_file::{self, Series};

/// One, WAD.
const WAD: u128 = clearing_math::WAD;
/// WAD of the data's unit, 1e-8.
const WAD_PER_UNIT: u128 = 10_000_000_000;

/// A price at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Print {
    /// Unix seconds.
    pub at: u64,
    /// WAD.
    pub price: u128,
}

/// What was shown on a day.
#[derive(Clone, Debug)]
pub(super) struct Prints {
    /// Of every source, each in order of time.
    pub sources: Vec<Vec<Print>>,
    /// What pools settle in, in the feed's unit, in order of time; empty: nobody doubts it.
    pub peg: Vec<Print>,
}

/// Reads a day. `data` is the folder that holds `spot` and `chainlink`.
pub(super) fn read(event: &Event, data: &Path) -> anyhow::Result<Prints> {
    let series = spot_file::series(&data.join("spot").join(event.file), event.underlying)?;
    let of_source = |source: &Source| match *source {
        Source::Rounds { file } => rounds(&data.join("chainlink").join(file)),
        Source::Bars { .. } => bars(&series, source)
            .with_context(|| format!("{} has no {}", event.file, source.name())),
    };
    let sources = event.sources.iter().map(of_source);
    let mut sources: Vec<Vec<Print>> = sources.collect::<anyhow::Result<_>>()?;
    // Rounds go on for months.
    let bars = event.sources.iter().zip(&sources);
    let bars = bars.filter(|(source, _)| matches!(source, Source::Bars { .. }));
    let last = bars.filter_map(|(_, prints)| Some(prints.last()?.at)).max();
    for prints in &mut sources {
        prints.retain(|print| Some(print.at) <= last);
    }
    let peg = match &event.peg {
        Some(peg) => ratio(&of_source(&peg.dollars)?, &of_source(&peg.tokens)?),
        None => Vec::new(),
    };
    Ok(Prints { sources, peg })
}

/// What a market printed; none: the file does not have it.
fn bars(series: &Series, source: &Source) -> Option<Vec<Print>> {
    let Source::Bars {
        venue,
        instrument,
        kind,
        interval,
        taken,
    } = *source
    else {
        return None;
    };
    let key = (venue.into(), instrument.into(), kind.into(), interval);
    let path = |bar: &Bar| match taken {
        Taken::Path => bar.path(interval),
        Taken::Ends => vec![(bar.at, bar.open), (bar.at + interval, bar.close)],
    };
    let prints = series.get(&key)?.iter().flat_map(path);
    let print = |(at, price): (u64, u64)| Print {
        at,
        price: u128::from(price) * WAD_PER_UNIT,
    };
    Some(prints.map(print).collect())
}

/// Price of a token in dollars: what the same costs in dollars over what it costs in tokens, where both markets printed at once.
fn ratio(dollars: &[Print], tokens: &[Print]) -> Vec<Print> {
    let in_dollars: BTreeMap<u64, u128> = dollars
        .iter()
        .map(|print| (print.at, print.price))
        .collect();
    let at = |print: &Print| {
        let dollars = in_dollars.get(&print.at)?;
        // Prices of the data are below 2^42 units of 1e-8: the product is far below 2^128.
        let price = (dollars / WAD_PER_UNIT).checked_mul(WAD)?;
        Some(Print {
            at: print.at,
            price: price.checked_div(print.price / WAD_PER_UNIT)?,
        })
    };
    tokens.iter().filter_map(at).collect()
}

/// `updatedAt` and `answer` (8 decimals) of every round.
fn rounds(path: &Path) -> anyhow::Result<Vec<Print>> {
    let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut text = String::new();
    MultiGzDecoder::new(file).read_to_string(&mut text)?;
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers()?.clone();
    let column = |name: &str| {
        let found = header.iter().position(|cell| cell == name);
        found.with_context(|| format!("{} has no column {name}", path.display()))
    };
    let (at, answer) = (column("updatedAt")?, column("answer")?);
    let mut prints = Vec::new();
    for record in reader.records() {
        let record = record?;
        let cell = |index: usize| record.get(index).unwrap_or_default();
        prints.push(Print {
            at: cell(at)
                .parse()
                .with_context(|| format!("time {}", cell(at)))?,
            price: cell(answer)
                .parse::<u128>()
                .with_context(|| format!("answer {}", cell(answer)))?
                * WAD_PER_UNIT,
        });
    }
    ensure!(
        prints.is_sorted_by_key(|print| print.at),
        "{} is not in order",
        path.display()
    );
    Ok(prints)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_worth_what_its_market_says_against_the_one_in_dollars() {
        let print = |at, price| Print {
            at,
            price: price * WAD,
        };
        let found = ratio(
            &[print(0, 20_000), print(60, 21_000)],
            &[print(60, 24_000), print(120, 24_000)],
        );
        assert_eq!(
            found,
            [Print {
                at: 60,
                price: 875_000_000_000_000_000
            }]
        );
    }
}
