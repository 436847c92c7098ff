//! Prints the ABI: `cargo run -p collateral-vault --features export-abi`.

#![cfg_attr(not(any(test, feature = "export-abi")), no_main)]

#[cfg(not(any(test, feature = "export-abi")))]
#[unsafe(no_mangle)]
extern "C" fn main() {}

#[cfg(feature = "export-abi")]
fn main() {
    collateral_vault::print_from_args();
}
