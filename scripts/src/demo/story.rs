//! From what happened to what the reader sees: identities, figures, charts and tables.

use std::collections::BTreeMap;

use alloy::primitives::{I256, U256};

use super::conservation::{self, Conservation};
use super::observe::{Observations, cash};
use super::replay::Replay;
use super::run::{Liquidation, Outcome};
use super::stage::Stage;
use crate::bindings::IExpirySettlement;
use crate::lifecycle::GroupState;
use crate::report::{Chart, Line, Mark, Report, Table, Verdict};
use crate::wasm_build::BuiltProgram;

/// Lines in the chart of account health: those who came closest to the edge.
const HEALTH_LINES: usize = 8;

/// Everything a report is made of.
pub struct Story<'a> {
    /// What was replayed.
    pub replay: &'a Replay,
    /// On which stage.
    pub stage: &'a Stage,
    /// The programs that ran.
    pub programs: &'a [BuiltProgram],
    /// What was seen.
    pub observations: &'a Observations,
    /// What the keeper did.
    pub outcome: &'a Outcome,
    /// What could not be withdrawn.
    pub left: &'a [String],
    /// Auctions opened and share the median moved while one venue lied.
    pub lying_venue: (usize, f64),
}

/// (unix seconds, value).
type Points = Vec<(u64, f64)>;

/// Both settlement groups.
struct Books {
    groups: Vec<GroupState>,
    cash: Conservation,
    base: Conservation,
    unclaimed: U256,
}

