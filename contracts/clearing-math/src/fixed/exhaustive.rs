//! Every combination of arguments, on words of 8 bits in limbs of 2, where 1.0 is 10: the text that the contracts run.

#![allow(clippy::arithmetic_side_effects, reason = "tests panic on overflow")]

extern crate std;

operations!(u8, i8, 2, 10);

/// The quotient that fits, rounded as asked; plain arithmetic in a wider type.
fn fitting(exact: i64) -> Option<u8> {
    u8::try_from(exact).ok()
}

fn signed_fitting(exact: i64) -> Option<i8> {
    i8::try_from(exact).ok()
}

/// `⌊x / d⌋` and `⌈x / d⌉`.
fn quotients(x: i64, d: i64) -> (i64, i64) {
    let floor = x.div_euclid(d);
    (floor, if floor * d == x { floor } else { floor + 1 })
}

/// Calls `check` with all values of three arguments, half of them on another core.
fn all(check: impl Fn(u8, u8, u8) + Sync) {
    std::thread::scope(|scope| {
        let check = &check;
        for half in [0..=127_u8, 128..=255] {
            scope.spawn(move || {
                for a in half {
                    for b in 0..=u8::MAX {
                        for d in 0..=u8::MAX {
                            check(a, b, d);
                        }
                    }
                }
            });
        }
    });
}

#[test]
fn all_16_777_216_quotients_are_rounded_as_named() {
    all(|a, b, d| {
        let down = mul_div_down(a, b, d);
        let up = mul_div_up(a, b, d);
        if d == 0 {
            assert_eq!((down, up), (None, None));
            return;
        }
        let (floor, ceil) = quotients(i64::from(a) * i64::from(b), d.into());
        assert_eq!(down, fitting(floor), "{a}·{b}/{d}");
        // A quotient that fits and one that does not can be the two sides of one value.
        assert_eq!(up, fitting(ceil).filter(|_| floor <= 255), "{a}·{b}/{d}");
    });
}

#[test]
fn all_16_777_216_signed_quotients_are_rounded_as_named() {
    all(|a, b, d| {
        let a = a as i8;
        let (down, up) = (mul_div_floor(a, b, d), mul_div_ceil(a, b, d));
        if d == 0 {
            assert_eq!((down, up), (None, None));
            return;
        }
        let (floor, ceil) = quotients(i64::from(a) * i64::from(b), d.into());
        assert_eq!(down, signed_fitting(floor), "{a}·{b}/{d}");
        assert_eq!(up, signed_fitting(ceil), "{a}·{b}/{d}");
    });
}

#[test]
fn all_65_536_products_and_ratios_of_fixed_point_numbers_are_rounded_as_named() {
    for a in 0..=u8::MAX {
        for b in 0..=u8::MAX {
            let (x, y) = (i64::from(a), i64::from(b));
            assert_eq!(mul_wide(a, b), ((x * y / 256) as u8, (x * y % 256) as u8));
            let (floor, ceil) = quotients(x * y, 10);
            assert_eq!(
                (mul_down(a, b), mul_up(a, b)),
                (fitting(floor), fitting(ceil)),
                "{a}·{b}"
            );
            if b == 0 {
                assert_eq!((div_down(a, b), div_up(a, b)), (None, None));
            } else {
                let (floor, ceil) = quotients(x * 10, y);
                assert_eq!(
                    (div_down(a, b), div_up(a, b)),
                    (fitting(floor), fitting(ceil)),
                    "{a}/{b}"
                );
            }
        }
    }
}
