//! Activation: what it reports about a program.

use alloy_primitives::keccak256;
use devnode::program::{ProgramStatus, StylusConfig, activate, activate_fragments, code_format};

use crate::chain::{ENGINE, SELF, TestChain, activated};

const EMPTY: &str = r#"(module (memory (export "memory") 3 3) (data (i32.const 0) "0123456789")
    (func (export "user_entrypoint") (param i32) (result i32) i32.const 0))"#;

#[test]
fn report_follows_from_the_counts_of_the_module() {
    let wasm = wat::parse_str(EMPTY).unwrap();
    let code = code_format::pack(&wasm).unwrap();
    let report = activate(&code, &StylusConfig::arbos_61(), 0).unwrap();
    let wasm_len = wasm.len() as u64;
    assert_eq!(report.code_hash, keccak256(&code));
    assert_eq!(report.footprint, 3);
    // Entry 12, metering check 12, i32.const, frame given back 4, return, end.
    let operators = 12 + 12 + 1 + 4 + 1 + 1;
    let microseconds = wasm_len * 31_733 / 100_000 + 1 + 3 * 2_217 + operators * 535 / 1_000;
    assert_eq!(report.gas, microseconds * 28);
    assert_eq!(
        u64::from(report.asm_estimate),
        512_000 + 996 + 22 + wasm_len * 62_628 / 10_000
    );
    // Function 0, type 0, wasm 0, globals 6, data 7, pages 15.
    assert_eq!(report.cached_init, 6 + 7 + 15);
    assert_eq!(
        u64::from(report.init_cost),
        8 + 2 + wasm_len * 1_286 / 10_000
    );
}

#[test]
fn open_pages_of_the_transaction_leave_less_for_the_program() {
    let code = code_format::pack(&wat::parse_str(EMPTY).unwrap()).unwrap();
    let config = StylusConfig::arbos_61();
    assert!(activate(&code, &config, 125).is_ok());
    assert!(activate(&code, &config, 126).is_err());
}

#[test]
fn only_what_the_node_uses_is_exported() {
    let wat = EMPTY.replace("(memory", r#"(func (export "helper")) (memory"#);
    let report = activated(&wat, &StylusConfig::arbos_61()).unwrap();
    let text = String::from_utf8_lossy(&report.module).into_owned();
    assert!(text.contains("user_entrypoint") && text.contains("stylus_ink_left"));
    assert!(!text.contains("helper"));
}

#[test]
fn program_in_fragments_is_activated_and_runs_like_one_in_a_piece() {
    let wasm = wat::parse_str(EMPTY).unwrap();
    let whole = code_format::pack(&wasm).unwrap();
    let length = u32::try_from(wasm.len()).unwrap();
    let root = [
        &[0xef, 0xf0, 0x02, 0],
        &length.to_be_bytes()[..],
        &[1; 20],
        &[2; 20],
    ]
    .concat();
    let (first, second) = whole[4..].split_at(10);
    let parts = [
        [&[0xef, 0xf0, 0x01], first].concat(),
        [&[0xef, 0xf0, 0x01], second].concat(),
    ];
    let config = StylusConfig::arbos_61();
    let fragmented = activate_fragments(&root, &parts, &config, 0).unwrap();
    let in_one_piece = activate(&whole, &config, 0).unwrap();
    assert_eq!(fragmented.module, in_one_piece.module);
    assert_eq!(fragmented.gas, in_one_piece.gas);
    assert_eq!(fragmented.code_hash, keccak256(&root));

    let mut chain = TestChain::new(EMPTY, config);
    chain
        .programs
        .insert(SELF, ENGINE.compile(&fragmented).unwrap());
    assert_eq!(chain.run(&[], 1_000_000).status, ProgramStatus::Success);
}
