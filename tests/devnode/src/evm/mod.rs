//! EVM side of the node: revm with frames that run Stylus programs, and the ArbOS precompiles.
//!
//! revm keeps its own frame loop; only the step that runs a frame is replaced (`frames`). A frame whose code carries the Stylus
//! prefix runs as WASM (`wasm_frame`); whatever the program asks of the chain comes back through `host_api`, which may start
//! further frames on the same journal.

pub mod arbos;
pub mod context;
mod frames;
mod handler;
mod host_api;
pub mod precompiles;
mod sstore;
pub mod tracer;
mod wasm_frame;

use revm::{
    Journal, JournalEntry,
    context::{BlockEnv, CfgEnv, Context, Evm, FrameStack, LocalContext, TxEnv},
    context_interface::{
        JournalTr,
        result::{EVMError, ExecutionResult},
    },
    handler::{EthFrame, Handler, instructions::EthInstructions},
    interpreter::interpreter::EthInterpreter,
    primitives::hardfork::SpecId,
    state::EvmState,
};
use std::convert::Infallible;

use self::{context::ArbContext, handler::ArbHandler, precompiles::ArbPrecompiles, tracer::Tracer};
use crate::{chain::State, program::config::NEWEST_ARBOS};

/// Ethereum rules of the newest ArbOS.
pub const SPEC: SpecId = spec(NEWEST_ARBOS);

/// Ethereum rules of an ArbOS version: Prague, and from 50 on the execution side of Osaka.
const fn spec(arbos: u64) -> SpecId {
    if arbos >= 50 {
        SpecId::OSAKA
    } else {
        SpecId::PRAGUE
    }
}

/// revm context over the persistent state, with the ArbOS facts of the transaction beside it.
pub type Ctx =
    Context<BlockEnv, TxEnv, CfgEnv, State, Journal<State, JournalEntry>, ArbContext, LocalContext>;

/// Errors that end a transaction before or outside execution.
pub type TransactError = EVMError<Infallible>;

type Inner = Evm<
    Ctx,
    Tracer,
    EthInstructions<EthInterpreter, Ctx>,
    ArbPrecompiles,
    EthFrame<EthInterpreter>,
>;

/// The machine: revm's, with [`frames`] in place of its frame step.
pub struct ArbEvm(pub(crate) Inner);

/// What a transaction did: its result and every account it touched.
pub struct Outcome {
    /// Status, gas, logs, output.
    pub result: ExecutionResult,
    /// Accounts to write back.
    pub changes: EvmState,
}

impl ArbEvm {
    /// A machine over `state`, whose ArbOS version decides the rules.
    pub fn new(state: State, block: BlockEnv, mut cfg: CfgEnv, mut chain: ArbContext) -> Self {
        chain.arbos_version = arbos::version_at(&state, block.timestamp.saturating_to());
        let spec = spec(chain.arbos_version);
        cfg.set_spec_and_mainnet_gas_params(spec);
        let mut journal = Journal::new(state);
        journal.set_spec_id(spec);
        Self(Evm {
            ctx: Context {
                block,
                tx: TxEnv::default(),
                cfg,
                journaled_state: journal,
                chain,
                local: LocalContext::default(),
                error: Ok(()),
            },
            inspector: Tracer::Off,
            instruction: EthInstructions::new_mainnet_with_spec(spec),
            precompiles: ArbPrecompiles::new(spec),
            frame_stack: FrameStack::new_prealloc(8),
        })
    }

    /// Lets `tracer` watch what runs from now on.
    pub fn watched_by(mut self, tracer: Tracer) -> Self {
        self.0.inspector = tracer;
        self
    }

    /// Runs one transaction to its end.
    pub fn transact(&mut self, tx: TxEnv) -> Result<Outcome, TransactError> {
        self.0.ctx.tx = tx;
        self.0.ctx.chain.begin_transaction();
        let result = ArbHandler.run(self)?;
        Ok(Outcome {
            result,
            changes: self.0.ctx.journaled_state.finalize(),
        })
    }
}
