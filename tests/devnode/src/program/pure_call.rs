//! Calls of single exports under the meter, without a chain: what one pure function costs in ink, and what it returns.
//!
//! The module goes through the same checks and the same instrumentation as a program that is activated; only its exported
//! functions are kept callable besides the entry point. Ink is what the inserted code took between entry and return: no entry
//! charge, no calldata, no host call. A function that reaches for the chain traps.

use std::collections::HashSet;

use thiserror::Error;
use wasm_encoder::{ExportKind, ExportSection, RawSection};
use wasmparser::{ExternalKind, Parser, Payload};
use wasmtime::{Global, Instance, InstancePre, Linker, Memory, Module, Store, TypedFunc, Val};

use super::{
    config::StylusConfig,
    encode::{INK_LEFT, STACK_LEFT},
    engine::{Engine, EngineError},
    instrument::{ModuleError, instrument},
    validate::{MEMORY, Rules},
};

/// Ink a call starts with: more than any finishes within a lifetime.
const BUDGET: u64 = i64::MAX.cast_unsigned();

/// Why a pure call is not possible, or did not return.
#[derive(Debug, Error)]
pub enum PureCallError {
    /// The chain would not activate the module.
    #[error(transparent)]
    Module(#[from] ModuleError),
    /// The WASM engine refuses the module.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// No such function, or one of another type.
    #[error("no function {export} of type {expected} is exported")]
    MissingExport {
        /// Name asked for.
        export: String,
        /// Its type.
        expected: &'static str,
    },
    /// A word outside of the module's memory.
    #[error("{words} words at {address} are not in the memory of {bytes} bytes")]
    OutOfMemory {
        /// Where.
        address: u32,
        /// How many.
        words: usize,
        /// Size of the memory.
        bytes: usize,
    },
    /// The function trapped: a panic, a bad pointer, a call of the chain.
    #[error("{export} trapped: {reason}")]
    Trapped {
        /// Function called.
        export: String,
        /// What the engine says.
        reason: String,
    },
}

/// A metered module whose exports can be called. Cheap to clone; instances of it are independent.
#[derive(Clone)]
pub struct PureModule {
    module: InstancePre<()>,
    engine: wasmtime::Engine,
    stack_depth: u32,
}

/// A running [`PureModule`].
pub struct PureInstance {
    store: Store<()>,
    instance: Instance,
    memory: Memory,
    ink_left: Global,
    stack_left: Global,
    stack_depth: u32,
}

/// An export of type `(input address, output address) -> status`.
#[derive(Clone)]
pub struct PureFunction {
    export: String,
    function: TypedFunc<(u32, u32), u32>,
}

/// What a call returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PureOutcome {
    /// What the function returned.
    pub status: u32,
    /// Ink it took.
    pub ink: u64,
}

impl PureModule {
    /// Checks, instruments and compiles `wasm` under the rules and prices of `config`.
    ///
    /// # Errors
    /// [`PureCallError::Module`] as activation gives it, [`PureCallError::Engine`] if it does not compile.
    pub fn new(wasm: &[u8], config: &StylusConfig) -> Result<Self, PureCallError> {
        let rules = Rules {
            version: config.version,
            pages: config.page_limit,
        };
        let metered = with_exports(&instrument(wasm, rules)?.wasm, wasm)?;
        let engine = Engine::new(config)?.wasm().clone();
        let refused = |error| PureCallError::Engine(EngineError::Wasm(error));
        let module = Module::new(&engine, metered).map_err(refused)?;
        let mut linker = Linker::new(&engine);
        linker
            .define_unknown_imports_as_traps(&module)
            .map_err(refused)?;
        Ok(Self {
            module: linker.instantiate_pre(&module).map_err(refused)?,
            engine,
            stack_depth: config.max_stack_depth,
        })
    }

