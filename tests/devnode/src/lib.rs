//! A local Arbitrum Stylus node: Solidity and Stylus contracts on one state, behind the JSON-RPC that wallets and tools speak.
//!
//! `program` turns Stylus code into metered WASM and runs it, `evm` is the machine around it, `chain` the blocks and the state,
//! `rpc` the server. [`Node`] starts all of it inside a process; the binary does nothing more.

pub mod chain;
pub mod evm;
mod executor;
pub mod node;
pub mod program;
pub mod rpc;
mod state_file;

pub use self::{
    chain::ChainConfig,
    node::{Config, Node, NodeError, NodeHandle},
    state_file::{StateFile, StateFileError},
};
