//! What `replay-oracle` prints and draws, and the demo shows.

use super::accounts::LEVELS;
use super::replay::{Outcome, PegOutcome, Step};
use crate::report::{Chapter, Chart, Line, Report, Table, Verdict};

/// What must hold of every event.
#[must_use]
pub fn verdicts(outcomes: &[Outcome]) -> Vec<Verdict> {
    outcomes.iter().flat_map(of_event).collect()
}

/// Everything there is to show.
#[must_use]
pub fn chapter(outcomes: &[Outcome]) -> Chapter {
    let charts = outcomes
        .iter()
        .flat_map(|outcome| [Some(chart(outcome)), peg_chart(outcome)]);
    Chapter {
        title: "When real venues disagreed".to_owned(),
        note: "Real prints of real days through the adapter's rules: one venue one origin, age, quorum, median, jumps held back. Computed natively with the contracts' own crates.".to_owned(),
        verdicts: verdicts(outcomes),
        charts: charts.flatten().collect(),
        tables: vec![overview(outcomes)],
    }
}

fn of_event(outcome: &Outcome) -> Vec<Verdict> {
    let (name, steps) = (outcome.event.name, outcome.steps.len());
    let whose = match outcome.event.wrong {
        [] => "of the venues left, whichever minority is taken to be wrong".to_owned(),
        wrong => format!(
            "of the {} honest venues",
            outcome.event.sources.len() - wrong.len()
        ),
    };
    let all = LEVELS * outcome.liquidated.len() as u128;
    let (outside, wrongly) = (outcome.outside, outcome.wrongly_liquidated());
    if let Some(refusal) = &outcome.refusal {
        return vec![Verdict {
            holds: true,
            text: format!(
                "{name}: no feed. {refusal}. Had it been one: median outside of the range {whose} at {outside} of {steps} steps, at most {:.2} % off, {wrongly} of {all} accounts wrongly liquidated",
                100.0 * outcome.moved
            ),
        }];
    }
    let mut verdicts = vec![
        Verdict {
            holds: outside == 0,
            text: format!(
                "{name}: at {outside} of {steps} steps the median was outside of the range {whose}"
            ),
        },
        Verdict {
            holds: wrongly == 0,
            text: format!(
                "{name}: {wrongly} of {all} accounts liquidated that no median {whose} would have liquidated"
            ),
        },
    ];
    if let (Some(peg), Some(found)) = (&outcome.event.peg, &outcome.peg) {
        let PegOutcome {
            lowest,
            asked_more,
            moved_maintenance,
        } = found;
        let maintenance = if *moved_maintenance {
            "moved"
        } else {
            "did not move"
        };
        verdicts.push(Verdict {
            holds: !moved_maintenance && *asked_more > 0.0,
            text: format!(
                "{name}: {} fell to {lowest:.4} {}; initial margin asked for up to {:.1} % more, maintenance margin {maintenance}",
                peg.token,
                outcome.event.unit,
                100.0 * asked_more
            ),
        });
    }
    verdicts
}

/// Lines for the terminal.
pub(super) fn summary(outcome: &Outcome) -> String {
    let total = |count: fn(&super::replay::Liquidated) -> u128| {
        outcome.liquidated.iter().map(count).sum::<u128>()
    };
    let excess = outcome
        .liquidated
        .iter()
        .map(|kind| kind.excess)
        .fold(0.0, f64::max);
    let mut text = format!(
        "{}: {} steps, {} without quorum, {} with a jump held back\n  {} at most {:.2} % from the median, median at most {:.3} % from the honest one\n  accounts liquidated: {} (honest median {}, worst source alone {}); margin asked for beyond the honest one: {:.4} %\n",
        outcome.event.name,
        outcome.steps.len(),
        outcome.without_quorum,
        outcome.held,
        if outcome.event.wrong.is_empty() {
            "any source"
        } else {
            "wrong source"
        },
        100.0 * outcome.furthest,
        100.0 * outcome.moved,
        total(|kind| kind.adapter),
        total(|kind| kind.honest),
        total(|kind| kind.worst_alone),
        100.0 * excess
    );
    for verdict in of_event(outcome) {
        let sign = match (&outcome.refusal, verdict.holds) {
            (Some(_), _) => "none",
            (None, true) => "ok  ",
            (None, false) => "FAIL",
        };
        text += &format!("  {sign} {}\n", verdict.text);
    }
    text
}

/// The page of its own: the chapter, and who was liquidated by portfolio.
pub(super) fn report(outcomes: &[Outcome]) -> Report {
    let Chapter {
        title,
        note,
        verdicts,
        charts,
        mut tables,
    } = chapter(outcomes);
    tables.extend(outcomes.iter().map(table));
    Report {
        title: format!("Novation: {}", title.to_lowercase()),
        subtitle: note,
        command: "replay-oracle".to_owned(),
        verdicts,
        charts,
        tables,
        ..Report::default()
    }
}

