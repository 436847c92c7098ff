//! A fixed set of short positions, and what it must post.

use clearing_math::leg::{Leg, OptionKind};
use clearing_math::margin::Requirement;
use clearing_math::surface::{PublishedSmile, SmilePair, volatility};

/// One, WAD.
const WAD: u128 = clearing_math::WAD;
/// WAD of one unit of a strike, 1e-8.
const WAD_PER_STRIKE: u128 = 10_000_000_000;
/// Days to expiry at the opening.
pub const DAYS: u32 = 30;
/// Seconds of a day.
pub const DAY: u32 = 86_400;

/// Name, and per leg: kind, strike in percent of the opening, contracts.
type Shape = (&'static str, &'static [(OptionKind, u64, i128)]);

/// Every portfolio is one contract a leg, thirty days from expiry when it is opened.
pub const SHAPES: [Shape; 4] = [
    (
        "short strangle 85/115",
        &[(OptionKind::Put, 85, -1), (OptionKind::Call, 115, -1)],
    ),
    ("short put 90", &[(OptionKind::Put, 90, -1)]),
    ("short call 110", &[(OptionKind::Call, 110, -1)]),
    (
        "put spread -90/+75",
        &[(OptionKind::Put, 90, -1), (OptionKind::Put, 75, 1)],
    ),
];

/// What a portfolio posts, in the unit of the price: the cash that brings the balance to zero, what it would cost to close included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Posted {
    /// For the initial margin balance.
    pub initial: f64,
    /// The same for maintenance.
    pub maintenance: f64,
}

/// The legs of a shape opened at `spot` (WAD).
#[must_use]
pub fn legs(shape: &Shape, spot: u128, expiry: u32) -> Vec<Leg> {
    let leg = |&(kind, percent, contracts): &(OptionKind, u64, i128)| Leg {
        expiry,
        strike: u64::try_from(spot / WAD_PER_STRIKE * u128::from(percent) / 100)
            .unwrap_or(u64::MAX),
        kind,
        contracts: contracts * WAD as i128,
    };
    shape.1.iter().map(leg).collect()
}

/// A smile whose volatility at the forward is `level` (1.0 = 100 %), of the shape of another in standard deviations, `v(k) = λ·v₀(k/√λ)`, expiring
/// at `expiry`. `None` if it cannot be published: the checks are those of the contract.
#[must_use]
pub fn scaled(shape: &PublishedSmile, level: f64, expiry: u32, now: u32) -> Option<PublishedSmile> {
    let at_forward = at_forward(shape)?;
    let wider = level / at_forward;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let smile = PublishedSmile {
        a: (shape.a as f64 * wider * wider).round() as i64,
        b: (shape.b as f64 * wider).round() as u64,
        m: (shape.m as f64 * wider).round() as i64,
        sigma: (shape.sigma as f64 * wider).round() as u64,
        expiry,
        published_at: now,
        ..*shape
    };
    smile.check(now.into()).ok().map(|_| smile)
}

/// Volatility at the forward, 1.0 = 100 %.
#[must_use]
pub fn at_forward(smile: &PublishedSmile) -> Option<f64> {
    let now = u64::from(smile.published_at);
    let word = smile.to_word();
    let pair = SmilePair::prepare(&word, &word, smile.expiry, now).ok()?;
    Some(volatility(&[pair], WAD, WAD).ok()? as f64 / WAD as f64)
}

impl From<&Requirement> for Posted {
    fn from(found: &Requirement) -> Self {
        let units = |wad: i128| wad as f64 / WAD as f64;
        Self {
            initial: -units(found.initial),
            maintenance: -units(found.maintenance),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::question::Question;
    use super::*;

    #[test]
    fn more_volatility_asks_for_more_at_the_same_price() {
        let (now, spot) = (1_000_000, 30_000 * WAD);
        let expiry = now + DAYS * DAY;
        let flat = PublishedSmile::flat(500_000_000_000_000_000, expiry, now).expect("flat");
        for shape in &SHAPES {
            let legs = legs(shape, spot, expiry);
            let ask = |level| {
                let question = Question {
                    legs: legs.clone(),
                    spot,
                    smile: scaled(&flat, level, expiry, now).expect("publishable"),
                    now: now.into(),
                };
                Posted::from(&question.answered().expect("margin").answer)
            };
            let (calm, nervous) = (ask(0.5), ask(0.7));
            assert!(calm.initial > calm.maintenance && calm.maintenance > 0.0);
            if shape.1.iter().all(|leg| leg.2 < 0) {
                assert!(nervous.initial > calm.initial, "{}", shape.0);
                assert!(nervous.maintenance > calm.maintenance, "{}", shape.0);
            }
        }
    }
}