    /// An instance with memory of its own.
    ///
    /// # Errors
    /// [`PureCallError::Engine`] if a segment does not fit its memory.
    pub fn instantiate(&self) -> Result<PureInstance, PureCallError> {
        let mut store = Store::new(&self.engine, ());
        let instance = self
            .module
            .instantiate(&mut store)
            .map_err(|error| PureCallError::Engine(EngineError::Wasm(error)))?;
        let missing = |export: &str, expected| PureCallError::MissingExport {
            export: export.to_owned(),
            expected,
        };
        let memory = instance
            .get_memory(&mut store, MEMORY)
            .ok_or_else(|| missing(MEMORY, "memory"))?;
        let mut global = |name: &str| {
            instance
                .get_global(&mut store, name)
                .ok_or_else(|| missing(name, "global"))
        };
        let (ink_left, stack_left) = (global(INK_LEFT)?, global(STACK_LEFT)?);
        Ok(PureInstance {
            store,
            instance,
            memory,
            ink_left,
            stack_left,
            stack_depth: self.stack_depth,
        })
    }
}

impl PureInstance {
    /// The function `(input address, output address) -> status` that is exported as `export`.
    ///
    /// # Errors
    /// [`PureCallError::MissingExport`].
    pub fn function(&mut self, export: &str) -> Result<PureFunction, PureCallError> {
        let function = self
            .instance
            .get_typed_func(&mut self.store, export)
            .map_err(|_| PureCallError::MissingExport {
                export: export.to_owned(),
                expected: "(i32, i32) -> i32",
            })?;
        Ok(PureFunction {
            export: export.to_owned(),
            function,
        })
    }

    /// What the export `() -> address` returns.
    ///
    /// # Errors
    /// [`PureCallError::MissingExport`], [`PureCallError::Trapped`].
    pub fn address(&mut self, export: &str) -> Result<u32, PureCallError> {
        let function = self
            .instance
            .get_typed_func::<(), u32>(&mut self.store, export)
            .map_err(|_| PureCallError::MissingExport {
                export: export.to_owned(),
                expected: "() -> i32",
            })?;
        self.refill()
            .and_then(|()| function.call(&mut self.store, ()))
            .map_err(|error| trapped(export, &error))
    }

    /// Writes `words`, little-endian, from `address` on.
    ///
    /// # Errors
    /// [`PureCallError::OutOfMemory`].
    pub fn write(&mut self, address: u32, words: &[u64]) -> Result<(), PureCallError> {
        let memory = self.memory.data_mut(&mut self.store);
        let bytes = memory.len();
        let place =
            memory
                .get_mut(range(address, words.len()))
                .ok_or(PureCallError::OutOfMemory {
                    address,
                    words: words.len(),
                    bytes,
                })?;
        for (bytes, word) in place.chunks_exact_mut(8).zip(words) {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
        Ok(())
    }

    /// Reads `words`, little-endian, from `address` on.
    ///
    /// # Errors
    /// [`PureCallError::OutOfMemory`].
    pub fn read(&self, address: u32, words: &mut [u64]) -> Result<(), PureCallError> {
        let memory = self.memory.data(&self.store);
        let place = memory
            .get(range(address, words.len()))
            .ok_or(PureCallError::OutOfMemory {
                address,
                words: words.len(),
                bytes: memory.len(),
            })?;
        for (bytes, word) in place.chunks_exact(8).zip(words) {
            let mut little = [0; 8];
            little.copy_from_slice(bytes);
            *word = u64::from_le_bytes(little);
        }
        Ok(())
    }

    /// Calls `function` with a full tank and full stack, and says what it used.
    ///
    /// # Errors
    /// [`PureCallError::Trapped`]; the instance should then not be used again, its stack pointer is where the trap left it.
    pub fn call(
        &mut self,
        function: &PureFunction,
        input: u32,
        output: u32,
    ) -> Result<PureOutcome, PureCallError> {
        let called = self
            .refill()
            .and_then(|()| function.function.call(&mut self.store, (input, output)));
        let status = called.map_err(|error| trapped(&function.export, &error))?;
        let left = self.ink_left.get(&mut self.store).i64().unwrap_or(0);
        Ok(PureOutcome {
            status,
            ink: BUDGET - left.cast_unsigned(),
        })
    }

    fn refill(&mut self) -> wasmtime::Result<()> {
        let ink = Val::I64(BUDGET.cast_signed());
        self.ink_left.set(&mut self.store, ink)?;
        let depth = Val::I32(self.stack_depth.cast_signed());
        self.stack_left.set(&mut self.store, depth)
    }
}

fn range(address: u32, words: usize) -> core::ops::Range<usize> {
    let start = address as usize;
    start..start.saturating_add(words.saturating_mul(8))
}

fn trapped(export: &str, error: &wasmtime::Error) -> PureCallError {
    PureCallError::Trapped {
        export: export.to_owned(),
        reason: format!("{error:#}"),
    }
}

/// The instrumented module, with the functions that `original` exports exported again. Instrumentation moves no function.
fn with_exports(instrumented: &[u8], original: &[u8]) -> Result<Vec<u8>, ModuleError> {
    let mut out = wasm_encoder::Module::new();
    for payload in Parser::new(0).parse_all(instrumented) {
        let payload = payload?;
        if let Payload::ExportSection(exports) = &payload {
            let mut section = ExportSection::new();
            let mut seen = HashSet::new();
            for export in exports.clone() {
                let export = export?;
                seen.insert(export.name);
                let kind = match export.kind {
                    ExternalKind::Memory => ExportKind::Memory,
                    ExternalKind::Global => ExportKind::Global,
                    _ => ExportKind::Func,
                };
                section.export(export.name, kind, export.index);
            }
            for (name, index) in exported_functions(original)? {
                if !seen.contains(name) {
                    section.export(name, ExportKind::Func, index);
                }
            }
            out.section(&section);
        } else if let Some((id, range)) = payload.as_section() {
            let section = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
            let data = instrumented
                .get(section(range.start)..section(range.end))
                .ok_or_else(|| ModuleError::Invalid("a section ends beyond the module".into()))?;
            out.section(&RawSection { id, data });
        }
    }
    Ok(out.finish())
}

fn exported_functions(wasm: &[u8]) -> Result<Vec<(&str, u32)>, ModuleError> {
    let mut functions = Vec::new();
    for payload in Parser::new(0).parse_all(wasm) {
        if let Payload::ExportSection(exports) = payload? {
            for export in exports {
                let export = export?;
                if matches!(export.kind, ExternalKind::Func) {
                    functions.push((export.name, export.index));
                }
            }
        }
    }
    Ok(functions)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODULE: &str = r#"(module
        (import "vm_hooks" "pay_for_memory_grow" (func $pay (param i32)))
        (memory (export "memory") 1)
        (func (export "user_entrypoint") (param i32) (result i32) i32.const 0)
        (func (export "area") (result i32) i32.const 64)
        (func (export "double") (param i32 i32) (result i32)
            local.get 1
            (i64.mul (i64.load (local.get 0)) (i64.const 2))
            i64.store
            i32.const 7)
        (func (export "reaches_out") (param i32 i32) (result i32)
            (call $pay (i32.const 1)) i32.const 0))"#;

