//! From calldata to entry points and back.
//!
//! Written by hand because the router that `#[public]` generates, with its decoders per signature, is several times the size of the contract
//! itself. The selectors are those of `ISignedPrice.sol`; tests hold every answer to that of the generated router, which stays for `export-abi`
//! and is left out of the program by the linker.

use alloc::vec::Vec;

use alloy_primitives::aliases::U80;
use alloy_primitives::{B256, U256};
use alloy_sol_types::SolCall;
use interfaces::words::{Word, Words, array, bytes, encode};
use interfaces::{ISignedPrice as abi, Revert, short_text};
use stylus_sdk::ArbResult;
use stylus_sdk::abi::{Bytes, CONSTRUCTOR_SELECTOR};
use stylus_sdk::host::VM;
use stylus_sdk::prelude::*;

use crate::SignedPrice;

/// Where a call enters the program.
#[cfg_attr(
    not(target_arch = "wasm32"),
    allow(dead_code, reason = "the SDK makes the entry point on wasm only")
)]
#[entrypoint]
fn enter(input: Vec<u8>, host: VM) -> ArbResult {
    // SAFETY: the only storage of the contract, made once, at slot zero.
    unsafe { SignedPrice::new(U256::ZERO, 0, host) }.serve(&input)
}

impl SignedPrice {
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

    pub(crate) fn construct(&mut self, input: &[u8]) -> Result<(), Revert> {
        let mut args = Words::new(input);
        let (signers, threshold) = (args.u128(), byte(&mut args));
        let (decimals, least_confidence) = (byte(&mut args), args.u64());
        let description = args.u128();
        args.end()?;
        let description = bytes(input, description)?;
        let signers = addresses(input, signers)?;
        self.open(&signers, threshold, decimals, least_confidence, description)
    }

    /// Runs the method of a selector; `None` when there is none.
    pub(crate) fn dispatch(
        &mut self,
        selector: [u8; 4],
        input: &[u8],
    ) -> Result<Option<Vec<u8>>, Revert> {
        let mut args = Words::new(input);
        let answer = match selector {
            abi::updateCall::SELECTOR => {
                let (price, confidence, timestamp) = (args.u256(), args.u64(), args.u64());
                let (deadline, signatures) = (args.u64(), args.u128());
                args.end()?;
                let signatures = Bytes(bytes(input, signatures)?.to_vec());
                let accepted = self.update(price, confidence, timestamp, deadline, signatures)?;
                encode(&[], &[accepted.word()])
            }
            abi::replaceSignersCall::SELECTOR => {
                let (signers, threshold) = (args.u128(), byte(&mut args));
                let (generation, deadline) = (args.u64(), args.u64());
                let signatures = args.u128();
                args.end()?;
                let signers = addresses(input, signers)?;
                let signatures = Bytes(bytes(input, signatures)?.to_vec());
                self.replace_signers(signers, threshold, generation, deadline, signatures)?;
                Vec::new()
            }
            abi::getRoundDataCall::SELECTOR => {
                let id = args.at_most((1 << 80) - 1);
                args.end()?;
                round(self.get_round_data(U80::from(id))?)
            }
            _ => return self.answer(selector),
        };
        Ok(Some(answer))
    }

    /// Runs the view without arguments of a selector; `None` when there is none.
    fn answer(&self, selector: [u8; 4]) -> Result<Option<Vec<u8>>, Revert> {
        let answer = match selector {
            abi::latestRoundDataCall::SELECTOR => round(self.latest_round_data()?),
            abi::latestPriceCall::SELECTOR => {
                let (price, confidence, timestamp, id) = self.latest_price();
                let id = U256::from(id).word();
                encode(
                    &[],
                    &[price.word(), confidence.word(), timestamp.word(), id],
                )
            }
            abi::signerSetCall::SELECTOR => {
                let (signers, threshold, generation) = self.signer_set();
                let mut words: Vec<B256> = Vec::with_capacity(signers.len().saturating_add(5));
                // A struct with a list: behind an offset, the list behind the three words of its head.
                words.extend([
                    32_u32.word(),
                    96_u32.word(),
                    u32::from(threshold).word(),
                    generation.word(),
                ]);
                words.push(U256::from(signers.len()).word());
                words.extend(signers.into_iter().map(Word::word));
                encode(&[], &words)
            }
            abi::leastConfidenceCall::SELECTOR => encode(&[], &[self.least_confidence().word()]),
            abi::domainSeparatorCall::SELECTOR => encode(&[], &[self.domain_separator()]),
            abi::decimalsCall::SELECTOR => encode(&[], &[u32::from(self.decimals()).word()]),
            abi::descriptionCall::SELECTOR => {
                short_text::answer(short_text::unpack(&self.description.get()))
            }
            abi::versionCall::SELECTOR => encode(&[], &[self.version().word()]),
            _ => return Ok(None),
        };
        Ok(Some(answer))
    }
}

/// The five values of a round.
fn round(data: (U80, alloy_primitives::I256, U256, U256, U80)) -> Vec<u8> {
    let (id, answer, started_at, updated_at, answered_in) = data;
    let [id, answered_in] = [id, answered_in].map(|id| U256::from(id).word());
    let answer = answer.into_raw().word();
    encode(
        &[],
        &[
            id,
            answer,
            started_at.word(),
            updated_at.word(),
            answered_in,
        ],
    )
}

/// Next `uint8`.
#[allow(
    clippy::cast_possible_truncation,
    reason = "bounded by the line itself"
)]
fn byte(args: &mut Words<'_>) -> u8 {
    args.at_most(u8::MAX.into()) as u8
}

/// An `address[]` argument.
fn addresses(input: &[u8], offset: u128) -> Result<Vec<alloy_primitives::Address>, Revert> {
    let mut words = array(input, offset)?;
    let addresses = (0..words.left()).map(|_| words.address()).collect();
    words.end()?;
    Ok(addresses)
}
