//! Stack accounting: a function takes its frame from the words of stack left when entered and gives it back when it returns.

use wasmparser::{BlockType, Operator};

use super::{
    instrument::{InkGlobals, Limit, ModuleError},
    module::Module,
};

/// Words every frame takes besides operands and locals.
const FRAME_OVERHEAD: u64 = 4;
/// Most words of a frame.
const MAX_FRAME: u64 = 10_240;
/// Most operands a function may hold at once.
const MAX_DEPTH: u64 = 4_096;

/// Adds to `code`, metered already, the taking of its frame on entry and the giving back on every `return` and before the end.
/// A branch out of the outermost block does not give back, as on chain.
pub fn account<'a>(
    mut code: Vec<Operator<'a>>,
    locals: u64,
    globals: InkGlobals,
    module: &Module<'_>,
) -> Result<Vec<Operator<'a>>, ModuleError> {
    let depth = worst_depth(&code, module);
    Limit::OperandDepth.check(depth, MAX_DEPTH)?;
    let frame = depth + locals + FRAME_OVERHEAD;
    Limit::StackFrame.check(frame, MAX_FRAME)?;

    // frame ≤ 10,240 fits.
    let size = Operator::I32Const {
        value: i32::try_from(frame).unwrap_or(i32::MAX),
    };
    let get = Operator::GlobalGet {
        global_index: globals.stack_left,
    };
    let set = Operator::GlobalSet {
        global_index: globals.stack_left,
    };
    let mut accounted = Vec::with_capacity(code.len() + 32);
    accounted.extend([
        get.clone(),
        size.clone(),
        Operator::I32LeU,
        Operator::If {
            blockty: BlockType::Empty,
        },
        Operator::I32Const { value: 0 },
        set.clone(),
        Operator::Unreachable,
        Operator::End,
        get.clone(),
        size.clone(),
        Operator::I32Sub,
        set.clone(),
    ]);
    let end = code.pop();
    code.push(Operator::Return);
    for operator in code {
        if matches!(operator, Operator::Return) {
            accounted.extend([get.clone(), size.clone(), Operator::I32Add, set.clone()]);
        }
        accounted.push(operator);
    }
    accounted.extend(end);
    Ok(accounted)
}

