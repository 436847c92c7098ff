//! Options valued in scenarios a second time: plainly, one after another, from the formulas in the design and at the fields of a
//! profile, in 31 digits.

use clearing_math::{
    leg::{Leg, OptionKind},
    margin::{MarketData, NakedShortRule, Portfolio, ScenarioProfile, Term, VolatilityMove},
};

use crate::quad::{ONE, Quad, ZERO};

const YEAR: f64 = 31_536_000.0;
const THIRTY_DAYS: u64 = 30 * 86_400;

/// One expiry of the portfolio.
pub struct Expiry {
    pub legs: Vec<(Leg, Quad)>,
    /// At the median.
    pub forward: Quad,
    pub fixed: Quad,
    pub discount: Quad,
    pub rate: Quad,
    pub years: Quad,
    pub seconds: u64,
    pub confidence: Quad,
}

/// What happens to one expiry: factors on the moving part of its forward, and its volatilities.
#[derive(Clone, Copy)]
pub struct Shock {
    pub spot: Quad,
    pub volatility: VolatilityMove,
    /// For skews: the other way.
    pub mirrored: bool,
}

/// In units of 1e-12.
pub fn pico(x: impl Into<i128>) -> Quad {
    Quad::wad(x) * Quad::from(1e6)
}

pub fn wad(x: u64) -> Quad {
    Quad::wad(i128::from(x))
}

fn black_76(kind: OptionKind, forward: Quad, strike: Quad, deviation: Quad) -> Quad {
    let call = if deviation <= ZERO || forward <= ZERO {
        (forward - strike).most(ZERO)
    } else {
        let middle = (forward / strike).ln() / deviation;
        let half = deviation / Quad::from(2.0);
        let (above, below) = (middle + half, middle - half);
        return match kind {
            OptionKind::Call => forward * above.normal() - strike * below.normal(),
            OptionKind::Put => strike * (-below).normal() - forward * (-above).normal(),
        };
    };
    match kind {
        OptionKind::Call => call,
        OptionKind::Put => call - (forward - strike),
    }
}

impl Expiry {
    /// Value of its options at `spot` times the median.
    pub fn value(&self, profile: &ScenarioProfile, shock: Shock) -> Quad {
        let moved = self.fixed + (self.forward - self.fixed) * shock.spot;
        let mut total = ZERO;
        for &(leg, volatility) in &self.legs {
            let strike = Quad::wad(i128::from(leg.strike)) * Quad::from(1e10);
            let volatility = self.shocked(profile, shock, volatility, strike);
            let deviation = volatility * self.years.sqrt();
            let price = black_76(leg.kind, moved, strike, deviation);
            total = total + Quad::wad(leg.contracts) * price;
        }
        total * self.discount
    }

    fn shocked(
        &self,
        profile: &ScenarioProfile,
        shock: Shock,
        volatility: Quad,
        strike: Quad,
    ) -> Quad {
        let shocks = &profile.volatility;
        let growth = || {
            let power = if self.seconds <= THIRTY_DAYS {
                shocks.short_power
            } else {
                shocks.long_power
            };
            let seconds = self.seconds.max(shocks.shortest);
            (Quad::from(THIRTY_DAYS as f64) / Quad::from(seconds as f64)).power(wad(power))
        };
        if self.seconds == 0 {
            return ZERO;
        }
        let skew = |linear: bool| {
            let parameters = &profile.skew;
            let root = self.years.sqrt();
            let (base, cap) = if linear {
                (parameters.linear_base, parameters.linear_cap)
            } else {
                (parameters.absolute_base, parameters.absolute_cap)
            };
            let cap = pico(base) * root + wad(cap);
            let level = wad(parameters.level) + pico(parameters.slope) * root;
            let width = (root * wad(parameters.width) * level).most(wad(parameters.least_width));
            let moneyness = (strike / self.forward).ln();
            let moneyness = if linear { moneyness } else { moneyness.abs() };
            let clipped = (moneyness * cap / width).least(cap).most(-cap);
            if shock.mirrored { -clipped } else { clipped }
        };
        match shock.volatility {
            VolatilityMove::Unchanged => volatility,
            VolatilityMove::Up => {
                (volatility * (ONE + wad(shocks.up) * growth())).most(wad(shocks.floor))
            }
            VolatilityMove::Down => volatility * (ONE - wad(shocks.down) * growth()).most(ZERO),
            VolatilityMove::LinearSkew => volatility * (ONE + skew(true)),
            VolatilityMove::AbsoluteSkew => volatility * (ONE + skew(false)),
        }
    }

