//! Runs the frame on top of the stack as a Stylus program.

use std::{convert::Infallible, sync::Arc};

use alloy_primitives::{Address, Bytes, U256};
use alloy_sol_types::SolError;
use revm::{
    context::ContextTr,
    context_interface::{Block, Cfg, JournalTr, Transaction, context::ContextError},
    interpreter::{
        Gas, InstructionResult, InterpreterResult,
        interpreter_types::{InputsTr, RuntimeFlag},
    },
};

use super::{
    ArbEvm,
    arbos::{
        self,
        program::{Inactive, ProgramRecord},
    },
    host_api::ProgramHost,
    precompiles::ArbWasm,
};
use crate::program::{
    EntryCharges, ProgramOutcome, ProgramStatus, StylusConfig, code_format, evm_api::FrameFacts,
    run_program,
};

impl ArbEvm {
    /// Runs the program whose frame is on top and gives the result a finished interpreter would.
    pub(super) fn run_program_frame(
        &mut self,
    ) -> Result<InterpreterResult, ContextError<Infallible>> {
        let frame = self.0.frame_stack.get();
        let depth = frame.depth;
        let gas_limit = frame.interpreter.gas.remaining();
        let code_hash = frame.interpreter.bytecode.get_or_calculate_hash();
        let code = frame.interpreter.bytecode.original_bytes();
        let calldata = frame.interpreter.input.input().bytes(&self.0.ctx);

        let version = self.0.ctx.chain.arbos_version;
        let config = arbos::stylus_config(&mut self.0.ctx.journaled_state, version);
        let now = self.0.ctx.block().timestamp().saturating_to();
        let record = match ProgramRecord::load_active(
            &mut self.0.ctx.journaled_state,
            code_hash,
            &config,
            now,
        ) {
            Ok(record) => record,
            Err(reason) => {
                return Ok(finished(
                    InstructionResult::Revert,
                    gas_limit,
                    0,
                    refusal(reason),
                ));
            }
        };
        let engine = Arc::clone(&self.0.ctx.chain.engine);
        let fragments = || self.fragments(&code, &config);
        let program = engine
            .load(&code, fragments, code_hash, &config)
            .map_err(|error| {
                ContextError::Custom(format!("active program {code_hash}: {error}"))
            })?;
        let ran_before = self.0.ctx.chain.recent.touch(code_hash);
        let cached = record.cached || (ran_before && config.caches_recent_programs);

        let facts = self.facts(&config);
        let mut host = ProgramHost::new(self, facts, depth);
        let outcome = run_program(
            &program,
            calldata,
            gas_limit,
            &mut host,
            &config,
            EntryCharges { cached },
        );
        let refund = host.refund;
        match host.fatal.take() {
            Some(error) => Err(error),
            None => Ok(charged(self.interpret(outcome, refund), gas_limit)),
        }
    }

    /// Code of the fragments of a program, for compiling it once more. Activation paid for reading them; no access list knows of this.
    fn fragments(&self, code: &[u8], config: &StylusConfig) -> Vec<Bytes> {
        let root = code_format::root(code, config).ok().flatten();
        let journal = &self.0.ctx.journaled_state;
        let code_of = |address: Address| {
            let touched = journal.state.get(&address);
            let code = touched.and_then(|account| account.info.code.as_ref());
            code.map_or_else(|| journal.db().code(&address), |code| code.original_bytes())
        };
        root.into_iter()
            .flat_map(|root| root.fragments)
            .map(code_of)
            .collect()
    }

    fn facts(&mut self, config: &StylusConfig) -> FrameFacts {
        let interpreter = &self.0.frame_stack.get().interpreter;
        let ctx = &self.0.ctx;
        let contract = interpreter.input.target_address();
        let base_fee = U256::from(ctx.block().basefee());
        FrameFacts {
            contract,
            caller: interpreter.input.caller_address(),
            value: interpreter.input.call_value(),
            origin: ctx.tx().caller(),
            is_static: interpreter.runtime_flag.is_static(),
            reentrant: ctx.chain.is_reentrant(contract),
            gas_price: base_fee,
            base_fee,
            chain_id: ctx.cfg().chain_id(),
            block_number: ctx.block().number().saturating_to(),
            block_timestamp: ctx.block().timestamp().saturating_to(),
            block_gas_limit: ctx.block().gas_limit(),
            coinbase: ctx.block().beneficiary(),
            ink_price: config.ink_price,
        }
    }

    fn interpret(&mut self, outcome: ProgramOutcome, refund: i64) -> InterpreterResult {
        let ProgramOutcome {
            status,
            gas_left,
            output,
        } = outcome;
        match status {
            ProgramStatus::Success => finished(InstructionResult::Return, gas_left, refund, output),
            ProgramStatus::Revert | ProgramStatus::Failure => {
                finished(InstructionResult::Revert, gas_left, 0, output)
            }
            ProgramStatus::OutOfInk => finished(InstructionResult::OutOfGas, 0, 0, Bytes::new()),
            // revm keeps the gas of a call that is too deep; here it is spent, hence zero.
            ProgramStatus::OutOfStack => {
                finished(InstructionResult::CallTooDeep, 0, 0, Bytes::new())
            }
        }
    }
}

/// Gas of a frame that began with `gas_limit`: what it used is in its trace.
fn charged(mut result: InterpreterResult, gas_limit: u64) -> InterpreterResult {
    let left = result.gas.remaining();
    let mut gas = Gas::new(gas_limit);
    gas.set_remaining(left.min(gas_limit));
    gas.record_refund(result.gas.refunded());
    result.gas = gas;
    result
}

fn finished(
    result: InstructionResult,
    gas_left: u64,
    refund: i64,
    output: Bytes,
) -> InterpreterResult {
    let mut gas = Gas::new(gas_left);
    gas.record_refund(refund);
    InterpreterResult {
        result,
        gas,
        output,
    }
}

fn refusal(reason: Inactive) -> Bytes {
    match reason {
        Inactive::NotActivated => ArbWasm::ProgramNotActivated {}.abi_encode(),
        Inactive::NeedsUpgrade {
            version,
            stylus_version,
        } => ArbWasm::ProgramNeedsUpgrade {
            version,
            stylusVersion: stylus_version,
        }
        .abi_encode(),
        Inactive::Expired { age } => ArbWasm::ProgramExpired { ageInSeconds: age }.abi_encode(),
    }
    .into()
}
