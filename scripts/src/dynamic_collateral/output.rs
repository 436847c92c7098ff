//! What is drawn: requirement against volatility and spot.

use super::command::Replay;
use super::history::{History, Hour, OnChain, STILL};
use super::portfolios::SHAPES;
use crate::report::{Axis, Chapter, Chart, Line, Table};

/// Everything there is to show.
#[must_use]
pub fn chapter(replay: &Replay) -> Chapter {
    Chapter {
        title: "Margin follows volatility".to_owned(),
        note: "What fixed portfolios must post while real implied volatility and real prices move. Computed natively with the contracts' own crates.".to_owned(),
        verdicts: Vec::new(),
        charts: charts(&replay.histories, &replay.chains),
        tables: tables(&replay.histories),
    }
}

/// A chart a crash, and one over all real chains.
fn charts(histories: &[History], chains: &[OnChain]) -> Vec<Chart> {
    let mut charts: Vec<Chart> = histories.iter().map(of_crash).collect();
    charts.push(Chart {
        title: "Initial requirement on real chains".to_owned(),
        note: "The same portfolios at about thirty days, on every option chain there is: in percent of spot, against the volatility at the forward.".to_owned(),
        unit: "% of spot".to_owned(),
        axis: Axis::Number,
        from_zero: true,
        lines: SHAPES
            .iter()
            .enumerate()
            .map(|(index, shape)| {
                let at = |chain: &OnChain| (100.0 * chain.volatility, 100.0 * chain.initial[index]);
                let points: Vec<_> = chains.iter().map(at).collect();
                Line {
                    label: shape.0.to_owned(),
                    dots: points.clone(),
                    points,
                    emphasis: false,
                }
            })
            .collect(),
        ..Chart::default()
    });
    charts
}

fn of_crash(history: &History) -> Chart {
    let line = |label: &str, value: fn(&Hour) -> f64| {
        let points: Vec<_> = history
            .hours
            .iter()
            .map(|hour| (hour.at, 100.0 * value(hour)))
            .collect();
        Line::over_time(label, &points)
    };
    Chart {
        title: format!("Margin follows volatility: BTC, {}", history.crash.name),
        note: "Cash that fixed portfolios, opened at the left edge, must hold; each line 100 there. Deribit's DVOL of the hour, real prices; between the two thick lines lies what live volatility asks for.".to_owned(),
        unit: "index".to_owned(),
        lines: vec![
            line("spot", |hour| hour.spot),
            line("implied volatility (DVOL)", |hour| hour.volatility),
            line("requirement, had volatility stood still", |hour| hour.still),
            Line {
                emphasis: true,
                ..line("maintenance requirement", |hour| hour.live)
            },
        ],
        ..Chart::default()
    }
}

/// What was asked for before prices moved.
fn tables(histories: &[History]) -> Vec<Table> {
    let percent = |share: f64| format!("{:+.1} %", 100.0 * (share - 1.0));
    let row = |history: &History| {
        let (before, low) = (history.before_prices_moved()?, history.lowest()?);
        Some(vec![
            history.crash.name.to_owned(),
            percent(before.live),
            percent(before.volatility),
            percent(before.spot),
            format!(
                "{:.0} h",
                (low.at.saturating_sub(before.at)) as f64 / 3_600.0
            ),
            percent(low.spot),
            percent(low.live),
            percent(low.still),
        ])
    };
    vec![Table {
        title: format!(
            "Highest requirement while spot was still within {} % of the opening, and at the low",
            100.0 * STILL
        ),
        columns: [
            "crash",
            "requirement",
            "volatility",
            "spot",
            "hours before the low",
            "spot at the low",
            "requirement there",
            "had volatility stood still",
        ]
        .map(str::to_owned)
        .to_vec(),
        rows: histories.iter().filter_map(row).collect(),
    }]
}