    /// A value after a scenario, discounted with prudence.
    pub fn prudent(&self, profile: &ScenarioProfile, value: Quad) -> Quad {
        let discounts = &profile.discounts;
        let factor = |discount: &clearing_math::margin::Discount, sign: Quad| {
            let yearly = wad(discount.add) + wad(discount.multiple) * self.rate.most(ZERO);
            wad(discount.base) * (sign * self.years * yearly).exp()
        };
        if value >= ZERO {
            return value * factor(&discounts.owned, -ONE);
        }
        let factor = factor(&discounts.owed, ONE);
        if discounts.owed_at_most_undiscounted {
            value * factor.least((self.years * self.rate.most(ZERO)).exp())
        } else {
            value * factor
        }
    }

    /// Contracts that are naked.
    pub fn naked(&self, rule: NakedShortRule) -> Quad {
        let sum = |keep: &dyn Fn(&Leg) -> bool| {
            let kept = self.legs.iter().filter(|(leg, _)| keep(leg));
            kept.fold(ZERO, |sum, (leg, _)| sum + Quad::wad(leg.contracts))
        };
        let short = |net: Quad| (-net).most(ZERO);
        match rule {
            NakedShortRule::PerKind => {
                short(sum(&|leg| leg.kind == OptionKind::Call))
                    + short(sum(&|leg| leg.kind == OptionKind::Put))
            }
            NakedShortRule::PerStrike => {
                let mut strikes: Vec<u64> = self.legs.iter().map(|(leg, _)| leg.strike).collect();
                strikes.sort_unstable();
                strikes.dedup();
                let at = |strike: u64| short(sum(&|leg| leg.strike == strike));
                strikes
                    .into_iter()
                    .fold(ZERO, |total, strike| total + at(strike))
            }
        }
    }

    /// Contracts of every leg, whatever their sign. An account has one leg a series.
    pub fn contracts(&self) -> Quad {
        let sizes = self
            .legs
            .iter()
            .map(|(leg, _)| Quad::wad(leg.contracts).abs());
        sizes.fold(ZERO, |sum, size| sum + size)
    }
}

pub fn expiries(
    profile: &ScenarioProfile,
    market: &MarketData,
    portfolio: &Portfolio,
    ceilings: bool,
) -> Vec<Expiry> {
    let mut found: Vec<(u32, Expiry)> = vec![];
    for (index, leg) in portfolio.legs.iter().enumerate() {
        let mut volatility = portfolio.volatilities[index];
        if ceilings {
            volatility = volatility.max(portfolio.ceilings[index]);
        }
        if !found.iter().any(|(expiry, _)| *expiry == leg.expiry) {
            let seconds = u64::from(leg.expiry).saturating_sub(market.now);
            let years = Quad::from(seconds as f64) / Quad::from(YEAR);
            let expired = Term {
                expiry: leg.expiry,
                forward: market.mid,
                fixed: 0,
                rate: 0,
                confidence: 1_000_000_000_000_000_000,
            };
            let term = market.terms.iter().find(|term| term.expiry == leg.expiry);
            let term = term.unwrap_or(&expired);
            let rate = Quad::wad(i128::from(term.rate));
            let discount = if profile.discounts.at_market_rate {
                (-(rate * years)).exp()
            } else {
                ONE
            };
            found.push((
                leg.expiry,
                Expiry {
                    legs: vec![],
                    forward: Quad::wad(term.forward as i128),
                    fixed: Quad::wad(term.fixed as i128),
                    discount,
                    rate,
                    years,
                    seconds,
                    confidence: wad(term.confidence),
                },
            ));
        }
        let (_, expiry) = found
            .iter_mut()
            .find(|(expiry, _)| *expiry == leg.expiry)
            .expect("just put there");
        expiry.legs.push((*leg, wad(volatility)));
    }
    found.into_iter().map(|(_, expiry)| expiry).collect()
}
