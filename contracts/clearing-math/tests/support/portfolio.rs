//! Random portfolios and markets, and the margin model written a second time, plainly, in floating point.

use clearing_math::{
    leg::{Leg, OptionKind},
    margin::{MarketData, RiskProfile, VolatilityMove},
};
use proptest::prelude::*;

pub const NOW: u64 = 1_800_000_000;
const YEAR: f64 = 31_536_000.0;
pub const UNIT: i128 = 1_000_000_000_000_000_000;

/// Expiries from already passed to two years, and a volatility for each.
pub const EXPIRIES: [(u32, u64); 6] = [
    (1_799_999_000, 500_000_000_000_000_000),
    (1_800_000_600, 900_000_000_000_000_000),
    (1_800_086_400, 750_000_000_000_000_000),
    (1_800_604_800, 600_000_000_000_000_000),
    (1_802_592_000, 555_000_000_000_000_000),
    (1_863_072_000, 480_000_000_000_000_000),
];

pub fn legs(count: impl Into<prop::collection::SizeRange>) -> impl Strategy<Value = Vec<Leg>> {
    prop::collection::vec(leg(), count)
}

pub fn leg() -> impl Strategy<Value = Leg> {
    let contracts = prop_oneof![-1_000_000..1_000_000_i128, -100..100_i128];
    (
        0..EXPIRIES.len(),
        4..120_u64,
        any::<bool>(),
        contracts,
        any::<bool>(),
    )
        .prop_map(|(expiry, strike, call, milli, fine)| Leg {
            expiry: EXPIRIES[expiry].0,
            strike: strike * 100 * 100_000_000 + u64::from(fine) * 123_456_789,
            kind: if call {
                OptionKind::Call
            } else {
                OptionKind::Put
            },
            contracts: milli * UNIT / 1_000 + i128::from(fine),
        })
}

/// Spot from 600 to 9,000, band up to 5 % each way, rates of both signs.
pub fn market() -> impl Strategy<Value = MarketData<'static>> {
    (
        600_000..9_000_000_u128,
        0..500_u128,
        0..500_u128,
        prop_oneof![Just(0_i64), -50..100_i64],
    )
        .prop_map(|(milli, below, above, rate)| {
            let mid = milli * UNIT as u128 / 1_000 + 7;
            MarketData {
                now: NOW,
                mid,
                low: mid - mid * below / 10_000,
                high: mid + mid * above / 10_000,
                volatilities: &EXPIRIES,
                rate: rate * 1_000_000_000_000_000,
            }
        })
}

/// Sum of what every leg and the base asset could be worth at six times the spot, WAD: the scale of rounding.
pub fn gross(market: &MarketData, legs: &[Leg], base: u128) -> u128 {
    let top = 7 * market.high;
    let units = |x: u128| (x / 1_000_000_000).max(1);
    let of = |leg: &Leg| {
        let strike = 2 * u128::from(leg.strike) * 10_000_000_000;
        units(leg.contracts.unsigned_abs()) * units(top.max(strike))
    };
    legs.iter().map(of).sum::<u128>() + units(base) * units(top)
}

