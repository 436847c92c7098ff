//! What a pool may take as an asset: a contract that states its decimals, 18 at most.

use alloy_primitives::{Address, B256, U256, b256};
use alloy_sol_types::sol;
use interfaces::{ISeriesFactory, Revert, view};
use stylus_sdk::prelude::*;

use crate::SeriesFactory;

/// Most decimals: amounts are scaled up to 18.
const MAX_DECIMALS: u8 = 18;

/// Code hash of an address that was used but has no code: keccak256 of nothing.
const NO_CODE: B256 = b256!("c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");

#[allow(
    missing_docs,
    clippy::all,
    clippy::pedantic,
    clippy::arithmetic_side_effects
)]
mod erc20 {
    use super::sol;

    sol! {
        interface IERC20Metadata {
            // Read as the whole word: as uint8, 256 would be taken for 0.
            function decimals() external view returns (uint256);
        }
    }
}

impl SeriesFactory {
    /// Decimals of a token. Errors: `BadAsset` when it is zero, has no code, gives no answer, or has more than 18.
    pub(crate) fn decimals_of(&self, asset: Address) -> Result<u8, Revert> {
        let bad = ISeriesFactory::BadAsset { asset };
        let hash = self.vm().code_hash(asset);
        if asset.is_zero() || hash.is_zero() || hash == NO_CODE {
            return Err(bad.into());
        }
        let Ok(answer) = view(self, asset, &erc20::IERC20Metadata::decimalsCall {}) else {
            return Err(bad.into());
        };
        if answer._0 > U256::from(MAX_DECIMALS) {
            return Err(bad.into());
        }
        Ok(answer._0.saturating_to())
    }
}
