//! From calldata to entry points and back, written by hand for the reasons given in the margin engine's router.

use alloc::vec::Vec;

use alloy_primitives::{B256, U256};
use alloy_sol_types::SolCall;
use interfaces::words::{Word, Words, array, encode};
use interfaces::{IOptionPricer as abi, Revert};
use lens_sources::encode_each;
use stylus_sdk::ArbResult;
use stylus_sdk::abi::CONSTRUCTOR_SELECTOR;
use stylus_sdk::host::VM;
use stylus_sdk::prelude::*;

use crate::OptionPricer;
use crate::market::Priced;
use crate::risk::ExpiryRisk;

/// Where a call enters the program.
#[cfg_attr(
    not(target_arch = "wasm32"),
    allow(dead_code, reason = "the SDK makes the entry point on wasm only")
)]
#[entrypoint]
fn enter(input: Vec<u8>, host: VM) -> ArbResult {
    // SAFETY: the only storage of the contract, made once, at slot zero.
    unsafe { OptionPricer::new(U256::ZERO, 0, host) }.serve(&input)
}

impl OptionPricer {
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
        let engine = args.address();
        args.end()?;
        self.constructor(engine)
    }

    /// Runs the method of a selector; `None` when there is none.
    pub(crate) fn dispatch(
        &self,
        selector: [u8; 4],
        input: &[u8],
    ) -> Result<Option<Vec<u8>>, Revert> {
        match selector {
            abi::priceCall::SELECTOR
            | abi::greeksCall::SELECTOR
            | abi::pricedFromCall::SELECTOR => self.answer_series(selector, input).map(Some),
            abi::pricesOfCall::SELECTOR => self.answer_each(input).map(Some),
            abi::riskOfCall::SELECTOR => self.answer_risk(input).map(Some),
            abi::engineCall::SELECTOR => Ok(Some(words(&[self.engine().word()]))),
            _ => Ok(None),
        }
    }

    fn answer_series(&self, selector: [u8; 4], input: &[u8]) -> Result<Vec<u8>, Revert> {
        let mut args = Words::new(input);
        let series = args.u256();
        args.end()?;
        let numbers = self.price_one(series)?;
        // Mark and first-order sensitivities come first, all sensitivities to volatility and forward next.
        let wanted = match selector {
            abi::priceCall::SELECTOR => numbers.get(..6),
            abi::greeksCall::SELECTOR => numbers.get(1..10),
            _ => numbers.get(8..),
        };
        let wanted = wanted.unwrap_or_default();
        if selector == abi::pricedFromCall::SELECTOR {
            // Forward, discount, volatility.
            let mut turned = wanted.to_vec();
            turned.rotate_left(1);
            return Ok(words(&turned));
        }
        Ok(words(wanted))
    }

    fn answer_each(&self, input: &[u8]) -> Result<Vec<u8>, Revert> {
        let mut args = Words::new(input);
        let offset = args.u128();
        args.end()?;
        let mut list = array(input, offset)?;
        let series: Vec<U256> = (0..list.left()).map(|_| list.u256()).collect();
        Ok(encode_each(&self.price_each(&series), Priced::words))
    }

    fn answer_risk(&self, input: &[u8]) -> Result<Vec<u8>, Revert> {
        let mut args = Words::new(input);
        let (pool, offset) = (args.u32(), args.u128());
        args.end()?;
        let mut list = array(input, offset)?;
        let legs: Vec<B256> = (0..list.left()).map(|_| list.word()).collect();
        let (expiries, total) = self.risk(pool, &legs)?;
        // The list lies behind its offset and the nine words of the total.
        let mut answer = vec![320_u32.word()];
        answer.extend(total.words());
        answer.push((expiries.len() as u64).word());
        answer.extend(expiries.iter().flat_map(ExpiryRisk::words));
        Ok(words(&answer))
    }
}

fn words(words: &[B256]) -> Vec<u8> {
    encode(&[], words)
}
