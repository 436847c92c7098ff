//! What the owner of an account could take out.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, U256};
use clearing_math::fixed::mul_div_down;
use interfaces::Revert;
use interfaces::market_data::MarketData;
use interfaces::words::Word;
use lens_sources::{
    Account, Accounts, Fetched, Margins, Markets, Portfolio, Wanted, excerpt, refusal,
};

use crate::RiskLimits;
use crate::search::most_allowed;

impl RiskLimits {
    /// Token units, account by account; market data once a feed. Errors: `UnacceptedAsset`, `Overflow`; those of kernel, factory, adapter and
    /// engine.
    pub(crate) fn withdraw_each(
        &self,
        accounts: &[U256],
        asset: Address,
    ) -> Vec<Result<u128, Revert>> {
        let now = self.now();
        let accounts: Vec<_> = accounts.iter().map(|id| self.account(*id)).collect();
        let mut wanted = Wanted::default();
        for account in accounts.iter().flatten() {
            let portfolio = &account.portfolio;
            if portfolio.is_short() {
                wanted.add(self, portfolio.pool, &portfolio.live_expiries(now));
            }
        }
        let markets = wanted.fetch(self, Ok);
        let most = accounts
            .into_iter()
            .map(|account| self.most_to_withdraw(account?, asset.word(), &markets));
        most.collect()
    }

    fn most_to_withdraw(
        &self,
        account: Account,
        asset: B256,
        markets: &Fetched<MarketData>,
    ) -> Result<u128, Revert> {
        let portfolio = account.portfolio;
        let [settlement, base] = self.assets(portfolio.pool)?;
        if asset == B256::ZERO || (asset != settlement && asset != base) {
            return Err(refusal::unaccepted_asset(portfolio.pool, asset));
        }
        // A withdrawal repays first, and nobody who still owes takes anything.
        let Some(cash) = account.cash.checked_sub(account.debt) else {
            return Ok(0);
        };
        let is_cash = asset == settlement;
        let held = if is_cash { cash } else { portfolio.base };
        if !portfolio.is_short() {
            return Ok(held);
        }
        if portfolio.has_expired(self.now()) {
            return Ok(0);
        }
        let (pool, market) = markets.of(portfolio.pool)?;
        let market = excerpt(market, &portfolio.live_expiries(self.now()));
        let margin = self.margin(&portfolio, &market)?;
        if margin.degraded || margin.initial < 0 {
            return Ok(0);
        }
        if is_cash {
            // Cash counts in full: every unit withdrawn takes one off the balance.
            let free = mul_div_down(margin.initial.unsigned_abs(), 1, pool.wad_per_unit()?);
            return Ok(free.unwrap_or(0).min(held));
        }
        most_allowed(held, held, &mut |out| {
            let base = held.checked_sub(out).ok_or_else(refusal::overflow)?;
            let left = Portfolio {
                base,
                ..portfolio.clone()
            };
            Ok(self.margin(&left, &market)?.initial)
        })
    }
}
