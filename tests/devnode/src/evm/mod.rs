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

use self::{context::ArbContext, handler::ArbHandler, precompiles::ArbPrecompiles};
use crate::chain::State;

/// Ethereum rules in force: ArbOS 50 and later run the execution side of Osaka.
pub const SPEC: SpecId = SpecId::OSAKA;

/// revm context over the persistent state, with the ArbOS facts of the transaction beside it.
pub type Ctx =
    Context<BlockEnv, TxEnv, CfgEnv, State, Journal<State, JournalEntry>, ArbContext, LocalContext>;

/// Errors that end a transaction before or outside execution.
pub type TransactError = EVMError<Infallible>;

type Inner =
    Evm<Ctx, (), EthInstructions<EthInterpreter, Ctx>, ArbPrecompiles, EthFrame<EthInterpreter>>;

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
    /// A machine over `state`.
    pub fn new(state: State, block: BlockEnv, cfg: CfgEnv, chain: ArbContext) -> Self {
        let mut journal = Journal::new(state);
        journal.set_spec_id(SPEC);
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
            inspector: (),
            instruction: EthInstructions::new_mainnet_with_spec(SPEC),
            precompiles: ArbPrecompiles::default(),
            frame_stack: FrameStack::new_prealloc(8),
        })
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
