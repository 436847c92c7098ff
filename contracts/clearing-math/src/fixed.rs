//! Checked multiply-then-divide on 128-bit integers, the rounding in the name.
//!
//! The product is kept in 256 bits, so only a quotient that does not fit is an error. Multiplication and division
//! work on 32-bit limbs: on the Stylus VM a `u128` division is a library call of some 377,000 ink, a 64-bit one costs
//! 1,300.

use core::num::NonZeroU64;

/// Low 32 bits of a limb pair.
const LOW: u64 = 0xFFFF_FFFF;

/// `⌊a·b / d⌋`. `None` when `d` is zero or the quotient exceeds `u128`.
#[must_use]
pub fn mul_div_down(a: u128, b: u128, d: u128) -> Option<u128> {
    mul_div(a, b, d).map(|(quotient, _)| quotient)
}

/// `⌈a·b / d⌉`. `None` when `d` is zero or the quotient exceeds `u128`.
#[must_use]
pub fn mul_div_up(a: u128, b: u128, d: u128) -> Option<u128> {
    let (quotient, remainder) = mul_div(a, b, d)?;
    if remainder == 0 {
        Some(quotient)
    } else {
        quotient.checked_add(1)
    }
}

/// `⌊a·b / d⌋` of a signed `a`: towards minus infinity, which is against whoever is credited the result.
/// `None` when `d` is zero or the quotient exceeds `i128`.
#[must_use]
pub fn mul_div_floor(a: i128, b: u128, d: u128) -> Option<i128> {
    let magnitude = a.unsigned_abs();
    if a < 0 {
        0_i128.checked_sub_unsigned(mul_div_up(magnitude, b, d)?)
    } else {
        i128::try_from(mul_div_down(magnitude, b, d)?).ok()
    }
}

/// `⌈a·b / d⌉` of a signed `a`: towards plus infinity, which is against whoever owes the result.
/// `None` when `d` is zero or the quotient exceeds `i128`.
#[must_use]
pub fn mul_div_ceil(a: i128, b: u128, d: u128) -> Option<i128> {
    let magnitude = a.unsigned_abs();
    if a < 0 {
        0_i128.checked_sub_unsigned(mul_div_down(magnitude, b, d)?)
    } else {
        i128::try_from(mul_div_up(magnitude, b, d)?).ok()
    }
}

/// Quotient and remainder of `a·b / d`.
fn mul_div(a: u128, b: u128, d: u128) -> Option<(u128, u128)> {
    let (high, low) = mul_wide(a, b);
    // The quotient fits exactly when the high half is below the divisor; this refuses `d == 0` as well.
    if high >= d {
        return None;
    }
    Some(div_wide(high, low, d))
}

/// The 256-bit product `a·b` as (high, low), schoolbook on 32-bit limbs.
#[must_use]
pub fn mul_wide(a: u128, b: u128) -> (u128, u128) {
    let (a_limbs, b_limbs) = (limbs(a), limbs(b));
    let mut product = [0_u64; 8];
    for (i, &x) in a_limbs.iter().enumerate() {
        let mut carry = 0_u64;
        for (cell, &y) in product.iter_mut().skip(i).zip(&b_limbs) {
            // (2^32 - 1)^2 + 2·(2^32 - 1) = 2^64 - 1: never wraps.
            let sum = x.wrapping_mul(y).wrapping_add(*cell).wrapping_add(carry);
            *cell = sum & LOW;
            carry = sum >> 32;
        }
        if let Some(cell) = product.get_mut(i.wrapping_add(4)) {
            *cell = carry;
        }
    }
    let [p0, p1, p2, p3, p4, p5, p6, p7] = product;
    (join([p4, p5, p6, p7]), join([p0, p1, p2, p3]))
}

/// Quotient and remainder of `(high·2^128 + low) / d`, for `high < d`: long division, 32 bits of quotient a step.
fn div_wide(high: u128, low: u128, d: u128) -> (u128, u128) {
    let shift = d.leading_zeros();
    let v = d.wrapping_shl(shift);
    // high < d, so the shifted high half still fits.
    let carried = if shift == 0 {
        0
    } else {
        low.wrapping_shr(128_u32.wrapping_sub(shift))
    };
    let mut remainder = high.wrapping_shl(shift) | carried;
    let mut quotient = 0_u128;
    // The top bit is set, so the limb is at least 2^31.
    let v_top = NonZeroU64::new((v >> 96) as u64 | (1 << 31)).unwrap_or(NonZeroU64::MIN);
    for &limb in limbs(low.wrapping_shl(shift)).iter().rev() {
        // remainder < v, so the true digit fits 32 bits; the estimate is at most two too large (Knuth, TAOCP 4.3.1).
        let mut digit = ((remainder >> 64) as u64 / v_top).min(LOW);
        let (product_top, product) = mul_by_limb(v, digit);
        let (difference, borrow) = ((remainder << 32) | u128::from(limb)).overflowing_sub(product);
        // Bits 128 and up of remainder·2^32 − digit·v; negative while the digit is too large.
        let mut top = ((remainder >> 96) as i64)
            .wrapping_sub(product_top as i64)
            .wrapping_sub(i64::from(borrow));
        remainder = difference;
        while top < 0 {
            let (sum, carry) = remainder.overflowing_add(v);
            remainder = sum;
            top = top.wrapping_add(i64::from(carry));
            digit = digit.wrapping_sub(1);
        }
        quotient = (quotient << 32) | u128::from(digit);
    }
    (quotient, remainder.wrapping_shr(shift))
}

/// `v·digit` for a 32-bit digit, as (bits 128 and up, low 128 bits).
fn mul_by_limb(v: u128, digit: u64) -> (u64, u128) {
    let mut carry = 0_u64;
    let mut product = [0_u64; 4];
    for (cell, x) in product.iter_mut().zip(limbs(v)) {
        // (2^32 - 1)^2 + 2^32 - 1 < 2^64.
        let sum = x.wrapping_mul(digit).wrapping_add(carry);
        *cell = sum & LOW;
        carry = sum >> 32;
    }
    (carry, join(product))
}

/// The four 32-bit limbs of `x`, least significant first.
fn limbs(x: u128) -> [u64; 4] {
    let (high, low) = ((x >> 64) as u64, x as u64);
    [low & LOW, low >> 32, high & LOW, high >> 32]
}

/// The inverse of [`limbs`], for limbs below 2^32.
fn join(limbs: [u64; 4]) -> u128 {
    let [l0, l1, l2, l3] = limbs;
    (u128::from(l3 << 32 | l2) << 64) | u128::from(l1 << 32 | l0)
}
