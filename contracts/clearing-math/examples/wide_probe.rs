//! A plain `u128` product and quotient as a WASM module: the control of the test that looks for them.

/// `a * b / c`.
///
/// # Safety
/// `c` must not be zero.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn probe_wide(a: u128, b: u128, c: u128) -> u128 {
    a.wrapping_mul(b).checked_div(c).unwrap_or(0)
}

/// `a + b`, which calls nothing.
#[unsafe(no_mangle)]
pub extern "C" fn probe_sum(a: u128, b: u128) -> u128 {
    a.wrapping_add(b)
}
