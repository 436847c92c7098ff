//! Taking smiles in: who may publish, and which smiles may be stored.
//!
//! Each smile is proved free of butterfly arbitrage and each pair of neighbouring expiries of the publisher, stored or new, of calendar arbitrage, in the
//! total variance of now, by the program `smile-proof`; [`clearing_math::surface`] says why that holds on. A call is stored as a whole or not at all. A publisher is never compared
//! with another one, so none can block another.

use alloc::vec::Vec;

use alloy_primitives::{B256, U8, U32};
use alloy_sol_types::SolCall;
use alloy_sol_types::SolEvent;
use clearing_math::surface::{PublishedSmile, SmilePair, volatility_at};
use clearing_math::svi::LogMoneyness;
use interfaces::ISmileProof::proveCall;
use interfaces::IVolatilitySurface::SmilePublished;
use interfaces::data_contract::create_numbered;
use interfaces::words::{Word, emit, encode};
use interfaces::{Revert, view_encoded};
use signed_data::{
    Domain, before_deadline, digest, hash_words, not_in_future, struct_hash, type_hash,
};
use stylus_sdk::prelude::*;

use crate::feed::{Kind, Rules};
use crate::page::{Entry, MOST_EXPIRIES, Page, expiry_of, published_at};
use crate::{VolatilitySurface, host, refusal, term};

pub(crate) const DOMAIN: Domain = Domain::new("Novation Volatility Surface", "1");
pub(crate) const PUBLISH: B256 = type_hash(
    "PublishSurface(bytes32 feed,uint8 publisher,bytes32[] smiles,uint80[] terms,uint64 deadline)",
);

/// What all changes of an update per minute are counted in.
const BASIS_POINTS: u128 = 10_000;

/// Smiles and terms of one call; as many terms, or none.
pub(crate) struct Update {
    pub(crate) feed: B256,
    pub(crate) publisher: u8,
    pub(crate) smiles: Vec<B256>,
    pub(crate) terms: Vec<u128>,
    /// Whether keys signed it: then an equal time is a replay.
    pub(crate) signed: bool,
}

impl VolatilitySurface {
    /// Lets the publisher's account pass, or what its keys have signed. Whether keys signed.
    pub(crate) fn authorise(
        &self,
        update: &Update,
        deadline: u64,
        signatures: &[u8],
    ) -> Result<bool, Revert> {
        let vm = self.vm();
        let record = self.feeds.getter(update.feed);
        let publisher = record.publishers.getter(U8::from(update.publisher));
        if publisher.kind() != Kind::Keys {
            let caller = vm.msg_sender();
            if publisher.kind() == Kind::Account && publisher.account.get() == caller {
                return Ok(false);
            }
            return Err(refusal::not_publisher(caller));
        }
        before_deadline(deadline, host::now(vm))?;
        let terms: Vec<B256> = update.terms.iter().map(|term| term.word()).collect();
        let members = [
            update.feed,
            u32::from(update.publisher).word(),
            hash_words(&update.smiles),
            hash_words(&terms),
            deadline.word(),
        ];
        let separator = DOMAIN.separator(vm.chain_id(), vm.contract_address());
        publisher.signers.require(
            digest(separator, struct_hash(PUBLISH, &members)),
            signatures,
        )?;
        Ok(true)
    }

    /// Which publisher of the feed the caller is. Errors: `NotPublisher`.
    pub(crate) fn index_of_caller(&self, feed: B256, rules: Rules) -> Result<u8, Revert> {
        let caller = self.vm().msg_sender();
        let record = self.feeds.getter(feed);
        let is_caller = |index: &u8| {
            let publisher = record.publishers.getter(U8::from(*index));
            publisher.account.get() == caller && publisher.kind() == Kind::Account
        };
        (0..rules.publishers)
            .find(is_caller)
            .ok_or_else(|| refusal::not_publisher(caller))
    }

    /// Proves and stores an update of the publisher that was let pass.
    pub(crate) fn store(&mut self, update: &Update, rules: Rules) -> Result<(), Revert> {
        let now = host::now(self.vm());
        let record = self.feeds.getter(update.feed);
        let known = self.page(&record, update.publisher, now)?;
        let accepted = accepted(update, &known, rules, now)?;
        if accepted.is_empty() {
            return Ok(());
        }
        let merged = merge(&known, &accepted)?;
        self.prove(&merged, &accepted)?;
        self.write(update, &merged, &accepted)
    }

    /// Asks the proof about the new smiles and the stored ones beside them, all in one call.
    fn prove(&self, merged: &Page, accepted: &[Entry]) -> Result<(), Revert> {
        let is_new = |entry: &Entry| accepted.iter().any(|new| new.expiry == entry.expiry);
        let mut words: Vec<B256> = Vec::with_capacity(MOST_EXPIRIES);
        let mut fresh = 0_u32;
        let entries = &merged.0;
        for (index, entry) in entries.iter().enumerate() {
            if is_new(entry) {
                fresh |= 1_u32.wrapping_shl(u32::try_from(words.len()).unwrap_or(0));
                words.push(entry.smile);
                continue;
            }
            // One with no new one beside it may be left out: the pairs that then become neighbours are both old.
            let beside = [index.checked_sub(1), index.checked_add(1)];
            let mut beside = beside
                .into_iter()
                .flatten()
                .filter_map(|index| entries.get(index));
            if beside.any(is_new) {
                words.push(entry.smile);
            }
        }
        let mut request = vec![64_u32.word(), fresh.word(), (words.len() as u128).word()];
        request.extend(words);
        let request = encode(&proveCall::SELECTOR, &request);
        let answer = view_encoded(self, self.proof.get(), &request)?;
        // An account without code would succeed as well, with no answer.
        let proved = (accepted.len() as u128).word();
        if answer == proved.as_slice() {
            Ok(())
        } else {
            Err(Revert::empty())
        }
    }

