//! 256-bit arithmetic and keccak-256, done natively for programs. Operands are big-endian; results replace the first one.

use alloy_primitives::{U256, keccak256};

use super::frame::{Escape, Host};
use crate::program::prices::{self, ADDMOD, DIV, HOSTIO, MULMOD, PTR};

/// Quotient; 0 when the divisor is.
pub fn div(host: &mut Host<'_>, a: u32, b: u32) -> Result<(), Escape> {
    host.buy_ink(HOSTIO + 3 * PTR + DIV)?;
    let (dividend, divisor) = (host.read_number(a)?, host.read_number(b)?);
    host.write_number(a, dividend.checked_div(divisor).unwrap_or_default())
}

/// Remainder; 0 when the divisor is.
pub fn rem(host: &mut Host<'_>, a: u32, b: u32) -> Result<(), Escape> {
    host.buy_ink(HOSTIO + 3 * PTR + DIV)?;
    let (dividend, divisor) = (host.read_number(a)?, host.read_number(b)?);
    host.write_number(a, dividend.checked_rem(divisor).unwrap_or_default())
}

/// Power modulo 2^256.
pub fn pow(host: &mut Host<'_>, a: u32, b: u32) -> Result<(), Escape> {
    host.buy_ink(HOSTIO + 3 * PTR)?;
    let (base, exponent) = (host.read_number(a)?, host.read_number(b)?);
    host.buy_ink(prices::pow(&exponent.to_be_bytes()))?;
    host.write_number(a, base.wrapping_pow(exponent))
}

/// Sum modulo `modulus`, of the exact sum; 0 when the modulus is.
pub fn add_mod(host: &mut Host<'_>, a: u32, b: u32, modulus: u32) -> Result<(), Escape> {
    host.buy_ink(HOSTIO + 4 * PTR + ADDMOD)?;
    let (x, y, modulus) = (
        host.read_number(a)?,
        host.read_number(b)?,
        host.read_number(modulus)?,
    );
    let sum = if modulus.is_zero() {
        U256::ZERO
    } else {
        x.add_mod(y, modulus)
    };
    host.write_number(a, sum)
}

/// Product modulo `modulus`, of the exact product; 0 when the modulus is.
pub fn mul_mod(host: &mut Host<'_>, a: u32, b: u32, modulus: u32) -> Result<(), Escape> {
    host.buy_ink(HOSTIO + 4 * PTR + MULMOD)?;
    let (x, y, modulus) = (
        host.read_number(a)?,
        host.read_number(b)?,
        host.read_number(modulus)?,
    );
    let product = if modulus.is_zero() {
        U256::ZERO
    } else {
        x.mul_mod(y, modulus)
    };
    host.write_number(a, product)
}

/// Hash of `len` bytes at `input`, written to `dest`.
pub fn keccak(host: &mut Host<'_>, input: u32, len: u32, dest: u32) -> Result<(), Escape> {
    host.buy_ink(prices::keccak(len))?;
    let hash = keccak256(host.read_slice(input, len)?);
    host.write_slice(dest, hash.as_slice())
}
