//! Random portfolios, markets and profiles.

use clearing_math::{
    leg::{Leg, OptionKind},
    margin::{
        BasisRule, DERIBIT_STYLE, DoubtRule, Linear, MarketData, NOVATION_DEFAULT, NakedShortRule,
        PMRM, Portfolio, RiskProfile, Scenario, ScenarioProfile, Scenarios, SkewCounting, Term,
        VolatilityMove,
    },
};

const NOW: u64 = 1_800_000_000;
const ONE: u64 = 1_000_000_000_000_000_000;
const PICO: u64 = 1_000_000_000_000;
const WAD: u128 = ONE as u128;
const DAY: u64 = 86_400;

/// A case to be margined.
pub struct Case {
    pub profile: RiskProfile,
    mid: u128,
    low: u128,
    high: u128,
    stable: u64,
    confidence: u64,
    terms: Vec<Term>,
    legs: Vec<Leg>,
    volatilities: Vec<u64>,
    ceilings: Vec<u64>,
    cash: i128,
    base: u128,
    linear: Linear,
}

impl Case {
    pub fn market(&self) -> MarketData<'_> {
        MarketData {
            now: NOW,
            mid: self.mid,
            low: self.low,
            high: self.high,
            stable: self.stable,
            confidence: self.confidence,
            terms: &self.terms,
        }
    }

    pub fn portfolio(&self) -> Portfolio<'_> {
        Portfolio {
            legs: &self.legs,
            volatilities: &self.volatilities,
            ceilings: &self.ceilings,
            cash: self.cash,
            base: self.base,
            linear: self.linear,
        }
    }

    /// Everything at the larger of strike and highest price, added up, WAD quote units.
    pub fn gross(&self) -> u128 {
        let RiskProfile::ScenarioReprice(profile) = &self.profile else {
            return 0;
        };
        let farthest = profile.scenarios.as_slice().iter().map(|s| s.spot).max();
        let farthest = u128::from(farthest.unwrap_or(ONE).max(profile.basis.up));
        let of = |contracts: u128, price: u128| {
            // Doubles would do, but for their sum.
            (contracts as f64 * price as f64 / 1e18) as u128
        };
        let highest = |price: u128| of(price, farthest);
        let legs = self.legs.iter().map(|leg| {
            let term = self.terms.iter().find(|term| term.expiry == leg.expiry);
            let forward = term.map_or(self.mid, |term| term.forward).max(self.mid);
            let forward = (forward as f64 * (self.high as f64 / self.mid as f64)) as u128;
            let strike = u128::from(leg.strike) * 10_000_000_000;
            of(leg.contracts.unsigned_abs(), highest(forward).max(strike))
        });
        legs.sum::<u128>()
            + of(self.base, highest(self.high))
            + of(
                self.linear.contracts.unsigned_abs(),
                highest(self.high.max(self.linear.price)),
            )
    }
}

