//! Code made to hurt: a million strings of random bytes, and modules that are small on chain and large to check, compile or run. The node
//! answers each with an error or a result, in bounded time and memory.

use std::{
    thread,
    time::{Duration, Instant},
};

use devnode::program::{ActivationError, CodeError, ProgramStatus, StylusConfig, activate};

use crate::{
    chain::{ENGINE, TestChain, module},
    random::Random,
    stored::stored,
};

const STRINGS: u64 = 1_000_000;
const WORKERS: u64 = 2;
/// Far above what any of these takes alone; a machine under load is no failure.
const PATIENCE: Duration = Duration::from_secs(60);

/// Bytes that get past the first checks now and then: bare, behind a prefix, as a stored stream, as the sections of a module.
fn string(random: &mut Random) -> Vec<u8> {
    let mut bytes: Vec<u8> = (0..random.below(64)).map(|_| random.next() as u8).collect();
    match random.below(8) {
        0 => bytes,
        1 => [&[0xef, 0xf0, 0x00, 0x00], bytes.as_slice()].concat(),
        2 => [&[0xef, 0xf0, 0x02, 0x00], bytes.as_slice()].concat(),
        3 => stored(&bytes),
        kind => {
            // Sections of small numbers, which are often what a section begins with.
            if kind > 5 {
                bytes.iter_mut().for_each(|byte| *byte &= 0x0f);
            }
            stored(&[b"\0asm\x01\0\0\0", bytes.as_slice()].concat())
        }
    }
}

#[test]
fn a_million_random_strings_are_refused() {
    let workers: Vec<_> = (0..WORKERS)
        .map(|worker| {
            thread::spawn(move || {
                let config = StylusConfig::arbos_61();
                let mut random = Random(worker << 40);
                let (mut code, mut modules) = (0u64, 0u64);
                for _ in 0..STRINGS / WORKERS {
                    match activate(&string(&mut random), &config, 0) {
                        Err(ActivationError::Code(_)) => code += 1,
                        Err(ActivationError::Module(_)) => modules += 1,
                        other => panic!("not refused: {other:?}"),
                    }
                }
                (code, modules)
            })
        })
        .collect();
    let (mut code, mut modules) = (0, 0);
    for worker in workers {
        let refused = worker.join().unwrap();
        (code, modules) = (code + refused.0, modules + refused.1);
    }
    // Both the decoder and the activator had their part.
    assert_eq!(code + modules, STRINGS);
    assert!(
        code > STRINGS / 4 && modules > STRINGS / 4,
        "{code} {modules}"
    );
}

/// Activates and, if accepted, compiles and runs `wat`; gives how it ended.
fn outcome(name: &str, wasm: &[u8]) -> Result<ProgramStatus, ActivationError> {
    let begun = Instant::now();
    let config = StylusConfig::arbos_61();
    let ended = activate(&stored(wasm), &config, 0).map(|activated| {
        let program = ENGINE.compile(&activated).unwrap();
        let mut chain = TestChain::with_program(program, config.clone());
        chain.run(&[], 32_000_000).status
    });
    let took = begun.elapsed();
    println!("{name}: {took:?}, {} bytes, {ended:?}", wasm.len());
    assert!(took < PATIENCE, "{name}: {took:?}");
    ended
}

fn of(name: &str, wat: &str) -> Result<ProgramStatus, ActivationError> {
    outcome(name, &wat::parse_str(wat).unwrap())
}

fn refused(name: &str, wat: &str, reason: &str) {
    let error = of(name, wat).unwrap_err().to_string();
    assert!(error.contains(reason), "{name}: {error}");
}

#[test]
fn modules_too_large_in_any_way_are_refused() {
    let body = |body: &str| module("", &format!("{body} i32.const 0"));
    let with = |more: &str| {
        format!(
            r#"(module {more} (memory (export "memory") 1 1)
                (func (export "user_entrypoint") (param i32) (result i32) i32.const 0))"#
        )
    };
    refused("table", &with("(table 10000000 funcref)"), "TableEntries");
    refused(
        "memory",
        &with("").replace("1 1", "65536 65536"),
        "InitialPages",
    );
    refused("functions", &with(&"(func)".repeat(20_000)), "Functions");
    refused(
        "locals",
        &with(&format!("(func (local {}))", "i64 ".repeat(50_000))),
        "Locals",
    );
    refused(
        "exports",
        &with(
            &(0..2_000)
                .map(|i| format!("(export \"e{i}\" (func 0))"))
                .collect::<String>(),
        ),
        "Exports",
    );
    refused(
        "segments",
        &with(&"(data (i32.const 0) \"\")".repeat(1_000)),
        "DataSegments",
    );
    refused(
        "elements",
        &with(&format!(
            "(table 4096 funcref) {}",
            "(elem (i32.const 0) 0)".repeat(1_000)
        )),
        "ElementSegments",
    );
    // 4,681 blocks of one operator and a check at their end fit into 65,536; wasmparser bounds nothing below that.
    refused(
        "blocks",
        &body(&format!(
            "{} {}",
            "block ".repeat(30_000),
            "end ".repeat(30_000)
        )),
        "InstrumentedOperators",
    );
    refused(
        "operands",
        &body(&format!(
            "{} {}",
            "i32.const 1 ".repeat(5_000),
            "drop ".repeat(5_000)
        )),
        "OperandDepth",
    );
    // A declared run of 2^32 − 1 locals in a few bytes.
    let mut wasm = wat::parse_str(with("(func (local i32))")).unwrap();
    let at = wasm
        .windows(3)
        .rposition(|run| run == [1, 1, 0x7f])
        .unwrap();
    wasm.splice(at + 1..at + 2, [0xff, 0xff, 0xff, 0xff, 0x0f]);
    assert!(matches!(
        outcome("run of locals", &wasm),
        Err(ActivationError::Module(_))
    ));
}

