//! Where this checkout is: the tool works from anywhere inside it.

use std::path::{Path, PathBuf};
use std::{env, io};

/// Folders of the checkout the tool reads and writes.
#[derive(Clone, Debug)]
pub struct Checkout {
    root: PathBuf,
}

/// No checkout around the current folder, and the tool was not built inside one that still exists.
#[derive(Debug, thiserror::Error)]
#[error(
    "no Novation checkout at or above {start} (a folder with contracts/interfaces/solidity); run inside one"
)]
pub struct NotFound {
    start: String,
}

impl Checkout {
    /// The checkout around the current folder, else the one this tool was built in.
    pub fn find() -> Result<Self, NotFound> {
        let current = env::current_dir().unwrap_or_else(|_: io::Error| PathBuf::from("."));
        Self::around(&current)
            .or_else(|| Self::around(Path::new(env!("CARGO_MANIFEST_DIR"))))
            .ok_or_else(|| NotFound {
                start: current.display().to_string(),
            })
    }

    /// The checkout at `start` or the nearest folder above it.
    pub fn around(start: &Path) -> Option<Self> {
        start
            .ancestors()
            .find(|folder| {
                folder.join("contracts/interfaces/solidity").is_dir()
                    && folder.join("scripts/Cargo.toml").is_file()
            })
            .map(|root| Self {
                root: root.to_owned(),
            })
    }

    /// Root of the checkout.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Build outputs of the contracts' workspace.
    pub fn target(&self) -> PathBuf {
        self.root.join("target")
    }

    /// Compressed programs ready to deploy.
    pub fn programs(&self) -> PathBuf {
        self.target().join("programs")
    }

    /// npm package with the Solidity sources.
    pub fn solidity(&self) -> PathBuf {
        self.root.join("scripts/solidity")
    }

    /// Compiled Solidity contracts.
    pub fn solidity_out(&self) -> PathBuf {
        self.target().join("solidity")
    }

    /// Committed interface files.
    pub fn interfaces(&self) -> PathBuf {
        self.root.join("contracts/interfaces/solidity")
    }

    /// The deployment record of a chain.
    pub fn deployment(&self, chain_id: u64) -> PathBuf {
        self.root.join(format!("deployments/{chain_id}.json"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checkout_is_found_from_a_folder_deep_inside_it() {
        let inside = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/keeper");
        let found = Checkout::around(&inside).expect("checkout");
        assert!(found.interfaces().join("IClearingHouse.sol").is_file());
    }

    #[test]
    fn no_checkout_is_found_outside_of_one() {
        assert!(Checkout::around(Path::new("/")).is_none());
    }
}
