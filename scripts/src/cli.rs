//! The command line: what can be asked, and which part of the library answers.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use alloy::primitives::{Address, U256};
use alloy::signers::local::PrivateKeySigner;
use alloy::transports::http::reqwest::Url;
use anyhow::{Context, bail};
use clap::{Args, Parser, Subcommand};

use crate::chain::Chain;
use crate::checkout::Checkout;
use crate::client::Protocol;
use crate::deploy::{self, Roles};
use crate::deployment::Deployment;
use crate::keeper::{Keeper, Settings};
use crate::local_chain::dev_account;
use crate::progress::Progress;
use crate::quant::commands as quant;
use crate::{
    abi, demo, diff_gas, dynamic_collateral, local_node, nitro_docker, oracle_replay, per_feed,
    publish, quotes_publisher, surface_fit, wasm_build,
};

mod help;

use help::{FIT_HELP, IV_HELP, PRICE_HELP, PUBLISH_HELP};

/// The `novation` tool.
#[derive(Debug, Parser)]
#[command(
    name = "cargo novation",
    version,
    about = "Build, deploy, watch and demonstrate Novation, an options clearing house on Arbitrum Stylus",
    after_help = "Examples:\n  \
        cargo novation demo                            a whole market, crash included, on a local node\n  \
        cargo novation devnode                         the local node alone, on port 8547\n  \
        cargo novation deploy                          to the local node\n  \
        cargo novation keeper --interval 5s            keep that deployment\n\n\
        Logs: RUST_LOG=info (or debug) on standard error."
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the local Stylus node in the foreground.
    Devnode(DevnodeArguments),
    /// Send one fixed list of transactions to a fresh local node and to another, and compare what each used; exit code 1 when they differ.
    DiffGas(diff_gas::Options),
    /// Build all programs for the chain and print their sizes.
    Build,
    /// Build, deploy, wire and verify all programs; write deployments/<chainId>.json.
    #[command(after_help = "Examples:\n  \
        cargo novation deploy\n  \
        cargo novation deploy --rpc https://sepolia-rollup.arbitrum.io/rpc --private-key-file key.txt --owner 0x…")]
    Deploy(DeployArguments),
    /// Deploy a face of a listed feed, through which protocols written for Chainlink (V2, V3) or ERC-7726 read our median.
    #[command(after_help = "Example:\n  \
        cargo novation deploy-face --feed ETH/USD --base 0xEeeeeEeeeEeEeeEeEeEeeEEEeeeeEeeeeeeeEEeE:18 --quote 0x0000000000000000000000000000000000000348:18")]
    DeployFace(DeployFaceArguments),
    /// Deploy a publisher of a listed surface whose keys sign option quotes; the owner of the surface then puts it in its place.
    #[command(after_help = "Example:\n  \
        cargo novation deploy-quotes --feed ETH/USD --publisher 2 --signer 0x… --signer 0x… --signer 0x… --threshold 2")]
    DeployQuotes(DeployQuotesArguments),
    /// Watch every account: record samples, settle expiries, open auctions, bid, end them.
    #[command(after_help = "Examples:\n  \
        cargo novation keeper --once\n  \
        cargo novation keeper --interval 2s --bidder 0x<account id>   (the key must own or operate that account)")]
    Keeper(KeeperArguments),
    /// Sign and send prices and volatility surfaces from a file or standard input.
    #[command(after_help = PUBLISH_HELP)]
    Publish(PublishArguments),
    /// Compare what the contracts export with the committed Solidity interfaces.
    Abi(AbiArguments),
    /// Replay a crash through the deployed contracts on a local node of its own, and write a report with charts.
    Demo(demo::Options),
    /// Replay days on which venues disagreed through the adapter's rules; exit code 1 if the median left the honest range or liquidated anyone wrongly.
    ReplayOracle(oracle_replay::Options),
    /// Chart what fixed portfolios must post while real implied volatility and prices move.
    ReplayMargin(dynamic_collateral::Options),
    /// Price the options of a CSV file: both sides, every first-order greek, gamma, vanna, volga, at full precision.
    #[command(after_help = PRICE_HELP)]
    Price(quant::FileArguments),
    /// Find the volatilities that the prices of a CSV file imply.
    #[command(after_help = IV_HELP)]
    Iv(quant::FileArguments),
    /// Fit a raw-SVI slice to every expiry of an option chain; refuse what has arbitrage; print the error, write the slices, draw the smiles.
    #[command(after_help = FIT_HELP)]
    FitSvi(surface_fit::Options),
    /// Measure the ink of every function of the option mathematics over a lattice of 4,032 options; write target/ink-report.json.
    Gas,
}

