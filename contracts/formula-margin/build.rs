//! The stack of the compiled program: the maximum loss keeps a book of 128 rows, a hull and its sums there, about 40,000 bytes, which is more than the 32,768
//! that suffice for every other program.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_ARCH").as_deref() == Ok("wasm32") {
        // Comes after the flags of `.cargo/config.toml`, and the last one counts.
        println!("cargo::rustc-link-arg-cdylib=-zstack-size=65536");
    }
}
