//! Magnitudes as decimal numbers that every CSV reader takes: the exact value, cut after 25 or 26 significant digits.
//!
//! A mantissa has 64 bits, so 21 digits are enough to tell any two apart. Numbers from 1e-6 to 1e30 are written plainly (`0.0312`), others
//! with an exponent (`3.12e-27`); zero is `0`, and trailing zeros are left out.

use std::sync::LazyLock;

use alloy::primitives::Uint;
use clearing_math::magnitude::{Magnitude, Signed};

/// Decimals of a WAD.
const WAD_DECIMALS: i32 = 18;
/// Least significant digits kept.
const DIGITS: i32 = 25;
/// Binary places of a scale.
const PLACES: u32 = 107;
/// Exponents that can be written. Results of the kernel stay within ±400.
const EXPONENTS: std::ops::RangeInclusive<i32> = -1_000..=400;

/// `2^exponent · 10^shift · 2^107`, rounded down, with `shift` such that a mantissa times it has 25 or 26 digits before the point.
#[derive(Clone, Copy)]
struct Scale {
    factor: u128,
    shift: i32,
}

static SCALES: LazyLock<Vec<Scale>> = LazyLock::new(|| EXPONENTS.map(scale).collect());

/// Wide enough for 10^306 · 2^107.
type Wide = Uint<1_280, 20>;

fn scale(exponent: i32) -> Scale {
    // The least mantissa is 2^63, 10^18.96: `shift` is the least that leaves 25 digits. log10(2) is 0.30103 from above.
    let digits = (i64::from(exponent + 63) * 3_010_299_957).div_euclid(10_000_000_000);
    let shift = DIGITS - 1 - digits as i32;
    let ten = Wide::from(10);
    let up = Wide::from(1) << (PLACES as usize + exponent.max(0) as usize);
    let factor = if shift >= 0 {
        (up * ten.pow(Wide::from(shift))) >> (-exponent).max(0) as usize
    } else {
        up / ten.pow(Wide::from(-shift))
    };
    // The least mantissa times the factor is below 10^25 · 2^107, so the factor is below 2^(83.1 + 107 − 63).
    Scale {
        factor: factor.saturating_to(),
        shift,
    }
}

/// `x / 1e18`. `None` for magnitudes from about 2^464 on or below 2^-936, which no result of the kernel
/// reaches.
pub fn magnitude(x: Magnitude) -> Option<String> {
    signed(Signed::positive(x))
}

/// `x / 1e18` with its sign. `None` as [`push_magnitude`].
pub fn signed(x: Signed) -> Option<String> {
    let mut text = String::with_capacity(34);
    push_signed(&mut text, x)?;
    Some(text)
}

/// Appends `x / 1e18`. `None` for magnitudes from about 2^464 on or below 2^-936, which no result of the kernel reaches.
fn push_magnitude(text: &mut String, x: Magnitude) -> Option<()> {
    if x.is_zero() {
        text.push('0');
        return Some(());
    }
    let index = x.exponent().checked_sub(*EXPONENTS.start())?;
    let scale = SCALES.get(usize::try_from(index).ok()?)?;
    let mut buffer = [0; 26];
    let digits = digits(scaled(x.mantissa(), scale.factor), &mut buffer);
    // The number is 0.d₁d₂… · 10^point.
    let point = digits.len() as i32 - scale.shift - WAD_DECIMALS;
    place_point(text, without_trailing_zeros(digits), point);
    Some(())
}

/// Appends `x / 1e18` with its sign. `None` as [`push_magnitude`].
fn push_signed(text: &mut String, x: Signed) -> Option<()> {
    if x.negative && !x.size.is_zero() {
        text.push('-');
    }
    push_magnitude(text, x.size)
}

/// `mantissa · factor / 2^107`, cut. What is within 2^-43 of the next integer is that integer: the factor is cut, and numbers that have an
/// end would otherwise be shown as 0.4999….
fn scaled(mantissa: u64, factor: u128) -> u128 {
    let mantissa = u128::from(mantissa);
    let low = (mantissa * (factor & u128::from(u64::MAX))) >> 64;
    let product = mantissa * (factor >> 64) + low;
    let fraction = (1_u128 << (PLACES - 64)) - 1;
    (product >> (PLACES - 64)) + u128::from(product & fraction == fraction)
}

