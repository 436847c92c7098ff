//! Modules that activation refuses, each for its own reason.

use devnode::program::{ActivationError, ModuleError, StylusConfig};

use crate::chain::{activated, module};

fn refused(wat: &str) -> ModuleError {
    match activated(wat, &StylusConfig::arbos_61()) {
        Err(ActivationError::Module(error)) => error,
        other => panic!("not refused: {:?}", other.map(|activated| activated.gas)),
    }
}

/// A whole module whose entry point does nothing, with `more` in it.
fn with(more: &str) -> String {
    format!(
        r#"(module {more} (memory (export "memory") 1 1)
            (func (export "user_entrypoint") (param i32) (result i32) i32.const 0))"#
    )
}

#[test]
fn plain_module_is_accepted() {
    activated(&with(""), &StylusConfig::arbos_61()).unwrap();
    activated(&module("", "i32.const 0"), &StylusConfig::arbos_61()).unwrap();
}

#[test]
fn floats_are_refused() {
    for code in [
        "f32.const 1 f32.const 1 f32.add drop",
        "f64.const 1 drop",
        "f32.const 1 i32.trunc_f32_u drop",
    ] {
        let error = refused(&module("", &format!("{code} i32.const 0")));
        assert!(
            matches!(error, ModuleError::UnsupportedOpcode { function: 0, .. }),
            "{error}"
        );
    }
}

#[test]
fn features_beyond_the_first_wasm_are_refused() {
    for code in [
        "v128.const i64x2 0 0 drop",
        "ref.null func drop",
        "i32.const 0 i32.atomic.load drop",
        "i32.const 0 return_call 0",
        "(block (result i32 i32) i32.const 1 i32.const 2) drop drop",
    ] {
        let error = refused(&module("", &format!("{code} i32.const 0")));
        assert!(matches!(error, ModuleError::Invalid(_)), "{code}: {error}");
    }
    let error = refused(
        r#"(module (memory (export "memory") 1 1) (memory 1)
        (func (export "user_entrypoint") (param i32) (result i32) i32.const 0))"#,
    );
    assert!(matches!(error, ModuleError::Invalid(_)), "{error}");
}

#[test]
fn passive_bulk_memory_has_no_price() {
    let wat = r#"(module (memory (export "memory") 1 1) (data $d "abc")
        (func (export "user_entrypoint") (param i32) (result i32)
            i32.const 0 i32.const 0 i32.const 1 memory.init $d i32.const 0))"#;
    let expected = ModuleError::UnsupportedOpcode {
        function: 0,
        opcode: "MemoryInit".into(),
    };
    assert_eq!(refused(wat), expected);
}

#[test]
fn several_results_are_accepted_until_version_3() {
    let wat = with("(func (result i32 i64) i32.const 1 i64.const 2)");
    activated(&wat, &StylusConfig::arbos_40()).unwrap();
    assert!(matches!(refused(&wat), ModuleError::Invalid(_)));
}

#[test]
fn start_function_is_refused() {
    assert_eq!(
        refused(&with("(func $s) (start $s)")),
        ModuleError::StartFunction
    );
}

