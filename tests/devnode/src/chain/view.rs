//! One moment of the chain to run calls on: a state, the block they run in, and nothing of the writer's.

use std::sync::Arc;

use alloy_primitives::{Address, B256, Bytes, U256};
use revm::{
    context::{BlockEnv, CfgEnv, TxEnv},
    context_interface::{
        block::BlobExcessGasAndPrice,
        result::{EVMError, ExecutionResult, HaltReason, InvalidTransaction},
    },
};

use super::{
    State,
    config::{BASE_FEE, HEADER_GAS_LIMIT, RPC_GAS_CAP, SEQUENCER},
    error::ChainError,
};
use crate::{
    evm::{
        ArbEvm, Outcome, SPEC, TransactError,
        context::{ArbContext, BlockFacts},
        tracer::Tracer,
    },
    program::Engine,
};

/// State and block a call runs in. Cheap to clone and independent of the chain it came from.
#[derive(Clone)]
pub struct View {
    /// State before the call; overrides are written here.
    pub state: State,
    /// Block the call sees.
    pub block: BlockEnv,
    pub(super) facts: BlockFacts,
    pub(super) chain_id: u64,
    pub(super) max_code_size: usize,
    pub(super) engine: Arc<Engine>,
}

/// How a call or transaction ended, with what a client is told about it.
#[derive(Clone, Debug)]
pub enum Ending {
    /// Returned normally.
    Success(Bytes),
    /// Reverted with data.
    Reverted(Bytes),
    /// Ended by the machine; the text is geth's for that error.
    Failed {
        /// Words for the client.
        message: String,
        /// True when more gas could have helped.
        out_of_gas: bool,
    },
}

/// A finished call.
pub struct CallResult {
    /// How it ended.
    pub ending: Ending,
    /// Gas used, refund taken off.
    pub gas_used: u64,
    /// Refund included in that.
    pub gas_refunded: u64,
}

impl View {
    pub(super) fn new(
        state: State,
        facts: BlockFacts,
        timestamp: u64,
        l1_block_number: u64,
        chain_id: u64,
        max_code_size: usize,
        engine: Arc<Engine>,
    ) -> Self {
        let block = BlockEnv {
            number: U256::from(l1_block_number),
            beneficiary: SEQUENCER,
            timestamp: U256::from(timestamp),
            gas_limit: HEADER_GAS_LIMIT,
            basefee: BASE_FEE,
            difficulty: U256::ONE,
            prevrandao: Some(B256::with_last_byte(1)),
            // revm insists on a blob price after Cancun; no blob transaction is ever accepted.
            blob_excess_gas_and_price: Some(BlobExcessGasAndPrice {
                excess_blob_gas: 0,
                blob_gasprice: 1,
            }),
            slot_num: 0,
        };
        Self {
            state,
            block,
            facts,
            chain_id,
            max_code_size,
            engine,
        }
    }

    /// Runs a call that leaves no trace. Absent gas means all the RPC allows.
    pub fn call(&self, mut tx: TxEnv) -> Result<CallResult, ChainError> {
        tx.gas_limit = tx.gas_limit.min(RPC_GAS_CAP);
        tx.chain_id = Some(self.chain_id);
        let (outcome, message, _) = self.execute(tx, true, Tracer::Off)?;
        let gas = outcome.result.gas();
        Ok(CallResult {
            gas_used: outcome.result.tx_gas_used(),
            gas_refunded: gas.inner_refunded(),
            ending: ending(outcome.result, message),
        })
    }

    /// Runs a call, or once more a transaction that was mined, under the eyes of `tracer`.
    pub fn trace(
        &self,
        mut tx: TxEnv,
        is_call: bool,
        tracer: Tracer,
    ) -> Result<(Outcome, Tracer), ChainError> {
        if is_call {
            tx.gas_limit = tx.gas_limit.min(RPC_GAS_CAP);
            tx.chain_id = Some(self.chain_id);
        }
        let (outcome, _, tracer) = self.execute(tx, is_call, tracer)?;
        Ok((outcome, tracer))
    }

