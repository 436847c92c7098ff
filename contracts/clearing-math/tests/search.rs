//! Searches over balances: that what they return is true, the most, sharp, and found with few questions.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "tests panic on overflow"
)]

use clearing_math::{
    WAD,
    search::{Crossing, Direction, Ladder, Limits, Most, Outcome, largest, liquidation_price},
};
use proptest::prelude::*;

const LIMITS: Limits = Limits {
    questions: 120,
    resolution: 1,
};

/// A concave balance: the least of some lines.
fn concave(lines: &[(i64, i32)], at: u128) -> i128 {
    let at = at as i128;
    let values = lines.iter().map(|&(height, slope)| {
        i128::from(height) * 1_000_000_000 + at * i128::from(slope) / 1_000
    });
    values.min().unwrap_or(0)
}

fn ask(first: u128, most: u128, limits: Limits, f: impl Fn(u128) -> i128) -> Most {
    largest(first, most, limits, |at| Ok::<_, ()>(f(at))).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5_000))]

    /// Of any concave balance the answer is the most there is, its neighbour is refused, and both were asked.
    #[test]
    fn the_most_is_found_of_concave_balances(
        lines in prop::collection::vec((0..1_000_000_000_000_i64, -100_000..2_000_i32), 1..8),
        first in 1..1_000_000_000_000_000_000_000_u128,
        most in 1..10_u128.pow(24),
    ) {
        let f = |at| concave(&lines, at);
        let got = ask(first, most, LIMITS, f);
        let allowed = got.allowed.unwrap();
        prop_assert!(f(allowed) >= 0 && allowed <= most);
        match got.refused {
            None => prop_assert_eq!(allowed, most),
            Some(refused) => {
                prop_assert!(f(refused) < 0);
                prop_assert_eq!(refused - allowed, 1, "after {} questions", got.questions);
            }
        }
    }

    /// Whatever the balance and however few questions, what is allowed was found to be, what is refused too.
    #[test]
    fn any_answer_is_true(
        values in prop::collection::vec(-100..100_i128, 1..200), questions in 0..12_u32, first in 0..300_u128,
    ) {
        let f = |at: u128| values[(at as usize).min(values.len() - 1)];
        let mut asked = 0;
        let got = largest(first, 150, Limits { questions, resolution: 1 }, |at| {
            asked += 1;
            Ok::<_, ()>(f(at))
        }).unwrap();
        prop_assert_eq!(got.questions, asked);
        prop_assert!(asked <= questions);
        prop_assert!(got.allowed.is_none_or(|at| f(at) >= 0));
        prop_assert!(got.refused.is_none_or(|at| f(at) < 0));
    }

    /// The nearest crossing of a balance that stays below zero, on both sides.
    #[test]
    fn the_liquidation_price_is_sharp(mid in 1_000_000..10_u128.pow(24), at in 0.07..15.0_f64, power in 0.2..3.0_f64) {
        let barrier = (mid as f64 * at) as u128;
        let direction = if barrier < mid { Direction::Down } else { Direction::Up };
        // Zero at the barrier, positive on mid's side, curved.
        let f = |price: u128| {
            let away = (price as f64 - barrier as f64).abs() / mid as f64;
            let size = (away.powf(power) * 1e24) as i128 + 1;
            if (price < barrier) == (mid < barrier) || barrier == price { size } else { -size }
        };
        let found = liquidation_price(mid, direction, Ladder::DEFAULT, |price| Ok::<_, ()>(f(price))).unwrap();
        let Outcome::At(Crossing { healthy, liquidatable }) = found else {
            panic!("{found:?}");
        };
        prop_assert!(f(healthy) >= 0 && f(liquidatable) < 0);
        // Of the rung beyond, which is up to a ratio away.
        let sharp = liquidatable / 10 * 11 / 1_000_000_000 + 1;
        prop_assert!(healthy.abs_diff(liquidatable) <= sharp, "{healthy} {liquidatable}");
        prop_assert!(healthy.abs_diff(barrier) <= sharp + 1);
    }
}

#[test]
fn few_questions_find_a_smooth_boundary() {
    // Shaped like margin: linear with a curved loss. The exact answer is where 1e21 = x + x²/1e21.
    let f =
        |at: u128| 10_i128.pow(21) - at as i128 - ((at / 1_000).pow(2) / 10_u128.pow(15)) as i128;
    let limits = Limits {
        questions: 64,
        resolution: 1_000_000,
    };
    let got = ask(WAD, 10_u128.pow(22), limits, f);
    let want = 618_033_988_749_894_848_204.0;
    assert!((got.allowed.unwrap() as f64 / want - 1.0).abs() < 2e-12);
    println!("{} questions of a smooth boundary", got.questions);
    assert!(got.questions <= 16, "{} questions", got.questions);
}

#[test]
fn what_has_no_answer_says_so() {
    let nothing = ask(5, 100, LIMITS, |_| -1);
    assert_eq!((nothing.allowed, nothing.refused), (None, Some(0)));
    let all = ask(5, 100, LIMITS, |_| 0);
    assert_eq!((all.allowed, all.refused), (Some(100), None));
    assert_eq!(ask(5, 0, LIMITS, |_| 0).allowed, Some(0));
    // What cannot be computed is refused, unless it is nothing at all.
    let edge = |at| if at < 700 { Ok(7) } else { Err("overflow") };
    let edge = largest(1, 1_000, LIMITS, edge).unwrap();
    assert_eq!((edge.allowed, edge.refused), (Some(699), Some(700)));
    assert_eq!(largest(1, 9, LIMITS, |_| Err::<i128, _>("no")), Err("no"));

    let ladder = Ladder::DEFAULT;
    let healthy = |_| Ok::<_, ()>(0);
    let up = liquidation_price(WAD, Direction::Up, ladder, healthy).unwrap();
    let Outcome::Never { last } = up else {
        panic!("{up:?}")
    };
    assert!((last as f64 / 16e18 - 1.0).abs() < 1e-12);
    assert_eq!(
        liquidation_price(WAD, Direction::Down, ladder, |_| Ok::<_, ()>(-1)),
        Ok(Outcome::Now)
    );
    // A price of one unit has nothing below it.
    assert_eq!(
        liquidation_price(1, Direction::Down, ladder, healthy),
        Ok(Outcome::Never { last: 1 })
    );
}
