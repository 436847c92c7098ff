//! Builds all programs for the chain: cargo for wasm32, `wasm-opt`, stripping, compression, size check. Nothing is done twice: outputs are
//! kept under `target/programs` with a hash of everything that went in.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

use alloy::primitives::{B256, Bytes, Keccak256, keccak256};

use crate::build_lock;
use crate::checkout::Checkout;
use crate::program::Program;
use crate::progress::Progress;
use crate::solidity::{self, SolidityError};
use crate::wasm_cache::Cache;
use crate::wasm_pack::{self, CODE_LIMIT, PackError};
use crate::wasm_toolchain::{self, TARGET, ToolchainError};

/// Passes and features of `wasm-opt`. The features are those of `.cargo/config.toml`: what every Stylus version accepts.
pub(crate) const WASM_OPT: [&str; 8] = [
    "-Oz",
    "--mvp-features",
    "--enable-bulk-memory-opt",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--strip-debug",
    "--strip-producers",
    "--strip-target-features",
];

/// Of [compact](Program::is_compact) programs; see the feature of that name in `clearing-math`.
const COMPACT: &str = "profile.release.package.clearing-math.opt-level='z'";

/// What a program's code depends on, relative to the checkout.
const INPUTS: [&str; 6] = [
    "contracts",
    "oracle-adapter",
    "Cargo.toml",
    "Cargo.lock",
    ".cargo/config.toml",
    "rust-toolchain.toml",
];

/// Why there are no programs.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// No compiler for wasm32.
    #[error(transparent)]
    Toolchain(#[from] ToolchainError),
    /// cargo failed.
    #[error("the contracts do not build for {TARGET}:\n{output}")]
    Cargo {
        /// What cargo printed.
        output: String,
    },
    /// npm packages (for `wasm-opt`) are not there.
    #[error(transparent)]
    Npm(#[from] SolidityError),
    /// `wasm-opt` failed.
    #[error("wasm-opt failed on {module}:\n{output}")]
    WasmOpt {
        /// Name of the module.
        module: String,
        /// What it printed.
        output: String,
    },
    /// A module cannot be packed.
    #[error("{module}: {error}")]
    Pack {
        /// Name of the module.
        module: String,
        /// Why.
        error: PackError,
    },
    /// A program is larger than chains accept.
    #[error(
        "{program} is {size} bytes compressed, {CODE_LIMIT} are allowed: move a responsibility to another contract"
    )]
    TooLarge {
        /// Program.
        program: Program,
        /// Compressed size, bytes.
        size: usize,
    },
    /// A file cannot be read or written.
    #[error("{path}: {error}")]
    File {
        /// File.
        path: String,
        /// Why.
        error: io::Error,
    },
}

/// A program ready to deploy.
#[derive(Clone, Debug)]
pub struct BuiltProgram {
    /// Which one.
    pub program: Program,
    /// Code to put on chain: Stylus prefix and compressed module.
    pub code: Bytes,
    /// Size of the module before compression, bytes.
    pub module_size: usize,
}

impl BuiltProgram {
    /// Size on chain, bytes.
    pub fn size(&self) -> usize {
        self.code.len()
    }

    /// Share of the size limit left, in percent, rounded down.
    pub fn free_percent(&self) -> usize {
        CODE_LIMIT.saturating_sub(self.size()) * 100 / CODE_LIMIT
    }

    /// Hash of the code, under which chains know an activated program.
    pub fn code_hash(&self) -> B256 {
        keccak256(&self.code)
    }
}

/// All programs: those of a deployment in its order, then those of a feed.
pub type Programs = Vec<BuiltProgram>;

/// Builds what changed and returns every program.
pub fn build(checkout: &Checkout, progress: &Progress) -> Result<Programs, BuildError> {
    solidity::install(checkout, progress)?;
    let lock = build_lock::acquire(checkout, "programs");
    let _lock = lock.map_err(|error| file_error(&checkout.target(), error))?;
    let inputs = hash_inputs(checkout, &INPUTS)?;
    if let Some(programs) = Cache::read(checkout).complete(inputs) {
        return Ok(programs);
    }
    compile(checkout, progress)?;
    let bar = progress.bar(Program::every().len() as u64, "optimising and compressing");
    let folder = checkout.programs();
    fs::create_dir_all(&folder).map_err(|error| file_error(&folder, error))?;
    let mut programs = Programs::new();
    let mut cache = Cache::read(checkout);
    for program in Program::every() {
        bar.set_message(program.name());
        let compiled = compiled_file(checkout, program);
        let module = fs::read(&compiled).map_err(|error| file_error(&compiled, error))?;
        let module_hash = keccak256(module);
        // Most changes of a source leave most modules as they were.
        let packed = match cache.unchanged(program, module_hash) {
            Some(built) => built,
            None => pack(checkout, program, &compiled)?,
        };
        cache.keep(&packed, module_hash);
        programs.push(packed);
        bar.inc(1);
    }
    bar.finish_and_clear();
    cache.inputs = inputs;
    cache
        .write(checkout)
        .map_err(|error| file_error(&checkout.programs(), error))?;
    Ok(programs)
}

