//! Calls between contracts, typed by the generated bindings.
//!
//! Both go through the SDK's call functions, which flush the storage cache first (and, for [`call`], drop it): a raw call does not, and what
//! it leaves in the cache is invisible to a nested entry. A revert of the callee is passed on byte for byte.

use alloc::vec::Vec;

use alloy_primitives::{Address, U256};
use alloy_sol_types::SolCall;
use stylus_sdk::prelude::calls::errors::Error;
use stylus_sdk::prelude::calls::{CallContext, MutatingCallContext};
use stylus_sdk::prelude::*;

use crate::Revert;

/// Reads from another contract by static call.
///
/// # Errors
/// The callee's own revert data; empty when its answer does not decode (no contract there, or another interface).
pub fn view<S, C>(contract: &S, to: Address, request: &C) -> Result<C::Return, Revert>
where
    S: TopLevelStorage + HostAccess,
    C: SolCall,
{
    let answer = view_encoded(contract, to, &request.abi_encode())?;
    decode::<C>(&answer)
}

/// [`view`] for a request that is encoded already; the answer as it came.
///
/// # Errors
/// The callee's own revert data.
pub fn view_encoded<S>(contract: &S, to: Address, request: &[u8]) -> Result<Vec<u8>, Revert>
where
    S: TopLevelStorage + HostAccess,
{
    contract
        .vm()
        .static_call(&contract, to, request)
        .map_err(reverted)
}

/// Calls another contract, which may change state and call back.
///
/// # Errors
/// As [`view`].
pub fn call<S, C>(contract: &mut S, to: Address, request: &C) -> Result<C::Return, Revert>
where
    S: TopLevelStorage + HostAccess,
    C: SolCall,
{
    let answer = call_encoded(contract, to, &request.abi_encode())?;
    decode::<C>(&answer)
}

/// [`call`] for a request that is encoded already; the answer as it came.
///
/// # Errors
/// The callee's own revert data.
pub fn call_encoded<S>(contract: &mut S, to: Address, request: &[u8]) -> Result<Vec<u8>, Revert>
where
    S: TopLevelStorage + HostAccess,
{
    // The context wants the contract by `&mut`, the host is reached by `&`: the marker stands for the borrow this function holds anyway.
    contract
        .vm()
        .call(&Exclusive, to, request)
        .map_err(reverted)
}

/// The callee's revert data. Not the SDK's own conversion: it can format a decoding error as text, and the formatting code costs kilobytes.
fn reverted(error: Error) -> Revert {
    match error {
        Error::Revert(data) => Revert::from_callee(data),
        Error::AbiDecodingFailed(_) => Revert::empty(),
    }
}

/// The callee's answer. Lengths and offsets are checked; that values keep to their types is not checked again, callees being our own contracts.
fn decode<C: SolCall>(answer: &[u8]) -> Result<C::Return, Revert> {
    C::abi_decode_returns(answer, false).map_err(|_| Revert::empty())
}

/// Context of a call made while the caller is held by `&mut`, with all gas and no value.
struct Exclusive;

impl CallContext for Exclusive {
    fn gas(&self) -> u64 {
        u64::MAX
    }
}

// SAFETY: the trait wants proof that no storage reference is alive across the call. `call_encoded` is the only user and holds `&mut S` of the
// top-level storage, which excludes any other.
unsafe impl MutatingCallContext for Exclusive {
    fn value(&self) -> U256 {
        U256::ZERO
    }
}
