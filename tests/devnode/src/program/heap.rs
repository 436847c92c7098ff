//! Memory payment: every memory.grow first tells the node how many pages it asks for.

use wasmparser::Operator;

use super::instrument::InkGlobals;

/// Puts before each memory.grow a call of `payment`, the function that takes the pages asked for, which are on top of the stack.
/// Without `payment` (a memory that cannot grow) the code stays as it is.
pub fn pay_for_growth(
    code: Vec<Operator<'_>>,
    globals: InkGlobals,
    payment: Option<u32>,
) -> Vec<Operator<'_>> {
    let Some(function_index) = payment else {
        return code;
    };
    let mut paying = Vec::with_capacity(code.len());
    for operator in code {
        if matches!(operator, Operator::MemoryGrow { .. }) {
            paying.extend([
                Operator::GlobalSet {
                    global_index: globals.scratch,
                },
                Operator::GlobalGet {
                    global_index: globals.scratch,
                },
                Operator::GlobalGet {
                    global_index: globals.scratch,
                },
                Operator::Call { function_index },
            ]);
        }
        paying.push(operator);
    }
    paying
}
