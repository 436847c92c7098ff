//! From calldata to entry points and back.
//!
//! Written by hand because the router that `#[public]` generates, with its decoders per signature, is several times the size of the contract
//! itself. The selectors are those of `IAggregatorFace.sol`; tests hold every answer to that of the generated router, which stays for
//! `export-abi` and is left out of the program by the linker.

use alloc::vec::Vec;

use alloy_primitives::aliases::U80;
use alloy_primitives::{I256, U256};
use alloy_sol_types::SolCall;
use interfaces::words::{Word, Words, bytes, encode};
use interfaces::{IAggregatorFace as abi, Revert, short_text};
use stylus_sdk::ArbResult;
use stylus_sdk::abi::CONSTRUCTOR_SELECTOR;
use stylus_sdk::host::VM;
use stylus_sdk::prelude::*;

use crate::AggregatorFace;
use crate::terms::{Asset, Terms};

/// Where a call enters the program.
#[cfg_attr(
    not(target_arch = "wasm32"),
    allow(dead_code, reason = "the SDK makes the entry point on wasm only")
)]
#[entrypoint]
fn enter(input: Vec<u8>, host: VM) -> ArbResult {
    // SAFETY: the only storage of the contract, made once, at slot zero.
    unsafe { AggregatorFace::new(U256::ZERO, 0, host) }.serve(&input)
}

impl AggregatorFace {
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
        let (adapter, feed, decimals) = (args.address(), args.word(), byte(&mut args));
        let (base, base_decimals) = (args.address(), byte(&mut args));
        let (quote, quote_decimals) = (args.address(), byte(&mut args));
        let (max_age, description) = (args.u32(), args.u128());
        args.end()?;
        let terms = Terms {
            adapter,
            feed,
            decimals,
            max_age,
            base: Asset {
                account: base,
                decimals: base_decimals,
            },
            quote: Asset {
                account: quote,
                decimals: quote_decimals,
            },
        };
        self.terms.set(terms, bytes(input, description)?)
    }

    /// Runs the method of a selector; `None` when there is none.
    pub(crate) fn dispatch(
        &mut self,
        selector: [u8; 4],
        input: &[u8],
    ) -> Result<Option<Vec<u8>>, Revert> {
        let mut args = Words::new(input);
        let answer = match selector {
            abi::pokeCall::SELECTOR => one(U256::from(self.poke()?)),
            abi::getRoundDataCall::SELECTOR => {
                let id = args.at_most((1 << 80) - 1);
                args.end()?;
                round(self.get_round_data(U80::from(id))?)
            }
            abi::getAnswerCall::SELECTOR => {
                let id = args.u256();
                args.end()?;
                one(self.get_answer(id)?.into_raw())
            }
            abi::getTimestampCall::SELECTOR => {
                let id = args.u256();
                args.end()?;
                one(self.get_timestamp(id)?)
            }
            abi::getQuoteCall::SELECTOR => {
                let (amount, base, quote) = (args.u256(), args.address(), args.address());
                args.end()?;
                one(self.get_quote(amount, base, quote)?)
            }
            _ => return self.answer(selector),
        };
        Ok(Some(answer))
    }

    /// Runs the view without arguments of a selector; `None` when there is none.
    fn answer(&self, selector: [u8; 4]) -> Result<Option<Vec<u8>>, Revert> {
        let answer = match selector {
            abi::latestRoundDataCall::SELECTOR => round(self.latest_round_data()?),
            abi::latestAnswerCall::SELECTOR => one(self.latest_answer()?.into_raw()),
            abi::latestTimestampCall::SELECTOR => one(self.latest_timestamp()?),
            abi::latestRoundCall::SELECTOR => one(self.latest_round()?),
            abi::decimalsCall::SELECTOR => one(U256::from(self.decimals())),
            abi::descriptionCall::SELECTOR => {
                short_text::answer(short_text::unpack(&self.terms.description()))
            }
            abi::versionCall::SELECTOR => one(self.version()),
            abi::oracleAdapterCall::SELECTOR => encode(&[], &[self.oracle_adapter().word()]),
            abi::feedCall::SELECTOR => encode(&[], &[self.feed()]),
            abi::maxAgeCall::SELECTOR => one(U256::from(self.max_age())),
            abi::pairCall::SELECTOR => {
                let (base, base_decimals, quote, quote_decimals) = self.pair();
                let [base_decimals, quote_decimals] =
                    [base_decimals, quote_decimals].map(|decimals| u32::from(decimals).word());
                encode(
                    &[],
                    &[base.word(), base_decimals, quote.word(), quote_decimals],
                )
            }
            _ => return Ok(None),
        };
        Ok(Some(answer))
    }
}

fn one(value: U256) -> Vec<u8> {
    encode(&[], &[value.word()])
}

/// The five values of a round.
fn round(data: (U80, I256, U256, U256, U80)) -> Vec<u8> {
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
