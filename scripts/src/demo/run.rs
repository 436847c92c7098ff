//! The crash, step by step: prices to the venues, volatility to the surface, the keeper's pass, the record.

use std::collections::BTreeSet;

use alloy::primitives::U256;
use anyhow::bail;

use super::observe::Observations;
use super::replay::{Quote, Replay};
use super::stage::{self, Stage, wad};
use super::volatility_feed::VolatilityFeed;
use crate::keeper::{Action, Keeper, Settings};
use crate::lifecycle::BidResult;
use crate::progress::Progress;

/// A venue prints when its price moved by this share, in 1/10,000 …
const DEVIATION_BPS: u64 = 5;
/// … or when its last print is this old, seconds.
const HEARTBEAT: u64 = 300;
/// Volatility is published when it moved by this share or is this old (seconds).
const VOLATILITY_MOVE: f64 = 0.01;
const VOLATILITY_AGE: u64 = 1_800;
/// Samples are taken every minute in this window before an expiry, seconds.
const SAMPLING: u64 = 1_800;
/// While the market falls an hourly bar is too coarse for auctions: the keeper passes at least this often, seconds.
const PASS: u64 = 300;
/// Accounts the keeper compares with the chain in every pass.
const COMPARED: usize = 3;

/// What came of the replay.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// What the keeper did, with the time of the pass.
    pub actions: Vec<(u64, Action)>,
    /// Passes made.
    pub passes: usize,
}

/// One winning bid.
#[derive(Clone, Debug)]
pub struct Liquidation {
    /// Unix seconds.
    pub at: u64,
    /// Who was liquidated.
    pub account: U256,
    /// On what terms.
    pub result: BidResult,
}

impl Outcome {
    /// All winning bids.
    pub fn liquidations(&self) -> Vec<Liquidation> {
        let bids = self.actions.iter().filter_map(|(at, action)| match action {
            Action::BidMade {
                account, result, ..
            } => Some(Liquidation {
                at: *at,
                account: *account,
                result: *result,
            }),
            _ => None,
        });
        bids.collect()
    }

    /// Accounts whose auction was opened.
    pub fn auctioned(&self) -> BTreeSet<U256> {
        let started = self.actions.iter().filter_map(|(_, action)| match action {
            Action::AuctionStarted { account, .. } => Some(*account),
            _ => None,
        });
        started.collect()
    }

    /// What went wrong.
    pub fn troubles(&self) -> Troubles {
        let mut troubles = Troubles::default();
        for (_, action) in &self.actions {
            let kind = match action {
                Action::MarginMismatch { .. } => &mut troubles.mismatches,
                Action::Failed { .. } => &mut troubles.failures,
                Action::RaceLost { .. } => &mut troubles.races,
                _ => continue,
            };
            kind.push(action.to_string());
        }
        troubles
    }
}

/// What went wrong, in words.
#[derive(Clone, Debug, Default)]
pub struct Troubles {
    /// Margins that differed between chain and keeper.
    pub mismatches: Vec<String>,
    /// Failures of the keeper.
    pub failures: Vec<String>,
    /// Transactions refused in their block that had passed their trial; no failures, the next pass tries again.
    pub races: Vec<String>,
}

/// What the venues last printed on chain.
struct Tape {
    /// Price and time of the last print.
    printed: Vec<(u64, u64)>,
    /// Price and time of the last quote; a venue without quotes is dark and prints no heartbeat.
    quoted: Vec<(u64, u64)>,
    /// How long a venue's quote stands for its price: its bar.
    lifetime: Vec<u64>,
}

impl Tape {
    fn new(replay: &Replay) -> Self {
        let opening: Vec<_> = replay
            .opening_prices()
            .into_iter()
            .map(|price| (price, replay.start()))
            .collect();
        // A bar's quotes are at most half an interval apart, so an interval without one is an outage.
        let lifetime = replay
            .venues
            .iter()
            .map(|venue| venue.interval.max(HEARTBEAT))
            .collect();
        Self {
            printed: opening.clone(),
            quoted: opening,
            lifetime,
        }
    }

    fn quote(&mut self, quote: &Quote) {
        self.quoted[quote.venue] = (quote.price, quote.at);
    }

