//! `novation price`, `novation iv` and `novation gas`.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use clap::Args;

use super::price_table::PriceTable;
use super::runner::QuantModule;
use super::table::{self, Tally};
use super::volatility_table::VolatilityTable;
use super::{ink_report, module};
use crate::checkout::Checkout;
use crate::progress::Progress;
use crate::wasm_toolchain;

/// Stands for standard input or output.
const STANDARD: &str = "-";

/// Options of `price` and `iv`.
#[derive(Debug, Args)]
pub struct FileArguments {
    /// CSV file to read; - for standard input.
    #[arg(long, value_name = "FILE.csv")]
    pub input: PathBuf,
    /// CSV file to write; - for standard output.
    #[arg(long, value_name = "FILE.csv")]
    pub output: PathBuf,
    /// Compute inside the compiled WASM, under the ink meter of the local node, and fill the ink columns.
    #[arg(long)]
    pub wasm: bool,
}

/// Prices every option of the input.
pub fn price(arguments: &FileArguments) -> anyhow::Result<()> {
    let wasm = compiled(arguments)?;
    let (input, mut output) = open(arguments)?;
    let make = |header: &csv::StringRecord| Ok(PriceTable::new(header, wasm)?);
    let tally = table::process(input, &mut output, make, &Progress::visible())?;
    say(tally, "priced");
    Ok(())
}

/// Finds the volatility that every price of the input implies.
pub fn implied_volatility(arguments: &FileArguments) -> anyhow::Result<()> {
    let wasm = compiled(arguments)?;
    let (input, mut output) = open(arguments)?;
    let make = |header: &csv::StringRecord| Ok(VolatilityTable::new(header, wasm)?);
    let tally = table::process(input, &mut output, make, &Progress::visible())?;
    say(tally, "solved");
    Ok(())
}

/// Measures every function over the lattice.
pub fn gas() -> anyhow::Result<()> {
    let checkout = Checkout::find()?;
    let module = module::build(&checkout, &Progress::visible())?;
    let report = ink_report::measure(&module, wasm_toolchain::version(&checkout))?;
    println!("{report}");
    println!("written to {}", report.write(&checkout)?.display());
    Ok(())
}

fn compiled(arguments: &FileArguments) -> anyhow::Result<Option<QuantModule>> {
    if !arguments.wasm {
        return Ok(None);
    }
    let module = module::build(&Checkout::find()?, &Progress::visible())?;
    Ok(Some(QuantModule::new(&module)?))
}

type Input = Box<dyn Read>;
type Output = Box<dyn Write>;

fn open(arguments: &FileArguments) -> anyhow::Result<(Input, Output)> {
    let (from, to) = (&arguments.input, &arguments.output);
    let same = || Some(from.canonicalize().ok()? == to.canonicalize().ok()?);
    ensure!(
        from == Path::new(STANDARD) || same() != Some(true),
        "input and output are the same file, {}",
        from.display()
    );
    let input: Input = if from == Path::new(STANDARD) {
        Box::new(io::stdin())
    } else {
        let file = File::open(from).with_context(|| format!("cannot read {}", from.display()))?;
        Box::new(BufReader::new(file))
    };
    let output: Output = if to == Path::new(STANDARD) {
        Box::new(io::stdout().lock())
    } else {
        let file = File::create(to).with_context(|| format!("cannot write {}", to.display()))?;
        Box::new(BufWriter::new(file))
    };
    Ok((input, output))
}

/// On standard error: standard output may be the table.
fn say(tally: Tally, done: &str) {
    let Tally { rows, refused } = tally;
    eprint!("{rows} rows, {} {done}", rows - refused);
    if refused > 0 {
        eprint!(", {refused} refused: see their status");
    }
    eprintln!();
}