/// The decimal digits of `n`, which has 25 or 26 of them.
fn digits(n: u128, buffer: &mut [u8; 26]) -> &[u8] {
    const HALF: u128 = 10_u128.pow(13);
    let (mut upper, mut lower) = ((n / HALF) as u64, (n % HALF) as u64);
    for place in buffer.iter_mut().skip(13).rev() {
        *place = b'0' + (lower % 10) as u8;
        lower /= 10;
    }
    for place in buffer.iter_mut().take(13).rev() {
        *place = b'0' + (upper % 10) as u8;
        upper /= 10;
    }
    &buffer[usize::from(buffer[0] == b'0')..]
}

fn without_trailing_zeros(digits: &[u8]) -> &[u8] {
    let kept = digits.iter().rposition(|&digit| digit != b'0');
    &digits[..kept.map_or(0, |last| last + 1)]
}

/// Appends `0.digits · 10^point`; the first digit is not zero.
fn place_point(text: &mut String, digits: &[u8], point: i32) {
    let mut push = |digits: &[u8]| text.extend(digits.iter().map(|&digit| char::from(digit)));
    match point {
        -5..=0 => {
            push(b"0.");
            push(&b"00000"[..point.unsigned_abs() as usize]);
            push(digits);
        }
        1..=30 => {
            let whole = point as usize;
            if let Some((whole, fraction)) = digits.split_at_checked(whole) {
                push(whole);
                if !fraction.is_empty() {
                    push(b".");
                    push(fraction);
                }
            } else {
                push(digits);
                (digits.len()..whole).for_each(|_| push(b"0"));
            }
        }
        _ => {
            push(&digits[..1]);
            if digits.len() > 1 {
                push(b".");
                push(&digits[1..]);
            }
            push(format!("e{}", point - 1).as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(mantissa: u64, exponent: i32) -> String {
        let mut text = String::new();
        push_magnitude(&mut text, Magnitude::scaled(mantissa, exponent)).expect("in range");
        text
    }

    #[test]
    fn wads_are_shown_in_natural_units() {
        let wad = 1_000_000_000_000_000_000;
        assert_eq!(shown(wad, 0), "1");
        assert_eq!(shown(wad / 2, 0), "0.5");
        assert_eq!(shown(wad, 10), "1024");
        assert_eq!(shown(1, 0), "1e-18");
        assert_eq!(shown(12_500_000_000_000, 0), "0.0000125");
        assert_eq!(shown(125_000_000_000, 0), "1.25e-7");
        assert_eq!(shown(0, 0), "0");
        // 2^100 and 2^-100, times 1e18, from any table.
        assert_eq!(shown(wad, 100), "1.2676506002282294014967032e30");
        assert_eq!(shown(wad, -100), "7.888609052210118054117285e-31");
    }

    #[test]
    fn signs_are_shown_but_not_of_zero() {
        let mut text = String::new();
        for size in [
            Magnitude::ZERO,
            Magnitude::scaled(3_000_000_000_000_000_000, 0),
        ] {
            push_signed(
                &mut text,
                Signed {
                    negative: true,
                    size,
                },
            )
            .expect("in range");
            text.push(' ');
        }
        assert_eq!(text, "0 -3 ");
    }

    #[test]
    fn every_scale_gives_the_digits_of_long_division() {
        // Against exact integers: mantissa · 2^exponent · 10^shift, in 4,096 bits.
        type Long = Uint<4_096, 64>;
        for exponent in EXPONENTS {
            let scale = scale(exponent);
            for mantissa in [1_u64 << 63, 0x9e37_79b9_7f4a_7c15, u64::MAX] {
                let ten = Long::from(10);
                let up = Long::from(mantissa) << exponent.max(0) as usize;
                let exact = if scale.shift >= 0 {
                    (up * ten.pow(Long::from(scale.shift))) >> (-exponent).max(0) as usize
                } else {
                    up / ten.pow(Long::from(-scale.shift))
                };
                assert_eq!(
                    Long::from(scaled(mantissa, scale.factor)),
                    exact,
                    "2^{exponent}"
                );
                assert!(exact >= ten.pow(Long::from(24)) && exact < ten.pow(Long::from(26)));
            }
        }
    }

    #[test]
    fn what_the_table_does_not_hold_is_refused() {
        let mut text = String::new();
        assert!(push_magnitude(&mut text, Magnitude::scaled(1 << 63, 401)).is_none());
        assert!(push_magnitude(&mut text, Magnitude::scaled(1 << 63, -1_001)).is_none());
    }
}
