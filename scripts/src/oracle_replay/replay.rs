//! An event, step by step.

use std::path::Path;

use anyhow::{Context, anyhow};

use super::accounts::{self, Conditions, Structure};
use super::adapter::Adapter;
use super::events::Event;
use super::honest;
use super::listing::{self, Refusal};
use super::prints::{self, Print};
use crate::demo::volatility_feed::VolatilityFeed;

/// One, WAD.
const WAD: u64 = clearing_math::WAD as u64;

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
    /// What pools settle in, in the feed's unit.
    pub stable: f64,
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

/// What became of the settlement asset's peg.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PegOutcome {
    /// Its lowest price, in the feed's unit.
    pub lowest: f64,
    /// Most that initial margin asked for on top, as a share of what it asks for at par.
    pub asked_more: f64,
    /// Whether maintenance margin followed it: it must not.
    pub moved_maintenance: bool,
}

/// What came of an event.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Which.
    pub event: Event,
    /// Why its sources could be no feed. What follows is then what would have happened, had somebody called them one.
    pub refusal: Option<Refusal>,
    /// Steps with a price.
    pub steps: Vec<Step>,
    /// Steps without one (`QuorumLost`): fewer than a majority of sources were valid.
    pub without_quorum: usize,
    /// Steps at which the median was outside of the honest venues' range, taking every minority to be wrong in turn where nobody knows.
    pub outside: usize,
    /// Steps at which a jump was held back.
    pub held: usize,
    /// Largest distance of a source that was wrong, or may have been, from the median, as a share.
    pub furthest: f64,
    /// Largest distance of the median from the honest venues' own median, as a share.
    pub moved: f64,
    /// By portfolio.
    pub liquidated: Vec<Liquidated>,
    /// Where what pools settle in was in doubt.
    pub peg: Option<PegOutcome>,
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
    let prints::Prints { sources, peg } = prints::read(event, data)?;
    let mut times: Vec<u64> = sources.iter().flatten().map(|print| print.at).collect();
    times.sort_unstable();
    times.dedup();
    // From when every source has shown something.
    let start = sources
        .iter()
        .filter_map(|prints| prints.first())
        .map(|print| print.at)
        .max();
    times.retain(|at| Some(*at) >= start);
    let &end = times.last().context("no prints")?;

    let mut tapes: Vec<Tape> = sources.iter().map(|prints| Tape::new(prints)).collect();
    let mut peg_tape = Tape::new(&peg);
    let max_ages = event.sources.iter().map(|source| source.max_age());
    let mut adapter = Adapter::new(max_ages.collect(), event.quorum);
    let mut volatility = VolatilityFeed::default();
    let mut accounts: Option<Accounts> = None;
    let mut outcome = Outcome {
        event: *event,
        refusal: listing::check(event).err(),
        steps: Vec::new(),
        without_quorum: 0,
        outside: 0,
        held: 0,
        furthest: 0.0,
        moved: 0.0,
        liquidated: Vec::new(),
        peg: None,
    };
    for now in times {
        let shown: Vec<Option<Print>> = tapes.iter_mut().map(|tape| tape.at(now)).collect();
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
        let honest = honest::medians(event, &valid);
        outcome.outside += usize::from(honest::is_outside(event, &valid, median));
        let is_held = found.accepted != median;
        outcome.held += usize::from(is_held);
        for source in event.suspects().into_iter().flatten() {
            if let Some(price) = valid[source] {
                outcome.furthest = outcome.furthest.max(distance(price, median));
            }
        }
        let distances = honest.iter().map(|&price| distance(median, price));
        let nearest = distances.min_by(f64::total_cmp);
        outcome.moved = outcome.moved.max(nearest.unwrap_or_default());

        // The publisher of volatility follows the honest venues: here only spot is in doubt.
        let observed = honest.first().copied().unwrap_or(median);
        volatility.observe(now, observed as f64 / 1e18);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let sigma = (volatility.volatility(14 * 86_400) * 1e18) as u64;
        // A source that watches and has nothing to say leaves it at par.
        let stable = peg_tape.at(now).map_or(WAD, |print| stored(print.price));
        let conditions = Conditions {
            now,
            volatility: sigma,
            stable,
        };
        let held = match &mut accounts {
            Some(accounts) => accounts,
            none => none.insert(Accounts::open(event, observed, end, conditions)?),
        };
        held.step((found.accepted, is_held), &honest, &valid, conditions)?;
        outcome.steps.push(Step {
            at: now,
            shown: valid.iter().map(|price| price.map(quote)).collect(),
            median: quote(median),
            accepted: quote(found.accepted),
            stable: quote(stable.into()),
        });
    }
    if let Some(accounts) = accounts {
        outcome.liquidated = accounts.liquidated();
        let steps = outcome.steps.iter().map(|step| step.stable);
        let lowest = steps.min_by(f64::total_cmp).unwrap_or(1.0);
        outcome.peg = event.peg.map(|_| accounts.peg(lowest));
    }
    Ok(outcome)
}

