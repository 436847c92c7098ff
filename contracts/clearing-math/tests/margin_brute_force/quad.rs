//! Arithmetic of 31 digits for the independent margin model: an unevaluated sum of two doubles, with the functions it needs.
//!
//! Written for the comparison alone; nothing of the crate is used. Tested below against constants of 40 digits.

use std::{
    cmp::Ordering,
    ops::{Add, Div, Mul, Neg, Sub},
    sync::LazyLock,
};

/// A number of 106 bits.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Quad(f64, f64);

pub const ZERO: Quad = Quad(0.0, 0.0);
pub const ONE: Quad = Quad(1.0, 0.0);
const LN_2: Quad = Quad(std::f64::consts::LN_2, 2.319_046_813_846_299_6e-17);

fn quick_sum(large: f64, small: f64) -> Quad {
    let sum = large + small;
    Quad(sum, small - (sum - large))
}

fn sum(a: f64, b: f64) -> Quad {
    let sum = a + b;
    let part = sum - a;
    Quad(sum, (a - (sum - part)) + (b - part))
}

impl Add for Quad {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        let high = sum(self.0, other.0);
        let low = sum(self.1, other.1);
        let first = quick_sum(high.0, high.1 + low.0);
        quick_sum(first.0, first.1 + low.1)
    }
}

impl Neg for Quad {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0, -self.1)
    }
}

impl Sub for Quad {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl Mul for Quad {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        let product = self.0 * other.0;
        let lost = self.0.mul_add(other.0, -product);
        quick_sum(product, lost + (self.0 * other.1 + self.1 * other.0))
    }
}

impl Div for Quad {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        let first = self.0 / other.0;
        let rest = self - other * Self::from(first);
        let second = rest.0 / other.0;
        let rest = rest - other * Self::from(second);
        quick_sum(first, second) + Self::from(rest.0 / other.0)
    }
}

impl PartialOrd for Quad {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        (self.0, self.1).partial_cmp(&(other.0, other.1))
    }
}

impl From<f64> for Quad {
    fn from(x: f64) -> Self {
        Self(x, 0.0)
    }
}

impl Quad {
    /// An integer in units of 1e-18.
    pub fn wad(x: impl Into<i128>) -> Self {
        let x: i128 = x.into();
        let size = x.unsigned_abs();
        let chunk = |shift: u32| {
            Self::from(((size >> shift) & 0xffff_ffff) as f64 * 2_f64.powi(shift as i32))
        };
        let whole = (chunk(96) + chunk(64)) + (chunk(32) + chunk(0));
        let value = whole / Self::from(1e18);
        if x < 0 { -value } else { value }
    }

    pub fn double(self) -> f64 {
        self.0 + self.1
    }

    pub fn abs(self) -> Self {
        if self < ZERO { -self } else { self }
    }

    pub fn least(self, other: Self) -> Self {
        if other < self { other } else { self }
    }

    pub fn most(self, other: Self) -> Self {
        if other > self { other } else { self }
    }

    fn doubled(self, power: i32) -> Self {
        let factor = 2_f64.powi(power);
        Self(self.0 * factor, self.1 * factor)
    }

    pub fn sqrt(self) -> Self {
        if self <= ZERO {
            return ZERO;
        }
        let guess = Self::from(self.0.sqrt());
        guess + (self - guess * guess) / (guess + guess)
    }

    pub fn exp(self) -> Self {
        let halvings = (self.0 / std::f64::consts::LN_2).round();
        let rest = (self - LN_2 * Self::from(halvings)).doubled(-9);
        // e^x − 1 of |x| below 7e-4, then squared nine times.
        let mut term = rest;
        let mut total = rest;
        for n in 2..=9 {
            term = term * rest / Self::from(f64::from(n));
            total = total + term;
        }
        for _ in 0..9 {
            total = total.doubled(1) + total * total;
        }
        (total + ONE).doubled(halvings as i32)
    }

    pub fn ln(self) -> Self {
        let guess = Self::from(self.0.ln());
        let better = guess + (self * (-guess).exp() - ONE);
        better + (self * (-better).exp() - ONE)
    }

    pub fn power(self, exponent: Self) -> Self {
        (self.ln() * exponent).exp()
    }

    /// The standard normal distribution function, to 1e-30.
    pub fn normal(self) -> Self {
        let place = (self.0 * 8.0).round();
        if place >= f64::from(FARTHEST) {
            return ONE;
        }
        if place <= -f64::from(FARTHEST) {
            return ZERO;
        }
        let row = &SERIES[(place as i32 + FARTHEST) as usize];
        series(&row[..24], self - Self::from(place / 8.0))
    }
}

