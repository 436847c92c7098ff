//! What the compiler made of pricing and margin: nothing of the wide library arithmetic that would cost ten to two hundred
//! times the ink.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::doc_markdown,
    reason = "tests panic on overflow, and measure in doubles"
)]

use std::{path::PathBuf, process::Command};

/// Library calls of 128-bit multiplication and division. They are linked in only when something calls them.
const WIDE: [&str; 5] = ["__multi3", "__udivti3", "__umodti3", "__divti3", "__modti3"];

/// Builds an example for the chain, with its names, as the contracts are built.
fn compiled(example: &str) -> Vec<u8> {
    let manifest = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let output = Command::new(env!("CARGO"))
        .args([
            "build",
            "--release",
            "--target",
            "wasm32-unknown-unknown",
            "-p",
            "clearing-math",
        ])
        .args([
            "--example",
            example,
            "--config",
            "profile.release.strip=false",
        ])
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

fn names(module: &[u8], name: &str) -> bool {
    module
        .windows(name.len())
        .any(|window| window == name.as_bytes())
}

#[test]
fn pricing_and_margin_call_no_wide_library_arithmetic() {
    let pricing = compiled("pricing_probe");
    for probe in ["probe_price", "probe_greeks", "probe_margin"] {
        assert!(names(&pricing, probe), "{probe} is in the module, by name");
    }
    for call in WIDE {
        assert!(!names(&pricing, call), "pricing calls {call}");
    }
    // The control: where it is called, it is found.
    let wide = compiled("wide_probe");
    assert!(names(&wide, "__multi3") && names(&wide, "__udivti3"));
}
