//! Prints the ABI (`cargo run --features export-abi`); on WASM the contract is the library.
#![cfg_attr(not(any(test, feature = "export-abi")), no_main)]

#[cfg(not(any(test, feature = "export-abi")))]
#[unsafe(no_mangle)]
#[allow(missing_docs)]
pub extern "C" fn main() {}

#[cfg(feature = "export-abi")]
fn main() {
    signed_quotes::print_abi("MIT OR Apache-2.0", "pragma solidity ^0.8.20;");
}
