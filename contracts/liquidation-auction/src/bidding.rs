//! Checks and effects of a bid, and how an auction closes.

use alloy_primitives::{B256, I256, U256};
use alloy_sol_types::{SolError, SolEvent};
use clearing_math::auction::buffer_margin;
use interfaces::words::{Word, Words, emit};
use interfaces::{ILiquidationAuction, Revert, ids};
use stylus_sdk::prelude::*;

use crate::LiquidationAuction;
use crate::auction::uint;
use crate::parties::State;
use crate::refusal::{healthy, overflow, refusal};
use crate::sale::{Bid, LEAST_FRACTION, Sale, WHOLE};

impl LiquidationAuction {
    /// The bidder's account is of the same pool, the caller acts for it, and neither acts for the account being sold.
    ///
    /// Errors: `WrongPool`, `NotAuthorized`, `SelfLiquidation`.
    pub(crate) fn check_bidder(&self, account: U256, bidder: U256) -> Result<(), Revert> {
        let (given, expected) = (ids::account_pool(bidder), ids::account_pool(account));
        if given != expected {
            return Err(refusal(
                ILiquidationAuction::WrongPool::SELECTOR,
                &[given.word(), expected.word()],
            ));
        }
        let caller = self.vm().msg_sender();
        if !self.is_authorized(bidder, caller)? {
            return Err(refusal(
                ILiquidationAuction::NotAuthorized::SELECTOR,
                &[bidder.word(), caller.word()],
            ));
        }
        let owner = ids::account_owner(bidder);
        if self.is_authorized(account, caller)?
            || (owner != caller && self.is_authorized(account, owner)?)
        {
            return Err(refusal(
                ILiquidationAuction::SelfLiquidation::SELECTOR,
                &[account.word(), caller.word()],
            ));
        }
        Ok(())
    }

    /// Errors: `NoAuction`.
    pub(crate) fn check_open(&self, account: U256) -> Result<(), Revert> {
        if self.auctions.getter(account).started_at() == 0 {
            return Err(refusal(
                ILiquidationAuction::NoAuction::SELECTOR,
                &[account.word()],
            ));
        }
        Ok(())
    }

    /// The account has claimed all it won. Until then its margin leaves out what it is owed: an account hedged by what it won would be sold
    /// as worthless, the insurance paying, and would still collect its winnings afterwards.
    ///
    /// Errors: `UnclaimedCredit`.
    pub(crate) fn check_claimed(&self, account: U256) -> Result<(), Revert> {
        let credit = self.unclaimed_of(account)?;
        if !credit.is_zero() {
            return Err(refusal(
                ILiquidationAuction::UnclaimedCredit::SELECTOR,
                &[account.word(), credit.word()],
            ));
        }
        Ok(())
    }

    /// What is for sale, and the terms of a bid for at most `max_fraction` (WAD).
    ///
    /// Errors: `BadFraction`, `NoAuction`, `Healthy`, `UnclaimedCredit`, `UnconfirmedJump`, `Overflow`.
    pub(crate) fn terms(
        &self,
        account: U256,
        state: &State,
        max_fraction: U256,
    ) -> Result<(Sale, Bid), Revert> {
        let bad_fraction = || {
            refusal(
                ILiquidationAuction::BadFraction::SELECTOR,
                &[max_fraction.word()],
            )
        };
        let given = u64::try_from(max_fraction).map_err(|_| bad_fraction())?;
        if given == 0 || given > WHOLE {
            return Err(bad_fraction());
        }
        self.check_open(account)?;
        let offer = self.offer(account, state)?;
        if offer.sale.buffer_margin >= 0 {
            return Err(healthy(account, offer.sale.buffer_margin));
        }
        self.check_claimed(account)?;
        self.check_confirmed(account, &offer)?;
        let sale = offer.sale;
        if given < LEAST_FRACTION.min(sale.most) {
            return Err(bad_fraction());
        }
        let bid = sale.bid(given).ok_or_else(overflow)?;
        Ok((sale, bid))
    }

    /// The pool's insurance can pay `needed` token units.
    ///
    /// Errors: `InsuranceExhausted`.
    pub(crate) fn check_insurance(&self, account: U256, needed: u128) -> Result<(), Revert> {
        if needed == 0 {
            return Ok(());
        }
        let pool = ids::account_pool(account);
        let balance = self.insurance_of(pool)?;
        if balance < uint(needed) {
            return Err(refusal(
                ILiquidationAuction::InsuranceExhausted::SELECTOR,
                &[pool.word(), balance.word(), needed.word()],
            ));
        }
        Ok(())
    }

    /// Notes whether the account is worth nothing, if that is news; says whether it was.
    pub(crate) fn record_insolvency(&mut self, account: U256, worthless: bool) -> bool {
        let since = if worthless { self.now() } else { 0 };
        let mut auction = self.auctions.setter(account);
        if (auction.insolvent_since() == 0) != worthless {
            return false;
        }
        auction.set_insolvent_since(since);
        emit(
            self.vm(),
            &[
                ILiquidationAuction::InsolvencyRecorded::SIGNATURE_HASH,
                account.word(),
            ],
            &[since.word()],
        );
        true
    }

    /// After a bid: closes the auction if no legs are left or the buffer is restored. Else what the account holds of the cash paid in
    /// (`paid_in`) shrinks by what the kernel took of it for debt, of which there was `debt_before`.
    pub(crate) fn close_or_carry(
        &mut self,
        account: U256,
        paid_in: u128,
        debt_before: u128,
    ) -> Result<(), Revert> {
        let state = self.state_of(account)?;
        if !state.has_legs {
            self.close(account);
            return Ok(());
        }
        let (maintenance, mark, _) = self.health_of(account)?;
        if buffer_margin(maintenance, mark).ok_or_else(overflow)? >= 0 {
            self.close(account);
            return Ok(());
        }
        let repaid = debt_before.saturating_sub(state.debt);
        let kept = paid_in.saturating_sub(repaid);
        self.auctions.setter(account).set_paid_in(kept);
        Ok(())
    }

    /// Forgets the auction.
    pub(crate) fn close(&mut self, account: U256) {
        self.auctions.setter(account).erase();
        emit(
            self.vm(),
            &[
                ILiquidationAuction::AuctionEnded::SIGNATURE_HASH,
                account.word(),
            ],
            &[],
        );
    }
}

/// What the bidder pays less what he is paid, token units.
pub fn net_payment(bid: &Bid) -> Option<i128> {
    let paid = bid.payment.checked_add(bid.insurance_fee)?;
    i128::try_from(paid)
        .ok()?
        .checked_sub_unsigned(bid.insurance_payment)
}

/// A limit as the ABI has it; beyond 128 bits it is as good as the nearest number within.
pub fn limit(given: I256) -> i128 {
    let word = B256::from(given.to_be_bytes::<32>());
    let mut words = Words::new(word.as_slice());
    let value = words.i128();
    match words.end() {
        Ok(()) => value,
        Err(_) if given.is_negative() => i128::MIN,
        Err(_) => i128::MAX,
    }
}

/// A bid as the ABI has it: fraction, payment, insurance fee, insurance payment.
pub fn amounts(bid: &Bid) -> (U256, U256, U256, U256) {
    (
        uint(bid.fraction.into()),
        uint(bid.payment),
        uint(bid.insurance_fee),
        uint(bid.insurance_payment),
    )
}
