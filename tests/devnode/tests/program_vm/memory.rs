//! Memory: what entry and growth cost, and what is given back.

use devnode::program::{
    EntryCharges, ProgramStatus, StylusConfig, memory::MemoryModel, run_program,
};

use crate::chain::{SELF, TestChain, ink_rules, module};

const PLENTY: u64 = 1_000_000_000;

fn grow(pages: i32) -> String {
    module(
        "",
        &format!("i32.const {pages} memory.grow drop i32.const 0"),
    )
}

/// Ink of growing, besides the pages: nothing of what instrumentation inserted is metered.
const GROW_INK: u64 = 1 + 8050 + 9 + 1 + 1 + 2450;

#[test]
fn growth_is_charged_by_the_model() {
    let config = ink_rules();
    let model = MemoryModel::new(&config);
    for pages in [1u16, 2, 10, 127] {
        let mut chain = TestChain::new(&grow(i32::from(pages)), config.clone());
        let outcome = chain.run(&[], PLENTY);
        // One page is open from the start, free.
        let paid = model.gas(pages, 1, 1);
        assert_eq!(PLENTY - outcome.gas_left, GROW_INK + paid, "{pages} pages");
        assert_eq!(chain.pages, (0, pages + 1), "open is put back, ever stays");
    }
}

#[test]
fn growing_by_nothing_costs_a_host_call() {
    let outcome = TestChain::new(&grow(0), ink_rules()).run(&[], PLENTY);
    assert_eq!(PLENTY - outcome.gas_left, GROW_INK + 8_400);
}

#[test]
fn growing_beyond_the_limit_is_out_of_gas() {
    for pages in [128, 65_535, 65_536 + 128] {
        let outcome = TestChain::new(&grow(pages), ink_rules()).run(&[], PLENTY);
        assert_eq!(outcome.status, ProgramStatus::OutOfInk, "{pages} pages");
    }
}

#[test]
fn memory_that_cannot_grow_needs_no_payment() {
    let wat = r#"(module (memory (export "memory") 1 1)
        (func (export "user_entrypoint") (param i32) (result i32)
            i32.const 5 memory.grow i32.const -1 i32.ne))"#;
    let outcome = TestChain::new(wat, ink_rules()).run(&[], PLENTY);
    assert_eq!(outcome.status, ProgramStatus::Success);
}

#[test]
fn entry_takes_footprint_and_start_of_the_program() {
    let config = StylusConfig::arbos_61();
    let wat = r#"(module (memory (export "memory") 20 20)
        (func (export "user_entrypoint") (param i32) (result i32) i32.const 0))"#;
    let mut chain = TestChain::new(wat, config.clone());
    let program = chain.programs[&SELF].clone();
    let mut used = |cached| {
        chain.pages = (0, 0);
        let entry = EntryCharges { cached };
        let outcome = run_program(&program, [].into(), 1_000_000, &mut chain, &config, entry);
        assert_eq!(outcome.status, ProgramStatus::Success);
        1_000_000 - outcome.gas_left
    };
    // 18 pages beyond the free two; having had twenty instead of none is table[20] − table[0] = 14 − 1. The 2452 ink of the code
    // take one gas.
    let cached = 18_000 + 13 + 352 + u64::from(program.cached_init) + 1;
    assert_eq!(used(true), cached);
    assert_eq!(used(false), cached + 8_832 + u64::from(program.init_cost));
}

#[test]
fn entry_that_cannot_be_paid_is_out_of_gas_and_opens_nothing() {
    let mut chain = TestChain::new(&module("", "i32.const 0"), StylusConfig::arbos_61());
    let outcome = chain.run(&[], 300);
    assert_eq!(
        (outcome.status, outcome.gas_left),
        (ProgramStatus::OutOfInk, 0)
    );
    assert_eq!(chain.pages, (0, 0));
}

#[test]
fn returned_data_costs_evm_memory_at_least() {
    let wat = r#"(module
        (import "vm_hooks" "write_result" (func $write (param i32 i32)))
        (memory (export "memory") 2 2)
        (func (export "user_entrypoint") (param i32) (result i32)
            i32.const 0 i32.const 131072 call $write i32.const 0))"#;
    // An ink of next to no gas, so that the floor is what counts.
    let config = StylusConfig {
        ink_price: 10_000_000,
        ..ink_rules()
    };
    let mut chain = TestChain::new(wat, config);
    let words = 131_072 / 32;
    let floor = 3 * words + words * words / 512;
    let outcome = chain.run(&[], 100_000);
    assert_eq!(
        (outcome.status, 100_000 - outcome.gas_left),
        (ProgramStatus::Success, floor)
    );
    let outcome = chain.run(&[], floor - 1);
    assert_eq!(
        (outcome.status, outcome.output.len()),
        (ProgramStatus::OutOfInk, 0)
    );
}
