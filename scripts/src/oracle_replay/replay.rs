//! An event, step by step.

use std::path::Path;

use anyhow::{Context, anyhow};
use clearing_math::median::band;

use super::accounts::{self, Structure};
use super::adapter::Adapter;
use super::events::Event;
use super::prints::{self, Print};
use crate::demo::volatility_feed::VolatilityFeed;

/// Prices of a step, for the chart.
#[derive(Clone, Debug)]
pub struct Step {
    /// Unix seconds.
    pub at: u64,
    /// By source, quote units; none where it is not valid.
    pub shown: Vec<Option<f64>>,
    /// The median.
    pub median: f64,
    /// What margin is computed at.
    pub accepted: f64,
}

/// Portfolios of one kind, and how many of their thousand accounts were liquidated.
#[derive(Clone, Debug)]
pub struct Liquidated {
    /// Portfolio.
    pub name: &'static str,
    /// At the adapter's price.
    pub adapter: u128,
    /// At a median of the honest venues.
    pub honest: u128,
    /// At the price of the worst source alone: what the median protects from.
    pub worst_alone: u128,
    /// By how much more the adapter's price asked for than any honest one, as a share.
    pub excess: f64,
}

/// What came of an event.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Which.
    pub event: Event,
    /// Steps with a price.
    pub steps: Vec<Step>,
    /// Steps without one: fewer than a majority of sources were valid.
    pub without_quorum: usize,
    /// Steps at which the median was outside of the honest venues' range, taking each source to be wrong in turn where nobody knows.
    pub outside: usize,
    /// Steps at which a jump was held back.
    pub held: usize,
    /// Largest distance of a source that was wrong, or may have been, from the median, as a share.
    pub furthest: f64,
    /// Largest distance of the median from the honest venues' own median, as a share.
    pub moved: f64,
    /// By portfolio.
    pub liquidated: Vec<Liquidated>,
}

impl Outcome {
    /// Accounts liquidated that no median of the honest venues would have.
    #[must_use]
    pub fn wrongly_liquidated(&self) -> u128 {
        let more = |kind: &Liquidated| kind.adapter.saturating_sub(kind.honest);
        self.liquidated.iter().map(more).sum()
    }
}

/// Replays an event with the data of a folder.
///
/// # Errors
/// Data that cannot be read, or that no margin exists for.
pub fn run(event: &Event, data: &Path) -> anyhow::Result<Outcome> {
    let prints = prints::read(event, data)?;
    let mut times: Vec<u64> = prints.iter().flatten().map(|print| print.at).collect();
    times.sort_unstable();
    times.dedup();
    // From when every source has shown something.
    let start = prints
        .iter()
        .filter_map(|prints| prints.first())
        .map(|print| print.at)
        .max();
    times.retain(|at| Some(*at) >= start);
    let (&start, &end) = times.first().zip(times.last()).context("no prints")?;

    let mut cursors = vec![0; prints.len()];
    let mut adapter = Adapter::new(
        event
            .sources
            .iter()
            .map(|source| source.max_age())
            .collect(),
    );
    let mut volatility = VolatilityFeed::default();
    let mut accounts: Option<Accounts> = None;
    let mut outcome = Outcome {
        event: *event,
        steps: Vec::new(),
        without_quorum: 0,
        outside: 0,
        held: 0,
        furthest: 0.0,
        moved: 0.0,
        liquidated: Vec::new(),
    };
    for now in times {
        let shown: Vec<Option<Print>> = prints
            .iter()
            .zip(&mut cursors)
            .map(|(prints, cursor)| {
                while prints.get(*cursor).is_some_and(|print| print.at <= now) {
                    *cursor += 1;
                }
                prints.get(cursor.checked_sub(1)?).copied()
            })
            .collect();
        let Some(found) = adapter.evaluate(&shown, now) else {
            outcome.without_quorum += 1;
            continue;
        };
        let valid: Vec<Option<u128>> = shown
            .iter()
            .enumerate()
            .map(|(source, print)| {
                print
                    .filter(|_| adapter.is_valid(source, *print, now))
                    .map(|print| print.price)
            })
            .collect();
        let median = found.band.mid;
        let honest = honest_medians(event, &valid);
        outcome.outside += usize::from(is_outside(event, &valid, median));
        outcome.held += usize::from(found.accepted != median);
        for source in suspects(event).into_iter().flatten() {
            if let Some(price) = valid[source] {
                outcome.furthest = outcome.furthest.max(distance(price, median));
            }
        }
        let nearest = honest
            .iter()
            .map(|&price| distance(median, price))
            .fold(f64::INFINITY, f64::min);
        outcome.moved = outcome
            .moved
            .max(if nearest.is_finite() { nearest } else { 0.0 });

        // The publisher of volatility follows the honest venues: here only spot is in doubt.
        let observed = honest.first().copied().unwrap_or(median);
        volatility.observe(now, observed as f64 / 1e18);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let sigma = (volatility.volatility(14 * 86_400) * 1e18) as u64;
        let held = match &mut accounts {
            Some(accounts) => accounts,
            none => none.insert(Accounts::open(event, observed, start, end, sigma)?),
        };
        held.step(found.accepted, &honest, &valid, now, sigma)?;
        outcome.steps.push(Step {
            at: now,
            shown: valid.iter().map(|price| price.map(quote)).collect(),
            median: quote(median),
            accepted: quote(found.accepted),
        });
    }
    outcome.liquidated = accounts
        .map(|accounts| accounts.liquidated())
        .unwrap_or_default();
    Ok(outcome)
}