    /// Runs a transaction whose sender has been checked. Gives what it did, words for a failure revm has none for, and the tracer back.
    pub(super) fn execute(
        &self,
        tx: TxEnv,
        is_call: bool,
        tracer: Tracer,
    ) -> Result<(Outcome, Option<String>, Tracer), ChainError> {
        let (caller, gas_limit) = (tx.caller, tx.gas_limit);
        let mut cfg = CfgEnv::new_with_spec(SPEC).with_chain_id(self.chain_id);
        cfg.limit_contract_code_size = Some(self.max_code_size);
        cfg.tx_gas_limit_cap = Some(u64::MAX);
        // Creation makes this check itself, with the exception for Stylus prefixes.
        cfg.disable_eip3541 = true;
        // The calldata floor is an ArbOS feature that is off.
        cfg.disable_eip7623 = true;
        cfg.disable_nonce_check = is_call;
        cfg.disable_base_fee = is_call;
        // Signed transactions were checked before; calls and impersonated accounts may have code.
        cfg.disable_eip3607 = true;
        let context = ArbContext::new(self.facts.clone(), Arc::clone(&self.engine));
        let mut evm =
            ArbEvm::new(self.state.clone(), self.block.clone(), cfg, context).watched_by(tracer);
        let outcome = evm
            .transact(tx)
            .map_err(|error| refusal(error, caller, gas_limit))?;
        let message = evm.0.ctx.chain.failure.take();
        Ok((outcome, message, std::mem::take(&mut evm.0.inspector)))
    }
}

/// Turns the result of the machine into what a client hears.
pub fn ending(result: ExecutionResult, message: Option<String>) -> Ending {
    match result {
        ExecutionResult::Success { output, .. } => Ending::Success(output.into_data()),
        ExecutionResult::Revert { output, .. } => Ending::Reverted(output),
        ExecutionResult::Halt { reason, .. } => Ending::Failed {
            out_of_gas: matches!(reason, HaltReason::OutOfGas(_)),
            message: message.unwrap_or_else(|| halt_message(&reason)),
        },
    }
}

fn halt_message(reason: &HaltReason) -> String {
    match reason {
        HaltReason::OutOfGas(_) => "out of gas".into(),
        HaltReason::OpcodeNotFound | HaltReason::NotActivated => "invalid opcode".into(),
        HaltReason::InvalidFEOpcode => "invalid opcode: INVALID".into(),
        HaltReason::InvalidJump => "invalid jump destination".into(),
        HaltReason::StackUnderflow => "stack underflow".into(),
        HaltReason::StackOverflow => "stack limit reached 1024 (1023)".into(),
        HaltReason::OutOfOffset => "return data out of bounds".into(),
        HaltReason::CreateCollision => "contract address collision".into(),
        HaltReason::NonceOverflow => "nonce uint64 overflow".into(),
        HaltReason::CreateContractSizeLimit => "max code size exceeded".into(),
        HaltReason::CreateContractStartingWithEF => "invalid code: must not begin with 0xef".into(),
        HaltReason::CreateInitCodeSizeLimit => "max initcode size exceeded".into(),
        HaltReason::StateChangeDuringStaticCall | HaltReason::CallNotAllowedInsideStatic => {
            "write protection".into()
        }
        HaltReason::OutOfFunds => "insufficient balance for transfer".into(),
        HaltReason::CallTooDeep => "max call depth exceeded".into(),
        other => format!("execution failed: {other:?}"),
    }
}

fn refusal(error: TransactError, address: Address, gas_limit: u64) -> ChainError {
    match error {
        EVMError::Transaction(invalid) => match invalid {
            InvalidTransaction::CallGasCostMoreThanGasLimit { initial_gas, .. } => {
                ChainError::IntrinsicGas {
                    have: gas_limit,
                    want: initial_gas,
                }
            }
            InvalidTransaction::LackOfFundForMaxFee { fee, balance } => {
                ChainError::InsufficientFunds {
                    address,
                    have: *balance,
                    want: *fee,
                }
            }
            InvalidTransaction::CreateInitCodeSizeLimit => {
                ChainError::Invalid("max initcode size exceeded".into())
            }
            other => ChainError::Invalid(other.to_string()),
        },
        other => ChainError::Invalid(other.to_string()),
    }
}
