//! Arguments of `novation demo`.

use std::path::PathBuf;

/// Options of `demo`. Without `--spot` it replays a built-in, seeded crash. Exit code 1 if any identity fails.
#[derive(clap::Args, Clone, Debug)]
#[command(after_help = "Examples:\n  \
    cargo novation demo\n  \
    cargo novation demo --spot ../shared/data/spot/2020-03_black_thursday.csv.gz\n  \
    cargo novation demo --spot binance.csv --spot kraken.csv --spot okx.csv --underlying BTC")]
pub struct Options {
    /// Market data: a CSV (or .csv.gz) with the columns ts,venue,instrument,kind,interval_s,open,high,low,close,…, or an exchange
    /// kline CSV (one venue a file, named after the file). May be given several times; three venues are the least.
    #[arg(long, value_name = "FILE")]
    pub spot: Vec<PathBuf>,

    /// Underlying to replay: instruments that begin with it.
    #[arg(long, default_value = "ETH")]
    pub underlying: String,

    /// Seed of the built-in crash.
    #[arg(long, default_value_t = 2020)]
    pub seed: u64,

    /// Where to write the report, one HTML file. [default: target/demo/report.html of the checkout]
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
}
