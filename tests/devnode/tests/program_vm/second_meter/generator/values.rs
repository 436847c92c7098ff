//! Code that leaves a value: operators, loads, blocks with results.

use wasm_encoder::{Instruction as I, ValType};

use super::{I32, I64, Writer};

impl Writer<'_> {
    /// Code that leaves a value of type `ty`.
    pub(super) fn value(&mut self, ty: ValType, deep: usize) {
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
