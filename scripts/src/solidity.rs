//! The Solidity side of tests and demo: npm packages at locked versions, and contracts compiled by the locked solc.

use std::path::Path;
use std::process::Command;
use std::{fs, io};

use alloy::primitives::Bytes;
use serde::Deserialize;

use crate::build_lock;
use crate::checkout::Checkout;
use crate::progress::Progress;

/// Why the Solidity side is not there.
#[derive(Debug, thiserror::Error)]
pub enum SolidityError {
    /// Node.js or npm is not installed.
    #[error(
        "`{program}` is not on the PATH: install Node.js 18 or newer with npm (Debian: apt-get install nodejs npm), then run this again"
    )]
    Missing {
        /// The program that could not be started.
        program: &'static str,
    },
    /// npm could not install the locked packages.
    #[error("`npm install` failed in {folder}; is the npm registry reachable?\n{output}")]
    Install {
        /// Folder of the package.
        folder: String,
        /// What npm printed.
        output: String,
    },
    /// solc refused a source.
    #[error("the Solidity sources do not compile:\n{output}")]
    Compile {
        /// What the compiler printed.
        output: String,
    },
    /// A compiled contract is missing or unreadable.
    #[error("cannot read {path}: {reason}; delete {folder} and run this again")]
    Artifact {
        /// File.
        path: String,
        /// Its folder.
        folder: String,
        /// What is wrong.
        reason: String,
    },
}

/// Installs the locked npm packages unless they are there and current.
pub fn install(checkout: &Checkout, progress: &Progress) -> Result<(), SolidityError> {
    let _lock = lock(checkout)?;
    install_unlocked(checkout, progress)
}

fn install_unlocked(checkout: &Checkout, progress: &Progress) -> Result<(), SolidityError> {
    let folder = checkout.solidity();
    if installed(&folder) {
        return Ok(());
    }
    let spinner = progress.spinner("installing npm packages (solc, OpenZeppelin, binaryen, viem)");
    // As scripts/setup does: `npm ci` gives up where a registry lacks other platforms' optional binaries. The lock file still decides versions.
    // Packages run no scripts of their own: none of these needs one.
    let mut npm = Command::new("npm");
    npm.args([
        "install",
        "--no-save",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
    ])
    .current_dir(&folder);
    let output = run(npm, "npm")?;
    spinner.finish_and_clear();
    if !output.status.success() {
        return Err(SolidityError::Install {
            folder: folder.display().to_string(),
            output: printed(&output),
        });
    }
    Ok(())
}

/// Compiles the Solidity sources when they changed; installs what that needs first.
pub fn compile(checkout: &Checkout, progress: &Progress) -> Result<(), SolidityError> {
    let _lock = lock(checkout)?;
    install_unlocked(checkout, progress)?;
    let spinner = progress.spinner("compiling Solidity contracts");
    let mut node = Command::new("node");
    node.arg("compile.mjs")
        .arg(checkout.solidity_out())
        .current_dir(checkout.solidity());
    let output = run(node, "node")?;
    spinner.finish_and_clear();
    if output.status.success() {
        Ok(())
    } else {
        Err(SolidityError::Compile {
            output: printed(&output),
        })
    }
}

/// Creation code of a compiled contract, without constructor arguments.
pub fn creation_code(checkout: &Checkout, contract: &str) -> Result<Bytes, SolidityError> {
    #[derive(Deserialize)]
    struct Artifact {
        bytecode: Bytes,
    }
    let folder = checkout.solidity_out();
    let path = folder.join(format!("{contract}.json"));
    let failed = |reason: String| SolidityError::Artifact {
        path: path.display().to_string(),
        folder: folder.display().to_string(),
        reason,
    };
    let text = fs::read_to_string(&path).map_err(|error| failed(error.to_string()))?;
    let artifact: Artifact =
        serde_json::from_str(&text).map_err(|error| failed(error.to_string()))?;
    Ok(artifact.bytecode)
}

fn lock(checkout: &Checkout) -> Result<fs::File, SolidityError> {
    build_lock::acquire(checkout, "solidity").map_err(|error| SolidityError::Artifact {
        path: checkout.target().display().to_string(),
        folder: checkout.solidity_out().display().to_string(),
        reason: error.to_string(),
    })
}

/// npm writes a hidden copy of the lock file when it is done: packages are current when that is not older than ours. `scripts/setup` asks the same.
fn installed(folder: &Path) -> bool {
    let modified = |file: &str| fs::metadata(folder.join(file)).and_then(|file| file.modified());
    let written = modified("node_modules/.package-lock.json");
    matches!((modified("package-lock.json"), written), (Ok(lock), Ok(written)) if lock <= written)
}

fn run(mut command: Command, program: &'static str) -> Result<std::process::Output, SolidityError> {
    command.output().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => SolidityError::Missing { program },
        _ => SolidityError::Compile {
            output: format!("cannot run {program}: {error}"),
        },
    })
}

fn printed(output: &std::process::Output) -> String {
    let mut text = String::from_utf8_lossy(&output.stderr).into_owned();
    text.push_str(&String::from_utf8_lossy(&output.stdout));
    text.trim().to_owned()
}
