//! Ink and gas of every function over the lattice: measured, printed, written, and compared with the committed report.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::{fmt, fs, io};

use devnode::program::{PureCallError, StylusConfig};
use serde::{Deserialize, Serialize};

use super::lattice::{LATTICE, Lattice};
use super::measured::{self, Measured};
use super::runner::{QuantModule, Runner};
use crate::checkout::Checkout;
use crate::wasm_pack::{self, PackError};

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum InkReportError {
    /// The module does not run.
    #[error(transparent)]
    Call(#[from] PureCallError),
    /// Inputs of the lattice are refused, so there is no figure for them.
    #[error(
        "{function} refuses {refused} of {calls} inputs of the lattice; none is expected to be refused"
    )]
    Refused {
        /// Function measured.
        function: String,
        /// Calls refused.
        refused: usize,
        /// Calls made.
        calls: usize,
    },
    /// The module cannot be compressed.
    #[error(transparent)]
    Pack(#[from] PackError),
    /// The report cannot be written.
    #[error("{path}: {error}")]
    File {
        /// File.
        path: String,
        /// Why.
        error: io::Error,
    },
}

/// Ink of one function over its calls.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// What it computes.
    pub what: String,
    /// Calls measured.
    pub calls: usize,
    /// Mean ink, rounded up.
    pub mean: u64,
    /// Least ink.
    pub least: u64,
    /// Ink that 99 of 100 calls do not exceed.
    pub p99: u64,
    /// Most ink.
    pub most: u64,
    /// Mean gas, one decimal.
    pub mean_gas: f64,
    /// Largest mean allowed, ink.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub bar: Option<u64>,
    /// Mean aimed at, ink.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub aim: Option<u64>,
}

/// What is committed of a function's figures, ink.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ink {
    /// Mean.
    pub mean: u64,
    /// Most.
    pub most: u64,
}

/// The committed report, by function.
pub type Baseline = BTreeMap<String, Ink>;

/// Growth that is accepted without a new report, percent.
const TOLERANCE_PERCENT: u64 = 2;

/// One line for each function that takes over 2 % more ink than committed, is new or is gone. Less ink is no difference.
pub fn grown(committed: &Baseline, measured: &Baseline) -> Vec<String> {
    let mut lines = Vec::new();
    for (name, now) in measured {
        let Some(then) = committed.get(name) else {
            lines.push(format!("{name}: not in the report"));
            continue;
        };
        for (figure, then, now) in [("mean", then.mean, now.mean), ("most", then.most, now.most)] {
            if now * 100 > then * (100 + TOLERANCE_PERCENT) {
                lines.push(format!("{name}: {figure} {then} -> {now}"));
            }
        }
    }
    let gone = committed
        .keys()
        .filter(|name| !measured.contains_key(*name))
        .map(|name| format!("{name}: no longer measured"));
    lines.extend(gone);
    lines
}

/// What was measured, and under which conditions.
#[derive(Clone, Debug, Serialize)]
pub struct InkReport {
    /// What the figures mean.
    pub about: &'static str,
    /// Ink of one gas.
    pub ink_per_gas: u32,
    /// Stylus version whose prices were taken.
    pub stylus_version: u16,
    /// Compiler.
    pub rustc: String,
    /// Bytes of the measured module, all functions together.
    pub module_bytes: usize,
    /// Its bytes compressed as on chain.
    pub compressed_bytes: usize,
    /// Axes of the lattice.
    pub lattice: Lattice,
    /// Options of the lattice.
    pub lattice_options: usize,
    /// Figures by function.
    pub functions: BTreeMap<String, Figures>,
}

/// What goes into the report beside figures.
const ABOUT: &str = "Ink of pure computation under the local node's meter: arguments read from memory, results written to memory; no ABI, no host \
    call, no program entry. Options: the lattice; strikes in percent of spot, volatility, rate in percent, times in seconds.";

