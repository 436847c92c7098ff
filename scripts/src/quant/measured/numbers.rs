//! Elementary functions and the normal distribution, each over 512 arguments in equal steps.

use clearing_math::magnitude::{Magnitude, Signed};

use super::Measured;
use crate::quant::wire;

/// Arguments of each function.
const STEPS: u64 = 512;

pub(super) fn measured() -> Vec<Measured> {
    // 1/16 per step, from a half step on.
    let positive =
        |index: u64, shift: i32| Signed::positive(Magnitude::scaled(2 * index + 1, shift));
    let calls = |argument: &dyn Fn(u64) -> Signed| -> Vec<Vec<u64>> {
        (0..STEPS)
            .map(|index| wire::number(argument(index)).to_vec())
            .collect()
    };
    let signed = |shift: i32| {
        calls(&move |index| {
            let number = positive(index / 2, shift);
            if index % 2 == 0 {
                number
            } else {
                number.negated()
            }
        })
    };
    vec![
        Measured::new("exp", "e^x, x from −32 to 32", signed(-4)),
        Measured::new(
            "ln",
            "ln x, x from 0 to 64",
            calls(&|index| positive(index, -4)),
        ),
        Measured::new(
            "square_root",
            "√x, x from 0 to 64",
            calls(&|index| positive(index, -4)),
        ),
        Measured::new("normal_cumulative", "Φ(z), z from −8 to 8", signed(-6)),
        Measured::new("normal_density", "φ(z), z from −8 to 8", signed(-6)),
        Measured::new(
            "normal_mills",
            "(1 − Φ(z))/φ(z), z from 0 to 8",
            calls(&|index| positive(index, -7)),
        ),
    ]
}
