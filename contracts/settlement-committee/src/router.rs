//! From calldata to entry points and back.
//!
//! Written by hand because the router that `#[public]` generates, with its decoders per signature, is several times the size of the contract
//! itself. The selectors are those of `ISettlementCommittee.sol`; tests hold every answer to that of the generated router, which stays for
//! `export-abi` and is left out of the program by the linker.

use alloc::vec::Vec;

use alloy_primitives::{B256, U256};
use alloy_sol_types::SolCall;
use interfaces::words::{Word, Words, array, bytes, encode};
use interfaces::{ISettlementCommittee as abi, Revert};
use stylus_sdk::ArbResult;
use stylus_sdk::abi::{Bytes, CONSTRUCTOR_SELECTOR};
use stylus_sdk::host::VM;
use stylus_sdk::prelude::*;

use crate::SettlementCommittee;

/// Where a call enters the program.
#[cfg_attr(
    not(target_arch = "wasm32"),
    allow(dead_code, reason = "the SDK makes the entry point on wasm only")
)]
#[entrypoint]
fn enter(input: Vec<u8>, host: VM) -> ArbResult {
    // SAFETY: the only storage of the contract, made once, at slot zero.
    unsafe { SettlementCommittee::new(U256::ZERO, 0, host) }.serve(&input)
}

impl SettlementCommittee {
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
        args.end()?;
        let mut words = array(input, signers)?;
        let signers: Vec<_> = (0..words.left()).map(|_| words.address()).collect();
        words.end()?;
        self.constructor(signers, threshold)
    }

    /// Runs the method of a selector; `None` when there is none.
    pub(crate) fn dispatch(
        &mut self,
        selector: [u8; 4],
        input: &[u8],
    ) -> Result<Option<Vec<u8>>, Revert> {
        let mut args = Words::new(input);
        let answer = match selector {
            abi::attestCall::SELECTOR => {
                let (feed, expiry, price) = (args.word(), args.u32(), args.u256());
                let (deadline, signatures) = (args.u64(), args.u128());
                args.end()?;
                let signatures = Bytes(bytes(input, signatures)?.to_vec());
                let final_at = self.attest(feed, expiry, price, deadline, signatures)?;
                encode(&[], &[final_at.word()])
            }
            abi::attestationCall::SELECTOR => {
                let (feed, expiry) = (args.word(), args.u32());
                args.end()?;
                let (price, final_at) = self.attestation(feed, expiry);
                encode(&[], &[price.word(), final_at.word()])
            }
            abi::attestersCall::SELECTOR => {
                let (feed, expiry) = (args.word(), args.u32());
                args.end()?;
                encode(&[], &[u32::from(self.attesters(feed, expiry)).word()])
            }
            abi::signerSetCall::SELECTOR => {
                let (signers, threshold) = self.signer_set();
                let mut words: Vec<B256> = vec![
                    64_u32.word(),
                    u32::from(threshold).word(),
                    U256::from(signers.len()).word(),
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
