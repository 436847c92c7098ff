//! What `replay-oracle` prints and draws.

use super::accounts::LEVELS;
use super::replay::{Outcome, Step};
use crate::report::{Chart, Line, Report, Table, Verdict};

/// What must hold of an event.
pub(super) fn verdicts(outcome: &Outcome) -> Vec<Verdict> {
    let name = outcome.event.name;
    let whose = match outcome.event.wrong {
        [] => "of the other venues, whichever one is left out".to_owned(),
        wrong => format!(
            "of the {} honest venues",
            outcome.event.sources.len() - wrong.len()
        ),
    };
    let mut verdicts = vec![
        Verdict {
            holds: outcome.outside == 0,
            text: format!(
                "{name}: at {} of {} steps the median was outside of the range {whose}",
                outcome.outside,
                outcome.steps.len()
            ),
        },
        Verdict {
            holds: outcome.wrongly_liquidated() == 0,
            text: format!(
                "{name}: {} of {} accounts liquidated that no median {whose} would have liquidated",
                outcome.wrongly_liquidated(),
                LEVELS * outcome.liquidated.len() as u128
            ),
        },
    ];
    if !outcome.event.listable {
        verdicts.truncate(1);
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
    for verdict in verdicts(outcome) {
        text += &format!(
            "  {} {}\n",
            if verdict.holds { "ok  " } else { "FAIL" },
            verdict.text
        );
    }
    text
}

/// The page.
pub(super) fn report(outcomes: &[Outcome]) -> Report {
    Report {
        title: "Novation: when venues disagreed".to_owned(),
        subtitle: "Real prints of real days through the adapter's rules: age, quorum, median, jumps held back.".to_owned(),
        command: "replay-oracle".to_owned(),
        provenance: " Computed natively with the contracts' own crates.".to_owned(),
        verdicts: outcomes.iter().flat_map(verdicts).collect(),
        charts: outcomes.iter().map(chart).collect(),
        tables: outcomes.iter().map(table).collect(),
        ..Report::default()
    }
}

/// Sources and median over the hours worth drawing.
pub(super) fn chart(outcome: &Outcome) -> Chart {
    let (from, to) = outcome.event.window;
    let steps = || {
        outcome
            .steps
            .iter()
            .filter(move |step| (from..=to).contains(&step.at))
    };
    let points = |value: &dyn Fn(&Step) -> Option<f64>| -> Vec<(u64, f64)> {
        steps()
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
    lines.push(Line {
        emphasis: true,
        ..Line::over_time("what margin sees", &points(&|step| Some(step.accepted)))
    });
    Chart {
        title: outcome.event.name.to_owned(),
        note: outcome.event.what.to_owned(),
        unit: "quote".to_owned(),
        lines,
        ..Chart::default()
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
