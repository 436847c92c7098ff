//! From calldata to entry points and back, written by hand for the reasons given in the margin engine's router.

use alloc::vec::Vec;

use alloy_primitives::{B256, U256};
use alloy_sol_types::SolCall;
use interfaces::words::{Word, Words, array, encode};
use interfaces::{IRiskLimits as abi, Revert};
use lens_sources::encode_each;
use stylus_sdk::ArbResult;
use stylus_sdk::abi::CONSTRUCTOR_SELECTOR;
use stylus_sdk::host::VM;
use stylus_sdk::prelude::*;

use crate::{RiskLimits, only};

/// Where a call enters the program.
#[cfg_attr(
    not(target_arch = "wasm32"),
    allow(dead_code, reason = "the SDK makes the entry point on wasm only")
)]
#[entrypoint]
fn enter(input: Vec<u8>, host: VM) -> ArbResult {
    // SAFETY: the only storage of the contract, made once, at slot zero.
    unsafe { RiskLimits::new(U256::ZERO, 0, host) }.serve(&input)
}

impl RiskLimits {
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
        let [clearing_house, engine, pricer] = core::array::from_fn(|_| args.address());
        args.end()?;
        self.constructor(clearing_house, engine, pricer)
    }

    /// Runs the method of a selector; `None` when there is none.
    pub(crate) fn dispatch(
        &self,
        selector: [u8; 4],
        input: &[u8],
    ) -> Result<Option<Vec<u8>>, Revert> {
        let mut args = Words::new(input);
        Ok(Some(match selector {
            abi::maxWithdrawCall::SELECTOR | abi::maxWithdrawOfCall::SELECTOR => {
                let (accounts, asset) = (args.word(), args.address());
                args.end()?;
                let many = selector == abi::maxWithdrawOfCall::SELECTOR;
                let accounts = listed(input, accounts, many)?;
                limits(&self.withdraw_each(&accounts, asset), many)?
            }
            abi::maxTradeCall::SELECTOR | abi::maxTradeOfCall::SELECTOR => {
                let (account, series, buys) = (args.u256(), args.word(), args.bool());
                args.end()?;
                let many = selector == abi::maxTradeOfCall::SELECTOR;
                let series = listed(input, series, many)?;
                limits(&self.trade_each(account, &series, buys), many)?
            }
            abi::liquidationPriceCall::SELECTOR => {
                let account = args.u256();
                args.end()?;
                let prices = only(self.liquidate_each(&[account]))?;
                encode(&[], &prices.map(Word::word))
            }
            abi::liquidationPriceOfCall::SELECTOR => {
                let accounts = args.word();
                args.end()?;
                let prices = self.liquidate_each(&listed(input, accounts, true)?);
                encode_each(&prices, |prices| prices.map(Word::word))
            }
            abi::clearingHouseCall::SELECTOR => encode(&[], &[self.clearing_house().word()]),
            abi::engineCall::SELECTOR => encode(&[], &[self.engine().word()]),
            abi::pricerCall::SELECTOR => encode(&[], &[self.pricer().word()]),
            _ => return Ok(None),
        }))
    }
}

/// An argument that is one number, or the offset of a list of them. Errors: empty for a list outside of the input.
fn listed(input: &[u8], argument: B256, many: bool) -> Result<Vec<U256>, Revert> {
    let mut words = Words::new(argument.as_slice());
    if !many {
        return Ok(vec![words.u256()]);
    }
    let offset = words.u128();
    words.end()?;
    let mut list = array(input, offset)?;
    Ok((0..list.left()).map(|_| list.u256()).collect())
}

/// One limit, or the error instead of it; or each with its failure.
fn limits(limits: &[Result<u128, Revert>], many: bool) -> Result<Vec<u8>, Revert> {
    match limits {
        [limit] if !many => Ok(encode(&[], &[limit.clone()?.word()])),
        _ => Ok(encode_each(limits, |limit| [limit.word()])),
    }
}