/// Most operands `code` can hold at once, in words, counted the way the chain counts: every value one word, results of a call
/// before its arguments leave, unreachable code like any other.
fn worst_depth(code: &[Operator<'_>], module: &Module<'_>) -> u64 {
    use Operator as O;
    let mut stack = Stack::default();
    // The function itself is a scope.
    stack.enter();
    for operator in code {
        match operator {
            O::LocalGet { .. }
            | O::GlobalGet { .. }
            | O::I32Const { .. }
            | O::I64Const { .. }
            | O::MemorySize { .. } => stack.push(1),
            O::Block { blockty } | O::Loop { blockty } => {
                stack.push(results(*blockty, module));
                stack.enter();
            }
            O::If { blockty } => {
                stack.pop(1);
                stack.push(results(*blockty, module));
                stack.enter();
            }
            O::Else => stack.restore(),
            O::End => stack.leave(),
            O::Drop
            | O::BrIf { .. }
            | O::BrTable { .. }
            | O::LocalSet { .. }
            | O::GlobalSet { .. } => stack.pop(1),
            O::Select
            | O::I32Store { .. }
            | O::I32Store8 { .. }
            | O::I32Store16 { .. }
            | O::I64Store { .. }
            | O::I64Store8 { .. }
            | O::I64Store16 { .. }
            | O::I64Store32 { .. } => stack.pop(2),
            O::MemoryFill { .. } | O::MemoryCopy { .. } => stack.pop(3),
            O::Call { function_index } => {
                if let Some(ty) = module.function_type(*function_index) {
                    stack.push(ty.results().len() as u64);
                    stack.pop(ty.params().len() as u64);
                }
            }
            O::CallIndirect { type_index, .. } => {
                if let Some(ty) = module.types.get(*type_index as usize) {
                    stack.push(ty.results().len() as u64);
                    stack.pop(ty.params().len() as u64);
                }
                stack.pop(1);
            }
            other if is_binary(other) => stack.pop(1),
            // Loads, one-operand arithmetic, local.tee, memory.grow, branches: as many out as in.
            _ => {}
        }
    }
    stack.worst
}

/// Results of a block.
fn results(block: BlockType, module: &Module<'_>) -> u64 {
    match block {
        BlockType::Empty => 0,
        BlockType::Type(_) => 1,
        BlockType::FuncType(index) => module
            .types
            .get(index as usize)
            .map_or(0, |ty| ty.results().len() as u64),
    }
}

/// Operand count along straight code.
#[derive(Default)]
struct Stack {
    height: u64,
    worst: u64,
    scopes: Vec<u64>,
}

impl Stack {
    fn push(&mut self, words: u64) {
        self.height += words;
        self.worst = self.worst.max(self.height);
    }

    fn pop(&mut self, words: u64) {
        self.height = self.height.saturating_sub(words);
    }

    fn enter(&mut self) {
        self.scopes.push(self.height);
    }

    fn restore(&mut self) {
        self.height = self.scopes.last().copied().unwrap_or(0);
    }

    fn leave(&mut self) {
        self.height = self.scopes.pop().unwrap_or(0);
    }
}

/// Two operands, one result.
fn is_binary(operator: &Operator<'_>) -> bool {
    use Operator as O;
    matches!(
        operator,
        O::I32Eq
            | O::I32Ne
            | O::I32LtS
            | O::I32LtU
            | O::I32GtS
            | O::I32GtU
            | O::I32LeS
            | O::I32LeU
            | O::I32GeS
            | O::I32GeU
            | O::I64Eq
            | O::I64Ne
            | O::I64LtS
            | O::I64LtU
            | O::I64GtS
            | O::I64GtU
            | O::I64LeS
            | O::I64LeU
            | O::I64GeS
            | O::I64GeU
            | O::I32Add
            | O::I32Sub
            | O::I32Mul
            | O::I32DivS
            | O::I32DivU
            | O::I32RemS
            | O::I32RemU
            | O::I32And
            | O::I32Or
            | O::I32Xor
            | O::I32Shl
            | O::I32ShrS
            | O::I32ShrU
            | O::I32Rotl
            | O::I32Rotr
            | O::I64Add
            | O::I64Sub
            | O::I64Mul
            | O::I64DivS
            | O::I64DivU
            | O::I64RemS
            | O::I64RemU
            | O::I64And
            | O::I64Or
            | O::I64Xor
            | O::I64Shl
            | O::I64ShrS
            | O::I64ShrU
            | O::I64Rotl
            | O::I64Rotr
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Worst depth of `body`, in a function of a module that also has `$two_to_one` and its type.
    fn depth(body: &str) -> u64 {
        let wasm = wat::parse_str(format!(
            r#"(module (memory 1) (table 1 funcref) (global $g (mut i32) (i32.const 0))
                (type $binary (func (param i32 i32) (result i32)))
                (func $two_to_one (type $binary) local.get 0)
                (func (param i32) (local i64) {body}))"#
        ))
        .unwrap();
        let module = Module::parse(&wasm).unwrap();
        worst_depth(&module.bodies[1].operators, &module)
    }

    #[test]
    fn operands_are_counted_where_they_are_most() {
        assert_eq!(depth(""), 0);
        assert_eq!(depth("i32.const 1 drop i32.const 1 drop"), 1);
        assert_eq!(
            depth("i32.const 1 i32.const 2 i32.const 3 i32.add i32.add drop"),
            3
        );
        assert_eq!(
            depth("local.get 0 i32.load i32.eqz global.set $g i64.const 1 local.set 1"),
            1
        );
        assert_eq!(
            depth("i32.const 0 i32.const 1 i32.store memory.size drop"),
            2
        );
        assert_eq!(
            depth("i32.const 0 i32.const 1 i32.const 2 select memory.grow drop"),
            3
        );
        assert_eq!(
            depth("i32.const 0 i32.const 1 i32.const 2 memory.fill i32.const 0 drop"),
            3
        );
    }

    #[test]
    fn bulk_memory_takes_three_operands() {
        let four = "i32.const 0 i32.const 0 i32.const 0 i32.const 0";
        for name in ["memory.fill", "memory.copy"] {
            // One of four is left, and four more come.
            assert_eq!(
                depth(&format!("{four} {name} {four} drop drop drop drop drop")),
                5
            );
        }
    }

    #[test]
    fn results_of_a_block_stand_from_its_entry() {
        assert_eq!(depth("block (result i32) i32.const 1 end drop"), 2);
        assert_eq!(depth("block i32.const 1 drop end"), 1);
        // The condition leaves before the result comes; both branches start from there.
        let both = "i32.const 1 if (result i32) i32.const 1 else i32.const 2 end drop";
        assert_eq!(depth(both), 2);
        let uneven =
            "i32.const 1 if i32.const 1 drop else i32.const 2 i32.const 3 i32.add drop end";
        assert_eq!(depth(uneven), 2);
    }

    #[test]
    fn results_of_a_call_come_before_its_arguments_leave() {
        assert_eq!(depth("i32.const 1 i32.const 2 call $two_to_one drop"), 3);
        let indirect = "i32.const 1 i32.const 2 i32.const 0 call_indirect (type $binary) drop";
        assert_eq!(depth(indirect), 4);
    }

    #[test]
    fn code_after_a_branch_counts_like_any_other() {
        assert_eq!(depth("block i32.const 1 br 0 i32.const 2 drop drop end"), 2);
        // What unreachable code takes beyond what is there counts as nothing.
        assert_eq!(depth("unreachable drop drop i32.const 1 drop"), 1);
    }
}
