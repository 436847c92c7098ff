//! Reading decimals and reference tables, for the accuracy tests.
#![allow(dead_code, reason = "each test binary uses a part")]
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::neg_cmp_op_on_partial_ord,
    reason = "references are measured in doubles"
)]

pub mod bars;
pub mod draw;
pub mod exact;
pub mod golden;
pub mod worst;

use std::{path::PathBuf, process::Command};

/// A decimal such as `-1.25e-3` in units of 10^-18, rounded towards zero.
pub fn wad(text: &str) -> i128 {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let exponent: i64 = exponent.parse().expect("exponent");
    let negative = mantissa.starts_with('-');
    let digits = mantissa.trim_start_matches(['-', '+']);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let mut value: i128 = format!("{whole}{fraction}").parse().expect("digits");
    let mut scale = 18 + exponent - fraction.len() as i64;
    while scale < 0 && value != 0 {
        value /= 10;
        scale += 1;
    }
    if value != 0 {
        for _ in 0..scale {
            value = value.checked_mul(10).expect("decimal fits");
        }
    }
    if negative { -value } else { value }
}

/// The folder of shared reference data, if it is there: `$NOVATION_SHARED`, else beside the checkout.
pub fn shared() -> Option<PathBuf> {
    let folder = std::env::var_os("NOVATION_SHARED").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    folder.join("data/reference").is_dir().then_some(folder)
}

/// A file below [`shared`], unpacked if it ends in `.gz`; `None`, said aloud, when the folder is absent.
pub fn shared_text(path: &str) -> Option<String> {
    let Some(folder) = shared() else {
        println!("NOT RUN: the shared data folder is absent (set NOVATION_SHARED)");
        return None;
    };
    let path = folder.join(path);
    Some(if path.extension().is_some_and(|e| e == "gz") {
        gunzip(&path)
    } else {
        std::fs::read_to_string(&path).expect("the file can be read")
    })
}

/// Text of a gzipped file.
pub fn gunzip(path: &std::path::Path) -> String {
    let output = Command::new("gzip")
        .arg("-dc")
        .arg(path)
        .output()
        .expect("gzip runs");
    assert!(output.status.success(), "gzip refused {}", path.display());
    String::from_utf8(output.stdout).expect("text")
}
