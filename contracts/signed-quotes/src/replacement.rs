//! The signers replace themselves. Who may state any quote has no more power by naming who may: so no owner is needed to do it.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256};
use alloy_sol_types::SolEvent;
use interfaces::ISignedQuotes::SignersReplaced;
use interfaces::Revert;
use interfaces::words::{Word, emit};
use signed_data::{before_deadline, digest, hash_words, struct_hash, type_hash};
use stylus_sdk::prelude::*;

use crate::{SignedQuotes, refusal};

/// What is signed.
const SIGNER_REPLACEMENT: B256 = type_hash(
    "SignerReplacement(address[] signers,uint8 threshold,uint64 generation,uint64 deadline)",
);

/// What the present signers signed.
pub(crate) struct Replacement {
    /// Strictly ascending.
    pub(crate) signers: Vec<Address>,
    pub(crate) threshold: u8,
    /// The present generation: what was signed once cannot be used again.
    pub(crate) generation: u64,
    /// Last second in which it may be submitted.
    pub(crate) deadline: u64,
}

impl Replacement {
    fn hash(&self) -> B256 {
        let signers: Vec<B256> = self.signers.iter().map(|signer| signer.word()).collect();
        let members = [
            hash_words(&signers),
            u32::from(self.threshold).word(),
            self.generation.word(),
            self.deadline.word(),
        ];
        struct_hash(SIGNER_REPLACEMENT, &members)
    }
}

impl SignedQuotes {
    pub(crate) fn replace(
        &mut self,
        replacement: &Replacement,
        signatures: &[u8],
    ) -> Result<(), Revert> {
        before_deadline(replacement.deadline, self.vm().block_timestamp())?;
        let current = self.signers.generation();
        if replacement.generation != current {
            return Err(refusal::wrong_generation(replacement.generation, current));
        }
        let digest = digest(self.domain_separator(), replacement.hash());
        self.signers.require(digest, signatures)?;
        self.fill(&replacement.signers, replacement.threshold)
    }

    /// Makes these the signers.
    ///
    /// Errors: those of [`signed_data::SignerSet::replace`].
    pub(crate) fn fill(&mut self, signers: &[Address], threshold: u8) -> Result<(), Revert> {
        self.signers.replace(signers, threshold)?;
        let count = u32::from(self.signers.count());
        emit(
            self.vm(),
            &[
                SignersReplaced::SIGNATURE_HASH,
                self.signers.generation().word(),
            ],
            &[count.word(), u32::from(threshold).word()],
        );
        Ok(())
    }
}
