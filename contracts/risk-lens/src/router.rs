//! From calldata to entry points and back, written by hand for the reasons given in the margin engine's router.

use alloc::vec::Vec;

use alloy_primitives::{B256, I256, U256};
use alloy_sol_types::SolCall;
use interfaces::words::{Word, Words, array, encode};
use interfaces::{IRiskLens as abi, Revert};
use stylus_sdk::ArbResult;
use stylus_sdk::abi::CONSTRUCTOR_SELECTOR;
use stylus_sdk::host::VM;
use stylus_sdk::prelude::*;

use crate::sources::Margin;
use crate::{RiskLens, outcome};

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
        match selector {
            abi::priceCall::SELECTOR | abi::greeksCall::SELECTOR => {
                // The same question, the same answer.
                let question = [&selector[..], input].concat();
                self.ask_pricer(&question).map(Some)
            }
            abi::greeksOfCall::SELECTOR
            | abi::marginOfCall::SELECTOR
            | abi::marginWithCall::SELECTOR
            | abi::scenarioPnlOfCall::SELECTOR
            | abi::healthOfCall::SELECTOR => self.answer_account(selector, input).map(Some),
            _ => self.answer_limit(selector, input),
        }
    }

    fn answer_account(&self, selector: [u8; 4], input: &[u8]) -> Result<Vec<u8>, Revert> {
        let mut args = Words::new(input);
        if selector == abi::healthOfCall::SELECTOR {
            let offset = args.u128();
            args.end()?;
            let mut list = array(input, offset)?;
            let accounts: Vec<U256> = (0..list.left()).map(|_| list.u256()).collect();
            let margins = self.margins(&accounts);
            let mut answer = vec![32_u32.word(), (margins.len() as u64).word()];
            for margin in margins {
                let (failure, margin) = outcome(margin);
                // `bytes4` lies at the left.
                let mut word = B256::ZERO;
                if let Some(place) = word.first_chunk_mut() {
                    *place = failure.0;
                }
                answer.push(word);
                answer.extend(margin_words(&margin));
            }
            return Ok(words(&answer));
        }
        let account = args.u256();
        if selector == abi::marginWithCall::SELECTOR {
            let (offset, change) = (args.u128(), I256::from_raw(args.u256()));
            args.end()?;
            let mut list = array(input, offset)?;
            let extra: Vec<B256> = (0..list.left()).map(|_| list.word()).collect();
            let margin = self.margin_if(account, &extra, change)?;
            return Ok(words(&margin_words(&margin)));
        }
        args.end()?;
        if selector == abi::marginOfCall::SELECTOR {
            return Ok(words(&margin_words(&self.margin_now(account)?)));
        }
        let state = self.state_of(account)?;
        if selector == abi::scenarioPnlOfCall::SELECTOR {
            // The engine's answer is of the same type.
            return self.scenario_pnl(&state);
        }
        // The pricer's answer is of the same type.
        self.risk_of(&state)
    }

    fn answer_limit(&self, selector: [u8; 4], input: &[u8]) -> Result<Option<Vec<u8>>, Revert> {
        let mut args = Words::new(input);
        Ok(Some(match selector {
            abi::impliedVolatilityCall::SELECTOR => {
                let (series, value) = (args.u256(), args.u256());
                args.end()?;
                words(&[self.imply(series, value)?.word()])
            }
            abi::maxWithdrawCall::SELECTOR => {
                let (account, asset) = (args.u256(), args.address());
                args.end()?;
                words(&[self.most_to_withdraw(account, asset)?.word()])
            }
            abi::maxTradeCall::SELECTOR => {
                let (account, series, buys) = (args.u256(), args.u256(), args.bool());
                args.end()?;
                words(&[self.most_to_trade(account, series, buys)?.word()])
            }
            abi::liquidationPriceCall::SELECTOR => {
                let account = args.u256();
                args.end()?;
                words(&self.liquidation_prices(account)?.map(Word::word))
            }
            abi::clearingHouseCall::SELECTOR => words(&[self.clearing_house().word()]),
            abi::engineCall::SELECTOR => words(&[self.engine().word()]),
            abi::pricerCall::SELECTOR => words(&[self.pricer().word()]),
            _ => return Ok(None),
        }))
    }
}

fn words(words: &[B256]) -> Vec<u8> {
    encode(&[], words)
}

fn margin_words(margin: &Margin) -> [B256; 5] {
    [
        margin.initial.word(),
        margin.maintenance.word(),
        margin.mark.word(),
        margin.worst_scenario.word(),
        margin.degraded.word(),
    ]
}
