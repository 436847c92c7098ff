//! `novation diff-gas`: one fixed list of transactions on two nodes, and what each of them used on both.
//!
//! Signers, contracts and arguments are the same on both chains, and fresh in every run, whatever either chain went through before: zero bytes
//! of an address are cheaper than others. Where both nodes let the time be set it is set, since a margin depends on it; elsewhere the actions
//! that price options may differ by a few ink.

mod market;
mod primitives;

use std::fmt::Write;

use alloy::primitives::{Address, B256, U256, keccak256};
use alloy::providers::Provider;
use alloy::rpc::types::TransactionReceipt;
use alloy::signers::local::PrivateKeySigner;
use alloy::sol_types::SolCall;
use alloy::transports::http::reqwest::Url;
use anyhow::Context;
use devnode::{ChainConfig, Config};
use serde::Serialize;

use crate::bindings::IArbWasm;
use crate::chain::{Chain, Sent};
use crate::checkout::Checkout;
use crate::deploy::{self, ARB_WASM, DeployError, Roles};
use crate::deployment::DeploymentError;
use crate::errors::ChainError;
use crate::local_chain::dev_account;
use crate::market::MarketError;
use crate::progress::Progress;
use crate::solidity::SolidityError;
use crate::wasm_build::Programs;
use crate::{local_node, solidity, wasm_build};

/// Seconds between two actions where the time can be set.
const STEP: u64 = 60;
/// Ether that the run's signer gets from the development account.
const ENDOWMENT: u64 = 20;

/// Why the list could not be sent.
#[derive(Debug, thiserror::Error)]
pub enum DiffError {
    /// A call or transaction failed.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The programs could not be deployed.
    #[error(transparent)]
    Deploy(#[from] DeployError),
    /// The deployment lacks a program.
    #[error(transparent)]
    Deployment(#[from] DeploymentError),
    /// The market could not be set up.
    #[error(transparent)]
    Market(#[from] MarketError),
    /// The Solidity contracts are not compiled.
    #[error(transparent)]
    Solidity(#[from] SolidityError),
    /// The chain is not a development chain: its funded account would have nothing to pay with.
    #[error("chain {id} is no development chain: its id is not {expected}")]
    NotLocal {
        /// Given.
        id: u64,
        /// Allowed.
        expected: u64,
    },
    /// What must be refused went through.
    #[error("{action} went through, and must be refused")]
    NotRefused {
        /// What was tried.
        action: &'static str,
    },
    /// A key that is no scalar: once in 2^128 runs.
    #[error("this run's key is invalid: run it again")]
    Key,
    /// A series cannot be described.
    #[error("time {0} is beyond 2106")]
    Time(u64),
}

/// Options of `diff-gas`.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// JSON-RPC URL of the other node.
    #[arg(long, env = "NOVATION_RPC_URL")]
    pub rpc: Url,
    /// Print JSON instead of a table.
    #[arg(long)]
    pub json: bool,
}

/// What both chains are given alike.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Makes accounts and contracts of this run others than those of the last.
    pub run: B256,
    /// Time of the first action, unix seconds; not before either chain's latest block.
    pub start: u64,
    /// Whether the time can be set on both.
    pub sets_time: bool,
}

/// Gas of one action on both nodes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// Action.
    pub action: String,
    /// Gas on our own node.
    pub here: u64,
    /// Gas on the other.
    pub there: u64,
}

/// One chain, and what has been measured on it.
struct Run<'a> {
    chain: &'a Chain,
    checkout: &'a Checkout,
    programs: &'a Programs,
    plan: &'a Plan,
    signer: PrivateKeySigner,
    figures: Vec<(String, u64)>,
}

impl Plan {
    /// A plan that both chains can follow. `seed` tells runs apart.
    pub async fn new(here: &Chain, there: &Chain, seed: &[u8]) -> Result<Self, DiffError> {
        for chain in [here, there] {
            if !chain.is_local() {
                return Err(DiffError::NotLocal {
                    id: chain.id(),
                    expected: crate::chain::LOCAL_CHAIN_ID,
                });
            }
        }
        Ok(Self {
            run: keccak256(seed),
            start: here.time().await?.max(there.time().await?) + STEP,
            sets_time: sets_time(here).await && sets_time(there).await,
        })
    }
}

/// Whether a node knows the method that sets the next block's time. Moving it by nothing changes nothing.
async fn sets_time(chain: &Chain) -> bool {
    let nothing = serde_json::json!([0]);
    let answer: Result<serde_json::Value, _> = chain
        .provider()
        .raw_request("evm_increaseTime".into(), nothing)
        .await;
    answer.is_ok()
}

/// Compares a fresh local node with the one of the options, and prints. Returns how many actions differ.
///
/// # Errors
/// No chain there, nothing to deploy, a transaction that failed.
pub async fn run(options: &Options, progress: &Progress) -> anyhow::Result<usize> {
    let checkout = Checkout::find()?;
    solidity::compile(&checkout, progress)?;
    let programs = wasm_build::build(&checkout, progress)?;
    let there = Chain::connect(options.rpc.clone())
        .await
        .with_context(|| format!("no chain at {}", options.rpc))?;
    let config = Config {
        chain: ChainConfig {
            genesis_timestamp: Some(there.time().await?),
            ..ChainConfig::default()
        },
        ..Config::default()
    };
    let (_node, here) = local_node::spawn(config).await?;
    let seed: [u8; 32] = rand::random();
    let plan = Plan::new(&here, &there, &seed).await?;
    let comparisons = compare(&here, &there, &checkout, &programs, &plan).await?;
    if options.json {
        println!("{}", serde_json::to_string_pretty(&comparisons)?);
    } else {
        print!("{}", table(&comparisons));
        if !plan.sets_time {
            println!(
                "one of the nodes does not let the time be set: what prices options may differ by a few gas"
            );
        }
    }
    let differing = comparisons.iter().filter(|line| line.here != line.there);
    Ok(differing.count())
}

