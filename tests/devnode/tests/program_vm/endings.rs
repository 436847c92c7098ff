//! How programs end: return, revert, trap, exhaustion of ink and of stack.

use std::sync::Arc;

use devnode::program::{EngineError, ProgramStatus, StylusConfig, code_format};

use crate::chain::{ENGINE, TestChain, activated, ink_rules, module, run_ink};

const WRITE: &str = r#"(import "vm_hooks" "write_result" (func $write (param i32 i32)))
    (import "vm_hooks" "exit_early" (func $exit (param i32)))"#;

#[test]
fn status_of_the_entrypoint_decides_and_data_goes_out() {
    for (status, expected) in [(0, ProgramStatus::Success), (1, ProgramStatus::Revert)] {
        let body = format!(
            "i32.const 0 i32.const 0x04030201 i32.store
             i32.const 0 i32.const 4 call $write i32.const {status}"
        );
        let outcome = run_ink(WRITE, &body, 1_000_000);
        assert_eq!(
            (outcome.status, outcome.output.as_ref()),
            (expected, &[1u8, 2, 3, 4][..])
        );
    }
}

#[test]
fn exit_early_ends_at_once_with_its_status() {
    for (status, expected) in [(0, ProgramStatus::Success), (9, ProgramStatus::Revert)] {
        let body = format!(
            "i32.const 0 i32.const 2 call $write i32.const {status} call $exit unreachable"
        );
        let outcome = run_ink(WRITE, &body, 1_000_000);
        assert_eq!((outcome.status, outcome.output.len()), (expected, 2));
        assert!(outcome.gas_left > 0);
    }
}

#[test]
fn trap_reverts_without_data_and_keeps_gas() {
    for trap in [
        "unreachable",
        "i32.const 1 i32.const 0 i32.div_u drop",
        "i32.const -1 i32.load drop",
    ] {
        let body = format!("i32.const 0 i32.const 4 call $write {trap} i32.const 0");
        let outcome = run_ink(WRITE, &body, 1_000_000);
        assert_eq!(
            (outcome.status, outcome.output.len()),
            (ProgramStatus::Failure, 0),
            "{trap}"
        );
        assert!(
            outcome.gas_left > 0 && outcome.gas_left < 1_000_000,
            "{trap}"
        );
    }
}

#[test]
fn bad_pointer_reverts_without_data() {
    for body in [
        "i32.const -8 i32.const 16 call $write i32.const 0",
        "i32.const 0 i32.const 65537 call $write i32.const 0",
    ] {
        let outcome = run_ink(WRITE, body, 100_000_000);
        assert_eq!(
            (outcome.status, outcome.output.len()),
            (ProgramStatus::Failure, 0)
        );
        assert!(outcome.gas_left > 0);
    }
}

#[test]
fn infinite_loop_runs_out_of_ink() {
    let mut chain = TestChain::new(
        &module("", "loop br 0 end unreachable"),
        StylusConfig::default(),
    );
    let outcome = chain.run(&[], 32_000_000);
    assert_eq!(
        (outcome.status, outcome.gas_left),
        (ProgramStatus::OutOfInk, 0)
    );
}

#[test]
fn segment_out_of_bounds_fails_the_call_not_the_node() {
    let wat = r#"(module (memory (export "memory") 1 1) (data (i32.const 65535) "ab")
        (func (export "user_entrypoint") (param i32) (result i32) i32.const 0))"#;
    let outcome = TestChain::new(wat, ink_rules()).run(&[], 1_000_000);
    assert_eq!(
        (outcome.status, outcome.gas_left),
        (ProgramStatus::Failure, 1_000_000)
    );
}

/// Calls itself as many times as there are bytes of calldata. `locals` are declared and kept alive over the call.
fn recursion(params: usize, locals: usize) -> String {
    let declare = "i64 ".repeat(locals);
    let more = "i64 ".repeat(params);
    let pass = "i64.const 1 ".repeat(params);
    let fill: String = (0..locals)
        .map(|i| {
            format!(
                "local.get $n i64.extend_i32_u local.set {} ",
                1 + params + i
            )
        })
        .collect();
    let keep: String = (0..locals)
        .map(|i| format!("local.get {} drop ", 1 + params + i))
        .collect();
    format!(
        r#"(module
            (memory (export "memory") 1 1)
            (func $deeper (param $n i32) (param {more}) (local {declare})
                {fill}
                local.get $n
                if
                  local.get $n i32.const 1 i32.sub {pass} call $deeper
                end
                {keep})
            (func (export "user_entrypoint") (param $len i32) (result i32)
                local.get $len {pass} call $deeper
                i32.const 0))"#
    )
}

#[test]
fn stack_is_counted_in_words_of_frames() {
    // Operands: `n`, 1 make 2, as many as a metering check; below them nothing. No locals. So every frame is 2 + 4 words; frames of
    // the entry point and of `$deeper` at 0 come on top, and one word must remain.
    let wat = recursion(0, 0);
    let config = StylusConfig {
        max_stack_depth: 6 * 102 + 1,
        ..ink_rules()
    };
    let run = |deep: usize| TestChain::new(&wat, config.clone()).run(&vec![0; deep], 100_000_000);
    assert_eq!(run(100).status, ProgramStatus::Success);
    let outcome = run(101);
    assert_eq!(
        (outcome.status, outcome.gas_left),
        (ProgramStatus::OutOfStack, 0)
    );
}

