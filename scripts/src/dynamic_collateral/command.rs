//! `novation replay-margin`.

use std::path::{Path, PathBuf};

use anyhow::ensure;

use super::history::{self, CRASHES, History, OnChain};
use super::output;
use super::question::Answered;
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
    let replay = replay_all(&data)?;
    let chapter = output::chapter(&replay);
    for table in &chapter.tables {
        println!("{}\n{}", table.title, table.columns.join(" | "));
        for row in &table.rows {
            println!("{}", row.join(" | "));
        }
    }
    if let Some(path) = &options.report {
        let report = Report {
            title: format!("Novation: {}", chapter.title.to_lowercase()),
            subtitle: chapter.note,
            command: "replay-margin".to_owned(),
            charts: chapter.charts,
            tables: chapter.tables,
            ..Report::default()
        };
        report.write(path)?;
        println!("report written to {}", path.display());
    }
    Ok(())
}

/// Crashes and chains.
#[derive(Clone, Debug)]
pub struct Replay {
    /// Every crash that volatilities are known of.
    pub histories: Vec<History>,
    /// Every chain.
    pub chains: Vec<OnChain>,
}

impl Replay {
    /// Everything that was asked of the margin engine.
    pub fn answered(&self) -> impl Iterator<Item = &Answered> {
        let histories = self.histories.iter().flat_map(|history| &history.answered);
        histories.chain(self.chains.iter().flat_map(|chain| &chain.answered))
    }
}

/// Every crash, and every chain.
///
/// # Errors
/// Data that cannot be read.
pub fn replay_all(data: &Path) -> anyhow::Result<Replay> {
    let fits = history::chains(data)?;
    let histories = CRASHES
        .iter()
        .map(|crash| history::replay(*crash, data, &fits));
    Ok(Replay {
        histories: histories.collect::<anyhow::Result<_>>()?,
        chains: history::on_chains(&fits)?,
    })
}
