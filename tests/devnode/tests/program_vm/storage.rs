//! Storage: prices of the cache, what is lost without a flush, what static frames may not do.

use alloy_primitives::B256;
use devnode::program::ProgramStatus;

use crate::chain::{SELF, TestChain, ink_rules, module};

const HOOKS: &str = r#"
    (import "vm_hooks" "storage_load_bytes32" (func $load (param i32 i32)))
    (import "vm_hooks" "storage_cache_bytes32" (func $cache (param i32 i32)))
    (import "vm_hooks" "storage_flush_cache" (func $flush (param i32)))
    (import "vm_hooks" "transient_load_bytes32" (func $tload (param i32 i32)))
    (import "vm_hooks" "transient_store_bytes32" (func $tstore (param i32 i32)))
    (import "vm_hooks" "write_result" (func $write (param i32 i32)))"#;

/// Puts the key 1 at 0 and the value 2 at 32.
const SETUP: &str = "i32.const 31 i32.const 1 i32.store8 i32.const 63 i32.const 2 i32.store8 ";
/// Its ink, without the head of its block.
const SETUP_INK: u64 = 2 * (1 + 1 + 825);

const PLENTY: u64 = 1_000_000_000;

fn chain(body: &str) -> TestChain {
    TestChain::new(&module(HOOKS, &format!("{SETUP}{body}")), ink_rules())
}

fn key() -> B256 {
    B256::with_last_byte(1)
}

#[test]
fn write_without_flush_is_lost() {
    let mut chain = chain("i32.const 0 i32.const 32 call $cache i32.const 0");
    assert_eq!(chain.run(&[], PLENTY).status, ProgramStatus::Success);
    assert!(chain.storage.is_empty());
}

#[test]
fn flushed_write_reaches_state_and_is_paid() {
    let mut chain =
        chain("i32.const 0 i32.const 32 call $cache i32.const 0 call $flush i32.const 0");
    let outcome = chain.run(&[], PLENTY);
    assert_eq!(chain.storage[&(SELF, key())], B256::with_last_byte(2));
    let cache = SETUP_INK + 2 + 3800 + 2450 + 18_480;
    let flush = 1 + 3800 + 2450 + 68_073 + 22_100;
    assert_eq!(PLENTY - outcome.gas_left, cache + flush + 2452);
}

#[test]
fn first_load_reads_state_and_the_second_the_cache() {
    let load = "i32.const 0 i32.const 64 call $load ";
    let mut chain = chain(&format!(
        "{load}{load} i32.const 64 i32.const 32 call $write i32.const 0"
    ));
    chain.storage.insert((SELF, key()), B256::repeat_byte(0xab));
    let outcome = chain.run(&[], PLENTY);
    assert_eq!(outcome.output.as_ref(), [0xab; 32]);
    let first = SETUP_INK + 2 + 3800 + 2450 + 18_480 + 2_100 + 59_673;
    let second = 2 + 3800 + 2450 + 18_480;
    let write = 2 + 3800 + 2450 + 8_400 + 2 * 16_381;
    assert_eq!(PLENTY - outcome.gas_left, first + second + write + 2452);
}

#[test]
fn load_sees_the_cached_write() {
    let mut chain = chain(
        "i32.const 0 i32.const 32 call $cache
         i32.const 0 i32.const 64 call $load
         i32.const 64 i32.const 32 call $write i32.const 0",
    );
    assert_eq!(
        chain.run(&[], PLENTY).output.as_ref(),
        B256::with_last_byte(2).as_slice()
    );
}

#[test]
fn clean_flush_asks_nothing_of_the_chain() {
    let mut chain =
        chain("i32.const 0 i32.const 64 call $load i32.const 1 call $flush i32.const 0");
    // A static frame: any request to store would fail the program.
    chain.facts.is_static = true;
    assert_eq!(chain.run(&[], PLENTY).status, ProgramStatus::Success);
}

#[test]
fn static_frame_may_not_write() {
    for write in [
        "i32.const 0 i32.const 32 call $cache i32.const 0 call $flush",
        "i32.const 0 i32.const 32 call $tstore",
    ] {
        let mut chain = chain(&format!("{write} i32.const 0"));
        chain.facts.is_static = true;
        let outcome = chain.run(&[], PLENTY);
        assert_eq!(
            (outcome.status, outcome.output.len()),
            (ProgramStatus::Failure, 0)
        );
        assert!(outcome.gas_left > 0 && chain.storage.is_empty() && chain.transient.is_empty());
    }
}

#[test]
fn flush_is_offered_one_gas_more_than_there_is() {
    // A budget spent to nothing counts as exceeded, so this is what lets a flush take all the gas left.
    let mut chain =
        chain("i32.const 0 i32.const 32 call $cache i32.const 0 call $flush i32.const 0");
    let outcome = chain.run(&[], PLENTY);
    assert_eq!(chain.budgets, [outcome.gas_left + 2452 + 22_100 + 1]);
}

#[test]
fn flush_that_cannot_be_paid_is_out_of_gas() {
    let run = |ink| {
        let body = "i32.const 0 i32.const 32 call $cache i32.const 0 call $flush i32.const 0";
        chain(body).run(&[], ink)
    };
    let to_the_flush = PLENTY - run(PLENTY).gas_left - 2452;
    assert_eq!(run(to_the_flush + 2452).status, ProgramStatus::Success);
    assert_eq!(run(to_the_flush + 2451).status, ProgramStatus::OutOfInk);
    assert_eq!(run(to_the_flush - 1).status, ProgramStatus::OutOfInk);

    let body = "i32.const 0 i32.const 32 call $cache i32.const 0 call $flush i32.const 0";
    let mut before_arbos_50 = chain(body);
    before_arbos_50.config.flush_runs_out_of_gas = false;
    let outcome = before_arbos_50.run(&[], to_the_flush - 1);
    assert_eq!(
        (outcome.status, outcome.gas_left),
        (ProgramStatus::Failure, 22_100 - 1)
    );
}

#[test]
fn load_needs_the_gas_of_a_cold_read_even_when_warm() {
    // Ten ink a gas, so that what is required exceeds what is then paid and the end of the program together.
    let run = |gas| {
        let mut chain = chain("i32.const 0 i32.const 64 call $load i32.const 0");
        chain.config.ink_price = 10;
        chain.warm.insert(key());
        chain.run(&[], gas).status
    };
    let before = SETUP_INK + 2 + 3800 + 2450 + 18_480;
    let required = (before + 10 * (2_100 + 10 + 5_967)).div_ceil(10);
    assert_eq!(run(required), ProgramStatus::Success);
    assert_eq!(run(required - 1), ProgramStatus::OutOfInk);
}

#[test]
fn transient_storage_goes_straight_through() {
    let mut chain = chain(
        "i32.const 0 i32.const 32 call $tstore
         i32.const 0 i32.const 64 call $tload
         i32.const 64 i32.const 32 call $write i32.const 0",
    );
    let outcome = chain.run(&[], PLENTY);
    assert_eq!(outcome.output.as_ref(), B256::with_last_byte(2).as_slice());
    let store = SETUP_INK + 2 + 3800 + 2450 + 78_153 + 100;
    let load = 2 + 3800 + 2450 + 78_153 + 100;
    let write = 2 + 3800 + 2450 + 8_400 + 2 * 16_381;
    assert_eq!(PLENTY - outcome.gas_left, store + load + write + 2452);
}
