//! Every import of the table: its price to the last ink, and the gas it requires without taking it.

use alloy_primitives::{Address, Bytes};
use devnode::program::{ProgramStatus, StylusConfig};

use crate::chain::{TestChain, ink_rules, module};

const PLENTY: u64 = 1_000_000_000;
/// The block after the host call: `i32.const`, `end` and the check.
const REST: u64 = 1 + 1 + 2450;

/// Imports `name` as `$f` and calls it with `arguments`.
fn calling(name: &str, signature: &str, arguments: &str) -> String {
    let dropped = if signature.contains("result") {
        "drop"
    } else {
        ""
    };
    let import = format!(r#"(import "vm_hooks" "{name}" (func $f {signature}))"#);
    module(
        &import,
        &format!("{arguments} call $f {dropped} i32.const 0"),
    )
}

/// Ink of the call alone: not its arguments, constants at 1 each, nor the `call`, the checks and the `drop`.
fn price(name: &str, signature: &str, arguments: &str, prepare: impl Fn(&mut TestChain)) -> u64 {
    let mut chain = TestChain::new(&calling(name, signature, arguments), ink_rules());
    prepare(&mut chain);
    let outcome = chain.run(&[5; 40], PLENTY);
    assert_eq!(outcome.status, ProgramStatus::Success, "{name}");
    let around = arguments.matches(".const").count() as u64 + 3800 + 2450 + REST;
    let dropped = if signature.contains("result") { 9 } else { 0 };
    PLENTY - outcome.gas_left - around - dropped
}

/// The table of `stylus-vm.md` §1.3: base ink and what follows, for these arguments on the test chain.
#[test]
fn every_import_costs_what_the_table_says() {
    let at = |n: usize| "i32.const 64 ".repeat(n);
    let one = "(param i32)";
    let two = "(param i32 i32)";
    let three = "(param i32 i32 i32)";
    let i64_fact = "(result i64)";
    let i32_fact = "(result i32)";
    // 40 bytes in or out: 8 beyond a word.
    let (read_40, write_40) = (16_381 + 8 * 55, 5_040 + 8 * 30);
    let load_code = 700 + 100;
    let rows: &[(&str, &str, String, u64)] = &[
        ("read_args", one, at(1), 8_400 + write_40),
        (
            "write_result",
            two,
            "i32.const 0 i32.const 40".into(),
            8_400 + 2 * read_40,
        ),
        ("storage_load_bytes32", two, at(2), 18_480 + 2_100 + 59_673),
        ("storage_cache_bytes32", two, at(2), 18_480),
        ("storage_flush_cache", one, "i32.const 0".into(), 68_073),
        ("transient_load_bytes32", two, at(2), 78_153 + 100),
        ("transient_store_bytes32", two, at(2), 78_153 + 100),
        (
            "call_contract",
            "(param i32 i32 i32 i32 i64 i32) (result i32)",
            "i32.const 0 i32.const 0 i32.const 40 i32.const 64 i64.const 0 i32.const 128".into(),
            83_193 + 2 * read_40 + 100,
        ),
        (
            "delegate_call_contract",
            "(param i32 i32 i32 i64 i32) (result i32)",
            "i32.const 0 i32.const 0 i32.const 40 i64.const 0 i32.const 128".into(),
            83_193 + 2 * read_40 + 100,
        ),
        (
            "static_call_contract",
            "(param i32 i32 i32 i64 i32) (result i32)",
            "i32.const 0 i32.const 0 i32.const 40 i64.const 0 i32.const 128".into(),
            83_193 + 2 * read_40 + 100,
        ),
        (
            "create1",
            "(param i32 i32 i32 i32 i32)",
            "i32.const 0 i32.const 40 i32.const 64 i32.const 128 i32.const 160".into(),
            83_193 + 2 * read_40 + 32_000,
        ),
        (
            "create2",
            "(param i32 i32 i32 i32 i32 i32)",
            "i32.const 0 i32.const 40 i32.const 64 i32.const 96 i32.const 128 i32.const 160".into(),
            88_233 + 2 * read_40 + 32_000,
        ),
        (
            "read_return_data",
            "(param i32 i32 i32) (result i32)",
            at(3),
            68_073 + 5_040,
        ),
        ("return_data_size", i32_fact, at(0), 8_400),
        (
            "emit_log",
            three,
            "i32.const 0 i32.const 40 i32.const 1".into(),
            68_073 + read_40 + 375 * 2 + 8 * 8,
        ),
        ("account_balance", two, at(2), 78_153 + 2_600),
        // 50 bytes of code are paid in full, however few are copied.
        (
            "account_code",
            "(param i32 i32 i32 i32) (result i32)",
            "i32.const 64 i32.const 0 i32.const 1 i32.const 64".into(),
            68_073 + load_code + 5_040 + 18 * 30,
        ),
        (
            "account_code_size",
            "(param i32) (result i32)",
            at(1),
            68_073 + load_code,
        ),
        ("account_codehash", two, at(2), 78_153 + 100),
        ("evm_gas_left", i64_fact, at(0), 8_400),
        ("evm_ink_left", i64_fact, at(0), 8_400),
        ("block_basefee", one, at(1), 13_440),
        ("chainid", i64_fact, at(0), 8_400),
        ("block_coinbase", one, at(1), 13_440),
        ("block_gas_limit", i64_fact, at(0), 8_400),
        ("block_number", i64_fact, at(0), 8_400),
        ("block_timestamp", i64_fact, at(0), 8_400),
        ("contract_address", one, at(1), 13_440),
        ("math_div", two, at(2), 43_520),
        ("math_mod", two, at(2), 43_520),
        // Exponent 0.
        ("math_pow", two, at(2), 23_520 + 3_000 + 17_500),
        ("math_add_mod", three, at(3), 49_560),
        ("math_mul_mod", three, at(3), 52_660),
        ("msg_reentrant", i32_fact, at(0), 8_400),
        ("msg_sender", one, at(1), 13_440),
        ("msg_value", one, at(1), 13_440),
        (
            "native_keccak256",
            three,
            "i32.const 0 i32.const 65 i32.const 0".into(),
            121_800 + 21_000,
        ),
        ("tx_gas_price", one, at(1), 13_440),
        ("tx_ink_price", i32_fact, at(0), 8_400),
        ("tx_origin", one, at(1), 13_440),
    ];
    for (name, signature, arguments, expected) in rows {
        let found = price(name, signature, arguments, |chain| {
            chain.code.insert(Address::ZERO, Bytes::from(vec![1; 50]));
        });
        assert_eq!(found, *expected, "{name}");
    }
    // The other two: `exit_early` is free, `pay_for_memory_grow` is in `memory.rs`; its name is taken by the module itself.
    assert_eq!(rows.len(), 42 - 2);
    let early = TestChain::new(&calling("exit_early", one, "i32.const 0"), ink_rules());
    let outcome = early.clone().run(&[], PLENTY);
    assert_eq!(outcome.status, ProgramStatus::Success);
    assert_eq!(PLENTY - outcome.gas_left, 1 + 3800 + 2450);
}

/// "require g": g gas must be left at that point. It is not taken, so the price is the same with more.
#[test]
fn required_gas_is_asked_for_and_not_taken() {
    let two = "(param i32 i32)";
    let rows = [
        // Asking the EVM side is 59,673 ink: 5,967 gas at ten ink each.
        ("storage_load_bytes32", two, 2, 18_480, 2_100 + 10 + 5_967),
        ("storage_cache_bytes32", two, 2, 18_480, 2_300 + 10),
        ("storage_flush_cache", "(param i32)", 1, 68_073, 2_300),
        ("account_balance", two, 2, 78_153, 2_600),
        ("account_codehash", two, 2, 78_153, 2_600),
        (
            "account_code_size",
            "(param i32) (result i32)",
            1,
            68_073,
            2_600,
        ),
        (
            "account_code",
            "(param i32 i32 i32 i32) (result i32)",
            4,
            68_073,
            2_600,
        ),
    ];
    // Ten ink a gas: what is required exceeds the end of the program.
    let config = StylusConfig {
        ink_price: 10,
        ..ink_rules()
    };
    for (name, signature, arguments, base, required) in rows {
        let wat = calling(name, signature, &"i32.const 64 ".repeat(arguments));
        let run = |gas| {
            let mut chain = TestChain::new(&wat, config.clone());
            // Warm, and cheap.
            chain.warm.insert([0; 32].into());
            chain.access_gas = 100;
            chain.run(&[], gas).status
        };
        let before: u64 = arguments as u64 + 3800 + 2450 + base;
        let least = (before + 10 * required).div_ceil(10);
        assert_eq!(run(least), ProgramStatus::Success, "{name}");
        assert_eq!(run(least - 1), ProgramStatus::OutOfInk, "{name}");
    }
}

/// Prices of bytes begin beyond the first word, and each byte counts.
#[test]
fn bytes_are_paid_beyond_the_first_word() {
    let result = |len: u64| {
        price(
            "write_result",
            "(param i32 i32)",
            &format!("i32.const 0 i32.const {len}"),
            |_| {},
        )
    };
    assert_eq!(result(0), 8_400 + 2 * 16_381);
    assert_eq!(result(32), 8_400 + 2 * 16_381);
    assert_eq!(result(33), 8_400 + 2 * (16_381 + 55));
    let hash = |len: u64| {
        let arguments = format!("i32.const 0 i32.const {len} i32.const 0");
        price(
            "native_keccak256",
            "(param i32 i32 i32)",
            &arguments,
            |_| {},
        )
    };
    assert_eq!((hash(0), hash(64), hash(65), hash(96), hash(97)), {
        (121_800, 121_800, 142_800, 142_800, 163_800)
    });
}

/// The base price is taken first: a pointer out of bounds is found only by who has paid.
#[test]
fn price_comes_before_the_pointer() {
    let rows = [
        ("msg_sender", "(param i32)", "i32.const -1", 13_440),
        (
            "storage_load_bytes32",
            "(param i32 i32)",
            "i32.const -1 i32.const 0",
            18_480,
        ),
        (
            "math_div",
            "(param i32 i32)",
            "i32.const -1 i32.const 0",
            43_520,
        ),
        (
            "native_keccak256",
            "(param i32 i32 i32)",
            "i32.const 0 i32.const 1 i32.const -1",
            121_800,
        ),
        (
            "account_balance",
            "(param i32 i32)",
            "i32.const -1 i32.const 0",
            78_153,
        ),
        (
            "emit_log",
            "(param i32 i32 i32)",
            "i32.const -1 i32.const 32 i32.const 0",
            68_073 + 16_381 + 375 + 8 * 32,
        ),
        (
            "write_result",
            "(param i32 i32)",
            "i32.const -1 i32.const 1",
            8_400 + 2 * 16_381,
        ),
    ];
    for (name, signature, arguments, price) in rows {
        let run =
            |ink| TestChain::new(&calling(name, signature, arguments), ink_rules()).run(&[], ink);
        let before = arguments.matches(".const").count() as u64 + 3800 + 2450;
        // What requires gas besides passes with this much.
        let spare = 100_000;
        let outcome = run(before + price + spare);
        assert_eq!(
            (outcome.status, outcome.gas_left),
            (ProgramStatus::Failure, spare),
            "{name}"
        );
        assert_eq!(
            run(before + price - 1).status,
            ProgramStatus::OutOfInk,
            "{name}"
        );
    }
}
