//! A series after its last day: samples around the expiry, the settlement price.

use alloy::primitives::U256;

use crate::stage::{Pool, Stage};

/// Seconds of the sampling window before the expiry.
pub const WINDOW: u64 = 1_800;
/// Seconds of a slot: one sample each.
pub const SLOT: u64 = 60;

impl Stage {
    /// Goes to the window before `expiry`, lets the venues print `price` (WAD), and records a sample in each of its 30 slots; ends at the
    /// expiry.
    pub async fn record_window(&self, pool: &Pool, expiry: u32, price: u128) -> anyhow::Result<()> {
        self.warp_to(u64::from(expiry) - WINDOW).await?;
        self.set_price(pool, price).await?;
        self.protocol
            .record_sample(&self.owner, pool.feed, expiry)
            .await?;
        self.record_rest(pool, expiry, price).await
    }

    /// The remaining slots of a window whose first one holds a sample already; ends at the expiry.
    pub async fn record_rest(&self, pool: &Pool, expiry: u32, price: u128) -> anyhow::Result<()> {
        let opens = u64::from(expiry) - WINDOW;
        for slot in 1..WINDOW / SLOT {
            self.warp_to(opens + slot * SLOT).await?;
            if slot % 10 == 0 {
                self.set_price(pool, price).await?;
            }
            self.protocol
                .record_sample(&self.owner, pool.feed, expiry)
                .await?;
        }
        self.warp_to(u64::from(expiry)).await
    }

    /// Step 1 of the ladder with a constant price (WAD): afterwards the expiry has passed and its price is fixed.
    pub async fn expire_at(&self, pool: &Pool, expiry: u32, price: u128) -> anyhow::Result<U256> {
        self.record_window(pool, expiry, price).await?;
        let fixed = self
            .protocol
            .fix_settlement_price(&self.owner, pool.feed, expiry)
            .await?;
        Ok(fixed.value)
    }
}
