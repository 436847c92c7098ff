//! `cargo stylus` on the project in `tests/fixtures/stylus`, against a node of its own.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::{env, fs};

use alloy::primitives::Address;
use anyhow::{Context, ensure};
use devnode::{Config, NodeHandle};
use novation::chain::Chain;
use novation::checkout::Checkout;
use novation::local_chain::dev_account;
use novation::progress::Progress;
use novation::{local_node, solidity, wasm_toolchain};

/// As `scripts/setup` installs it.
const VERSION: &str = "0.10.10";

/// The project, and a node it is deployed to.
pub(super) struct StylusProject {
    pub(super) node: NodeHandle,
    pub(super) chain: Chain,
    pub(super) checkout: Checkout,
    key_file: PathBuf,
}

/// What a command said, without colours.
pub(super) struct Said {
    pub(super) succeeded: bool,
    pub(super) text: String,
}

impl StylusProject {
    pub(super) async fn start() -> anyhow::Result<Self> {
        static STARTED: AtomicU64 = AtomicU64::new(0);
        let checkout = Checkout::find()?;
        solidity::compile(&checkout, &Progress::silent())?;
        let (node, chain) = local_node::spawn(Config::default()).await?;
        // One file a test: they run at the same time.
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let key_file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("dev-key-{number}"));
        fs::write(&key_file, dev_account().to_bytes().to_string())?;
        Ok(Self {
            node,
            chain,
            checkout,
            key_file,
        })
    }

    /// Runs `cargo stylus` in the project, with the node as its endpoint where `online`.
    async fn run(&self, arguments: &[&str], online: bool) -> anyhow::Result<Said> {
        let binary = binary()?;
        ensure!(
            binary.is_file(),
            "{} is not there: run scripts/setup --clients",
            binary.display()
        );
        // Arguments of a constructor take in everything behind them.
        let greedy = arguments
            .iter()
            .position(|argument| *argument == "--constructor-args");
        let (modest, greedy) = arguments.split_at(greedy.unwrap_or(arguments.len()));
        let mut command = Command::new(binary);
        command.arg("stylus").args(modest);
        if online {
            command.args(["--endpoint", &self.node.url()]);
        }
        command.args(greedy);
        command
            .current_dir(self.checkout.root().join("tests/fixtures/stylus"))
            .env(
                "CARGO_TARGET_DIR",
                self.checkout.target().join("cargo-stylus"),
            )
            .env_remove("RUSTFLAGS")
            .env_remove("CARGO_ENCODED_RUSTFLAGS");
        if let wasm_toolchain::WasmToolchain::Foreign { variables } =
            wasm_toolchain::find(&self.checkout)?
        {
            command
                .envs(variables)
                .env("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort");
        }
        // The node runs on this runtime: waiting must not take one of its threads.
        let output = tokio::task::spawn_blocking(move || command.output()).await??;
        let both = [output.stdout, output.stderr].concat();
        Ok(Said {
            succeeded: output.status.success(),
            text: without_colours(&String::from_utf8_lossy(&both)),
        })
    }

    /// A command that asks no node.
    pub(super) async fn offline(&self, arguments: &[&str]) -> anyhow::Result<String> {
        succeeded(arguments, self.run(arguments, false).await?)
    }

    /// A command that asks the node and must succeed.
    pub(super) async fn online(&self, arguments: &[&str]) -> anyhow::Result<String> {
        succeeded(arguments, self.run(arguments, true).await?)
    }

    /// A command that asks the node and must fail.
    pub(super) async fn refused(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let said = self.run(arguments, true).await?;
        ensure!(
            !said.succeeded,
            "cargo stylus {} went through:\n{}",
            arguments.join(" "),
            said.text
        );
        Ok(said.text)
    }

    /// Arguments that make the dev account sign.
    pub(super) fn signing<'a>(&'a self, arguments: &[&'a str]) -> Vec<&'a str> {
        let key = self.key_file.to_str().unwrap_or_default();
        [arguments, &["--private-key-path", key]].concat()
    }

    /// Deploys a contract of the project; returns its address and what was said.
    pub(super) async fn deploy(&self, arguments: &[&str]) -> anyhow::Result<(Address, String)> {
        let mut all = self.signing(&["deploy", "--no-verify"]);
        all.extend(arguments);
        let said = self.online(&all).await?;
        Ok((after(&said, "deployed code at address: ")?.parse()?, said))
    }
}

impl Drop for StylusProject {
    fn drop(&mut self) {
        // Left behind, it harms nobody: the key is public.
        let _ = fs::remove_file(&self.key_file);
    }
}

/// The word behind a text.
pub(super) fn after<'a>(said: &'a str, text: &str) -> anyhow::Result<&'a str> {
    said.split_once(text)
        .and_then(|(_, rest)| rest.split_whitespace().next())
        .with_context(|| format!("no `{text}` in:\n{said}"))
}

fn succeeded(arguments: &[&str], said: Said) -> anyhow::Result<String> {
    ensure!(
        said.succeeded,
        "cargo stylus {}:\n{}",
        arguments.join(" "),
        said.text
    );
    Ok(said.text)
}

fn binary() -> anyhow::Result<PathBuf> {
    let cache = match env::var_os("XDG_CACHE_HOME").filter(|folder| !folder.is_empty()) {
        Some(folder) => folder.into(),
        None => Path::new(&env::var_os("HOME").context("HOME is not set")?).join(".cache"),
    };
    Ok(cache.join(format!("novation/cargo-stylus-{VERSION}/bin/cargo-stylus")))
}

/// Without the escape sequences that colour it.
fn without_colours(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text.split('\u{1b}');
    plain.push_str(rest.next().unwrap_or_default());
    for piece in rest {
        plain.push_str(piece.split_once('m').map_or(piece, |(_, after)| after));
    }
    plain
}
