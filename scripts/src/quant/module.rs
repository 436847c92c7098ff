//! The mathematics as a WASM module, `examples/quant_program.rs` of clearing-math, made like the programs that go on chain: same compiler,
//! same profile, same optimiser.

use std::fs;

use crate::build_lock;
use crate::checkout::Checkout;
use crate::progress::Progress;
use crate::wasm_build::{self, BuildError, file_error};
use crate::wasm_pack;
use crate::wasm_toolchain::{self, TARGET};

/// Name of the example.
const EXAMPLE: &str = "quant_program";

/// What its code depends on, relative to the checkout.
const INPUTS: [&str; 6] = [
    "contracts/clearing-math/src",
    "contracts/clearing-math/examples",
    "contracts/clearing-math/Cargo.toml",
    "Cargo.toml",
    ".cargo/config.toml",
    "rust-toolchain.toml",
];

/// The module, built now unless nothing changed since it was built last.
pub fn build(checkout: &Checkout, progress: &Progress) -> Result<Vec<u8>, BuildError> {
    crate::solidity::install(checkout, progress)?;
    let lock = build_lock::acquire(checkout, "quant");
    let _lock = lock.map_err(|error| file_error(&checkout.target(), error))?;
    let folder = checkout.target().join("quant");
    let (kept, recipe) = (
        folder.join(format!("{EXAMPLE}.wasm")),
        folder.join("inputs.hash"),
    );
    let inputs = wasm_build::hash_inputs(checkout, &INPUTS)?.to_string();
    if fs::read_to_string(&recipe).is_ok_and(|built| built == inputs)
        && let Ok(module) = fs::read(&kept)
    {
        return Ok(module);
    }
    let spinner = progress.spinner("compiling the mathematics to WebAssembly");
    fs::create_dir_all(&folder).map_err(|error| file_error(&folder, error))?;
    compile(checkout)?;
    let compiled = checkout
        .target()
        .join(TARGET)
        .join("release/examples")
        .join(format!("{EXAMPLE}.wasm"));
    wasm_build::optimise(checkout, EXAMPLE, &compiled, &kept)?;
    let module = fs::read(&kept).map_err(|error| file_error(&kept, error))?;
    let module = wasm_pack::strip_custom_sections(&module).map_err(|error| BuildError::Pack {
        module: EXAMPLE.to_owned(),
        error,
    })?;
    fs::write(&kept, &module).map_err(|error| file_error(&kept, error))?;
    fs::write(&recipe, inputs).map_err(|error| file_error(&recipe, error))?;
    spinner.finish_and_clear();
    Ok(module)
}

fn compile(checkout: &Checkout) -> Result<(), BuildError> {
    let output = wasm_toolchain::find(checkout)?
        .cargo("rustc")
        .args(["--release", "--locked", "-p", "clearing-math"])
        .args(["--example", EXAMPLE, "--target", TARGET, "--target-dir"])
        .arg(checkout.target())
        .current_dir(checkout.root())
        .output()
        .map_err(|error| BuildError::Cargo {
            output: error.to_string(),
        })?;
    if output.status.success() {
        return Ok(());
    }
    Err(BuildError::Cargo {
        output: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}
