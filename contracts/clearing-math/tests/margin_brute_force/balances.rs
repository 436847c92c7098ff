//! Balances from values, a second time.

use clearing_math::margin::{
    BasisRule, Charge, DoubtRule, MarketData, Portfolio, ScenarioProfile, SkewCounting,
    VolatilityMove,
};

use crate::{
    model::{Expiry, Shock, expiries, pico, wad},
    quad::{ONE, Quad, ZERO},
};

/// Results, quote units.
#[derive(Debug)]
pub struct Balances {
    pub initial: Quad,
    pub maintenance: Quad,
    pub mark: Quad,
    /// Change of value in every scenario at the median, before damping; then the upward and the downward move of the basis, or the sum of
    /// each expiry's worse one, and nothing.
    pub changes: Vec<Quad>,
    /// What of each change counts.
    pub dampings: Vec<Quad>,
}

/// Which moves count.
#[derive(Clone, Copy, PartialEq)]
enum Side {
    Both,
    Falls,
    Rises,
}

impl Side {
    fn counts(self, multiple: Quad) -> bool {
        match self {
            Self::Both => true,
            Self::Falls => multiple <= ONE,
            Self::Rises => multiple >= ONE,
        }
    }
}

/// A portfolio at one place: a multiple of the median.
struct Scene<'a> {
    profile: &'a ScenarioProfile,
    market: &'a MarketData<'a>,
    expiries: Vec<Expiry>,
    /// Of each expiry there.
    values: Vec<Quad>,
    stay: Shock,
    side: Side,
    spot: Quad,
    base: Quad,
    linear: Quad,
    linear_price: Quad,
    /// How sure all but the expiries' own data are.
    sure: Quad,
}

fn total(parts: &[Quad]) -> Quad {
    parts.iter().fold(ZERO, |sum, &part| sum + part)
}

impl<'a> Scene<'a> {
    fn new(
        profile: &'a ScenarioProfile,
        market: &'a MarketData,
        portfolio: &'a Portfolio,
        ceilings: bool,
        place: Quad,
        side: Side,
    ) -> Self {
        let expiries = expiries(profile, market, portfolio, ceilings);
        let stay = Shock {
            spot: place,
            volatility: VolatilityMove::Unchanged,
            mirrored: false,
        };
        let values = expiries.iter().map(|expiry| expiry.value(profile, stay));
        let values = values.collect();
        let spot = Quad::wad(market.mid as i128) * place;
        let linear = &portfolio.linear;
        let linear_price = match linear.price {
            0 => spot,
            price => Quad::wad(price as i128) * place,
        };
        let sure = match linear.contracts {
            0 => wad(market.confidence),
            _ => wad(market.confidence.min(linear.confidence)),
        };
        Self {
            profile,
            market,
            expiries,
            values,
            stay,
            side,
            spot,
            base: Quad::wad(portfolio.base as i128),
            linear: Quad::wad(linear.contracts),
            linear_price,
            sure,
        }
    }

    /// The worst of all moves, at most zero.
    fn span(&self, changes: &[Quad]) -> Quad {
        let damped = changes.iter().zip(self.dampings());
        damped.fold(ZERO, |worst, (&change, damping)| {
            worst.least(change * damping)
        })
    }

    fn dampings(&self) -> Vec<Quad> {
        let scenarios = self.profile.scenarios.as_slice().iter();
        let dampings = scenarios.map(|scenario| wad(scenario.damping));
        dampings.chain([ONE; 2]).collect()
    }

    /// Change of value under every move; of those that do not count, none.
    fn changes(&self) -> Vec<Quad> {
        let Self {
            profile,
            stay,
            side,
            ..
        } = *self;
        let mut changes = vec![];
        for scenario in profile.scenarios.as_slice() {
            let multiple = wad(scenario.spot);
            if !side.counts(multiple) {
                changes.push(ZERO);
                continue;
            }
            let shock = Shock {
                spot: stay.spot * multiple,
                volatility: scenario.volatility,
                mirrored: false,
            };
            let skewed = matches!(
                scenario.volatility,
                VolatilityMove::LinearSkew | VolatilityMove::AbsoluteSkew
            );
            let exposure = self.base * self.spot + self.linear * self.linear_price;
            let mut change = exposure * (multiple - ONE);
            for (expiry, &value) in self.expiries.iter().zip(&self.values) {
                let after =
                    |shock: Shock| expiry.prudent(profile, expiry.value(profile, shock)) - value;
                let one = after(shock);
                let mirrored = Shock {
                    mirrored: true,
                    ..shock
                };
                let counted = match profile.skew.counting {
                    _ if !skewed => one,
                    SkewCounting::Magnitude => -one.abs(),
                    SkewCounting::BothWays => one.least(after(mirrored)),
                };
                change = change + counted;
            }
            changes.push(change);
        }
        changes.extend(self.basis());
        changes
    }

