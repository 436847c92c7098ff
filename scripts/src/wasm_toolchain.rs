//! Which compiler builds for wasm32: the one rustup gave, or the one `scripts/setup` wrote down where rustup cannot download.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use crate::checkout::Checkout;

/// Target of all programs.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// No compiler for wasm32.
#[derive(Debug, thiserror::Error)]
#[error(
    "no Rust standard library for {TARGET}: run scripts/setup, or `rustup target add {TARGET}`"
)]
pub struct ToolchainError;

/// A way to build for wasm32.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WasmToolchain {
    /// The current toolchain has the target installed.
    Installed,
    /// Another compiler (Debian's `rustc-web`), which builds its own standard library.
    Foreign {
        /// Variables cargo needs to use it.
        variables: Vec<(String, String)>,
    },
}

/// Looks for a toolchain: the installed one first.
pub fn find(checkout: &Checkout) -> Result<WasmToolchain, ToolchainError> {
    if target_libraries(checkout.root()).is_some_and(|folder| folder.is_dir()) {
        return Ok(WasmToolchain::Installed);
    }
    let written = fs::read_to_string(checkout.target().join("wasm-toolchain.env"));
    written
        .map(|text| WasmToolchain::Foreign {
            variables: parse(&text),
        })
        .map_err(|_| ToolchainError)
}

impl WasmToolchain {
    /// A cargo command set up for this toolchain.
    pub fn cargo(&self, subcommand: &str) -> Command {
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.arg(subcommand);
        // Flags in the environment would silently replace those of `.cargo/config.toml`.
        cargo
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_ENCODED_RUSTFLAGS");
        if let Self::Foreign { variables } = self {
            cargo
                .envs(variables.iter().cloned())
                .args(["-Z", "build-std=std,panic_abort"]);
        }
        cargo
    }
}

/// `NAME=value` lines.
fn parse(text: &str) -> Vec<(String, String)> {
    text.lines()
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
        .collect()
}

/// What the compiler calls itself, for reports.
pub fn version(checkout: &Checkout) -> String {
    let output = Command::new("rustc")
        .arg("--version")
        .current_dir(checkout.root())
        .output();
    output.map_or_else(
        |error| format!("unknown rustc ({error})"),
        |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    )
}

fn target_libraries(folder: &Path) -> Option<PathBuf> {
    let output = Command::new("rustc")
        .args(["--print", "target-libdir", "--target", TARGET])
        .current_dir(folder)
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).trim().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_of_set_up_are_read_line_by_line() {
        let variables = parse("RUSTC=/usr/bin/rustc\n\nRUSTC_BOOTSTRAP=1\n");
        assert_eq!(
            variables,
            [
                ("RUSTC".into(), "/usr/bin/rustc".into()),
                ("RUSTC_BOOTSTRAP".into(), "1".into())
            ]
        );
    }
}
