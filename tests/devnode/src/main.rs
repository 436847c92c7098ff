//! The node as a program.

use std::{net::IpAddr, path::PathBuf, time::Duration};

use alloy_primitives::Address;
use anyhow::Context;
use clap::Parser;
use devnode::{
    ChainConfig, Config, Node, StateFile,
    chain::config::{
        BLOCK_HISTORY, DEV_ACCOUNT, DEV_KEY, MAX_CODE_SIZE, NEWEST_ARBOS, OLDEST_ARBOS, ether,
    },
    node::DEFAULT_PORT,
};
#[cfg(unix)]
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// A local Arbitrum Stylus node.
#[derive(Debug, Parser)]
#[command(version, about)]
struct Arguments {
    /// Port to listen on; 0 takes any free one.
    #[arg(long, default_value_t = DEFAULT_PORT)]
    port: u16,
    /// Address to listen on. There is no authentication: anything but loopback gives the chain to the network.
    #[arg(long, default_value = "127.0.0.1")]
    host: IpAddr,
    /// Chain id.
    #[arg(long, default_value_t = devnode::chain::config::CHAIN_ID)]
    chain_id: u64,
    /// Ether of the dev account, and of every account given with --account.
    #[arg(long, default_value_t = 1_000)]
    balance: u64,
    /// Further accounts to fund.
    #[arg(long)]
    account: Vec<Address>,
    /// Mine an empty block every so many seconds, besides one for each transaction.
    #[arg(long)]
    block_time: Option<u64>,
    /// ArbOS version the chain begins with: 61 as Arbitrum One (Stylus 3), 51, or 40 as the default nitro-devnode image (Stylus 2).
    #[arg(long, default_value_t = NEWEST_ARBOS, value_parser = clap::value_parser!(u64).range(OLDEST_ARBOS..=NEWEST_ARBOS))]
    arbos: u64,
    /// Keep the chain in this file: fetched at the start if it is there, written at the end and when a client calls devnode_saveState.
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// Blocks to keep with their transactions, receipts and logs. Older ones are forgotten, which keeps memory steady.
    #[arg(long, value_name = "BLOCKS", default_value_t = BLOCK_HISTORY, value_parser = at_least_one)]
    history: usize,
    /// Gas every activation burns besides its work (ArbOS 59 and later); 18446744073709551615 pauses activations, as Arbitrum One did.
    #[arg(long, value_name = "GAS", default_value_t = 0)]
    activation_gas: u64,
    /// Unix seconds of the genesis block; now when absent.
    #[arg(long)]
    timestamp: Option<u64>,
    /// Longest contract code, in bytes.
    #[arg(long, default_value_t = MAX_CODE_SIZE)]
    max_code_size: usize,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();

    let arguments = Arguments::parse();
    let accounts = [DEV_ACCOUNT]
        .into_iter()
        .chain(arguments.account.iter().copied());
    let config = Config {
        host: arguments.host,
        port: arguments.port,
        chain: ChainConfig {
            chain_id: arguments.chain_id,
            accounts: accounts
                .map(|account| (account, ether(arguments.balance)))
                .collect(),
            genesis_timestamp: arguments.timestamp,
            max_code_size: arguments.max_code_size,
            arbos_version: arguments.arbos,
            activation_gas: arguments.activation_gas,
            block_history: arguments.history,
            ..ChainConfig::default()
        },
        block_time: arguments
            .block_time
            .filter(|s| *s > 0)
            .map(Duration::from_secs),
        threads: None,
        state_file: arguments.state.map(StateFile::new),
    };
    let node = Node::spawn(config)
        .await
        .context("the node did not start")?;
    println!("listening on {}", node.url());
    println!(
        "chain id {}, account {DEV_ACCOUNT}, key {DEV_KEY}",
        arguments.chain_id
    );
    told_to_stop().await.context("cannot wait for a signal")?;
    node.save_and_shutdown()
        .await
        .context("the chain is not saved")
}

/// Waits for Ctrl-C or, where there is such a thing, for the signal a supervisor ends a process with.
async fn told_to_stop() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            result = tokio::signal::ctrl_c() => result,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}

fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("a chain has at least one block".into()),
        Ok(blocks) => Ok(blocks),
        Err(error) => Err(format!("{error}")),
    }
}
