//! What the compiler made of the mathematics: from no function that runs on chain does any path lead to the library's wide multiplication or
//! division, which would cost ten to two hundred times the ink, to a 256-bit integer, to a float or to a panic.
//!
//! The compiled modules are disassembled and their call graphs followed from each export.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::doc_markdown,
    reason = "tests panic on overflow"
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    process::Command,
};

use wasmparser::{
    ElementItems, ExternalKind, KnownCustom, Name, Operator, Parser, Payload, TypeRef,
};

/// What must not be called, as parts of names.
const FORBIDDEN: [&str; 9] = [
    "__multi3",
    "__udivti3",
    "__umodti3",
    "__divti3",
    "__modti3",
    "ruint",
    "U256",
    "bnum",
    "panic",
];

/// Exports that step through `enumerate`, whose counter the compiler does not see to stay below 2^32. Every other export must have no path
/// to a panic at all.
const COUNTERS: [&str; 2] = ["portfolio_margin", "svi_check_slice"];

/// Every export that computes.
const EXPORTS: [&str; 26] = [
    "price",
    "price_and_greeks",
    "evaluate",
    "cross_greeks",
    "evaluate_cross_greeks",
    "price_forward",
    "evaluate_forward",
    "implied_volatility",
    "implied_volatility_exact",
    "svi_implied_volatility",
    "svi_16_strikes",
    "svi_point",
    "svi_check_slice",
    "svi_check_calendar",
    "surface_prepare",
    "surface_16_strikes",
    "exp",
    "ln",
    "square_root",
    "normal_cumulative",
    "normal_density",
    "normal_mills",
    "mul_div_down",
    "payoff_long",
    "portfolio_margin",
    "nothing",
];

/// One function of a module.
#[derive(Default)]
struct Function {
    calls: BTreeSet<u32>,
    /// Whether it calls through the table.
    indirect: bool,
    floats: bool,
    operators: usize,
}

/// A disassembled module.
#[derive(Default)]
struct Disassembly {
    imports: u32,
    functions: Vec<Function>,
    names: BTreeMap<u32, String>,
    exports: BTreeMap<String, u32>,
    table: BTreeSet<u32>,
}

impl Disassembly {
    fn of(wasm: &[u8]) -> Self {
        let mut module = Self::default();
        for payload in Parser::new(0).parse_all(wasm) {
            match payload.expect("a module") {
                Payload::ImportSection(imports) => {
                    let functions = imports.into_iter().filter(|import| {
                        matches!(import.as_ref().expect("an import").ty, TypeRef::Func(_))
                    });
                    module.imports = functions.count() as u32;
                }
                Payload::ExportSection(exports) => {
                    for export in exports {
                        let export = export.expect("an export");
                        if export.kind == ExternalKind::Func {
                            module.exports.insert(export.name.into(), export.index);
                        }
                    }
                }
                Payload::ElementSection(segments) => {
                    for segment in segments {
                        let items = segment.expect("a segment").items;
                        let ElementItems::Functions(functions) = items else {
                            panic!("the table holds functions");
                        };
                        module
                            .table
                            .extend(functions.into_iter().map(|index| index.expect("an index")));
                    }
                }
                Payload::CodeSectionEntry(body) => {
                    let operators = body.get_operators_reader().expect("operators");
                    module.functions.push(function(operators));
                }
                Payload::CustomSection(section) => {
                    if let KnownCustom::Name(names) = section.as_known() {
                        module.read_names(names);
                    }
                }
                _ => {}
            }
        }
        module
    }

    fn read_names(&mut self, names: wasmparser::NameSectionReader<'_>) {
        for subsection in names {
            if let Name::Function(functions) = subsection.expect("names") {
                for naming in functions {
                    let naming = naming.expect("a name");
                    self.names.insert(naming.index, naming.name.into());
                }
            }
        }
    }

    /// Every function some path leads to from `export`.
    fn reached(&self, export: &str) -> BTreeSet<u32> {
        let start = *self
            .exports
            .get(export)
            .unwrap_or_else(|| panic!("no export {export}"));
        let (mut reached, mut open) = (BTreeSet::new(), vec![start]);
        while let Some(index) = open.pop() {
            if !reached.insert(index) {
                continue;
            }
            let Some(function) = self.own(index) else {
                continue;
            };
            open.extend(&function.calls);
            if function.indirect {
                open.extend(&self.table);
            }
        }
        reached
    }

