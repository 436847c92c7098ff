//! What the demo remembers of every step, for the report.

use alloy::primitives::U256;

use super::replay::Replay;
use super::stage::{BASE_DECIMALS, CASH_DECIMALS, Stage};
use crate::client::AccountState;
use crate::native_margin::{self, Market};

/// Series over time, each point (unix seconds, value).
#[derive(Clone, Debug, Default)]
pub struct Observations {
    /// Last print of each venue.
    pub venues: Vec<Vec<(u64, f64)>>,
    /// Median on chain.
    pub median: Vec<(u64, f64)>,
    /// Volatility published for the near and the far expiry, percent.
    pub volatility: [Vec<(u64, f64)>; 2],
    /// Per actor: maintenance balance as a share of what he had at the start, percent.
    pub health: Vec<Vec<(u64, f64)>>,
    /// Insurance of the pool, whole units.
    pub insurance: Vec<(u64, f64)>,
    /// Maintenance requirement of the far-expiry portfolios as they were at the opening, whole units.
    pub requirement: Vec<(u64, f64)>,
    /// Option accounts below their maintenance margin.
    pub accounts_below_maintenance: Vec<(u64, f64)>,
    /// Opening portfolios.
    opening: Vec<AccountState>,
    /// Equity at the opening, whole units.
    opening_equity: Vec<f64>,
}

/// WAD to whole units.
pub fn units(wad: i128) -> f64 {
    wad as f64 / 1e18
}

/// Settlement token units to whole units.
pub fn cash(amount: U256) -> f64 {
    f64::from(amount) / 10_f64.powi(i32::from(CASH_DECIMALS))
}

/// Base token units to whole units.
pub fn base(amount: U256) -> f64 {
    f64::from(amount) / 10_f64.powi(i32::from(BASE_DECIMALS))
}

impl Observations {
    /// Starts observing: reads every option account once.
    pub async fn begin(stage: &Stage, replay: &Replay, market: &Market) -> anyhow::Result<Self> {
        let mut observations = Self {
            venues: vec![Vec::new(); replay.venues.len()],
            health: vec![Vec::new(); stage.actors.len()],
            ..Self::default()
        };
        for actor in &stage.actors {
            let state = stage.protocol.account_state(actor.account).await?;
            let equity = native_margin::requirement(&stage.facts, market, &state)
                .map_or(0.0, |margin| units(margin.mark));
            observations.opening_equity.push(equity.max(1.0));
            observations.opening.push(state);
        }
        Ok(observations)
    }

    /// Whether an actor opened with a short position: the others cannot be liquidated.
    #[must_use]
    pub fn opened_short(&self, actor: usize) -> bool {
        self.opening
            .get(actor)
            .is_some_and(|state| state.legs.iter().any(|leg| leg.contracts < 0))
    }

    /// One step: spot, insurance, and the health of every option account computed natively.
    pub async fn record(&mut self, stage: &Stage, market: &Market) -> anyhow::Result<()> {
        let now = market.now;
        self.median.push((now, market.mid as f64 / 1e18));
        self.insurance.push((
            now,
            cash(stage.protocol.insurance_of(stage.facts.pool).await?),
        ));
        let mut below = 0.0;
        for (index, actor) in stage.actors.iter().enumerate() {
            let state = stage.protocol.account_state(actor.account).await?;
            if let Ok(margin) = native_margin::requirement(&stage.facts, market, &state) {
                let share = 100.0 * units(margin.maintenance) / self.opening_equity[index];
                self.health[index].push((now, share.clamp(-200.0, 200.0)));
                below += f64::from(u8::from(margin.maintenance < 0));
            }
        }
        self.accounts_below_maintenance.push((now, below));
        self.record_requirement(stage, market);
        Ok(())
    }

    /// What the opening portfolios of the far expiry would have to post now: the same positions throughout, so that only the market moves it.
    fn record_requirement(&mut self, stage: &Stage, market: &Market) {
        let total: f64 = self
            .opening
            .iter()
            .filter_map(|state| {
                let mut state = state.clone();
                state.legs.retain(|leg| leg.expiry == stage.expiries[1]);
                if state.legs.is_empty() {
                    return None;
                }
                let margin = native_margin::requirement(&stage.facts, market, &state).ok()?;
                Some(units(margin.mark) - units(margin.maintenance))
            })
            .sum();
        if market.now < u64::from(stage.expiries[1]) {
            self.requirement.push((market.now, total));
        }
    }
}
