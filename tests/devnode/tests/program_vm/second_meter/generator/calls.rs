//! Calls: of the host, and of the module's own functions, by index and by table.

use wasm_encoder::{Instruction as I, ValType};

use super::{I32, I64, IMPORTS, Writer};

impl Writer<'_> {
    /// A host call with this result, or one of any result that is dropped.
    pub(super) fn host_call(&mut self, wanted: Option<ValType>) {
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
    pub(super) fn own_call(&mut self, result: Option<ValType>) -> bool {
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
}
