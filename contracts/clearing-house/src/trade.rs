//! Trades: contracts from seller to buyer, premium from buyer to seller, each side gated once at the end.

use alloc::vec::Vec;

use alloy_primitives::{B256, U256};
use alloy_sol_types::SolEvent;
use interfaces::IClearingHouse::{
    OpenInterestCapExceeded, Overflow, Paused, SeriesExpired, Traded, UnknownSeries, WrongPool,
    ZeroAmount,
};
use interfaces::words::{Word, emit};
use interfaces::{Revert, ids};
use stylus_sdk::prelude::*;

use crate::ClearingHouse;
use crate::approval::Terms;
use crate::authority::only_account;
use crate::custody::{Balances, take};
use crate::positions::{Resize, pool_of};

/// Most contracts in one trade, 1e-18: keeps every sum of positions far inside an `i128`.
const MOST_CONTRACTS: i128 = 1 << 120;

/// One account's legs around the trade.
struct Side {
    before: Vec<B256>,
    after: Vec<B256>,
    size: Resize,
}

impl ClearingHouse {
    /// Executes terms both sides have agreed to.
    ///
    /// Errors: those of the approval (`consume`), `BadAccount`, `ZeroAmount`, `WrongPool`, `SeriesExpired`, `UnknownSeries`, `Paused`,
    /// `TooManyLegs`, `TooManyExpiries`, `OpenInterestCapExceeded`, `InsufficientCash`, `InsufficientInitialMargin`, `MarketDegraded`, `UnsettledExpiry`, `Overflow`.
    pub(crate) fn execute(&mut self, terms: &Terms) -> Result<B256, Revert> {
        let hash = self.consume(terms)?;
        let contracts = self.check_terms(terms)?;
        for account in [terms.buyer, terms.seller] {
            self.repay(account)?;
        }
        let open_before = self.open_interest_of(terms.series);
        let sold = contracts.checked_neg().ok_or(Overflow {})?;
        let buyer = self.change_position(terms.buyer, terms.series, contracts)?;
        let seller = self.change_position(terms.seller, terms.series, sold)?;
        self.check_pause(buyer.size, seller.size)?;
        self.check_open_interest(terms.series, open_before)?;
        emit(
            self.vm(),
            &[
                Traded::SIGNATURE_HASH,
                hash,
                terms.buyer.word(),
                terms.seller.word(),
            ],
            &[
                terms.series.word(),
                terms.contracts.word(),
                terms.premium.word(),
            ],
        );
        let premium = i128::try_from(terms.premium).map_err(|_| Overflow {})?;
        self.pay_premium(terms, premium.unsigned_abs())?;
        self.gate_side(
            terms.buyer,
            &buyer,
            premium.checked_neg().ok_or(Overflow {})?,
        )?;
        self.gate_side(terms.seller, &seller, premium)?;
        Ok(hash)
    }

    /// Checks what does not depend on positions; returns the contracts. A series with open interest needs no look-up: it was listed when
    /// its first contract was traded, and listings are for ever.
    fn check_terms(&self, terms: &Terms) -> Result<i128, Revert> {
        only_account(terms.buyer)?;
        only_account(terms.seller)?;
        if terms.contracts.is_zero() {
            return Err(ZeroAmount {}.into());
        }
        let contracts = i128::try_from(terms.contracts)
            .ok()
            .filter(|contracts| *contracts <= MOST_CONTRACTS)
            .ok_or(Overflow {})?;
        let expected = ids::series_pool(terms.series);
        for given in [pool_of(terms.buyer), pool_of(terms.seller)] {
            if given != expected {
                return Err(WrongPool { given, expected }.into());
            }
        }
        let series = terms.series;
        if self.open_interest_of(series) == 0 && !self.is_listed(series)? {
            return Err(UnknownSeries { seriesId: series }.into());
        }
        let expiry = ids::series_expiry(series);
        if u64::from(expiry) <= self.now() {
            return Err(SeriesExpired {
                seriesId: series,
                expiry,
            }
            .into());
        }
        Ok(contracts)
    }

    /// Adds contracts to one account's position and stores it.
    fn change_position(
        &mut self,
        account: U256,
        series: U256,
        contracts: i128,
    ) -> Result<Side, Revert> {
        let before = self.legs_of(account);
        let mut after = before.clone();
        let size = self.resize_position(account, &mut after, series, contracts)?;
        self.write_legs(account, &before, &after)?;
        Ok(Side {
            before,
            after,
            size,
        })
    }

    /// While paused only trades pass that bring both positions closer to zero.
    fn check_pause(&self, buyer: Resize, seller: Resize) -> Result<(), Revert> {
        let until = self.paused_until();
        if until > self.now() && !(buyer.shrinks() && seller.shrinks()) {
            return Err(Paused { until }.into());
        }
        Ok(())
    }

    /// The cap bars only trades that raise the open interest. Errors: `OpenInterestCapExceeded`.
    fn check_open_interest(&self, series: U256, before: u128) -> Result<(), Revert> {
        let given = self.open_interest_of(series);
        if given <= before {
            return Ok(());
        }
        let most = self.open_interest_cap(ids::series_pool(series))?;
        if given > most {
            return Err(OpenInterestCapExceeded {
                seriesId: series,
                given: U256::from(given),
                most: U256::from(most),
            }
            .into());
        }
        Ok(())
    }

    /// Errors: `InsufficientCash`.
    fn pay_premium(&mut self, terms: &Terms, premium: u128) -> Result<(), Revert> {
        if premium == 0 {
            return Ok(());
        }
        take(terms.buyer, self.balances_of(terms.buyer)?.cash, premium)?;
        let (settlement_asset, _) = self.assets_of(terms.buyer)?;
        self.move_balance(settlement_asset, terms.buyer, terms.seller, premium)
    }

    /// Gates one side; `received` is the premium, negative when paid, settlement token units.
    fn gate_side(&self, account: U256, side: &Side, received: i128) -> Result<(), Revert> {
        if !self.is_exposed(account, &side.after) {
            return Ok(());
        }
        let after = self.balances_of(account)?;
        let before = Balances {
            cash: received
                .checked_neg()
                .and_then(|paid| after.cash.checked_add_signed(paid))
                .ok_or(Overflow {})?,
            base: after.base,
        };
        self.gate_trade(account, (&side.before, before), (&side.after, after))
    }
}