/// Sizes as a table: program, module, compressed, free.
pub fn size_table(programs: &[BuiltProgram]) -> String {
    let mut table = format!(
        "{:<20} {:>8} {:>11} {:>6}\n",
        "program", "module B", "on chain B", "free"
    );
    for built in programs {
        table.push_str(&format!(
            "{:<20} {:>8} {:>11} {:>5}%\n",
            built.program,
            built.module_size,
            built.size(),
            built.free_percent()
        ));
    }
    table.push_str(&format!("limit on chain: {CODE_LIMIT} B"));
    table
}

/// One `cargo rustc` per program, as `cdylib` alone: the crates are libraries too (for tests), and cargo skips link-time optimisation for a
/// package that is both, which costs a fifth of the size.
fn compile(checkout: &Checkout, progress: &Progress) -> Result<(), BuildError> {
    let toolchain = wasm_toolchain::find(checkout)?;
    let bar = progress.bar(
        Program::every().len() as u64,
        "compiling the contracts to WebAssembly",
    );
    for program in Program::every() {
        let mut command = toolchain.cargo("rustc");
        command
            .args(["--release", "--lib", "--crate-type", "cdylib", "--locked"])
            .args(["--target", TARGET, "-p", program.name(), "--target-dir"])
            .arg(checkout.target());
        if program.is_compact() {
            command.args(["--config", COMPACT]);
        }
        let output = command
            .current_dir(checkout.root())
            .output()
            .map_err(|error| BuildError::Cargo {
                output: error.to_string(),
            })?;
        if !output.status.success() {
            return Err(BuildError::Cargo {
                output: String::from_utf8_lossy(&output.stderr).into_owned(),
            });
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(())
}

fn compiled_file(checkout: &Checkout, program: Program) -> PathBuf {
    checkout
        .target()
        .join(TARGET)
        .join("release")
        .join(program.wasm_file())
}

fn pack(
    checkout: &Checkout,
    program: Program,
    compiled: &Path,
) -> Result<BuiltProgram, BuildError> {
    let optimised = checkout.programs().join(program.wasm_file());
    optimise(checkout, program.name(), compiled, &optimised)?;
    let module = fs::read(&optimised).map_err(|error| file_error(&optimised, error))?;
    let packed = wasm_pack::strip_custom_sections(&module)
        .and_then(|module| Ok((module.len(), wasm_pack::compress(&module)?)));
    let (module_size, code) = packed.map_err(|error| BuildError::Pack {
        module: program.name().to_owned(),
        error,
    })?;
    if code.len() > CODE_LIMIT {
        return Err(BuildError::TooLarge {
            program,
            size: code.len(),
        });
    }
    Ok(BuiltProgram {
        program,
        code: code.into(),
        module_size,
    })
}

/// Runs `wasm-opt` on the module called `name`, as on every program.
pub(crate) fn optimise(
    checkout: &Checkout,
    name: &str,
    from: &Path,
    to: &Path,
) -> Result<(), BuildError> {
    let failed = |output: String| BuildError::WasmOpt {
        module: name.to_owned(),
        output,
    };
    let output = Command::new("node")
        .arg(
            checkout
                .solidity()
                .join("node_modules/binaryen/bin/wasm-opt"),
        )
        .args(WASM_OPT)
        .arg(from)
        .arg("-o")
        .arg(to)
        .output()
        .map_err(|error| failed(format!("cannot run node: {error}")))?;
    if output.status.success() {
        Ok(())
    } else {
        Err(failed(String::from_utf8_lossy(&output.stderr).into_owned()))
    }
}

/// Hash of the path and content of every one of `inputs`, relative to the checkout, and of the optimiser's version and flags.
pub(crate) fn hash_inputs(checkout: &Checkout, inputs: &[&str]) -> Result<B256, BuildError> {
    let mut files = Vec::new();
    for input in inputs {
        collect_files(&checkout.root().join(input), &mut files)?;
    }
    files.push(checkout.solidity().join("package-lock.json"));
    let mut hasher = Keccak256::new();
    for file in files {
        let content = fs::read(&file).map_err(|error| file_error(&file, error))?;
        hasher.update(
            file.strip_prefix(checkout.root())
                .unwrap_or(&file)
                .as_os_str()
                .as_encoded_bytes(),
        );
        hasher.update(keccak256(content));
    }
    hasher.update(WASM_OPT.join(" "));
    Ok(hasher.finalize())
}

/// Sources only: tests, fixtures and build outputs do not go into a program.
fn collect_files(path: &Path, files: &mut Vec<PathBuf>) -> Result<(), BuildError> {
    if path.is_file() {
        files.push(path.to_owned());
        return Ok(());
    }
    let entries = fs::read_dir(path).and_then(|entries| entries.collect::<io::Result<Vec<_>>>());
    let mut entries: Vec<_> = entries
        .map_err(|error| file_error(path, error))?
        .into_iter()
        .map(|entry| entry.path())
        .collect();
    entries.sort();
    for entry in entries {
        let name = entry.file_name().unwrap_or_default();
        if !["tests", "target", "generate"]
            .iter()
            .any(|skipped| name == *skipped)
        {
            collect_files(&entry, files)?;
        }
    }
    Ok(())
}

pub(crate) fn file_error(path: &Path, error: io::Error) -> BuildError {
    BuildError::File {
        path: path.display().to_string(),
        error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_space_is_a_share_of_the_limit() {
        let built = BuiltProgram {
            program: Program::MarginEngine,
            code: vec![0; 12_288].into(),
            module_size: 40_000,
        };
        assert_eq!(built.free_percent(), 50);
        assert!(size_table(&[built]).contains("margin-engine"));
    }
}
