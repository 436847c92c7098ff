//! Who would be liquidated at a price: a thousand levels of cash behind each of a few portfolios.

use clearing_math::leg::{Leg, OptionKind};
use clearing_math::margin::{
    Linear, MarginError, MarketData, NOVATION_DEFAULT, Portfolio, Requirement, Term, margin,
};

/// One, WAD.
const WAD: u128 = clearing_math::WAD;
/// WAD of one unit of a strike, 1e-8.
const WAD_PER_STRIKE: u128 = 10_000_000_000;
/// Days to the expiry after the last bar.
const DAYS: u64 = 14;
/// Levels of cash behind each portfolio.
pub(super) const LEVELS: u128 = 1_000;
/// The highest level, in requirements of the opening.
const MOST_CASH: u128 = 4;

/// A portfolio without cash.
#[derive(Clone, Debug)]
pub(super) struct Structure {
    /// Name in reports.
    pub name: &'static str,
    legs: Vec<Leg>,
    /// Cash of one level, WAD.
    step: u128,
    /// The lowest maintenance balance so far, without cash, WAD: by what the adapter says, and by what the honest venues say.
    lowest: [i128; 2],
    /// By how much more initial margin was asked for because of what pools settle in, as a share of what is asked for at par.
    for_peg: f64,
    /// Whether maintenance margin ever followed what pools settle in: it must not.
    peg_moved_maintenance: bool,
}

/// What is known of the market at a step, besides the price.
#[derive(Clone, Copy, Debug)]
pub(super) struct Conditions {
    /// Unix seconds.
    pub now: u64,
    /// Volatility, WAD.
    pub volatility: u64,
    /// What pools settle in, WAD.
    pub stable: u64,
}

impl Conditions {
    /// With what pools settle in at par.
    pub(super) const fn at_par(self) -> Self {
        Self {
            stable: WAD as u64,
            ..self
        }
    }
}

/// Name, and per leg: kind, strike in percent of the opening, contracts.
type Shape = (&'static str, &'static [(OptionKind, u64, i128)]);

const SHAPES: [Shape; 6] = [
    ("short put at the money", &[(OptionKind::Put, 100, -1)]),
    ("short put 20 % below", &[(OptionKind::Put, 80, -1)]),
    ("short call at the money", &[(OptionKind::Call, 100, -1)]),
    ("short call 20 % above", &[(OptionKind::Call, 120, -1)]),
    (
        "short strangle",
        &[(OptionKind::Put, 85, -1), (OptionKind::Call, 115, -1)],
    ),
    (
        "long call spread sold against a put",
        &[
            (OptionKind::Call, 100, 1),
            (OptionKind::Call, 115, -1),
            (OptionKind::Put, 90, -2),
        ],
    ),
];

/// Portfolios opened at `spot` (WAD), expiring two weeks after `end`.
pub(super) fn open(
    spot: u128,
    end: u64,
    conditions: Conditions,
) -> Result<Vec<Structure>, MarginError> {
    let expiry = u32::try_from(end + DAYS * 86_400).unwrap_or(u32::MAX);
    let of_shape = |&(name, shape): &Shape| {
        let leg = |&(kind, percent, contracts): &(OptionKind, u64, i128)| {
            let strike = spot / WAD_PER_STRIKE * u128::from(percent) / 100;
            Leg {
                expiry,
                strike: u64::try_from(strike).unwrap_or(u64::MAX),
                kind,
                contracts: contracts * WAD as i128,
            }
        };
        let mut structure = Structure {
            name,
            legs: shape.iter().map(leg).collect(),
            step: 1,
            lowest: [i128::MAX; 2],
            for_peg: 0.0,
            peg_moved_maintenance: false,
        };
        let needed = structure
            .balances(spot, conditions.at_par())?
            .maintenance
            .min(0)
            .unsigned_abs();
        structure.step = (needed * MOST_CASH / LEVELS).max(1);
        Ok(structure)
    };
    SHAPES.iter().map(of_shape).collect()
}

impl Structure {
    /// Balances without cash, WAD.
    fn balances(&self, spot: u128, conditions: Conditions) -> Result<Requirement, MarginError> {
        let Conditions {
            now,
            volatility,
            stable,
        } = conditions;
        let term = Term {
            expiry: self.legs.first().map_or(0, |leg| leg.expiry),
            forward: spot,
            fixed: 0,
            rate: 0,
            confidence: WAD as u64,
        };
        let market = MarketData {
            now,
            mid: spot,
            low: spot,
            high: spot,
            stable,
            confidence: WAD as u64,
            terms: &[term],
        };
        let portfolio = Portfolio {
            legs: &self.legs,
            volatilities: &vec![volatility; self.legs.len()],
            ceilings: &[],
            cash: 0,
            base: 0,
            linear: Linear::NONE,
        };
        margin(&NOVATION_DEFAULT, &market, &portfolio)
    }

    /// A step: at what the adapter accepts, where nobody is sold while it is a price held back, and at the prices that are medians of the honest venues. The
    /// latter at par: what pools settle in is no reason to liquidate anyone.
    pub(super) fn step(
        &mut self,
        accepted: u128,
        is_held: bool,
        honest: &[u128],
        conditions: Conditions,
    ) -> Result<(), MarginError> {
        let at_par = conditions.at_par();
        let par = self.balances(accepted, at_par)?;
        let seen = match conditions.stable == at_par.stable {
            true => par,
            false => self.balances(accepted, conditions)?,
        };
        if !is_held {
            self.lowest[0] = self.lowest[0].min(seen.maintenance);
        }
        let more = par.initial.saturating_sub(seen.initial) as f64;
        self.for_peg = self
            .for_peg
            .max(more / par.initial.unsigned_abs().max(1) as f64);
        self.peg_moved_maintenance |= seen.maintenance != par.maintenance;
        for &price in honest {
            let balance = match price == accepted {
                true => par.maintenance,
                false => self.balances(price, at_par)?.maintenance,
            };
            self.lowest[1] = self.lowest[1].min(balance);
        }
        Ok(())
    }

    /// By how much more initial margin was asked for because of what pools settle in, as a share; and whether maintenance margin followed.
    pub(super) const fn peg(&self) -> (f64, bool) {
        (self.for_peg, self.peg_moved_maintenance)
    }

    /// Of the thousand accounts, how many were liquidated: by the adapter's price, and by the honest venues'.
    pub(super) fn liquidated(&self) -> [u128; 2] {
        // An account with c cash is liquidated when the balance without cash was below −c.
        self.lowest.map(|lowest| {
            let needed = lowest.min(0).unsigned_abs();
            needed.div_ceil(self.step).min(LEVELS)
        })
    }

    /// By how much more the adapter's price asked for than any honest one, in shares of what an honest one asked for.
    pub(super) fn excess(&self) -> f64 {
        let [adapter, honest] = self.lowest.map(|lowest| -(lowest as f64));
        ((adapter - honest) / honest).max(0.0)
    }
}
