//! From what happened to what the reader sees: identities, figures, charts and tables.

mod charts;
mod tables;

use alloy::primitives::U256;

use super::conservation::{self, Conservation};
use super::observe::{Observations, cash};
use super::replay::Replay;
use super::run::{Outcome, Troubles};
use super::stage::Stage;
use crate::bindings::IExpirySettlement;
use crate::lifecycle::GroupState;
use crate::report::{Report, Verdict};
use crate::wasm_build::BuiltProgram;

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
            ..Report::default()
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
        let Troubles {
            mismatches,
            failures,
            races,
        } = self.outcome.troubles();
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
                "The keeper's actions all went through ({} failures; {} races lost between a trial and its block, and tried again){}",
                failures.len(),
                races.len(),
                failures
                    .iter()
                    .chain(&races)
                    .next()
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
}

/// Findings on standard output.
pub fn print(report: &Report) {
    println!("\n{}\n{}\n", report.title, report.subtitle);
    for (name, value) in &report.facts {
        println!("  {value:>16}  {name}");
    }
    println!();
    let chapters = report.chapters.iter().flat_map(|chapter| &chapter.verdicts);
    for verdict in report.verdicts.iter().chain(chapters) {
        println!(
            "  {} {}",
            if verdict.holds { "ok  " } else { "FAIL" },
            verdict.text
        );
    }
    for chapter in report
        .chapters
        .iter()
        .filter(|chapter| chapter.charts.is_empty())
    {
        println!("  {}: {}", chapter.title, chapter.note);
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

/// Settlement token units as whole units with two decimals.
fn whole(amount: U256) -> String {
    format!("{:.2}", cash(amount))
}
