//! Prints the contract's ABI as Solidity.
#![cfg_attr(not(any(test, feature = "export-abi")), no_main)]

#[cfg(not(any(test, feature = "export-abi")))]
#[unsafe(no_mangle)]
/// Nothing to do: the contract is the library.
pub extern "C" fn main() {}

#[cfg(feature = "export-abi")]
fn main() {
    clearing_house::print_abi("MIT OR Apache-2.0", "pragma solidity ^0.8.20;");
}
