//! References of 26 digits, and the difference between one of them and a magnitude.
//!
//! A sum of two doubles carries 106 bits, 31 digits: enough to see an error of 1e-20 of a number that is known to 26 digits.

use clearing_math::magnitude::{Magnitude, Signed};

/// The unevaluated sum of two doubles, the second below half a unit of the first.
#[derive(Clone, Copy, Debug, Default)]
pub struct Exact(f64, f64);

impl From<f64> for Exact {
    fn from(x: f64) -> Self {
        Self(x, 0.0)
    }
}

impl From<u64> for Exact {
    fn from(x: u64) -> Self {
        // Both halves are exact.
        let (top, low) = (x >> 32, x & 0xffff_ffff);
        Self::renormalised(top as f64 * 4_294_967_296.0, low as f64)
    }
}

impl From<u128> for Exact {
    fn from(x: u128) -> Self {
        let top = Self::from((x >> 64) as u64).scaled(64);
        top.plus(Self::from(x as u64))
    }
}

impl From<i128> for Exact {
    fn from(x: i128) -> Self {
        let size = Self::from(x.unsigned_abs());
        if x < 0 { size.negated() } else { size }
    }
}

impl From<Magnitude> for Exact {
    fn from(x: Magnitude) -> Self {
        Self::from(x.mantissa()).scaled(x.exponent())
    }
}

impl From<Signed> for Exact {
    fn from(x: Signed) -> Self {
        let size = Self::from(x.size);
        if x.negative { size.negated() } else { size }
    }
}

impl Exact {
    /// `large + small`, where `small` is not the larger of the two.
    fn renormalised(large: f64, small: f64) -> Self {
        let sum = large + small;
        Self(sum, small - (sum - large))
    }

    pub fn negated(self) -> Self {
        Self(-self.0, -self.1)
    }

    pub fn plus(self, other: Self) -> Self {
        let sum = self.0 + other.0;
        let part = sum - self.0;
        let lost = (self.0 - (sum - part)) + (other.0 - part);
        Self::renormalised(sum, lost + self.1 + other.1)
    }

    pub fn minus(self, other: Self) -> Self {
        self.plus(other.negated())
    }

    pub fn times(self, other: Self) -> Self {
        let product = self.0 * other.0;
        let lost = self.0.mul_add(other.0, -product);
        Self::renormalised(product, lost + self.0 * other.1 + self.1 * other.0)
    }

    /// Times 2^power, exactly unless it underflows.
    pub fn scaled(self, power: i32) -> Self {
        // In two steps: one factor alone may be out of a double's range where the result is not.
        let half = power / 2;
        let (one, two) = (2_f64.powi(half), 2_f64.powi(power - half));
        Self(self.0 * one * two, self.1 * one * two)
    }

    /// The reciprocal, by one Newton step from a double.
    fn reciprocal(self) -> Self {
        let guess = Self::from(1.0 / self.0);
        let residual = Self::from(1.0).minus(self.times(guess));
        guess.plus(guess.times(residual))
    }

    /// `10^power`.
    fn ten_to(power: i32) -> Self {
        let mut result = Self::from(1.0);
        for _ in 0..power.abs() {
            result = result.times(Self::from(10.0));
        }
        if power < 0 {
            result.reciprocal()
        } else {
            result
        }
    }

    /// A decimal such as `-1.2345678901234567890123456e-3`, times `10^power`.
    pub fn decimal(text: &str, power: i32) -> Self {
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let exponent: i32 = exponent.parse().expect("exponent");
        let digits = mantissa.trim_start_matches(['-', '+']);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let significant: u128 = format!("{whole}{fraction}").parse().expect("digits");
        let places = i32::try_from(fraction.len()).expect("short");
        let size = Self::from(significant).times(Self::ten_to(exponent - places + power));
        if mantissa.starts_with('-') {
            size.negated()
        } else {
            size
        }
    }

    /// The nearest double.
    pub fn double(self) -> f64 {
        self.0 + self.1
    }

    /// `|self − want|`.
    pub fn error(self, want: Self) -> f64 {
        self.minus(want).double().abs()
    }
}

#[test]
fn the_difference_of_nearly_equal_numbers_is_seen() {
    // 2^64 − 1, and 1e-8 more than it: 5e-28 of it.
    let got = Exact::from(u64::MAX);
    let want = Exact::decimal("18446744073709551615.00000001", 0);
    let error = got.error(want) / 1e-8 - 1.0;
    assert!(error.abs() < 1e-3, "{error:e}");
    let tiny = Exact::decimal("1.8446744073709551615e-181", 200);
    assert!(tiny.error(got.times(Exact::ten_to(0))) < 1e-9, "{tiny:?}");
    let exact = Exact::decimal("-1.5e-3", 3);
    assert_eq!((exact.0, exact.1), (-1.5, 0.0));
}
