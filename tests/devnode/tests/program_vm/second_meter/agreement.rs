//! Both meters on the same call: everything a call leaves behind must be the same.

use std::sync::Arc;

use alloy_primitives::Bytes;
use devnode::program::{
    Activated, EntryCharges, Program, ProgramOutcome, StylusConfig, activate, run_program,
};

use super::{
    code::Code,
    machine::{self, Ending},
    prices,
};
use crate::{
    chain::{ENGINE, TestChain},
    stored::stored,
};

/// Activates `wasm`, and compares what activation says of it with the second meter's counts. `quick` has it compiled the way that is
/// otherwise kept for programs whose registers would take minutes to allocate.
pub fn activation(wasm: &[u8], config: &StylusConfig, quick: bool) -> (Activated, Arc<Program>) {
    let mut activated = activate(&stored(wasm), config, 0).expect("accepted");
    let code = Code::parse(wasm).expect("parses");
    let (gas, asm, cached, init) = prices::activation(&code.counts);
    let counts = &code.counts;
    assert_eq!(activated.gas, gas, "activation gas of {counts:?}");
    assert_eq!(u64::from(activated.asm_estimate), asm, "{counts:?}");
    assert_eq!(u64::from(activated.cached_init), cached, "{counts:?}");
    assert_eq!(u64::from(activated.init_cost), init, "{counts:?}");
    assert_eq!(u64::from(activated.footprint), counts.pages);
    if quick {
        activated.allocation_effort = u64::MAX;
    }
    let program = ENGINE.compile(&activated).expect("compiles");
    (activated, program)
}

/// Runs the call on both meters, each on its own copy of `chain`, and gives what came of it, and what became of the chain.
pub fn call(
    code: &Code<'_>,
    program: &Program,
    chain: &TestChain,
    calldata: &[u8],
    gas: u64,
) -> (Ending, TestChain) {
    let (mut first, mut second) = (chain.clone(), chain.clone());
    let config = chain.config.clone();
    let ProgramOutcome {
        status,
        gas_left,
        output,
    } = run_program(
        program,
        Bytes::copy_from_slice(calldata),
        gas,
        &mut first,
        &config,
        EntryCharges { cached: true },
    );
    let ending = machine::run(code, &mut second, calldata, gas);
    assert_eq!(
        (status, gas_left, &output),
        (ending.status, ending.gas_left, &ending.output),
        "status, gas left and output of {gas} gas, stack {}",
        config.max_stack_depth
    );
    assert_eq!(first.storage, second.storage);
    assert_eq!(first.transient, second.transient);
    assert_eq!(first.warm, second.warm);
    assert_eq!(first.logs, second.logs);
    assert_eq!(first.pages, second.pages);
    assert_eq!(first.budgets, second.budgets);
    assert_eq!(first.asked, second.asked);
    (ending, second)
}
