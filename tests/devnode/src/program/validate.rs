//! Which modules the chain activates: the WASM features, the imports and exports, and the limits of size.

use std::collections::HashMap;

use wasmparser::{ExternalKind, Operator, ValType, Validator, WasmFeatures};

use super::{
    host,
    instrument::{Limit, ModuleError},
    module::Module,
};

/// Module that programs import the chain from.
pub const HOOKS: &str = "vm_hooks";
/// Import that pays for memory growth.
pub const PAY_FOR_MEMORY_GROW: &str = "pay_for_memory_grow";
/// Export that is called, `(i32) -> i32`.
pub const ENTRYPOINT: &str = "user_entrypoint";
/// Export that is the memory.
pub const MEMORY: &str = "memory";
/// Begins the names kept for instrumentation.
pub const RESERVED_PREFIX: &str = "stylus";

/// Most operators of a function after instrumentation.
pub const MAX_OPERATORS: u64 = 65_536;

/// Rules that depend on the chain.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// Stylus version.
    pub version: u16,
    /// Pages a module may start with.
    pub pages: u16,
}

/// Checks that `wasm` is a valid module under the features of `rules`.
pub fn check_wasm(wasm: &[u8], rules: Rules) -> Result<(), ModuleError> {
    let mut features = WasmFeatures::MUTABLE_GLOBAL
        | WasmFeatures::SATURATING_FLOAT_TO_INT
        | WasmFeatures::SIGN_EXTENSION
        | WasmFeatures::BULK_MEMORY
        | WasmFeatures::FLOATS;
    // Version 3 stopped accepting several results and parameters of blocks.
    features.set(WasmFeatures::MULTI_VALUE, rules.version < 3);
    Validator::new_with_features(features).validate_all(wasm)?;
    Ok(())
}

/// Checks what the chain asks of a valid module.
pub fn check_module(module: &Module<'_>, rules: Rules) -> Result<(), ModuleError> {
    check_limits(module, rules)?;
    check_globals(module)?;
    check_imports(module)?;
    check_exports(module)?;
    if module.has_start {
        return Err(ModuleError::StartFunction);
    }
    // Before the entry point: tools recognise a missing entry point by this import.
    if module.memory_can_grow() && module.import_index(HOOKS, PAY_FOR_MEMORY_GROW).is_none() {
        return Err(ModuleError::MissingMemoryPayment);
    }
    check_memory(module)?;
    check_entrypoint(module)
}

fn check_limits(module: &Module<'_>, rules: Rules) -> Result<(), ModuleError> {
    let longest_locals = module
        .bodies
        .iter()
        .map(super::module::Body::local_count)
        .max();
    let checks = [
        (Limit::Memories, module.memories.len() as u64, 1),
        (Limit::DataSegments, module.data_segments as u64, 128),
        (Limit::ElementSegments, module.element_segments as u64, 128),
        (Limit::Exports, module.exports.len() as u64, 1024),
        (Limit::Functions, module.functions.len() as u64, 4096),
        (Limit::Globals, module.globals.len() as u64, 32_768),
        (Limit::Imports, module.imports.len() as u64, 513),
        (Limit::TableEntries, module.table_entries, 4096),
        (Limit::ElementEntries, module.element_entries, 4096),
        (Limit::Locals, longest_locals.unwrap_or(0), 348),
        (
            Limit::InitialPages,
            module.initial_pages(),
            u64::from(rules.pages),
        ),
    ];
    for (limit, given, allowed) in checks {
        limit.check(given, allowed)?;
    }
    for name in module.exports.iter().map(|export| export.name) {
        Limit::NameLength.check(name.len() as u64, 512)?;
    }
    for import in &module.imports {
        Limit::NameLength.check(import.module.len().max(import.name.len()) as u64, 512)?;
    }
    Ok(())
}

fn check_globals(module: &Module<'_>) -> Result<(), ModuleError> {
    for (index, global) in module.globals.iter().enumerate() {
        let mut init = global.init_expr.get_operators_reader();
        let value = init.read()?;
        let constant = matches!(value, Operator::I32Const { .. } | Operator::I64Const { .. });
        if !constant || !matches!(init.read()?, Operator::End) {
            return Err(ModuleError::GlobalInit { index });
        }
    }
    Ok(())
}

fn check_imports(module: &Module<'_>) -> Result<(), ModuleError> {
    if let Some(name) = &module.foreign_import {
        return Err(ModuleError::ForeignImport { name: name.clone() });
    }
    let mut seen = HashMap::new();
    for import in &module.imports {
        let name = || format!("{}.{}", import.module, import.name);
        let ty = module.types.get(import.type_index as usize);
        let Some(ty) = ty else {
            return Err(ModuleError::UnknownImport { name: name() });
        };
        if seen
            .insert((import.module, import.name), ty)
            .is_some_and(|before| before != ty)
        {
            return Err(ModuleError::ImportedTwice { name: name() });
        }
        if import.name.starts_with(RESERVED_PREFIX) {
            return Err(ModuleError::ReservedName { name: name() });
        }
        let Some(expected) = host::signature(import.module, import.name) else {
            return Err(ModuleError::UnknownImport { name: name() });
        };
        if (ty.params(), ty.results()) != (expected.params, expected.results) {
            return Err(ModuleError::ImportType {
                name: name(),
                given: signature(ty.params(), ty.results()),
                expected: signature(expected.params, expected.results),
            });
        }
    }
    Ok(())
}

fn check_exports(module: &Module<'_>) -> Result<(), ModuleError> {
    for export in &module.exports {
        if export.name.starts_with(RESERVED_PREFIX) {
            return Err(ModuleError::ReservedName {
                name: export.name.into(),
            });
        }
        let bare = export.name.rsplit("__").next().unwrap_or(export.name);
        if module.imports.iter().any(|import| import.name == bare) {
            return Err(ModuleError::ExportShadowsImport {
                name: export.name.into(),
            });
        }
    }
    Ok(())
}

fn check_memory(module: &Module<'_>) -> Result<(), ModuleError> {
    let exported = |e: &wasmparser::Export<'_>| {
        e.kind == ExternalKind::Memory && e.name == MEMORY && e.index == 0
    };
    if module.memories.len() == 1 && module.exports.iter().any(exported) {
        return Ok(());
    }
    Err(ModuleError::MissingMemory)
}

fn check_entrypoint(module: &Module<'_>) -> Result<(), ModuleError> {
    let entry = module
        .exports
        .iter()
        .find(|export| export.name == ENTRYPOINT);
    let Some(entry) = entry.filter(|entry| entry.kind == ExternalKind::Func) else {
        return Err(ModuleError::MissingEntrypoint);
    };
    let ty = module
        .function_type(entry.index)
        .ok_or(ModuleError::MissingEntrypoint)?;
    if (ty.params(), ty.results()) != (&[ValType::I32], &[ValType::I32]) {
        return Err(ModuleError::EntrypointType {
            given: signature(ty.params(), ty.results()),
        });
    }
    Ok(())
}

fn signature(params: &[ValType], results: &[ValType]) -> String {
    let list = |types: &[ValType]| {
        types
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(", ")
    };
    format!("({}) -> ({})", list(params), list(results))
}