/// Φ by its series near zero and by a continued fraction in the tails: 1e-15.
fn normal(x: f64) -> f64 {
    let density = (-x * x / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
    if x.abs() < 4.0 {
        let (mut term, mut sum, mut k) = (x, x, 1.0);
        while term.abs() > 1e-18 {
            k += 2.0;
            term *= x * x / k;
            sum += term;
        }
        return 0.5 + density * sum;
    }
    let mut fraction = x.abs();
    for k in (1..80).rev() {
        fraction = x.abs() + f64::from(k) / fraction;
    }
    if x < 0.0 {
        density / fraction
    } else {
        1.0 - density / fraction
    }
}

/// Textbook Black-Scholes; `forward_factor` moves the forward only.
fn option(leg: &Leg, spot: f64, years: f64, volatility: f64, rate: f64) -> f64 {
    let strike = leg.strike as f64 / 1e8;
    let sign = if leg.kind == OptionKind::Call {
        1.0
    } else {
        -1.0
    };
    let discounted = strike * (-rate * years).exp();
    let deviation = volatility * years.sqrt();
    if deviation == 0.0 {
        return (sign * (spot - discounted)).max(0.0);
    }
    let d1 = (spot / discounted).ln() / deviation + deviation / 2.0;
    let d2 = d1 - deviation;
    sign * (spot * normal(sign * d1) - discounted * normal(sign * d2))
}

/// Initial, maintenance and mark, by the formulas of the module documentation and nothing else.
pub fn brute_force(
    profile: &RiskProfile,
    market: &MarketData,
    legs: &[Leg],
    cash: i128,
    base: u128,
) -> [f64; 3] {
    let wad = |x: f64| x / 1e18;
    let p = |x: u64| x as f64 / 1e18;
    let (cash, base, rate) = (wad(cash as f64), wad(base as f64), wad(market.rate as f64));
    let mut expiries: Vec<u32> = legs.iter().map(|leg| leg.expiry).collect();
    expiries.sort_unstable();
    expiries.dedup();
    let years = |expiry: u32| u64::from(expiry).saturating_sub(market.now) as f64 / YEAR;
    let volatility = |expiry: u32, shock: VolatilityMove| {
        let sigma = EXPIRIES
            .iter()
            .find(|(of, _)| *of == expiry)
            .map(|(_, v)| p(*v))
            .unwrap();
        let ratio = 30.0 / (years(expiry) * 365.0).max(1.0);
        let power = ratio.powf(p(if ratio >= 1.0 {
            profile.short_power
        } else {
            profile.long_power
        }));
        match shock {
            VolatilityMove::Unchanged => sigma,
            VolatilityMove::Up => {
                (sigma * (1.0 + p(profile.volatility_up) * power)).max(p(profile.volatility_floor))
            }
            VolatilityMove::Down => sigma * (1.0 - p(profile.volatility_down) * power).max(0.0),
        }
    };
    let value = |expiry: u32, spot: f64, shock: VolatilityMove| -> f64 {
        let of = legs.iter().filter(|leg| leg.expiry == expiry);
        of.map(|leg| {
            let (t, sigma) = (years(expiry), volatility(expiry, shock));
            leg.contracts as f64 / 1e18 * option(leg, spot, t, sigma, rate)
        })
        .sum()
    };
    let at = |spot: f64, counts: &dyn Fn(f64) -> bool| -> (f64, f64) {
        let mark_of = |expiry| value(expiry, spot, VolatilityMove::Unchanged);
        let mark: f64 = expiries.iter().map(|&e| mark_of(e)).sum::<f64>() + base * spot;
        let mut span = 0.0_f64;
        for scenario in profile.scenarios.iter().filter(|s| counts(p(s.spot))) {
            let mut change = base * spot * (p(scenario.spot) - 1.0);
            for &expiry in &expiries {
                let shocked = value(expiry, spot * p(scenario.spot), scenario.volatility);
                let (t, r) = (years(expiry), rate.max(0.0));
                let counted = if shocked >= 0.0 {
                    shocked * (-t * (p(profile.owned_add) + r * p(profile.owned_rate))).exp()
                } else {
                    shocked * (t * (p(profile.owed_add) + r * p(profile.owed_rate))).exp()
                };
                change += counted - mark_of(expiry);
            }
            span = span.min(change * p(scenario.damping));
        }
        for factor in [p(profile.basis_up), p(profile.basis_down)] {
            if !counts(factor) {
                continue;
            }
            let change = expiries.iter().map(|&expiry| {
                let share = (p(profile.basis_share)
                    + p(profile.basis_share_per_year) * years(expiry))
                .min(1.0);
                share * (value(expiry, spot * factor, VolatilityMove::Unchanged) - mark_of(expiry))
            });
            span = span.min(change.sum());
        }
        (span, mark)
    };
    let mut naked = 0.0;
    for &expiry in &expiries {
        for kind in [OptionKind::Call, OptionKind::Put] {
            let of = legs
                .iter()
                .filter(|leg| leg.expiry == expiry && leg.kind == kind);
            naked -= wad(of.map(|leg| leg.contracts).sum::<i128>() as f64).min(0.0);
        }
    }
    let initial = |spot: f64, counts: &dyn Fn(f64) -> bool| {
        let (span, mark) = at(spot, counts);
        let shorts = naked * spot * (p(profile.naked_short) + p(profile.naked_short_initial));
        p(profile.initial_factor) * span - shorts - base * spot * p(profile.base_haircut)
            + mark
            + cash
    };
    let [low, mid, high] = [market.low, market.mid, market.high].map(|x| wad(x as f64));
    let (span, mark) = at(mid, &|_| true);
    let mut worst = initial(mid, &|_| true);
    if low < mid {
        worst = worst.min(initial(low, &|multiple| multiple <= 1.0));
    }
    if high > mid {
        worst = worst.min(initial(high, &|multiple| multiple >= 1.0));
    }
    let shorts = naked * mid * p(profile.naked_short);
    [
        worst,
        p(profile.maintenance_factor) * span - shorts + mark + cash,
        mark + cash,
    ]
}
