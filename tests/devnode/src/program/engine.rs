//! The WASM engine: native code of activated programs, made once and kept by code hash.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use alloy_primitives::B256;
use thiserror::Error;
use wasmtime::{Config, InstancePre, Linker, Module, OptLevel};

use super::{
    activation::{Activated, ActivationError, activate},
    config::StylusConfig,
    host::{self, HostState},
};

/// Native stack a program frame may take, in bytes per word of program stack. An operand takes 8, and the compiler keeps at most
/// a few copies of it; `tests/program_vm/endings.rs` runs
/// the deepest programs of several shapes inside this.
const NATIVE_BYTES_PER_WORD: usize = 64;
/// Native stack besides: the frames of a program and of the host function it is in.
const NATIVE_STACK_BASE: usize = 256 * 1024;

/// Why the engine cannot run a program that activation accepted.
#[derive(Debug, Error)]
pub enum EngineError {
    /// The program cannot be activated.
    #[error(transparent)]
    Activation(#[from] ActivationError),
    /// The engine refuses the module or its own configuration.
    #[error("WASM engine: {0}")]
    Wasm(wasmtime::Error),
}

/// A program ready to run. Cheap to clone.
#[derive(Clone)]
pub struct Program {
    pub(super) module: InstancePre<HostState>,
    /// Pages its memory starts with.
    pub footprint: u16,
    /// Cost of starting it uncached, before scaling.
    pub init_cost: u16,
    /// Cost of starting it cached, before scaling.
    pub cached_init: u16,
}

/// Compiles programs and keeps them. Shared between threads.
pub struct Engine {
    wasm: wasmtime::Engine,
    linker: Linker<HostState>,
    /// By code hash and Stylus version.
    programs: RwLock<HashMap<(B256, u16), Arc<Program>>>,
}

impl Engine {
    /// An engine for programs with the stack depth of `config`.
    ///
    /// # Errors
    /// [`EngineError::Wasm`] if the platform lacks what the engine needs.
    pub fn new(config: &StylusConfig) -> Result<Self, EngineError> {
        let wasm = wasmtime::Engine::new(&settings(config)).map_err(EngineError::Wasm)?;
        let mut linker = Linker::new(&wasm);
        host::link(&mut linker).map_err(EngineError::Wasm)?;
        Ok(Self {
            wasm,
            linker,
            programs: RwLock::default(),
        })
    }

    pub(super) fn wasm(&self) -> &wasmtime::Engine {
        &self.wasm
    }

    /// The program with `code_hash` under Stylus `version`, if it was compiled before.
    pub fn get(&self, code_hash: B256, version: u16) -> Option<Arc<Program>> {
        let programs = self.programs.read().unwrap_or_else(PoisonError::into_inner);
        programs.get(&(code_hash, version)).cloned()
    }

    /// Compiles an activated program, unless it was compiled before.
    ///
    /// # Errors
    /// [`EngineError::Wasm`] if the engine refuses the module.
    pub fn compile(&self, activated: &Activated) -> Result<Arc<Program>, EngineError> {
        let key = (activated.code_hash, activated.version);
        if let Some(program) = self.get(key.0, key.1) {
            return Ok(program);
        }
        let module = Module::new(&self.wasm, &activated.module).map_err(EngineError::Wasm)?;
        let program = Arc::new(Program {
            module: self
                .linker
                .instantiate_pre(&module)
                .map_err(EngineError::Wasm)?,
            footprint: activated.footprint,
            init_cost: activated.init_cost,
            cached_init: activated.cached_init,
        });
        let mut programs = self
            .programs
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        programs.insert(key, program.clone());
        Ok(program)
    }

    /// The program of `code`, compiled now if need be: for a chain that keeps code and activation, but no native code.
    ///
    /// # Errors
    /// [`EngineError`]: the code cannot be activated under `config`, or the engine refuses it.
    pub fn load(
        &self,
        code: &[u8],
        code_hash: B256,
        config: &StylusConfig,
    ) -> Result<Arc<Program>, EngineError> {
        match self.get(code_hash, config.version) {
            Some(program) => Ok(program),
            None => self.compile(&activate(code, config, 0)?),
        }
    }
}

/// Only what programs need: no feature that validation refuses, nothing that could differ between machines. Consumption is counted
/// by the code instrumentation put into the module, so neither fuel nor epochs are on.
fn settings(config: &StylusConfig) -> Config {
    let mut settings = Config::new();
    settings
        .cranelift_opt_level(OptLevel::Speed)
        .wasm_simd(false)
        .wasm_relaxed_simd(false)
        .wasm_bulk_memory(true)
        .wasm_multi_value(true)
        .wasm_multi_memory(false)
        .wasm_memory64(false)
        .wasm_tail_call(false)
        .wasm_extended_const(false)
        .wasm_wide_arithmetic(false)
        .wasm_backtrace_max_frames(None)
        .max_wasm_stack(
            config.max_stack_depth as usize * NATIVE_BYTES_PER_WORD + NATIVE_STACK_BASE,
        );
    settings
}
