//! What each source showed when.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, ensure};
use flate2::read::MultiGzDecoder;

use super::events::{Event, Source};
use crate::demo::spot_file;

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

/// The prints of every source of an event, each in order of time. `data` is the folder that holds `spot` and `chainlink`.
pub(super) fn read(event: &Event, data: &Path) -> anyhow::Result<Vec<Vec<Print>>> {
    let series = spot_file::series(&data.join("spot").join(event.file), event.underlying)?;
    let of_source = |source: &Source| match *source {
        Source::Bars {
            venue,
            instrument,
            kind,
            interval,
        } => {
            let key = (
                venue.to_owned(),
                instrument.to_owned(),
                kind.to_owned(),
                interval,
            );
            let bars = series.get(&key);
            let bars = bars.with_context(|| format!("{} has no {}", event.file, source.name()))?;
            Ok(bars
                .iter()
                .flat_map(|bar| bar.path(interval))
                .map(|(at, price)| Print {
                    at,
                    price: u128::from(price) * WAD_PER_UNIT,
                })
                .collect())
        }
        Source::Rounds { file } => rounds(&data.join("chainlink").join(file)),
    };
    let mut prints: Vec<Vec<Print>> = event
        .sources
        .iter()
        .map(of_source)
        .collect::<anyhow::Result<_>>()?;
    // Rounds go on for months.
    let bars = event.sources.iter().zip(&prints);
    let bars = bars.filter(|(source, _)| matches!(source, Source::Bars { .. }));
    let last = bars.filter_map(|(_, prints)| Some(prints.last()?.at)).max();
    for prints in &mut prints {
        prints.retain(|print| Some(print.at) <= last);
    }
    Ok(prints)
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
