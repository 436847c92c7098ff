//! JSON-RPC 2.0 over HTTP and WebSocket: the methods wallets, libraries and `cargo stylus` use, with geth's errors.

mod access_list;
mod arguments;
mod blocks;
mod calls;
mod control;
mod edits;
mod error;
mod facts;
mod filters;
mod format;
mod logs;
mod proof;
mod send;
mod subscriptions;
mod traces;
mod unknown_methods;

use std::{
    future::Future,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jsonrpsee::{
    RpcModule,
    core::RegisterMethodError,
    server::{
        BatchRequestConfig, Server, ServerConfig, ServerHandle, middleware::rpc::RpcServiceBuilder,
    },
    types::ErrorObjectOwned,
};
use serde::Serialize;
use serde_json::Value;
use thiserror::Error;

use self::{
    arguments::Arguments, filters::Filters, subscriptions::HexIds, unknown_methods::KnownMethods,
};
use crate::{
    chain::Chain,
    executor::{Executor, JobLost},
    state_file::StateFile,
};

/// Largest request taken, in bytes.
const MAX_REQUEST: u32 = 5 * 1024 * 1024;
/// Largest answer given: a filter over a long chain may be wide.
const MAX_RESPONSE: u32 = 64 * 1024 * 1024;
const MAX_CONNECTIONS: u32 = 512;
/// Requests in a batch, geth's number.
const MAX_BATCH: u32 = 1_000;

/// What a method answers.
pub type Answer = Result<Value, ErrorObjectOwned>;

/// Why the server did not start.
#[derive(Debug, Error)]
pub enum ServerError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// Asked for.
        address: SocketAddr,
        /// Of the operating system.
        source: io::Error,
    },
    /// Two methods of one name; a fault of this program.
    #[error(transparent)]
    Register(#[from] RegisterMethodError),
}

/// The chain and the threads that may run it.
pub struct Api {
    chain: Arc<Mutex<Chain>>,
    executor: Executor,
    state_file: Option<StateFile>,
    filters: Mutex<Filters>,
}

impl Api {
    /// Serves `chain`, running the machine on `executor`; `state_file` is where a client may have it saved.
    pub fn new(
        chain: Arc<Mutex<Chain>>,
        executor: Executor,
        state_file: Option<StateFile>,
    ) -> Self {
        Self {
            chain,
            executor,
            state_file,
            filters: Mutex::default(),
        }
    }

    /// The chain. Held only for look-ups and for mining; calls run on a view after the lock is gone.
    fn chain(&self) -> MutexGuard<'_, Chain> {
        self.chain.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Installed filters. Taken after the chain where both are needed.
    fn filters(&self) -> MutexGuard<'_, Filters> {
        self.filters.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs on a thread whose stack is large enough for the machine.
    async fn on_machine<T: Send + 'static>(
        self: &Arc<Self>,
        job: impl FnOnce(&Api) -> T + Send + 'static,
    ) -> Result<T, JobLost> {
        let api = Arc::clone(self);
        self.executor.run(move || job(&api)).await
    }
}

/// Starts to serve; the address actually taken comes with the handle.
pub async fn serve(
    api: Arc<Api>,
    address: SocketAddr,
) -> Result<(SocketAddr, ServerHandle), ServerError> {
    let config = ServerConfig::builder()
        .max_request_body_size(MAX_REQUEST)
        .max_response_body_size(MAX_RESPONSE)
        .max_connections(MAX_CONNECTIONS)
        .set_batch_request_config(BatchRequestConfig::Limit(MAX_BATCH))
        .set_id_provider(HexIds::default())
        // A request that never ends must not hold its connection for ever.
        .set_first_request_timeout(Some(Duration::from_secs(30)))
        .build();
    let listen = |source| ServerError::Listen { address, source };
    let mut methods = Methods {
        module: RpcModule::from_arc(api),
    };
    facts::register(&mut methods)?;
    proof::register(&mut methods)?;
    blocks::register(&mut methods)?;
    calls::register(&mut methods)?;
    send::register(&mut methods)?;
    logs::register(&mut methods)?;
    filters::register(&mut methods)?;
    control::register(&mut methods)?;
    edits::register(&mut methods)?;
    access_list::register(&mut methods)?;
    subscriptions::register(&mut methods)?;
    traces::register(&mut methods)?;
    let known = Arc::new(methods.module.method_names().collect());
    let middleware = RpcServiceBuilder::new()
        .layer_fn(move |service| KnownMethods::new(service, Arc::clone(&known)));
    let server = Server::builder()
        .set_config(config)
        .set_rpc_middleware(middleware)
        .build(address)
        .await
        .map_err(listen)?;
    let taken = server.local_addr().map_err(listen)?;
    Ok((taken, server.start(methods.module)))
}

/// The table of methods while it is being filled.
struct Methods {
    module: RpcModule<Api>,
}

impl Methods {
    /// Adds a method that only looks something up.
    fn query(
        &mut self,
        name: &'static str,
        method: fn(&Api, &mut Arguments) -> Answer,
    ) -> Result<(), RegisterMethodError> {
        self.module
            .register_method(name, move |params, api, _| -> Answer {
                method(api, &mut Arguments::parse(&params)?)
            })?;
        Ok(())
    }

    /// Adds a method that has several names.
    fn query_as(
        &mut self,
        names: &[&'static str],
        method: fn(&Api, &mut Arguments) -> Answer,
    ) -> Result<(), RegisterMethodError> {
        names.iter().try_for_each(|name| self.query(name, method))
    }

    /// Adds a method that runs the machine or waits.
    fn task<F>(
        &mut self,
        name: &'static str,
        method: fn(Arc<Api>, Arguments) -> F,
    ) -> Result<(), RegisterMethodError>
    where
        F: Future<Output = Answer> + Send + 'static,
    {
        self.module
            .register_async_method(name, move |params, api, _| async move {
                method(api, Arguments::parse(&params)?).await
            })?;
        Ok(())
    }
}

/// Any value as JSON.
fn json(value: impl Serialize) -> Answer {
    serde_json::to_value(value).map_err(|error| error::internal(&error.to_string()))
}

/// A number as clients expect numbers.
fn quantity(number: u64) -> Answer {
    Ok(Value::String(format!("{number:#x}")))
}
