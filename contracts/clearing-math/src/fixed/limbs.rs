//! Long multiplication and division of words of four limbs, whatever the width of a limb.
//!
//! At 32 bits a limb this is what the contracts run: words are `u128`. At 2 bits words have 8, and the tests try all of them: what is
//! compiled for the chain is what was tried exhaustively, but for one constant. Straight code throughout: a basic block costs
//! 2,450 ink on the Stylus VM, a 64-bit product 160 and a 64-bit quotient 1,270.

use core::num::NonZeroU64;

/// A number in four limbs, least significant first, each below `2^BITS`.
pub(super) type Word = [u64; 4];

/// `2^BITS − 1`, for `BITS` from 1 to 32.
const fn mask<const BITS: u32>() -> u64 {
    u64::MAX >> 64_u32.wrapping_sub(BITS)
}

/// The product of two words, schoolbook.
#[cfg_attr(not(feature = "compact"), inline(always))]
pub(super) const fn product<const BITS: u32>(a: Word, b: Word) -> [u64; 8] {
    let mut product = [0_u64; 8];
    let mut i = 0_usize;
    while i < 4 {
        let mut carry = 0_u64;
        let mut j = 0;
        while j < 4 {
            let at = i.wrapping_add(j);
            // With m the largest limb: m² + 2m = (m + 1)² − 1 < 2^64, never wraps.
            let sum = a[i]
                .wrapping_mul(b[j])
                .wrapping_add(product[at])
                .wrapping_add(carry);
            product[at] = sum & mask::<BITS>();
            carry = sum >> BITS;
            j = j.wrapping_add(1);
        }
        product[i.wrapping_add(4)] = carry;
        i = i.wrapping_add(1);
    }
    product
}

/// Whether `a < b`: the borrow of `a − b`.
#[cfg_attr(not(feature = "compact"), inline(always))]
const fn is_below(a: Word, b: Word) -> bool {
    let mut borrow = 0_u64;
    let mut i = 0;
    while i < 4 {
        // Limbs are below 2^32, so the top bit is the borrow.
        borrow = a[i].wrapping_sub(b[i]).wrapping_sub(borrow) >> 63;
        i = i.wrapping_add(1);
    }
    borrow != 0
}

/// Quotient of `dividend / d`, and whether it leaves a remainder. `None` when the quotient has more than four limbs or `d` is zero.
///
/// Knuth, TAOCP volume 2, 4.3.1, algorithm D: with the divisor's top bit set, a digit estimated from the top limbs is at most two
/// too large; a look at the next limb corrects nearly all of it, and adding back the rest.
#[cfg_attr(not(feature = "compact"), inline(always))]
pub(super) fn quotient<const BITS: u32>(dividend: [u64; 8], d: Word) -> Option<(Word, bool)> {
    let [p0, p1, p2, p3, p4, p5, p6, p7] = dividend;
    // The quotient fits exactly when the high half is below the divisor; this refuses `d == 0` as well.
    if !is_below([p4, p5, p6, p7], d) {
        return None;
    }
    let (mut low, mut rest, mut v) = ([p0, p1, p2, p3], [p4, p5, p6, p7], d);
    // Whole limbs first. What leaves at the top is zero: dividend < d·2^(4·BITS).
    while v[3] == 0 {
        v = [0, v[0], v[1], v[2]];
        rest = [low[3], rest[0], rest[1], rest[2]];
        low = [0, low[0], low[1], low[2]];
    }
    let by = v[3].leading_zeros().wrapping_sub(64_u32.wrapping_sub(BITS));
    let v = shifted::<BITS>(v, by, 0);
    let rest = shifted::<BITS>(rest, by, low[3]);
    let low = shifted::<BITS>(low, by, 0);

    // Few quotients have a fourth digit.
    let (q3, rest) = if rest[3] == 0 && rest[2] < v[3] {
        (0, [low[3], rest[0], rest[1], rest[2]])
    } else {
        digit::<BITS>(rest, low[3], v)
    };
    let (q2, rest) = digit::<BITS>(rest, low[2], v);
    let (q1, rest) = digit::<BITS>(rest, low[1], v);
    let (q0, rest) = digit::<BITS>(rest, low[0], v);
    let [r0, r1, r2, r3] = rest;
    Some(([q0, q1, q2, q3], (r0 | r1 | r2 | r3) != 0))
}

/// `x·2^by` for `by < BITS`, the bits that come in from the limb `below`; those that leave are lost.
#[cfg_attr(not(feature = "compact"), inline(always))]
const fn shifted<const BITS: u32>(x: Word, by: u32, below: u64) -> Word {
    let down = BITS.wrapping_sub(by);
    let [x0, x1, x2, x3] = x;
    [
        (x0.wrapping_shl(by) | below.wrapping_shr(down)) & mask::<BITS>(),
        (x1.wrapping_shl(by) | x0.wrapping_shr(down)) & mask::<BITS>(),
        (x2.wrapping_shl(by) | x1.wrapping_shr(down)) & mask::<BITS>(),
        (x3.wrapping_shl(by) | x2.wrapping_shr(down)) & mask::<BITS>(),
    ]
}

/// One digit of the quotient and the new remainder: of `rest·2^BITS + next` by `v`, for `rest < v` and `v` with its top bit set.
#[cfg_attr(not(feature = "compact"), inline(always))]
fn digit<const BITS: u32>(rest: Word, next: u64, v: Word) -> (u64, Word) {
    let top_bit = 1_u64 << BITS.wrapping_sub(1);
    let v_top = NonZeroU64::new(v[3] | top_bit).unwrap_or(NonZeroU64::MIN);
    let top = rest[3].wrapping_shl(BITS) | rest[2];
    let estimate = top / v_top;
    // With m the largest limb, the estimate is at most m + 2, because rest < v. It is m + 2 only when v[2] ≥ rest[2] ≥ v[3], and is
    // found too large below: products are at most (m + 2)·m and (m + 1)·m + m, both m² + 2m, which is 2^64 − 1 at 32 bits.
    let left = top.wrapping_sub(estimate.wrapping_mul(v[3]));
    let too_large = estimate.wrapping_mul(v[2]) > (left.wrapping_shl(BITS) | rest[1]);
    let mut digit = estimate.wrapping_sub(u64::from(too_large));

    let mut difference = [next, rest[0], rest[1], rest[2]];
    let (mut carry, mut borrow) = (0_u64, 0_u64);
    for (cell, limb) in difference.iter_mut().zip(v) {
        let taken = digit.wrapping_mul(limb).wrapping_add(carry);
        carry = taken >> BITS;
        let left = cell
            .wrapping_sub(taken & mask::<BITS>())
            .wrapping_sub(borrow);
        *cell = left & mask::<BITS>();
        borrow = left >> 63;
    }
    let mut top = rest[3].wrapping_sub(carry).wrapping_sub(borrow);
    // Negative while the digit is too large.
    while (top as i64) < 0 {
        let mut carry = 0_u64;
        for (cell, limb) in difference.iter_mut().zip(v) {
            let sum = cell.wrapping_add(limb).wrapping_add(carry);
            *cell = sum & mask::<BITS>();
            carry = sum >> BITS;
        }
        top = top.wrapping_add(carry);
        digit = digit.wrapping_sub(1);
    }
    (digit, difference)
}