/// Options of `devnode`.
#[derive(Debug, Args)]
pub struct DevnodeArguments {
    /// Port to listen on, on the loopback interface; 0 takes any free one.
    #[arg(long, default_value_t = 8547)]
    pub port: u16,
    /// Run Nitro itself in a container instead, set up alike; it takes the next port as well, for WebSocket.
    #[arg(long)]
    pub docker: bool,
}

/// Which chain, and who signs.
#[derive(Debug, Args)]
pub struct ConnectionArguments {
    /// JSON-RPC URL of the chain.
    #[arg(
        long,
        env = "NOVATION_RPC_URL",
        default_value = "http://localhost:8547"
    )]
    pub rpc: Url,
    /// Private key that signs and pays (32 bytes in hex). Visible to other users of this machine: prefer a file or the variable.
    #[arg(
        long,
        env = "NOVATION_PRIVATE_KEY",
        hide_env_values = true,
        conflicts_with = "private_key_file"
    )]
    pub private_key: Option<String>,
    /// File holding the private key. Without any key the local chain's funded account signs, on the local chain only.
    #[arg(long, value_name = "FILE")]
    pub private_key_file: Option<PathBuf>,
}

/// Options of `deploy`.
#[derive(Debug, Args)]
pub struct DeployArguments {
    /// Chain and signer.
    #[command(flatten)]
    pub connection: ConnectionArguments,
    /// Lists pools and feeds; meant to be a timelock. [default: the deployer]
    #[arg(long)]
    pub owner: Option<Address>,
    /// May pause trades for at most 7 days at a time. [default: the deployer]
    #[arg(long)]
    pub guardian: Option<Address>,
}

/// Options of `deploy-quotes`.
#[derive(Debug, clap::Args)]
pub struct DeployQuotesArguments {
    /// Chain and signer.
    #[command(flatten)]
    pub connection: ConnectionArguments,
    /// Whose quotes, and what they must be.
    #[command(flatten)]
    pub options: quotes_publisher::Options,
}

/// Options of `deploy-face`.
#[derive(Debug, Args)]
pub struct DeployFaceArguments {
    /// Chain and signer.
    #[command(flatten)]
    pub connection: ConnectionArguments,
    /// Which feed, and how it reads.
    #[command(flatten)]
    pub options: per_feed::Options,
}

/// Options of `keeper`.
#[derive(Debug, Args)]
pub struct KeeperArguments {
    /// Chain and signer.
    #[command(flatten)]
    pub connection: ConnectionArguments,
    /// Deployment record. [default: deployments/<chainId>.json]
    #[arg(long, value_name = "FILE")]
    pub deployment: Option<PathBuf>,
    /// Make one pass and exit; the exit code is 1 when something failed.
    #[arg(long)]
    pub once: bool,
    /// Pause between passes, such as 500ms, 5s, 2m.
    #[arg(long, default_value = "5s", value_parser = duration)]
    pub interval: Duration,
    /// Account id that takes over what is liquidated (decimal or 0x…). Without it auctions are opened but not bid in.
    #[arg(long, value_name = "ACCOUNT")]
    pub bidder: Option<U256>,
    /// Accounts compared with the chain's own margin calculation in each pass.
    #[arg(long, default_value_t = 2)]
    pub compared: usize,
}

/// Options of `publish`.
#[derive(Debug, Args)]
pub struct PublishArguments {
    /// Chain and sender.
    #[command(flatten)]
    pub connection: ConnectionArguments,
    /// What to publish, and who signs.
    #[command(flatten)]
    pub options: publish::Options,
}

/// Options of `abi`.
#[derive(Debug, Args)]
pub struct AbiArguments {
    /// Print nothing but differences.
    #[arg(long)]
    pub check: bool,
}

