//! Guesses and steps, which callers do not see.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_precision_loss,
    clippy::float_cmp,
    reason = "tests panic on overflow, and measure in doubles"
)]

extern crate std;
use std::println;

use super::{
    fixed24::logarithm,
    guess,
    refine::{Point, refine},
    target::{Side, Target},
};
use crate::magnitude::Magnitude;

fn magnitude(x: f64) -> Magnitude {
    let bits = x.to_bits();
    let exponent = ((bits >> 52) & 0x7FF) as i32;
    Magnitude::scaled((bits & ((1 << 52) - 1)) | (1 << 52), exponent - 1075)
}

fn double(x: Magnitude) -> f64 {
    x.mantissa as f64 * f64::from(x.exponent).exp2()
}

/// Deterministic numbers in 0..1.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.next()
    }
}

/// What is to be found, from what is to be found: `None` where a price would be refused.
fn target(x: f64, s: f64) -> Option<Target> {
    let mut target = Target {
        log_moneyness: if x == 0.0 {
            Magnitude::ZERO
        } else {
            magnitude(x)
        },
        ratio: Magnitude::ONE,
        logarithm: 0,
        side: Side::Value,
        whole: Magnitude::ONE,
        intrinsic: 0,
    };
    let value = Point::at(&target, magnitude(s)).ratio;
    target.side = if double(value) <= 0.5 {
        Side::Value
    } else {
        Side::Shortfall
    };
    target.ratio = Point::at(&target, magnitude(s)).ratio;
    let least = if target.side == Side::Value {
        1e-30
    } else {
        0.25_f64.powi(31)
    };
    if double(target.ratio) < least || !is_regular(x, s) {
        return None;
    }
    target.logarithm = logarithm(target.ratio);
    Some(target)
}

/// Log-moneyness and deviation over the whole domain, extremes over-weighted.
fn anywhere(random: &mut Random) -> (f64, f64) {
    let x = match (random.next() * 10.0) as u8 {
        0 => 0.0,
        1 => 29.9,
        2..=5 => 10_f64.powf(random.between(-12.0, 1.47)),
        _ => random.between(0.0, 29.9),
    };
    let s = if random.next() < 0.6 && x > 0.0 {
        x / random.between(0.001, 11.5)
    } else {
        10_f64.powf(random.between(-9.0, 1.4))
    };
    (x, s.clamp(1e-11, 24.0))
}

/// `|a − b|` in units of 2^-60 of the smaller of spot and discounted strike.
fn apart(a: Magnitude, b: Magnitude) -> f64 {
    let (a, b) = (a.to_fixed(64), b.to_fixed(64));
    a.abs_diff(b) as f64 / 16.0
}

/// Beyond this the kernel's `M(b)` is held at its end, and prices are refused.
fn is_regular(x: f64, s: f64) -> bool {
    x / s + s / 2.0 < 14.98
}

fn guess(target: &Target) -> Magnitude {
    match target.side {
        Side::Value => guess::from_value(target),
        Side::Shortfall => guess::from_shortfall(target),
    }
}

#[test]
fn guesses_are_close_and_two_or_three_evaluations_enough() {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let mut guess_off = [0.0_f64; 2];
    let mut evaluations = [[0_u32; 4]; 2];
    let mut price_off = [(0.0, 0.0, 0.0); 2];
    for _ in 0..400_000 {
        let (x, s) = anywhere(&mut random);
        let Some(target) = target(x, s) else { continue };
        let side = usize::from(target.side == Side::Shortfall);
        let guess = guess(&target);
        guess_off[side] = (double(guess) / s - 1.0).abs().max(guess_off[side]);
        let (found, steps) = refine(&target, guess).expect("converges");
        evaluations[side][steps] += 1;
        let again = Point::at(&target, found).ratio;
        let off = apart(again, target.ratio);
        if off > price_off[side].0 {
            price_off[side] = (off, x, s);
        }
    }
    println!("guess off {guess_off:?}, evaluations {evaluations:?}, price off {price_off:?} 2^-60");
    assert!(guess_off[0] < 0.017 && guess_off[1] < 0.036);
    // Three evaluations are the exception below one half of the bound, and under a tenth above.
    let [value, shortfall] = evaluations;
    assert!(value[2] > 100_000 && value[3] * 50 < value[2]);
    assert!(shortfall[2] > 10_000 && shortfall[3] * 10 < shortfall[2]);
    // 2^-56: 1.4e-17 of the smaller of spot and discounted strike.
    assert!(price_off.iter().all(|worst| worst.0 < 16.0));
}

#[test]
fn any_guess_whatever_converges_to_the_same_deviation() {
    let mut random = Random(0xD1B5_4A32_D192_ED03);
    let mut most = 0;
    let mut checked = 0;
    while checked < 50_000 {
        let (x, s) = anywhere(&mut random);
        let Some(target) = target(x, s) else {
            continue;
        };
        let guess = magnitude(10_f64.powf(random.between(-20.0, 3.0)));
        let found = refine(&target, guess);
        let (found, steps) = found.unwrap_or_else(|| panic!("{x:e} {s:e} from {guess:?}"));
        most = most.max(steps);
        let off = apart(Point::at(&target, found).ratio, target.ratio);
        assert!(off < 16.0, "{x:e} {s:e} from {guess:?}: {off} 2^-60");
        checked += 1;
    }
    println!("at most {most} evaluations");
    assert!(most <= super::refine::MAX_STEPS / 2);
}
