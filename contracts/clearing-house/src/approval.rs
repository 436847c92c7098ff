//! Approvals of trades: exact terms, agreed to by an account ahead of the execution.
//!
//! `tradeHash = keccak256(abi.encode(chainid, address(this), buyer, seller, seriesId, contracts, premium, deadline, nonce))`: an approval
//! is worth nothing on another chain, in another clearing house, or for other terms.

use alloy_primitives::{B256, U256};
use alloy_sol_types::SolEvent;
use interfaces::IClearingHouse::{
    BadAccount, DeadlinePassed, SelfTrade, TradeAlreadyExecuted, TradeApproved, TradeNotApproved,
    TradeRevoked,
};
use interfaces::Revert;
use interfaces::words::{Word, emit, encode};
use stylus_sdk::prelude::*;

use crate::ClearingHouse;

/// Terms of a trade.
#[derive(Clone, Copy)]
pub(crate) struct Terms {
    pub(crate) buyer: U256,
    pub(crate) seller: U256,
    pub(crate) series: U256,
    /// 1e-18.
    pub(crate) contracts: U256,
    /// For the whole trade, from buyer to seller, settlement token units.
    pub(crate) premium: U256,
    /// Last second at which the trade may be executed or approved.
    pub(crate) deadline: u64,
    /// Tells equal terms apart.
    pub(crate) nonce: u64,
}

impl ClearingHouse {
    /// Identifies the terms on this chain and in this clearing house.
    pub(crate) fn hash_of(&self, terms: &Terms) -> B256 {
        let words = [
            self.vm().chain_id().word(),
            self.vm().contract_address().word(),
            terms.buyer.word(),
            terms.seller.word(),
            terms.series.word(),
            terms.contracts.word(),
            terms.premium.word(),
            terms.deadline.word(),
            terms.nonce.word(),
        ];
        self.vm().native_keccak256(&encode(&[], &words))
    }

    /// Agrees to terms for one of their sides.
    ///
    /// Errors: `NotAuthorized`, `BadAccount` when the account is neither side, `SelfTrade`, `DeadlinePassed`, `TradeAlreadyExecuted`.
    pub(crate) fn approve(&mut self, account: U256, terms: &Terms) -> Result<B256, Revert> {
        self.only_authorized(account)?;
        if account != terms.buyer && account != terms.seller {
            return Err(BadAccount { account }.into());
        }
        let hash = self.open_terms(terms)?;
        self.approvals.setter(hash).setter(account).set(true);
        emit(
            self.vm(),
            &[TradeApproved::SIGNATURE_HASH, hash, account.word()],
            &[],
        );
        Ok(hash)
    }

    /// Takes an approval back. Errors: `NotAuthorized`, `TradeAlreadyExecuted`, `TradeNotApproved` when there is none.
    pub(crate) fn revoke(&mut self, account: U256, hash: B256) -> Result<(), Revert> {
        self.only_authorized(account)?;
        self.only_unexecuted(hash)?;
        if !self.approvals.getter(hash).get(account) {
            return Err(TradeNotApproved {
                tradeHash: hash,
                account,
            }
            .into());
        }
        self.approvals.setter(hash).setter(account).set(false);
        emit(
            self.vm(),
            &[TradeRevoked::SIGNATURE_HASH, hash, account.word()],
            &[],
        );
        Ok(())
    }

    /// Uses terms up: each side is either the caller's to act for or has approved.
    ///
    /// Errors: `SelfTrade`, `DeadlinePassed`, `TradeAlreadyExecuted`, `TradeNotApproved`.
    pub(crate) fn consume(&mut self, terms: &Terms) -> Result<B256, Revert> {
        let hash = self.open_terms(terms)?;
        let caller = self.vm().msg_sender();
        for account in [terms.buyer, terms.seller] {
            if self.acts_for(account, caller) {
                continue;
            }
            if !self.approvals.getter(hash).get(account) {
                return Err(TradeNotApproved {
                    tradeHash: hash,
                    account,
                }
                .into());
            }
            // Used up; the slot is given back.
            self.approvals.setter(hash).setter(account).set(false);
        }
        self.executed.setter(hash).set(true);
        Ok(hash)
    }

    /// Hash of terms that could still be executed.
    fn open_terms(&self, terms: &Terms) -> Result<B256, Revert> {
        if terms.buyer == terms.seller {
            return Err(SelfTrade {
                account: terms.buyer,
            }
            .into());
        }
        let time = self.now();
        if time > terms.deadline {
            return Err(DeadlinePassed {
                deadline: terms.deadline,
                time,
            }
            .into());
        }
        let hash = self.hash_of(terms);
        self.only_unexecuted(hash)?;
        Ok(hash)
    }

    fn only_unexecuted(&self, hash: B256) -> Result<(), Revert> {
        if self.executed.get(hash) {
            return Err(TradeAlreadyExecuted { tradeHash: hash }.into());
        }
        Ok(())
    }
}
