//! One node, one deployment and one stage for all tests; every test begins from the same snapshot.

use std::env;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use alloy::primitives::U256;
use anyhow::Context;
use devnode::{ChainConfig, Config, NodeHandle};
use novation::chain::Chain;
use novation::checkout::Checkout;
use novation::client::Protocol;
use novation::deploy::{self, Roles};
use novation::local_chain::dev_account;
use novation::progress::Progress;
use novation::{local_node, solidity, wasm_build};
use tokio::runtime::Runtime;

use crate::stage::{Stage, guardian};

/// Points the tests at a node that is running already.
const RPC_URL: &str = "NOVATION_RPC_URL";
/// Time of the local chain's first block: 2026-01-01 00:00 UTC. Fixed, so that gas is the same in every run.
const GENESIS: u64 = 1_767_225_600;

/// The node and its connections outlive every test, and so must what drives them.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("threads for the tests")
});

/// Held by the test that runs.
static SHARED: Mutex<Option<Shared>> = Mutex::new(None);

struct Shared {
    protocol: Protocol,
    checkout: Checkout,
    node: Option<Arc<NodeHandle>>,
    /// The stage and the snapshot to return to; none on a node without snapshots, which sets a new stage for every test.
    opening: Option<(Stage, serde_json::Value)>,
}

/// Runs a test on the local node, or on the one `NOVATION_RPC_URL` names.
///
/// # Panics
/// When the test fails.
pub fn on_any_node<T>(test: T)
where
    T: AsyncFnOnce(&Stage) -> anyhow::Result<()>,
{
    // A failed test leaves nothing behind: the next one returns to the snapshot.
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    let outcome = RUNTIME.block_on(async {
        let stage = next_stage(&mut shared).await.context("setting the stage")?;
        test(&stage).await
    });
    if let Err(error) = outcome {
        panic!("{error:?}");
    }
}

/// Runs a test that sets the time or looks into storage, which only our own node allows.
pub fn on_the_local_node<T>(test: T)
where
    T: AsyncFnOnce(&Stage) -> anyhow::Result<()>,
{
    if let Ok(url) = env::var(RPC_URL) {
        println!("skipped: this test sets the time or reads storage, {url} may not allow it");
        return;
    }
    on_any_node(test);
}

/// The stage as it was when it opened.
async fn next_stage(shared: &mut Option<Shared>) -> anyhow::Result<Stage> {
    if shared.is_none() {
        *shared = Some(start().await?);
    }
    let shared = shared.as_mut().context("just started")?;
    let chain = shared.protocol.chain().clone();
    if let Some((stage, snapshot)) = shared.opening.take() {
        // A snapshot is used up by returning to it.
        chain.go_back(snapshot).await?;
        shared.opening = Some((stage.clone(), chain.snapshot().await?));
        return Ok(stage);
    }
    let stage = Stage::set(&shared.protocol, &shared.checkout, shared.node.clone()).await?;
    if shared.node.is_some() {
        shared.opening = Some((stage.clone(), chain.snapshot().await?));
    }
    Ok(stage)
}

/// Connects or starts a node, builds what is not built, deploys.
async fn start() -> anyhow::Result<Shared> {
    let checkout = Checkout::find()?;
    let progress = Progress::silent();
    solidity::compile(&checkout, &progress)?;
    let programs = wasm_build::build(&checkout, &progress)?;
    let (node, chain) = match env::var(RPC_URL) {
        Ok(url) => (None, Chain::connect(url.parse()?).await?),
        Err(_) => {
            let chain = ChainConfig {
                genesis_timestamp: Some(GENESIS),
                ..ChainConfig::default()
            };
            let (node, chain) = local_node::spawn(Config {
                chain,
                ..Config::default()
            })
            .await?;
            (Some(Arc::new(node)), chain)
        }
    };
    let owner = dev_account();
    let roles = Roles {
        owner: owner.address(),
        guardian: guardian().address(),
    };
    let deployment = deploy::deploy(&chain, &owner, &programs, roles, &progress).await?;
    let protocol = Protocol::open(chain, &deployment)?;
    let wei = U256::from(10).pow(U256::from(18));
    protocol
        .chain()
        .transfer(&owner, guardian().address(), wei)
        .await?;
    Ok(Shared {
        protocol,
        checkout,
        node,
        opening: None,
    })
}
