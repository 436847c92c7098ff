//! Writes an instrumented module: its own sections, the globals of instrumentation, and only the exports the node uses.

use wasm_encoder::{
    CodeSection, ConstExpr, ExportKind, ExportSection, Function, GlobalSection, GlobalType,
    MemorySection, MemoryType, RawSection, SectionId, ValType,
    reencode::{Reencode, RoundtripReencoder},
};
use wasmparser::ExternalKind;

use super::{
    instrument::{InkGlobals, ModuleError},
    module::Module,
    validate::{ENTRYPOINT, MEMORY, Rules},
};

/// Export of the ink left.
pub const INK_LEFT: &str = "stylus_ink_left";
/// Export of the ink status.
pub const INK_STATUS: &str = "stylus_ink_status";
/// Export of the stack left.
pub const STACK_LEFT: &str = "stylus_stack_left";

/// Writes `module`.
pub fn encode(
    module: &Module<'_>,
    globals: InkGlobals,
    rules: Rules,
) -> Result<Vec<u8>, ModuleError> {
    let mut out = wasm_encoder::Module::new();
    let raw = module.raw;
    copy(&mut out, SectionId::Type, raw.types);
    copy(&mut out, SectionId::Import, raw.imports);
    copy(&mut out, SectionId::Function, raw.functions);
    copy(&mut out, SectionId::Table, raw.tables);
    out.section(&memory_section(module, rules));
    out.section(&global_section(module)?);
    out.section(&export_section(module, globals));
    copy(&mut out, SectionId::Element, raw.elements);
    if let Some(count) = raw.data_count {
        out.section(&wasm_encoder::DataCountSection { count });
    }
    out.section(&code_section(module)?);
    copy(&mut out, SectionId::Data, raw.data);
    Ok(out.finish())
}

fn copy(out: &mut wasm_encoder::Module, id: SectionId, data: Option<&[u8]>) {
    if let Some(data) = data {
        out.section(&RawSection {
            id: id.into(),
            data,
        });
    }
}

/// The memory, kept from growing beyond the pages anyone can pay for.
fn memory_section(module: &Module<'_>, rules: Rules) -> MemorySection {
    let mut section = MemorySection::new();
    for memory in &module.memories {
        let most = u64::from(rules.pages);
        section.memory(MemoryType {
            minimum: memory.initial,
            maximum: Some(memory.maximum.map_or(most, |maximum| maximum.min(most))),
            memory64: false,
            shared: false,
            page_size_log2: None,
        });
    }
    section
}

fn global_section(module: &Module<'_>) -> Result<GlobalSection, ModuleError> {
    let mut section = GlobalSection::new();
    for global in &module.globals {
        let ty = RoundtripReencoder
            .global_type(global.ty)
            .map_err(unencodable)?;
        let init = RoundtripReencoder
            .const_expr(global.init_expr.clone())
            .map_err(unencodable)?;
        section.global(ty, &init);
    }
    let mutable = |val_type| GlobalType {
        val_type,
        mutable: true,
        shared: false,
    };
    // In the order of `InkGlobals`.
    section.global(mutable(ValType::I64), &ConstExpr::i64_const(0));
    section.global(mutable(ValType::I32), &ConstExpr::i32_const(0));
    section.global(mutable(ValType::I32), &ConstExpr::i32_const(0));
    section.global(mutable(ValType::I32), &ConstExpr::i32_const(0));
    Ok(section)
}

fn export_section(module: &Module<'_>, globals: InkGlobals) -> ExportSection {
    let mut section = ExportSection::new();
    for export in &module.exports {
        match (export.name, export.kind) {
            (MEMORY, ExternalKind::Memory) => {
                section.export(MEMORY, ExportKind::Memory, export.index);
            }
            (ENTRYPOINT, ExternalKind::Func) => {
                section.export(ENTRYPOINT, ExportKind::Func, export.index);
            }
            _ => {}
        }
    }
    section.export(INK_LEFT, ExportKind::Global, globals.ink_left);
    section.export(INK_STATUS, ExportKind::Global, globals.ink_status);
    section.export(STACK_LEFT, ExportKind::Global, globals.stack_left);
    section
}

fn code_section(module: &Module<'_>) -> Result<CodeSection, ModuleError> {
    let mut section = CodeSection::new();
    for body in &module.bodies {
        let mut locals = Vec::with_capacity(body.locals.len());
        for (count, ty) in &body.locals {
            locals.push((
                *count,
                RoundtripReencoder.val_type(*ty).map_err(unencodable)?,
            ));
        }
        let mut function = Function::new(locals);
        for operator in &body.operators {
            let operator = RoundtripReencoder.instruction(operator.clone());
            function.instruction(&operator.map_err(unencodable)?);
        }
        section.function(&function);
    }
    Ok(section)
}

fn unencodable(error: wasm_encoder::reencode::Error) -> ModuleError {
    ModuleError::Invalid(error.to_string())
}
