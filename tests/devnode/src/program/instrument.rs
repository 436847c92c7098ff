//! From a program's module to the module that runs: checks, then the passes in the order that fixes what everything costs.

use thiserror::Error;

use super::{
    depth, encode, heap, meter,
    module::Module,
    validate::{self, HOOKS, MAX_OPERATORS, PAY_FOR_MEMORY_GROW, Rules},
};

/// A limit of size on modules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Limit {
    Memories,
    DataSegments,
    ElementSegments,
    Exports,
    Functions,
    Globals,
    Imports,
    TableEntries,
    ElementEntries,
    Locals,
    InitialPages,
    NameLength,
    InstrumentedOperators,
    OperandDepth,
    StackFrame,
}

impl Limit {
    /// Errors when `given` exceeds `allowed`.
    pub(super) fn check(self, given: u64, allowed: u64) -> Result<(), ModuleError> {
        if given > allowed {
            return Err(ModuleError::Exceeds {
                limit: self,
                given,
                allowed,
            });
        }
        Ok(())
    }
}

/// Why a module cannot be activated.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ModuleError {
    /// Not a valid module, or one that uses a WASM feature programs do not have.
    #[error("invalid module: {0}")]
    Invalid(String),
    /// A limit of size is exceeded.
    #[error("module exceeds the limit of {limit:?}: {given}, allowed {allowed}")]
    Exceeds {
        /// Which limit.
        limit: Limit,
        /// What the module has.
        given: u64,
        /// What it may have.
        allowed: u64,
    },
    /// An opcode programs may not use, floats above all.
    #[error("unsupported opcode {opcode} in function {function}")]
    UnsupportedOpcode {
        /// Index of the function among those the module defines.
        function: usize,
        /// The opcode.
        opcode: String,
    },
    /// A global starts as something else than one integer constant.
    #[error("global {index} must start as a single integer constant")]
    GlobalInit {
        /// Index of the global.
        index: usize,
    },
    /// Something else than a function is imported.
    #[error("import {name} is not a function")]
    ForeignImport {
        /// `module.name`
        name: String,
    },
    /// The node offers no such import.
    #[error("unknown import {name}")]
    UnknownImport {
        /// `module.name`
        name: String,
    },
    /// An import is declared with another type than it has.
    #[error("import {name} has type {given}, expected {expected}")]
    ImportType {
        /// `module.name`
        name: String,
        /// Declared type.
        given: String,
        /// True type.
        expected: String,
    },
    /// The same import with two types.
    #[error("import {name} is declared with two different types")]
    ImportedTwice {
        /// `module.name`
        name: String,
    },
    /// A name that instrumentation keeps for itself.
    #[error("name {name} is reserved: it begins with \"stylus\"")]
    ReservedName {
        /// The name.
        name: String,
    },
    /// An export that could be taken for an import.
    #[error("export {name} has the name of an import")]
    ExportShadowsImport {
        /// The export.
        name: String,
    },
    /// Start functions would run before metering is set up.
    #[error("start functions are not allowed")]
    StartFunction,
    /// The memory can grow but the program cannot pay for it.
    #[error("missing import vm_hooks.pay_for_memory_grow (is the entry point declared?)")]
    MissingMemoryPayment,
    /// No exported memory.
    #[error("the module must have one memory and export it as \"memory\"")]
    MissingMemory,
    /// No entry point.
    #[error("missing export user_entrypoint")]
    MissingEntrypoint,
    /// The entry point has another type.
    #[error("user_entrypoint has type {given}, expected (i32) -> (i32)")]
    EntrypointType {
        /// Its type.
        given: String,
    },
}

impl From<wasmparser::Error> for ModuleError {
    fn from(error: wasmparser::Error) -> Self {
        Self::Invalid(error.to_string())
    }
}

/// Indices of the globals instrumentation adds, in this order, behind the module's own.
#[derive(Clone, Copy, Debug)]
pub struct InkGlobals {
    /// Ink left, i64.
    pub ink_left: u32,
    /// Not 0 once ink ran out, i32.
    pub ink_status: u32,
    /// Scratch of the passes, i32.
    pub scratch: u32,
    /// Words of stack left, i32.
    pub stack_left: u32,
}