/// Sebastiano Vigna's splitmix64.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(
            seed.wrapping_mul(0xd1b5_4a32_d192_ed03)
                .wrapping_add(0x5eed),
        )
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn between(&mut self, first: u64, last: u64) -> u64 {
        first + self.below(last - first + 1)
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize]
    }

    fn count(&mut self) -> u64 {
        match self.below(8) {
            0..=3 => self.between(1, 5),
            4..=6 => self.between(1, 16),
            _ => self.between(1, 128),
        }
    }

    pub fn case(&mut self) -> Case {
        let profile = self.profile();
        let mid = match self.below(4) {
            0 => u128::from(self.next()) % (100_000 * WAD) + WAD / 1_000,
            _ => {
                u128::from(self.between(500_000, 5_000_000)) * WAD / 1_000
                    + u128::from(self.below(1_000))
            }
        };
        let (below, above) = (self.below(800), self.below(800));
        let band = |share: u64| mid * u128::from(share) / 10_000;
        let (low, high) = match self.below(3) {
            0 => (mid, mid),
            1 => (mid - band(below), mid + band(above)),
            _ => (mid - band(below), mid),
        };
        let mut terms: Vec<Term> = vec![];
        for _ in 0..self.between(1, 6) {
            let seconds = match self.below(8) {
                0 => self.below(1_800) + 1,
                1 => self.below(DAY) + 1,
                2 | 3 => self.below(40 * DAY) + 1,
                4 => self.pick(&[0, 1, DAY, 30 * DAY, 30 * DAY + 1, 7 * DAY]),
                _ => self.below(730 * DAY) + 1,
            };
            let expiry = (NOW + seconds) as u32;
            if terms.iter().any(|term| term.expiry == expiry) {
                continue;
            }
            let forward = mid * u128::from(self.between(9_000, 11_000)) / 10_000;
            let fixed = match self.below(6) {
                0 => forward / 100 * u128::from(self.below(101)),
                _ => 0,
            };
            terms.push(Term {
                expiry,
                forward,
                fixed,
                rate: self.pick(&[0, 0, 1, -1]) * self.below(ONE / 8) as i64,
                confidence: self.confidence(),
            });
        }
        let mut legs = vec![];
        let mut volatilities = vec![];
        for _ in 0..self.count() {
            let term = self.pick(&terms);
            let strike = match self.below(10) {
                0 => mid / 1_000 * u128::from(self.between(1, 50_000)),
                1 => term.forward,
                _ => mid / 1_000 * u128::from(self.between(400, 2_200)),
            };
            let size = match self.below(4) {
                0 => i128::from(self.below(1 << 40)),
                1 => i128::from(self.between(1, 1_000)) * WAD as i128,
                _ => i128::from(self.between(1, 10_000)) * WAD as i128 / 1_000,
            };
            legs.push(Leg {
                expiry: term.expiry,
                strike: ((strike / 10_000_000_000) as u64).max(1),
                kind: self.pick(&[OptionKind::Call, OptionKind::Put]),
                contracts: if self.one_in(2) { size } else { -size },
            });
            volatilities.push(self.between(ONE / 100, 3 * ONE));
        }
        let ceilings = if self.one_in(4) {
            volatilities
                .iter()
                .map(|v| self.between(v / 2, v * 2))
                .collect()
        } else {
            vec![]
        };
        // A band says nothing of the price of delta-one contracts.
        let linear = if low == mid && mid == high && self.one_in(3) {
            Linear {
                contracts: i128::from(self.between(1, 100_000)) * WAD as i128 / 1_000
                    * i128::from(self.pick(&[1_i64, -1])),
                price: self.pick(&[0, mid + mid / 200]),
                confidence: self.confidence(),
            }
        } else {
            Linear::NONE
        };
        Case {
            profile,
            mid,
            low,
            high,
            stable: self.pick(&[ONE, ONE, ONE / 100 * 97, ONE / 2]),
            confidence: self.confidence(),
            terms,
            legs,
            volatilities,
            ceilings,
            cash: i128::from(self.next() as i64),
            base: self.pick(&[0, 0, 1]) * u128::from(self.between(1, 100_000)) * WAD / 1_000,
            linear,
        }
    }

    fn confidence(&mut self) -> u64 {
        match self.below(3) {
            0 => self.below(ONE),
            _ => ONE,
        }
    }

    /// A built-in profile as it is, or with everything about it changed.
    pub fn profile(&mut self) -> RiskProfile {
        let built_in = self.pick(&[NOVATION_DEFAULT, PMRM, DERIBIT_STYLE]);
        if self.one_in(2) {
            return built_in;
        }
        let RiskProfile::ScenarioReprice(mut profile) = built_in else {
            panic!("a scenario profile");
        };
        self.change(&mut profile);
        let changed = RiskProfile::ScenarioReprice(profile);
        changed.validate().expect("within bounds");
        changed
    }

    fn change(&mut self, profile: &mut ScenarioProfile) {
        let moves = [
            VolatilityMove::Unchanged,
            VolatilityMove::Up,
            VolatilityMove::Down,
            VolatilityMove::LinearSkew,
            VolatilityMove::AbsoluteSkew,
        ];
        let scenarios: Vec<Scenario> = (0..self.between(1, 40))
            .map(|index| {
                // No more than eight skews.
                let volatility = self.pick(if index < 8 { &moves } else { &moves[..3] });
                Scenario {
                    spot: match volatility {
                        VolatilityMove::LinearSkew | VolatilityMove::AbsoluteSkew
                            if self.one_in(2) =>
                        {
                            ONE
                        }
                        _ => self.between(ONE / 4, 4 * ONE),
                    },
                    volatility,
                    damping: self.pick(&[ONE, ONE / 7, ONE / 3]),
                }
            })
            .collect();
        profile.scenarios = Scenarios::new(&scenarios).expect("not too many");
        let shocks = &mut profile.volatility;
        shocks.up = self.below(ONE);
        shocks.down = self.below(ONE / 2);
        shocks.short_power = self.below(ONE / 2);
        shocks.long_power = self.below(ONE / 2);
        shocks.floor = self.pick(&[0, ONE / 2]);
        shocks.shortest = self.pick(&[DAY, 3_600, 10 * DAY]);
        let skew = &mut profile.skew;
        skew.linear_base = -(self.below(PICO / 10) as i64);
        skew.linear_cap = self.between(ONE / 5, ONE / 2);
        skew.absolute_base = -(self.below(PICO / 10) as i64);
        skew.absolute_cap = self.between(ONE / 5, ONE / 2);
        skew.least_width = self.between(ONE / 200, ONE / 10);
        skew.width = self.between(1, 5) * ONE;
        skew.level = self.between(ONE / 4, ONE);
        skew.slope = self.pick(&[0, 1, -1]) * (self.below(PICO / 20) as i64);
        skew.counting = self.pick(&[SkewCounting::Magnitude, SkewCounting::BothWays]);
        let discounts = &mut profile.discounts;
        discounts.owned.base = self.pick(&[ONE, ONE / 100 * 95]);
        discounts.owned.add = self.below(ONE / 4);
        discounts.owned.multiple = self.below(4) * ONE;
        discounts.owed.base = self.pick(&[ONE, ONE / 100 * 105]);
        discounts.owed.add = self.below(ONE / 4);
        discounts.owed.multiple = self.below(4) * ONE;
        discounts.at_market_rate = self.one_in(2);
        discounts.owed_at_most_undiscounted = discounts.at_market_rate && self.one_in(2);
        let basis = &mut profile.basis;
        basis.up = self.between(ONE, ONE / 10 * 11);
        basis.down = self.between(ONE / 10 * 9, ONE);
        basis.share = self.below(PICO);
        basis.share_per_year = self.below(2 * PICO);
        basis.most = self.pick(&[PICO, u64::MAX]);
        basis.rule = self.pick(&[BasisRule::Together, BasisRule::Apart]);
        let rules = &mut profile.contingencies;
        for charge in [&mut rules.naked_short, &mut rules.base, &mut rules.linear] {
            charge.both = self.below(ONE / 20);
            charge.initial = self.below(ONE / 20);
        }
        rules.naked_rule = self.pick(&[NakedShortRule::PerStrike, NakedShortRule::PerKind]);
        rules.factored = self.one_in(2);
        rules.confidence_threshold = self.below(ONE);
        rules.confidence_factor = self.below(ONE);
        rules.peg_threshold = self.pick(&[0, ONE / 100 * 99]);
        rules.peg_factor = self.below(4 * ONE);
        rules.doubt_rule = self.pick(&[DoubtRule::Published, DoubtRule::NakedShorts]);
        profile.initial_factor = self.between(ONE, 2 * ONE);
        profile.maintenance_factor = self.between(ONE / 2, ONE);
    }
}