    /// Writes the page. Errors: empty when it cannot be created.
    fn write(&mut self, update: &Update, page: &Page, accepted: &[Entry]) -> Result<(), Revert> {
        let number = self.pages.get().to::<u32>().checked_add(1);
        let number = number.ok_or_else(Revert::empty)?;
        create_numbered(self, number, &page.written()).ok_or_else(Revert::empty)?;
        self.pages.set(U32::from(number));
        self.feeds
            .setter(update.feed)
            .set_page(update.publisher, number);
        let publisher = u32::from(update.publisher).word();
        for entry in accepted {
            emit(
                self.vm(),
                &[
                    SmilePublished::SIGNATURE_HASH,
                    update.feed,
                    publisher,
                    entry.expiry.word(),
                ],
                &[entry.smile, entry.term.word()],
            );
        }
        Ok(())
    }
}

/// What of the update is new, rising by expiry, with the term given or else the one known.
fn accepted(update: &Update, known: &Page, rules: Rules, now: u64) -> Result<Vec<Entry>, Revert> {
    let mut accepted: Vec<Entry> = Vec::with_capacity(update.smiles.len());
    let mut previous = 0;
    for (index, &given) in update.smiles.iter().enumerate() {
        let expiry = expiry_of(given);
        if expiry <= previous {
            return Err(refusal::unsorted_expiries(previous, expiry));
        }
        previous = expiry;
        // One that has passed is of no use to anybody, and a batch sent just before need not fail just after.
        if u64::from(expiry) <= now {
            continue;
        }
        let mut word = given;
        if published_at(word) == 0 && !update.signed {
            stamp(&mut word, now);
        }
        let time = published_at(word);
        not_in_future(time, now, 0)?;
        let old = known.at(expiry);
        if let Some(old) = old {
            if time < old.published_at().saturating_add(update.signed.into()) {
                continue;
            }
            check_change(expiry, old.smile, word, rules)?;
        }
        let term = update.terms.get(index).copied();
        if term.is_some_and(|term| !term::is_within_bounds(term)) {
            return Err(refusal::bad_term(expiry, term.unwrap_or_default()));
        }
        let term = term.or(old.map(|old| old.term));
        accepted.push(Entry::new(word, term.unwrap_or_default()));
    }
    Ok(accepted)
}

/// Writes the time into a word that has none.
fn stamp(word: &mut B256, now: u64) {
    if let (Some(to), Some(from)) = (word.last_chunk_mut::<4>(), now.to_be_bytes().last_chunk()) {
        *to = *from;
    }
}

/// Known and new entries, rising; of one expiry the new one. Errors: `TooManyExpiries`.
fn merge(known: &Page, accepted: &[Entry]) -> Result<Page, Revert> {
    let mut merged: Vec<Entry> = Vec::with_capacity(MOST_EXPIRIES);
    let mut new = accepted.iter().peekable();
    let mut old = known.0.iter().peekable();
    loop {
        let next = match (old.peek(), new.peek()) {
            (None, None) => break,
            (Some(old), Some(new)) if old.expiry < new.expiry => **old,
            (Some(only), None) | (_, Some(only)) => **only,
        };
        old.next_if(|entry| entry.expiry == next.expiry);
        new.next_if(|entry| entry.expiry == next.expiry);
        merged.push(next);
    }
    if merged.len() > MOST_EXPIRIES {
        return Err(refusal::too_many_expiries(merged.len(), MOST_EXPIRIES));
    }
    Ok(Page(merged))
}

/// Whether the volatility at the forward moves no faster than the rules allow, in the time that passed by the publisher's own clock, which is never ahead
/// of the chain's. One publisher of several cannot move the median; alone, it is slowed down.
fn check_change(expiry: u32, old: B256, new: B256, rules: Rules) -> Result<(), Revert> {
    if rules.max_change == 0 {
        return Ok(());
    }
    let at_forward = |word: B256| {
        // A malformed word is refused by the proof, with the reason.
        let pair = SmilePair::prepare(&word.0, &word.0, expiry, 0).ok()?;
        volatility_at(&[pair], LogMoneyness::ZERO).ok()
    };
    let (Some(before), Some(after)) = (at_forward(old), at_forward(new)) else {
        return Ok(());
    };
    let seconds = published_at(new).saturating_sub(published_at(old));
    // Below 2^16 · 2^32; times a volatility below 2^113.
    let growth = u64::from(rules.max_change).saturating_mul(seconds) / 60;
    let limit = u128::from(growth).saturating_add(BASIS_POINTS);
    let rises =
        u128::from(after).saturating_mul(BASIS_POINTS) > u128::from(before).saturating_mul(limit);
    let falls =
        u128::from(after).saturating_mul(limit) < u128::from(before).saturating_mul(BASIS_POINTS);
    if rises || falls {
        return Err(refusal::volatility_jump(expiry, after, before, limit));
    }
    Ok(())
}

/// Words of flat volatilities, to be stamped with the time of the block.
pub(crate) fn flat(expiries: &[u32], volatilities: &[u64]) -> Result<Vec<B256>, Revert> {
    if expiries.len() != volatilities.len() {
        return Err(refusal::length_mismatch(expiries.len(), volatilities.len()));
    }
    let word = |(&expiry, &volatility): (&u32, &u64)| {
        let smile = PublishedSmile::flat(volatility, expiry, 0)
            .map_err(|_| refusal::bad_volatility(expiry, volatility))?;
        Ok(B256::new(smile.to_word()))
    };
    expiries.iter().zip(volatilities).map(word).collect()
}