#[test]
fn imports_must_be_known_functions_of_the_right_type() {
    let unknown = refused(&with(r#"(import "vm_hooks" "storage_load" (func))"#));
    assert_eq!(
        unknown,
        ModuleError::UnknownImport {
            name: "vm_hooks.storage_load".into()
        }
    );
    let other_module = refused(&with(r#"(import "env" "read_args" (func (param i32)))"#));
    assert_eq!(
        other_module,
        ModuleError::UnknownImport {
            name: "env.read_args".into()
        }
    );
    let typed = refused(&with(
        r#"(import "vm_hooks" "read_args" (func (param i64)))"#,
    ));
    assert_eq!(
        typed,
        ModuleError::ImportType {
            name: "vm_hooks.read_args".into(),
            given: "(i64) -> ()".into(),
            expected: "(i32) -> ()".into(),
        }
    );
    let twice = r#"(import "vm_hooks" "read_args" (func (param i32)))
        (import "vm_hooks" "read_args" (func (param i32 i32)))"#;
    assert_eq!(
        refused(&with(twice)),
        ModuleError::ImportedTwice {
            name: "vm_hooks.read_args".into()
        }
    );
    let global = refused(&with(r#"(import "vm_hooks" "g" (global i32))"#));
    assert_eq!(
        global,
        ModuleError::ForeignImport {
            name: "vm_hooks.g".into()
        }
    );
}

#[test]
fn names_that_instrumentation_could_be_confused_by_are_refused() {
    let reserved = refused(&with(
        r#"(global (export "stylus_ink_left") i32 (i32.const 0))"#,
    ));
    assert_eq!(
        reserved,
        ModuleError::ReservedName {
            name: "stylus_ink_left".into()
        }
    );
    let shadow = r#"(import "vm_hooks" "read_args" (func (param i32)))
        (func (export "mine__read_args"))"#;
    let expected = ModuleError::ExportShadowsImport {
        name: "mine__read_args".into(),
    };
    assert_eq!(refused(&with(shadow)), expected);
}

#[test]
fn growing_memory_must_be_paid_for() {
    let wat = r#"(module (memory (export "memory") 1))"#;
    let error = refused(wat);
    assert_eq!(error, ModuleError::MissingMemoryPayment);
    // Tools look for this name to tell a missing entry point.
    assert!(error.to_string().contains("pay_for_memory_grow"));
}

#[test]
fn memory_and_entrypoint_must_be_exported() {
    let entry = r#"(func (export "user_entrypoint") (param i32) (result i32) i32.const 0)"#;
    for memory in ["", "(memory 1 1)", r#"(memory (export "heap") 1 1)"#] {
        assert_eq!(
            refused(&format!("(module {memory} {entry})")),
            ModuleError::MissingMemory
        );
    }
    let missing = r#"(module (memory (export "memory") 1 1))"#;
    assert_eq!(refused(missing), ModuleError::MissingEntrypoint);
    let typed = r#"(module (memory (export "memory") 1 1) (func (export "user_entrypoint")))"#;
    let expected = ModuleError::EntrypointType {
        given: "() -> ()".into(),
    };
    assert_eq!(refused(typed), expected);
}

#[test]
fn globals_start_as_integer_constants() {
    let float = refused(&with("(global f32 (f32.const 0))"));
    assert_eq!(float, ModuleError::GlobalInit { index: 0 });
}

#[test]
fn limits_hold_at_the_limit_and_not_beyond() {
    let locals = |n: usize| with(&format!("(func (local {}))", "i32 ".repeat(n)));
    let functions = |n: usize| with(&"(func)".repeat(n - 1));
    let segments = |n: usize| with(&"(data (i32.const 0) \"\")".repeat(n));
    let table = |n: usize| with(&format!("(table {n} funcref)"));
    let name = |n: usize| with(&format!("(func (export \"{}\"))", "a".repeat(n)));
    let pages = |n: usize| with("").replace("1 1)", &format!("{n} {n})"));
    let depth = |n: usize| {
        with(&format!(
            "(func {} {})",
            "i32.const 1 ".repeat(n),
            "drop ".repeat(n)
        ))
    };
    let exports = |n: usize| {
        let more: String = (0..n - 2)
            .map(|i| format!("(export \"e{i}\" (func 0))"))
            .collect();
        with(&more)
    };
    let element_segments = |n: usize| {
        with(&format!(
            "(table 1 funcref) {}",
            "(elem (i32.const 0))".repeat(n)
        ))
    };
    let elements = |n: usize| {
        with(&format!(
            "(table 4096 funcref) (elem (i32.const 0) func {})",
            "0 ".repeat(n)
        ))
    };
    let globals = |n: usize| with(&"(global i32 (i32.const 0))".repeat(n));
    let imports =
        |n: usize| with(&r#"(import "vm_hooks" "chainid" (func (result i64)))"#.repeat(n));
    type Case<'a> = (&'a str, &'a dyn Fn(usize) -> String, usize);
    let cases: [Case<'_>; 12] = [
        ("Locals", &locals, 348),
        ("Functions", &functions, 4096),
        ("DataSegments", &segments, 128),
        ("TableEntries", &table, 4096),
        ("NameLength", &name, 512),
        ("InitialPages", &pages, 128),
        ("OperandDepth", &depth, 4096),
        ("Exports", &exports, 1024),
        ("ElementSegments", &element_segments, 128),
        ("ElementEntries", &elements, 4096),
        ("Globals", &globals, 32_768),
        ("Imports", &imports, 513),
    ];
    // As many globals are longer than a module in one piece may be; in fragments it may.
    let config = StylusConfig {
        max_wasm_size: 256 * 1024,
        ..StylusConfig::arbos_61()
    };
    let refused = |wat: &str| match activated(wat, &config) {
        Err(ActivationError::Module(error)) => error,
        other => panic!("not refused: {:?}", other.map(|activated| activated.gas)),
    };
    for (limit, wat, most) in cases {
        assert!(
            activated(&wat(most), &config).is_ok(),
            "{limit} at the limit"
        );
        let error = refused(&wat(most + 1));
        let ModuleError::Exceeds {
            limit: found,
            given,
            allowed,
        } = error
        else {
            panic!("{limit}: {error}")
        };
        assert_eq!(format!("{found:?}"), limit);
        assert_eq!((given, allowed), (most as u64 + 1, most as u64), "{limit}");
    }
}

#[test]
fn function_too_long_after_instrumentation_is_refused() {
    // Every empty block becomes two operators and two metering checks of twelve before its ends.
    let error = refused(&module(
        "",
        &format!("{} i32.const 0", "block end ".repeat(5_000)),
    ));
    assert!(
        matches!(
            error,
            ModuleError::Exceeds {
                allowed: 65_536,
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn bytes_that_are_no_module_are_refused() {
    use devnode::program::{activate, code_format::pack};
    let config = StylusConfig::arbos_61();
    for bytes in [
        &b""[..],
        b"\0asm",
        b"\0asm\x0d\0\x01\0",
        b"garbage",
        b"\0asm\x01\0\0\0\x01\xff\xff",
    ] {
        assert!(activate(&pack(bytes).unwrap(), &config, 0).is_err());
    }
}

#[test]
fn names_of_imports_are_bounded_like_those_of_exports() {
    for (length, bounded) in [(512, false), (513, true)] {
        let name = "a".repeat(length);
        for import in [
            format!(r#"(import "vm_hooks" "{name}" (func))"#),
            format!(r#"(import "{name}" "read_args" (func))"#),
        ] {
            let error = refused(&with(&import));
            // Short enough, it is merely unknown.
            assert_eq!(
                matches!(error, ModuleError::Exceeds { .. }),
                bounded,
                "{error}"
            );
        }
    }
}
