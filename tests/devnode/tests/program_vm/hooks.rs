//! The other imports: what they answer and what they cost.

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use devnode::program::ProgramStatus;

use crate::chain::{CALLER, SELF, TestChain, ink_rules, module};

const WRITE: &str = r#"(import "vm_hooks" "write_result" (func $write (param i32 i32)))"#;
const PLENTY: u64 = 1_000_000_000;
/// Ink of writing a result of one word or less, with the block around.
const WRITE_INK: u64 = 2 + 3800 + 2450 + 8_400 + 2 * 16_381 + 2452;

/// Runs `body`, which leaves its answer at 200, and gives the first `len` bytes of it and the ink besides the writing.
fn answer(chain: &mut TestChain, len: usize) -> (Vec<u8>, u64) {
    let outcome = chain.run(&[], PLENTY);
    assert_eq!(outcome.status, ProgramStatus::Success);
    (
        outcome.output[..len].to_vec(),
        PLENTY - outcome.gas_left - WRITE_INK,
    )
}

fn chain(import: &str, body: &str) -> TestChain {
    let imports = format!(r#"{WRITE} (import "vm_hooks" {import})"#);
    let body = format!("{body} i32.const 200 i32.const 32 call $write i32.const 0");
    TestChain::new(&module(&imports, &body), ink_rules())
}

#[test]
fn facts_behind_a_pointer() {
    let word = |n: u64| U256::from(n).to_be_bytes::<32>().to_vec();
    let facts = [
        ("msg_sender", CALLER.to_vec()),
        ("contract_address", SELF.to_vec()),
        ("tx_origin", vec![0x0a; 20]),
        ("block_coinbase", vec![0xcb; 20]),
        ("msg_value", word(7)),
        ("block_basefee", word(100_000_000)),
        ("tx_gas_price", word(100_000_000)),
    ];
    for (name, expected) in facts {
        let import = format!(r#""{name}" (func $f (param i32))"#);
        let mut chain = chain(&import, "i32.const 200 call $f");
        let (bytes, ink) = answer(&mut chain, expected.len());
        assert_eq!((bytes, ink), (expected, 1 + 3800 + 2450 + 13_440), "{name}");
    }
}

#[test]
fn facts_as_numbers() {
    let facts = [
        ("chainid", 412_346),
        ("block_number", 11),
        ("block_timestamp", 1_700_000_000),
        ("block_gas_limit", 1u64 << 50),
    ];
    for (name, expected) in facts {
        let import = format!(r#""{name}" (func $f (result i64))"#);
        let mut chain = chain(&import, "i32.const 200 call $f i64.store");
        let (bytes, ink) = answer(&mut chain, 8);
        // `i64.store` stands in the block of the writing.
        assert_eq!(bytes, expected.to_le_bytes(), "{name}");
        assert_eq!(ink, 1 + 3800 + 2450 + 8_400 + 950, "{name}");
    }
    let mut chain = chain(
        r#""tx_ink_price" (func $f (result i32))"#,
        "i32.const 200 call $f i32.store",
    );
    assert_eq!(answer(&mut chain, 4).0, 1u32.to_le_bytes());
    let mut chain = self::chain(
        r#""msg_reentrant" (func $f (result i32))"#,
        "i32.const 200 call $f i32.store",
    );
    assert_eq!(answer(&mut chain, 1).0, [0]);
    chain.facts.reentrant = true;
    assert_eq!(answer(&mut chain, 1).0, [1]);
}

#[test]
fn gas_and_ink_left_are_what_is_left_after_asking() {
    for name in ["evm_gas_left", "evm_ink_left"] {
        let import = format!(r#""{name}" (func $f (result i64))"#);
        let mut chain = chain(&import, "i32.const 200 call $f i64.store");
        let left = u64::from_le_bytes(answer(&mut chain, 8).0.try_into().unwrap());
        assert_eq!(left, PLENTY - (1 + 3800 + 2450 + 8_400), "{name}");
    }
}

#[test]
fn arithmetic_on_words() {
    // Operands, 2^256 − 1 at 200, 5 at 232, `modulus` at 264.
    let run = |name: &str, call: &str, params: &str, modulus: u8| {
        let setup = format!(
            "i32.const 200 i32.const 255 i32.const 32 memory.fill
             i32.const 263 i32.const 5 i32.store8 i32.const 295 i32.const {modulus} i32.store8 {call}"
        );
        let mut chain = chain(&format!(r#""{name}" (func $f (param {params}))"#), &setup);
        let (bytes, ink) = answer(&mut chain, 32);
        let setup = 3 + 950 + 3_200 + 2 * (1 + 1 + 825) + 3800 + 2450;
        (U256::from_be_slice(&bytes), ink - setup)
    };
    let two = "i32.const 200 i32.const 232 call $f";
    let three = "i32.const 200 i32.const 232 i32.const 264 call $f";
    let max = U256::MAX;
    assert_eq!(
        run("math_div", two, "i32 i32", 0),
        (max / U256::from(5), 2 + 43_520)
    );
    assert_eq!(
        run("math_mod", two, "i32 i32", 0),
        (max % U256::from(5), 2 + 43_520)
    );
    // (−1)^5 = −1
    assert_eq!(
        run("math_pow", two, "i32 i32", 0),
        (max, 2 + 23_520 + 3_000 + 2 * 17_500)
    );
    // 2^256 − 1 + 5 = 2^256 + 4; 2^256 mod 7 = 2^(256 mod 3) = 2
    assert_eq!(
        run("math_add_mod", three, "i32 i32 i32", 7),
        (U256::from(6), 3 + 49_560)
    );
    // (2^256 − 1) · 5 mod 7 = 1 · 5
    assert_eq!(
        run("math_mul_mod", three, "i32 i32 i32", 7),
        (U256::from(5), 3 + 52_660)
    );
    for name in ["math_add_mod", "math_mul_mod"] {
        assert_eq!(run(name, three, "i32 i32 i32", 0).0, U256::ZERO);
    }
    let by_zero = "i32.const 200 i32.const 264 call $f";
    assert_eq!(run("math_div", by_zero, "i32 i32", 0).0, U256::ZERO);
    assert_eq!(run("math_mod", by_zero, "i32 i32", 0).0, U256::ZERO);
}

#[test]
fn keccak_pays_by_the_word() {
    let import = r#""native_keccak256" (func $f (param i32 i32 i32))"#;
    let mut chain = chain(import, "i32.const 0 i32.const 100 i32.const 200 call $f");
    let (bytes, ink) = answer(&mut chain, 32);
    assert_eq!(bytes, keccak256([0; 100]).as_slice());
    assert_eq!(ink, 3 + 3800 + 2450 + 121_800 + 2 * 21_000);
}

#[test]
fn arguments_are_copied_and_paid() {
    let imports = format!(r#"{WRITE} (import "vm_hooks" "read_args" (func $args (param i32)))"#);
    let body = "i32.const 200 call $args i32.const 200 local.get $len call $write i32.const 0";
    let outcome = TestChain::new(&module(&imports, body), ink_rules()).run(&[9; 40], PLENTY);
    assert_eq!(outcome.output.as_ref(), [9; 40]);
    let read = 1 + 3800 + 2450 + 8_400 + 5_040 + 30 * 8;
    let write = 1 + 75 + 3800 + 2450 + 8_400 + 2 * (16_381 + 55 * 8);
    assert_eq!(PLENTY - outcome.gas_left, read + write + 2452);
}

#[test]
fn log_is_split_into_topics_and_data() {
    let import = r#"(import "vm_hooks" "emit_log" (func $log (param i32 i32 i32)))"#;
    let setup = "i32.const 0 i32.const 1 i32.const 32 memory.fill i32.const 64 i32.const 3 i32.const 5 memory.fill";
    let body = format!("{setup} i32.const 0 i32.const 69 i32.const 2 call $log i32.const 0");
    let mut chain = TestChain::new(&module(import, &body), ink_rules());
    let outcome = chain.run(&[], PLENTY);
    let topics = vec![B256::repeat_byte(1), B256::ZERO];
    assert_eq!(chain.logs, [(topics, Bytes::from_static(&[3; 5]))]);
    let setup = 2 * (3 + 950) + 3_700;
    let log = 3 + 3800 + 2450 + 68_073 + (16_381 + 55 * 37) + 375 * 3 + 8 * 5;
    assert_eq!(PLENTY - outcome.gas_left, setup + log + 2452);
    chain.facts.is_static = true;
    assert_eq!(chain.run(&[], PLENTY).status, ProgramStatus::Failure);
}

#[test]
fn malformed_log_fails() {
    let import = r#"(import "vm_hooks" "emit_log" (func $log (param i32 i32 i32)))"#;
    for (len, topics) in [(160, 5), (63, 2), (0, -1), (0, 1)] {
        let body = format!("i32.const 0 i32.const {len} i32.const {topics} call $log i32.const 0");
        let mut chain = TestChain::new(&module(import, &body), ink_rules());
        assert_eq!(chain.run(&[], PLENTY).status, ProgramStatus::Failure);
        assert!(chain.logs.is_empty());
    }
}

#[test]
fn balance_and_code_hash_are_paid_as_asked() {
    let mut balance = chain(
        r#""account_balance" (func $f (param i32 i32))"#,
        "i32.const 0 i32.const 3 i32.store8 i32.const 0 i32.const 200 call $f",
    );
    let (bytes, ink) = answer(&mut balance, 32);
    assert_eq!(U256::from_be_slice(&bytes), U256::from(3));
    assert_eq!(ink, 2 + 825 + 2 + 3800 + 2450 + 78_153 + 2_600);
    let mut hash = chain(
        r#""account_codehash" (func $f (param i32 i32))"#,
        "i32.const 0 i32.const 200 call $f",
    );
    hash.code.insert(Address::ZERO, Bytes::from_static(b"code"));
    let (bytes, ink) = answer(&mut hash, 32);
    assert_eq!(bytes, keccak256(b"code").as_slice());
    assert_eq!(ink, 2 + 3800 + 2450 + 78_153 + 100);
}

#[test]
fn code_asked_for_again_is_not_loaded_again() {
    let import = r#""account_code" (func $f (param i32 i32 i32 i32) (result i32))"#;
    let ask = "i32.const 0 i32.const 1 i32.const 99 i32.const 200 call $f drop ";
    let cost = |times: usize, code: &'static [u8]| {
        let mut chain = chain(import, &ask.repeat(times));
        chain.code.insert(Address::ZERO, Bytes::from_static(code));
        answer(&mut chain, 3)
    };
    let base = 4 + 3800 + 2450 + 68_073 + 5_040 + 9;
    let (bytes, first) = cost(1, b"abcd");
    assert_eq!((bytes.as_slice(), first), (&b"bcd"[..], base + 800));
    assert_eq!(cost(2, b"abcd").1 - first, base);
    // Empty code is never kept.
    assert_eq!(cost(2, b"").1 - cost(1, b"").1, base + 800);
}

#[test]
fn debug_imports_are_free_and_pass_values_through() {
    let imports = r#"
        (import "console" "log_txt" (func $text (param i32 i32)))
        (import "console" "log_i64" (func $log (param i64)))
        (import "console" "tee_i32" (func $tee (param i32) (result i32)))
        (import "debug" "null_host" (func $null))"#;
    let body =
        "i32.const 0 i32.const 5 call $text i64.const 9 call $log call $null i32.const 3 call $tee";
    let outcome = TestChain::new(&module(imports, body), ink_rules()).run(&[], PLENTY);
    // What the last call gives back is the status of the program.
    assert_eq!(outcome.status, ProgramStatus::Revert);
    let calls = 4 * (3800 + 2450) + 4;
    assert_eq!(PLENTY - outcome.gas_left, calls + 1 + 2450);
    let bad = "i32.const -1 i32.const 5 call $text i32.const 0";
    let outcome = TestChain::new(&module(imports, bad), ink_rules()).run(&[], PLENTY);
    assert_eq!(outcome.status, ProgramStatus::Failure);
}

#[test]
fn bad_pointers_of_every_kind_fail_and_nothing_else_happens() {
    let out = "i32.const -1";
    for (import, call) in [
        (
            r#""msg_sender" (func $f (param i32))"#,
            format!("{out} call $f"),
        ),
        (
            r#""msg_value" (func $f (param i32))"#,
            "i32.const 65505 call $f".into(),
        ),
        (
            r#""native_keccak256" (func $f (param i32 i32 i32))"#,
            "i32.const 0 i32.const 65537 i32.const 0 call $f".into(),
        ),
        (
            r#""math_div" (func $f (param i32 i32))"#,
            format!("i32.const 0 {out} call $f"),
        ),
        (
            r#""storage_load_bytes32" (func $f (param i32 i32))"#,
            format!("i32.const 0 {out} call $f"),
        ),
        (
            r#""emit_log" (func $f (param i32 i32 i32))"#,
            format!("{out} i32.const 32 i32.const 0 call $f"),
        ),
        (
            r#""account_balance" (func $f (param i32 i32))"#,
            "i32.const 65517 i32.const 0 call $f".into(),
        ),
    ] {
        let mut chain = chain(import, &call);
        let outcome = chain.run(&[], PLENTY);
        assert_eq!(
            (outcome.status, outcome.output.len()),
            (ProgramStatus::Failure, 0),
            "{import}"
        );
        assert!(outcome.gas_left > 0 && chain.logs.is_empty());
    }
}

#[test]
fn log_may_be_all_topics() {
    let import = r#"(import "vm_hooks" "emit_log" (func $log (param i32 i32 i32)))"#;
    for topics in 0..=4 {
        let len = 32 * topics;
        let body = format!("i32.const 0 i32.const {len} i32.const {topics} call $log i32.const 0");
        let mut chain = TestChain::new(&module(import, &body), ink_rules());
        assert_eq!(chain.run(&[], PLENTY).status, ProgramStatus::Success);
        assert_eq!(chain.logs[0].0.len(), topics);
    }
}
