//! Proof that volatility smiles are free of static arbitrage.
//!
//! The mathematics is `clearing_math::{surface, svi}`. It is a program of its own because it does not fit into 24,576 bytes together with the surface that
//! needs it: the surface alone takes 22 kB. Publishing pays one more program call for it, reading none. It holds no storage, so that
//! anyone may ask it, before signing for instance.
#![cfg_attr(not(any(test, feature = "export-abi")), no_main)]
#![cfg_attr(not(any(test, feature = "export-abi")), no_std)]
#![allow(
    missing_docs,
    clippy::missing_errors_doc,
    clippy::needless_pass_by_value,
    reason = "the entry points have the signatures and errors of the interface, and are documented there"
)]

#[macro_use]
extern crate alloc;

use alloc::vec::Vec;

use alloy_primitives::{B256, U256};
use alloy_sol_types::SolError;
use clearing_math::surface::{LEAST_VOLATILITY, MOST_VOLATILITY, PublishedSmile, SmileError};
use clearing_math::svi::check_calendar;
use interfaces::ISmileProof::{BadVolatility, InvalidSmile, UnsortedExpiries};
use interfaces::Revert;
use interfaces::words::{Word, encode};
use stylus_sdk::prelude::*;

#[cfg(test)]
mod tests;

/// Holds nothing.
#[storage]
#[entrypoint]
pub struct SmileProof {}

#[public]
impl SmileProof {
    /// Nothing to set; declared so that it deploys like every other program.
    #[constructor]
    pub fn constructor(&mut self) {}

    /// See `ISmileProof.prove`.
    pub fn prove(&self, smiles: Vec<B256>, fresh: U256) -> Result<U256, Revert> {
        prove_at(self.vm().block_timestamp(), &smiles, fresh)
    }
}

/// The proof at a time (unix seconds); how many smiles were proved by themselves.
///
/// # Errors
/// `UnsortedExpiries`, `InvalidSmile`, `BadVolatility`.
pub fn prove_at(now: u64, smiles: &[B256], fresh: U256) -> Result<U256, Revert> {
    let mut proved = 0_u32;
    let mut near = None;
    let mut near_is_fresh = false;
    let mut previous = 0;
    for (index, word) in smiles.iter().enumerate() {
        // Readable whatever else the word holds.
        let expiry = word
            .get(24..)
            .and_then(|tail| tail.first_chunk())
            .map_or(0, |bytes| u32::from_be_bytes(*bytes));
        if expiry <= previous {
            let words = [previous.word(), expiry.word()];
            return Err(Revert::from_callee(encode(
                &UnsortedExpiries::SELECTOR,
                &words,
            )));
        }
        previous = expiry;
        let is_fresh = fresh.bit(index);
        proved = proved.saturating_add(is_fresh.into());
        let smile = PublishedSmile::from_word(&word.0).map_err(|error| refused(expiry, error))?;
        let total = if is_fresh {
            smile.check(now)
        } else {
            smile.total(now)
        };
        let total = total.map_err(|error| refused(expiry, error))?;
        if let Some(near) = near
            && (near_is_fresh || is_fresh)
        {
            check_calendar(&near, &total).map_err(|error| refused(expiry, error.into()))?;
        }
        (near, near_is_fresh) = (Some(total), is_fresh);
    }
    Ok(U256::from(proved))
}

/// `BadVolatility` for the volatility at the forward, else `InvalidSmile`.
#[inline(never)]
fn refused(expiry: u32, error: SmileError) -> Revert {
    if let SmileError::Volatility { given } = error {
        let words = [
            expiry.word(),
            given.word(),
            LEAST_VOLATILITY.word(),
            MOST_VOLATILITY.word(),
        ];
        return Revert::from_callee(encode(&BadVolatility::SELECTOR, &words));
    }
    let refusal = error.refusal();
    let words = [
        expiry.word(),
        u32::from(refusal.code).word(),
        refusal.k.word(),
        refusal.given.word(),
        refusal.limit.word(),
    ];
    Revert::from_callee(encode(&InvalidSmile::SELECTOR, &words))
}
