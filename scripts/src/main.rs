//! The `novation` tool: parses the command line and hands over to the library.

use std::io;
use std::process::ExitCode;

use clap::Parser;
use novation::cli::{self, Cli};
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    // A keeper without its log would be mute; everything else speaks on standard output.
    let level = if matches!(cli.command, cli::Command::Keeper(_)) {
        "novation=info"
    } else {
        "warn"
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .init();
    match cli::run(cli).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // One line, causes included. A backtrace would tell a user nothing.
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
