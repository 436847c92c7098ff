//! From calldata to entry points and back.
//!
//! Written by hand because the router that `#[public]` generates, with its decoders per signature, takes more than a third of the 24,576
//! bytes a program may have. The selectors are those of `IVolatilitySurface.sol` and of `Ownable2Step`; tests hold every answer to that of the
//! generated router, which stays for `export-abi` and is left out of the program by the linker.

use alloc::vec::Vec;

use alloy_primitives::{B256, U256};
use alloy_sol_types::SolCall;
use interfaces::words::{Word, Words, array, bytes, encode};
use interfaces::{IOwnable2Step as owned, IVolatilitySurface as abi, Revert};
use stylus_sdk::ArbResult;
use stylus_sdk::abi::CONSTRUCTOR_SELECTOR;
use stylus_sdk::host::VM;
use stylus_sdk::prelude::*;

use crate::{VolatilitySurface, term};

/// Where a call enters the program.
#[cfg_attr(
    not(target_arch = "wasm32"),
    allow(dead_code, reason = "the SDK makes the entry point on wasm only")
)]
#[entrypoint]
fn enter(input: Vec<u8>, host: VM) -> ArbResult {
    // SAFETY: the only storage of the contract, made once, at slot zero.
    unsafe { VolatilitySurface::new(U256::ZERO, 0, host) }.serve(&input)
}

impl VolatilitySurface {
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
        let (owner, smile_proof) = (args.address(), args.address());
        args.end()?;
        self.constructor(owner, smile_proof)
    }

    /// Runs the method of a selector; `None` when there is none.
    pub(crate) fn dispatch(
        &mut self,
        selector: [u8; 4],
        input: &[u8],
    ) -> Result<Option<Vec<u8>>, Revert> {
        // What margin asks comes first.
        match self.answer_of(selector, input)? {
            None if self.change(selector, input)? => Ok(Some(Vec::new())),
            answer => Ok(answer),
        }
    }

    /// Runs the method of a selector that changes state; none of them answers. `false` when there is none.
    fn change(&mut self, selector: [u8; 4], input: &[u8]) -> Result<bool, Revert> {
        let mut args = Words::new(input);
        match selector {
            abi::listSurfaceCall::SELECTOR => {
                let (feed, publishers, quorum) = (args.word(), args.u128(), byte(&mut args));
                let (max_age, ceiling, max_change) = (args.u32(), args.u64(), small(&mut args));
                args.end()?;
                let publishers = list(input, publishers, Words::address)?;
                self.list_surface(feed, publishers, quorum, max_age, ceiling, max_change)?;
            }
            abi::replacePublisherCall::SELECTOR => {
                let (feed, publisher, account) = (args.word(), byte(&mut args), args.address());
                let (signers, threshold) = (args.u128(), byte(&mut args));
                args.end()?;
                let signers = list(input, signers, Words::address)?;
                self.replace_publisher(feed, publisher, account, signers, threshold)?;
            }
            abi::publishSurfaceCall::SELECTOR => {
                let (feed, publisher) = (args.word(), byte(&mut args));
                let (smiles, terms) = (args.u128(), args.u128());
                let (deadline, signatures) = (args.u64(), args.u128());
                args.end()?;
                let smiles = list(input, smiles, Words::word)?;
                let terms = list(input, terms, |args| {
                    args.at_most(term::BELOW.wrapping_sub(1))
                })?;
                self.publish(
                    feed,
                    publisher,
                    smiles,
                    terms,
                    deadline,
                    bytes(input, signatures)?,
                )?;
            }
            abi::publishVolatilityCall::SELECTOR => {
                let (feed, expiries, volatilities) = (args.word(), args.u128(), args.u128());
                args.end()?;
                let expiries = list(input, expiries, Words::u32)?;
                let volatilities = list(input, volatilities, Words::u64)?;
                self.publish_volatility(feed, expiries, volatilities)?;
            }
            owned::transferOwnershipCall::SELECTOR => {
                let to = args.address();
                args.end()?;
                self.transfer_ownership(to)?;
            }
            owned::acceptOwnershipCall::SELECTOR => self.accept_ownership()?,
            owned::renounceOwnershipCall::SELECTOR => self.renounce_ownership()?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Runs the view of a selector; `None` when there is none.
    fn answer_of(&self, selector: [u8; 4], input: &[u8]) -> Result<Option<Vec<u8>>, Revert> {
        let mut args = Words::new(input);
        let answer = match selector {
            abi::termsCall::SELECTOR => {
                let (feed, expiries) = (args.word(), args.u128());
                args.end()?;
                self.answer(feed, &list(input, expiries, Words::u32)?)?
                    .encoded()
            }
            abi::volatilityCall::SELECTOR => {
                let (feed, expiry, forward, strike) =
                    (args.word(), args.u32(), args.u256(), args.u256());
                args.end()?;
                let (value, stale) = self.volatility(feed, expiry, forward, strike)?;
                encode(&[], &[value.word(), stale.word()])
            }
            abi::smileOfCall::SELECTOR => {
                let (feed, publisher, expiry) = (args.word(), byte(&mut args), args.u32());
                args.end()?;
                let (smile, term) = self.stored(feed, publisher, expiry)?;
                encode(&[], &[smile, term.word()])
            }
            abi::expiriesOfCall::SELECTOR => {
                let (feed, publisher) = (args.word(), byte(&mut args));
                args.end()?;
                let expiries = self.expiries_of(feed, publisher)?;
                behind(&[32_u32.word()], expiries.into_iter().map(Word::word))
            }
            abi::publisherOfCall::SELECTOR => {
                let (feed, publisher) = (args.word(), byte(&mut args));
                args.end()?;
                let (account, signers, threshold) = self.publisher_of(feed, publisher)?;
                let head = [account.word(), 96_u32.word(), u32::from(threshold).word()];
                behind(&head, signers.into_iter().map(Word::word))
            }
            abi::rulesCall::SELECTOR => {
                let feed = args.word();
                args.end()?;
                let (publishers, quorum, max_age, ceiling, max_change) = self.rules(feed)?;
                let [publishers, quorum] =
                    [publishers, quorum].map(|count| u32::from(count).word());
                let max_change = u32::from(max_change).word();
                encode(
                    &[],
                    &[
                        publishers,
                        quorum,
                        max_age.word(),
                        ceiling.word(),
                        max_change,
                    ],
                )
            }
            abi::smileProofCall::SELECTOR => encode(&[], &[self.smile_proof().word()]),
            abi::domainSeparatorCall::SELECTOR => encode(&[], &[self.domain_separator()]),
            owned::ownerCall::SELECTOR => encode(&[], &[self.owner().word()]),
            owned::pendingOwnerCall::SELECTOR => encode(&[], &[self.pending_owner().word()]),
            _ => return Ok(None),
        };
        Ok(Some(answer))
    }
}

/// A head, and one list behind it.
fn behind(head: &[B256], list: impl ExactSizeIterator<Item = B256>) -> Vec<u8> {
    let mut words = head.to_vec();
    words.push((list.len() as u128).word());
    words.extend(list);
    encode(&[], &words)
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
