//! While a jump of the median is unconfirmed, nobody is sold.
//!
//! The adapter then keeps the last accepted price as the one maintenance stands on, and has nothing but two times to tell whether the new one lasts.
//! An account that is below maintenance at the old price may be sound at the new one, and would be sold at a mark that is no more. So auctions
//! are neither opened nor bid in until the jump is confirmed or gone: a minute or two where keepers store rounds, ten without anybody. Whoever is
//! below at the new price alone waits as long in any case, for maintenance has not moved yet.

use alloy_primitives::U256;
use alloy_sol_types::SolError;
use interfaces::market_data::{MarketData, fetch};
use interfaces::words::Word;
use interfaces::{ILiquidationAuction, Revert, ids};

use crate::LiquidationAuction;
use crate::parties::Offer;
use crate::refusal::refusal;

/// The adapter's doubt that a jump lasts; see `IOracleAdapter.MarketData`.
const JUMP: u32 = 2;

impl LiquidationAuction {
    /// The price the account is sold at is no held one. Asks nobody while nothing is in doubt.
    ///
    /// Errors: `UnconfirmedJump`, and those of the adapter.
    pub(crate) fn check_confirmed(&self, account: U256, offer: &Offer) -> Result<(), Revert> {
        if !offer.degraded {
            return Ok(());
        }
        let feed = self.feed_of(ids::account_pool(account))?;
        let market = MarketData::decode(&fetch(self, self.adapter.get(), feed, &[])?)?;
        if market.doubts & JUMP == 0 {
            return Ok(());
        }
        Err(refusal(
            ILiquidationAuction::UnconfirmedJump::SELECTOR,
            &[account.word()],
        ))
    }
}
