//! The WASM engine: native code of activated programs, made once, kept in memory by code hash and on disk by what it was made from.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    path::PathBuf,
    sync::Arc,
};

use alloy_primitives::{B256, Bytes, keccak256};
use thiserror::Error;
use wasmtime::{Config, InstancePre, Linker, Module, OptLevel, RegallocAlgorithm};

use super::{
    activation::{Activated, ActivationError, activate_fragments},
    config::StylusConfig,
    disk_cache::DiskCache,
    host::{self, HostState},
    program_cache::ProgramCache,
};

/// Native stack a program frame may take, in bytes per word of program stack. An operand takes 8, and the compiler keeps at most
/// a few copies of it; `tests/program_vm/endings.rs` runs
/// the deepest programs of several shapes inside this.
const NATIVE_BYTES_PER_WORD: usize = 64;
/// Native stack besides: the frames of a program and of the host function it is in.
const NATIVE_STACK_BASE: usize = 256 * 1024;

/// Effort of register allocation beyond which a program gets the quick compiler. A module of 17,000 bytes can keep the thorough one busy for
/// minutes: 1,500 loops inside each other around 348 variables. The contracts of this project have at most 53,000, a second of it 200,000.
const MOST_ALLOCATION_EFFORT: u64 = 200_000;
/// Native stack of what runs between programs, a thousand frames deep at most.
const NATIVE_STACK_BETWEEN: usize = 256 << 20;
/// Most bytes of native code kept in memory.
const MOST_BYTES: usize = 256 << 20;

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

/// A way of compiling, and the host functions for what it compiles.
struct Compiler {
    wasm: wasmtime::Engine,
    linker: Linker<HostState>,
}

impl Compiler {
    fn new(settings: &Config) -> wasmtime::Result<Self> {
        let wasm = wasmtime::Engine::new(settings)?;
        let mut linker = Linker::new(&wasm);
        host::link(&mut linker)?;
        Ok(Self { wasm, linker })
    }
}

/// Compiles programs and keeps them. Shared between threads.
pub struct Engine {
    /// For programs as people write them: code that runs fast.
    thorough: Compiler,
    /// For programs beyond [`MOST_ALLOCATION_EFFORT`]: compiled in time linear in their length.
    quick: Compiler,
    /// By code hash and Stylus version.
    programs: ProgramCache<(B256, u16), Program>,
    disk: Option<DiskCache>,
}

impl Engine {
    /// An engine for programs with the stack depth of `config`.
    ///
    /// # Errors
    /// [`EngineError::Wasm`] if the platform lacks what the engine needs.
    pub fn new(config: &StylusConfig) -> Result<Self, EngineError> {
        let mut settings = settings(config);
        let thorough = Compiler::new(&settings).map_err(EngineError::Wasm)?;
        settings
            .cranelift_opt_level(OptLevel::None)
            .cranelift_regalloc_algorithm(RegallocAlgorithm::SinglePass);
        let quick = Compiler::new(&settings).map_err(EngineError::Wasm)?;
        Ok(Self {
            thorough,
            quick,
            programs: ProgramCache::new(MOST_BYTES),
            disk: None,
        })
    }

    /// Keeps native code in `directory` too. If that cannot be used the engine does without.
    #[must_use]
    pub fn with_directory(mut self, directory: Option<PathBuf>) -> Self {
        self.disk = directory.and_then(|directory| {
            let opened = DiskCache::open(directory.clone());
            opened
                .inspect_err(|error| {
                    let directory = directory.display();
                    tracing::warn!(target: "program", %directory, %error, "no programs are cached on disk");
                })
                .ok()
        });
        self
    }

    pub(super) fn wasm(&self) -> &wasmtime::Engine {
        &self.thorough.wasm
    }

    /// The program with `code_hash` under Stylus `version`, if it was compiled before.
    pub fn get(&self, code_hash: B256, version: u16) -> Option<Arc<Program>> {
        self.programs.get(&(code_hash, version))
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
        let compiler = if activated.allocation_effort > MOST_ALLOCATION_EFFORT {
            &self.quick
        } else {
            &self.thorough
        };
        let module = self.native(&compiler.wasm, &activated.module);
        let module = module.map_err(EngineError::Wasm)?;
        let program = Arc::new(Program {
            module: compiler
                .linker
                .instantiate_pre(&module)
                .map_err(EngineError::Wasm)?,
            footprint: activated.footprint,
            init_cost: activated.init_cost,
            cached_init: activated.cached_init,
        });
        let code = module.image_range();
        let bytes = (code.end as usize).saturating_sub(code.start as usize);
        self.programs.insert(key, Arc::clone(&program), bytes);
        Ok(program)
    }

    /// Native code of an instrumented module, from disk if it is there.
    fn native(&self, wasm: &wasmtime::Engine, instrumented: &[u8]) -> wasmtime::Result<Module> {
        let Some(disk) = &self.disk else {
            return Module::new(wasm, instrumented);
        };
        // Compiler, its version and its settings.
        let mut compiler = DefaultHasher::new();
        wasm.precompile_compatibility_hash().hash(&mut compiler);
        let key = keccak256([&compiler.finish().to_be_bytes()[..], instrumented].concat());
        if let Some(native) = disk.load(key) {
            // SAFETY: the bytes are what `Module::serialize` gave for this key: the checksum says they are whole, and only this user
            // writes to the directory (see `disk_cache`).
            match unsafe { Module::deserialize(wasm, native) } {
                Ok(module) => return Ok(module),
                Err(error) => tracing::debug!(target: "program", %error, "cached program not used"),
            }
        }
        let module = Module::new(wasm, instrumented)?;
        if let Err(error) = disk.store(key, &module.serialize()?) {
            tracing::debug!(target: "program", %error, "program not cached on disk");
        }
        Ok(module)
    }

    /// The program of `code`, compiled now if need be: for a chain that keeps code and activation, but no native code. `fragments`
    /// gives the code its root names, and is asked only then.
    ///
    /// # Errors
    /// [`EngineError`]: the code cannot be activated under `config`, or the engine refuses it.
    pub fn load(
        &self,
        code: &[u8],
        fragments: impl FnOnce() -> Vec<Bytes>,
        code_hash: B256,
        config: &StylusConfig,
    ) -> Result<Arc<Program>, EngineError> {
        match self.get(code_hash, config.version) {
            Some(program) => Ok(program),
            None => self.compile(&activate_fragments(code, &fragments(), config, 0)?),
        }
    }
}

/// Native stack one program may take, in bytes.
const fn frame_stack(config: &StylusConfig) -> usize {
    config.max_stack_depth as usize * NATIVE_BYTES_PER_WORD + NATIVE_STACK_BASE
}

/// Native stack a thread needs that runs whole transactions, in bytes. A program that can call at all has a page of memory, so no more of
/// them are inside each other than pages are sold; the frames of EVM code between them are on the heap, their runner is not.
#[must_use]
pub const fn deepest_stack(config: &StylusConfig) -> usize {
    frame_stack(config) * config.page_limit as usize + NATIVE_STACK_BETWEEN
}

/// Only what programs need: no feature that validation refuses, nothing that could differ between machines. Consumption is counted
/// by the code instrumentation put into the module, so neither fuel nor epochs are on.
fn settings(config: &StylusConfig) -> Config {
    let stack = frame_stack(config);
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
        // Nothing runs asynchronously, but the one bounds the other.
        .async_stack_size(stack)
        .max_wasm_stack(stack);
    settings
}