fn quote(wad: u128) -> f64 {
    wad as f64 / 1e18
}

fn distance(price: u128, from: u128) -> f64 {
    (price as f64 / from as f64 - 1.0).abs()
}

/// The sources that may be wrong together: those that were, or each alone.
fn suspects(event: &Event) -> Vec<Vec<usize>> {
    if event.wrong.is_empty() {
        return (0..event.sources.len())
            .map(|source| vec![source])
            .collect();
    }
    vec![event.wrong.to_vec()]
}

fn honest_prices(valid: &[Option<u128>], wrong: &[usize]) -> Vec<u128> {
    let prices = valid.iter().enumerate();
    let honest = prices.filter(|(source, _)| !wrong.contains(source));
    honest.filter_map(|(_, price)| *price).collect()
}

/// Whether the median is outside of the range of the honest venues, for any set of suspects.
fn is_outside(event: &Event, valid: &[Option<u128>], median: u128) -> bool {
    suspects(event).iter().any(|wrong| {
        let honest = honest_prices(valid, wrong);
        let (least, most) = (honest.iter().min(), honest.iter().max());
        // With nobody honest left there is no range to be in.
        least
            .zip(most)
            .is_none_or(|(least, most)| !(least..=most).contains(&&median))
    })
}

/// The medians of the honest venues, for every set of suspects: of an even number both middle prices and their mean.
fn honest_medians(event: &Event, valid: &[Option<u128>]) -> Vec<u128> {
    let mut medians: Vec<u128> = suspects(event)
        .iter()
        .flat_map(|wrong| {
            let mut prices = honest_prices(valid, wrong);
            let mid = band(&mut prices).map(|band| band.mid);
            let last = prices.len().saturating_sub(1);
            let middle = [
                prices.get(last / 2).copied(),
                mid,
                prices.get(prices.len() / 2).copied(),
            ];
            middle.into_iter().flatten().collect::<Vec<_>>()
        })
        .collect();
    medians.sort_unstable();
    medians.dedup();
    medians
}

/// The accounts, as the adapter sees them and as each source alone would.
struct Accounts {
    structures: Vec<Structure>,
    /// By source that may be wrong.
    alone: Vec<(usize, Vec<Structure>)>,
}

impl Accounts {
    fn open(event: &Event, spot: u128, start: u64, end: u64, sigma: u64) -> anyhow::Result<Self> {
        let open = || accounts::open(spot, start, end, sigma);
        let failed = |error| anyhow!("no margin at the opening: {error:?}");
        let sources = suspects(event).into_iter().flatten();
        let alone: Result<_, _> = sources
            .map(|source| open().map(|opened| (source, opened)))
            .collect();
        Ok(Self {
            structures: open().map_err(failed)?,
            alone: alone.map_err(failed)?,
        })
    }

    fn step(
        &mut self,
        accepted: u128,
        honest: &[u128],
        valid: &[Option<u128>],
        now: u64,
        sigma: u64,
    ) -> anyhow::Result<()> {
        let failed = |error| anyhow!("no margin at {now}: {error:?}");
        for structure in &mut self.structures {
            structure
                .step(accepted, honest, now, sigma)
                .map_err(failed)?;
        }
        for (source, structures) in &mut self.alone {
            // A source that is stale is read all the same by whoever reads only it, but it has nothing new to say.
            let Some(price) = valid[*source] else {
                continue;
            };
            for structure in structures {
                structure.step(price, &[], now, sigma).map_err(failed)?;
            }
        }
        Ok(())
    }

    fn liquidated(&self) -> Vec<Liquidated> {
        let of = |(index, structure): (usize, &Structure)| {
            let [adapter, honest] = structure.liquidated();
            let alone = self
                .alone
                .iter()
                .map(|(_, structures)| structures[index].liquidated()[0]);
            Liquidated {
                name: structure.name,
                adapter,
                honest,
                worst_alone: alone.max().unwrap_or_default(),
                excess: structure.excess(),
            }
        };
        self.structures.iter().enumerate().map(of).collect()
    }
}