#[test]
fn compressed_bomb_is_refused_before_it_unfolds() {
    let config = StylusConfig::arbos_61();
    // Small enough to be deployed; compressed as well as can be it would be a twentieth of that, and take ten seconds to make.
    let params = brotli::enc::BrotliEncoderParams {
        quality: 4,
        ..Default::default()
    };
    let mut bomb = vec![0xef, 0xf0, 0x00, 0x00];
    brotli::BrotliCompress(&mut vec![0; 256 << 20].as_slice(), &mut bomb, &params).unwrap();
    assert!(bomb.len() < 24_576, "{} bytes", bomb.len());
    let begun = Instant::now();
    let error = activate(&bomb, &config, 0).unwrap_err();
    assert_eq!(
        error,
        ActivationError::Code(CodeError::TooLarge { allowed: 131_072 })
    );
    assert!(begun.elapsed() < Duration::from_secs(1));
}

/// The largest modules of their kinds that are accepted: compiling them ends, and so does running them.
#[test]
fn largest_modules_of_every_kind_compile_and_run_to_an_end() {
    let body = |locals: &str, body: &str| module("", &format!("{locals} {body} i32.const 0"));
    let blocks = 4_600;
    let nested = |open: &str| {
        format!(
            "{} {}",
            format!("{open} ").repeat(blocks),
            "end ".repeat(blocks)
        )
    };
    assert_eq!(
        of("nested blocks", &body("", &nested("block"))),
        Ok(ProgramStatus::Success)
    );
    let locals = format!("(local {})", "i64 ".repeat(348));
    // Every local is alive in every one of the loops. The quick compiler gives each of them a place in the native frame for every loop, more
    // than the native stack has: the one kind of program whose ending is not the chain's, which would run it.
    let loops = 1_500;
    let touch: String = (1..=348)
        .map(|i| format!("local.get {i} i64.const 1 i64.add local.set {i} "))
        .collect();
    let deep_loops = format!(
        "{} {touch} {}",
        "loop ".repeat(loops),
        "local.get 0 br_if 0 end ".repeat(loops),
    );
    assert_eq!(
        of("nested loops with every local", &body(&locals, &deep_loops)),
        Ok(ProgramStatus::OutOfStack)
    );
    // Branches of every loop to every other one.
    let table = format!(
        "local.get 0 br_table {} 0 ",
        (0..255).map(|i| format!("{i} ")).collect::<String>()
    );
    let tables = format!(
        "{} {} {}",
        "block ".repeat(256),
        table.repeat(100),
        "end ".repeat(256)
    );
    assert_eq!(
        of("tables of branches", &body("", &tables)),
        Ok(ProgramStatus::Success)
    );
    // As many functions as there may be, each calling the next.
    let chain: String = (0..4_094)
        .map(|i| format!("(func $f{i} call $f{})", i + 1))
        .collect();
    let many = format!(
        r#"(module {chain} (func $f4094) (memory (export "memory") 1 1)
            (func (export "user_entrypoint") (param i32) (result i32) call $f0 i32.const 0))"#
    );
    // Every frame takes 2 words of a check and 4: 4,096 · 6 exceed 22,000.
    assert_eq!(
        of("chain of functions", &many),
        Ok(ProgramStatus::OutOfStack)
    );
    let straight = "local.get 0 local.get 0 i32.mul local.set 0 ".repeat(16_000);
    assert_eq!(
        of("straight code", &body("", &straight)),
        Ok(ProgramStatus::Success)
    );
}

#[test]
fn programs_that_never_end_end() {
    let run = |name: &str, wat: &str| of(name, wat).unwrap();
    let recursion = r#"(module (memory (export "memory") 1 1) (func $f call $f)
        (func (export "user_entrypoint") (param i32) (result i32) call $f i32.const 0))"#;
    assert_eq!(
        run("endless recursion", recursion),
        ProgramStatus::OutOfStack
    );
    let forever = module("", "loop br 0 end unreachable");
    assert_eq!(run("endless loop", &forever), ProgramStatus::OutOfInk);
    let growing = module("", "loop i32.const 1 memory.grow drop br 0 end unreachable");
    assert_eq!(run("endless growth", &growing), ProgramStatus::OutOfInk);
    let filling = module(
        "",
        "loop i32.const 0 i32.const 1 i32.const 65536 memory.fill br 0 end unreachable",
    );
    assert_eq!(run("endless filling", &filling), ProgramStatus::OutOfInk);
    let hashing = r#"(import "vm_hooks" "native_keccak256" (func $f (param i32 i32 i32)))"#;
    let hashing = module(
        hashing,
        "loop i32.const 0 i32.const 65536 i32.const 0 call $f br 0 end unreachable",
    );
    assert_eq!(run("endless hashing", &hashing), ProgramStatus::OutOfInk);
    let caching = r#"(import "vm_hooks" "storage_cache_bytes32" (func $f (param i32 i32)))"#;
    let caching = module(
        caching,
        "loop i32.const 0 i32.const 0 i32.load i32.const 1 i32.add i32.store i32.const 0 i32.const 32 call $f br 0 end unreachable",
    );
    assert_eq!(
        run("endless cache of slots", &caching),
        ProgramStatus::OutOfInk
    );
}
