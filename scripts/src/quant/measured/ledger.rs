//! Fixed-point operations, payoffs and portfolio margin.

use clearing_math::WAD;
use clearing_math::leg::{Leg, OptionKind};

use super::Measured;
use crate::quant::lattice::Lattice;
use crate::quant::wire::{self, words};

/// Seconds of a day.
const DAY: u32 = 86_400;
/// Time of the portfolios, unix seconds.
const NOW: u32 = 1_750_000_000;
/// Expiries of a portfolio.
const EXPIRIES: [(u32, u64); 4] = [
    (NOW + DAY, 900_000_000_000_000_000),
    (NOW + 7 * DAY, 800_000_000_000_000_000),
    (NOW + 30 * DAY, 700_000_000_000_000_000),
    (NOW + 90 * DAY, 650_000_000_000_000_000),
];

pub(super) fn measured(lattice: &Lattice) -> Vec<Measured> {
    let (mut products, mut payoffs) = (Vec::new(), Vec::new());
    for option in lattice.options() {
        let [a, b] = [option.spot, option.strike];
        products.push([words(a), words(b + u128::from(option.seconds)), words(WAD)].concat());
        for kind in [OptionKind::Call, OptionKind::Put] {
            let strike = (b / 10_000_000_000) as u64;
            let mut call = vec![u64::from(kind.to_byte()), strike];
            call.extend(words(a));
            call.extend(words(option.volatility));
            payoffs.push(call);
        }
    }
    let mut measured = vec![
        Measured::new("mul_div_down", "⌊a·b/1e18⌋", products),
        Measured::new(
            "payoff_long",
            "what long contracts are paid at expiry",
            payoffs,
        ),
    ];
    for (expiries, legs) in [(1, 1), (1, 8), (4, 32), (4, 128)] {
        let name = format!("portfolio_margin_{legs}_legs_{expiries}_expiries");
        let calls = (0..8).map(|turn| portfolio(expiries, legs, turn)).collect();
        measured.push(
            Measured::new(
                "portfolio_margin",
                "33 scenarios, no adverse band: 8 portfolios of calls and puts, long and short",
                calls,
            )
            .named(name),
        );
    }
    measured
}

/// Strikes 60 % to 140 % of spot, sides and signs mixed, no band around the price.
fn portfolio(expiries: usize, legs: usize, turn: u64) -> Vec<u64> {
    let market = EXPIRIES.get(..expiries).unwrap_or(&EXPIRIES);
    let legs = (0..legs as u64)
        .zip(market.iter().cycle())
        .map(|(index, &(expiry, _))| {
            let mixed = index.wrapping_mul(7) + turn;
            Leg {
                expiry,
                strike: (180_000 + (mixed * 6_151) % 240_000) * 1_000_000,
                kind: if mixed.is_multiple_of(3) {
                    OptionKind::Put
                } else {
                    OptionKind::Call
                },
                contracts: if mixed % 5 < 2 { -1 } else { 1 } * WAD.cast_signed(),
            }
        });
    let legs: Vec<_> = legs.collect();
    wire::portfolio(
        u64::from(NOW),
        3_000 * WAD,
        0,
        market,
        &legs,
        10_000 * WAD.cast_signed(),
    )
}