/// Last place of the table, in eighths.
const FARTHEST: i32 = 100;
/// Terms of a series.
const TERMS: usize = 40;

fn series(row: &[Quad], x: Quad) -> Quad {
    row.iter()
        .rev()
        .fold(ZERO, |total, &coefficient| total * x + coefficient)
}

/// Taylor coefficients of the distribution function around every eighth: `φ(z)·(−1)^n·He_n(z)/(n+1)!`, the first from the series
/// of the place before, and a half at zero.
static SERIES: LazyLock<Vec<Vec<Quad>>> = LazyLock::new(|| {
    let root_two_pi =
        (Quad::from(8.0) * (Quad::from(1.0) / Quad::from(5.0)).arctangent() * Quad::from(4.0)
            - Quad::from(8.0) * (Quad::from(1.0) / Quad::from(239.0)).arctangent())
        .sqrt();
    let row = |place: i32, value: Quad| {
        let z = Quad::from(f64::from(place) / 8.0);
        let density = (-(z * z).doubled(-1)).exp() / root_two_pi;
        let mut row = vec![value];
        // He_n(z)·(−1)^n, by He_(n+1) = z·He_n − n·He_(n−1).
        let (mut before, mut hermite) = (ZERO, ONE);
        let mut factorial = ONE;
        for n in 0..TERMS {
            let count = Quad::from(n as f64);
            factorial = factorial * (count + ONE);
            row.push(density * hermite / factorial);
            (before, hermite) = (hermite, -(z * hermite) - count * before);
        }
        row
    };
    let middle = row(0, Quad::from(0.5));
    let mut above = vec![middle.clone()];
    let mut below = vec![];
    for place in 1..=FARTHEST {
        let step = Quad::from(0.125);
        let up = series(above.last().unwrap(), step);
        above.push(row(place, up));
        let from: &Vec<Quad> = below.last().unwrap_or(&middle);
        let down = series(from, -step);
        below.push(row(-place, down));
    }
    below.reverse();
    below.extend(above);
    below
});

impl Quad {
    /// By its series, for small arguments.
    fn arctangent(self) -> Self {
        let square = self * self;
        let mut power = self;
        let mut total = ZERO;
        for n in 0..60 {
            let term = power / Self::from(f64::from(2 * n + 1));
            total = if n % 2 == 0 {
                total + term
            } else {
                total - term
            };
            power = power * square;
        }
        total
    }
}

#[test]
fn functions_agree_with_constants_of_forty_digits() {
    let parts = |high: f64, low: f64| Quad(high, low);
    let near = |got: Quad, want: Quad, bound: f64| {
        let error = (got - want).abs().double();
        assert!(error < bound, "{got:?} against {want:?}: {error:e}");
    };
    // e, ln 10, √2, N(1), N(−3): the second number is what the double leaves, from mpmath.
    near(
        ONE.exp(),
        parts(std::f64::consts::E, 1.445_646_891_729_250_2e-16),
        1e-29,
    );
    near(
        Quad::from(10.0).ln(),
        parts(std::f64::consts::LN_10, -2.170_756_223_382_249_4e-16),
        1e-30,
    );
    near(
        Quad::from(2.0).sqrt(),
        parts(std::f64::consts::SQRT_2, -9.667_293_313_452_913e-17),
        1e-31,
    );
    near(Quad::from(30.0).exp().ln(), Quad::from(30.0), 1e-28);
    let both = |x: f64| Quad::from(x).normal() + Quad::from(-x).normal();
    for x in [0.01, 0.3, 1.0, 2.71, 4.99, 7.0, 11.9] {
        near(both(x), ONE, 1e-29);
    }
    near(
        Quad::from(1.0).normal(),
        parts(0.841_344_746_068_542_9, 2.280_872_032_545_028e-17),
        1e-30,
    );
    near(
        Quad::from(-3.0).normal(),
        parts(0.001_349_898_031_630_094_6, -5.053_886_685_858_262e-20),
        1e-31,
    );
    near(
        Quad::from(0.3).normal(),
        parts(0.617_911_422_188_952_7, -4.172_211_963_776_293e-17),
        1e-30,
    );
    near(Quad::from(-12.4).normal(), ZERO, 1e-30);
}
