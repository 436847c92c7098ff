//! Random portfolios and markets.
#![allow(dead_code, reason = "each test binary uses a part")]

use clearing_math::{
    leg::{Leg, OptionKind},
    margin::{
        Linear, MarginError, MarketData, NOVATION_DEFAULT, Portfolio, Requirement, RiskProfile,
        ScenarioProfile, Term, margin,
    },
    percentage_margin::Percentages,
};
use proptest::prelude::*;

pub const NOW: u64 = 1_800_000_000;
pub const UNIT: i128 = 1_000_000_000_000_000_000;
pub const ONE: u64 = UNIT as u64;

/// Expiries from already passed to two years, and a volatility for each.
pub const EXPIRIES: [(u32, u64); 6] = [
    (1_799_999_000, 500_000_000_000_000_000),
    (1_800_000_600, 900_000_000_000_000_000),
    (1_800_086_400, 750_000_000_000_000_000),
    (1_800_604_800, 600_000_000_000_000_000),
    (1_802_592_000, 555_000_000_000_000_000),
    (1_863_072_000, 480_000_000_000_000_000),
];

/// The default profile's numbers.
pub fn default_profile() -> ScenarioProfile {
    scenarios_of(&NOVATION_DEFAULT)
}

pub fn scenarios_of(profile: &RiskProfile) -> ScenarioProfile {
    match profile {
        RiskProfile::ScenarioReprice(profile) => *profile,
        #[allow(unreachable_patterns, reason = "other models have no scenarios")]
        _ => unreachable!("a scenario profile"),
    }
}

/// A market that owns its terms.
#[derive(Clone, Debug)]
pub struct Scenery {
    pub now: u64,
    pub mid: u128,
    pub low: u128,
    pub high: u128,
    pub stable: u64,
    pub confidence: u64,
    pub terms: Vec<Term>,
    /// Added to an expiry's volatility per e-fold of moneyness, WAD: volatility differs by strike.
    pub smile: u64,
    /// How far ceilings are above volatilities, WAD; zero for none.
    pub doubt: u64,
}

/// What an account holds, with the volatilities of its legs.
#[derive(Clone, Debug)]
pub struct Account {
    pub legs: Vec<Leg>,
    pub volatilities: Vec<u64>,
    pub ceilings: Vec<u64>,
    pub cash: i128,
    pub base: u128,
    pub linear: Linear,
}

impl Scenery {
    /// No band, no rate, no smile, every forward at the spot.
    pub fn calm(mid: u128) -> Self {
        let term = |(expiry, _)| Term {
            expiry,
            forward: mid,
            fixed: 0,
            rate: 0,
            confidence: ONE,
        };
        Self {
            now: NOW,
            mid,
            low: mid,
            high: mid,
            stable: ONE,
            confidence: ONE,
            terms: EXPIRIES.map(term).to_vec(),
            smile: 0,
            doubt: 0,
        }
    }

    pub fn market(&self) -> MarketData<'_> {
        MarketData {
            now: self.now,
            mid: self.mid,
            low: self.low,
            high: self.high,
            stable: self.stable,
            confidence: self.confidence,
            terms: &self.terms,
        }
    }

    /// Volatility of a leg: one per series, whatever else is held. The smile is around a price that does not move.
    pub fn volatility(&self, leg: &Leg) -> u64 {
        let level = EXPIRIES.iter().find(|(of, _)| *of == leg.expiry);
        let level = level.map_or(600_000_000_000_000_000, |(_, volatility)| *volatility);
        let distance = (leg.strike as f64 / 3e11).ln().abs();
        level + (self.smile as f64 * distance) as u64
    }

    pub fn account(&self, legs: &[Leg], cash: i128, base: u128) -> Account {
        let volatilities: Vec<u64> = legs.iter().map(|leg| self.volatility(leg)).collect();
        let ceilings = if self.doubt == 0 {
            vec![]
        } else {
            volatilities.iter().map(|v| v + self.doubt).collect()
        };
        Account {
            legs: legs.to_vec(),
            volatilities,
            ceilings,
            cash,
            base,
            linear: Linear::NONE,
        }
    }

    pub fn require(&self, profile: &RiskProfile, account: &Account) -> Requirement {
        self.ask(profile, account).unwrap()
    }

    pub fn ask(
        &self,
        profile: &RiskProfile,
        account: &Account,
    ) -> Result<Requirement, MarginError> {
        margin(profile, &self.market(), &account.portfolio())
    }
}

