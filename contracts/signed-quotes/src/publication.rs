//! Signed quotes and a smile on their way to the surface.

use alloc::vec::Vec;

use alloy_primitives::B256;
use alloy_sol_types::{SolCall, SolEvent};
use clearing_math::quotes::{OptionQuote, QuotedExpiry, agree};
use interfaces::ISignedQuotes::QuotesPublished;
use interfaces::IVolatilitySurface::publishSurfaceCall;
use interfaces::words::{Word, emit, encode};
use interfaces::{Revert, call_encoded};
use signed_data::{before_deadline, digest, hash_words, not_in_future, struct_hash, type_hash};
use stylus_sdk::prelude::*;

use crate::latest::{Published, Terms};
use crate::{SignedQuotes, refusal};

/// What is signed.
const OPTION_QUOTES: B256 = type_hash(
    "OptionQuotes(bytes32 feed,uint64 observedAt,uint128 spot,bytes32[] expiries,bytes32[] quotes,uint64 deadline)",
);
/// By how much, of 10,000, a smile must be better than one published from the same observation: so that there are at most a hundred of them.
const STEP: u16 = 100;
/// Expiries are 32 bits.
const LAST_EXPIRY: u64 = u32::MAX as u64;

/// What the signers signed, and the smiles, which they did not.
pub(crate) struct Publication {
    /// Unix seconds.
    pub(crate) observed_at: u64,
    /// WAD.
    pub(crate) spot: u128,
    /// Words of [`QuotedExpiry`].
    pub(crate) expiries: Vec<B256>,
    /// Words of [`OptionQuote`].
    pub(crate) quotes: Vec<B256>,
    /// One an expiry; zero leaves it out.
    pub(crate) smiles: Vec<B256>,
    /// Last second in which it may be submitted.
    pub(crate) deadline: u64,
}

/// What goes to the surface.
#[derive(Default)]
struct Accepted {
    smiles: Vec<B256>,
    terms: Vec<B256>,
}

impl SignedQuotes {
    /// Checks, stores, and publishes.
    pub(crate) fn take(
        &mut self,
        publication: &Publication,
        signatures: &[u8],
    ) -> Result<(), Revert> {
        let now = self.vm().block_timestamp();
        before_deadline(publication.deadline, now)?;
        not_in_future(publication.observed_at, now, 0)?;
        let (expiries, smiles) = (publication.expiries.len(), publication.smiles.len());
        if expiries != smiles {
            return Err(refusal::length_mismatch(expiries, smiles));
        }
        if publication.spot == 0 {
            return Err(refusal::parameter_out_of_bounds(0, 1, u64::MAX));
        }
        let struct_hash = struct_hash(
            OPTION_QUOTES,
            &[
                self.feed.get(),
                publication.observed_at.word(),
                publication.spot.word(),
                hash_words(&publication.expiries),
                hash_words(&publication.quotes),
                publication.deadline.word(),
            ],
        );
        let digest = digest(self.domain_separator(), struct_hash);
        self.signers.require(digest, signatures)?;
        let accepted = self.accept(publication, now)?;
        self.send(&accepted)
    }

    /// Holds every smile against its quotes and notes those that agree.
    fn accept(&mut self, publication: &Publication, now: u64) -> Result<Accepted, Revert> {
        let terms = self.terms();
        let mut accepted = Accepted::default();
        let (mut rest, mut first) = (&publication.quotes[..], 0_usize);
        for (index, (word, smile)) in publication
            .expiries
            .iter()
            .zip(&publication.smiles)
            .enumerate()
        {
            let expiry = read(index, word)?;
            let count = usize::from(expiry.quotes);
            let (quotes, others) = rest.split_at_checked(count).ok_or_else(|| {
                refusal::length_mismatch(first.saturating_add(count), publication.quotes.len())
            })?;
            rest = others;
            if !smile.is_zero() {
                let smile = stamped(*smile, &expiry, publication.observed_at);
                let published =
                    self.agreed(&expiry, quotes, first, &smile, publication, terms, now)?;
                self.set_last(expiry.expiry, published);
                accepted.smiles.push(smile);
                accepted.terms.push(term(&expiry, publication));
                emit(
                    self.vm(),
                    &[QuotesPublished::SIGNATURE_HASH, expiry.expiry.word()],
                    &[
                        published.observed_at.word(),
                        published.forward.word(),
                        u32::from(published.firm_quotes).word(),
                        u32::from(published.miss).word(),
                        smile,
                    ],
                );
            }
            first = first.saturating_add(count);
        }
        if !rest.is_empty() {
            return Err(refusal::length_mismatch(first, publication.quotes.len()));
        }
        Ok(accepted)
    }

