//! From calldata to entry points and back.
//!
//! Written by hand because the router that `#[public]` generates, with its decoders per signature, is several kilobytes. The selectors are those of
//! `ISignedQuotes.sol`; tests hold every answer to that of the generated router, which stays for `export-abi` and is left out of the
//! program by the linker.

use alloc::vec::Vec;

use alloy_primitives::U256;
use alloy_sol_types::SolCall;
use interfaces::words::{Word, Words, array, bytes, encode};
use interfaces::{ISignedQuotes as abi, Revert};
use stylus_sdk::ArbResult;
use stylus_sdk::abi::CONSTRUCTOR_SELECTOR;
use stylus_sdk::host::VM;
use stylus_sdk::prelude::*;

use crate::SignedQuotes;
use crate::publication::Publication;
use crate::replacement::Replacement;

/// Where a call enters the program.
#[cfg_attr(
    not(target_arch = "wasm32"),
    allow(dead_code, reason = "the SDK makes the entry point on wasm only")
)]
#[entrypoint]
fn enter(input: Vec<u8>, host: VM) -> ArbResult {
    // SAFETY: the only storage of the contract, made once, at slot zero.
    unsafe { SignedQuotes::new(U256::ZERO, 0, host) }.serve(&input)
}

impl SignedQuotes {
    /// Runs the constructor or a method. No method takes value; an unknown selector reverts without data.
    pub(crate) fn serve(&mut self, input: &[u8]) -> ArbResult {
        let (selector, args) = input.split_first_chunk().ok_or_else(Vec::new)?;
        self.deny_value("")?;
        if u32::from_be_bytes(*selector) == CONSTRUCTOR_SELECTOR {
            self.check_constructor_slot()?;
            self.construct(args)?;
            return Ok(Vec::new());
        }
        self.dispatch(*selector, args)?.ok_or_else(Vec::new)
    }

    fn construct(&mut self, input: &[u8]) -> Result<(), Revert> {
        let mut args = Words::new(input);
        let (surface, feed, publisher) = (args.address(), args.word(), byte(&mut args));
        let (signers, threshold) = (args.u128(), byte(&mut args));
        let (least_quotes, reach) = (small(&mut args), small(&mut args));
        let (max_spread, tolerance, max_age) = (args.u64(), args.u64(), args.u32());
        args.end()?;
        let signers = list(input, signers, Words::address)?;
        self.constructor(
            surface,
            feed,
            publisher,
            signers,
            threshold,
            least_quotes,
            reach,
            max_spread,
            tolerance,
            max_age,
        )
    }

    /// Runs the method of a selector; `None` when there is none.
    pub(crate) fn dispatch(
        &mut self,
        selector: [u8; 4],
        input: &[u8],
    ) -> Result<Option<Vec<u8>>, Revert> {
        let mut args = Words::new(input);
        match selector {
            abi::publishCall::SELECTOR => {
                let (observed_at, spot) = (args.u64(), args.u128());
                let [expiries, quotes, smiles] = [args.u128(), args.u128(), args.u128()];
                let (deadline, signatures) = (args.u64(), args.u128());
                args.end()?;
                let publication = Publication {
                    observed_at,
                    spot,
                    expiries: list(input, expiries, Words::word)?,
                    quotes: list(input, quotes, Words::word)?,
                    smiles: list(input, smiles, Words::word)?,
                    deadline,
                };
                self.take(&publication, bytes(input, signatures)?)?;
            }
            abi::replaceSignersCall::SELECTOR => {
                let (signers, threshold) = (args.u128(), byte(&mut args));
                let (generation, deadline) = (args.u64(), args.u64());
                let signatures = args.u128();
                args.end()?;
                let replacement = Replacement {
                    signers: list(input, signers, Words::address)?,
                    threshold,
                    generation,
                    deadline,
                };
                self.replace(&replacement, bytes(input, signatures)?)?;
            }
            _ => return self.answer(selector, input),
        }
        Ok(Some(Vec::new()))
    }

    /// Runs the view of a selector; `None` when there is none.
    fn answer(&self, selector: [u8; 4], input: &[u8]) -> Result<Option<Vec<u8>>, Revert> {
        let mut args = Words::new(input);
        let answer = match selector {
            abi::impliedVolatilitiesCall::SELECTOR => {
                let (observed_at, expiry, quotes) = (args.u64(), args.word(), args.u128());
                args.end()?;
                let quotes = list(input, quotes, Words::word)?;
                let (bids, asks) = self.implied_volatilities(observed_at, expiry, quotes)?;
                let count = (bids.len() as u128).word();
                // The second list stands behind the head and the first, with its length.
                let second = (bids.len() as u128).saturating_add(3).saturating_mul(32);
                let mut words = vec![64_u32.word(), second.word(), count];
                words.extend(bids.into_iter().map(Word::word));
                words.push(count);
                words.extend(asks.into_iter().map(Word::word));
                encode(&[], &words)
            }
            abi::latestOfCall::SELECTOR => {
                let expiry = args.u32();
                args.end()?;
                let last = self.last(expiry);
                let [firm, miss] = [last.firm_quotes, last.miss].map(|x| u32::from(x).word());
                encode(
                    &[],
                    &[last.observed_at.word(), last.forward.word(), firm, miss],
                )
            }
            abi::rulesCall::SELECTOR => {
                let (least, reach, spread, tolerance, age) = self.rules();
                let [least, reach] = [least, reach].map(|x| u32::from(x).word());
                encode(
                    &[],
                    &[least, reach, spread.word(), tolerance.word(), age.word()],
                )
            }
            abi::placeCall::SELECTOR => {
                let (surface, feed, publisher) = self.place();
                encode(&[], &[surface.word(), feed, u32::from(publisher).word()])
            }
            abi::signerSetCall::SELECTOR => {
                let (signers, threshold, generation) = self.signer_set();
                // A struct with a list: behind an offset, the list behind the three words of its head.
                let mut words = vec![
                    32_u32.word(),
                    96_u32.word(),
                    u32::from(threshold).word(),
                    generation.word(),
                    (signers.len() as u128).word(),
                ];
                words.extend(signers.into_iter().map(Word::word));
                encode(&[], &words)
            }
            abi::domainSeparatorCall::SELECTOR => encode(&[], &[self.domain_separator()]),
            _ => return Ok(None),
        };
        Ok(Some(answer))
    }
}

/// Next `uint8`.
#[allow(
    clippy::cast_possible_truncation,
    reason = "bounded by the line itself"
)]
fn byte(args: &mut Words<'_>) -> u8 {
    args.at_most(u8::MAX.into()) as u8
}

/// Next `uint16`.
#[allow(
    clippy::cast_possible_truncation,
    reason = "bounded by the line itself"
)]
fn small(args: &mut Words<'_>) -> u16 {
    args.at_most(u16::MAX.into()) as u16
}

/// An array argument, element by element.
fn list<'a, T>(
    input: &'a [u8],
    offset: u128,
    read: fn(&mut Words<'a>) -> T,
) -> Result<Vec<T>, Revert> {
    let mut words = array(input, offset)?;
    let values = (0..words.left()).map(|_| read(&mut words)).collect();
    words.end()?;
    Ok(values)
}
