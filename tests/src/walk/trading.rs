//! Series and trades.

use alloy::primitives::U256;
use clearing_math::leg::OptionKind;
use novation::client::Terms;
use novation::ids;
use rand::Rng;

use super::{Attempt, Walk};
use crate::invariants::Deed;
use crate::stage::strike;
use crate::{USDC, WAD};

const HOUR: u64 = 3_600;
/// Strikes of a new expiry, percent of the spot.
const STRIKES: [u128; 3] = [85, 100, 115];

impl Walk<'_> {
    /// Lists calls and puts of a new expiry, hours to days ahead.
    pub(super) async fn list_expiry(&mut self, index: usize) -> anyhow::Result<()> {
        let ahead = self.rng.random_range(10 * HOUR..60 * HOUR);
        let expiry = u32::try_from((self.clock + ahead) / HOUR * HOUR)?;
        if self.markets[index].expiries.contains(&expiry) {
            return Ok(());
        }
        let pool = self.markets[index].pool.id;
        let dollars = self.markets[index].price / WAD;
        for percent in STRIKES {
            let level = strike(u64::try_from(dollars * percent / 100)?);
            for kind in [OptionKind::Call, OptionKind::Put] {
                self.tick().await?;
                let (protocol, owner) = (&self.stage.protocol, &self.stage.owner);
                let series = protocol
                    .list_series(owner, pool, expiry, level, kind)
                    .await?
                    .value;
                self.scope.series.push(series);
            }
        }
        self.markets[index].expiries.push(expiry);
        self.refresh(index).await
    }

    /// Two accounts agree; sometimes of two pools, sometimes without the buyer's consent, sometimes on an expired series.
    pub(super) async fn trade(&mut self) -> anyhow::Result<Attempt> {
        let buyer = self.anyone();
        let market = self.people[buyer].market;
        let seller = loop {
            let seller = self.anyone();
            let stranger = self.people[seller].market != market;
            if seller != buyer && (!stranger || self.rng.random_range(0..20) == 0) {
                break seller;
            }
        };
        let Some(series) = self.pick_series(market) else {
            let deed = Deed::default();
            return Ok(Attempt {
                kind: "trade",
                deed,
                done: false,
            });
        };
        let terms = self.terms(buyer, seller, series);
        let agreed = self.rng.random_range(0..25) != 0;
        if agreed {
            self.tick().await?;
            let signer = self.signer(buyer);
            let sent = self
                .stage
                .protocol
                .approve_trade(&signer, terms.buyer, &terms)
                .await;
            if !self.outcome(sent)? {
                return Ok(Attempt {
                    kind: "trade",
                    deed: Deed::default(),
                    done: false,
                });
            }
        }
        self.tick().await?;
        let signer = self.signer(seller);
        let sent = self.stage.protocol.trade(&signer, &terms).await;
        let mut consenting = vec![terms.seller];
        if agreed || self.is_authorized(terms.buyer, signer.address()) {
            consenting.push(terms.buyer);
        }
        let deed = Deed {
            pool: Some(self.stage.pools[market].id),
            consenting,
            ..Deed::default()
        };
        Ok(Attempt {
            kind: "trade",
            deed,
            done: self.outcome(sent)?,
        })
    }

    fn pick_series(&mut self, market: usize) -> Option<U256> {
        let pool = self.stage.pools[market].id;
        let late = self.rng.random_range(0..25) == 0;
        let choice: Vec<U256> = self
            .scope
            .series
            .iter()
            .copied()
            .filter(|id| {
                ids::series(*id).is_ok_and(|series| {
                    series.pool == pool && (late || u64::from(series.expiry) > self.clock + 10)
                })
            })
            .collect();
        if choice.is_empty() {
            return None;
        }
        Some(choice[self.rng.random_range(0..choice.len())])
    }

    /// Sizes up to what a poor account can just carry, and beyond; premiums fair and absurd.
    fn terms(&mut self, buyer: usize, seller: usize, series: U256) -> Terms {
        let price = self.markets[self.people[buyer].market].price;
        let notional = self.rng.random_range(100..120_000_u128);
        let contracts = match self.rng.random_range(0..30) {
            0 => 0,
            1 => self.rng.random_range(1..1_000),
            _ => notional * WAD / (price / WAD),
        };
        let premium = match self.rng.random_range(0..10) {
            0 => 0,
            1 => notional * USDC / 3,
            _ => notional * USDC / self.rng.random_range(15..60),
        };
        Terms {
            buyer: self.people[buyer].account,
            seller: self.people[seller].account,
            series,
            contracts,
            premium: U256::from(premium),
            deadline: self.clock + HOUR,
            nonce: self.stage.next_nonce(),
        }
    }
}
