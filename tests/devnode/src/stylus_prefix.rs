//! First bytes of code that is not EVM code.

/// A whole program.
const PROGRAM: [u8; 3] = [0xEF, 0xF0, 0x00];
/// A part of a program too long for one account.
const FRAGMENT: [u8; 3] = [0xEF, 0xF0, 0x01];
/// A program that lists its fragments.
const ROOT: [u8; 3] = [0xEF, 0xF0, 0x02];

/// True for code a frame runs as WASM.
pub fn is_program(code: &[u8]) -> bool {
    code.starts_with(&PROGRAM) || code.starts_with(&ROOT)
}

/// True for code that creation accepts although EIP-3541 forbids its first byte.
pub fn is_deployable(code: &[u8]) -> bool {
    is_program(code) || code.starts_with(&FRAGMENT)
}
