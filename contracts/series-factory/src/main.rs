//! Prints the ABI: `cargo run -p series-factory --features export-abi`.

#![cfg_attr(not(any(test, feature = "export-abi")), no_main)]

#[cfg(not(any(test, feature = "export-abi")))]
#[unsafe(no_mangle)]
extern "C" fn main() {}

#[cfg(feature = "export-abi")]
fn main() {
    series_factory::print_from_args();
}
