//! From calldata to entry points and back, written by hand for the reasons given in the margin engine's router.

use alloc::vec::Vec;

use alloy_primitives::{B256, I256, U256};
use alloy_sol_types::SolCall;
use interfaces::words::{Word, Words, array, encode};
use interfaces::{IRiskLens as abi, Revert, view_encoded};
use lens_sources::{Margin, encode_each, refusal};
use stylus_sdk::ArbResult;
use stylus_sdk::abi::CONSTRUCTOR_SELECTOR;
use stylus_sdk::host::VM;
use stylus_sdk::prelude::*;

use crate::{RiskLens, only};

/// Where a call enters the program.
#[cfg_attr(
    not(target_arch = "wasm32"),
    allow(dead_code, reason = "the SDK makes the entry point on wasm only")
)]
#[entrypoint]
fn enter(input: Vec<u8>, host: VM) -> ArbResult {
    // SAFETY: the only storage of the contract, made once, at slot zero.
    unsafe { RiskLens::new(U256::ZERO, 0, host) }.serve(&input)
}

impl RiskLens {
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
        let [clearing_house, engine, pricer, limits] = core::array::from_fn(|_| args.address());
        args.end()?;
        self.constructor(clearing_house, engine, pricer, limits)
    }

    /// Runs the method of a selector; `None` when there is none.
    pub(crate) fn dispatch(
        &self,
        selector: [u8; 4],
        input: &[u8],
    ) -> Result<Option<Vec<u8>>, Revert> {
        let passed_on = match selector {
            abi::priceCall::SELECTOR | abi::greeksCall::SELECTOR | abi::pricesOfCall::SELECTOR => {
                self.pricer()
            }
            abi::maxWithdrawCall::SELECTOR
            | abi::maxWithdrawOfCall::SELECTOR
            | abi::maxTradeCall::SELECTOR
            | abi::maxTradeOfCall::SELECTOR
            | abi::liquidationPriceCall::SELECTOR
            | abi::liquidationPriceOfCall::SELECTOR => self.limits(),
            _ => return self.answer(selector, input),
        };
        // The same question, the same answer.
        let question = [&selector[..], input].concat();
        view_encoded(self, passed_on, &question).map(Some)
    }

    fn answer(&self, selector: [u8; 4], input: &[u8]) -> Result<Option<Vec<u8>>, Revert> {
        let mut args = Words::new(input);
        Ok(Some(match selector {
            abi::impliedVolatilityCall::SELECTOR => {
                let (series, value) = (args.u256(), args.u256());
                args.end()?;
                words(&[self.imply(series, value)?.word()])
            }
            abi::impliedVolatilityOfCall::SELECTOR => {
                let (series, values) = (args.u128(), args.u128());
                args.end()?;
                let (series, values) = (listed(input, series)?, listed(input, values)?);
                let implied = self.imply_each(&series, &values)?;
                encode_each(&implied, |volatility| [volatility.word()])
            }
            abi::healthOfCall::SELECTOR => {
                let accounts = args.u128();
                args.end()?;
                let accounts = listed(input, accounts)?;
                encode_each(&self.margin_each(&accounts), Margin::words)
            }
            abi::marginOfCall::SELECTOR => {
                let account = args.u256();
                args.end()?;
                words(&only(self.margin_each(&[account]))?.words())
            }
            abi::marginWithCall::SELECTOR => {
                let (account, legs) = (args.u256(), args.u128());
                let cash = I256::from_raw(args.u256());
                args.end()?;
                let alternative = (leg_words(input, legs)?, cash);
                let margin = only(self.margin_with_each(account, &[alternative]))?;
                words(&margin.words())
            }
            abi::marginWithManyCall::SELECTOR => {
                let (account, legs, cash) = (args.u256(), args.u128(), args.u128());
                args.end()?;
                let alternatives = alternatives(input, legs, cash)?;
                let margins = self.margin_with_each(account, &alternatives);
                encode_each(&margins, Margin::words)
            }
            abi::scenarioPnlOfCall::SELECTOR => {
                let account = args.u256();
                args.end()?;
                // The engine's answer is of the same type.
                self.scenario_pnl(account)?
            }
            abi::greeksOfCall::SELECTOR => {
                let account = args.u256();
                args.end()?;
                // The pricer's answer is of the same type.
                self.risk_of(account)?
            }
            abi::clearingHouseCall::SELECTOR => words(&[self.clearing_house().word()]),
            abi::engineCall::SELECTOR => words(&[self.engine().word()]),
            abi::pricerCall::SELECTOR => words(&[self.pricer().word()]),
            abi::limitsCall::SELECTOR => words(&[self.limits().word()]),
            _ => return Ok(None),
        }))
    }
}

fn words(words: &[B256]) -> Vec<u8> {
    encode(&[], words)
}

/// A `uint256[]` argument at its offset.
fn listed(input: &[u8], offset: u128) -> Result<Vec<U256>, Revert> {
    let mut list = array(input, offset)?;
    Ok((0..list.left()).map(|_| list.u256()).collect())
}

/// A `bytes32[]` argument at its offset.
fn leg_words(input: &[u8], offset: u128) -> Result<Vec<B256>, Revert> {
    let mut list = array(input, offset)?;
    Ok((0..list.left()).map(|_| list.word()).collect())
}

/// A `bytes32[][]` argument and an `int256[]` one at their offsets, item by item. Errors: `LengthMismatch`; empty outside of the input.
fn alternatives(input: &[u8], legs: u128, cash: u128) -> Result<Vec<(Vec<B256>, I256)>, Revert> {
    let mut lists = array(input, legs)?;
    let changes = listed(input, cash)?;
    if lists.left() != changes.len() {
        return Err(refusal::length_mismatch(lists.left(), changes.len()));
    }
    // Offsets of the inner lists count from the first one's place. What was read lies within the input, so this does, too.
    let start = usize::try_from(legs).unwrap_or(usize::MAX);
    let inner = input.get(start.saturating_add(32)..).unwrap_or_default();
    let alternatives = changes.into_iter().map(|change| {
        let offset = lists.u128();
        lists.end()?;
        Ok((leg_words(inner, offset)?, I256::from_raw(change)))
    });
    alternatives.collect()
}
