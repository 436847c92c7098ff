//! `debug_traceTransaction`, `debug_traceCall`, `debug_traceBlockBy…`: geth's tracers, and the record of host calls `cargo stylus` reads.

use std::sync::Arc;

use alloy_eips::BlockId;
use alloy_primitives::{B256, b256, keccak256};
use alloy_rpc_types_eth::{BlockOverrides, TransactionRequest, state::StateOverride};
use jsonrpsee::{core::RegisterMethodError, types::ErrorObjectOwned};
use revm::{
    context::TxEnv,
    context_interface::result::{ExecResultAndState, ExecutionResult},
    state::EvmState,
};
use revm_inspectors::tracing::{DebugInspector, TransactionContext};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Map, Value, json};

use super::{Answer, Api, Methods, arguments::Arguments, calls, error, json as to_json};
use crate::{
    chain::{BlockRecord, View, transaction},
    evm::tracer::Tracer,
    program::host_trace::{HostTrace, MAX_BYTES, MAX_STEPS},
};

/// Instructions a struct log may hold: some 32 M gas would buy ten million, each of which takes half a kilobyte.
const MAX_INSTRUCTIONS: u64 = 200_000;
/// Name of the tracer of host calls on Nitro.
const STYLUS_TRACER: &str = "stylusTracer";
/// Without `--use-native-tracer`, `cargo stylus` sends a script that gathers the same record. No script runs here, but that one is known
/// by its hash, white space left out (cargo-stylus 0.10.10).
const STYLUS_SCRIPT: B256 =
    b256!("0xf8508724b38d6317ccf19127fd8e847c4c0dfc448d57c65cb20c9b6174c37c50");

/// Adds the methods of this file.
pub fn register(methods: &mut Methods) -> Result<(), RegisterMethodError> {
    methods.task("debug_traceTransaction", trace_transaction)?;
    methods.task("debug_traceCall", trace_call)?;
    methods.task("debug_traceBlockByNumber", trace_block)?;
    methods.task("debug_traceBlockByHash", trace_block)
}

/// Options of a call's trace; those of its tracer stand beside them.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct CallOptions {
    state_overrides: Option<StateOverride>,
    block_overrides: Option<BlockOverrides>,
    tx_index: Option<IgnoredAny>,
}

async fn trace_transaction(api: Arc<Api>, mut args: Arguments) -> Answer {
    let hash: B256 = args.required()?;
    let options = args.optional()?.unwrap_or_default();
    let job = {
        let chain = api.chain();
        let (block, index, _) = chain
            .transaction(&hash)
            .ok_or_else(|| error::server("transaction not found"))?;
        let view = chain.view_before(block).map_err(|e| error::chain(&e))?;
        Job::of_mined(view, block, index)?
    };
    job.run(api, options).await
}

async fn trace_block(api: Arc<Api>, mut args: Arguments) -> Answer {
    let id: BlockId = args.required()?;
    let options: Map<String, Value> = args.optional()?.unwrap_or_default();
    let (block, view) = {
        let chain = api.chain();
        let block = chain
            .block(id)
            .map_err(|e| error::chain(&e))?
            .ok_or_else(|| error::server("block not found"))?;
        if block.number() == 0 {
            return Err(error::server("genesis is not traceable"));
        }
        let view = chain.view_before(block).map_err(|e| error::chain(&e))?;
        (Arc::clone(block), view)
    };
    let mut traces = Vec::new();
    // One transaction a block: each runs on the state before it.
    for (index, record) in block.transactions.iter().enumerate() {
        let job = Job::of_mined(view.clone(), &block, index)?;
        let result = job.run(Arc::clone(&api), options.clone()).await?;
        traces.push(json!({ "txHash": record.transaction.tx_hash(), "result": result }));
    }
    Ok(Value::Array(traces))
}

async fn trace_call(api: Arc<Api>, mut args: Arguments) -> Answer {
    let request: TransactionRequest = args.required()?;
    let block = args.block()?;
    let options: Map<String, Value> = args.optional()?.unwrap_or_default();
    let given: CallOptions = serde_json::from_value(Value::Object(options.clone()))
        .map_err(|e| error::invalid_params(&format!("invalid argument 2: {e}")))?;
    if given.tx_index.is_some() {
        return Err(error::server(
            "txIndex is not supported: a block holds one transaction",
        ));
    }
    let view = calls::overridden_view(&api, block, given.state_overrides, given.block_overrides)?;
    let tx = calls::environment(request, &view)?;
    let job = Job {
        view,
        tx,
        is_call: true,
        place: None,
    };
    job.run(api, options).await
}

