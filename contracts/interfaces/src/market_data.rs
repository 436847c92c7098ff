//! The oracle adapter's market data on the wire: asked for by a margin call, handed on in what-if calls.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256};
use alloy_sol_types::SolCall;
use stylus_sdk::prelude::*;

use crate::IOracleAdapter::marketDataCall;
use crate::words::{Word, Words, encode};
use crate::{Revert, view_encoded};

const WORD: u128 = 32;
/// Words of the struct before its first list.
const HEAD: u128 = 8;
/// Words of a term.
const TERM: u128 = 6;

/// Prices, terms and smiles at one moment; see `IOracleAdapter.MarketData` for the units.
pub struct MarketData {
    /// Median.
    pub mid: u128,
    /// Lower end of the adverse band.
    pub low: u128,
    /// Upper end of the adverse band.
    pub high: u128,
    /// Price of the settlement asset.
    pub stable: u64,
    /// How sure the sources are.
    pub confidence: u64,
    /// Anything uncertain, one bit a reason.
    pub doubts: u32,
    /// One per expiry.
    pub terms: Vec<Term>,
    /// Those of all terms, one after the other: two words a publisher.
    pub smiles: Vec<[B256; 2]>,
}

/// What the market says of one expiry.
pub struct Term {
    /// Unix seconds.
    pub expiry: u32,
    /// Growth of the forward per year.
    pub carry: i64,
    /// Interest per year.
    pub rate: i64,
    /// How sure the publishers are.
    pub confidence: u64,
    /// What volatility might be where it is not fresh.
    pub volatility_ceiling: u64,
    /// How many of [`MarketData::smiles`] are this term's.
    pub smiles: usize,
}

/// The request for a feed's market data.
fn request(feed: B256, expiries: &[u32]) -> Vec<u8> {
    // The list comes right after the two head words.
    let count = expiries.len() as u128;
    let mut arguments = Vec::with_capacity(expiries.len().saturating_add(3));
    arguments.extend([feed, (2 * WORD).word(), count.word()]);
    arguments.extend(expiries.iter().map(|expiry| expiry.word()));
    encode(&marketDataCall::SELECTOR, &arguments)
}

/// Asks an adapter for a feed's market data and gives them encoded.
///
/// # Errors
/// The adapter's own (`QuorumLost` above all).
pub fn fetch<S>(
    contract: &S,
    adapter: Address,
    feed: B256,
    expiries: &[u32],
) -> Result<Vec<u8>, Revert>
where
    S: TopLevelStorage + HostAccess,
{
    view_encoded(contract, adapter, &request(feed, expiries))
}

impl MarketData {
    /// Reads the answer. Errors: empty revert data when it is not what an encoder gives for the struct, or a term's smiles are not there.
    pub fn decode(encoded: &[u8]) -> Result<Self, Revert> {
        Self::read(encoded).ok_or_else(Revert::empty)
    }

    #[allow(
        clippy::cast_possible_truncation,
        reason = "lists as long as the input at most"
    )]
    fn read(encoded: &[u8]) -> Option<Self> {
        let mut words = Words::new(encoded);
        // A struct behind an offset, its lists last: the one layout an encoder gives.
        let mut canonical = words.u128() == WORD;
        let (mid, low, high) = (words.u128(), words.u128(), words.u128());
        let (stable, confidence) = (words.u64(), words.u64());
        let doubts = words.u32();
        canonical &= words.u128() == HEAD * WORD;
        let smiles_at = words.u128();
        let count = words.at_most(words.left() as u128);
        let list = count.checked_mul(TERM * WORD)?;
        canonical &= smiles_at == list.checked_add((HEAD + 1) * WORD)?;
        let mut terms = Vec::with_capacity(count as usize);
        let mut expected = 0_u128;
        for _ in 0..count {
            let term = Term {
                expiry: words.u32(),
                carry: words.i64(),
                rate: words.i64(),
                confidence: words.u64(),
                volatility_ceiling: words.u64(),
                smiles: words.u32() as usize,
            };
            // Below 2^32 each, of fewer than 2^32.
            expected = expected.wrapping_add(term.smiles as u128);
            terms.push(term);
        }
        let given = words.u128();
        canonical &= given == words.left() as u128 && expected.checked_mul(2) == Some(given);
        let pairs = if canonical { words.left() / 2 } else { 0 };
        let smiles = (0..pairs).map(|_| [words.word(), words.word()]).collect();
        (canonical && words.end().is_ok()).then_some(Self {
            mid,
            low,
            high,
            stable,
            confidence,
            doubts,
            terms,
            smiles,
        })
    }
}