/// Prints, read in order of time.
struct Tape<'a> {
    prints: &'a [Print],
    next: usize,
}

impl<'a> Tape<'a> {
    const fn new(prints: &'a [Print]) -> Self {
        Self { prints, next: 0 }
    }

    /// The last print up to `now`; times must not fall.
    fn at(&mut self, now: u64) -> Option<Print> {
        while self
            .prints
            .get(self.next)
            .is_some_and(|print| print.at <= now)
        {
            self.next += 1;
        }
        self.prints.get(self.next.checked_sub(1)?).copied()
    }
}

/// As a round stores it: 64 bits.
fn stored(price: u128) -> u64 {
    u64::try_from(price).unwrap_or(u64::MAX)
}

fn quote(wad: u128) -> f64 {
    wad as f64 / 1e18
}

fn distance(price: u128, from: u128) -> f64 {
    (price as f64 / from as f64 - 1.0).abs()
}

/// The accounts, as the adapter sees them and as each source alone would.
struct Accounts {
    structures: Vec<Structure>,
    /// By source that may be wrong.
    alone: Vec<(usize, Vec<Structure>)>,
}

impl Accounts {
    fn open(event: &Event, spot: u128, end: u64, conditions: Conditions) -> anyhow::Result<Self> {
        let open = || accounts::open(spot, end, conditions);
        let failed = |error| anyhow!("no margin at the opening: {error:?}");
        let mut sources: Vec<usize> = event.suspects().into_iter().flatten().collect();
        sources.sort_unstable();
        sources.dedup();
        let alone: Result<_, _> = sources
            .into_iter()
            .map(|source| open().map(|opened| (source, opened)))
            .collect();
        Ok(Self {
            structures: open().map_err(failed)?,
            alone: alone.map_err(failed)?,
        })
    }

    fn step(
        &mut self,
        (accepted, is_held): (u128, bool),
        honest: &[u128],
        valid: &[Option<u128>],
        conditions: Conditions,
    ) -> anyhow::Result<()> {
        let failed = |error| anyhow!("no margin at {}: {error:?}", conditions.now);
        for structure in &mut self.structures {
            structure
                .step(accepted, is_held, honest, conditions)
                .map_err(failed)?;
        }
        for (source, structures) in &mut self.alone {
            // A source that is stale is read all the same by whoever reads only it, but it has nothing new to say.
            let Some(price) = valid[*source] else {
                continue;
            };
            for structure in structures {
                let at_par = conditions.at_par();
                structure.step(price, false, &[], at_par).map_err(failed)?;
            }
        }
        Ok(())
    }

    fn peg(&self, lowest: f64) -> PegOutcome {
        let all = || self.structures.iter().map(Structure::peg);
        PegOutcome {
            lowest,
            asked_more: all().map(|(more, _)| more).fold(0.0, f64::max),
            moved_maintenance: all().any(|(_, moved)| moved),
        }
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