/// Something to run under a tracer.
struct Job {
    view: View,
    tx: TxEnv,
    is_call: bool,
    place: Option<TransactionContext>,
}

impl Job {
    fn of_mined(view: View, block: &BlockRecord, index: usize) -> Result<Self, ErrorObjectOwned> {
        let record = block.transactions.get(index);
        let record = record.ok_or_else(|| error::server("transaction not found"))?;
        Ok(Self {
            view,
            tx: transaction::environment(&record.transaction),
            is_call: false,
            place: Some(TransactionContext {
                block_hash: Some(block.hash()),
                tx_index: Some(index),
                tx_hash: Some(*record.transaction.tx_hash()),
            }),
        })
    }

    async fn run(self, api: Arc<Api>, options: Map<String, Value>) -> Answer {
        let tracer = tracer(options)?;
        api.on_machine(move |_| self.trace(tracer))
            .await
            .map_err(error::lost)?
    }

    fn trace(self, tracer: Tracer) -> Answer {
        let traced = self.view.trace(self.tx.clone(), self.is_call, tracer);
        let (outcome, tracer) = traced.map_err(|e| error::chain(&e))?;
        match tracer {
            Tracer::Off => Ok(Value::Null),
            Tracer::Hosts(trace) => to_json(trace.finish().ok_or_else(too_long)?),
            Tracer::Geth(mut inspector) => {
                let result: ExecResultAndState<ExecutionResult, EvmState> =
                    ExecResultAndState::new(outcome.result, outcome.changes);
                let mut state = self.view.state.clone();
                let trace = inspector
                    .get_result(self.place, &self.tx, &self.view.block, &result, &mut state)
                    .map_err(|e| error::server(&e.to_string()))?;
                to_json(trace)
            }
        }
    }
}

fn too_long() -> ErrorObjectOwned {
    error::server(&format!(
        "trace too long: more than {MAX_STEPS} host calls or {MAX_BYTES} bytes of their data"
    ))
}

/// The tracer the options name; geth's struct log when they name none.
fn tracer(mut options: Map<String, Value>) -> Result<Tracer, ErrorObjectOwned> {
    let name = options.get("tracer").and_then(Value::as_str).unwrap_or("");
    if name == STYLUS_TRACER || is_stylus_script(name) {
        return Ok(Tracer::Hosts(Box::<HostTrace>::default()));
    }
    // A script, not a name: geth's own names are letters and digits.
    if !name.chars().all(|c| c.is_ascii_alphanumeric()) {
        return Err(error::server(
            "tracers in JavaScript are not supported, but for the script of cargo-stylus 0.10.10; use a tracer by name",
        ));
    }
    if name.is_empty() {
        let asked = options.get("limit").and_then(Value::as_u64).unwrap_or(0);
        let limit = if asked == 0 { MAX_INSTRUCTIONS } else { asked };
        options.insert("limit".into(), limit.min(MAX_INSTRUCTIONS).into());
    } else if !TRACERS.contains(&name) {
        return Err(error::server(&format!("tracer not found: {name}")));
    }
    let options = serde_json::from_value(Value::Object(options))
        .map_err(|e| error::invalid_params(&format!("invalid tracer options: {e}")))?;
    let inspector = DebugInspector::new(options).map_err(|e| error::server(&e.to_string()))?;
    Ok(Tracer::Geth(Box::new(inspector)))
}

/// geth's tracers that record no instructions, so that what they hold is bounded by the frames.
const TRACERS: [&str; 5] = [
    "callTracer",
    "prestateTracer",
    "4byteTracer",
    "flatCallTracer",
    "noopTracer",
];

fn is_stylus_script(script: &str) -> bool {
    let bare: String = script.split_whitespace().collect();
    bare.starts_with('{') && keccak256(&bare) == STYLUS_SCRIPT
}
