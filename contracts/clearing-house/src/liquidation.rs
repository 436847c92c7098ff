//! The primitive of the liquidation auction: a fraction of a portfolio changes hands for a payment.
//!
//! The auction decides who may be sold, to whom, how much and for what; the kernel makes sure that what moves is exactly the fraction of
//! every leg and balance, that the bidder can carry it, and that nobody else is touched. Truncation leaves the remainder with the
//! account sold.
//!
//! An account is not sold around a leg that has expired, not even around a long of dust. Until its price is fixed a long may be worth
//! anything its payoff allows, and nobody may be sold who is healthy at the price that will be fixed; while, if the rest was sold as
//! worthless, the insurance paying, he would still collect what the long pays. To sell around it soundly, the long would have to count at
//! the most it can settle at, and whatever the insurance pays as a debt: a margin call without the leg, another formula for the fraction,
//! another way for debt to arise. What that would save is bounded without it. The price is fixed at the expiry if one keeper recorded its
//! last half hour, at most a day later while the sources have a quorum, without which no account can be sold anyway; and whoever wants to
//! bid may fix, settle and claim first, in the same transaction. Somebody who holds dust in many expiries that nobody samples gains a
//! day each time: sampling every expiry with open interest is a keeper's first duty.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::SolEvent;
use clearing_math::{WAD, fixed::mul_div_down};
use interfaces::IClearingHouse::{
    BadFraction, Overflow, PortfolioLiquidated, SelfTrade, WrongPool,
};
use interfaces::words::{Word, emit};
use interfaces::{Revert, ids};
use stylus_sdk::prelude::*;

use crate::ClearingHouse;
use crate::authority::only_account;
use crate::custody::take;
use crate::gate::OnDegraded;
use crate::leg_word::{leg_contracts, leg_series};
use crate::positions::pool_of;

/// Terms of one liquidation, as the auction fixed them. Amounts in settlement token units.
pub(crate) struct Sale {
    pub(crate) account: U256,
    pub(crate) bidder: U256,
    /// 1e18 = all.
    pub(crate) fraction: U256,
    /// Cash of the account that is not for sale: what earlier bidders paid in.
    pub(crate) reserved: u128,
    /// From bidder to account.
    pub(crate) payment: u128,
    /// From bidder to insurance.
    pub(crate) insurance_fee: u128,
    /// From insurance to bidder.
    pub(crate) insurance_payment: u128,
}

impl ClearingHouse {
    /// Carries out a sale.
    ///
    /// Errors: `NotModule`, `BadAccount`, `SelfTrade`, `WrongPool`, `BadFraction`, `UnsettledExpiry`, `InsufficientCash` of the bidder,
    /// `TooManyLegs`, `TooManyExpiries`, `InsufficientInitialMargin` of the bidder; the vault's `InsufficientBalance` when the insurance holds too little.
    pub(crate) fn sell(&mut self, sale: &Sale) -> Result<(), Revert> {
        self.only_module(self.auction.get())?;
        let fraction = check_sale(sale)?;
        let legs = self.legs_of(sale.account);
        self.only_unexpired(sale.account, &legs)?;
        let bidder_legs = self.move_legs(sale, fraction, &legs)?;
        emit(
            self.vm(),
            &[
                PortfolioLiquidated::SIGNATURE_HASH,
                sale.account.word(),
                sale.bidder.word(),
            ],
            &[
                fraction.word(),
                sale.payment.word(),
                sale.insurance_fee.word(),
                sale.insurance_payment.word(),
            ],
        );
        let (settlement_asset, base_asset) = self.assets_of(sale.account)?;
        self.move_collateral(sale, fraction, settlement_asset, base_asset)?;
        let balances = self.balances_of(sale.bidder)?;
        self.gate(sale.bidder, &bidder_legs, balances, OnDegraded::Accept)?;
        self.repay_in(sale.account, settlement_asset)?;
        Ok(())
    }

    /// Moves the fraction of every leg; returns the bidder's legs after it.
    fn move_legs(
        &mut self,
        sale: &Sale,
        fraction: u128,
        legs: &[B256],
    ) -> Result<Vec<B256>, Revert> {
        let pool = pool_of(sale.account);
        let mut left = legs.to_vec();
        let held = self.legs_of(sale.bidder);
        let mut holds = held.clone();
        for leg in legs {
            let moved = truncated_share(leg_contracts(leg), fraction)?;
            if moved == 0 {
                continue;
            }
            let series = leg_series(leg, pool);
            let given = moved.checked_neg().ok_or(Overflow {})?;
            self.resize_position(sale.account, &mut left, series, given)?;
            self.resize_position(sale.bidder, &mut holds, series, moved)?;
        }
        self.write_legs(sale.account, legs, &left)?;
        self.write_legs(sale.bidder, &held, &holds)?;
        Ok(holds)
    }

    /// Bidder pays, insurance pays, then the fraction of the account's own collateral follows: shares are of what the account held before.
    fn move_collateral(
        &mut self,
        sale: &Sale,
        fraction: u128,
        settlement_asset: Address,
        base_asset: Address,
    ) -> Result<(), Revert> {
        let owned = self.balances_of(sale.account)?;
        let due = sale
            .payment
            .checked_add(sale.insurance_fee)
            .ok_or(Overflow {})?;
        take(sale.bidder, self.balances_of(sale.bidder)?.cash, due)?;
        let insurance = ids::insurance_bucket(pool_of(sale.account));
        let cash = share_down(owned.cash.saturating_sub(sale.reserved), fraction)?;
        let base = share_down(owned.base, fraction)?;
        for (asset, from, to, assets) in [
            (settlement_asset, sale.bidder, sale.account, sale.payment),
            (settlement_asset, sale.bidder, insurance, sale.insurance_fee),
            (
                settlement_asset,
                insurance,
                sale.bidder,
                sale.insurance_payment,
            ),
            (settlement_asset, sale.account, sale.bidder, cash),
            (base_asset, sale.account, sale.bidder, base),
        ] {
            self.move_balance(asset, from, to, assets)?;
        }
        Ok(())
    }
}

/// Checks what needs no storage; returns the fraction, in (0, 1e18].
fn check_sale(sale: &Sale) -> Result<u128, Revert> {
    only_account(sale.account)?;
    only_account(sale.bidder)?;
    if sale.account == sale.bidder {
        return Err(SelfTrade {
            account: sale.account,
        }
        .into());
    }
    let (given, expected) = (pool_of(sale.bidder), pool_of(sale.account));
    if given != expected {
        return Err(WrongPool { given, expected }.into());
    }
    u128::try_from(sale.fraction)
        .ok()
        .filter(|fraction| (1..=WAD).contains(fraction))
        .ok_or_else(|| {
            BadFraction {
                fraction: sale.fraction,
            }
            .into()
        })
}

/// The fraction (1e18 = all) of signed contracts, towards zero.
fn truncated_share(contracts: i128, fraction: u128) -> Result<i128, Overflow> {
    let share =
        i128::try_from(share_down(contracts.unsigned_abs(), fraction)?).map_err(|_| Overflow {})?;
    if contracts < 0 {
        share.checked_neg().ok_or(Overflow {})
    } else {
        Ok(share)
    }
}

/// The fraction (1e18 = all) of an amount, rounded down.
fn share_down(amount: u128, fraction: u128) -> Result<u128, Overflow> {
    mul_div_down(amount, fraction, WAD).ok_or(Overflow {})
}