/// Measures every function of the module `wasm`.
pub fn measure(wasm: &[u8], rustc: String) -> Result<InkReport, InkReportError> {
    let config = StylusConfig::default();
    let mut runner = QuantModule::new(wasm)?.runner()?;
    let mut functions = BTreeMap::new();
    for measured in measured::all(&LATTICE) {
        let figures = figures(&mut runner, &measured, config.ink_price)?;
        functions.insert(measured.name, figures);
    }
    Ok(InkReport {
        about: ABOUT,
        ink_per_gas: config.ink_price,
        stylus_version: config.version,
        rustc,
        module_bytes: wasm.len(),
        compressed_bytes: wasm_pack::compress(wasm)?.len(),
        lattice: LATTICE,
        lattice_options: LATTICE.options().len(),
        functions,
    })
}

fn figures(
    runner: &mut Runner,
    measured: &Measured,
    ink_price: u32,
) -> Result<Figures, InkReportError> {
    let function = runner.function(measured.export)?;
    let mut inks = Vec::with_capacity(measured.calls.len());
    let mut refused = 0;
    for call in &measured.calls {
        let called = runner.call(&function, call, &mut [])?;
        refused += usize::from(!called.accepted);
        inks.push(called.ink);
    }
    if refused > 0 {
        return Err(InkReportError::Refused {
            function: measured.name.clone(),
            refused,
            calls: inks.len(),
        });
    }
    inks.sort_unstable();
    let count = inks.len().max(1);
    let mean = inks.iter().sum::<u64>().div_ceil(count as u64);
    Ok(Figures {
        what: measured.what.to_owned(),
        calls: inks.len(),
        mean,
        least: inks.first().copied().unwrap_or(0),
        p99: inks.get(count * 99 / 100).copied().unwrap_or(0),
        most: inks.last().copied().unwrap_or(0),
        mean_gas: (mean as f64 * 10.0 / f64::from(ink_price)).round() / 10.0,
        bar: measured.bar.map(|bar| bar.at_most),
        aim: measured.bar.map(|bar| bar.aim),
    })
}

impl InkReport {
    /// What is committed of the report.
    pub fn baseline(&self) -> Baseline {
        let ink = |figures: &Figures| Ink {
            mean: figures.mean,
            most: figures.most,
        };
        self.functions
            .iter()
            .map(|(name, figures)| (name.clone(), ink(figures)))
            .collect()
    }

    /// One line for each function whose mean exceeds its bar.
    pub fn over_their_bar(&self) -> impl Iterator<Item = String> {
        self.functions.iter().filter_map(|(name, figures)| {
            let bar = figures.bar.filter(|&bar| figures.mean > bar)?;
            Some(format!("{name}: mean {} > {bar}", figures.mean))
        })
    }

    /// Writes the report as JSON to `target/ink-report.json`, and says where that is.
    pub fn write(&self, checkout: &Checkout) -> Result<PathBuf, InkReportError> {
        let path = checkout.target().join("ink-report.json");
        let text = serde_json::to_string_pretty(self).map_err(io::Error::other);
        text.and_then(|text| fs::write(&path, text + "\n"))
            .map_err(|error| InkReportError::File {
                path: path.display().to_string(),
                error,
            })?;
        Ok(path)
    }
}

impl fmt::Display for InkReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<34} {:>6} {:>10} {:>10} {:>10} {:>10} {:>8}  {:>9} {:>9}",
            "ink", "calls", "mean", "least", "p99", "most", "gas", "bar", "aim"
        )?;
        for (name, figures) in &self.functions {
            let or_dash = |bar: Option<u64>| bar.map_or("–".to_owned(), |bar| bar.to_string());
            writeln!(
                f,
                "{name:<34} {:>6} {:>10} {:>10} {:>10} {:>10} {:>8}  {:>9} {:>9}",
                figures.calls,
                figures.mean,
                figures.least,
                figures.p99,
                figures.most,
                figures.mean_gas,
                or_dash(figures.bar),
                or_dash(figures.aim)
            )?;
        }
        write!(
            f,
            "{} options; {} ink = 1 gas; module {} B, compressed {} B; {}",
            self.lattice_options,
            self.ink_per_gas,
            self.module_bytes,
            self.compressed_bytes,
            self.rustc
        )
    }
}
