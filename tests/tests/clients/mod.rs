//! Clients nobody here wrote, unpatched and at locked versions, against the node and the deployment.

mod cargo_stylus;
mod cargo_stylus_trace;
mod cast;
mod ethers;
mod solidity_and_stylus;
mod stylus_project;
mod viem;

use std::path::Path;
use std::process::Command;
use std::{fs, str};

use anyhow::{Context, ensure};
use end_to_end::Stage;

/// Runs `scripts/solidity/clients/{script}` on the stage. `checks`: how many it must make, since a script that ends early without a word must
/// not pass.
fn run_script(stage: &Stage, script: &str, checks: usize) -> anyhow::Result<()> {
    let record = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{script}-deployment.json"));
    stage.site.deployment.write(&record)?;
    let output = Command::new("node")
        .arg(stage.checkout.solidity().join("clients").join(script))
        .arg(&stage.site.http)
        .arg(&record)
        .arg(stage.checkout.solidity_out())
        .arg(stage.owner.to_bytes().to_string())
        .arg(&stage.site.websocket)
        .output()
        .context("cannot run node (Node.js 20 or newer)")?;
    fs::remove_file(&record)?;
    let (printed, errors) = (
        str::from_utf8(&output.stdout)?,
        str::from_utf8(&output.stderr)?,
    );
    ensure!(output.status.success(), "{script}:\n{printed}{errors}");
    let passed = printed
        .lines()
        .filter(|line| line.starts_with("ok "))
        .count();
    ensure!(
        passed == checks,
        "{script} made {passed} checks, not {checks}:\n{printed}"
    );
    println!("{printed}");
    Ok(())
}