    fn instance() -> PureInstance {
        let wasm = wat::parse_str(MODULE).unwrap();
        let module = PureModule::new(&wasm, &StylusConfig::default()).unwrap();
        module.instantiate().unwrap()
    }

    #[test]
    fn a_call_says_what_it_returned_and_what_it_took() {
        let mut instance = instance();
        assert_eq!(instance.address("area").unwrap(), 64);
        let double = instance.function("double").unwrap();
        instance.write(64, &[21]).unwrap();
        let once = instance.call(&double, 64, 72).unwrap();
        let mut words = [0];
        instance.read(72, &mut words).unwrap();
        assert_eq!((once.status, words), (7, [42]));
        // One block: its header, 2 local.get at 75, a load at 680, 2 constants and `end` at 1, a product at 160, a store at 950.
        assert_eq!(once.ink, 2_450 + 2 * 75 + 680 + 3 + 160 + 950);
        assert_eq!(instance.call(&double, 64, 72).unwrap(), once);
    }

    #[test]
    fn what_is_not_there_is_refused_by_name() {
        let mut instance = instance();
        assert!(matches!(
            instance.function("triple"),
            Err(PureCallError::MissingExport { .. })
        ));
        assert!(matches!(
            instance.function("area"),
            Err(PureCallError::MissingExport { .. })
        ));
        assert!(matches!(
            instance.write(65_530, &[0]),
            Err(PureCallError::OutOfMemory { .. })
        ));
    }

    #[test]
    fn a_function_that_reaches_for_the_chain_traps() {
        let mut instance = instance();
        let function = instance.function("reaches_out").unwrap();
        let error = instance.call(&function, 0, 0).unwrap_err();
        assert!(matches!(error, PureCallError::Trapped { .. }), "{error}");
    }
}
