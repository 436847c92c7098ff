//! Random programs: valid by construction, with loops, branches of every kind, calls, tables, memory and host calls; most of them
//! run to their end, some trap, some run out of ink or stack.

mod calls;
mod values;

use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, DataSection, ElementSection, Elements, EntityType,
    ExportKind, ExportSection, Function, FunctionSection, GlobalSection, GlobalType, ImportSection,
    Instruction as I, MemArg, MemArgTarget, MemorySection, MemoryType, Module, RefType,
    TableSection, TableType, TypeSection, ValType,
};

use crate::random::Random;

const I32: ValType = ValType::I32;
const I64: ValType = ValType::I64;

/// Imports: name, parameters, result.
const IMPORTS: &[(&str, &[ValType], Option<ValType>)] = &[
    ("pay_for_memory_grow", &[I32], None),
    ("read_args", &[I32], None),
    ("write_result", &[I32, I32], None),
    ("storage_load_bytes32", &[I32, I32], None),
    ("storage_cache_bytes32", &[I32, I32], None),
    ("storage_flush_cache", &[I32], None),
    ("transient_load_bytes32", &[I32, I32], None),
    ("transient_store_bytes32", &[I32, I32], None),
    ("native_keccak256", &[I32, I32, I32], None),
    ("emit_log", &[I32, I32, I32], None),
    ("math_div", &[I32, I32], None),
    ("math_mod", &[I32, I32], None),
    ("math_pow", &[I32, I32], None),
    ("math_add_mod", &[I32, I32, I32], None),
    ("math_mul_mod", &[I32, I32, I32], None),
    ("msg_sender", &[I32], None),
    ("msg_value", &[I32], None),
    ("block_timestamp", &[], Some(I64)),
    ("evm_gas_left", &[], Some(I64)),
    ("evm_ink_left", &[], Some(I64)),
    ("msg_reentrant", &[], Some(I32)),
    ("return_data_size", &[], Some(I32)),
    ("read_return_data", &[I32, I32, I32], Some(I32)),
    ("account_balance", &[I32, I32], None),
    ("account_codehash", &[I32, I32], None),
    ("account_code_size", &[I32], Some(I32)),
    ("account_code", &[I32, I32, I32, I32], Some(I32)),
    (
        "static_call_contract",
        &[I32, I32, I32, I64, I32],
        Some(I32),
    ),
    ("call_contract", &[I32, I32, I32, I32, I64, I32], Some(I32)),
    ("create1", &[I32, I32, I32, I32, I32], None),
    ("create2", &[I32, I32, I32, I32, I32, I32], None),
    ("exit_early", &[I32], None),
];
/// Mutable globals: two of each type.
const GLOBALS: [ValType; 4] = [I32, I32, I64, I64];
/// Locals besides parameters: two of each type, and counters of loops.
const LOCALS: [ValType; 4] = [I32, I32, I64, I64];
const COUNTERS: u32 = 3;