    /// What is noted of a smile that agrees with its quotes and is newer, or better, than the last.
    fn agreed(
        &self,
        expiry: &QuotedExpiry,
        quotes: &[B256],
        first: usize,
        smile: &B256,
        publication: &Publication,
        terms: Terms,
        now: u64,
    ) -> Result<Published, Revert> {
        let at = expiry.expiry;
        if u64::from(at) <= now {
            return Err(refusal::bad_expiry(at, now.saturating_add(1), LAST_EXPIRY));
        }
        let observed_at = publication.observed_at;
        let last = self.last(at);
        let earliest = now.saturating_sub(terms.max_age.into());
        let earliest = earliest.max(last.observed_at);
        if observed_at < earliest {
            return Err(refusal::stale_quotes(at, observed_at, earliest));
        }
        let agreement = agree(expiry, observed_at, arrays(quotes), smile, &terms.rules)
            .map_err(|reason| refusal::disagreement(at, first, reason))?;
        if observed_at == last.observed_at && agreement.miss.saturating_add(STEP) > last.miss {
            let most = last.miss.saturating_sub(STEP);
            return Err(refusal::worse_smile(at, agreement.miss, most));
        }
        Ok(Published {
            observed_at,
            firm_quotes: agreement.firm,
            miss: agreement.miss,
            forward: expiry.forward,
        })
    }

    /// Publishes as the feed's publisher that we are. Errors: the surface's.
    fn send(&mut self, accepted: &Accepted) -> Result<(), Revert> {
        let count = accepted.smiles.len() as u128;
        // Six words of head; then both lists, each behind its length; then no signatures.
        let smiles = 6 * 32_u128;
        let list = count.saturating_add(1).saturating_mul(32);
        let terms = smiles.saturating_add(list);
        let signatures = terms.saturating_add(list);
        let publisher: u8 = self.publisher.get().to();
        let mut words = vec![
            self.feed.get(),
            u32::from(publisher).word(),
            smiles.word(),
            terms.word(),
            0_u32.word(),
            signatures.word(),
        ];
        for list in [&accepted.smiles, &accepted.terms] {
            words.push(count.word());
            words.extend_from_slice(list);
        }
        words.push(0_u32.word());
        let request = encode(&publishSurfaceCall::SELECTOR, &words);
        let surface = self.surface.get();
        call_encoded(self, surface, &request)?;
        Ok(())
    }
}

/// The smile with expiry and time of its quotes.
fn stamped(mut smile: B256, expiry: &QuotedExpiry, observed_at: u64) -> B256 {
    // Not after now, which is below 2^32 as every live expiry is.
    let observed_at = u32::try_from(observed_at).unwrap_or(u32::MAX);
    let tail = (u64::from(expiry.expiry) << 32) | u64::from(observed_at);
    if let Some(last) = smile.last_chunk_mut() {
        *last = tail.to_be_bytes();
    }
    smile
}

/// `carry i32 · rate i32 · doubt u16`.
fn term(expiry: &QuotedExpiry, publication: &Publication) -> B256 {
    let carry = expiry.carry(publication.spot, publication.observed_at);
    let bits = |rate: i32| u128::from(rate.cast_unsigned());
    let term = (bits(carry) << 48) | (bits(expiry.rate) << 16) | u128::from(expiry.doubt);
    term.word()
}

/// Errors: `MalformedExpiry`.
fn read(index: usize, word: &B256) -> Result<QuotedExpiry, Revert> {
    QuotedExpiry::from_word(&word.0).ok_or_else(|| refusal::malformed_expiry(index))
}

/// Words as the mathematics takes them.
fn arrays(words: &[B256]) -> &[[u8; 32]] {
    // SAFETY: `B256` is a transparent wrapper of `[u8; 32]`.
    unsafe { core::slice::from_raw_parts(words.as_ptr().cast(), words.len()) }
}

/// Volatilities of bids and of offers. Errors: `MalformedExpiry`, `MalformedQuote`, `CrossedQuote`, `QuoteWithoutVolatility`.
pub(crate) fn solved(
    observed_at: u64,
    expiry: B256,
    quotes: &[B256],
) -> Result<(Vec<u64>, Vec<u64>), Revert> {
    let pricing = read(0, &expiry)?.pricing(observed_at);
    let mut bands = (
        Vec::with_capacity(quotes.len()),
        Vec::with_capacity(quotes.len()),
    );
    for (index, word) in quotes.iter().enumerate() {
        let quote =
            OptionQuote::from_word(&word.0).ok_or_else(|| refusal::malformed_quote(index))?;
        let band = pricing
            .band(&quote)
            .map_err(|error| refusal::quote(index, error))?;
        bands.0.push(band.bid);
        bands.1.push(band.ask);
    }
    Ok(bands)
}
