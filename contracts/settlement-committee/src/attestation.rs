//! Attestations: how one comes in, which one stands, and when that is over.

use alloy_primitives::{B256, U256};
use alloy_sol_types::SolEvent;
use interfaces::ISettlementCommittee::Attested;
use interfaces::Revert;
use interfaces::words::{Word, emit, halves};
use signed_data::signature::LENGTH;
use signed_data::{before_deadline, digest, struct_hash, type_hash};
use stylus_sdk::prelude::*;

use crate::{SettlementCommittee, refusal};

/// What is signed.
const ATTESTATION: B256 =
    type_hash("Attestation(bytes32 feed,uint32 expiry,uint256 price,uint64 deadline)");
/// How long the first attestation of an expiry may be outvoted, seconds: six hours. Long enough for signers on every continent to be awake in, and
/// over well before the day after which the adapter asks the market instead.
pub(crate) const DISPUTE_SECONDS: u64 = 21_600;

/// What the signers signed.
pub(crate) struct Statement {
    pub(crate) feed: B256,
    pub(crate) expiry: u32,
    /// WAD quote per underlying.
    pub(crate) price: U256,
    /// Last second in which it may be submitted.
    pub(crate) deadline: u64,
}

impl Statement {
    fn hash(&self) -> B256 {
        let members = [
            self.feed,
            self.expiry.word(),
            self.price.word(),
            self.deadline.word(),
        ];
        struct_hash(ATTESTATION, &members)
    }

    /// The price as it is stored.
    ///
    /// Errors: `ParameterOutOfBounds` for zero and from 2^128 on.
    fn stored_price(&self) -> Result<u128, Revert> {
        refusal::within(self.price, 1, u128::MAX)?;
        let (_, price) = halves(self.price.word());
        Ok(price)
    }
}

/// The attestation that stands, in one slot: `price u128 · final_at u64 · signers u64`. None: zero.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Attestation {
    /// WAD quote per underlying.
    pub(crate) price: u128,
    /// From when on it stands for ever, unix seconds.
    pub(crate) final_at: u64,
    /// How many signed.
    pub(crate) signers: u8,
}

#[allow(
    clippy::cast_possible_truncation,
    reason = "fields are read back as wide as they were written"
)]
impl SettlementCommittee {
    /// What stands.
    pub(crate) fn stored(&self, feed: B256, expiry: u32) -> Attestation {
        let word = self.attestations.getter(feed).get(expiry.into());
        let (price, rest) = halves(word);
        Attestation {
            price,
            final_at: (rest >> 64) as u64,
            signers: rest as u8,
        }
    }

    /// Takes a statement in; when it is final, unix seconds.
    pub(crate) fn take(&mut self, statement: &Statement, signatures: &[u8]) -> Result<u64, Revert> {
        let now = self.vm().block_timestamp();
        let Statement { feed, expiry, .. } = *statement;
        if now < u64::from(expiry) {
            return Err(refusal::not_expired(expiry, now));
        }
        let stands = self.stored(feed, expiry);
        if stands.price != 0 && now >= stands.final_at {
            return Err(refusal::dispute_closed(stands.final_at, now));
        }
        let price = statement.stored_price()?;
        before_deadline(statement.deadline, now)?;
        let digest = digest(self.domain_separator(), statement.hash());
        // Each of them is of another member, or this fails: at most 32.
        self.signers.require(digest, signatures)?;
        let signers = (signatures.len() / LENGTH) as u8;
        if signers <= stands.signers {
            return Err(refusal::not_more_signers(signers, stands.signers));
        }
        let final_at = match stands.price {
            0 => now.saturating_add(DISPUTE_SECONDS),
            _ => stands.final_at,
        };
        self.store(feed, expiry, price, final_at, signers);
        emit(
            self.vm(),
            &[Attested::SIGNATURE_HASH, feed, expiry.word()],
            &[price.word(), u32::from(signers).word(), final_at.word()],
        );
        Ok(final_at)
    }

    pub(crate) fn store(
        &mut self,
        feed: B256,
        expiry: u32,
        price: u128,
        final_at: u64,
        signers: u8,
    ) {
        let mut word = ((u128::from(final_at) << 64) | u128::from(signers)).word();
        word[..16].copy_from_slice(&price.to_be_bytes());
        let mut expiries = self.attestations.setter(feed);
        expiries.setter(expiry.into()).set(word);
    }
}
