//! Calls between contracts, typed by the generated bindings.
//!
//! Both go through the SDK's call functions, which flush the storage cache first (and, for [`call`], drop it): a raw call does not, and what
//! it leaves in the cache is invisible to a nested entry. A revert of the callee is passed on byte for byte.

use alloy_primitives::{Address, U256};
use alloy_sol_types::SolCall;
use stylus_sdk::prelude::calls::errors::MethodError;
use stylus_sdk::prelude::calls::{CallContext, MutatingCallContext};
use stylus_sdk::prelude::*;

use crate::Revert;

/// Reads from another contract by static call.
///
/// Errors: the callee's own revert data; empty when its answer does not decode (no contract there, or another interface).
pub fn view<S, C>(contract: &S, to: Address, request: &C) -> Result<C::Return, Revert>
where
    S: TopLevelStorage + HostAccess,
    C: SolCall,
{
    let answer = contract
        .vm()
        .static_call(&contract, to, &request.abi_encode())
        .map_err(|error| Revert::from_callee(error.encode()))?;
    C::abi_decode_returns(&answer, true).map_err(|_| Revert::empty())
}

/// Calls another contract, which may change state and call back.
///
/// Errors: as [`view`].
pub fn call<S, C>(contract: &mut S, to: Address, request: &C) -> Result<C::Return, Revert>
where
    S: TopLevelStorage + HostAccess,
    C: SolCall,
{
    let data = request.abi_encode();
    // The context wants the contract by `&mut`, the host is reached by `&`: the marker stands for the borrow this function holds anyway.
    let answer = contract
        .vm()
        .call(&Exclusive, to, &data)
        .map_err(|error| Revert::from_callee(error.encode()))?;
    C::abi_decode_returns(&answer, true).map_err(|_| Revert::empty())
}

/// Context of a call made while the caller is held by `&mut`, with all gas and no value.
struct Exclusive;

impl CallContext for Exclusive {
    fn gas(&self) -> u64 {
        u64::MAX
    }
}

// SAFETY: the trait wants proof that no storage reference is alive across the call. `call` is the only user and holds `&mut S` of the
// top-level storage, which excludes any other.
unsafe impl MutatingCallContext for Exclusive {
    fn value(&self) -> U256 {
        U256::ZERO
    }
}
