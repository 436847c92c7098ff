//! What a running program asks of the chain, answered from revm's journal: [`EvmApi`] over the machine itself.
//!
//! Calls and creations run to their end inside the request, on the same journal and the same frame stack, so rollback, access lists,
//! value, logs and refunds are those of ordinary EVM calls.

use std::convert::Infallible;

use alloy_primitives::{Address, B256, Bytes, Log, LogData, U256};
use revm::{
    context::ContextTr,
    context_interface::{Cfg, JournalTr, context::ContextError},
    handler::FrameResult,
    interpreter::{
        CallInput, CallInputs, CallScheme, CallValue, CreateInputs, CreateScheme, FrameInput,
        InstructionResult, interpreter_action::FrameInit,
    },
    state::Bytecode,
};

use super::{ArbEvm, sstore};
use crate::program::{
    evm_api::{ApiFailure, CallKind, CallOutcome, CreateOutcome, EvmApi, FrameFacts},
    host_trace::HostTrace,
};

const WARM_ACCESS: u64 = 100;
const COLD_ACCESS: u64 = 2_600;
const COLD_SLOAD: u64 = 2_100;
const NEW_ACCOUNT: u64 = 25_000;
const VALUE_TRANSFER: u64 = 9_000;
const STIPEND: u64 = 2_300;
const CREATE: u64 = 32_000;
const HASH_WORD: u64 = 6;

/// The chain as one program frame sees it.
pub struct ProgramHost<'a> {
    evm: &'a mut ArbEvm,
    facts: FrameFacts,
    depth: usize,
    /// Refunds of this frame and of the calls that succeeded below it.
    pub refund: i64,
    /// An error of the machine itself, to be raised once the program has unwound.
    pub fatal: Option<ContextError<Infallible>>,
}

impl<'a> ProgramHost<'a> {
    /// A host for the frame on top of the stack, `depth` frames down.
    pub fn new(evm: &'a mut ArbEvm, facts: FrameFacts, depth: usize) -> Self {
        Self {
            evm,
            facts,
            depth,
            refund: 0,
            fatal: None,
        }
    }

    fn run(&mut self, frame_input: FrameInput) -> Option<FrameResult> {
        let frame = self.evm.0.frame_stack.get();
        let memory = frame.interpreter.memory.new_child_context();
        let outcome = self.evm.run_nested(FrameInit {
            depth: self.depth + 1,
            memory,
            frame_input,
        });
        self.evm
            .0
            .frame_stack
            .get()
            .interpreter
            .memory
            .free_child_context();
        match outcome {
            Ok(result) => {
                if result.instruction_result().is_ok() {
                    self.refund = self.refund.saturating_add(result.gas().refunded());
                }
                Some(result)
            }
            Err(error) => {
                self.fatal.get_or_insert(error);
                None
            }
        }
    }

    /// Loads the callee and what runs there, EIP-7702 delegation resolved. Gives (code hash, code), emptiness, coldness.
    fn load_callee(&mut self, address: Address) -> ((B256, Bytecode), bool, bool) {
        let journal = self.evm.0.ctx.journal_mut();
        let account = infallible(journal.load_account_with_code(address));
        let (empty, cold) = (account.info.is_empty(), account.is_cold);
        let mut code = (
            account.info.code_hash(),
            account.info.code.clone().unwrap_or_default(),
        );
        if let Some(delegate) = code.1.eip7702_address() {
            let account = infallible(journal.load_account_with_code(delegate));
            code = (
                account.info.code_hash(),
                account.info.code.clone().unwrap_or_default(),
            );
        }
        (code, empty, cold)
    }
}

/// The state behind the journal is in memory and cannot fail.
fn infallible<T>(result: Result<T, Infallible>) -> T {
    match result {
        Ok(value) => value,
        Err(never) => match never {},
    }
}

fn failed(gas_cost: u64) -> CallOutcome {
    CallOutcome {
        success: false,
        gas_cost,
        return_data: Bytes::new(),
    }
}

/// Gas a finished frame hands back: a halt keeps everything.
fn returned(result: &FrameResult) -> u64 {
    if result.instruction_result().is_ok_or_revert() {
        result.gas().remaining()
    } else {
        0
    }
}

