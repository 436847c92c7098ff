//! The charts.

use super::Story;
use crate::demo::observe::cash;
use crate::demo::run::Liquidation;
use crate::report::{Chart, Line, Mark};

/// Lines in the chart of account health: those who came closest to the edge.
const HEALTH_LINES: usize = 8;

/// (unix seconds, value).
type Points = Vec<(u64, f64)>;

impl Story<'_> {
    pub(super) fn charts(&self) -> Vec<Chart> {
        let seen = self.observations;
        let near = Mark {
            at: self.stage.expiries[0].into(),
            label: "near expiry".to_owned(),
        };
        let marks = vec![near];
        let mut prices: Vec<Line> = self
            .replay
            .venues
            .iter()
            .zip(&seen.venues)
            .map(|(venue, points)| line(&venue.name, points.clone()))
            .collect();
        prices.push(Line {
            emphasis: true,
            ..line("median on chain", seen.median.clone())
        });
        let (count, paid) = self.liquidation_steps();
        vec![
            chart(
                "Venues and median",
                "The contracts see only the thick line.",
                "quote",
                prices,
                &marks,
            ),
            chart(
                "Margin against spot",
                "Requirement of the far-expiry positions as opened, with spot and volatility, each 100 at the start: margin rises with volatility, not only with price.",
                "index",
                self.indexed(),
                &marks,
            ),
            chart(
                "Account health",
                "Maintenance balance as a share of opening equity, of those who came closest to the edge: below zero anyone may liquidate.",
                "% of opening equity",
                self.closest_to_the_edge(),
                &marks,
            ),
            chart(
                "Volatility",
                "As published for each expiry.",
                "% per year",
                vec![
                    line("near expiry", seen.volatility[0].clone()),
                    line("far expiry", seen.volatility[1].clone()),
                ],
                &marks,
            ),
            Chart {
                from_zero: true,
                ..chart(
                    "Liquidations",
                    "Accounts below maintenance margin, and winning bids so far.",
                    "count",
                    vec![
                        line("below maintenance", seen.accounts_below_maintenance.clone()),
                        line("winning bids", count),
                    ],
                    &marks,
                )
            },
            Chart {
                from_zero: true,
                ..chart(
                    "Insurance",
                    "Balance of the pool's insurance, and what liquidators paid for what they took.",
                    "USDX",
                    vec![
                        line("insurance", seen.insurance.clone()),
                        line("paid by liquidators", paid),
                    ],
                    &marks,
                )
            },
        ]
    }

    /// Spot, far volatility and requirement, each 100 at the start.
    fn indexed(&self) -> Vec<Line> {
        let seen = self.observations;
        let index = |label: &str, points: &[(u64, f64)]| {
            let first = points.first().map_or(1.0, |point| point.1);
            line(
                label,
                points
                    .iter()
                    .map(|&(at, value)| (at, 100.0 * value / first))
                    .collect(),
            )
        };
        vec![
            index("spot", &seen.median),
            index("volatility, far expiry", &seen.volatility[1]),
            Line {
                emphasis: true,
                ..index("maintenance requirement", &seen.requirement)
            },
        ]
    }

    fn closest_to_the_edge(&self) -> Vec<Line> {
        let mut lines: Vec<(f64, Line)> = self
            .stage
            .actors
            .iter()
            .zip(&self.observations.health)
            .enumerate()
            .filter(|(index, _)| self.observations.opened_short(*index))
            .map(|(_, (actor, points))| {
                let least = points
                    .iter()
                    .map(|point| point.1)
                    .fold(f64::INFINITY, f64::min);
                (least, line(&actor.name, points.clone()))
            })
            .collect();
        lines.sort_by(|a, b| a.0.total_cmp(&b.0));
        lines
            .into_iter()
            .take(HEALTH_LINES)
            .map(|(_, line)| line)
            .collect()
    }

    /// Winning bids and money paid by bidders, summed over time.
    fn liquidation_steps(&self) -> (Points, Points) {
        let bids = self.outcome.liquidations();
        let total = |now: u64, each: fn(&Liquidation) -> f64| {
            bids.iter()
                .filter(|bid| bid.at <= now)
                .map(each)
                .sum::<f64>()
        };
        let times = self.observations.median.iter().map(|point| point.0);
        times
            .map(|now| {
                (
                    (now, total(now, |_| 1.0)),
                    (now, total(now, |bid| cash(bid.result.payment))),
                )
            })
            .unzip()
    }
}

fn line(label: &str, points: Points) -> Line {
    Line::over_time(label, &points)
}

fn chart(title: &str, note: &str, unit: &str, lines: Vec<Line>, marks: &[Mark]) -> Chart {
    Chart {
        title: title.to_owned(),
        note: note.to_owned(),
        unit: unit.to_owned(),
        lines,
        marks: marks.to_vec(),
        ..Chart::default()
    }
}
