//! `novation replay-margin`.

use std::path::{Path, PathBuf};

use anyhow::ensure;

use super::history::{self, CRASHES, History, OnChain};
use super::output;
use crate::checkout::Checkout;
use crate::report::Report;

/// Options of `replay-margin`.
#[derive(clap::Args, Clone, Debug)]
pub struct Options {
    /// Folder with `spot` and `options`. [default: ../shared/data beside the checkout]
    #[arg(long, value_name = "FOLDER")]
    pub data: Option<PathBuf>,
    /// Where the report is written, one HTML file.
    #[arg(long, value_name = "FILE.html")]
    pub report: Option<PathBuf>,
}

/// Replays, prints, draws.
pub fn run(options: &Options) -> anyhow::Result<()> {
    let data = match &options.data {
        Some(data) => data.clone(),
        None => Checkout::find()?.root().join("../shared/data"),
    };
    ensure!(
        data.join("options").is_dir(),
        "{} is absent: market data are read from there and never committed; say where with --data",
        data.join("options").display()
    );
    let (histories, chains) = replay_all(&data)?;
    for table in output::tables(&histories) {
        println!("{}\n{}", table.title, table.columns.join(" | "));
        for row in &table.rows {
            println!("{}", row.join(" | "));
        }
    }
    if let Some(path) = &options.report {
        let report = Report {
            title: "Novation: margin follows volatility".to_owned(),
            subtitle: "What fixed portfolios must post while real implied volatility and real prices move.".to_owned(),
            command: "replay-margin".to_owned(),
            provenance: " Computed natively with the contracts' own crates.".to_owned(),
            charts: output::charts(&histories, &chains),
            tables: output::tables(&histories),
            ..Report::default()
        };
        report.write(path)?;
        println!("report written to {}", path.display());
    }
    Ok(())
}

/// Every crash, and every chain.
///
/// # Errors
/// Data that cannot be read.
pub fn replay_all(data: &Path) -> anyhow::Result<(Vec<History>, Vec<OnChain>)> {
    let fits = history::chains(data)?;
    let histories = CRASHES
        .iter()
        .map(|crash| history::replay(*crash, data, &fits));
    Ok((
        histories.collect::<anyhow::Result<_>>()?,
        history::on_chains(&fits)?,
    ))
}
