//! A node inside this process: configure, spawn, use its URL, shut down.

use std::{
    fmt, io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    thread::available_parallelism,
    time::Duration,
};

use jsonrpsee::server::ServerHandle;
use thiserror::Error;
use tokio::task::JoinHandle;

use crate::{
    chain::{Chain, ChainConfig, GenesisError, State},
    executor::{Executor, JobLost},
    program::{Engine, EngineError, StylusConfig, disk_cache, engine::deepest_stack},
    rpc::{self, Api, ServerError},
    state_file::{StateFile, StateFileError},
};

/// Port of Nitro's devnode.
pub const DEFAULT_PORT: u16 = 8547;

/// How to start a node.
#[derive(Clone, Debug)]
pub struct Config {
    /// Address to listen on; loopback unless told otherwise.
    pub host: IpAddr,
    /// Port to listen on; 0 takes any free one.
    pub port: u16,
    /// Settings of the chain.
    pub chain: ChainConfig,
    /// Mines an empty block this often, besides one for each transaction.
    pub block_time: Option<Duration>,
    /// Threads that run calls and transactions; one for each processor when absent.
    pub threads: Option<usize>,
    /// Where the chain is fetched from at the start, if it is there, and kept by [`NodeHandle::save_and_shutdown`].
    pub state_file: Option<StateFile>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            host: Ipv4Addr::LOCALHOST.into(),
            port: 0,
            chain: ChainConfig::default(),
            block_time: None,
            threads: None,
            state_file: None,
        }
    }
}

/// Why a node did not start.
#[derive(Debug, Error)]
pub enum NodeError {
    /// The WASM engine does not work on this machine.
    #[error("WASM engine: {0}")]
    Engine(#[from] EngineError),
    /// The genesis block could not be made.
    #[error("genesis: {0}")]
    Genesis(#[from] GenesisError),
    /// The server did not start.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// No threads to run on.
    #[error("cannot start threads: {0}")]
    Threads(#[from] io::Error),
    /// The chain could not be fetched from its file.
    #[error(transparent)]
    StateFile(#[from] StateFileError),
    /// Genesis was interrupted.
    #[error(transparent)]
    Lost(#[from] JobLost),
}

/// Starts nodes.
pub struct Node;

impl Node {
    /// Starts a node that serves until its handle is shut down or dropped.
    ///
    /// # Errors
    /// [`NodeError`]: no threads, no engine, no genesis, or the address is taken.
    pub async fn spawn(config: Config) -> Result<NodeHandle, NodeError> {
        let threads = config
            .threads
            .unwrap_or_else(|| available_parallelism().map_or(1, usize::from));
        let rules = StylusConfig::at_arbos(config.chain.arbos_version);
        let executor = Executor::start(threads, deepest_stack(&rules))?;
        let engine = Engine::new(&rules)?.with_directory(disk_cache::default_directory());
        let engine = Arc::new(engine);
        let settings = config.chain;
        let mut chain = executor.run(move || Chain::new(settings, engine)).await??;
        if let Some(file) = &config.state_file {
            file.load(&mut chain)?;
        }
        let chain = Arc::new(Mutex::new(chain));
        let miner = config
            .block_time
            .map(|every| mine_every(every, Arc::clone(&chain)));
        let state_file = config.state_file;
        let api = Arc::new(Api::new(Arc::clone(&chain), executor, state_file.clone()));
        let (address, server) = rpc::serve(api, SocketAddr::new(config.host, config.port)).await?;
        Ok(NodeHandle {
            chain,
            address,
            server,
            miner,
            state_file,
        })
    }
}

/// A running node.
pub struct NodeHandle {
    chain: Arc<Mutex<Chain>>,
    address: SocketAddr,
    server: ServerHandle,
    miner: Option<JoinHandle<()>>,
    state_file: Option<StateFile>,
}

impl NodeHandle {
    /// URL of the JSON-RPC server.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// URL of the same server for WebSocket clients.
    pub fn ws_url(&self) -> String {
        format!("ws://{}", self.address)
    }

    /// The whole state after the newest block, for comparing it slot by slot.
    pub fn state(&self) -> State {
        let chain = self.chain.lock().unwrap_or_else(PoisonError::into_inner);
        chain.state().clone()
    }

    /// Address listened on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops serving and waits until it has stopped.
    pub async fn shutdown(mut self) {
        self.stop();
        self.server.clone().stopped().await;
    }

    /// Like [`Self::shutdown`], and keeps the chain in its file if there is one.
    ///
    /// # Errors
    /// [`StateFileError`]: the file cannot be written.
    pub async fn save_and_shutdown(mut self) -> Result<(), StateFileError> {
        self.stop();
        self.server.clone().stopped().await;
        match &self.state_file {
            Some(file) => file.save(&self.chain),
            None => Ok(()),
        }
    }

    fn stop(&mut self) {
        if let Some(miner) = self.miner.take() {
            miner.abort();
        }
        // An error means it has stopped already.
        let _ = self.server.stop();
    }
}

impl fmt::Debug for NodeHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NodeHandle")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl Drop for NodeHandle {
    fn drop(&mut self) {
        self.stop();
    }
}

fn mine_every(every: Duration, chain: Arc<Mutex<Chain>>) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut interval = tokio::time::interval(every);
        interval.tick().await;
        loop {
            interval.tick().await;
            let mut chain = chain.lock().unwrap_or_else(PoisonError::into_inner);
            if let Err(error) = chain.mine(None) {
                tracing::warn!(%error, "empty block not mined");
            }
        }
    })
}