impl InkGlobals {
    /// How many globals are added.
    pub const COUNT: usize = 4;

    /// Indices behind `own` globals of the module.
    pub fn after(own: u32) -> Self {
        Self {
            ink_left: own,
            ink_status: own + 1,
            scratch: own + 2,
            stack_left: own + 3,
        }
    }
}

/// A module ready to run, and the counts its activation is priced by.
#[derive(Clone, Debug)]
pub struct Instrumented {
    /// The binary.
    pub wasm: Vec<u8>,
    /// Counts of the module.
    pub counts: Counts,
    /// How hard registers are to allocate for its functions together; what a compiler can be stalled by.
    pub allocation_effort: u64,
}

/// What activation is priced by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Bytes of the module as deployed.
    pub wasm_len: u64,
    /// Functions the module defines.
    pub functions: u64,
    /// Parameters and results of those functions.
    pub type_len: u64,
    /// Globals after instrumentation.
    pub globals: u64,
    /// Bytes of data segments.
    pub data_bytes: u64,
    /// Entries of element segments.
    pub element_entries: u64,
    /// Pages the memory starts with.
    pub initial_pages: u16,
    /// Operators after instrumentation.
    pub operators: u64,
}

/// Checks and instruments `wasm`.
pub fn instrument(wasm: &[u8], rules: Rules) -> Result<Instrumented, ModuleError> {
    validate::check_wasm(wasm, rules)?;
    let mut module = Module::parse(wasm)?;
    validate::check_module(&module, rules)?;

    let own_globals = u32::try_from(module.globals.len()).unwrap_or(u32::MAX);
    let globals = InkGlobals::after(own_globals);
    // A memory that cannot grow leaves memory.grow alone: it fails by itself.
    let payment = module
        .memory_can_grow()
        .then(|| module.import_index(HOOKS, PAY_FOR_MEMORY_GROW))
        .flatten();

    let allocation_effort = allocation_effort(&module);
    let mut operators = 0;
    let mut bodies = core::mem::take(&mut module.bodies);
    for (function, body) in bodies.iter_mut().enumerate() {
        let locals = body.local_count();
        let code = core::mem::take(&mut body.operators);
        let code = meter::meter_blocks(code, globals, &module)
            .map_err(|opcode| ModuleError::UnsupportedOpcode { function, opcode })?;
        let code = meter::meter_bulk_memory(code, globals);
        let code = depth::account(code, locals, globals, &module)?;
        let code = heap::pay_for_growth(code, globals, payment);
        Limit::InstrumentedOperators.check(code.len() as u64, MAX_OPERATORS)?;
        operators += code.len() as u64;
        body.operators = code;
    }
    module.bodies = bodies;

    let counts = Counts {
        wasm_len: module.wasm_len as u64,
        functions: module.functions.len() as u64,
        type_len: type_len(&module),
        globals: (module.globals.len() + InkGlobals::COUNT) as u64,
        data_bytes: module.data_bytes,
        element_entries: module.element_entries,
        initial_pages: u16::try_from(module.initial_pages()).unwrap_or(u16::MAX),
        operators,
    };
    Ok(Instrumented {
        wasm: encode::encode(&module, globals, rules)?,
        counts,
        allocation_effort,
    })
}

fn allocation_effort(module: &Module<'_>) -> u64 {
    let functions = module.bodies.iter().zip(&module.functions);
    let efforts = functions.map(|(body, ty)| {
        let ty = module.types.get(*ty as usize);
        body.allocation_effort(ty.map_or(0, |ty| ty.params().len() as u64))
    });
    efforts.fold(0, u64::saturating_add)
}

/// Parameters and results of the functions the module defines.
fn type_len(module: &Module<'_>) -> u64 {
    let types = module
        .functions
        .iter()
        .filter_map(|index| module.types.get(*index as usize));
    types
        .map(|ty| (ty.params().len() + ty.results().len()) as u64)
        .sum()
}