    /// Prints what has moved or grown old. Returns nothing new for dark venues.
    async fn print(&mut self, stage: &Stage, now: u64) -> anyhow::Result<()> {
        for venue in 0..self.printed.len() {
            let (price, at) = self.quoted[venue];
            let (before, printed_at) = self.printed[venue];
            let moved = price.abs_diff(before).saturating_mul(10_000)
                >= before.saturating_mul(DEVIATION_BPS);
            let alive = now.saturating_sub(at) <= self.lifetime[venue];
            if alive && (moved || now.saturating_sub(printed_at) >= HEARTBEAT) {
                stage
                    .protocol
                    .set_venue_price(&stage.owner, stage.venues[venue], wad(price))
                    .await?;
                self.printed[venue] = (price, now);
            }
        }
        Ok(())
    }
}

/// The times of all passes: quotes, a pass every five minutes, every minute of the sampling windows, and after the far expiry.
fn schedule(replay: &Replay, expiries: [u32; 2]) -> Vec<u64> {
    let last = u64::from(expiries[1]);
    let mut times: BTreeSet<u64> = replay
        .quotes
        .iter()
        .map(|quote| quote.at)
        .filter(|&at| at > replay.start() && at < last)
        .collect();
    times.extend(
        (replay.start()..last)
            .step_by(usize::try_from(PASS).unwrap_or(300))
            .skip(1),
    );
    for expiry in expiries.map(u64::from) {
        times.extend((expiry - SAMPLING..expiry).step_by(60).map(|at| at + 5));
        times.insert(expiry + 1);
    }
    times
        .into_iter()
        .filter(|&at| at > replay.start())
        .collect()
}

/// A keeper of the demo, bidding as the liquidator.
pub fn keeper(stage: &Stage, from_block: u64) -> Keeper {
    let settings = Settings {
        bidder: Some(stage.liquidator.account),
        from_block,
        compared: COMPARED,
    };
    Keeper::new(
        stage.protocol.clone(),
        stage.liquidator.signer.clone(),
        settings,
    )
}

