//! First guess of the deviation: within 1.5 % where the value is below one half, 4 % elsewhere.
//!
//! With `h = |x|/s`, the value over `√(S·K·e^(−rT))` is `∫₀ˢ φ(x/u)·e^(−u²/8) du`: Bachelier's formula,
//! `s·(φ(h) − h·Φ(−h))`, but for the last factor. Bachelier's is inverted by fits in its one variable, `η`, which is `|x|` over
//! that value (a cubic up to 12, a rational function of `ln η` from there); what the factor adds is a fit in `s²` and `h`.
//! From one half on, where `1 − value = φ(a)·(M(|a|) + M(b))`, `|a|` is a fit in `√(−ln(1 − value))` and `x`, and `s` follows
//! from `b² = a² + 2·|x|`.
//!
//! The fits are printed, with their errors, by `generate/volatility_guess.py`. Q24 is all the precision that a guess needs.

use super::{
    fixed24::{LOGARITHM_BITS, ONE, logarithm, product, quotient, root},
    target::Target,
};
use crate::{
    elementary::exp,
    magnitude::{Magnitude, Signed},
};

/// Where the fit of Bachelier's formula changes.
const ETA_END: Magnitude = Magnitude::scaled(12, 0);
/// `η/h` in powers of `η` up to 12: 2.522194, 1.132702, −0.053977, 0.002163.
const BACHELIER_NEAR: [i64; 4] = [42_315_386, 19_003_589, -905_577, 36_282];
/// `h = (c0 + c1·w + c2·w²)/(1 + c3·w)`, `w = ln η`: 0.005582, 0.433330, 0.002667, 0.041711.
const BACHELIER_FAR: [i64; 4] = [93_649, 7_270_064, 44_742, 699_799];
/// `s/s' = 1 + s'²/(c0 + c1·h + c2·h² − c3·s'²)`: 25.516948, 11.537060, 5.868794, 4.083407.
const LOGNORMAL: [i64; 4] = [428_103_345, 193_559_747, 98_462_022, 68_508_201];
/// `|a| = c0 + c1·√(−ln(1 − value)) + c2·x/(x + 2)`: −0.608895, 1.513480, −0.372512.
const HIGH: [i64; 3] = [-10_215_569, 25_391_975, -6_249_716];

/// Q56 to Q24.
const TO_Q24: i32 = LOGARITHM_BITS - 24;

/// Below one half: from `value` over the smaller of `S` and `K·e^(−rT)`.
pub(super) fn from_value(target: &Target) -> Magnitude {
    let x = target.log_moneyness;
    let symmetric = target.ratio.times(exp(Signed {
        negative: true,
        size: x.doubled(-1),
    }));
    let eta = x.over(symmetric);
    let (h, normal) = if eta.is_below(ETA_END) {
        let eta = eta.to_fixed(24) as i64;
        let [c0, c1, c2, c3] = BACHELIER_NEAR;
        let sum = product(c3, eta).wrapping_add(c2);
        let sum = product(sum, eta).wrapping_add(c1);
        let sum = product(sum, eta).wrapping_add(c0);
        (quotient(eta, sum), symmetric.times(magnitude(sum)))
    } else {
        let w = logarithm(eta) >> TO_Q24;
        let [c0, c1, c2, c3] = BACHELIER_FAR;
        let top = product(product(c2, w).wrapping_add(c1), w).wrapping_add(c0);
        let h = quotient(top, product(c3, w).wrapping_add(ONE));
        (h, x.over(magnitude(h)))
    };
    // Below one half the deviation is below 9.
    let normal_24 = normal.to_fixed(24).min(16 << 24) as i64;
    let square = product(normal_24, normal_24);
    let [c0, c1, c2, c3] = LOGNORMAL;
    let below = product(product(c2, h).wrapping_add(c1), h)
        .wrapping_add(c0)
        .wrapping_sub(product(c3, square));
    // Nowhere below 20 where the fit was made.
    let excess = quotient(square, below.max(8 * ONE));
    normal.times(magnitude(ONE.wrapping_add(excess)))
}

/// From one half on: from `1 − value`.
pub(super) fn from_shortfall(target: &Target) -> Magnitude {
    let x = target.log_moneyness.to_fixed(24) as i64;
    let depth = root((target.logarithm >> TO_Q24).wrapping_neg());
    let [c0, c1, c2] = HIGH;
    let a = c0
        .wrapping_add(product(c1, depth))
        .wrapping_add(product(c2, quotient(x, x.wrapping_add(2 * ONE))));
    let b = root(product(a, a).wrapping_add(x.wrapping_mul(2)));
    magnitude(a.wrapping_add(b))
}

/// A positive number in Q24.
const fn magnitude(x: i64) -> Magnitude {
    Magnitude::scaled(x.unsigned_abs(), -24)
}
