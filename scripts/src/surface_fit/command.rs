//! `novation fit-svi`.

use std::fs;
use std::path::PathBuf;
use std::thread;

use anyhow::{Context, bail, ensure};

use super::chain_file::{self, Chain};
use super::fitted::{self, Fitted};
use super::output::{self, SurfaceFile};

/// Options of `fit-svi`.
#[derive(clap::Args, Clone, Debug)]
pub struct Options {
    /// Option chain: CSV or .csv.gz; - for standard input.
    #[arg(long, value_name = "CHAIN.csv")]
    pub input: PathBuf,
    /// Where the slices are written, JSON.
    #[arg(long, value_name = "FILE.json")]
    pub output: Option<PathBuf>,
    /// Where the smiles are drawn, one HTML file.
    #[arg(long, value_name = "FILE.html")]
    pub plot: Option<PathBuf>,
    /// Only chains of this underlying.
    #[arg(long, value_name = "NAME")]
    pub underlying: Option<String>,
}

/// Fits, prints, writes. An error if nothing could be accepted.
pub fn run(options: &Options) -> anyhow::Result<()> {
    let file = chain_file::read(&options.input)?;
    let wanted = |chain: &Chain| {
        let name = options.underlying.as_deref();
        name.is_none_or(|name| chain.underlying.eq_ignore_ascii_case(name))
    };
    let chains: Vec<_> = file.chains.into_iter().filter(wanted).collect();
    ensure!(
        !chains.is_empty(),
        "no chain of {} in {}",
        options.underlying.as_deref().unwrap_or("any underlying"),
        options.input.display()
    );
    let fitted = fit_all(chains)?;
    for fit in &fitted {
        println!("{}", output::table(fit));
    }
    for (reason, rows) in &file.unused {
        println!("{rows} of {} rows not used: {reason}", file.rows);
    }
    if let Some(path) = &options.output {
        let json = serde_json::to_string_pretty(&SurfaceFile::of(&fitted))?;
        fs::write(path, json + "\n").with_context(|| format!("writing {}", path.display()))?;
        println!("slices written to {}", path.display());
    }
    if let Some(path) = &options.plot {
        output::report(&fitted, &options.input.display().to_string()).write(path)?;
        println!("smiles drawn in {}", path.display());
    }
    if fitted.iter().all(|fit| fit.accepted().next().is_none()) {
        bail!("no slice may be published");
    }
    Ok(())
}

/// Fits chains side by side, in order.
pub fn fit_all(chains: Vec<Chain>) -> anyhow::Result<Vec<Fitted>> {
    thread::scope(|scope| {
        let threads: Vec<_> = chains
            .into_iter()
            .map(|chain| scope.spawn(|| fitted::fit(chain)))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().ok().context("a fit panicked"))
            .collect()
    })
}
