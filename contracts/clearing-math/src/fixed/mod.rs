//! Checked multiplication and division of fixed-point numbers, the rounding in the name.
//!
//! The product is kept in twice the width, so only a result that does not fit is an error. `down` and `up` are towards and away
//! from zero for numbers without a sign; `floor` and `ceil` towards minus and plus infinity for signed ones. Whoever is
//! credited is rounded down or floored, whoever owes up.
//!
//! | operation | exact value | result |
//! |---|---|---|
//! | [`mul_down`], [`mul_up`] | `a·b / 1e18` | the integer next to it on that side |
//! | [`div_down`], [`div_up`] | `a·1e18 / b` | the same |
//! | [`mul_div_down`], [`mul_div_up`] | `a·b / d` | the same |
//! | [`mul_div_floor`], [`mul_div_ceil`] | `a·b / d`, `a` signed | the same |
//!
//! All are written once, in `operations`, for a type and a width of limb. The contracts use `u128` in limbs of 32 bits: a
//! 128-bit division from the compiler's library costs 377,000 ink after a product that may not overflow, all of `mul_div_down`
//! 130,000, and [`mul_down`], whose divisor is known, 96,000. The tests run the same text as `u8` in limbs of 2 bits, on every
//! combination of arguments there is.

mod limbs;

use crate::WAD;

/// The operations above on `$unsigned` and `$signed`, words of four limbs of `$bits` bits, where `$one` stands for 1.0.
macro_rules! operations {
    ($unsigned:ty, $signed:ty, $bits:literal, $one:expr) => {
        /// `⌊a·b / 1.0⌋`. `None` when it does not fit.
        #[must_use]
        pub fn mul_down(a: $unsigned, b: $unsigned) -> Option<$unsigned> {
            product_over_one(a, b, false)
        }

        /// `⌈a·b / 1.0⌉`. `None` when it does not fit.
        #[must_use]
        pub fn mul_up(a: $unsigned, b: $unsigned) -> Option<$unsigned> {
            product_over_one(a, b, true)
        }

        /// `⌊a·1.0 / b⌋`. `None` when `b` is zero or it does not fit.
        #[must_use]
        pub fn div_down(a: $unsigned, b: $unsigned) -> Option<$unsigned> {
            mul_div_down(a, $one, b)
        }

        /// `⌈a·1.0 / b⌉`. `None` when `b` is zero or it does not fit.
        #[must_use]
        pub fn div_up(a: $unsigned, b: $unsigned) -> Option<$unsigned> {
            mul_div_up(a, $one, b)
        }

        /// `⌊a·b / d⌋`. `None` when `d` is zero or it does not fit.
        #[must_use]
        pub fn mul_div_down(a: $unsigned, b: $unsigned, d: $unsigned) -> Option<$unsigned> {
            product_over(a, b, d, false)
        }

        /// `⌈a·b / d⌉`. `None` when `d` is zero or it does not fit.
        #[must_use]
        pub fn mul_div_up(a: $unsigned, b: $unsigned, d: $unsigned) -> Option<$unsigned> {
            product_over(a, b, d, true)
        }

        /// `⌊a·b / d⌋` of a signed `a`: towards minus infinity, which is against whoever is credited the result.
        /// `None` when `d` is zero or it does not fit.
        #[must_use]
        pub fn mul_div_floor(a: $signed, b: $unsigned, d: $unsigned) -> Option<$signed> {
            let size = a.unsigned_abs();
            if a < 0 {
                (0 as $signed).checked_sub_unsigned(mul_div_up(size, b, d)?)
            } else {
                <$signed>::try_from(mul_div_down(size, b, d)?).ok()
            }
        }

        /// `⌈a·b / d⌉` of a signed `a`: towards plus infinity, which is against whoever owes the result.
        /// `None` when `d` is zero or it does not fit.
        #[must_use]
        pub fn mul_div_ceil(a: $signed, b: $unsigned, d: $unsigned) -> Option<$signed> {
            let size = a.unsigned_abs();
            if a < 0 {
                (0 as $signed).checked_sub_unsigned(mul_div_down(size, b, d)?)
            } else {
                <$signed>::try_from(mul_div_up(size, b, d)?).ok()
            }
        }

        /// The product `a·b` in two words, as (high, low).
        #[must_use]
        pub const fn mul_wide(a: $unsigned, b: $unsigned) -> ($unsigned, $unsigned) {
            let [p0, p1, p2, p3, p4, p5, p6, p7] =
                $crate::fixed::limbs::product::<$bits>(limbs(a), limbs(b));
            (join([p4, p5, p6, p7]), join([p0, p1, p2, p3]))
        }

        /// `a·b / 1.0`: a divisor that is known makes shorter code. One copy serves both directions.
        #[inline(never)]
        fn product_over_one(a: $unsigned, b: $unsigned, up: bool) -> Option<$unsigned> {
            rounded(a, b, $one, up)
        }

        /// `a·b / d`. One copy serves both directions.
        #[inline(never)]
        fn product_over(a: $unsigned, b: $unsigned, d: $unsigned, up: bool) -> Option<$unsigned> {
            rounded(a, b, d, up)
        }

        #[cfg_attr(not(feature = "compact"), inline(always))]
        fn rounded(a: $unsigned, b: $unsigned, d: $unsigned, up: bool) -> Option<$unsigned> {
            let product = $crate::fixed::limbs::product::<$bits>(limbs(a), limbs(b));
            let (quotient, has_rest) = $crate::fixed::limbs::quotient::<$bits>(product, limbs(d))?;
            join(quotient).checked_add((has_rest & up).into())
        }

        /// The four limbs of `x`, least significant first.
        #[cfg_attr(not(feature = "compact"), inline(always))]
        const fn limbs(x: $unsigned) -> $crate::fixed::limbs::Word {
            const LIMB: $unsigned = (1 << $bits) - 1;
            [
                (x & LIMB) as u64,
                ((x >> $bits) & LIMB) as u64,
                ((x >> ($bits * 2)) & LIMB) as u64,
                (x >> ($bits * 3)) as u64,
            ]
        }

        /// The inverse of [`limbs`].
        #[cfg_attr(not(feature = "compact"), inline(always))]
        const fn join([x0, x1, x2, x3]: $crate::fixed::limbs::Word) -> $unsigned {
            (x0 as $unsigned)
                | ((x1 as $unsigned) << $bits)
                | ((x2 as $unsigned) << ($bits * 2))
                | ((x3 as $unsigned) << ($bits * 3))
        }
    };
}

operations!(u128, i128, 32, WAD);

#[cfg(test)]
mod exhaustive;
