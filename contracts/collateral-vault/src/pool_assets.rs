//! The assets a pool takes, kept after the first question: the factory never changes them, and asking it costs a call.

use alloc::vec::Vec;

use alloy_primitives::Address;
use stylus_sdk::prelude::*;
use stylus_sdk::storage::StorageAddress;

/// Settlement and base asset of a pool; settlement zero: not asked yet, base zero: none.
#[storage]
pub struct StoredPoolAssets {
    settlement: StorageAddress,
    base: StorageAddress,
}

impl StoredPoolAssets {
    /// What the factory once answered, if it was asked.
    pub fn known(&self) -> Option<PoolAssets> {
        let settlement = self.settlement.get();
        (!settlement.is_zero()).then(|| PoolAssets {
            settlement,
            base: self.base.get(),
        })
    }

    /// Keeps the factory's answer.
    pub fn keep(&mut self, assets: PoolAssets) {
        self.settlement.set(assets.settlement);
        self.base.set(assets.base);
    }
}

/// Settlement asset, and base asset or zero.
#[derive(Clone, Copy)]
pub struct PoolAssets {
    /// What margin, premiums and settlement are paid in.
    pub settlement: Address,
    /// The underlying itself as collateral; zero when the pool takes none.
    pub base: Address,
}

impl PoolAssets {
    /// Whether the pool takes the asset. Zero is no asset, though it stands for "no base asset".
    pub fn accept(&self, asset: Address) -> bool {
        !asset.is_zero() && (asset == self.settlement || asset == self.base)
    }
}
