//! A JavaScript client that nobody here wrote, against the node and the deployed contracts.

use std::path::Path;
use std::process::Command;
use std::{fs, str};

use anyhow::{Context, ensure};
use devnode::Config;
use novation::checkout::Checkout;
use novation::deploy::{self, Roles};
use novation::local_chain::dev_account;
use novation::progress::Progress;
use novation::{local_node, solidity, wasm_build};

/// Checks in `scripts/solidity/clients/viem.mjs`: a script that ends early without a word must not pass.
const CHECKS: usize = 9;

#[tokio::test(flavor = "multi_thread")]
async fn viem_deploys_trades_and_reads_reverts() -> anyhow::Result<()> {
    let (checkout, progress) = (Checkout::find()?, Progress::silent());
    solidity::compile(&checkout, &progress)?;
    let programs = wasm_build::build(&checkout, &progress)?;
    let (node, chain) = local_node::spawn(Config::default()).await?;
    let owner = dev_account();
    let roles = Roles {
        owner: owner.address(),
        guardian: owner.address(),
    };
    let deployment = deploy::deploy(&chain, &owner, &programs, roles, &progress).await?;
    let record = Path::new(env!("CARGO_TARGET_TMPDIR")).join("viem-deployment.json");
    deployment.write(&record)?;

    let mut client = Command::new("node");
    client
        .arg(checkout.solidity().join("clients/viem.mjs"))
        .arg(node.url())
        .arg(&record)
        .arg(checkout.solidity_out())
        .arg(owner.to_bytes().to_string());
    // The node runs on this runtime: waiting must not take one of its threads.
    let output = tokio::task::spawn_blocking(move || client.output()).await?;
    let output = output.context("cannot run node (Node.js 18 or newer)")?;
    fs::remove_file(&record)?;
    let (printed, errors) = (
        str::from_utf8(&output.stdout)?,
        str::from_utf8(&output.stderr)?,
    );
    ensure!(output.status.success(), "viem:\n{printed}{errors}");
    let passed = printed.lines().filter(|line| line.starts_with("ok "));
    ensure!(
        passed.count() == CHECKS,
        "viem made other checks than the {CHECKS} it should:\n{printed}"
    );
    println!("{printed}");
    Ok(())
}
