//! What the margin engine needs, in one call: the spot's round, and the volatility surface's terms for the same expiries.
//!
//! Of a second in which the spot was stored as a round, that round counts, whatever the sources say by then. Smiles are asked for every time: one that is
//! published later in the same second counts from then on.
//!
//! The surface is another contract, asked once, with the very words of the question; its two lists are copied as they lie, not decoded and
//! encoded again. Of what it says only the flag is read here: stale volatility is a doubt among the others.

use alloc::vec::Vec;

use alloy_primitives::B256;
use alloy_sol_types::{SolCall, sol};
use interfaces::words::{Word, Words, encode};
use interfaces::{Revert, view_encoded};

use crate::OracleAdapter;
use crate::spot::doubt;

sol! {
    /// The part of the volatility surface that is asked; `IVolatilitySurface.sol` has the types of its answer.
    interface ISurface {
        function terms(bytes32 feed, uint32[] memory expiries) external view;
    }
}

/// Bytes of the head of the surface's answer (offset of the terms, offset of the smiles, stale), and so the offset of the terms.
const SURFACE_HEAD: u128 = 96;
/// Bytes of the head of ours: six numbers and two offsets.
const HEAD: u128 = 256;

impl OracleAdapter {
    /// The encoded answer to `marketData`. `question`: its arguments as they came.
    ///
    /// Errors: `UnknownFeed`, those of a spot, and those of the surface; empty when its answer is not what it should be.
    pub(crate) fn market_data_encoded(
        &self,
        feed: B256,
        question: &[u8],
    ) -> Result<Vec<u8>, Revert> {
        // A round of this second says what an evaluation would, and that the feed is listed.
        let round = match self.feeds.getter(feed).round_of_now() {
            Some(round) => round,
            None => self.listed(feed)?.evaluation()?.round,
        };

        let mut request = Vec::with_capacity(question.len().saturating_add(4));
        request.extend_from_slice(&ISurface::termsCall::SELECTOR);
        request.extend_from_slice(question);
        let answer = view_encoded(self, self.volatility_surface.get(), &request)?;
        let mut words = Words::new(&answer);
        let (terms, smiles, stale) = (words.u128(), words.u128(), words.bool());
        words.end()?;
        let lists = answer
            .get(SURFACE_HEAD as usize..)
            .filter(|_| terms == SURFACE_HEAD)
            .ok_or_else(Revert::empty)?;

        let mut doubts = round.doubts;
        if stale {
            doubts |= doubt::STALE_VOLATILITY;
        }
        let shift = HEAD.saturating_sub(SURFACE_HEAD);
        let head = [
            32_u32.word(),
            round.mid.word(),
            round.low.word(),
            round.high.word(),
            round.stable.word(),
            round.confidence().word(),
            u32::from(doubts).word(),
            HEAD.word(),
            smiles.saturating_add(shift).word(),
        ];
        let mut encoded = encode(&[], &head);
        encoded.extend_from_slice(lists);
        Ok(encoded)
    }
}