    /// What is wrong with what `export` reaches, and which functions call it.
    fn faults(&self, export: &str) -> Vec<String> {
        let reached = self.reached(export);
        let name = |index: u32| self.names.get(&index).map_or("(no name)", String::as_str);
        let callers = |callee: u32| -> Vec<_> {
            let calls = |caller: &u32| {
                self.own(*caller)
                    .is_some_and(|own| own.calls.contains(&callee))
            };
            reached.iter().copied().filter(calls).map(name).collect()
        };
        let mut faults = Vec::new();
        for &index in &reached {
            let forbidden = FORBIDDEN.iter().any(|part| name(index).contains(part));
            let what = match self.own(index) {
                None => "a host call",
                Some(own) if own.floats => "has floats",
                Some(_) if forbidden => "forbidden",
                Some(_) => continue,
            };
            faults.push(format!(
                "{}: {what}, called by {:?}",
                name(index),
                callers(index)
            ));
        }
        faults
    }

    /// The function at an index, unless it is imported.
    fn own(&self, index: u32) -> Option<&Function> {
        self.functions
            .get(index.checked_sub(self.imports)? as usize)
    }
}

fn function(operators: wasmparser::OperatorsReader<'_>) -> Function {
    let mut function = Function::default();
    for operator in operators {
        let operator = operator.expect("an operator");
        function.operators += 1;
        match operator {
            Operator::Call { function_index } => {
                function.calls.insert(function_index);
            }
            Operator::CallIndirect { .. } => function.indirect = true,
            other => {
                let name = format!("{other:?}");
                function.floats |=
                    name.starts_with('F') || name.contains("TruncF") || name.contains("TruncSatF");
            }
        }
    }
    function
}

/// Builds an example for the chain, with its names, as the contracts are built.
fn compiled(example: &str) -> Vec<u8> {
    let manifest = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let output = Command::new(env!("CARGO"))
        .args(["build", "--release", "--target", "wasm32-unknown-unknown"])
        .args(["-p", "clearing-math", "--example", example])
        .args(["--config", "profile.release.strip=false"])
        .args([
            "--message-format",
            "json-render-diagnostics",
            "--manifest-path",
        ])
        .arg(manifest)
        .output()
        .expect("cargo runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let messages = String::from_utf8(output.stdout).expect("text");
    let path = messages
        .lines()
        .rev()
        .flat_map(|line| line.split('"'))
        .find(|part| part.ends_with(&format!("{example}.wasm")))
        .expect("the build names its file");
    std::fs::read(path).expect("built")
}

#[test]
fn no_path_leads_to_wide_library_arithmetic_floats_or_panics() {
    let module = Disassembly::of(&compiled("quant_program"));
    let mut failing = BTreeMap::new();
    for export in EXPORTS {
        let reached = module.reached(export);
        let operators: usize = reached
            .iter()
            .filter_map(|&index| Some(module.own(index)?.operators))
            .sum();
        println!(
            "{export}: {} functions, {operators} operators",
            reached.len()
        );
        assert!(operators > 5, "{export} computes");
        let mut faults = module.faults(export);
        if COUNTERS.contains(&export) {
            println!("{export} may panic: {faults:#?}");
            faults.retain(|fault| !fault.contains("panic"));
        }
        if !faults.is_empty() {
            failing.insert(export, faults);
        }
    }
    assert!(failing.is_empty(), "{failing:#?}");
    let known: BTreeSet<_> = EXPORTS
        .into_iter()
        .chain(["exchange_area", "user_entrypoint"])
        .collect();
    let unknown: Vec<_> = module
        .exports
        .keys()
        .filter(|name| !known.contains(name.as_str()))
        .collect();
    assert!(unknown.is_empty(), "not looked at: {unknown:?}");
}

#[test]
fn wide_library_arithmetic_is_found_where_it_is_called() {
    let module = Disassembly::of(&compiled("wide_probe"));
    let faults = module.faults("probe_wide");
    for call in ["__multi3", "__udivti3"] {
        assert!(
            faults.iter().any(|fault| fault.contains(call)),
            "{call} is in {faults:?}"
        );
    }
    let direct = module.faults("probe_sum");
    assert!(direct.is_empty(), "a sum needs none of it: {direct:?}");
}
