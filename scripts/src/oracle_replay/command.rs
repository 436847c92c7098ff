//! `novation replay-oracle`.

use std::path::{Path, PathBuf};
use std::thread;

use anyhow::{Context, ensure};

use super::days::EVENTS;
use super::output;
use super::replay::{self, Outcome};
use crate::checkout::Checkout;

/// Options of `replay-oracle`.
#[derive(clap::Args, Clone, Debug)]
pub struct Options {
    /// Folder with `spot` and `chainlink`. [default: ../shared/data beside the checkout]
    #[arg(long, value_name = "FOLDER")]
    pub data: Option<PathBuf>,
    /// Where the report is written, one HTML file.
    #[arg(long, value_name = "FILE.html")]
    pub report: Option<PathBuf>,
}

/// Replays every event. `Ok(false)`: something that must hold does not.
pub fn run(options: &Options) -> anyhow::Result<bool> {
    let data = match &options.data {
        Some(data) => data.clone(),
        None => Checkout::find()?.root().join("../shared/data"),
    };
    let spot = data.join("spot");
    ensure!(
        spot.is_dir(),
        "{} is absent: market data are read from there and never committed; say where with --data",
        spot.display()
    );
    let outcomes = replay_all(&data)?;
    for outcome in &outcomes {
        println!("{}", output::summary(outcome));
    }
    if let Some(path) = &options.report {
        output::report(&outcomes).write(path)?;
        println!("report written to {}", path.display());
    }
    Ok(output::verdicts(&outcomes)
        .iter()
        .all(|verdict| verdict.holds))
}

/// Every event, side by side.
///
/// # Errors
/// As [`replay::run`].
pub fn replay_all(data: &Path) -> anyhow::Result<Vec<Outcome>> {
    thread::scope(|scope| {
        let threads: Vec<_> = EVENTS
            .iter()
            .map(|event| scope.spawn(|| replay::run(event, data)))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().ok().context("a replay panicked")?)
            .collect()
    })
}