/// The steps worth drawing.
fn drawn(outcome: &Outcome) -> impl Iterator<Item = &Step> {
    let (from, to) = outcome.event.window;
    let steps = outcome.steps.iter();
    steps.filter(move |step| (from..=to).contains(&step.at))
}

/// Sources and median over the hours worth drawing.
fn chart(outcome: &Outcome) -> Chart {
    let points = |value: &dyn Fn(&Step) -> Option<f64>| -> Vec<(u64, f64)> {
        drawn(outcome)
            .filter_map(|step| Some((step.at, value(step)?)))
            .collect()
    };
    let mut lines: Vec<Line> = outcome
        .event
        .sources
        .iter()
        .enumerate()
        .map(|(index, source)| {
            let wrong = if outcome.event.wrong.contains(&index) {
                " (wrong)"
            } else {
                ""
            };
            let label = format!("{}{wrong}", source.name());
            Line::over_time(label, &points(&|step| step.shown[index]))
        })
        .collect();
    let (seen, note) = match &outcome.refusal {
        None => ("what margin sees", outcome.event.what.to_owned()),
        Some(refusal) => (
            "what margin would have seen",
            format!("{} No feed: {refusal}.", outcome.event.what),
        ),
    };
    lines.push(Line {
        emphasis: true,
        ..Line::over_time(seen, &points(&|step| Some(step.accepted)))
    });
    Chart {
        title: outcome.event.name.to_owned(),
        note,
        unit: outcome.event.unit.to_owned(),
        lines,
        ..Chart::default()
    }
}

/// What pools settle in, where that was in doubt.
fn peg_chart(outcome: &Outcome) -> Option<Chart> {
    let peg = outcome.event.peg.as_ref()?;
    let points: Vec<_> = drawn(outcome).map(|step| (step.at, step.stable)).collect();
    Some(Chart {
        title: format!("{}: {}", outcome.event.name, peg.token),
        note: "The settlement asset's own price, from a source that watches and never votes: below 0.99 initial margin asks for more, maintenance margin never.".to_owned(),
        unit: outcome.event.unit.to_owned(),
        lines: vec![Line {
            emphasis: true,
            ..Line::over_time(peg.token, &points)
        }],
        ..Chart::default()
    })
}

/// All events, a row each.
fn overview(outcomes: &[Outcome]) -> Table {
    let row = |outcome: &Outcome| {
        let total = |count: fn(&super::replay::Liquidated) -> u128| {
            outcome
                .liquidated
                .iter()
                .map(count)
                .sum::<u128>()
                .to_string()
        };
        let mut origins: Vec<_> = outcome
            .event
            .sources
            .iter()
            .map(|source| source.origin())
            .collect();
        origins.sort_unstable();
        origins.dedup();
        vec![
            outcome.event.name.to_owned(),
            outcome.event.sources.len().to_string(),
            origins.len().to_string(),
            if outcome.refusal.is_none() {
                "yes"
            } else {
                "no"
            }
            .to_owned(),
            outcome.steps.len().to_string(),
            outcome.without_quorum.to_string(),
            outcome.held.to_string(),
            format!("{:.2} %", 100.0 * outcome.furthest),
            format!("{:.3} %", 100.0 * outcome.moved),
            total(|kind| kind.adapter),
            total(|kind| kind.honest),
            total(|kind| kind.worst_alone),
        ]
    };
    Table {
        title: format!("All days; accounts liquidated, of {LEVELS} of each portfolio"),
        columns: [
            "day",
            "markets",
            "origins",
            "a feed",
            "steps",
            "quorum lost",
            "jump held",
            "doubted source off the median",
            "median off the honest one",
            "liquidated: adapter",
            "honest median",
            "worst source alone",
        ]
        .map(str::to_owned)
        .to_vec(),
        rows: outcomes.iter().map(row).collect(),
    }
}

fn table(outcome: &Outcome) -> Table {
    Table {
        title: format!(
            "{}: accounts liquidated, of {LEVELS} each",
            outcome.event.name
        ),
        columns: [
            "portfolio",
            "adapter",
            "honest median",
            "worst source alone",
        ]
        .map(str::to_owned)
        .to_vec(),
        rows: outcome
            .liquidated
            .iter()
            .map(|kind| {
                let count = |count: u128| count.to_string();
                vec![
                    kind.name.to_owned(),
                    count(kind.adapter),
                    count(kind.honest),
                    count(kind.worst_alone),
                ]
            })
            .collect(),
    }
}
