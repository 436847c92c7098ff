//! Metering: every basic block pays for all its operators before the first of them runs.

use wasmparser::{BlockType, Operator};

use super::{instrument::InkGlobals, module::Module, prices};

/// Ink status of a program that ran out.
pub const STATUS_EXHAUSTED: i32 = 1;

/// Puts before each basic block the payment of its price: that of its operators and of the check. A block ends with the operator
/// after which control can go elsewhere, and that operator belongs to it. `Err` names an operator that has no price.
pub fn meter_blocks<'a>(
    code: Vec<Operator<'a>>,
    globals: InkGlobals,
    module: &Module<'_>,
) -> Result<Vec<Operator<'a>>, String> {
    let parameters = |ty: u32| {
        module
            .types
            .get(ty as usize)
            .map_or(0, |ty| ty.params().len() as u64)
    };
    let mut metered = Vec::with_capacity(code.len() * 2);
    let mut block = Vec::new();
    let mut cost = 0u64;
    for operator in code {
        let Some(ink) = prices::opcode::ink(&operator, parameters) else {
            return Err(name(&operator));
        };
        cost = cost.saturating_add(ink);
        let ends = ends_block(&operator);
        block.push(operator);
        if ends {
            metered.extend(payment(cost.saturating_add(prices::BLOCK_HEADER), globals));
            metered.append(&mut block);
            cost = 0;
        }
    }
    // Valid code ends with `end`, so nothing is left over.
    metered.append(&mut block);
    Ok(metered)
}

/// Puts before each memory.fill and memory.copy the payment of its bytes. Their number is on top of the stack.
pub fn meter_bulk_memory(code: Vec<Operator<'_>>, globals: InkGlobals) -> Vec<Operator<'_>> {
    let mut metered = Vec::with_capacity(code.len());
    for operator in code {
        if matches!(
            operator,
            Operator::MemoryFill { .. } | Operator::MemoryCopy { .. }
        ) {
            metered.extend(bulk_payment(globals));
            metered.push(Operator::GlobalGet {
                global_index: globals.scratch,
            });
        }
        metered.push(operator);
    }
    metered
}

fn ends_block(operator: &Operator<'_>) -> bool {
    use Operator as O;
    matches!(
        operator,
        O::End
            | O::Else
            | O::Return
            | O::Loop { .. }
            | O::Br { .. }
            | O::BrTable { .. }
            | O::BrIf { .. }
            | O::If { .. }
            | O::Call { .. }
            | O::CallIndirect { .. }
    )
}

/// `if ink < cost { status = exhausted; trap }; ink -= cost`
fn payment(cost: u64, globals: InkGlobals) -> [Operator<'static>; 12] {
    let cost = Operator::I64Const {
        value: cost.cast_signed(),
    };
    let [fail, status, trap, end] = exhausted(globals);
    [
        Operator::GlobalGet {
            global_index: globals.ink_left,
        },
        cost.clone(),
        Operator::I64LtU,
        Operator::If {
            blockty: BlockType::Empty,
        },
        fail,
        status,
        trap,
        end,
        Operator::GlobalGet {
            global_index: globals.ink_left,
        },
        cost,
        Operator::I64Sub,
        Operator::GlobalSet {
            global_index: globals.ink_left,
        },
    ]
}

/// `scratch = bytes; before = ink; ink -= bytes * price; if before < ink { status = exhausted; trap }`. The caller puts the bytes
/// back on the stack. The product cannot wrap: bytes < 2^32.
fn bulk_payment(globals: InkGlobals) -> [Operator<'static>; 16] {
    let [fail, status, trap, end] = exhausted(globals);
    [
        Operator::GlobalSet {
            global_index: globals.scratch,
        },
        Operator::GlobalGet {
            global_index: globals.ink_left,
        },
        Operator::GlobalGet {
            global_index: globals.ink_left,
        },
        Operator::GlobalGet {
            global_index: globals.scratch,
        },
        Operator::I64ExtendI32U,
        Operator::I64Const {
            value: prices::BULK_MEMORY_BYTE.cast_signed(),
        },
        Operator::I64Mul,
        Operator::I64Sub,
        Operator::GlobalSet {
            global_index: globals.ink_left,
        },
        Operator::GlobalGet {
            global_index: globals.ink_left,
        },
        Operator::I64LtU,
        Operator::If {
            blockty: BlockType::Empty,
        },
        fail,
        status,
        trap,
        end,
    ]
}

/// The body of a branch taken when ink ran out, with its `end`.
fn exhausted(globals: InkGlobals) -> [Operator<'static>; 4] {
    [
        Operator::I32Const {
            value: STATUS_EXHAUSTED,
        },
        Operator::GlobalSet {
            global_index: globals.ink_status,
        },
        Operator::Unreachable,
        Operator::End,
    ]
}

/// Name of an operator without its operands.
fn name(operator: &Operator<'_>) -> String {
    let text = format!("{operator:?}");
    text.split([' ', '(', '{'])
        .next()
        .unwrap_or_default()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GLOBALS: InkGlobals = InkGlobals {
        ink_left: 0,
        ink_status: 1,
        scratch: 2,
        stack_left: 3,
    };

    /// Prices of the blocks of `body`, in order, and the length of the metered code.
    fn blocks(body: &str) -> (Vec<i64>, usize) {
        let wasm = wat::parse_str(format!("(module (memory 1) (func {body}))")).unwrap();
        let mut module = Module::parse(&wasm).unwrap();
        let code = core::mem::take(&mut module.bodies[0].operators);
        let metered = meter_blocks(code, GLOBALS, &module).unwrap();
        let prices = metered.windows(3).filter_map(|window| match window {
            [
                Operator::GlobalGet { global_index: 0 },
                Operator::I64Const { value },
                Operator::I64LtU,
            ] => Some(*value),
            _ => None,
        });
        (prices.collect(), metered.len())
    }

    #[test]
    fn blocks_end_behind_what_can_branch() {
        assert_eq!(blocks("nop nop"), (vec![3 + 2450], 3 + 12));
        // Neither `block` nor `unreachable` ends one; `loop`, `end` and `return` do.
        let (prices, length) = blocks("block unreachable loop nop return end end");
        assert_eq!(prices, [3 + 2450, 2 + 2450, 1 + 2450, 1 + 2450, 1 + 2450]);
        assert_eq!(length, 8 + 5 * 12);
    }

    #[test]
    fn bytes_are_paid_between_their_count_and_the_operator() {
        let wasm = wat::parse_str(
            "(module (memory 1) (func i32.const 0 i32.const 1 i32.const 2 memory.fill))",
        );
        let wasm = wasm.unwrap();
        let module = Module::parse(&wasm).unwrap();
        let metered = meter_bulk_memory(module.bodies[0].operators.clone(), GLOBALS);
        assert_eq!(metered[2], Operator::I32Const { value: 2 });
        assert_eq!(metered[3], Operator::GlobalSet { global_index: 2 });
        assert_eq!(metered[3 + 16], Operator::GlobalGet { global_index: 2 });
        assert_eq!(metered[3 + 17], Operator::MemoryFill { mem: 0 });
    }

    #[test]
    fn operator_without_a_price_is_named() {
        let wasm = wat::parse_str("(module (func f64.const 1 f64.neg drop))").unwrap();
        let mut module = Module::parse(&wasm).unwrap();
        let code = core::mem::take(&mut module.bodies[0].operators);
        assert_eq!(meter_blocks(code, GLOBALS, &module), Err("F64Const".into()));
    }
}