impl Account {
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
}

pub fn legs(count: impl Into<prop::collection::SizeRange>) -> impl Strategy<Value = Vec<Leg>> {
    prop::collection::vec(leg(), count)
}

pub fn leg() -> impl Strategy<Value = Leg> {
    let contracts = prop_oneof![-1_000_000..1_000_000_i128, -100..100_i128];
    // Strikes meet, so that calls and puts of one strike do.
    let strike = prop_oneof![4..120_u64, 24..36_u64];
    (
        0..EXPIRIES.len(),
        strike,
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

/// Spot from 600 to 9,000, band up to 5 % each way, forwards within 5 % of it, rates of both signs, every doubt there is.
pub fn scenery() -> impl Strategy<Value = Scenery> {
    // Round numbers too: a step would be there.
    let milli = prop_oneof![
        600_000..9_000_000_u128,
        (6..90_u128).prop_map(|n| n * 100_000)
    ];
    let spot = (milli, 0..500_u128, 0..500_u128);
    let doubts = (
        prop_oneof![Just(ONE), 0..ONE],
        prop_oneof![Just(ONE), ONE / 2..ONE + ONE / 10],
        prop_oneof![Just(0), 0..ONE],
    );
    let term = (
        9_500..10_500_u128,
        prop_oneof![Just(0_i64), -50..100_i64],
        prop_oneof![Just(ONE), 0..ONE],
        prop_oneof![3 => Just(0_u128), 1 => 0..=100_u128],
    );
    let terms = prop::collection::vec(term, EXPIRIES.len());
    let smile = prop_oneof![Just(0), 0..ONE / 2];
    (spot, doubts, terms, smile).prop_map(
        |((milli, below, above), (confidence, stable, doubt), terms, smile)| {
            let mid = milli * UNIT as u128 / 1_000 + 7;
            let terms = EXPIRIES.iter().zip(terms);
            Scenery {
                now: NOW,
                mid,
                low: mid - mid * below / 10_000,
                high: mid + mid * above / 10_000,
                stable,
                confidence,
                terms: terms
                    .map(|(&(expiry, _), (bp, percent, confidence, fixed))| {
                        let forward = mid / 10_000 * bp;
                        Term {
                            expiry,
                            forward,
                            fixed: forward / 100 * fixed,
                            rate: percent * (ONE / 100) as i64,
                            confidence,
                        }
                    })
                    .collect(),
                smile,
                doubt,
            }
        },
    )
}

/// What legs and base could be worth at ten times the spot, WAD: the scale of rounding.
pub fn gross(scenery: &Scenery, legs: &[Leg], base: u128) -> u128 {
    let top = 11 * scenery.high;
    let units = |x: u128| (x / 1_000_000_000).max(1);
    let of = |leg: &Leg| {
        let strike = 3 * u128::from(leg.strike) * 10_000_000_000;
        units(leg.contracts.unsigned_abs()) * units(top.max(strike))
    };
    legs.iter().map(of).sum::<u128>() + units(base) * units(top)
}

/// A random change of every percentage, within bounds.
pub fn percentages() -> impl Strategy<Value = Percentages> {
    prop::array::uniform15(0..=1_000_u64).prop_map(|raw| {
        let share = |of: usize, most: u64| most / 1_000 * raw[of];
        let initial = share(0, ONE);
        let linear_initial = share(9, ONE);
        let unpaired_initial = ONE + share(5, ONE);
        let base_maintenance = share(8, ONE);
        Percentages {
            initial,
            initial_least: initial / 1_000 * raw[1],
            maintenance_call: share(2, ONE / 4),
            maintenance_put: share(3, ONE / 4),
            maintenance_put_of_mark: share(4, ONE / 4),
            unpaired_initial,
            unpaired_maintenance: ONE + (unpaired_initial - ONE) / 1_000 * raw[6],
            base_initial: base_maintenance / 1_000 * raw[7],
            base_maintenance,
            linear_initial,
            linear_maintenance: linear_initial / 1_000 * raw[10],
            confidence_threshold: share(11, ONE),
            confidence_factor: share(12, ONE),
            peg_threshold: share(13, ONE),
            peg_factor: share(14, 2 * ONE),
        }
    })
}
