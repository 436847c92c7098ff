//! Margin by formula: percentages in the style of standard managers, and the maximum loss of full collateral.
//!
//! Pure: no storage, no calls, no clock. Its ABI is `IMarginModel.sol`; what it is asked is said by the margin engine, in the form [`margin_model`] reads.
#![cfg_attr(not(any(test, feature = "export-abi")), no_main)]
#![cfg_attr(not(any(test, feature = "export-abi")), no_std)]
#![allow(
    missing_docs,
    clippy::missing_errors_doc,
    clippy::must_use_candidate,
    clippy::needless_pass_by_value,
    reason = "the entry points have the signatures and errors of the interface, and are documented there"
)]

#[macro_use]
extern crate alloc;

#[cfg(test)]
mod tests;

use alloc::vec::Vec;

use alloy_primitives::{B256, I256, U256};
use alloy_sol_types::SolCall;
use clearing_math::margin::{
    MAX_MOVES, MarginError, MarketData, Portfolio, Requirement, RiskProfile,
};
use clearing_math::maximum_loss;
use interfaces::IMarginModel::{changesCall, requirementCall};
use interfaces::Revert;
use interfaces::words::{Words, array};
use margin_model::{Model, dispatch};
use stylus_sdk::ArbResult;
use stylus_sdk::abi::Bytes;
use stylus_sdk::host::VM;
use stylus_sdk::prelude::*;

/// Has no storage.
#[storage]
pub struct FormulaMargin {}

// SAFETY: the only storage of the contract, and empty.
unsafe impl TopLevelStorage for FormulaMargin {}

/// Where a call enters the program: past the router that `#[public]` generates, which stays for `export-abi`.
#[cfg_attr(
    not(target_arch = "wasm32"),
    allow(dead_code, reason = "the SDK makes the entry point on wasm only")
)]
#[entrypoint]
fn enter(input: Vec<u8>, host: VM) -> ArbResult {
    // SAFETY: the only storage of the contract, made once, at slot zero.
    let program = unsafe { FormulaMargin::new(U256::ZERO, 0, host) };
    program.deny_value("")?;
    let (selector, args) = input.split_first_chunk().ok_or_else(Vec::new)?;
    if u32::from_be_bytes(*selector) == stylus_sdk::abi::CONSTRUCTOR_SELECTOR {
        // StylusDeployer constructs every program; here there is nothing to.
        return Ok(Vec::new());
    }
    dispatch::<FormulaMargin>(*selector, args)?.ok_or_else(Vec::new)
}

/// Prints the ABI as Solidity.
#[cfg(feature = "export-abi")]
pub fn print_abi(license: &str, pragma: &str) {
    stylus_sdk::abi::export::print_abi::<FormulaMargin>(license, pragma);
}

/// The entry points, in the types of the ABI.
#[public]
impl FormulaMargin {
    /// See `IMarginModel.requirement`: initial, maintenance, mark, worst scenario.
    pub fn requirement(
        &self,
        profile: Bytes,
        request: Vec<B256>,
    ) -> Result<(I256, I256, I256, u32), Revert> {
        let answer = asked::<Self>(requirementCall::SELECTOR, &profile, &request)?;
        let mut words = Words::new(&answer);
        let [initial, maintenance, mark] = core::array::from_fn(|_| I256::from_raw(words.u256()));
        Ok((initial, maintenance, mark, words.u32()))
    }

    /// See `IMarginModel.changes`.
    pub fn changes(&self, profile: Bytes, request: Vec<B256>) -> Result<Vec<I256>, Revert> {
        let answer = asked::<Self>(changesCall::SELECTOR, &profile, &request)?;
        let mut words = array(&answer, 32)?;
        Ok((0..words.left())
            .map(|_| I256::from_raw(words.u256()))
            .collect())
    }
}

/// What the router answers.
fn asked<M: Model>(selector: [u8; 4], profile: &[u8], request: &[B256]) -> Result<Vec<u8>, Revert> {
    let input = interfaces::margin_request::encoded(&[], profile, request);
    dispatch::<M>(selector, &input)?.ok_or_else(Revert::empty)
}

impl Model for FormulaMargin {
    fn profile(bytes: &[u8]) -> Option<RiskProfile> {
        RiskProfile::formula_from_bytes(bytes).ok()
    }

    fn requirement(
        profile: &RiskProfile,
        market: &MarketData,
        portfolio: &Portfolio,
    ) -> Option<Result<Requirement, MarginError>> {
        match profile {
            RiskProfile::Percentages(percentages) => Some(percentages.margin(market, portfolio)),
            RiskProfile::MaximumLoss => Some(maximum_loss::margin(market, portfolio)),
            RiskProfile::ScenarioReprice(_) => None,
        }
    }

    fn changes(
        profile: &RiskProfile,
        _market: &MarketData,
        _portfolio: &Portfolio,
        _changes: &mut [i128; MAX_MOVES],
    ) -> Option<Result<usize, MarginError>> {
        // A formula has no scenarios.
        match profile {
            RiskProfile::Percentages(_) | RiskProfile::MaximumLoss => Some(Ok(0)),
            RiskProfile::ScenarioReprice(_) => None,
        }
    }
}
