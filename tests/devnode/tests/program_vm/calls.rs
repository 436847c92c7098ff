//! Calls out: what they cost and give back, and programs that call programs.

use alloy_primitives::{Address, B256};
use devnode::program::{ProgramStatus, StylusConfig};

use crate::chain::{ENGINE, SELF, TestChain, activated, ink_rules, module};

const HOOKS: &str = r#"
    (import "vm_hooks" "read_args" (func $args (param i32)))
    (import "vm_hooks" "write_result" (func $write (param i32 i32)))
    (import "vm_hooks" "contract_address" (func $self (param i32)))
    (import "vm_hooks" "msg_sender" (func $sender (param i32)))
    (import "vm_hooks" "storage_load_bytes32" (func $load (param i32 i32)))
    (import "vm_hooks" "storage_cache_bytes32" (func $cache (param i32 i32)))
    (import "vm_hooks" "storage_flush_cache" (func $flush (param i32)))
    (import "vm_hooks" "read_return_data" (func $returned (param i32 i32 i32) (result i32)))
    (import "vm_hooks" "return_data_size" (func $returned_size (result i32)))
    (import "vm_hooks" "create1" (func $create1 (param i32 i32 i32 i32 i32)))
    (import "vm_hooks" "create2" (func $create2 (param i32 i32 i32 i32 i32 i32)))
    (import "vm_hooks" "call_contract" (func $call (param i32 i32 i32 i32 i64 i32) (result i32)))
    (import "vm_hooks" "static_call_contract"
        (func $static (param i32 i32 i32 i64 i32) (result i32)))
    (import "vm_hooks" "delegate_call_contract"
        (func $delegate (param i32 i32 i32 i64 i32) (result i32)))"#;

const OTHER: Address = Address::repeat_byte(0x07);
const PLENTY: u64 = 10_000_000_000;

/// A chain with a caller at [`SELF`] and `callee` at [`OTHER`], whose address the caller finds at 0 (its byte is 0x07).
fn pair(caller: &str, callee: &str) -> TestChain {
    let caller = format!("i32.const 0 i32.const 7 i32.const 20 memory.fill {caller}");
    let mut chain = TestChain::new(&module(HOOKS, &caller), ink_rules());
    let program = activated(&module(HOOKS, callee), &ink_rules()).unwrap();
    chain
        .programs
        .insert(OTHER, ENGINE.compile(&program).unwrap());
    chain
}

#[test]
fn call_gives_status_length_and_data() {
    let caller =
        "i32.const 0 i32.const 0 i32.const 0 i32.const 64 i64.const -1 i32.const 128 call $call
        if unreachable end
        i32.const 128 i32.load i32.const 3 i32.ne if unreachable end
        call $returned_size i32.const 3 i32.ne if unreachable end
        i32.const 200 i32.const 1 i32.const 50 call $returned
        i32.const 2 i32.ne if unreachable end
        i32.const 200 i32.const 2 call $write
        i32.const 0";
    let callee =
        "i32.const 0 i32.const 0x030201 i32.store i32.const 0 i32.const 3 call $write i32.const 0";
    let outcome = pair(caller, callee).run(&[], PLENTY);
    assert_eq!(
        (outcome.status, outcome.output.as_ref()),
        (ProgramStatus::Success, &[2u8, 3][..])
    );
}

#[test]
fn failed_call_is_status_two_with_revert_data_and_no_state() {
    let caller =
        "i32.const 0 i32.const 0 i32.const 0 i32.const 64 i64.const -1 i32.const 128 call $call
        i32.const 2 i32.ne if unreachable end
        i32.const 128 i32.const 4 call $write i32.const 0";
    let callee = "i32.const 0 i32.const 32 call $cache i32.const 1 call $flush
        i32.const 0 i32.const 5 call $write i32.const 1";
    let mut chain = pair(caller, callee);
    let outcome = chain.run(&[], PLENTY);
    assert_eq!(outcome.status, ProgramStatus::Success);
    assert_eq!(outcome.output.as_ref(), [5, 0, 0, 0]);
    assert!(chain.storage.is_empty());
}

#[test]
fn call_costs_its_ink_and_what_the_callee_took() {
    let caller =
        "i32.const 0 i32.const 0 i32.const 40 i32.const 64 i64.const -1 i32.const 128 call $call";
    let outcome = pair(caller, "i32.const 0").run(&[], PLENTY);
    let setup = 3 + 950 + 2000;
    let call = 6 + 3800 + 2450 + 83_193 + 2 * (16_381 + 55 * 8) + 100;
    assert_eq!(PLENTY - outcome.gas_left, setup + call + 2452 + (1 + 2450));
}

#[test]
fn callee_gets_no_more_gas_than_asked_for() {
    let caller =
        "i32.const 0 i32.const 0 i32.const 0 i32.const 64 i64.const 2451 i32.const 128 call $call
        i32.const 2 i32.ne";
    // One ink short of its only block.
    assert_eq!(
        pair(caller, "i32.const 0").run(&[], PLENTY).status,
        ProgramStatus::Success
    );
    let caller = caller.replace("2451", "2452");
    assert_eq!(
        pair(&caller, "i32.const 0").run(&[], PLENTY).status,
        ProgramStatus::Revert
    );
}