/// Does what was asked.
pub async fn run(cli: Cli) -> anyhow::Result<()> {
    match cli.command {
        Command::Devnode(arguments) if arguments.docker => {
            Ok(nitro_docker::serve(arguments.port).await?)
        }
        Command::Devnode(arguments) => local_node::serve(arguments.port).await,
        Command::DiffGas(options) => differing_gas(&options).await,
        Command::Build => build(),
        Command::Deploy(arguments) => deploy(arguments).await,
        Command::DeployFace(arguments) => deploy_face(arguments).await,
        Command::DeployQuotes(arguments) => deploy_quotes(arguments).await,
        Command::Keeper(arguments) => keeper(arguments).await,
        Command::Publish(arguments) => publish_updates(arguments).await,
        Command::Abi(arguments) => compare_abis(&arguments),
        Command::Demo(options) => demonstrate(&options).await,
        Command::ReplayOracle(options) => replay_oracle(&options),
        Command::ReplayMargin(options) => dynamic_collateral::command::run(&options),
        Command::Price(arguments) => quant::price(&arguments),
        Command::Iv(arguments) => quant::implied_volatility(&arguments),
        Command::FitSvi(options) => surface_fit::command::run(&options),
        Command::Gas => quant::gas(),
    }
}

async fn demonstrate(options: &demo::Options) -> anyhow::Result<()> {
    if !demo::run(options, &Progress::visible()).await? {
        bail!("an identity does not hold: see FAIL above and in the report");
    }
    Ok(())
}

fn replay_oracle(options: &oracle_replay::Options) -> anyhow::Result<()> {
    if !oracle_replay::command::run(options)? {
        bail!("something that must hold does not: see FAIL above");
    }
    Ok(())
}

async fn differing_gas(options: &diff_gas::Options) -> anyhow::Result<()> {
    let differing = diff_gas::run(options, &Progress::visible()).await?;
    if differing > 0 {
        bail!("{differing} actions use other amounts of gas there than here");
    }
    Ok(())
}

fn build() -> anyhow::Result<()> {
    let programs = wasm_build::build(&Checkout::find()?, &Progress::visible())?;
    println!("{}", wasm_build::size_table(&programs));
    Ok(())
}

async fn deploy(arguments: DeployArguments) -> anyhow::Result<()> {
    let checkout = Checkout::find()?;
    let progress = Progress::visible();
    let (chain, signer) = connect(&arguments.connection).await?;
    let programs = wasm_build::build(&checkout, &progress)?;
    println!("{}", wasm_build::size_table(&programs));
    let roles = Roles {
        owner: arguments.owner.unwrap_or(signer.address()),
        guardian: arguments.guardian.unwrap_or(signer.address()),
    };
    let deployment = deploy::deploy(&chain, &signer, &programs, roles, &progress).await?;
    let path = checkout.deployment(chain.id());
    deployment.write(&path)?;
    println!("\n{:<20} {:<42} {:>10}", "contract", "address", "gas");
    for (name, contract) in &deployment.contracts {
        println!("{name:<20} {} {:>10}", contract.address, contract.gas);
    }
    println!("\nwired and verified; written to {}", path.display());
    Ok(())
}

async fn deploy_quotes(arguments: DeployQuotesArguments) -> anyhow::Result<()> {
    let checkout = Checkout::find()?;
    let (chain, signer) = connect(&arguments.connection).await?;
    let programs = wasm_build::build(&checkout, &Progress::visible())?;
    let record = arguments.options.deployment.clone();
    let path = record.unwrap_or_else(|| checkout.deployment(chain.id()));
    let surface = Deployment::read(&path)?.addresses()?.surface;
    quotes_publisher::run(&arguments.options, &chain, &signer, &programs, surface).await?;
    Ok(())
}

async fn deploy_face(arguments: DeployFaceArguments) -> anyhow::Result<()> {
    let checkout = Checkout::find()?;
    let (chain, signer) = connect(&arguments.connection).await?;
    let programs = wasm_build::build(&checkout, &Progress::visible())?;
    let record = arguments.options.deployment.clone();
    let path = record.unwrap_or_else(|| checkout.deployment(chain.id()));
    let deployment = Deployment::read(&path)?;
    per_feed::run(&arguments.options, &chain, &signer, &programs, &deployment).await
}

