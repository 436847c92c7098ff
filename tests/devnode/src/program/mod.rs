//! The WASM side of the node: from the bytes of a Stylus program to what one call of it did.
//!
//! `code_format` unpacks what stands on chain, `module` reads it, `validate` refuses what the chain refuses, `instrument` inserts
//! metering (`meter`), stack accounting (`depth`) and memory payment (`heap`), `activation` prices that work, `engine` compiles,
//! `host` answers the program's imports, `run` executes one frame. The chain around it is reached through `evm_api` only.
//!
//! Where it knowingly differs from the chain: programs compressed with the Stylus dictionary are refused; so is any float operator,
//! also one the chain would accept and then price out of reach; a flush writes slots in the order of their keys, where the chain's
//! order is that of a hash map; the module hash is that of our instrumented module.
//!
//! All consumption is counted in ink by code inserted into the module, so results do not depend on the WASM engine.

pub mod activation;
pub mod code_format;
pub mod config;
pub mod data_fee;
mod depth;
pub mod disk_cache;
mod encode;
pub mod engine;
pub mod evm_api;
mod heap;
mod host;
pub mod host_trace;
mod instrument;
pub mod memory;
mod meter;
mod module;
pub mod prices;
mod program_cache;
pub mod pure_call;
pub mod run;
mod storage_cache;
mod validate;

pub use activation::{
    ACTIVATION_BASE_GAS, Activated, ActivationError, activate, activate_fragments,
};
pub use code_format::{CodeError, is_deployable, is_program};
pub use config::StylusConfig;
pub use data_fee::DataPricer;
pub use engine::{Engine, EngineError, Program};
pub use instrument::ModuleError;
pub use pure_call::{PureCallError, PureFunction, PureInstance, PureModule, PureOutcome};
pub use run::{EntryCharges, ProgramOutcome, ProgramStatus, run_program};
