//! From calldata to entry points and back.
//!
//! Written by hand because the router that `#[public]` generates, with its decoders per signature, takes kilobytes that the mathematics
//! needs. The selectors are those of `IMarginEngine.sol`; a test calls every one of them. With the feature `export-abi` `#[public]` is
//! used and prints the ABI of the same methods.

use alloc::vec::Vec;

use alloy_primitives::{B256, I256};
use alloy_sol_types::SolCall;
use interfaces::words::{Word, Words, array, encode};
use interfaces::{IMarginEngine as abi, Revert};
use stylus_sdk::ArbResult;
use stylus_sdk::abi::Router;
use stylus_sdk::prelude::*;

use crate::MarginEngine;

impl Router<Self> for MarginEngine {
    type Storage = Self;

    fn route(storage: &mut Self, selector: u32, input: &[u8]) -> Option<ArbResult> {
        if let Err(refusal) = storage.deny_value("") {
            return Some(Err(refusal));
        }
        storage
            .dispatch(selector.to_be_bytes(), input)
            .map_err(Vec::from)
            .transpose()
    }

    fn receive(_: &mut Self) -> Option<Result<(), Vec<u8>>> {
        None
    }

    fn fallback(_: &mut Self, _: &[u8]) -> Option<ArbResult> {
        None
    }

    fn constructor(storage: &mut Self, input: &[u8]) -> Option<ArbResult> {
        let constructed = storage
            .deny_value("")
            .and_then(|()| storage.check_constructor_slot())
            .and_then(|()| storage.construct(input).map_err(Vec::from));
        Some(constructed.map(|()| Vec::new()))
    }
}

impl MarginEngine {
    fn construct(&mut self, input: &[u8]) -> Result<(), Revert> {
        let mut args = Words::new(input);
        let (series_factory, oracle_adapter) = (args.address(), args.address());
        args.end()?;
        self.constructor(series_factory, oracle_adapter)
    }

    /// Runs the method of a selector; `None` when there is none.
    fn dispatch(&self, selector: [u8; 4], input: &[u8]) -> Result<Option<Vec<u8>>, Revert> {
        let mut args = Words::new(input);
        let answer = match selector {
            abi::marginCall::SELECTOR => {
                let (pool, offset) = (args.u32(), args.u128());
                let (cash, base) = (I256::from_raw(args.u256()), args.u256());
                args.end()?;
                let mut words = array(input, offset)?;
                let legs: Vec<B256> = (0..words.left()).map(|_| words.word()).collect();
                let (requirement, degraded) = self.balances(pool, &legs, cash, base)?;
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
            abi::priceCall::SELECTOR => {
                let series = args.u256();
                args.end()?;
                let value = self.value_series(series)?;
                encode(
                    &[],
                    &[
                        value.mark.word(),
                        i128::from(value.delta).word(),
                        value.gamma.word(),
                        value.vega.word(),
                        value.theta.word(),
                    ],
                )
            }
            abi::seriesFactoryCall::SELECTOR => encode(&[], &[self.series_factory().word()]),
            abi::oracleAdapterCall::SELECTOR => encode(&[], &[self.oracle_adapter().word()]),
            _ => return Ok(None),
        };
        Ok(Some(answer))
    }
}