#[test]
fn delegate_call_keeps_address_and_sender_static_call_forbids_writing() {
    let caller = |kind: &str| {
        format!(
            "i32.const 0 i32.const 0 i32.const 0 i64.const -1 i32.const 128 call ${kind}
             i32.eqz i32.eqz
             i32.const 300 i32.const 0 i32.const 40 call $returned drop
             i32.const 300 i32.const 40 call $write"
        )
    };
    let who = "i32.const 0 call $self i32.const 20 call $sender i32.const 0 i32.const 40 call $write i32.const 0";
    let outcome = pair(&caller("delegate"), who).run(&[], PLENTY);
    assert_eq!(outcome.output.as_ref(), [[0x5e; 20], [0xca; 20]].concat());
    let outcome = pair(&caller("static"), who).run(&[], PLENTY);
    assert_eq!(outcome.output.as_ref(), [[0x07; 20], [0x5e; 20]].concat());

    let writes = "i32.const 0 i32.const 32 call $cache i32.const 0 call $flush i32.const 0";
    assert_eq!(
        pair(&caller("static"), writes).run(&[], PLENTY).status,
        ProgramStatus::Revert
    );
    let mut chain = pair(&caller("delegate"), writes);
    assert_eq!(chain.run(&[], PLENTY).status, ProgramStatus::Success);
    assert!(chain.storage.contains_key(&(SELF, B256::ZERO)));
}

/// With calldata: caches 9 in slot 0 and calls itself without; without: returns slot 0.
fn reentering(flush: &str) -> String {
    format!(
        "local.get $len
         if
           i32.const 63 i32.const 9 i32.store8
           i32.const 0 i32.const 32 call $cache
           {flush}
           i32.const 128 call $self
           i32.const 128 i32.const 0 i32.const 0 i32.const 0 i64.const -1 i32.const 160 call $call drop
           i32.const 200 i32.const 0 i32.const 32 call $returned drop
         else
           i32.const 0 i32.const 200 call $load
         end
         i32.const 200 i32.const 32 call $write i32.const 0"
    )
}

#[test]
fn reentered_program_sees_only_what_was_flushed() {
    let run = |flush: &str| {
        TestChain::new(&module(HOOKS, &reentering(flush)), ink_rules())
            .run(&[1], PLENTY)
            .output
    };
    assert_eq!(run("").as_ref(), B256::ZERO.as_slice());
    assert_eq!(
        run("i32.const 0 call $flush").as_ref(),
        B256::with_last_byte(9).as_slice()
    );
}

#[test]
fn creation_gives_address_or_revert_data() {
    // Two bytes of code at 300; the endowment at 64 and the salt at 96 are 0.
    let create = |byte: u32, call: &str| {
        let body = format!(
            "i32.const 300 i32.const {byte} i32.store8 i32.const 301 i32.const 0xaa i32.store8
             i32.const 300 i32.const 2 i32.const 64 {call}
             i32.const 128 i32.const 24 call $write i32.const 0"
        );
        TestChain::new(&module(HOOKS, &body), ink_rules()).run(&[], PLENTY)
    };
    let create1 = "i32.const 128 i32.const 148 call $create1";
    let create2 = "i32.const 96 i32.const 128 i32.const 148 call $create2";
    let outcome = create(0x60, create1);
    let expected = SELF.create2(B256::ZERO, alloy_primitives::keccak256([0x60, 0xaa]));
    assert_eq!(outcome.output[..20], expected.0);
    assert_eq!(outcome.output[20..], [0; 4]);
    // One pointer more.
    assert_eq!(outcome.gas_left - create(0x60, create2).gas_left, 5_040 + 1);
    let reverted = create(0xfd, create1);
    assert_eq!(
        reverted.output.as_ref(),
        [vec![0; 20], vec![1, 0, 0, 0]].concat()
    );
}

#[test]
fn programs_run_inside_each_other_as_deep_as_memory_can_be_paid() {
    // Calls itself with one byte of calldata less, until none is left.
    let body = "local.get $len
        if
          i32.const 100 call $self
          i32.const 100 i32.const 0 local.get $len i32.const 1 i32.sub i32.const 64 i64.const -1
          i32.const 160 call $call
          if unreachable end
        end
        i32.const 0";
    // Every frame has one page, and pages are sold up to 128.
    for (deep, expected) in [(127, ProgramStatus::Success), (128, ProgramStatus::Failure)] {
        let run = move || {
            let mut chain = TestChain::new(&module(HOOKS, body), StylusConfig::arbos_61());
            let outcome = chain.run(&vec![0; deep], u64::MAX / 20_000);
            assert_eq!((outcome.status, chain.depth.1), (expected, deep));
            assert_eq!(chain.pages, (0, 128));
        };
        std::thread::Builder::new()
            .stack_size(64 << 20)
            .spawn(run)
            .unwrap()
            .join()
            .unwrap();
    }
}