impl Story<'_> {
    /// The report, and whether every identity holds.
    pub async fn report(&self) -> anyhow::Result<(Report, bool)> {
        let books = self.books().await?;
        let verdicts = self.verdicts(&books);
        let holds = verdicts.iter().all(|verdict| verdict.holds);
        let venues: Vec<_> = self
            .replay
            .venues
            .iter()
            .map(|venue| {
                format!(
                    "{} ({} {}, {} s)",
                    venue.name, venue.instrument, venue.kind, venue.interval
                )
            })
            .collect();
        let report = Report {
            title: format!("Novation: {}", self.replay.title),
            subtitle: format!(
                "{} accounts, {} venues: {}. Compiled Stylus programs on the local node; one keeper; {} passes.",
                self.stage.everyone().count(),
                venues.len(),
                venues.join(", "),
                self.outcome.passes
            ),
            command: "demo".to_owned(),
            provenance: " Every figure was read from the local node.".to_owned(),
            facts: self.facts(&books),
            verdicts,
            charts: self.charts(),
            tables: vec![
                self.liquidation_table(),
                self.gas_table(),
                self.size_table(),
            ],
        };
        Ok((report, holds))
    }

    async fn books(&self) -> anyhow::Result<Books> {
        let protocol = &self.stage.protocol;
        let mut groups = Vec::new();
        let mut unclaimed = U256::ZERO;
        for expiry in self.stage.expiries {
            groups.push(protocol.group_state(self.stage.facts.pool, expiry).await?);
            for actor in self.stage.everyone() {
                let call = IExpirySettlement::creditOfCall {
                    account: actor.account,
                    expiry,
                };
                unclaimed += protocol
                    .chain()
                    .read(protocol.at().settlement, &call)
                    .await?;
            }
        }
        Ok(Books {
            groups,
            unclaimed,
            cash: conservation::count(self.stage, self.stage.cash).await?,
            base: conservation::count(self.stage, self.stage.base).await?,
        })
    }

    fn verdicts(&self, books: &Books) -> Vec<Verdict> {
        let mut verdicts = books.cash.verdicts("USDX");
        verdicts.extend(books.base.verdicts(&self.replay.underlying));
        let (mismatches, failures) = self.outcome.troubles();
        let (opened, moved) = self.lying_venue;
        verdicts.push(Verdict {
            holds: books.unclaimed.is_zero(),
            text: format!(
                "Every winner was paid: unclaimed credit {} token units",
                books.unclaimed
            ),
        });
        verdicts.push(Verdict {
            holds: self.left.is_empty(),
            text: if self.left.is_empty() {
                "Everyone withdrew everything".to_owned()
            } else {
                format!("Left behind: {}", self.left.join("; "))
            },
        });
        verdicts.push(Verdict {
            holds: mismatches.is_empty(),
            text: format!(
                "Native margin equals the deployed engine's to the last digit ({} differences){}",
                mismatches.len(),
                mismatches
                    .first()
                    .map_or(String::new(), |first| format!(": {first}"))
            ),
        });
        verdicts.push(Verdict {
            holds: failures.is_empty(),
            text: format!(
                "The keeper's actions all went through ({} failures){}",
                failures.len(),
                failures
                    .first()
                    .map_or(String::new(), |first| format!(": {first}"))
            ),
        });
        verdicts.push(Verdict {
            holds: opened == 0,
            text: format!(
                "Counter-case: one venue 35 % too low for 90 minutes liquidates nobody ({opened} auctions, median moved {:.3} %)",
                100.0 * moved
            ),
        });
        verdicts
    }

    fn facts(&self, books: &Books) -> Vec<(String, String)> {
        let bids = self.outcome.liquidations();
        let sum = |each: fn(&GroupState) -> U256| books.groups.iter().map(each).sum::<U256>();
        let auctions: U256 = bids.iter().map(|bid| bid.result.insurance_payment).sum();
        let fees: U256 = bids.iter().map(|bid| bid.result.insurance_fee).sum();
        let low = self
            .observations
            .median
            .iter()
            .map(|point| point.1)
            .fold(f64::INFINITY, f64::min);
        let open = self
            .observations
            .median
            .first()
            .map_or(f64::NAN, |point| point.1);
        let fact = |name: &str, value: String| (name.to_owned(), value);
        vec![
            fact("accounts", self.stage.everyone().count().to_string()),
            fact(
                "accounts liquidated",
                self.outcome.auctioned().len().to_string(),
            ),
            fact("winning bids", bids.len().to_string()),
            fact(
                "bad debt borne by winners, USDX",
                whole(sum(|group| group.shortfall)),
            ),
            fact(
                "insurance used, USDX",
                whole(sum(|group| group.paid_insurance) + auctions),
            ),
            fact("insurance earned, USDX", whole(fees)),
            fact(
                "median, from the opening to the low",
                format!("{:+.1} %", 100.0 * (low / open - 1.0)),
            ),
            fact(
                "left as rounding dust, token units",
                books.cash.pots.to_string(),
            ),
        ]
    }

    fn charts(&self) -> Vec<Chart> {
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

    fn liquidation_table(&self) -> Table {
        let names: BTreeMap<U256, &str> = self
            .stage
            .everyone()
            .map(|actor| (actor.account, actor.name.as_str()))
            .collect();
        let mut by_account: BTreeMap<U256, (usize, f64, U256, I256)> = BTreeMap::new();
        for bid in self.outcome.liquidations() {
            let entry = by_account.entry(bid.account).or_default();
            entry.0 += 1;
            entry.1 = 1.0 - (1.0 - entry.1) * (1.0 - f64::from(bid.result.fraction) / 1e18);
            entry.2 += bid.result.insurance_fee;
            let net = I256::try_from(bid.result.payment).unwrap_or_default()
                - I256::try_from(bid.result.insurance_payment).unwrap_or_default();
            entry.3 += net;
        }
        let rows = by_account
            .into_iter()
            .map(|(account, (count, share, fee, net))| {
                let money = |amount: f64| format!("{:.2}", amount / 1e6);
                vec![
                    names.get(&account).copied().unwrap_or("?").to_owned(),
                    count.to_string(),
                    format!("{:.1} %", 100.0 * share),
                    money(signed(net)),
                    money(f64::from(fee)),
                ]
            });
        Table {
            title: "Liquidated accounts".to_owned(),
            columns: [
                "account",
                "bids",
                "taken over",
                "paid, USDX",
                "to insurance, USDX",
            ]
            .map(str::to_owned)
            .to_vec(),
            rows: rows.collect(),
        }
    }

    fn gas_table(&self) -> Table {
        let summary = self.stage.protocol.chain().gas().summary();
        let rows = summary.into_iter().map(|(kind, gas)| {
            let figures = [gas.count as u64, gas.least, gas.median, gas.most];
            [kind.to_owned()]
                .into_iter()
                .chain(figures.map(|figure| figure.to_string()))
                .collect()
        });
        Table {
            title: "Gas per action".to_owned(),
            columns: ["action", "count", "least", "median", "most"]
                .map(str::to_owned)
                .to_vec(),
            rows: rows.collect(),
        }
    }

    fn size_table(&self) -> Table {
        let rows = self.programs.iter().map(|built| {
            vec![
                built.program.name().to_owned(),
                built.size().to_string(),
                format!("{} %", built.free_percent()),
            ]
        });
        Table {
            title: "Compressed size (limit 24,576 bytes)".to_owned(),
            columns: ["contract", "bytes", "free"].map(str::to_owned).to_vec(),
            rows: rows.collect(),
        }
    }
}

/// Findings on standard output.
pub fn print(report: &Report) {
    println!("\n{}\n{}\n", report.title, report.subtitle);
    for (name, value) in &report.facts {
        println!("  {value:>16}  {name}");
    }
    println!();
    for verdict in &report.verdicts {
        println!(
            "  {} {}",
            if verdict.holds { "ok  " } else { "FAIL" },
            verdict.text
        );
    }
    println!("\n  gas per action: median (count)");
    for table in report
        .tables
        .iter()
        .filter(|table| table.title.starts_with("Gas"))
    {
        for row in &table.rows {
            println!("  {:>12}  {} ({})", row[3], row[0], row[1]);
        }
    }
    println!();
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

/// A signed amount as a float, for display.
fn signed(amount: I256) -> f64 {
    let size = f64::from(amount.unsigned_abs());
    if amount.is_negative() { -size } else { size }
}

/// Settlement token units as whole units with two decimals.
fn whole(amount: U256) -> String {
    format!("{:.2}", cash(amount))
}