/// A random module.
pub fn program(random: &mut Random) -> Vec<u8> {
    let signatures: Vec<Signature> = (0..1 + random.below(3))
        .map(|_| Signature {
            params: (0..random.below(4))
                .map(|_| random.pick(&[I32, I64]))
                .collect(),
            result: random.pick(&[None, Some(I32), Some(I64)]),
        })
        .collect();
    let mut types = TypeSection::new();
    for (_, params, result) in IMPORTS {
        types.ty().function(params.iter().copied(), *result);
    }
    for signature in &signatures {
        types
            .ty()
            .function(signature.params.clone(), signature.result);
    }
    types.ty().function([I32], [I32]);
    let imported = IMPORTS.len() as u32;
    let mut imports = ImportSection::new();
    for (index, (name, ..)) in IMPORTS.iter().enumerate() {
        imports.import("vm_hooks", name, EntityType::Function(index as u32));
    }

    let (mut functions, mut code) = (FunctionSection::new(), CodeSection::new());
    let entry = Signature {
        params: vec![I32],
        result: Some(I32),
    };
    for (index, signature) in signatures.iter().chain([&entry]).enumerate() {
        functions.function(imported + index as u32);
        let budget = 20 + random.below(60);
        let is_entry = index == signatures.len();
        code.function(&body(random, signature, &signatures, budget, is_entry));
    }
    let mut tables = TableSection::new();
    tables.table(TableType {
        element_type: RefType::FUNCREF,
        minimum: 4,
        maximum: None,
        table64: false,
        shared: false,
    });
    let mut elements = ElementSection::new();
    let entries: Vec<u32> = (0..3)
        .map(|_| imported + random.below(signatures.len()) as u32)
        .collect();
    elements.active(
        None,
        &ConstExpr::i32_const(0),
        Elements::Functions(entries.into()),
    );
    let mut memories = MemorySection::new();
    let minimum = 1 + random.below(3) as u64;
    let maximum = match random.below(4) {
        0 => Some(minimum),
        1 => Some(minimum + random.below(8) as u64),
        _ => None,
    };
    memories.memory(MemoryType {
        minimum,
        maximum,
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    let mut globals = GlobalSection::new();
    for ty in GLOBALS {
        let kind = GlobalType {
            val_type: ty,
            mutable: true,
            shared: false,
        };
        let init = if ty == I32 {
            ConstExpr::i32_const(5)
        } else {
            ConstExpr::i64_const(-6)
        };
        globals.global(kind, &init);
    }
    let mut exports = ExportSection::new();
    exports.export("memory", ExportKind::Memory, 0);
    exports.export(
        "user_entrypoint",
        ExportKind::Func,
        imported + signatures.len() as u32,
    );
    let mut data = DataSection::new();
    let bytes: Vec<u8> = (0..random.below(200))
        .map(|_| random.next() as u8)
        .collect();
    data.active(0, &ConstExpr::i32_const(64), bytes);

    let mut module = Module::new();
    module
        .section(&types)
        .section(&imports)
        .section(&functions)
        .section(&tables)
        .section(&memories)
        .section(&globals)
        .section(&exports)
        .section(&elements)
        .section(&code)
        .section(&data);
    module.finish()
}

struct Signature {
    params: Vec<ValType>,
    result: Option<ValType>,
}

/// Writes one body.
struct Writer<'a> {
    random: &'a mut Random,
    function: Function,
    signature: &'a Signature,
    others: &'a [Signature],
    locals: Vec<ValType>,
    /// Results of the blocks around, outermost first; that of the function itself first of all.
    labels: Vec<Option<ValType>>,
    counters_used: u32,
    budget: usize,
}

fn body(
    random: &mut Random,
    signature: &Signature,
    others: &[Signature],
    budget: usize,
    is_entry: bool,
) -> Function {
    let locals: Vec<ValType> = signature.params.iter().chain(&LOCALS).copied().collect();
    let declared = LOCALS.iter().map(|ty| (1, *ty)).chain([(COUNTERS, I32)]);
    let mut writer = Writer {
        random,
        function: Function::new(declared.collect::<Vec<_>>()),
        signature,
        others,
        locals,
        labels: vec![signature.result],
        counters_used: 0,
        budget,
    };
    writer.statements(6);
    if let Some(ty) = signature.result {
        // Most programs end well.
        if is_entry && !writer.random.once_in(4) {
            writer.put(I::I32Const(0));
        } else {
            writer.value(ty, 3);
        }
    }
    writer.put(I::End);
    writer.function
}

impl Writer<'_> {
    fn put(&mut self, instruction: I<'_>) {
        self.budget = self.budget.saturating_sub(1);
        self.function.instruction(&instruction);
    }

    fn statements(&mut self, most: usize) {
        for _ in 0..1 + self.random.below(most) {
            if self.budget == 0 {
                return;
            }
            self.statement();
        }
    }

    fn local(&mut self, ty: ValType) -> u32 {
        let fitting: Vec<u32> = (0..self.locals.len())
            .filter(|index| self.locals[*index] == ty)
            .map(|index| index as u32)
            .collect();
        self.random.pick(&fitting)
    }

    fn global(&mut self, ty: ValType) -> u32 {
        self.random.pick(if ty == I32 { &[0, 1] } else { &[2, 3] })
    }

    fn ty(&mut self) -> ValType {
        self.random.pick(&[I32, I64])
    }

    /// A pointer, seldom out of bounds.
    fn pointer(&mut self) {
        if self.random.once_in(60) {
            return self.value(I32, 1);
        }
        if self.random.once_in(3) {
            self.value(I32, 1);
            self.put(I::I32Const(0x3ff));
            return self.put(I::I32And);
        }
        let at = self.random.below(2048) as i32;
        self.put(I::I32Const(at));
    }

    fn memarg(&mut self) -> MemArg {
        MemArg {
            offset: self.random.below(300) as u64,
            align: 0,
            target: MemArgTarget::Memory(0),
            ordering: None,
        }
    }

    fn block_type(result: Option<ValType>) -> BlockType {
        result.map_or(BlockType::Empty, BlockType::Result)
    }

    #[allow(clippy::too_many_lines, reason = "one arm a kind of statement")]
    fn statement(&mut self) {
        match self.random.below(22) {
            0..=2 => {
                let ty = self.ty();
                self.value(ty, 3);
                let local = self.local(ty);
                self.put(I::LocalSet(local));
            }
            3 | 4 => {
                let ty = self.ty();
                self.value(ty, 2);
                let global = self.global(ty);
                self.put(I::GlobalSet(global));
            }
            5 => {
                let ty = self.ty();
                self.value(ty, 3);
                self.put(I::Drop);
            }
            6 | 7 => self.store(),
            8 | 9 => {
                self.value(I32, 2);
                self.put(I::If(BlockType::Empty));
                self.labels.push(None);
                self.statements(3);
                if self.random.once_in(2) {
                    self.put(I::Else);
                    self.statements(3);
                }
                self.labels.pop();
                self.put(I::End);
            }
            10 | 11 => self.counted_loop(),
            12 => {
                self.put(I::Block(BlockType::Empty));
                self.labels.push(None);
                self.statements(3);
                self.labels.pop();
                self.put(I::End);
            }
            13 | 14 => self.branch(),
            15 => self.bulk(),
            16..=18 => self.host_call(None),
            19 | 20 => {
                let result = self.random.pick(&[None, Some(I32), Some(I64)]);
                if !self.own_call(result) {
                    self.put(I::Nop);
                } else if result.is_some() {
                    self.put(I::Drop);
                }
            }
            _ => self.rare_ending(),
        }
    }

    fn store(&mut self) {
        self.pointer();
        let (ty, memarg) = (self.ty(), self.memarg());
        self.value(ty, 2);
        let store = if ty == I32 {
            self.random
                .pick(&[I::I32Store, I::I32Store8, I::I32Store16])
        } else {
            self.random
                .pick(&[I::I64Store, I::I64Store8, I::I64Store16, I::I64Store32])
        };
        self.put(store(memarg));
    }

    /// A loop of a few turns. Its counter is touched by nothing else, unless the loop is left and entered again.
    fn counted_loop(&mut self) {
        if self.counters_used == COUNTERS {
            return self.put(I::Nop);
        }
        let counter = self.locals.len() as u32 + self.counters_used;
        self.counters_used += 1;
        let turns = 1 + self.random.below(6) as i32;
        self.put(I::I32Const(turns));
        self.put(I::LocalSet(counter));
        self.put(I::Loop(BlockType::Empty));
        // A branch to a loop would make it endless; now and then that is wanted.
        self.labels.push(if self.random.once_in(8) {
            None
        } else {
            Some(ValType::F32)
        });
        self.statements(3);
        self.labels.pop();
        for instruction in [
            I::LocalGet(counter),
            I::I32Const(1),
            I::I32Sub,
            I::LocalTee(counter),
            I::BrIf(0),
            I::End,
        ] {
            self.put(instruction);
        }
    }

    /// Depths of the blocks around that have this result.
    fn depths(&self, result: Option<ValType>) -> Vec<u32> {
        let fitting = self.labels.iter().rev().enumerate();
        fitting
            .filter(|(_, label)| **label == result)
            .map(|(depth, _)| depth as u32)
            .collect()
    }

    fn branch(&mut self) {
        let depths = self.depths(None);
        if depths.is_empty() {
            return self.put(I::Nop);
        }
        let depth = self.random.pick(&depths);
        match self.random.below(5) {
            0 => {
                // Behind an `if`, or what follows never runs.
                self.value(I32, 1);
                self.put(I::If(BlockType::Empty));
                self.put(I::Br(depth + 1));
                self.put(I::End);
            }
            1 | 2 => {
                self.value(I32, 2);
                self.put(I::BrIf(depth));
            }
            _ => {
                self.value(I32, 1);
                self.put(I::If(BlockType::Empty));
                self.value(I32, 1);
                let targets: Vec<u32> = (0..self.random.below(5))
                    .map(|_| 1 + self.random.pick(&depths))
                    .collect();
                self.put(I::BrTable(targets.into(), depth + 1));
                self.put(I::End);
            }
        }
    }

    fn bulk(&mut self) {
        self.pointer();
        self.pointer();
        if self.random.once_in(40) {
            self.value(I32, 1);
        } else {
            let len = self.random.below(300) as i32;
            self.put(I::I32Const(len));
        }
        if self.random.once_in(2) {
            self.put(I::MemoryFill(0));
        } else {
            self.put(I::MemoryCopy {
                src_mem: 0,
                dst_mem: 0,
            });
        }
    }

    fn rare_ending(&mut self) {
        match self.random.below(12) {
            0 => self.put(I::Unreachable),
            1 => {
                if let Some(ty) = self.signature.result {
                    self.value(ty, 1);
                }
                self.put(I::Return);
            }
            2 => {
                // A return in the middle, taken sometimes.
                self.value(I32, 1);
                self.put(I::If(BlockType::Empty));
                if let Some(ty) = self.signature.result {
                    self.value(ty, 1);
                }
                self.put(I::Return);
                self.put(I::End);
            }
            3 => {
                // A branch out of the function with its result.
                let depth = self.labels.len() as u32;
                self.value(I32, 1);
                self.put(I::If(BlockType::Empty));
                if let Some(ty) = self.signature.result {
                    self.value(ty, 1);
                }
                self.put(I::Br(depth));
                self.put(I::End);
            }
            _ => self.put(I::Nop),
        }
    }
}
