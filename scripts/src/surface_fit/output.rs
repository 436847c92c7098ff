//! What `fit-svi` writes, prints and draws.

use std::fmt::Write;

use clearing_math::surface::PublishedSmile;
use serde::Serialize;

use super::fitted::{Accepted, Errors, Fitted};
use super::slice;
use crate::report::{Axis, Chart, Line, Report, Table, Verdict};

/// Bar: the median error within ±25 delta, volatility points.
const MOST_MEDIAN_ERROR: f64 = 1.0;
/// Points of a drawn smile.
const DRAWN: i32 = 160;

/// The output file.
#[derive(Debug, Serialize)]
pub(super) struct SurfaceFile {
    surfaces: Vec<Surface>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Surface {
    underlying: String,
    published_at: u32,
    spot: Option<f64>,
    slices: Vec<Slice>,
    refused: Vec<Refused>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Slice {
    expiry: u32,
    a: i64,
    b: u64,
    rho: i64,
    m: i64,
    sigma: u64,
    word: String,
    forward: f64,
    repaired: bool,
    median_error: f64,
    largest_error: f64,
}

#[derive(Debug, Serialize)]
struct Refused {
    expiry: u32,
    reason: String,
}

impl SurfaceFile {
    pub(super) fn of(fitted: &[Fitted]) -> Self {
        Self {
            surfaces: fitted.iter().map(surface).collect(),
        }
    }
}

fn surface(fitted: &Fitted) -> Surface {
    let (mut slices, mut refused) = (Vec::new(), Vec::new());
    for (expiry, result) in fitted.chain.expiries.iter().zip(&fitted.slices) {
        match result {
            Ok(accepted) => slices.push(published(accepted, expiry.forward)),
            Err(refusal) => refused.push(Refused {
                expiry: expiry.at,
                reason: refusal.to_string(),
            }),
        }
    }
    Surface {
        underlying: fitted.chain.underlying.clone(),
        published_at: fitted.chain.at,
        spot: fitted.chain.spot,
        slices,
        refused,
    }
}

fn published(accepted: &Accepted, forward: f64) -> Slice {
    let PublishedSmile {
        a,
        b,
        rho,
        m,
        sigma,
        expiry,
        ..
    } = accepted.smile;
    let word = accepted.smile.to_word();
    Slice {
        expiry,
        a,
        b,
        rho,
        m,
        sigma,
        word: word.iter().fold("0x".to_owned(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        }),
        forward,
        repaired: accepted.repaired,
        median_error: accepted.middle.median,
        largest_error: accepted.middle.largest,
    }
}

/// The table that is printed: an expiry a line.
pub(super) fn table(fitted: &Fitted) -> String {
    let mut text = format!(
        "{} at {}: {} expiries\n{:<21} {:>7} {:>21} {:>21}\n",
        name(fitted),
        time(fitted.chain.at),
        fitted.slices.len(),
        "expiry",
        "strikes",
        "±25Δ median / max",
        "all median / max",
    );
    for (expiry, result) in fitted.chain.expiries.iter().zip(&fitted.slices) {
        let _ = match result {
            Ok(accepted) => writeln!(
                text,
                "{:<21} {:>7} {:>21} {:>21}{}",
                time(expiry.at),
                expiry.quotes.len(),
                points(accepted.middle),
                points(accepted.all),
                if accepted.repaired { "  repaired" } else { "" }
            ),
            Err(refusal) => writeln!(
                text,
                "{:<21} {:>7} refused: {refusal}",
                time(expiry.at),
                expiry.quotes.len()
            ),
        };
    }
    let middle = fitted.middle();
    let _ = writeln!(
        text,
        "{:<21} {:>7} {:>21}   volatility points",
        "together",
        middle.quotes,
        points(middle)
    );
    text
}

fn points(errors: Errors) -> String {
    if errors.quotes == 0 {
        return "–".to_owned();
    }
    format!("{:.3} / {:.3}", errors.median, errors.largest)
}

fn name(fitted: &Fitted) -> &str {
    match fitted.chain.underlying.as_str() {
        "" => "chain",
        name => name,
    }
}

/// RFC 3339.
fn time(at: u32) -> String {
    jiff::Timestamp::from_second(at.into()).map_or_else(|_| at.to_string(), |at| at.to_string())
}

/// The page with every smile.
pub(super) fn report(fitted: &[Fitted], source: &str) -> Report {
    let accepted = || fitted.iter().flat_map(Fitted::accepted);
    let refused = fitted.iter().map(|fit| fit.slices.len()).sum::<usize>() - accepted().count();
    let mut report = Report {
        title: "Volatility surfaces".to_owned(),
        subtitle: format!(
            "Raw SVI slices fitted to {source}; dots are quotes, lines what would be published."
        ),
        command: "fit-svi".to_owned(),
        facts: vec![
            ("chains".to_owned(), fitted.len().to_string()),
            ("slices accepted".to_owned(), accepted().count().to_string()),
            ("refused".to_owned(), refused.to_string()),
            (
                "repaired".to_owned(),
                accepted()
                    .filter(|slice| slice.repaired)
                    .count()
                    .to_string(),
            ),
        ],
        ..Report::default()
    };
    for fit in fitted {
        let middle = fit.middle();
        report.verdicts.push(Verdict {
            holds: middle.median <= MOST_MEDIAN_ERROR,
            text: format!(
                "{} at {}: median absolute error {:.3} volatility points within ±25 delta over {} quotes (bar {MOST_MEDIAN_ERROR})",
                name(fit), time(fit.chain.at), middle.median, middle.quotes
            ),
        });
        report.charts.extend(charts(fit));
        report.tables.push(errors(fit));
    }
    report
}

/// A chart for every four expiries: more lines cannot be told apart.
fn charts(fitted: &Fitted) -> Vec<Chart> {
    let pairs: Vec<_> = fitted
        .chain
        .expiries
        .iter()
        .zip(&fitted.slices)
        .filter_map(|(expiry, slice)| Some((expiry, slice.as_ref().ok()?)))
        .collect();
    let chart = |pairs: &[(&super::chain_file::Expiry, &Accepted)]| {
        let lines = pairs.iter().map(|(expiry, accepted)| {
            let ks = || expiry.quotes.iter().map(|quote| quote.k);
            let low = ks().fold(f64::INFINITY, f64::min);
            let high = ks().fold(f64::NEG_INFINITY, f64::max);
            let at = |i: i32| low + (high - low) * f64::from(i) / f64::from(DRAWN);
            Line {
                label: time(expiry.at),
                points: (0..=DRAWN)
                    .map(at)
                    .map(|k| (k, 100.0 * slice::volatility(&accepted.smile, k)))
                    .collect(),
                dots: expiry
                    .quotes
                    .iter()
                    .map(|quote| (quote.k, 100.0 * quote.volatility))
                    .collect(),
                emphasis: false,
            }
        });
        Chart {
            title: format!("{} at {}", name(fitted), time(fitted.chain.at)),
            note: "Implied volatility against ln(strike / forward).".to_owned(),
            unit: "volatility %".to_owned(),
            axis: Axis::Number,
            lines: lines.collect(),
            ..Chart::default()
        }
    };
    pairs.chunks(4).map(chart).collect()
}

fn errors(fitted: &Fitted) -> Table {
    let row = |(expiry, result): (&super::chain_file::Expiry, &Result<Accepted, _>)| {
        let Ok(accepted) = result else {
            return vec![
                time(expiry.at),
                "refused".to_owned(),
                String::new(),
                String::new(),
            ];
        };
        let repaired = if accepted.repaired { " (repaired)" } else { "" };
        vec![
            format!("{}{repaired}", time(expiry.at)),
            expiry.quotes.len().to_string(),
            points(accepted.middle),
            points(accepted.all),
        ]
    };
    Table {
        title: format!(
            "{} at {}: error in volatility points",
            name(fitted),
            time(fitted.chain.at)
        ),
        columns: ["expiry", "strikes", "±25Δ median / max", "all median / max"]
            .map(str::to_owned)
            .to_vec(),
        rows: fitted
            .chain
            .expiries
            .iter()
            .zip(&fitted.slices)
            .map(row)
            .collect(),
    }
}
