//! Damaged modules: whatever the bytes, the node refuses them or runs them to an end, and never falls over.

use devnode::program::{ProgramStatus, StylusConfig, activate, code_format};

use crate::{
    chain::{ENGINE, SELF, TestChain, module},
    random::Random,
    stored::stored,
};

const TRIES: u32 = 6_000;

/// A module with most kinds of sections and operators.
fn rich() -> Vec<u8> {
    let imports = r#"
        (import "vm_hooks" "read_args" (func $args (param i32)))
        (import "vm_hooks" "write_result" (func $write (param i32 i32)))
        (import "vm_hooks" "storage_load_bytes32" (func $load (param i32 i32)))
        (import "vm_hooks" "storage_cache_bytes32" (func $cache (param i32 i32)))
        (import "vm_hooks" "storage_flush_cache" (func $flush (param i32)))
        (import "vm_hooks" "emit_log" (func $log (param i32 i32 i32)))
        (import "vm_hooks" "account_code" (func $code (param i32 i32 i32 i32) (result i32)))
        (import "vm_hooks" "native_keccak256" (func $keccak (param i32 i32 i32)))
        (type $unary (func (param i64) (result i64)))
        (table 4 funcref)
        (elem (i32.const 1) $double $square)
        (global $g (mut i32) (i32.const 5))
        (data (i32.const 16) "options")
        (func $double (param i64) (result i64) local.get 0 i64.const 1 i64.shl)
        (func $square (param i64) (result i64) local.get 0 local.get 0 i64.mul)"#;
    let body = "(local $i i32) (local $x i64)
        i32.const 64 call $args
        loop $again
          local.get $x i64.const 3 i64.add
          local.get $i i32.const 1 i32.and i32.const 1 i32.add
          call_indirect (type $unary) local.set $x
          local.get $i i32.const 1 i32.add local.tee $i
          i32.const 9 i32.lt_u br_if $again
        end
        i32.const 0 local.get $x i64.store
        i32.const 0 i32.const 32 call $cache i32.const 0 i32.const 128 call $load
        i32.const 1 call $flush
        i32.const 256 i32.const 0 i32.const 64 memory.copy
        i32.const 0 i32.const 64 i32.const 1 call $log
        i32.const 0 i32.const 64 i32.const 512 call $keccak
        i32.const 600 i32.const 0 i32.const 9 i32.const 700 call $code drop
        global.get $g i32.const 4 i32.gt_s
        if (result i32) i32.const 1 memory.grow else i32.const 0 end drop
        block $out local.get $i br_table $out $out $out end
        i32.const 512 i32.const 32 call $write
        i32.const 0";
    wat::parse_str(module(imports, body)).unwrap()
}

#[test]
fn damaged_modules_are_refused_or_run_to_an_end() {
    let config = StylusConfig::arbos_61();
    let whole = rich();
    let mut chain = TestChain::new(&module("", "i32.const 0"), config.clone());
    let (mut refused, mut ran, mut unlike) = (0, 0, 0);
    for number in 0..TRIES {
        let mut random = Random(u64::from(number) << 32);
        let mut wasm = whole.clone();
        for _ in 0..1 + random.below(2) {
            let at = 8 + random.below(wasm.len() - 8);
            match random.below(4) {
                0 => wasm[at] ^= 1 << random.below(8),
                1 => wasm[at] = u8::try_from(random.below(256)).unwrap(),
                2 => drop(wasm.remove(at)),
                _ => wasm.insert(at, u8::try_from(random.below(256)).unwrap()),
            }
        }
        let Ok(activated) = activate(&stored(&wasm), &config, 0) else {
            refused += 1;
            continue;
        };
        chain
            .programs
            .insert(SELF, ENGINE.compile(&activated).unwrap());
        let outcome = chain.run(&[1, 2, 3], 3_000_000);
        ran += 1;
        unlike += u32::from(outcome.status != ProgramStatus::Success);
        assert!(outcome.gas_left < 3_000_000);
        assert_eq!(chain.pages.0, 0);
    }
    // All three happen, or the test looks at nothing.
    assert!(
        refused > 500 && ran > 300 && unlike > 20,
        "{refused} refused, {ran} ran, {unlike} failed"
    );
}

#[test]
fn undamaged_module_runs() {
    let code = code_format::pack(&rich()).unwrap();
    let config = StylusConfig::arbos_61();
    let mut chain = TestChain::new(&module("", "i32.const 0"), config.clone());
    let activated = activate(&code, &config, 0).unwrap();
    chain
        .programs
        .insert(SELF, ENGINE.compile(&activated).unwrap());
    let outcome = chain.run(&[1, 2, 3], 3_000_000);
    assert_eq!(
        (outcome.status, outcome.output.len()),
        (ProgramStatus::Success, 32)
    );
}