/// Sends the list to both chains at once.
pub async fn compare(
    here: &Chain,
    there: &Chain,
    checkout: &Checkout,
    programs: &Programs,
    plan: &Plan,
) -> Result<Vec<Comparison>, DiffError> {
    activate_alike(here, there, programs, plan).await?;
    let (here, there) = tokio::try_join!(
        measure(here, checkout, programs, plan),
        measure(there, checkout, programs, plan)
    )?;
    // Both ran the same code: the actions are the same, in the same order.
    Ok(here
        .into_iter()
        .zip(there)
        .map(|((action, here), (_, there))| Comparison {
            action,
            here,
            there,
        })
        .collect())
}

/// Code is activated once a chain: where one of them knows the programs already, the other gets to know them first.
async fn activate_alike(
    here: &Chain,
    there: &Chain,
    programs: &Programs,
    plan: &Plan,
) -> Result<(), DiffError> {
    let chains = [here, there];
    let mut active = [0; 2];
    for (count, chain) in active.iter_mut().zip(chains) {
        *count = active_programs(chain, programs).await;
    }
    if active == [0, 0] {
        return Ok(());
    }
    for (count, chain) in active.into_iter().zip(chains) {
        if count == programs.len() {
            continue;
        }
        let owner = dev_account();
        let roles = Roles {
            owner: owner.address(),
            guardian: key(plan, "guardian")?.address(),
        };
        deploy::deploy(chain, &owner, programs, roles, &Progress::silent()).await?;
    }
    Ok(())
}

/// How many of the programs are active on a chain.
async fn active_programs(chain: &Chain, programs: &Programs) -> usize {
    let mut active = 0;
    for built in programs {
        let known = IArbWasm::codehashVersionCall {
            codehash: built.code_hash(),
        };
        if chain.read(ARB_WASM, &known).await.is_ok() {
            active += 1;
        }
    }
    active
}

/// Sends the list to one chain. Returns gas by action, in order.
async fn measure(
    chain: &Chain,
    checkout: &Checkout,
    programs: &Programs,
    plan: &Plan,
) -> Result<Vec<(String, u64)>, DiffError> {
    let mut run = Run {
        chain,
        checkout,
        programs,
        plan,
        signer: key(plan, "signer")?,
        figures: Vec::new(),
    };
    let ether = U256::from(ENDOWMENT) * U256::from(10).pow(U256::from(18));
    chain
        .transfer(&dev_account(), run.signer.address(), ether)
        .await?;
    primitives::measure(&mut run).await?;
    market::measure(&mut run).await?;
    Ok(run.figures)
}

impl Run<'_> {
    fn note(&mut self, action: impl Into<String>, receipt: &TransactionReceipt) {
        self.figures.push((action.into(), receipt.gas_used));
    }

    /// Before an action: the time of its block, where that can be chosen. A time that runs on from here would let the slower chain price options
    /// a second later.
    async fn tick(&self) -> Result<(), DiffError> {
        if self.plan.sets_time {
            let actions = u64::try_from(self.figures.len()).unwrap_or(u64::MAX);
            let time = self.plan.start.saturating_add(actions.saturating_mul(STEP));
            self.chain.set_next_time(time).await?;
        }
        Ok(())
    }

    /// Sends a call and notes what it used.
    async fn send<C: SolCall>(
        &mut self,
        action: &'static str,
        to: Address,
        call: &C,
    ) -> Result<C::Return, DiffError> {
        self.tick().await?;
        let sent: Sent<C::Return> = self.chain.send(action, &self.signer, to, call).await?;
        self.note(action, &sent.receipt);
        Ok(sent.value)
    }

    /// Sends a call that must be refused and notes what that used.
    async fn refused<C: SolCall>(
        &mut self,
        action: &'static str,
        to: Address,
        call: &C,
    ) -> Result<(), DiffError> {
        self.tick().await?;
        let (receipt, revert) = self.chain.send_refused(&self.signer, to, call).await?;
        if revert.is_none() {
            return Err(DiffError::NotRefused { action });
        }
        self.note(action, &receipt);
        Ok(())
    }
}

/// A key of this run.
fn key(plan: &Plan, name: &str) -> Result<PrivateKeySigner, DiffError> {
    let secret = keccak256([plan.run.as_slice(), name.as_bytes()].concat());
    PrivateKeySigner::from_bytes(&secret).map_err(|_| DiffError::Key)
}

/// A table with a line per action; differences are marked.
pub fn table(comparisons: &[Comparison]) -> String {
    let mut text = format!(
        "{:<44} {:>10} {:>10} {:>10}\n",
        "action", "here", "there", "difference"
    );
    for Comparison {
        action,
        here,
        there,
    } in comparisons
    {
        let difference = i128::from(*there) - i128::from(*here);
        let shown = if difference == 0 {
            "-".to_owned()
        } else {
            format!("{difference:+}")
        };
        // Writing into a string cannot fail.
        let _ = writeln!(text, "{action:<44} {here:>10} {there:>10} {shown:>10}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_marked_with_its_sign() {
        let line = |here, there| Comparison {
            action: "deposit".into(),
            here,
            there,
        };
        let text = table(&[line(100, 100), line(100, 97), line(100, 103)]);
        let ends: Vec<_> = text
            .lines()
            .skip(1)
            .filter_map(|line| line.split_whitespace().last())
            .collect();
        assert_eq!(ends, ["-", "-3", "+3"]);
    }
}
