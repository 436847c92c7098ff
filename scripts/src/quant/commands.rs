//! `novation price`, `novation iv` and `novation gas`.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::os::unix::fs::MetadataExt;
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

fn open(arguments: &FileArguments) -> anyhow::Result<(Input, Destination)> {
    let (from, to) = (&arguments.input, &arguments.output);
    ensure!(
        from == Path::new(STANDARD) || !is_same_file(from, to),
        "input and output are the same file, {}",
        from.display()
    );
    let input: Input = if from == Path::new(STANDARD) {
        Box::new(io::stdin())
    } else {
        let file = File::open(from).with_context(|| format!("cannot read {}", from.display()))?;
        Box::new(BufReader::new(file))
    };
    Ok((input, Destination::new(to)))
}

/// Whether two paths lead to one file, by whatever links.
fn is_same_file(one: &Path, other: &Path) -> bool {
    let identity = |path: &Path| {
        let metadata = path.metadata().ok()?;
        Some((metadata.dev(), metadata.ino()))
    };
    identity(one).is_some_and(|file| identity(other) == Some(file))
}

/// A file to write, made or emptied when the first of the results is there: an input that cannot be read costs no older results.
struct Destination {
    path: PathBuf,
    opened: Option<Box<dyn Write>>,
}

impl Destination {
    fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            opened: None,
        }
    }

    fn opened(&mut self) -> io::Result<&mut dyn Write> {
        let writer: Box<dyn Write> = match self.opened.take() {
            Some(writer) => writer,
            None if self.path == Path::new(STANDARD) => Box::new(io::stdout().lock()),
            None => Box::new(BufWriter::new(File::create(&self.path).map_err(
                |error| io::Error::new(error.kind(), format!("{}: {error}", self.path.display())),
            )?)),
        };
        Ok(self.opened.insert(writer))
    }
}

impl Write for Destination {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.opened()?.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.opened()?.flush()
    }
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

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn an_id_in_another_encoding_costs_neither_its_row_nor_the_next() {
        let folder = std::env::temp_dir().join(format!("novation-latin-1-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        let [input, output] = ["in.csv", "out.csv"].map(|name| folder.join(name));
        let rows: &[&[u8]] = &[
            b"id,S_wad,K_wad,T_sec,vol_wad,r_wad\n",
            b"caf\xe9,1e18,1e18,31536000,1e17,0\n",
            b"b,1e18,1e18,31536000,1e17,0\n",
        ];
        fs::write(&input, rows.concat()).expect("written");
        price(&FileArguments {
            input,
            output: output.clone(),
            wasm: false,
        })
        .expect("priced");
        let priced = fs::read_to_string(&output).expect("there");
        let first_cells = |line: &str| {
            line.split(',')
                .take(2)
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        let [_, first, second] = priced.lines().collect::<Vec<_>>()[..] else {
            panic!("{priced}");
        };
        let (first, second) = (first_cells(first), first_cells(second));
        assert_eq!(first[0], "caf\u{fffd}");
        assert_eq!(second[0], "b");
        assert!(second[1].starts_with("0.039"), "{priced}");
        assert_eq!(first[1], second[1]);
        fs::remove_dir_all(&folder).expect("removed");
    }

    #[test]
    fn results_are_replaced_by_results_only_and_input_never() {
        let folder = std::env::temp_dir().join(format!("novation-commands-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        let [input, link, output] = ["in.csv", "link.csv", "out.csv"].map(|name| folder.join(name));
        let _ = fs::remove_file(&link);
        fs::write(&input, "id\na\n").expect("written");
        fs::hard_link(&input, &link).expect("linked");
        fs::write(&output, "older").expect("written");
        let run = |output: &Path| {
            price(&FileArguments {
                input: input.clone(),
                output: output.to_owned(),
                wasm: false,
            })
        };
        let refusal = run(&link).expect_err("the same file").to_string();
        assert!(refusal.contains("same file"), "{refusal}");
        let refusal = run(&output).expect_err("no columns").to_string();
        assert!(refusal.contains("no column"), "{refusal}");
        assert_eq!(fs::read_to_string(&output).expect("there"), "older");
        assert_eq!(fs::read_to_string(&input).expect("there"), "id\na\n");
        fs::write(
            &input,
            "id,S_wad,K_wad,T_sec,vol_wad,r_wad\na,1e18,1e18,31536000,1e17,0\n",
        )
        .expect("written");
        run(&output).expect("priced");
        assert!(
            fs::read_to_string(&output)
                .expect("there")
                .starts_with("id,call")
        );
        fs::remove_dir_all(&folder).expect("removed");
    }
}
