//! `novation demo`: starts the node, deploys, opens accounts, replays a crash, settles, withdraws, and proves that not a unit went missing.

pub mod builtin_crash;
pub mod cast;
pub mod conservation;
pub mod observe;
pub mod options;
pub mod real_days;
pub mod replay;
pub mod run;
pub mod smile;
pub mod spot_file;
pub mod stage;
pub mod story;
pub mod volatility_feed;

use std::time::Instant;

use anyhow::Context;
use devnode::{ChainConfig, Config, Node};

use crate::chain::Chain;
use crate::checkout::Checkout;
use crate::client::Protocol;
use crate::deploy::{self, Roles};
use crate::local_chain::dev_account;
use crate::progress::Progress;
use crate::{solidity, wasm_build};

pub use options::Options;

use observe::Observations;
use replay::Replay;
use story::Story;

/// The chain's clock starts this long before the replay, seconds: deployment takes some blocks.
const PROLOGUE: u64 = 3_600;

/// Runs the demo and prints its findings. `Ok(false)`: an identity does not hold.
pub async fn run(options: &Options, progress: &Progress) -> anyhow::Result<bool> {
    let began = Instant::now();
    let replay = read(options)?;
    let checkout = Checkout::find()?;
    solidity::compile(&checkout, progress)?;
    let programs = wasm_build::build(&checkout, progress)?;

    let node = Node::spawn(Config {
        port: 0,
        chain: ChainConfig {
            genesis_timestamp: Some(replay.start().saturating_sub(PROLOGUE)),
            ..ChainConfig::default()
        },
        ..Config::default()
    })
    .await
    .context("starting the local node")?;
    let chain = Chain::connect(node.url().parse()?).await?;
    let owner = dev_account();
    let roles = Roles {
        owner: owner.address(),
        guardian: owner.address(),
    };
    let deployment = deploy::deploy(&chain, &owner, &programs, roles, progress).await?;
    let protocol = Protocol::open(chain, &deployment)?;

    let stage = stage::set(protocol, &checkout, owner, &replay, progress).await?;
    let (opened, moved) = run::lying_venue(&stage, &replay, deployment.block).await?;
    let mut observations = Observations::begin(&stage, &replay, &stage.market().await?).await?;
    let outcome = run::crash(
        &stage,
        &replay,
        deployment.block,
        &mut observations,
        progress,
    )
    .await?;
    let left = run::withdraw_everything(&stage).await?;

    let story = Story {
        replay: &replay,
        stage: &stage,
        programs: &programs,
        observations: &observations,
        outcome: &outcome,
        left: &left,
        lying_venue: (opened, moved),
    };
    let (mut report, mut holds) = story.report().await?;
    let data = checkout.root().join("../shared/data");
    report.chapters = real_days::chapters(&data, &stage, progress).await?;
    let chapters = report.chapters.iter().flat_map(|chapter| &chapter.verdicts);
    holds &= chapters.into_iter().all(|verdict| verdict.holds);
    let path = options
        .report
        .clone()
        .unwrap_or_else(|| checkout.target().join("demo/report.html"));
    report.write(&path)?;
    story::print(&report);
    println!(
        "report: {} ({} s)",
        path.display(),
        began.elapsed().as_secs()
    );
    node.shutdown().await;
    Ok(holds)
}

fn read(options: &Options) -> anyhow::Result<Replay> {
    if options.spot.is_empty() {
        return Ok(builtin_crash::crash(options.seed));
    }
    Ok(spot_file::read(&options.spot, &options.underlying)?)
}