/// Replays the market to the far expiry.
pub async fn crash(
    stage: &Stage,
    replay: &Replay,
    from_block: u64,
    observations: &mut Observations,
    progress: &Progress,
) -> anyhow::Result<Outcome> {
    let times = schedule(replay, stage.expiries);
    let bar = progress.bar(times.len() as u64, format!("replaying {}", replay.title));
    let mut outcome = Outcome::default();
    let mut keeper = keeper(stage, from_block);
    let mut tape = Tape::new(replay);
    let mut surface = Surface::default();
    let mut next = 0;
    for now in times {
        stage.protocol.chain().set_time(now).await?;
        while let Some(quote) = replay.quotes.get(next).filter(|quote| quote.at <= now) {
            tape.quote(quote);
            observations.venues[quote.venue].push((quote.at, quote.price as f64 / 1e8));
            next += 1;
        }
        tape.print(stage, now).await?;
        surface.follow(stage, now, observations).await?;
        let actions = keeper.step().await;
        outcome.passes += 1;
        outcome
            .actions
            .extend(actions.into_iter().map(|action| (now, action)));
        // A median lost for the moment is the market's state, not the demo's end: nothing is observed then, and nobody is liquidated.
        if let Ok(market) = stage.market().await {
            observations.record(stage, &market).await?;
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    finish(stage, &mut keeper, &mut outcome).await?;
    Ok(outcome)
}

/// After the last expiry: passes until everything is settled and claimed.
async fn finish(stage: &Stage, keeper: &mut Keeper, outcome: &mut Outcome) -> anyhow::Result<()> {
    let mut now = u64::from(stage.expiries[1]) + 1;
    for _ in 0..8 {
        now += 60;
        stage.protocol.chain().set_time(now).await?;
        let actions = keeper.step().await;
        outcome.passes += 1;
        let idle = actions.is_empty();
        outcome
            .actions
            .extend(actions.into_iter().map(|action| (now, action)));
        if idle {
            return Ok(());
        }
    }
    bail!("the keeper still finds work 8 passes after the last expiry");
}

/// The published surface, kept fresh.
#[derive(Default)]
struct Surface {
    feed: VolatilityFeed,
    published: Vec<f64>,
    at: u64,
}

impl Surface {
    async fn follow(
        &mut self,
        stage: &Stage,
        now: u64,
        observations: &mut Observations,
    ) -> anyhow::Result<()> {
        let Ok(spot) = stage.protocol.spot(stage.facts.feed).await else {
            return Ok(());
        };
        self.feed.observe(now, f64::from(spot.mid) / 1e18);
        let wanted = stage.expiries.map(|expiry| {
            self.feed
                .volatility(u64::from(expiry).saturating_sub(now).max(3_600))
        });
        let moved = self.published.len() < wanted.len()
            || wanted
                .iter()
                .zip(&self.published)
                .any(|(new, old)| (new / old - 1.0).abs() > VOLATILITY_MOVE);
        if moved || now.saturating_sub(self.at) >= VOLATILITY_AGE {
            let (protocol, owner) = (&stage.protocol, &stage.owner);
            let feed = stage.facts.feed;
            self.published =
                stage::publish(protocol, owner, feed, &self.feed, &stage.expiries, now).await?;
            self.at = now;
        }
        let lines = observations.volatility.iter_mut().zip(stage.expiries);
        for ((line, expiry), value) in lines.zip(&self.published) {
            if now < u64::from(expiry) {
                line.push((now, 100.0 * value));
            }
        }
        Ok(())
    }
}

/// The counter-case: one venue prints 35 % below the others for 90 minutes. Returns the auctions opened (none, or the product is broken) and how
/// far the median moved at most, as a share. The chain is put back afterwards.
pub async fn lying_venue(
    stage: &Stage,
    replay: &Replay,
    from_block: u64,
) -> anyhow::Result<(usize, f64)> {
    let chain = stage.protocol.chain();
    let snapshot = chain.snapshot().await?;
    let mut keeper = keeper(stage, from_block);
    let opening = replay.opening_prices();
    let before = f64::from(stage.protocol.spot(stage.facts.feed).await?.mid);
    let start = chain.time().await?;
    let mut opened = 0;
    let mut moved: f64 = 0.0;
    for minute in (0..=90).step_by(5) {
        chain.set_time(start + 60 * minute + 1).await?;
        for (venue, (&source, &price)) in stage.venues.iter().zip(&opening).enumerate() {
            let price = if venue == 0 { price / 100 * 65 } else { price };
            stage
                .protocol
                .set_venue_price(&stage.owner, source, wad(price))
                .await?;
        }
        let actions = keeper.step().await;
        opened += actions
            .iter()
            .filter(|action| {
                matches!(
                    action,
                    Action::AuctionStarted { .. } | Action::BidMade { .. }
                )
            })
            .count();
        if let Some(failure) = actions
            .iter()
            .find(|action| matches!(action, Action::Failed { .. }))
        {
            bail!("counter-case: {failure}");
        }
        let mid = f64::from(stage.protocol.spot(stage.facts.feed).await?.mid);
        moved = moved.max((mid / before - 1.0).abs());
    }
    chain.go_back(snapshot).await?;
    Ok((opened, moved))
}

/// Everyone takes out everything. Returns what stayed behind and why.
pub async fn withdraw_everything(stage: &Stage) -> anyhow::Result<Vec<String>> {
    let mut left = Vec::new();
    for actor in stage.everyone() {
        let state = stage.protocol.account_state(actor.account).await?;
        for (asset, amount) in [(stage.cash, state.cash), (stage.base, state.base)] {
            if amount.is_zero() {
                continue;
            }
            let to = actor.signer.address();
            let sent = stage
                .protocol
                .withdraw(&actor.signer, actor.account, asset, amount, to)
                .await;
            if let Err(error) = sent {
                left.push(format!("{}: {error}", actor.name));
            }
        }
        if !state.legs.is_empty() {
            left.push(format!(
                "{}: {} legs were never settled",
                actor.name,
                state.legs.len()
            ));
        }
    }
    Ok(left)
}

#[cfg(test)]
mod tests {
    use super::super::builtin_crash::crash;
    use super::*;

    #[test]
    fn the_schedule_rises_and_samples_every_minute_before_each_expiry() {
        let replay = crash(1);
        let expiries = stage::expiries(&replay).unwrap();
        let times = schedule(&replay, expiries);
        assert!(times.windows(2).all(|pair| pair[0] < pair[1]));
        for expiry in expiries.map(u64::from) {
            let sampled = times
                .iter()
                .filter(|&&at| at >= expiry - SAMPLING && at < expiry);
            assert!(sampled.count() >= 30);
            assert!(times.contains(&(expiry + 1)));
        }
    }
}
