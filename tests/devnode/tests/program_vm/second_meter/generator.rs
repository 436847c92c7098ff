//! Random programs: valid by construction, with loops, branches of every kind, calls, tables, memory and host calls; most of them
//! run to their end, some trap, some run out of ink or stack.

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

    /// A host call with this result, or one of any result that is dropped.
    fn host_call(&mut self, wanted: Option<ValType>) {
        let fitting: Vec<usize> = (0..IMPORTS.len())
            .filter(|index| wanted.is_none() || IMPORTS[*index].2 == wanted)
            // Ending early must stay rare.
            .filter(|index| IMPORTS[*index].0 != "exit_early" || self.random.once_in(20))
            .collect();
        let index = self.random.pick(&fitting);
        let (name, params, result) = IMPORTS[index];
        for (position, param) in params.iter().enumerate() {
            let number = match (name, position) {
                ("emit_log", 2) => Some(self.random.below(5)),
                ("emit_log" | "write_result" | "native_keccak256", 1) => {
                    Some(self.random.below(400))
                }
                ("pay_for_memory_grow", _) => Some(self.random.below(3)),
                ("create1" | "create2", 1) | ("static_call_contract" | "call_contract", 2) => {
                    Some(self.random.below(80))
                }
                _ => None,
            };
            match number {
                Some(number) => self.put(I::I32Const(number as i32)),
                None if *param == I32 => self.pointer(),
                None => self.value(I64, 1),
            }
        }
        self.put(I::Call(index as u32));
        if wanted.is_none() && result.is_some() {
            self.put(I::Drop);
        }
    }

    /// A call of a function of the module with this result; false if there is none.
    fn own_call(&mut self, result: Option<ValType>) -> bool {
        let fitting: Vec<usize> = (0..self.others.len())
            .filter(|index| self.others[*index].result == result)
            .collect();
        if fitting.is_empty() {
            return false;
        }
        let callee = self.random.pick(&fitting);
        for index in 0..self.others[callee].params.len() {
            let ty = self.others[callee].params[index];
            self.value(ty, 1);
        }
        let index = (IMPORTS.len() + callee) as u32;
        if self.random.once_in(3) {
            // Entry 3 is empty, and the others may have another type.
            let entries = if self.random.once_in(6) { 5 } else { 3 };
            let entry = self.random.below(entries) as i32;
            self.put(I::I32Const(entry));
            self.put(I::CallIndirect {
                type_index: index,
                table_index: 0,
            });
        } else {
            self.put(I::Call(index));
        }
        true
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

    /// Code that leaves a value of type `ty`.
    fn value(&mut self, ty: ValType, deep: usize) {
        if deep == 0 || self.budget == 0 {
            return self.leaf(ty);
        }
        match self.random.below(18) {
            0..=3 => self.leaf(ty),
            4..=8 => self.binary(ty, deep),
            9 | 10 => self.unary(ty, deep),
            11 => {
                self.pointer();
                let memarg = self.memarg();
                let load = if ty == I32 {
                    self.random.pick(&[
                        I::I32Load,
                        I::I32Load8S,
                        I::I32Load8U,
                        I::I32Load16S,
                        I::I32Load16U,
                    ])
                } else {
                    self.random.pick(&[
                        I::I64Load,
                        I::I64Load8S,
                        I::I64Load8U,
                        I::I64Load16S,
                        I::I64Load16U,
                        I::I64Load32S,
                        I::I64Load32U,
                    ])
                };
                self.put(load(memarg));
            }
            12 => {
                self.value(ty, deep - 1);
                self.value(ty, deep - 1);
                self.value(I32, deep - 1);
                self.put(I::Select);
            }
            13 => {
                self.value(I32, deep - 1);
                self.put(I::If(Self::block_type(Some(ty))));
                self.labels.push(Some(ty));
                self.value(ty, deep - 1);
                self.put(I::Else);
                self.value(ty, deep - 1);
                self.labels.pop();
                self.put(I::End);
            }
            14 => {
                // Left early with a value, or at its end with another.
                self.put(I::Block(Self::block_type(Some(ty))));
                self.labels.push(Some(ty));
                self.value(ty, deep - 1);
                self.value(I32, deep - 1);
                let depth = self.random.pick(&self.depths(Some(ty)));
                self.put(I::BrIf(depth));
                self.labels.pop();
                self.put(I::End);
            }
            15 => {
                let local = self.local(ty);
                self.value(ty, deep - 1);
                self.put(I::LocalTee(local));
            }
            16 => {
                if !self.own_call(Some(ty)) {
                    self.leaf(ty);
                }
            }
            _ if ty == I32 && self.random.once_in(3) => {
                let pages = self.random.pick(&[0, 1, 1, 2, 3, 40]);
                self.put(I::I32Const(pages));
                self.put(I::MemoryGrow(0));
            }
            _ => self.host_call(Some(ty)),
        }
    }

    fn leaf(&mut self, ty: ValType) {
        match self.random.below(5) {
            0 => {
                let local = self.local(ty);
                self.put(I::LocalGet(local));
            }
            1 => {
                let global = self.global(ty);
                self.put(I::GlobalGet(global));
            }
            2 if ty == I32 => self.put(I::MemorySize(0)),
            _ => {
                let number = match self.random.below(4) {
                    0 => self.random.next(),
                    1 => u64::MAX << self.random.below(64),
                    _ => self.random.below(20) as u64,
                };
                self.put(if ty == I32 {
                    I::I32Const((number as u32).cast_signed())
                } else {
                    I::I64Const(number.cast_signed())
                });
            }
        }
    }

    fn binary(&mut self, ty: ValType, deep: usize) {
        if ty == I32 && self.random.once_in(3) {
            self.value(I64, deep - 1);
            self.value(I64, deep - 1);
            let compare = self.random.pick(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
            return self.put(match compare {
                0 => I::I64Eq,
                1 => I::I64Ne,
                2 => I::I64LtS,
                3 => I::I64LtU,
                4 => I::I64GtS,
                5 => I::I64GtU,
                6 => I::I64LeS,
                7 => I::I64LeU,
                8 => I::I64GeS,
                _ => I::I64GeU,
            });
        }
        self.value(ty, deep - 1);
        self.value(ty, deep - 1);
        if self.random.once_in(10) {
            // Division may trap.
            let kind = self.random.below(4);
            return self.put(match (ty == I32, kind) {
                (true, 0) => I::I32DivS,
                (true, 1) => I::I32DivU,
                (true, 2) => I::I32RemS,
                (true, _) => I::I32RemU,
                (false, 0) => I::I64DivS,
                (false, 1) => I::I64DivU,
                (false, 2) => I::I64RemS,
                (false, _) => I::I64RemU,
            });
        }
        if ty == I64 {
            let kind = self.random.below(11);
            return self.put(match kind {
                0 => I::I64Add,
                1 => I::I64Sub,
                2 => I::I64Mul,
                3 => I::I64And,
                4 => I::I64Or,
                5 => I::I64Xor,
                6 => I::I64Shl,
                7 => I::I64ShrS,
                8 => I::I64ShrU,
                9 => I::I64Rotl,
                _ => I::I64Rotr,
            });
        }
        let kind = self.random.below(21);
        self.put(match kind {
            0 => I::I32Add,
            1 => I::I32Sub,
            2 => I::I32Mul,
            3 => I::I32And,
            4 => I::I32Or,
            5 => I::I32Xor,
            6 => I::I32Shl,
            7 => I::I32ShrS,
            8 => I::I32ShrU,
            9 => I::I32Rotl,
            10 => I::I32Rotr,
            11 => I::I32Eq,
            12 => I::I32Ne,
            13 => I::I32LtS,
            14 => I::I32LtU,
            15 => I::I32GtS,
            16 => I::I32GtU,
            17 => I::I32LeS,
            18 => I::I32LeU,
            19 => I::I32GeS,
            _ => I::I32GeU,
        });
    }

    fn unary(&mut self, ty: ValType, deep: usize) {
        let cross = self.random.once_in(3);
        if cross {
            self.value(if ty == I32 { I64 } else { I32 }, deep - 1);
            let signed = self.random.once_in(2);
            return self.put(match (ty == I32, signed) {
                (true, true) => I::I32WrapI64,
                (true, false) => I::I64Eqz,
                (false, true) => I::I64ExtendI32S,
                (false, false) => I::I64ExtendI32U,
            });
        }
        self.value(ty, deep - 1);
        let kind = self.random.below(6);
        self.put(match (ty == I32, kind) {
            (true, 0) => I::I32Clz,
            (true, 1) => I::I32Ctz,
            (true, 2) => I::I32Popcnt,
            (true, 3) => I::I32Extend8S,
            (true, 4) => I::I32Extend16S,
            (true, _) => I::I32Eqz,
            (false, 0) => I::I64Clz,
            (false, 1) => I::I64Ctz,
            (false, 2) => I::I64Popcnt,
            (false, 3) => I::I64Extend8S,
            (false, 4) => I::I64Extend16S,
            (false, _) => I::I64Extend32S,
        });
    }
}
