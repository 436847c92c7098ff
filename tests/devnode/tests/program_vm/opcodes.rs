//! Every opcode of the table alone: its price is its cost in a program less that of the same program without it.

use devnode::program::{ActivationError, ModuleError, StylusConfig};

use crate::chain::{activated, ink_of, module};

/// Ink of the empty program: `i32.const`, `end` and the check of their block.
const REST: u64 = 1 + 1 + 2450;

fn declared(body: &str) -> u64 {
    ink_of(
        "",
        &format!("(local $a i32) (local $b i64) {body} i32.const 0"),
    )
}

/// Ink of `operator` after `operands`, constants at 1 each, and dropped if it leaves a result.
fn alone(operands: &str, count: u64, operator: &str, leaves: bool) -> u64 {
    let (after, dropped) = if leaves { ("drop", 9) } else { ("", 0) };
    declared(&format!("{operands} {operator} {after}")) - REST - count - dropped
}

#[test]
fn operators_of_two_operands() {
    let one = |ty: &str, name: &str| {
        let operands = format!("{ty}.const 6 {ty}.const 2");
        alone(&operands, 2, &format!("{ty}.{name}"), true)
    };
    for name in [
        "eq", "ne", "lt_s", "lt_u", "gt_s", "gt_u", "le_s", "le_u", "ge_s", "ge_u",
    ] {
        assert_eq!((one("i32", name), one("i64", name)), (170, 225), "{name}");
    }
    for name in [
        "add", "sub", "and", "or", "xor", "shl", "shr_s", "shr_u", "rotl", "rotr",
    ] {
        assert_eq!((one("i32", name), one("i64", name)), (70, 100), "{name}");
    }
    assert_eq!((one("i32", "mul"), one("i64", "mul")), (160, 160));
    for name in ["div_s", "div_u", "rem_s", "rem_u"] {
        assert_eq!((one("i32", name), one("i64", name)), (1120, 1270), "{name}");
    }
}

#[test]
fn operators_of_one_operand() {
    let one = |ty: &str, name: &str| alone(&format!("{ty}.const 6"), 1, name, true);
    for (name, price) in [
        ("i32.eqz", 170),
        ("i32.clz", 210),
        ("i32.ctz", 210),
        ("i32.popcnt", 2650),
        ("i32.extend8_s", 100),
        ("i32.extend16_s", 100),
        ("i64.extend_i32_s", 100),
        ("i64.extend_i32_u", 100),
    ] {
        assert_eq!(one("i32", name), price, "{name}");
    }
    for (name, price) in [
        ("i64.eqz", 225),
        ("i64.clz", 210),
        ("i64.ctz", 210),
        ("i64.popcnt", 6000),
        ("i64.extend8_s", 100),
        ("i64.extend16_s", 100),
        ("i64.extend32_s", 100),
        ("i32.wrap_i64", 100),
    ] {
        assert_eq!(one("i64", name), price, "{name}");
    }
}

#[test]
fn loads_and_stores_of_every_width() {
    for name in ["load", "load8_s", "load8_u", "load16_s", "load16_u"] {
        let price = |ty: &str| alone("i32.const 8", 1, &format!("{ty}.{name}"), true);
        assert_eq!((price("i32"), price("i64")), (670, 680), "{name}");
    }
    for name in ["i64.load32_s", "i64.load32_u"] {
        assert_eq!(alone("i32.const 8", 1, name, true), 680, "{name}");
    }
    for name in ["store", "store8", "store16"] {
        let price = |ty: &str| {
            alone(
                &format!("i32.const 8 {ty}.const 1"),
                2,
                &format!("{ty}.{name}"),
                false,
            )
        };
        assert_eq!((price("i32"), price("i64")), (825, 950), "{name}");
    }
    assert_eq!(
        alone("i32.const 8 i64.const 1", 2, "i64.store32", false),
        950
    );
}

#[test]
fn constants_variables_and_what_does_nothing() {
    assert_eq!(alone("", 0, "nop", false), 1);
    assert_eq!(alone("", 0, "i32.const 7", true), 1);
    assert_eq!(alone("", 0, "i64.const 7", true), 1);
    assert_eq!(alone("i32.const 1", 1, "drop", false), 9);
    assert_eq!(alone("", 0, "local.get $a", true), 75);
    assert_eq!(alone("i32.const 1", 1, "local.tee $a", true), 75);
    assert_eq!(alone("i64.const 1", 1, "local.set $b", false), 210);
    let operands = "i32.const 1 i32.const 2 i32.const 3";
    assert_eq!(alone(operands, 3, "select", true), 1250);
    assert_eq!(alone("", 0, "memory.size", true), 3000);
    // No page: the host call alone is paid besides.
    assert_eq!(alone("i32.const 0", 1, "memory.grow", true), 8050 + 8400);
    assert_eq!(
        alone(
            "i32.const 8 i32.const 1 i32.const 0",
            3,
            "memory.fill",
            false
        ),
        950
    );
    assert_eq!(
        alone(
            "i32.const 8 i32.const 1 i32.const 0",
            3,
            "memory.copy",
            false
        ),
        950
    );
    assert_eq!(
        alone(
            "i32.const 8 i32.const 1 i32.const 1",
            3,
            "memory.fill",
            false
        ),
        950 + 100
    );
    assert_eq!(
        alone(
            "i32.const 8 i32.const 1 i32.const 1",
            3,
            "memory.copy",
            false
        ),
        950 + 100
    );
}

