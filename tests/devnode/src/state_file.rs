//! The file a chain is kept in between two runs of the node.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use thiserror::Error;

use crate::chain::{Chain, DumpError};

/// Where a chain is kept.
#[derive(Clone, Debug)]
pub struct StateFile(PathBuf);

/// Why a chain could not be kept or fetched.
#[derive(Debug, Error)]
pub enum StateFileError {
    /// The file cannot be read or written.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Of the operating system.
        source: io::Error,
    },
    /// The file holds no chain, or another one.
    #[error("{path}: {source}", path = path.display())]
    Dump {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: DumpError,
    },
}

impl StateFile {
    /// A chain kept at `path`.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Fetches the chain; false when the file does not exist yet.
    ///
    /// # Errors
    /// [`StateFileError`]: the file cannot be read, or holds no chain of this identifier.
    pub fn load(&self, chain: &mut Chain) -> Result<bool, StateFileError> {
        let document = match fs::read(&self.0) {
            Ok(document) => document,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(source) => return Err(self.io(source)),
        };
        chain.load(&document).map_err(|source| self.dump(source))?;
        Ok(true)
    }

    /// Keeps the chain. The file is replaced in one step: a crash leaves the old one.
    ///
    /// # Errors
    /// [`StateFileError::Io`]: the file cannot be written.
    pub fn save(&self, chain: &Mutex<Chain>) -> Result<(), StateFileError> {
        let document = chain
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .dump()
            .map_err(|source| self.dump(source))?;
        let mut beside = self.0.clone().into_os_string();
        beside.push(".new");
        fs::write(&beside, document).map_err(|source| self.io(source))?;
        fs::rename(&beside, &self.0).map_err(|source| self.io(source))
    }

    fn io(&self, source: io::Error) -> StateFileError {
        let path = self.0.clone();
        StateFileError::Io { path, source }
    }

    fn dump(&self, source: DumpError) -> StateFileError {
        let path = self.0.clone();
        StateFileError::Dump { path, source }
    }
}
