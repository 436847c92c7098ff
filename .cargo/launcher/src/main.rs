//! Forwards `cargo novation …` to the tool in `scripts/`.
//!
//! The alias in `.cargo/config.toml` is `run -p novation`. Inside `scripts/` and `tests/` cargo finds the real tool; anywhere else
//! it finds this launcher, because the contracts' workspace cannot hold the tool's dependencies (see `Cargo.toml`).

use std::env;
use std::path::Path;
use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/Cargo.toml");
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["run", "--release", "--quiet", "--manifest-path"])
        .arg(manifest)
        .args(["-p", "novation", "--"])
        .args(env::args_os().skip(1))
        .status();
    match status {
        Ok(status) => {
            u8::try_from(status.code().unwrap_or(1)).map_or(ExitCode::FAILURE, ExitCode::from)
        }
        Err(error) => {
            eprintln!("cannot run cargo: {error}");
            ExitCode::FAILURE
        }
    }
}
