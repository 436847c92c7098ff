//! `novation diff-gas`: nothing differs between two local nodes, whatever happened on one of them before; another price shows.

use alloy::primitives::{Address, U256, address};
use anyhow::{Context, ensure};
use devnode::Config;
use novation::bindings::IArbOwner;
use novation::checkout::Checkout;
use novation::diff_gas::{Comparison, Plan, compare};
use novation::local_chain::dev_account;
use novation::market::deploy_token;
use novation::program::Program;
use novation::progress::Progress;
use novation::{local_node, solidity, wasm_build};

const ARB_OWNER: Address = address!("0000000000000000000000000000000000000070");
/// Actions on the list: 21 that every chain has, the deployment of each program, 26 of the market.
const ACTIONS: usize = 21 + Program::ALL.len() + 26;

#[tokio::test(flavor = "multi_thread")]
async fn two_local_nodes_agree_until_one_sells_ink_at_another_price() -> anyhow::Result<()> {
    let (checkout, progress) = (Checkout::find()?, Progress::silent());
    solidity::compile(&checkout, &progress)?;
    let programs = wasm_build::build(&checkout, &progress)?;
    let (_here, here) = local_node::spawn(Config::default()).await?;
    let (_there, there) = local_node::spawn(Config::default()).await?;
    // The other one has a past: nonces, contracts, a clock ahead.
    there.set_time(there.time().await? + 86_400).await?;
    let owner = dev_account();
    deploy_token(&there, &checkout, &owner, "Old", "OLD", 18).await?;
    let plan = Plan::new(&here, &there, b"first").await?;
    ensure!(plan.sets_time, "local nodes let the time be set");
    let figures = compare(&here, &there, &checkout, &programs, &plan).await?;
    let differing: Vec<_> = figures
        .iter()
        .filter(|line| line.here != line.there)
        .collect();
    ensure!(differing.is_empty(), "{differing:#?}");
    ensure!(figures.len() == ACTIONS, "{} actions", figures.len());

    // Half the gas for the same ink. A third node has never seen the programs, which the other has: nothing differs for that.
    let price = IArbOwner::setInkPriceCall { price: 20_000 };
    there.send("ink price", &owner, ARB_OWNER, &price).await?;
    let (_here, here) = local_node::spawn(Config::default()).await?;
    let plan = Plan::new(&here, &there, b"second").await?;
    let figures = compare(&here, &there, &checkout, &programs, &plan).await?;
    let find = |action: &str| -> anyhow::Result<&Comparison> {
        let mut found = figures.iter().filter(|line| line.action == action);
        found.next().with_context(|| format!("no {action}"))
    };
    for action in [
        "trade",
        "margin check, 1 leg",
        "bid in an auction",
        "trivial program call, cached",
    ] {
        let line = find(action)?;
        ensure!(line.there < line.here, "{line:?}");
    }
    for action in [
        "cache a program",
        "transfer to an empty account",
        "ERC-20, transfer",
        "storage, empty to value",
        "CREATE2 through the factory",
    ] {
        let line = find(action)?;
        ensure!(
            line.there == line.here && U256::from(line.here) > U256::ZERO,
            "{line:?}"
        );
    }
    Ok(())
}
