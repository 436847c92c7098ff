//! A module taken apart: what the passes and checks look at, and the sections that go through untouched.

use wasmparser::{
    ElementItems, Export, FuncType, Global, MemoryType, Operator, Parser, Payload, TypeRef, ValType,
};

use super::instrument::ModuleError;

/// A function the module imports.
#[derive(Clone, Copy, Debug)]
pub struct FunctionImport<'a> {
    /// Module it is imported from.
    pub module: &'a str,
    /// Its name there.
    pub name: &'a str,
    /// Index of its type.
    pub type_index: u32,
}

/// The body of a function of the module.
#[derive(Clone, Debug)]
pub struct Body<'a> {
    /// Runs of declared locals, parameters excluded.
    pub locals: Vec<(u32, ValType)>,
    /// Code, with its final `end`.
    pub operators: Vec<Operator<'a>>,
}

impl Body<'_> {
    /// How hard registers are to allocate for it, given the `parameters` of its function: every variable may be alive across every
    /// block, and around every loop, which weighs twenty times as much.
    pub fn allocation_effort(&self, parameters: u64) -> u64 {
        let weight = |operator: &Operator<'_>| match operator {
            Operator::Loop { .. } => 21,
            Operator::Block { .. } | Operator::If { .. } => 1,
            _ => 0,
        };
        let controls: u64 = self.operators.iter().map(weight).sum();
        controls.saturating_mul(self.local_count().saturating_add(parameters))
    }

    /// Number of declared locals, parameters excluded.
    pub fn local_count(&self) -> u64 {
        self.locals.iter().map(|(count, _)| u64::from(*count)).sum()
    }
}

/// Sections copied as they are.
#[derive(Clone, Copy, Debug, Default)]
pub struct RawSections<'a> {
    pub types: Option<&'a [u8]>,
    pub imports: Option<&'a [u8]>,
    pub functions: Option<&'a [u8]>,
    pub tables: Option<&'a [u8]>,
    pub elements: Option<&'a [u8]>,
    pub data_count: Option<u32>,
    pub data: Option<&'a [u8]>,
}

/// A module taken apart.
#[derive(Clone, Debug, Default)]
pub struct Module<'a> {
    /// Length of the binary, in bytes.
    pub wasm_len: usize,
    pub types: Vec<FuncType>,
    pub imports: Vec<FunctionImport<'a>>,
    /// First import that is no function, as `module.name`.
    pub foreign_import: Option<String>,
    /// Type index of each function of the module itself.
    pub functions: Vec<u32>,
    /// Entries the tables start with.
    pub table_entries: u64,
    pub memories: Vec<MemoryType>,
    pub globals: Vec<Global<'a>>,
    pub exports: Vec<Export<'a>>,
    pub has_start: bool,
    pub bodies: Vec<Body<'a>>,
    pub element_segments: usize,
    pub element_entries: u64,
    pub data_segments: usize,
    pub data_bytes: u64,
    pub raw: RawSections<'a>,
}

impl<'a> Module<'a> {
    /// Reads `wasm`, which must have passed the validator.
    pub fn parse(wasm: &'a [u8]) -> Result<Self, ModuleError> {
        let mut module = Module {
            wasm_len: wasm.len(),
            ..Module::default()
        };
        for payload in Parser::new(0).parse_all(wasm) {
            module.take(payload?, wasm)?;
        }
        Ok(module)
    }

    fn take(&mut self, payload: Payload<'a>, wasm: &'a [u8]) -> Result<(), ModuleError> {
        match payload {
            Payload::TypeSection(section) => {
                self.raw.types = bytes(wasm, section.range());
                for ty in section.into_iter_err_on_gc_types() {
                    self.types.push(ty?);
                }
            }
            Payload::ImportSection(section) => {
                self.raw.imports = bytes(wasm, section.range());
                for import in section.into_imports() {
                    let import = import?;
                    if let TypeRef::Func(type_index) = import.ty {
                        let (module, name) = (import.module, import.name);
                        self.imports.push(FunctionImport {
                            module,
                            name,
                            type_index,
                        });
                    } else if self.foreign_import.is_none() {
                        self.foreign_import = Some(format!("{}.{}", import.module, import.name));
                    }
                }
            }
            Payload::FunctionSection(section) => {
                self.raw.functions = bytes(wasm, section.range());
                for type_index in section {
                    self.functions.push(type_index?);
                }
            }
            Payload::TableSection(section) => {
                self.raw.tables = bytes(wasm, section.range());
                for table in section {
                    self.table_entries = self.table_entries.saturating_add(table?.ty.initial);
                }
            }
            Payload::MemorySection(section) => {
                for memory in section {
                    self.memories.push(memory?);
                }
            }
            Payload::GlobalSection(section) => {
                for global in section {
                    self.globals.push(global?);
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    self.exports.push(export?);
                }
            }
            Payload::StartSection { .. } => self.has_start = true,
            Payload::ElementSection(section) => {
                self.raw.elements = bytes(wasm, section.range());
                for element in section {
                    self.element_segments += 1;
                    self.element_entries += match element?.items {
                        ElementItems::Functions(items) => u64::from(items.count()),
                        ElementItems::Expressions(_, items) => u64::from(items.count()),
                    };
                }
            }
            Payload::DataCountSection { count, .. } => self.raw.data_count = Some(count),
            Payload::DataSection(section) => {
                self.raw.data = bytes(wasm, section.range());
                for data in section {
                    self.data_segments += 1;
                    self.data_bytes += data?.data.len() as u64;
                }
            }
            Payload::CodeSectionEntry(body) => {
                let locals = body
                    .get_locals_reader()?
                    .into_iter()
                    .collect::<Result<_, _>>()?;
                let operators = body
                    .get_operators_reader()?
                    .into_iter()
                    .collect::<Result<_, _>>()?;
                self.bodies.push(Body { locals, operators });
            }
            _ => {}
        }
        Ok(())
    }

    /// Type of the function at `index`, imports counted first.
    pub fn function_type(&self, index: u32) -> Option<&FuncType> {
        let index = index as usize;
        let type_index = match self.imports.get(index) {
            Some(import) => import.type_index,
            None => *self.functions.get(index - self.imports.len())?,
        };
        self.types.get(type_index as usize)
    }

    /// Pages the memory starts with; 0 without memory.
    pub fn initial_pages(&self) -> u64 {
        self.memories.first().map_or(0, |memory| memory.initial)
    }

    /// Whether the memory can grow.
    pub fn memory_can_grow(&self) -> bool {
        self.memories
            .first()
            .is_some_and(|memory| memory.maximum != Some(memory.initial))
    }

    /// Index of the imported function `module.name`.
    pub fn import_index(&self, module: &str, name: &str) -> Option<u32> {
        let found = self
            .imports
            .iter()
            .position(|i| i.module == module && i.name == name)?;
        u32::try_from(found).ok()
    }
}

fn bytes(wasm: &[u8], range: core::ops::Range<u64>) -> Option<&[u8]> {
    wasm.get(usize::try_from(range.start).ok()?..usize::try_from(range.end).ok()?)
}