#[test]
fn globals() {
    let cost = |body: &str| {
        let wat = format!(
            r#"(module (memory (export "memory") 1 1) (global $g (mut i64) (i64.const 1))
                (func (export "user_entrypoint") (param i32) (result i32) {body} i32.const 0))"#
        );
        let outcome =
            crate::chain::TestChain::new(&wat, crate::chain::ink_rules()).run(&[], 100_000);
        100_000 - outcome.gas_left - REST
    };
    assert_eq!(cost("global.get $g drop"), 225 + 9);
    assert_eq!(cost("i64.const 1 global.set $g"), 1 + 575);
}

/// Each ends a block, so that the check of one more is paid.
#[test]
fn operators_that_end_a_block() {
    let blocks = |body: &str, ends: u64| declared(body) - REST - ends * 2450;
    // `block` ends none, its `end` does.
    assert_eq!(blocks("block end", 1), 1 + 1);
    assert_eq!(blocks("loop end", 2), 1 + 1);
    assert_eq!(blocks("block br 0 end", 1), 1 + 765);
    assert_eq!(blocks("block i32.const 1 br_if 0 end", 1), 1 + 1 + 765);
    assert_eq!(blocks("block i32.const 0 br_if 0 end", 2), 1 + 1 + 765 + 1);
    assert_eq!(blocks("i32.const 1 if end", 2), 1 + 765 + 1);
    assert_eq!(blocks("i32.const 0 if end", 1), 1 + 765);
    assert_eq!(blocks("i32.const 1 if else end", 2), 1 + 765 + 1);
    assert_eq!(blocks("i32.const 0 if else end", 2), 1 + 765 + 1);
    for targets in 0..4u64 {
        let table = format!(
            "block i32.const 9 br_table {} 0 end",
            "0 ".repeat(targets as usize)
        );
        assert_eq!(
            blocks(&table, 1),
            1 + 1 + 2400 + 325 * targets,
            "{targets} targets"
        );
    }
    // What follows in the block of `return` or `unreachable` is another block or is paid with it.
    assert_eq!(ink_of("", "i32.const 0 return"), 1 + 1 + 2450);
}

#[test]
fn calls_by_index_and_by_table() {
    let cost = |params: usize| {
        let wat = format!(
            r#"(module (memory (export "memory") 1 1) (table 1 funcref) (elem (i32.const 0) $f)
                (type $t (func (param {})))
                (func $f (type $t))
                (func (export "user_entrypoint") (param i32) (result i32)
                    {} i32.const 0 call_indirect (type $t) {} call $f i32.const 0))"#,
            "i32 ".repeat(params),
            "i32.const 1 ".repeat(params),
            "i32.const 1 ".repeat(params),
        );
        let mut chain = crate::chain::TestChain::new(&wat, crate::chain::ink_rules());
        100_000 - chain.run(&[], 100_000).gas_left - REST
    };
    // The callee is one block of its `end`.
    let callee = 1 + 2450;
    for params in [0u64, 1, 2, 5] {
        let by_table = params + 1 + 13_610 + 650 * params + 2450 + callee;
        let by_index = params + 3800 + 2450 + callee;
        assert_eq!(
            cost(params as usize),
            by_table + by_index,
            "{params} parameters"
        );
    }
}

#[test]
fn opcodes_without_a_price_are_refused() {
    for (code, opcode) in [
        ("f32.const 1 f32.const 1 f32.add drop", "F32Const"),
        ("i32.const 0 f64.load drop", "F64Load"),
        ("i32.const 1 f32.convert_i32_s drop", "F32ConvertI32S"),
        ("i32.const 1 f32.reinterpret_i32 drop", "F32ReinterpretI32"),
    ] {
        let body = format!("{code} i32.const 0");
        let Err(ActivationError::Module(error)) =
            activated(&module("", &body), &StylusConfig::arbos_61())
        else {
            panic!("accepted: {code}")
        };
        let expected = ModuleError::UnsupportedOpcode {
            function: 0,
            opcode: opcode.into(),
        };
        assert_eq!(error, expected);
    }
}
