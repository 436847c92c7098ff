//! The error type of every contract: an ABI-encoded error declared in the interfaces.

use alloc::vec::Vec;

use alloy_sol_types::SolError;

/// Revert data. Made from any error of the interfaces with `?` or `into()`, or passed on from a callee unchanged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revert(Vec<u8>);

impl Revert {
    /// Revert data of a callee, passed on byte for byte.
    #[must_use]
    pub fn from_callee(data: Vec<u8>) -> Self {
        Self(data)
    }

    /// No data: the callee's answer could not be read.
    #[must_use]
    pub fn empty() -> Self {
        Self(Vec::new())
    }

    /// The encoded error.
    #[must_use]
    pub fn data(&self) -> &[u8] {
        &self.0
    }
}

impl<E: SolError> From<E> for Revert {
    fn from(error: E) -> Self {
        Self(error.abi_encode())
    }
}

impl From<Revert> for Vec<u8> {
    fn from(revert: Revert) -> Self {
        revert.0
    }
}

/// Any error of the interfaces: the printed ABI names none, the Solidity files declare them.
#[cfg(feature = "export-abi")]
impl stylus_sdk::abi::export::internal::InnerTypes for Revert {}
