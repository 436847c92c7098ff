//! Prints the Solidity interface: `cargo run -p expiry-settlement --features export-abi`.

#![cfg_attr(not(any(test, feature = "export-abi")), no_main)]

/// The program is the library; this binary is empty unless it prints the interface.
#[cfg(not(any(test, feature = "export-abi")))]
#[unsafe(no_mangle)]
pub extern "C" fn main() {}

#[cfg(feature = "export-abi")]
fn main() {
    expiry_settlement::print_from_args();
}

#[cfg(all(test, not(feature = "export-abi")))]
fn main() {}
