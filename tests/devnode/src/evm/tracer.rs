//! Hooks of a trace around the frame step: geth's tracers from `revm-inspectors`, or the record of host calls.
//!
//! Both see frames of EVM and Stylus code alike, because both kinds pass through the same frame step. Instructions exist for EVM code
//! only: a struct log is empty where a program runs, and the record of host calls is what such code has instead.

use alloy_primitives::Address;
use revm::{
    context_interface::{ContextTr, JournalTr},
    handler::FrameResult,
    inspector::{
        Inspector,
        handler::{frame_end, frame_start},
    },
    interpreter::{CallScheme, CreateScheme, FrameInput, Interpreter, interpreter::EthInterpreter},
};
use revm_inspectors::tracing::DebugInspector;

use super::Ctx;
use crate::program::host_trace::HostTrace;

/// Who watches a transaction.
#[derive(Default)]
pub enum Tracer {
    /// Nobody: what every call and transaction that is not traced runs with.
    #[default]
    Off,
    /// One of geth's tracers.
    Geth(Box<DebugInspector>),
    /// The record of host calls.
    Hosts(Box<HostTrace>),
}

impl Tracer {
    /// True when somebody watches.
    pub fn is_on(&self) -> bool {
        !matches!(self, Self::Off)
    }

    /// The tracer to show every instruction to, if there is one.
    pub fn of_instructions(&mut self) -> Option<&mut DebugInspector> {
        match self {
            Self::Geth(inspector) => Some(inspector),
            Self::Off | Self::Hosts(_) => None,
        }
    }

    /// The record host calls are to be added to.
    pub fn of_host_calls(&mut self) -> Option<&mut HostTrace> {
        match self {
            Self::Hosts(trace) => Some(trace),
            Self::Off | Self::Geth(_) => None,
        }
    }

    /// A frame is about to begin.
    pub(super) fn enter(&mut self, ctx: &mut Ctx, input: &mut FrameInput) {
        match self {
            Self::Off => {}
            Self::Geth(inspector) => {
                // None of geth's tracers answers in a frame's place.
                let _ = frame_start(ctx, inspector, input);
            }
            Self::Hosts(trace) => {
                let (name, address) = opened(input);
                trace.enter(name, address);
            }
        }
    }

    /// An EVM frame is set up.
    pub(super) fn started(&mut self, ctx: &mut Ctx, interpreter: &mut Interpreter<EthInterpreter>) {
        if let Self::Geth(inspector) = self {
            inspector.initialize_interp(interpreter, ctx);
        }
    }

    /// Logs were written without an instruction: by a program, a precompile or a transfer.
    pub(super) fn logged(&mut self, ctx: &mut Ctx, first_new: usize) {
        if let Self::Geth(inspector) = self {
            let new = ctx.journal().logs().get(first_new..);
            for log in new.unwrap_or_default().to_vec() {
                inspector.log(ctx, log);
            }
        }
    }

    /// A frame is over.
    pub(super) fn leave(&mut self, ctx: &mut Ctx, input: &FrameInput, result: &mut FrameResult) {
        match self {
            Self::Off => {}
            Self::Geth(inspector) => frame_end(ctx, inspector, input, result),
            Self::Hosts(trace) => trace.exit(match result {
                FrameResult::Create(created) => created.address,
                FrameResult::Call(_) => None,
            }),
        }
    }
}

/// Name of the instruction that opens a frame, and whose code it runs.
fn opened(input: &FrameInput) -> (&'static str, Address) {
    match input {
        FrameInput::Call(call) => {
            let name = match call.scheme {
                CallScheme::Call | CallScheme::CallCode => "evm_call_contract",
                CallScheme::DelegateCall => "evm_delegate_call_contract",
                CallScheme::StaticCall => "evm_static_call_contract",
            };
            (name, call.bytecode_address)
        }
        FrameInput::Create(create) => {
            let name = match create.scheme() {
                CreateScheme::Create2 { .. } => "evm_create2",
                CreateScheme::Create | CreateScheme::Custom { .. } => "evm_create1",
            };
            (name, Address::ZERO)
        }
        FrameInput::Empty => ("evm_call_contract", Address::ZERO),
    }
}