#[test]
fn locals_count_as_words() {
    let wat = recursion(0, 10);
    let frame = 2 + 10 + 4;
    let config = StylusConfig {
        max_stack_depth: 6 + 11 * frame + 1,
        ..ink_rules()
    };
    let run = |deep: usize| TestChain::new(&wat, config.clone()).run(&vec![0; deep], 100_000_000);
    assert_eq!(run(10).status, ProgramStatus::Success);
    assert_eq!(run(11).status, ProgramStatus::OutOfStack);
}

#[test]
fn stack_is_given_back_on_return() {
    let wat = r#"(module (memory (export "memory") 1 1)
        (func $early (result i32) i32.const 1 return)
        (func (export "user_entrypoint") (param $n i32) (result i32)
            loop
              call $early drop
              local.get $n i32.const 1 i32.sub local.tee $n
              br_if 0
            end
            i32.const 0))"#;
    let config = StylusConfig {
        max_stack_depth: 20,
        ..ink_rules()
    };
    let outcome = TestChain::new(wat, config).run(&[0; 1000], 100_000_000);
    assert_eq!(outcome.status, ProgramStatus::Success);
}

#[test]
fn deepest_stacks_end_by_count_before_the_native_stack_does() {
    // The thread has the native stack of one program and little more: an overflow here would kill the test.
    let worker = std::thread::Builder::new().stack_size(4 << 20);
    let run = || {
        for (params, locals) in [(0, 0), (0, 300), (100, 0), (300, 300), (900, 340)] {
            let config = StylusConfig::arbos_61();
            let words = config.max_stack_depth as usize;
            // Operands: the parameters and `n`, but at least the two of a metering check.
            let operands = (1 + params).max(2);
            let entry = operands + 4;
            let frame = operands + locals + 4;
            // A frame needs one word more than it takes.
            let frames = (words - entry - 1) / frame;
            let mut chain = TestChain::new(&recursion(params, locals), config);
            let mut run = |deep: usize| chain.run(&vec![0; deep], u64::MAX / 20_000).status;
            // The native stack holds the deepest program there can be, and the count stops the next.
            assert_eq!(run(frames - 1), ProgramStatus::Success, "{params} {locals}");
            assert_eq!(run(frames), ProgramStatus::OutOfStack, "{params} {locals}");
        }
    };
    worker.spawn(run).unwrap().join().unwrap();
}

#[test]
fn compiled_program_is_kept_by_code_and_version() {
    let wat = module("", "i32.const 0 i32.const 0 i32.and");
    let config = StylusConfig::arbos_61();
    let code = code_format::pack(&wat::parse_str(&wat).unwrap()).unwrap();
    let hash = alloy_primitives::keccak256(&code);
    assert!(ENGINE.get(hash, config.version).is_none());
    let first = ENGINE.load(&code, Vec::new, hash, &config).unwrap();
    let again = ENGINE.compile(&activated(&wat, &config).unwrap()).unwrap();
    assert!(Arc::ptr_eq(&first, &again));
    assert!(ENGINE.get(hash, StylusConfig::arbos_40().version).is_none());
    assert!(matches!(
        ENGINE.load(b"no program", Vec::new, [0; 32].into(), &config),
        Err(EngineError::Activation(_))
    ));
}

#[test]
fn program_kept_on_disk_runs_the_same_and_a_damaged_file_is_made_anew() {
    let directory = std::env::temp_dir().join(format!("devnode-programs-{}", std::process::id()));
    let config = StylusConfig::arbos_61();
    let wat = module(WRITE, "i32.const 0 i32.const 3 call $write i32.const 0");
    let activated = activated(&wat, &config).unwrap();
    // An engine of its own each time, as a node started again has.
    let run = || {
        let engine = devnode::program::Engine::new(&config).unwrap();
        let engine = engine.with_directory(Some(directory.clone()));
        let program = engine.compile(&activated).unwrap();
        TestChain::with_program(program, config.clone()).run(&[], 1_000_000)
    };
    let files = || -> Vec<_> {
        let entries = std::fs::read_dir(&directory).unwrap();
        entries.map(|entry| entry.unwrap().path()).collect()
    };
    let compiled = run();
    let [file] = files().try_into().unwrap();
    let written = std::fs::metadata(&file).unwrap().modified().unwrap();
    assert_eq!(run(), compiled);
    assert_eq!(
        std::fs::metadata(&file).unwrap().modified().unwrap(),
        written,
        "found on disk, not compiled again"
    );
    let whole = std::fs::read(&file).unwrap();
    let mut damaged = whole.clone();
    damaged[whole.len() / 2] ^= 0x10;
    std::fs::write(&file, &damaged).unwrap();
    assert_eq!(run(), compiled);
    assert_eq!(std::fs::read(&file).unwrap().len(), whole.len());
    assert_ne!(std::fs::read(&file).unwrap(), damaged, "made anew");
    std::fs::remove_dir_all(&directory).unwrap();
}