    fn basis(&self) -> [Quad; 2] {
        let basis = &self.profile.basis;
        let moved = |factor: u64| -> Vec<Quad> {
            let factor = wad(factor);
            let one = |(expiry, &value): (&Expiry, &Quad)| {
                if !self.side.counts(factor) {
                    return ZERO;
                }
                let share = pico(basis.share) + pico(basis.share_per_year) * expiry.years;
                let shock = Shock {
                    spot: self.stay.spot * factor,
                    ..self.stay
                };
                (expiry.value(self.profile, shock) - value) * share.least(pico(basis.most))
            };
            self.expiries.iter().zip(&self.values).map(one).collect()
        };
        let (up, down) = (moved(basis.up), moved(basis.down));
        match basis.rule {
            BasisRule::Together => [total(&up), total(&down)],
            BasisRule::Apart => {
                let worse = up.iter().zip(&down);
                let sum = worse.fold(ZERO, |sum, (&up, &down)| sum + up.least(down).least(ZERO));
                [sum, ZERO]
            }
        }
    }

    fn balances(&self) -> Balances {
        let rules = &self.profile.contingencies;
        let naked: Vec<Quad> = self
            .expiries
            .iter()
            .map(|expiry| expiry.naked(rules.naked_rule))
            .collect();
        let charge = |share: fn(&Charge) -> u64| {
            let contracts = total(&naked) * wad(share(&rules.naked_short))
                + self.base * wad(share(&rules.base))
                + self.linear.abs() * wad(share(&rules.linear));
            contracts * self.spot
        };
        let both = charge(|charge| charge.both);
        let changes = self.changes();
        let span = self.span(&changes);
        let (span, both) = if rules.factored {
            (span - both, ZERO)
        } else {
            (span, both)
        };
        let mut factor = wad(self.profile.initial_factor);
        let mut initial = charge(|charge| charge.initial);
        let threshold = wad(rules.confidence_threshold);
        let doubt = |confidence: Quad| match rules.doubt_rule {
            DoubtRule::Published if confidence < threshold => ONE - confidence,
            DoubtRule::Published => ZERO,
            DoubtRule::NakedShorts => (threshold - confidence).most(ZERO),
        };
        let mut doubted = self.linear.abs() * doubt(self.sure);
        for (expiry, &naked) in self.expiries.iter().zip(&naked) {
            let contracts = match rules.doubt_rule {
                DoubtRule::Published => expiry.contracts(),
                DoubtRule::NakedShorts => naked,
            };
            doubted = doubted + contracts * doubt(self.sure.least(expiry.confidence));
        }
        let missing = (wad(rules.peg_threshold) - wad(self.market.stable)).most(ZERO);
        let off_peg = missing * wad(rules.peg_factor);
        match rules.doubt_rule {
            DoubtRule::Published => {
                doubted = doubted + self.base * doubt(wad(self.market.confidence));
                factor = factor + off_peg;
            }
            DoubtRule::NakedShorts => initial = initial + total(&naked) * self.spot * off_peg,
        }
        initial = initial + doubted * self.spot * wad(rules.confidence_factor);
        let mark = total(&self.values) + self.base * self.spot;
        Balances {
            initial: factor * span - both - initial + mark,
            maintenance: wad(self.profile.maintenance_factor) * span - both + mark,
            mark,
            changes,
            dampings: self.dampings(),
        }
    }
}

/// Margin balances of a portfolio.
pub fn brute_force(
    profile: &ScenarioProfile,
    market: &MarketData,
    portfolio: &Portfolio,
) -> Balances {
    let cash = Quad::wad(portfolio.cash);
    let at = |ceilings: bool, price: u128, side: Side| {
        let place = if price == market.mid {
            ONE
        } else {
            Quad::wad(price as i128) / Quad::wad(market.mid as i128)
        };
        Scene::new(profile, market, portfolio, ceilings, place, side).balances()
    };
    let Balances {
        mut initial,
        maintenance,
        mark,
        changes,
        dampings,
    } = at(false, market.mid, Side::Both);
    // Every price with every volatility: the median, either edge; as they are, at their ceilings.
    for ceilings in [false, true] {
        if ceilings && portfolio.ceilings.is_empty() {
            continue;
        }
        for (price, side) in [
            (market.mid, Side::Both),
            (market.low, Side::Falls),
            (market.high, Side::Rises),
        ] {
            if price != market.mid || (ceilings && side == Side::Both) {
                initial = initial.least(at(ceilings, price, side).initial);
            }
        }
    }
    Balances {
        initial: initial + cash,
        maintenance: maintenance + cash,
        mark: mark + cash,
        changes,
        dampings,
    }
}
