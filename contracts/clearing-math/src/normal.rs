//! The normal distribution: density, distribution function, Mills ratio.
//!
//! | function | domain | maximum error |
//! |---|---|---|
//! | [`density`] | all; zero beyond 16 | 2^-59 + z²·2^-59 relative |
//! | [`cumulative`] | all; 0 or 1 beyond 15 | the lower tail 2^-57 + z²·2^-60 relative, the upper 2^-58 absolute |
//! | [`mills`] | 0 up to 15 | 2^-59 absolute; 2^-55 of itself at 15 |

use crate::{
    elementary::exp_negative_half_square,
    magnitude::{Magnitude, Signed},
    tables::INVERSE_SQRT_TWO_PI,
    time_value::{Z_BITS, Z_CAP, Z_END, complement, mills as fixed_mills},
};

/// `√2π`
const SQRT_TWO_PI: Magnitude = crate::tables::SQRT_TWO_PI;

/// `φ(z) = e^(−z²/2)/√2π`.
#[must_use]
pub fn density(z: Signed) -> Magnitude {
    let fixed = z.size.to_fixed(Z_BITS);
    if fixed > Z_CAP {
        return Magnitude::ZERO;
    }
    exp_negative_half_square(fixed).times(INVERSE_SQRT_TWO_PI)
}

/// `Φ(z)`: the probability of less than `z`.
#[must_use]
pub fn cumulative(z: Signed) -> Magnitude {
    let fixed = z.size.to_fixed(Z_BITS);
    let tail = if fixed > Z_END {
        Magnitude::ZERO
    } else {
        exp_negative_half_square(fixed).times(Magnitude::scaled(fixed_mills(fixed), -64))
    };
    if z.negative { tail } else { complement(tail) }
}

/// Mills ratio `(1 − Φ(z))/φ(z)` of `z ≥ 0`, `None` beyond 15.
#[must_use]
pub fn mills(z: Magnitude) -> Option<Magnitude> {
    let fixed = z.to_fixed(Z_BITS);
    (fixed <= Z_END).then(|| Magnitude::scaled(fixed_mills(fixed), -64).times(SQRT_TWO_PI))
}
