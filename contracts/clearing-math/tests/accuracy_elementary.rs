//! exp, ln, square root and the normal distribution against 60-digit references (`generate/golden_elementary.py`): random
//! arguments, the ends of the domains, and the seams of every table. `NOVATION_ELEMENTARY=FILE` adds the rows of a larger set.
//!
//! And their monotonicity: over dense neighbours, at seams and elsewhere, no value is below the one before by more than the
//! stated units of 2^-63 of itself.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "tests panic on overflow, and measure in doubles"
)]

mod support;

use clearing_math::{
    elementary::{exp, ln, square_root},
    magnitude::{Magnitude, Signed},
    normal::{cumulative, density, mills},
};
use support::exact::Exact;

/// A function of the crate, and the largest relative error it may have at an argument.
struct Function {
    name: &'static str,
    of: fn(Signed) -> Signed,
    bound: fn(f64) -> f64,
}

fn unsigned(of: fn(Signed) -> Magnitude) -> impl Fn(Signed) -> Signed {
    move |x| Signed {
        negative: false,
        size: of(x),
    }
}

/// 2^-60.
const UNIT: f64 = 8.673_617_379_884_035e-19;

const FUNCTIONS: [Function; 6] = [
    Function {
        name: "exp",
        of: |x| unsigned(exp)(x),
        bound: |x| UNIT * (1.0 + x.abs()),
    },
    Function {
        name: "ln",
        of: |x| ln(x.size).expect("not zero"),
        bound: |_| 3.0 * UNIT,
    },
    Function {
        name: "square_root",
        of: |x| unsigned(|x| square_root(x.size))(x),
        bound: |_| UNIT / 2.0,
    },
    Function {
        name: "density",
        of: |x| unsigned(density)(x),
        bound: |x| UNIT * (2.0 + 2.0 * x * x),
    },
    Function {
        name: "cumulative",
        of: |x| unsigned(cumulative)(x),
        bound: |x| UNIT * (10.0 + x * x),
    },
    Function {
        name: "mills",
        of: |x| unsigned(|x| mills(x.size).expect("below 15"))(x),
        bound: |x| (28.0 + 4.0 * x) * UNIT,
    },
];

struct Row {
    function: &'static Function,
    argument: Signed,
    /// In 1..2, with its sign, times 2^power.
    value: Exact,
    power: i32,
}

fn rows() -> Vec<Row> {
    let mut text = include_str!("golden/elementary.csv").to_owned();
    if let Some(more) = std::env::var_os("NOVATION_ELEMENTARY") {
        let more = std::fs::read_to_string(more).expect("NOVATION_ELEMENTARY can be read");
        text.push_str(more.split_once('\n').expect("a heading").1);
    }
    text.lines()
        .skip(1)
        .map(|line| {
            let f: Vec<&str> = line.split(',').collect();
            let size = Exact::decimal(f[5], 0);
            Row {
                function: FUNCTIONS
                    .iter()
                    .find(|function| function.name == f[0])
                    .expect("a function of the crate"),
                argument: Signed {
                    negative: f[1] == "1",
                    size: Magnitude::scaled(
                        f[2].parse().expect("mantissa"),
                        f[3].parse().expect("exponent"),
                    ),
                },
                value: if f[4] == "1" { size.negated() } else { size },
                power: f[6].parse().expect("power"),
            }
        })
        .collect()
}

#[test]
fn elementary_functions_are_within_their_bounds() {
    let rows = rows();
    for function in &FUNCTIONS {
        let (mut worst, mut share, mut absolute, mut at, mut seen) =
            (0.0_f64, 0.0_f64, 0.0_f64, 0.0, 0);
        for row in rows.iter().filter(|row| row.function.name == function.name) {
            let got = (function.of)(row.argument);
            // Both over 2^power, so that neither leaves the range of a double.
            let scaled = Signed {
                size: got.size.doubled(-row.power),
                ..got
            };
            let error = Exact::from(scaled).error(row.value);
            let relative = error / row.value.double().abs().max(f64::MIN_POSITIVE);
            let x = Exact::from(row.argument).double();
            if row.value.double() == 0.0 {
                assert!(got.size.is_zero(), "{}({x:e}) is not zero", function.name);
                continue;
            }
            seen += 1;
            absolute = absolute.max(error * 2_f64.powi(row.power.min(1_000)));
            worst = worst.max(relative);
            if relative / (function.bound)(x) > share {
                (share, at) = (relative / (function.bound)(x), x);
            }
        }
        println!(
            "{:12} {seen} rows  relative {worst:.1e}  absolute {absolute:.1e}  {share:.2} of the bound at {at:e}",
            function.name
        );
        assert!(seen > 100, "{}: {seen} rows", function.name);
        assert!(
            share <= 1.0,
            "{}({at:e}): {share} of the bound",
            function.name
        );
    }
}
