//! The price at which an account becomes liquidatable.

use crate::{
    WAD,
    fixed::mul_div_down,
    search::bracket::{Asked, Limits, narrowed},
};

/// Which way the price goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Direction {
    /// It falls.
    Down,
    /// It rises.
    Up,
}

/// Prices at which an account is asked for, each `ratio` times as far as the one before.
///
/// An account that is unhealthy only between two neighbouring rungs is not seen to be: a narrower ratio sees more.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ladder {
    /// Ratio of neighbouring prices, above one, WAD.
    pub ratio: u64,
    /// How many.
    pub rungs: u32,
    /// How sharply to narrow the first unhealthy step, in units of the ratio of the answer's two prices above one, WAD.
    pub resolution: u64,
    /// Most questions asked to narrow it.
    pub questions: u32,
}

impl Ladder {
    /// From a sixteenth to sixteen times the price in steps of an eighth of an octave, then to 1e-9 of the price.
    pub const DEFAULT: Self = Self {
        ratio: 1_090_507_732_665_257_659,
        rungs: 32,
        resolution: 1_000_000_000,
        questions: 32,
    };
}

/// Two prices, between which an account becomes liquidatable. Both were asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Crossing {
    /// Here the balance is at least zero, WAD.
    pub healthy: u128,
    /// Here it is below zero, WAD.
    pub liquidatable: u128,
}

/// What a search for a liquidation price found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// The account is liquidatable where the price is.
    Now,
    /// It becomes so first between these prices.
    At(Crossing),
    /// It is not at any rung, to this last price, WAD.
    Never {
        /// The last price asked for.
        last: u128,
    },
}

/// The first price from `mid` on at which `maintenance`, a function of the price, is below zero.
///
/// # Errors
/// Those of `maintenance`.
pub fn liquidation_price<E>(
    mid: u128,
    direction: Direction,
    ladder: Ladder,
    mut maintenance: impl FnMut(u128) -> Result<i128, E>,
) -> Result<Outcome, E> {
    let mut healthy = Asked {
        at: mid,
        balance: maintenance(mid)?,
    };
    if healthy.balance < 0 {
        return Ok(Outcome::Now);
    }
    let (one, ratio) = (WAD, u128::from(ladder.ratio));
    let (times, over) = match direction {
        Direction::Down => (one, ratio),
        Direction::Up => (ratio, one),
    };
    for _ in 0..ladder.rungs {
        let Some(at) =
            mul_div_down(healthy.at, times, over).filter(|at| *at != 0 && *at != healthy.at)
        else {
            break;
        };
        let asked = Asked {
            at,
            balance: maintenance(at)?,
        };
        if asked.balance < 0 {
            let resolution = mul_div_down(at, u128::from(ladder.resolution), WAD);
            let limits = Limits {
                questions: ladder.questions,
                resolution: resolution.unwrap_or(1),
            };
            let (healthy, unhealthy, _) = narrowed(healthy, asked, limits, maintenance)?;
            return Ok(Outcome::At(Crossing {
                healthy: healthy.at,
                liquidatable: unhealthy.at,
            }));
        }
        healthy = asked;
    }
    Ok(Outcome::Never { last: healthy.at })
}
