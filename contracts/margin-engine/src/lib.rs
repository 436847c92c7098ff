//! Spike
#![allow(missing_docs, reason = "the entrypoint macro generates public functions without docs")]
#![cfg_attr(not(any(test, feature = "export-abi")), no_main)]
#![cfg_attr(not(any(test, feature = "export-abi")), no_std)]
#[macro_use]
extern crate alloc;
use alloc::vec::Vec;
use alloy_primitives::{Address, U256, B256, FixedBytes};
use interfaces::{ISeriesFactory, IMarginEngine, Revert, view};
use stylus_sdk::prelude::*;
use stylus_sdk::storage::*;

/// s
#[entrypoint]
#[storage]
pub struct Spike { factory: StorageAddress, x: StorageMap<U256, StorageVec<StorageFixedBytes<32>>> }

#[public]
impl Spike {
    /// c
    #[constructor]
    pub fn constructor(&mut self, factory: Address) -> Result<(), Revert> {
        self.factory.set(factory);
        Ok(())
    }
    /// p
    pub fn pools(&self, pool: u32) -> Result<(Address, u8), Revert> {
        if pool == 7 { return Err(IMarginEngine::UnknownRiskProfile { riskProfile: pool }.into()); }
        let r = view(self, self.factory.get(), &ISeriesFactory::poolAssetsCall { pool })?;
        Ok((r.settlementAsset, r.settlementDecimals))
    }
    /// d
    pub fn dynamic(&self, legs: Vec<FixedBytes<32>>) -> Result<(Vec<FixedBytes<32>>, U256), Revert> {
        let n = U256::from(legs.len());
        Ok((legs, n))
    }
}
#[cfg(test)]
mod tests {
    use alloy_sol_types::{SolCall, SolType, sol_data};
    #[test]
    fn enc() {
        type T = (sol_data::Array<sol_data::FixedBytes<32>>, sol_data::Uint<256>);
        let v = (alloc::vec![alloy_primitives::B256::ZERO], alloy_primitives::U256::from(5));
        let a = <T as SolType>::abi_encode(&v);
        let b = <T as SolType>::abi_encode_sequence(&v);
        println!("{} {}", a.len(), b.len());
    }
}
