//! Works through a CSV file row by row, on every core, and writes the results in the order of the rows. A row that has no result says why in
//! its `status`; the others go on.

use std::io::{Read, Write};
use std::num::NonZero;
use std::thread;

use csv::{ByteRecord, StringRecord};
use devnode::program::PureCallError;

use super::columns::ColumnError;
use crate::progress::Progress;

/// Rows a thread takes at a time.
const BATCH: usize = 4_096;

/// Why a file was not worked through.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// Not a CSV file, or it cannot be read or written.
    #[error(transparent)]
    Csv(#[from] csv::Error),
    /// The results cannot be written.
    #[error("cannot write the results")]
    Write(#[from] std::io::Error),
    /// A column is missing.
    #[error(transparent)]
    Columns(#[from] ColumnError),
    /// The compiled mathematics do not run.
    #[error(transparent)]
    Wasm(#[from] PureCallError),
    /// Native code and WASM disagree on whether a row has a result. They are the same source, so this is a bug.
    #[error("row {id:?} is {native} natively and {wasm} in WASM: please report this row")]
    Disagreement {
        /// Its id.
        id: String,
        /// What native code says.
        native: &'static str,
        /// What WASM says.
        wasm: &'static str,
    },
    /// A thread panicked.
    #[error("a worker panicked: please report the file")]
    Panicked,
}

/// A kind of calculation on rows.
pub trait Table: Sync {
    /// Names of the output's columns.
    const HEADER: &'static [&'static str];
    /// What a thread keeps between rows.
    type Worker: Send;

    /// A worker for one thread.
    fn worker(&self) -> Result<Self::Worker, TableError>;

    /// Appends the cells of one row to `cells`, all of [`Self::HEADER`], and says whether it has a result.
    fn row(
        &self,
        worker: &mut Self::Worker,
        row: &StringRecord,
        cells: &mut Vec<String>,
    ) -> Result<bool, TableError>;
}

/// What became of the rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Rows read.
    pub rows: usize,
    /// Rows that have no result.
    pub refused: usize,
}

/// Works through `input` with the table that `make` finds in its header.
pub fn process<T: Table>(
    input: impl Read,
    output: &mut impl Write,
    make: impl FnOnce(&StringRecord) -> Result<T, TableError>,
    progress: &Progress,
) -> Result<Tally, TableError> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(input);
    let table = make(&legible(reader.byte_headers()?.clone()))?;
    output.write_all(&lines(|writer| Ok(writer.write_record(T::HEADER)?))?)?;
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let workers = (0..threads).map(|_| table.worker());
    let mut workers = workers.collect::<Result<Vec<_>, _>>()?;
    let spinner = progress.spinner("");
    let mut rows = reader.into_byte_records().map(|row| row.map(legible));
    let mut tally = Tally::default();
    loop {
        let batch: Vec<_> = rows
            .by_ref()
            .take(BATCH * threads)
            .collect::<Result<_, _>>()?;
        if batch.is_empty() {
            break;
        }
        for (text, refused) in work(&table, &mut workers, &batch)? {
            output.write_all(&text)?;
            tally.refused += refused;
        }
        tally.rows += batch.len();
        spinner.set_message(format!("{} rows", tally.rows));
    }
    output.flush()?;
    spinner.finish_and_clear();
    Ok(tally)
}

/// A row whose bytes that are no UTF-8 are replaced: an id in another encoding costs neither its row nor the file.
fn legible(row: ByteRecord) -> StringRecord {
    StringRecord::from_byte_record_lossy(row)
}

/// One share of `batch` for each worker; what each wrote and refused, in order.
fn work<T: Table>(
    table: &T,
    workers: &mut [T::Worker],
    batch: &[StringRecord],
) -> Result<Vec<(Vec<u8>, usize)>, TableError> {
    let share = batch.len().div_ceil(workers.len().max(1)).max(1);
    thread::scope(|scope| {
        let threads: Vec<_> = workers
            .iter_mut()
            .zip(batch.chunks(share))
            .map(|(worker, rows)| scope.spawn(|| write_rows(table, worker, rows)))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().map_err(|_| TableError::Panicked)?)
            .collect()
    })
}

fn write_rows<T: Table>(
    table: &T,
    worker: &mut T::Worker,
    rows: &[StringRecord],
) -> Result<(Vec<u8>, usize), TableError> {
    let mut refused = 0;
    let mut cells = Vec::with_capacity(T::HEADER.len());
    let text = lines(|writer| {
        for row in rows {
            cells.clear();
            refused += usize::from(!table.row(worker, row, &mut cells)?);
            writer.write_record(&cells)?;
        }
        Ok(())
    })?;
    Ok((text, refused))
}

fn lines(
    write: impl FnOnce(&mut csv::Writer<&mut Vec<u8>>) -> Result<(), TableError>,
) -> Result<Vec<u8>, TableError> {
    let mut text = Vec::new();
    let mut writer = csv::Writer::from_writer(&mut text);
    write(&mut writer)?;
    writer.flush()?;
    drop(writer);
    Ok(text)
}
