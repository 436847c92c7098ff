//! One node, one deployment and one stage for all tests; every test begins from the same snapshot.

use std::io::Write;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::{env, io, thread};

use alloy::primitives::U256;
use anyhow::Context;
use devnode::{ChainConfig, Config, NodeHandle};
use novation::chain::Chain;
use novation::checkout::Checkout;
use novation::client::Protocol;
use novation::deploy::{self, Roles};
use novation::local_chain::dev_account;
use novation::progress::Progress;
use novation::wasm_build::{self, Programs};
use novation::{local_node, solidity};
use tokio::runtime::Runtime;

use crate::stage::{Site, Stage, guardian};

/// Points the tests at a node that is running already.
const RPC_URL: &str = "NOVATION_RPC_URL";
/// Its WebSocket, where that is not the same address.
const WS_URL: &str = "NOVATION_WS_URL";
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
    chain: Chain,
    http: String,
    websocket: String,
    checkout: Checkout,
    programs: Programs,
    node: Option<Arc<NodeHandle>>,
    /// The stage and the snapshot to return to. None on another node, which may know no snapshots: there every test gets a deployment and a
    /// stage of its own, since a pause or a feed of one test would meet the next.
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

/// Runs a test that sets the time or looks into storage, which only a node inside this process allows. With another node it announces itself
/// on standard error, where the harness does not swallow it.
///
/// # Panics
/// When the test fails.
pub fn on_the_local_node<T>(test: T)
where
    T: AsyncFnOnce(&Stage) -> anyhow::Result<()>,
{
    if env::var_os(RPC_URL).is_some() {
        let thread = thread::current();
        let name = thread.name().unwrap_or("a test");
        // Nobody to tell when standard error is closed.
        let _ = writeln!(io::stderr(), "local only, not run: {name}");
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
    let chain = shared.chain.clone();
    if let Some((stage, snapshot)) = shared.opening.take() {
        // A snapshot is used up by returning to it.
        chain.go_back(snapshot).await?;
        shared.opening = Some((stage.clone(), chain.snapshot().await?));
        return Ok(stage);
    }
    let stage = open(shared).await?;
    if shared.node.is_some() {
        shared.opening = Some((stage.clone(), chain.snapshot().await?));
    }
    Ok(stage)
}

/// Deploys, and sets the stage.
async fn open(shared: &Shared) -> anyhow::Result<Stage> {
    let owner = dev_account();
    let roles = Roles {
        owner: owner.address(),
        guardian: guardian().address(),
    };
    let progress = Progress::silent();
    let deployment =
        deploy::deploy(&shared.chain, &owner, &shared.programs, roles, &progress).await?;
    let protocol = Protocol::open(shared.chain.clone(), &deployment)?;
    let wei = U256::from(10).pow(U256::from(17));
    shared
        .chain
        .transfer(&owner, guardian().address(), wei)
        .await?;
    let site = Site {
        http: shared.http.clone(),
        websocket: shared.websocket.clone(),
        deployment,
    };
    Stage::set(
        &protocol,
        Arc::new(site),
        &shared.checkout,
        shared.node.clone(),
    )
    .await
}

/// Connects or starts a node, builds what is not built.
async fn start() -> anyhow::Result<Shared> {
    let checkout = Checkout::find()?;
    let progress = Progress::silent();
    solidity::compile(&checkout, &progress)?;
    let programs = wasm_build::build(&checkout, &progress)?;
    let (node, chain, http, websocket) = match env::var(RPC_URL) {
        Ok(http) => {
            let chain = Chain::connect(http.parse().context(RPC_URL)?).await?;
            let websocket = env::var(WS_URL).unwrap_or_else(|_| http.replacen("http", "ws", 1));
            (None, chain, http, websocket)
        }
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
            let (http, websocket) = (node.url(), node.ws_url());
            (Some(Arc::new(node)), chain, http, websocket)
        }
    };
    Ok(Shared {
        chain,
        http,
        websocket,
        checkout,
        programs,
        node,
        opening: None,
    })
}
