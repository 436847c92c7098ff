//! From calldata to entry points and back.
//!
//! Written by hand because the router that `#[public]` generates, with its decoders per signature, takes kilobytes that the mathematics
//! needs. The selectors are those of `IMarginEngine.sol`; tests hold every answer to that of the
//! generated router, which stays for `export-abi` and is left out of the program by the linker.

use alloc::vec::Vec;

use alloy_primitives::{B256, I256, U256};
use alloy_sol_types::SolCall;
use interfaces::words::{Word, Words, array, bytes, encode};
use interfaces::{IMarginEngine as abi, Revert};
use stylus_sdk::ArbResult;
use stylus_sdk::abi::CONSTRUCTOR_SELECTOR;
use stylus_sdk::host::VM;
use stylus_sdk::prelude::*;

use crate::MarginEngine;

/// Where a call enters the program.
#[cfg_attr(
    not(target_arch = "wasm32"),
    allow(dead_code, reason = "the SDK makes the entry point on wasm only")
)]
#[entrypoint]
fn enter(input: Vec<u8>, host: VM) -> ArbResult {
    // SAFETY: the only storage of the contract, made once, at slot zero.
    unsafe { MarginEngine::new(U256::ZERO, 0, host) }.serve(&input)
}

impl MarginEngine {
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
        let [factory, adapter, scenario, formula] = core::array::from_fn(|_| args.address());
        args.end()?;
        self.constructor(factory, adapter, scenario, formula)
    }

    /// Runs the method of a selector; `None` when there is none.
    pub(crate) fn dispatch(
        &self,
        selector: [u8; 4],
        input: &[u8],
    ) -> Result<Option<Vec<u8>>, Revert> {
        let mut args = Words::new(input);
        let answer = match selector {
            abi::marginCall::SELECTOR | abi::marginAtCall::SELECTOR => {
                let (pool, offset) = (args.u32(), args.u128());
                let (cash, base) = (I256::from_raw(args.u256()), args.u256());
                let given = if selector == abi::marginAtCall::SELECTOR {
                    Some(bytes(input, args.u128())?)
                } else {
                    None
                };
                args.end()?;
                let legs = legs(input, offset)?;
                let (requirement, degraded) = self.balances(pool, &legs, cash, base, given)?;
                encode(
                    &[],
                    &[
                        requirement.initial.word(),
                        requirement.maintenance.word(),
                        requirement.mark.word(),
                        requirement.worst_scenario.word(),
                        degraded.word(),
                    ],
                )
            }
            abi::scenarioPnlCall::SELECTOR => {
                let (pool, offset, base) = (args.u32(), args.u128(), args.u256());
                args.end()?;
                self.changes(pool, &legs(input, offset)?, base)?
            }
            abi::modelsCall::SELECTOR => {
                let (scenario, formula) = self.models();
                encode(&[], &[scenario.word(), formula.word()])
            }
            abi::seriesFactoryCall::SELECTOR => encode(&[], &[self.series_factory().word()]),
            abi::oracleAdapterCall::SELECTOR => encode(&[], &[self.oracle_adapter().word()]),
            _ => return Ok(None),
        };
        Ok(Some(answer))
    }
}

/// The legs, as words.
fn legs(input: &[u8], offset: u128) -> Result<Vec<B256>, Revert> {
    let mut words = array(input, offset)?;
    Ok((0..words.left()).map(|_| words.word()).collect())
}
