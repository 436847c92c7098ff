//! Spot: the median of the valid sources, and the adverse band around it.
//!
//! The median lies between two honest prices while fewer than half of the valid sources lie; the quorum (a majority of those listed, at least)
//! bounds how few may stand for all. The band says how far the sources next to the median disagree. It carries no such guarantee, and therefore
//! only ever tightens new risk.

use clearing_math::median::{self, Band};
use interfaces::Revert;
use stylus_sdk::prelude::*;

use crate::aggregator::{self, Status};
use crate::feed::Feed;

use crate::listing::MOST_SOURCES;
use crate::{host, refusal};

/// Band width from which the spot counts as uncertain: a fiftieth of the median, 2 %.
const WIDEST_BAND: u128 = 50;

/// A spot price, WAD quote per underlying.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Spot {
    pub(crate) band: Band,
    /// Oldest timestamp among the valid sources, unix seconds.
    pub(crate) updated_at: u64,
    pub(crate) valid: u8,
    pub(crate) sources: u8,
}

impl Spot {
    /// Whether the band is wider than 2 % of the median.
    pub(crate) fn is_uncertain(&self) -> bool {
        let Band { mid, low, high } = self.band;
        // Prices are below 1e36 by listing, so fifty times one fits in u128; saturation would say uncertain.
        high.saturating_sub(low).saturating_mul(WIDEST_BAND) > mid
    }
}

impl Feed {
    /// Reads every source and takes the median of the valid ones.
    ///
    /// Errors: `QuorumLost`, `InsufficientGasForSource`. A source that is invalid is left out, whatever the reason.
    pub(crate) fn spot(&self) -> Result<Spot, Revert> {
        let now = host::now(self.vm());
        let bounds = self.bounds();
        let head = self.head();
        let mut prices = [0_u128; MOST_SOURCES];
        let mut updated_at = u64::MAX;
        let mut valid = 0_u8;
        for source in (0..head.sources).filter_map(|index| self.source(index)) {
            let reading = aggregator::read(self.vm(), &source, bounds, now)?;
            if reading.status == Status::Valid
                && let Some(price) = prices.get_mut(usize::from(valid))
            {
                *price = reading.price;
                updated_at = updated_at.min(reading.updated_at);
                valid = valid.saturating_add(1);
            }
        }
        // The quorum of a listed feed is at least two, so there is a median whenever it is met.
        let enough = prices
            .get_mut(..usize::from(valid))
            .filter(|_| valid >= head.quorum);
        match enough.and_then(median::band) {
            Some(band) => Ok(Spot {
                band,
                updated_at,
                valid,
                sources: head.sources,
            }),
            None => Err(refusal::quorum_lost(valid, head.quorum)),
        }
    }
}
