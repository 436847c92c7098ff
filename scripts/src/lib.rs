//! The `novation` tool as a library: building, deploying, driving and watching Novation on any Stylus chain. The end-to-end tests and the
//! demo use the same code as the command line.

pub mod abi;
pub mod bindings;
mod build_lock;
pub mod chain;
pub mod checkout;
pub mod cli;
pub mod client;
pub mod demo;
pub mod deploy;
pub mod deployment;
pub mod diff_gas;
pub mod errors;
pub mod gas_log;
pub mod ids;
pub mod keeper;
pub mod lifecycle;
pub mod local_chain;
pub mod local_node;
pub mod market;
pub mod native_margin;
pub mod nitro_docker;
pub mod oracle_replay;
pub mod per_feed;
pub mod program;
pub mod progress;
pub mod publish;
pub mod quant;
pub mod report;
pub mod risk_profiles;
pub mod solidity;
pub mod surface_fit;
pub mod wasm_build;
mod wasm_cache;
pub mod wasm_pack;
pub mod wasm_toolchain;
pub mod wiring;
