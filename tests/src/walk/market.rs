//! Prices, volatilities and time.

use std::collections::BTreeSet;

use alloy::primitives::U256;
use novation::bindings::IVolatilitySurface;
use rand::Rng;

use super::{Attempt, Walk};
use crate::invariants::Deed;
use crate::stage::Pool;

const HOUR: u64 = 3_600;

/// One pool's market.
pub(super) struct Market {
    pub(super) pool: Pool,
    /// WAD.
    pub(super) price: u128,
    /// WAD per year.
    pub(super) volatility: u64,
    /// Expiries with series, oldest first.
    pub(super) expiries: Vec<u32>,
}

impl Market {
    pub(super) fn new(pool: Pool) -> Self {
        let price = pool.spot;
        Self {
            pool,
            price,
            volatility: 600_000_000_000_000_000,
            expiries: Vec::new(),
        }
    }

    /// Expiries to come at `now`.
    pub(super) fn live(&self, now: u64) -> Vec<u32> {
        self.expiries
            .iter()
            .copied()
            .filter(|expiry| u64::from(*expiry) > now)
            .collect()
    }
}

impl Walk<'_> {
    /// Every venue prints near the price, and volatilities are published.
    pub(super) async fn refresh(&mut self, market: usize) -> anyhow::Result<()> {
        let venues = self.markets[market].pool.venues.clone();
        for venue in venues {
            let price = self.markets[market].price / 10_000 * self.rng.random_range(9_985..=10_015);
            self.tick().await?;
            let (protocol, owner) = (&self.stage.protocol, &self.stage.owner);
            protocol
                .set_venue_price(owner, venue, U256::from(price))
                .await?;
        }
        let Market {
            volatility,
            ref pool,
            ..
        } = self.markets[market];
        let feed = pool.feed;
        // One volatility for all expiries the surface knows and ours: left at an old one, an expiry may hold more variance than a later one,
        // which the surface refuses.
        let known = IVolatilitySurface::expiriesOfCall { feed, publisher: 0 };
        let protocol = &self.stage.protocol;
        let known = protocol.chain().read(protocol.at().surface, &known).await?;
        let ours = self.markets[market].live(self.clock);
        let expiries: BTreeSet<u32> = known.into_iter().chain(ours).collect();
        let values: Vec<(u32, u64)> = expiries
            .into_iter()
            .filter(|expiry| u64::from(*expiry) > self.clock + 10)
            .map(|expiry| (expiry, volatility))
            .collect();
        if !values.is_empty() {
            self.tick().await?;
            self.stage
                .protocol
                .publish_volatility(&self.stage.owner, feed, &values)
                .await?;
        }
        Ok(())
    }

    /// A few percent either way; one time in five a shock, and volatility with it. One time in twenty a single venue lies.
    pub(super) async fn move_prices(&mut self) -> anyhow::Result<Attempt> {
        let index = self.rng.random_range(0..self.markets.len());
        let shock = self.rng.random_range(0..5) == 0;
        let percent: u128 = if shock {
            if self.rng.random() {
                self.rng.random_range(66..86)
            } else {
                self.rng.random_range(116..146)
            }
        } else {
            self.rng.random_range(96..=104)
        };
        let market = &mut self.markets[index];
        let spot = market.pool.spot;
        market.price = (market.price * percent / 100).clamp(spot / 4, spot * 4);
        market.volatility = if shock {
            1_200_000_000_000_000_000
        } else {
            600_000_000_000_000_000
        };
        self.refresh(index).await?;
        if self.rng.random_range(0..20) == 0 {
            let venue = self.markets[index].pool.venues[0];
            let lie = U256::from(self.markets[index].price / 2);
            self.tick().await?;
            self.stage
                .protocol
                .set_venue_price(&self.stage.owner, venue, lie)
                .await?;
        }
        Ok(Attempt {
            kind: "prices",
            deed: Deed::default(),
            done: true,
        })
    }

    /// Minutes, hours or a day; venues and publisher usually keep up. New series follow the old.
    pub(super) async fn pass_time(&mut self) -> anyhow::Result<Attempt> {
        let seconds = match self.rng.random_range(0..10) {
            0..5 => self.rng.random_range(60..1_800),
            5..9 => self.rng.random_range(HOUR..6 * HOUR),
            _ => self.rng.random_range(12 * HOUR..25 * HOUR),
        };
        // Not past the window of an expiry that nobody sampled yet, most of the time.
        let opens = self
            .markets
            .iter()
            .flat_map(|market| market.live(self.clock))
            .map(|expiry| u64::from(expiry) - 1_800)
            .filter(|opens| *opens > self.clock)
            .min();
        self.clock += match opens {
            Some(opens) if self.rng.random_range(0..10) < 8 => seconds.min(opens - self.clock),
            _ => seconds,
        };
        for market in 0..self.markets.len() {
            if self.markets[market].live(self.clock + 6 * HOUR).len() < 2 {
                self.list_expiry(market).await?;
            }
            if self.rng.random_range(0..10) < 8 {
                self.refresh(market).await?;
            }
        }
        Ok(Attempt {
            kind: "time",
            deed: Deed::default(),
            done: true,
        })
    }
}
