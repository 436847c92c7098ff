//! What a running program may ask of the chain around it: the seam between the WASM side (`program`) and the EVM side (`evm`).
//!
//! The WASM side charges ink, keeps the storage cache and checks pointers; the EVM side owns state, journal, access lists, refunds
//! and call frames. Gas amounts are plain EVM gas. Nothing here knows of ink.

use alloy_primitives::{Address, B256, Bytes, U256};

use super::host_trace::HostTrace;

/// Facts of the frame a program runs in; constant while it runs.
#[derive(Clone, Debug)]
pub struct FrameFacts {
    /// Acting address: whose storage and balance it is (the caller's under delegate call).
    pub contract: Address,
    /// `msg.sender` of the frame.
    pub caller: Address,
    /// `msg.value` of the frame.
    pub value: U256,
    /// `tx.origin`.
    pub origin: Address,
    /// True when state may not change.
    pub is_static: bool,
    /// True when more than one live non-delegate frame of the acting address exists.
    pub reentrant: bool,
    /// Effective gas price (= base fee).
    pub gas_price: U256,
    /// Base fee of the block.
    pub base_fee: U256,
    /// Chain id.
    pub chain_id: u64,
    /// L1 block number, as the NUMBER opcode gives it.
    pub block_number: u64,
    /// Unix seconds.
    pub block_timestamp: u64,
    /// Header gas limit.
    pub block_gas_limit: u64,
    /// Coinbase of the block.
    pub coinbase: Address,
    /// Ink per gas.
    pub ink_price: u32,
}

/// Which call instruction a program used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallKind {
    /// `CALL`
    Call,
    /// `DELEGATECALL`: keeps caller and value of the current frame.
    Delegate,
    /// `STATICCALL`
    Static,
}

/// What came of a call or a creation, as the program sees it.
#[derive(Clone, Debug)]
pub struct CallOutcome {
    /// True when the callee returned normally.
    pub success: bool,
    /// Gas to charge to the program: base cost plus what the callee did not give back.
    pub gas_cost: u64,
    /// Return data or revert data (empty on out of gas, depth, write protection).
    pub return_data: Bytes,
}

/// What came of a creation.
#[derive(Clone, Debug)]
pub struct CreateOutcome {
    /// Address of the new contract, `None` on any failure.
    pub address: Option<Address>,
    /// Gas to charge to the program.
    pub gas_cost: u64,
    /// Revert data; empty unless the constructor reverted.
    pub return_data: Bytes,
}

/// Why a request to the chain failed in a way that ends the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiFailure {
    /// The gas offered does not pay for it: the whole call runs out of gas.
    OutOfGas,
    /// A state change in a static frame, or another failure: the program reverts with empty data.
    Failure,
}

/// Requests a program makes. One implementation: the EVM side; tests of the WASM side bring a small one of their own.
pub trait EvmApi {
    /// Facts of the frame.
    fn facts(&self) -> &FrameFacts;

    /// Reads a slot from state (no program cache) and warms it. Returns the value and its SLOAD gas, 2100 cold or 100 warm.
    fn load_storage(&mut self, key: B256) -> (B256, u64);

    /// Writes the given slots in order, each priced as SSTORE of `stylus-vm.md` §1.5, refunds recorded. `gas_left` is the budget;
    /// returns the gas used. A static frame is `Failure`.
    fn store_storage(&mut self, slots: &[(B256, B256)], gas_left: u64) -> Result<u64, ApiFailure>;

    /// TLOAD (the 100 gas are charged by the WASM side).
    fn load_transient(&mut self, key: B256) -> B256;

    /// TSTORE. A static frame is `Failure`.
    fn store_transient(&mut self, key: B256, value: B256) -> Result<(), ApiFailure>;

    /// A call out, §1.6 in full: cost of access and value, 63/64, stipend, depth. `gas_left` is what the frame holds now,
    /// `gas_requested` what the program asked for.
    fn call(
        &mut self,
        kind: CallKind,
        to: Address,
        data: Bytes,
        value: U256,
        gas_left: u64,
        gas_requested: u64,
    ) -> CallOutcome;

    /// A creation, §1.7 in full; `salt` makes it CREATE2. `Err` ends the program (static frame, or gas below the base cost).
    fn create(
        &mut self,
        code: Bytes,
        endowment: U256,
        salt: Option<U256>,
        gas_left: u64,
    ) -> Result<CreateOutcome, ApiFailure>;

    /// LOG. A static frame is `Failure`.
    fn emit_log(&mut self, topics: Vec<B256>, data: Bytes) -> Result<(), ApiFailure>;

    /// Balance and access gas (2600 cold, 100 warm); warms the account.
    fn balance(&mut self, address: Address) -> (U256, u64);

    /// Code and access gas (2600 cold, 100 warm, without the 700 code charge); warms the account.
    fn code(&mut self, address: Address) -> (Bytes, u64);

    /// Code hash and access gas (2600 cold, 100 warm); warms the account.
    fn code_hash(&mut self, address: Address) -> (B256, u64);

    /// Pages (open, ever) of the transaction so far; `ever` is never journaled back.
    fn pages(&self) -> (u16, u16);

    /// The record of host calls, while one is kept.
    fn host_trace(&mut self) -> Option<&mut HostTrace> {
        None
    }

    /// Sets open pages and raises the high-water mark when needed.
    fn set_pages(&mut self, open: u16, ever: u16);
}
