//! Opcode metering, against sums done by hand. A block's price is that of its operators and 2450 for the check.

use devnode::program::ProgramStatus;

use crate::chain::{TestChain, ink_of, ink_rules, module, run_ink};

#[test]
fn straight_code_is_one_block() {
    // i32.const 1, end 1
    assert_eq!(ink_of("", "i32.const 0"), 2 + 2450);
}

#[test]
fn loop_pays_for_every_turn() {
    let body = "(local $i i32)
        i32.const 3 local.set $i
        loop
          local.get $i i32.const 1 i32.sub local.tee $i
          br_if 0
        end
        i32.const 0";
    let before = 1 + 210 + 1 + 2450;
    let turn = 75 + 1 + 70 + 75 + 765 + 2450;
    let end_of_loop = 1 + 2450;
    let rest = 1 + 1 + 2450;
    assert_eq!(ink_of("", body), before + 3 * turn + end_of_loop + rest);
}

#[test]
fn only_the_branch_taken_is_paid() {
    let body = "local.get $len
        if
          i64.const 1 i64.const 2 i64.mul drop
        else
          i32.const 1 i32.popcnt drop
        end
        i32.const 0";
    let condition = 75 + 765 + 2450;
    // Skipped up to and with `else`; the other branch runs to its `end`.
    let taken = 1 + 2650 + 9 + 1 + 2450;
    let rest = 1 + 1 + 2450;
    assert_eq!(ink_of("", body), condition + taken + rest);

    let mut chain = TestChain::new(&module("", body), ink_rules());
    let outcome = chain.run(&[1], 100_000);
    // With calldata the first branch runs, `else` included.
    let taken = 1 + 1 + 160 + 9 + 1 + 2450;
    assert_eq!(100_000 - outcome.gas_left, condition + taken + rest);
}

#[test]
fn calls_are_paid_on_both_sides() {
    let wat = r#"(module
        (memory (export "memory") 1 1)
        (type $one (func (param i32)))
        (table 1 funcref)
        (elem (i32.const 0) $drops)
        (func $empty)
        (func $drops (param i32))
        (func (export "user_entrypoint") (param i32) (result i32)
            call $empty
            i32.const 7 i32.const 0 call_indirect (type $one)
            i32.const 0))"#;
    let direct = 3800 + 2450 + (1 + 2450);
    let indirect = 1 + 1 + 13_610 + 650 + 2450 + (1 + 2450);
    let rest = 1 + 1 + 2450;
    let outcome = TestChain::new(wat, ink_rules()).run(&[], 1_000_000);
    assert_eq!(1_000_000 - outcome.gas_left, direct + indirect + rest);
}

#[test]
fn table_branch_pays_for_its_targets() {
    let body = "block block local.get $len br_table 0 1 1 end end i32.const 0";
    // Two targets and the default, which is free.
    let table = 1 + 1 + 75 + 2400 + 2 * 325 + 2450;
    // Target 0 leaves the inner block behind its `end`, so only the outer one is passed.
    let end = 1 + 2450;
    assert_eq!(ink_of("", body), table + end + 1 + 1 + 2450);
}

#[test]
fn memory_operators_are_paid() {
    let body = "i32.const 8 i32.const 8 i32.load i32.store
        i32.const 8 i32.const 8 i64.load32_u i64.store16
        memory.size drop
        i32.const 0";
    let sum = 2 + 670 + 825 + 2 + 680 + 950 + 3000 + 9 + 1 + 1;
    assert_eq!(ink_of("", body), sum + 2450);
}

#[test]
fn bulk_memory_pays_for_every_byte() {
    let fill = "i32.const 0 i32.const 1 i32.const 10 memory.fill i32.const 0";
    assert_eq!(ink_of("", fill), 3 + 950 + 1 + 1 + 2450 + 10 * 100);
    let copy = "i32.const 0 i32.const 64 i32.const 77 memory.copy i32.const 0";
    assert_eq!(ink_of("", copy), 3 + 950 + 1 + 1 + 2450 + 77 * 100);
}

#[test]
fn bulk_memory_that_cannot_be_paid_is_out_of_ink_not_a_trap() {
    // 4 GiB, far out of bounds, but the payment comes first.
    let body = "i32.const 0 i32.const 1 i32.const -1 memory.fill i32.const 0";
    assert_eq!(run_ink("", body, 1_000_000).status, ProgramStatus::OutOfInk);
}

#[test]
fn exact_ink_is_enough_and_one_less_is_not() {
    let exact = run_ink("", "i32.const 0", 2452);
    assert_eq!((exact.status, exact.gas_left), (ProgramStatus::Success, 0));
    let less = run_ink("", "i32.const 0", 2451);
    assert_eq!((less.status, less.gas_left), (ProgramStatus::OutOfInk, 0));
}

#[test]
fn block_is_paid_before_it_runs() {
    // The trap comes first in the block, yet the whole block is gone.
    let outcome = run_ink("", "unreachable i64.popcnt drop i32.const 0", 100_000);
    assert_eq!(outcome.status, ProgramStatus::Failure);
    assert_eq!(100_000 - outcome.gas_left, 1 + 6000 + 9 + 1 + 1 + 2450);
}
