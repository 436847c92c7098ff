//! A signed price on its way in.

use alloy_primitives::{B256, U256};
use alloy_sol_types::SolEvent;
use interfaces::ISignedPrice::AnswerUpdated;
use interfaces::Revert;
use interfaces::words::{Word, emit};
use signed_data::{before_deadline, digest, not_in_future, struct_hash, type_hash};
use stylus_sdk::prelude::*;

use crate::rounds::Round;
use crate::{SURE, SignedPrice, refusal};

/// What is signed.
const PRICE_UPDATE: B256 =
    type_hash("PriceUpdate(uint256 price,uint64 confidence,uint64 timestamp,uint64 deadline)");
/// Furthest a price may be dated ahead of the block, seconds: clocks of signers and sequencer differ by less.
const MOST_SKEW: u64 = 60;

/// What the signers signed.
pub(crate) struct Submission {
    /// In units of `decimals`.
    pub(crate) price: U256,
    /// 1e18 = sure.
    pub(crate) confidence: u64,
    /// Of the price, unix seconds.
    pub(crate) timestamp: u64,
    /// Last second in which it may be submitted.
    pub(crate) deadline: u64,
}

impl Submission {
    fn hash(&self) -> B256 {
        let members = [
            self.price.word(),
            self.confidence.word(),
            self.timestamp.word(),
            self.deadline.word(),
        ];
        struct_hash(PRICE_UPDATE, &members)
    }

    /// The price as it is stored.
    ///
    /// Errors: `ParameterOutOfBounds` for zero and from 2^128 on.
    fn stored_price(&self) -> Result<u128, Revert> {
        u128::try_from(self.price)
            .ok()
            .filter(|price| *price != 0)
            .ok_or_else(|| refusal::parameter_out_of_bounds(self.price, 1, u128::MAX))
    }
}

impl SignedPrice {
    /// Stores a newer price; `false` for one that is not newer, whatever else it is: of two relayers, the slower must not fail.
    pub(crate) fn submit(
        &mut self,
        submission: &Submission,
        signatures: &[u8],
    ) -> Result<bool, Revert> {
        let head = self.rounds.head();
        if submission.timestamp <= head.timestamp {
            return Ok(false);
        }
        let now = self.vm().block_timestamp();
        before_deadline(submission.deadline, now)?;
        not_in_future(submission.timestamp, now, MOST_SKEW)?;
        let price = submission.stored_price()?;
        refusal::within(submission.confidence.into(), 0, SURE.into())?;
        if submission.confidence < head.least_confidence {
            return Err(refusal::low_confidence(
                submission.confidence,
                head.least_confidence,
            ));
        }
        let digest = digest(self.domain_separator(), submission.hash());
        self.signers.require(digest, signatures)?;

        let round = Round {
            price,
            confidence: submission.confidence,
            timestamp: submission.timestamp,
        };
        let id = self.rounds.append(head, round);
        emit(
            self.vm(),
            &[AnswerUpdated::SIGNATURE_HASH, price.word(), id.word()],
            &[submission.timestamp.word()],
        );
        Ok(true)
    }
}