fn access_gas(is_cold: bool) -> u64 {
    if is_cold { COLD_ACCESS } else { WARM_ACCESS }
}

impl EvmApi for ProgramHost<'_> {
    fn facts(&self) -> &FrameFacts {
        &self.facts
    }

    fn load_storage(&mut self, key: B256) -> (B256, u64) {
        let journal = self.evm.0.ctx.journal_mut();
        let slot = infallible(journal.sload(self.facts.contract, key.into()));
        (
            slot.data.into(),
            if slot.is_cold {
                COLD_SLOAD
            } else {
                WARM_ACCESS
            },
        )
    }

    fn store_storage(&mut self, slots: &[(B256, B256)], gas_left: u64) -> Result<u64, ApiFailure> {
        if slots.is_empty() {
            return Ok(0);
        }
        if self.facts.is_static {
            return Err(ApiFailure::Failure);
        }
        let mut budget = gas_left;
        for (key, value) in slots {
            let journal = self.evm.0.ctx.journal_mut();
            let write =
                infallible(journal.sstore(self.facts.contract, (*key).into(), (*value).into()));
            let cost = sstore::cost(&write.data, write.is_cold);
            // A budget spent to the last unit counts as exceeded: the host offers one more than the frame holds.
            budget = budget
                .checked_sub(cost)
                .filter(|left| *left > 0)
                .ok_or(ApiFailure::OutOfGas)?;
            self.refund = self.refund.saturating_add(sstore::refund(&write.data));
        }
        Ok(gas_left - budget)
    }

    fn load_transient(&mut self, key: B256) -> B256 {
        self.evm
            .0
            .ctx
            .journal_mut()
            .tload(self.facts.contract, key.into())
            .into()
    }

    fn store_transient(&mut self, key: B256, value: B256) -> Result<(), ApiFailure> {
        if self.facts.is_static {
            return Err(ApiFailure::Failure);
        }
        self.evm
            .0
            .ctx
            .journal_mut()
            .tstore(self.facts.contract, key.into(), value.into());
        Ok(())
    }

    fn call(
        &mut self,
        kind: CallKind,
        to: Address,
        data: Bytes,
        value: U256,
        gas_left: u64,
        gas_requested: u64,
    ) -> CallOutcome {
        // Only CALL moves value; the other two are given zero by the program side.
        let value = if kind == CallKind::Call {
            value
        } else {
            U256::ZERO
        };
        let transfers = !value.is_zero();
        if self.facts.is_static && transfers {
            return failed(0);
        }
        let (code, empty, cold) = self.load_callee(to);
        let mut base = access_gas(cold);
        if transfers {
            base += VALUE_TRANSFER + if empty { NEW_ACCOUNT } else { 0 };
        }
        let Some(after_base) = gas_left.checked_sub(base) else {
            return failed(gas_left);
        };
        let mut gas = forwardable(after_base).min(gas_requested.min(gas_left));
        if transfers {
            gas = gas.saturating_add(STIPEND);
        }

        let (target_address, caller, value, scheme) = match kind {
            CallKind::Call => (
                to,
                self.facts.contract,
                CallValue::Transfer(value),
                CallScheme::Call,
            ),
            CallKind::Delegate => (
                self.facts.contract,
                self.facts.caller,
                CallValue::Apparent(self.facts.value),
                CallScheme::DelegateCall,
            ),
            CallKind::Static => (
                to,
                self.facts.contract,
                CallValue::Transfer(U256::ZERO),
                CallScheme::StaticCall,
            ),
        };
        let result = self.run(FrameInput::Call(Box::new(CallInputs {
            input: CallInput::Bytes(data),
            return_memory_offset: 0..0,
            gas_limit: gas,
            reservoir: 0,
            bytecode_address: to,
            known_bytecode: code,
            target_address,
            caller,
            value,
            scheme,
            is_static: self.facts.is_static || kind == CallKind::Static,
            charged_new_account_state_gas: false,
        })));
        let Some(result) = result else {
            return failed(gas_left);
        };
        CallOutcome {
            success: result.instruction_result().is_ok(),
            gas_cost: base.saturating_add(gas - returned(&result).min(gas)),
            return_data: if result.instruction_result().is_ok_or_revert() {
                result.interpreter_result().output.clone()
            } else {
                Bytes::new()
            },
        }
    }

    fn create(
        &mut self,
        code: Bytes,
        endowment: U256,
        salt: Option<U256>,
        gas_left: u64,
    ) -> Result<CreateOutcome, ApiFailure> {
        if self.facts.is_static {
            return Err(ApiFailure::Failure);
        }
        let words = (code.len() as u64).div_ceil(32);
        let base = CREATE + if salt.is_some() { HASH_WORD * words } else { 0 };
        let after_base = gas_left.checked_sub(base).ok_or(ApiFailure::OutOfGas)?;
        let withheld = after_base / 64;
        let gas = after_base - withheld;
        if code.len() > self.evm.0.ctx.cfg().max_initcode_size() {
            return Ok(CreateOutcome {
                address: None,
                gas_cost: base.saturating_add(gas),
                return_data: Bytes::new(),
            });
        }
        let scheme = match salt {
            Some(salt) => CreateScheme::Create2 { salt },
            None => CreateScheme::Create,
        };
        let inputs = CreateInputs::new(self.facts.contract, scheme, endowment, code, gas, 0);
        let result = self.run(FrameInput::Create(Box::new(inputs)));
        let Some(FrameResult::Create(created)) = result else {
            return Err(ApiFailure::OutOfGas);
        };
        let ok = created.result.result.is_ok();
        let given_back = if created.result.result.is_ok_or_revert() {
            created.result.gas.remaining()
        } else {
            0
        };
        Ok(CreateOutcome {
            address: created.address.filter(|_| ok),
            gas_cost: base.saturating_add(gas - given_back.min(gas)),
            return_data: if created.result.result == InstructionResult::Revert {
                created.result.output
            } else {
                Bytes::new()
            },
        })
    }

    fn emit_log(&mut self, topics: Vec<B256>, data: Bytes) -> Result<(), ApiFailure> {
        if self.facts.is_static {
            return Err(ApiFailure::Failure);
        }
        let data = LogData::new(topics, data).ok_or(ApiFailure::Failure)?;
        let (ctx, tracer) = (&mut self.evm.0.ctx, &mut self.evm.0.inspector);
        let first_new = ctx.journal().logs().len();
        ctx.journal_mut().log(Log {
            address: self.facts.contract,
            data,
        });
        tracer.logged(ctx, first_new);
        Ok(())
    }

    fn balance(&mut self, address: Address) -> (U256, u64) {
        let account = infallible(self.evm.0.ctx.journal_mut().load_account(address));
        (account.info.balance, access_gas(account.is_cold))
    }

    fn code(&mut self, address: Address) -> (Bytes, u64) {
        let code = infallible(self.evm.0.ctx.journal_mut().code(address));
        (code.data, access_gas(code.is_cold))
    }

    fn code_hash(&mut self, address: Address) -> (B256, u64) {
        let hash = infallible(self.evm.0.ctx.journal_mut().code_hash(address));
        (hash.data, access_gas(hash.is_cold))
    }

    fn host_trace(&mut self) -> Option<&mut HostTrace> {
        self.evm.0.inspector.of_host_calls()
    }

    fn pages(&self) -> (u16, u16) {
        (
            self.evm.0.ctx.chain.pages_open,
            self.evm.0.ctx.chain.pages_ever,
        )
    }

    fn set_pages(&mut self, open: u16, ever: u16) {
        let chain = &mut self.evm.0.ctx.chain;
        chain.pages_open = open;
        chain.pages_ever = chain.pages_ever.max(ever);
    }
}

/// 63/64 of `gas`, rounded down as one product: `gas · 63` < 2^70 does not fit the type of gas.
fn forwardable(gas: u64) -> u64 {
    u64::try_from(u128::from(gas) * 63 / 64).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::forwardable;

    #[test]
    fn one_64th_stays_with_the_caller() {
        assert_eq!(forwardable(0), 0);
        assert_eq!(forwardable(63), 62); // 63·63/64 = 62.01
        assert_eq!(forwardable(64), 63);
        assert_eq!(forwardable(6_400), 6_300);
        assert_eq!(forwardable(u64::MAX), 18_158_513_697_557_839_871); // ⌊(2^64−1)·63/64⌋
    }
}
