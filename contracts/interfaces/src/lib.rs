//! Every ABI of Novation once: the Solidity files in `solidity/` are what users import, what the native tools read, and what the bindings
//! below are generated from. Contracts use the generated errors and events as their own, and the generated calls to reach each other.

#![no_std]
extern crate alloc;

mod call;
pub mod data_contract;
mod event;
pub mod ids;
pub mod margin_request;
pub mod market_data;
mod ownership;
#[cfg(target_arch = "wasm32")]
mod panic;
mod revert;
pub mod short_text;
pub mod words;

pub use call::{call, call_encoded, view, view_encoded};
pub use event::log;
pub use ownership::{IOwnable2Step, Ownership};
pub use revert::Revert;

/// Generated from the Solidity files; documented there.
#[allow(
    missing_docs,
    clippy::all,
    clippy::pedantic,
    clippy::arithmetic_side_effects
)]
mod generated {
    use alloy_sol_types::sol;

    sol!("solidity/ISeriesFactory.sol");
    sol!("solidity/ICollateralVault.sol");
    sol!("solidity/IOracleAdapter.sol");
    sol!("solidity/IMarginEngine.sol");
    sol!("solidity/IRiskLens.sol");
    sol!("solidity/IRiskLimits.sol");
    sol!("solidity/IMarginModel.sol");
    sol!("solidity/IOptionPricer.sol");
    sol!("solidity/IClearingHouse.sol");
    sol!("solidity/ILiquidationAuction.sol");
    sol!("solidity/IExpirySettlement.sol");
    sol!("solidity/ISignedPrice.sol");
    sol!("solidity/ISettlementCommittee.sol");
    sol!("solidity/ISignedQuotes.sol");
    sol!("solidity/ISmileProof.sol");
    sol!("solidity/IVolatilitySurface.sol");
    sol!("solidity/IAggregatorFace.sol");
}

pub use generated::{
    IAggregatorFace, IClearingHouse, ICollateralVault, IExpirySettlement, ILiquidationAuction,
    IMarginEngine, IMarginModel, IOptionPricer, IOracleAdapter, IRiskLens, IRiskLimits,
    ISeriesFactory, ISettlementCommittee, ISignedPrice, ISignedQuotes, ISmileProof,
    IVolatilitySurface,
};