async fn keeper(arguments: KeeperArguments) -> anyhow::Result<()> {
    let (chain, signer) = connect(&arguments.connection).await?;
    let path = match arguments.deployment {
        Some(path) => path,
        None => Checkout::find()?.deployment(chain.id()),
    };
    let deployment = Deployment::read(&path)?;
    if deployment.chain_id != chain.id() {
        bail!(
            "{} is of chain {}, {} is chain {}",
            path.display(),
            deployment.chain_id,
            arguments.connection.rpc,
            chain.id()
        );
    }
    let settings = Settings {
        bidder: arguments.bidder,
        from_block: deployment.block,
        compared: arguments.compared,
    };
    let protocol = Protocol::open(chain.clone(), &deployment)?;
    let mut keeper = Keeper::new(protocol, signer, settings);
    loop {
        let actions = keeper.step().await;
        actions.iter().for_each(crate::keeper::Action::log);
        if arguments.once {
            for action in &actions {
                println!("{action}");
            }
            println!(
                "{} accounts seen, {} with positions",
                keeper.accounts().count(),
                keeper.health().len()
            );
            if actions.iter().any(crate::keeper::Action::is_failure) {
                bail!("this pass was not clean");
            }
            return Ok(());
        }
        tokio::select! {
            () = tokio::time::sleep(arguments.interval) => {}
            signal = tokio::signal::ctrl_c() => return signal.context("waiting for ctrl-c"),
        }
    }
}

async fn publish_updates(arguments: PublishArguments) -> anyhow::Result<()> {
    let (chain, sender) = connect(&arguments.connection).await?;
    let keys: anyhow::Result<_> = arguments
        .options
        .signer_key_file
        .iter()
        .map(|path| read_key(path))
        .collect();
    let record = Checkout::find()?.deployment(chain.id());
    publish::command::run(&arguments.options, chain, sender, keys?, &record).await
}

fn compare_abis(arguments: &AbiArguments) -> anyhow::Result<()> {
    let mut differing = 0;
    for (program, differences) in abi::compare_all(&Checkout::find()?, &Progress::visible())? {
        if differences.is_empty() {
            if !arguments.check {
                println!("{program}: exports {} exactly", program.interface());
            }
            continue;
        }
        differing += 1;
        println!("{program} differs from {}.sol:", program.interface());
        for difference in differences {
            println!("  {difference}");
        }
    }
    if differing > 0 {
        bail!(
            "{differing} contracts do not export their committed interface: change the one that is wrong"
        );
    }
    Ok(())
}

async fn connect(arguments: &ConnectionArguments) -> anyhow::Result<(Chain, PrivateKeySigner)> {
    let chain = Chain::connect(arguments.rpc.clone())
        .await
        .with_context(|| {
            format!(
                "no chain at {}; `cargo novation devnode` starts a local one",
                arguments.rpc
            )
        })?;
    let signer = match (&arguments.private_key, &arguments.private_key_file) {
        (Some(key), _) => parse_key(key, "--private-key or NOVATION_PRIVATE_KEY")?,
        (None, Some(path)) => read_key(path)?,
        (None, None) if chain.is_local() => dev_account(),
        (None, None) => bail!(
            "chain {} is not the local one: say who signs with --private-key-file or NOVATION_PRIVATE_KEY",
            chain.id()
        ),
    };
    Ok((chain, signer))
}

fn read_key(path: &Path) -> anyhow::Result<PrivateKeySigner> {
    let text =
        fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    parse_key(text.trim(), &path.display().to_string())
}

/// The key itself never appears in a message.
fn parse_key(text: &str, origin: &str) -> anyhow::Result<PrivateKeySigner> {
    match text.parse() {
        Ok(key) => Ok(key),
        Err(_) => bail!("{origin} holds no private key: 64 hex digits are expected"),
    }
}

/// `500ms`, `5s`, `2m`.
fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let number: u64 = digits
        .parse()
        .map_err(|_| format!("`{text}` is no duration: try 5s"))?;
    match &text[digits.len()..] {
        "ms" => Ok(Duration::from_millis(number)),
        "s" | "" => Ok(Duration::from_secs(number)),
        "m" => Ok(Duration::from_secs(number.saturating_mul(60))),
        unit => Err(format!("unknown unit `{unit}`: ms, s or m")),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn durations_have_units() {
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("5s"), Ok(Duration::from_secs(5)));
        assert_eq!(duration("2m"), Ok(Duration::from_secs(120)));
        assert!(duration("5h").is_err() && duration("soon").is_err());
    }

    #[test]
    fn a_bad_key_is_refused_without_being_shown() {
        let error = parse_key("not a key", "key.txt")
            .expect_err("no key")
            .to_string();
        assert!(error.contains("key.txt") && !error.contains("not a key"));
    }
}
