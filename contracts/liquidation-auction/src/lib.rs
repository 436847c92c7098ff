//! Dutch auctions of accounts below maintenance margin.
//!
//! Decides when an account may be sold, how much of it, and at which price ([`sale`]); the clearing house moves positions and cash and
//! ends in its margin gate. Holds no money.
//!
//! Every state of an auction has an exit, none of which needs the owner:
//!
//! | state | exit |
//! |---|---|
//! | buffer restored (market, deposit, bid) | `end`, by anyone; a bid that restores it ends the auction itself |
//! | no legs left (sold or settled) | `end`, which then asks no oracle |
//! | nobody bids | the price falls to zero in 12¼ hours; from then on the insurance pays whoever takes the account |
//! | worth nothing | the insurance's payment rises for an hour; a bidder may take the part it can pay for |
//! | insurance empty | legs stay until expiry, where the settlement waterfall realises what is left |
//! | winnings unclaimed | bids revert `UnclaimedCredit`; anyone may settle the group's shorts and claim, after which bids work again |
//! | a leg expired | bids revert `UnsettledExpiry`; anyone may settle, after which bids or `end` work again (why so: the kernel's `liquidation`) |
//! | spot quorum lost | bids revert; the settlement price is fixed by a ladder with a last step, then as above |
//! | sequencer down or just back | nothing but deep shortfalls is put up for sale for a bounded time; bids go on |
//!
//! An auction of an account that recovered must be ended before the account falls again, or its old clock still runs: anyone may do so, its
//! owner has reason to, and the keeper does.
//!
//! Nothing here is reentrant: no token is called on any path, and while the clearing house calls one, its views revert `Locked`.

#![cfg_attr(not(any(test, feature = "export-abi")), no_main)]
#![cfg_attr(not(any(test, feature = "export-abi")), no_std)]
#![allow(
    missing_docs,
    reason = "the entrypoint macro generates public functions without docs"
)]

#[macro_use]
extern crate alloc;

mod auction;
mod bidding;
mod grace;
mod jump;
mod parties;
mod refusal;
mod sale;
#[cfg(test)]
mod tests;
mod units;

use alloc::vec::Vec;

use alloy_primitives::{Address, I256, U256};
use alloy_sol_types::{SolCall, SolError, SolEvent};
use interfaces::words::{Word, emit, encode};
use interfaces::{IClearingHouse, ILiquidationAuction, Revert, call_encoded};
use stylus_sdk::prelude::*;
use stylus_sdk::storage::{StorageAddress, StorageMap};

use crate::auction::{Auction, uint};
use crate::bidding::{amounts, limit, net_payment};
use crate::refusal::{healthy, overflow, refusal};

/// The auction house.
#[entrypoint]
#[storage]
pub struct LiquidationAuction {
    /// May connect, once.
    deployer: StorageAddress,
    /// The kernel; zero until connected.
    clearing_house: StorageAddress,
    /// The kernel's vault, read when connecting.
    vault: StorageAddress,
    /// The kernel's series factory, read when connecting.
    factory: StorageAddress,
    /// The kernel's settlement, read when connecting.
    settlement: StorageAddress,
    /// The adapter of the kernel's engine, read when connecting.
    adapter: StorageAddress,
    /// Auction by account.
    auctions: StorageMap<U256, Auction>,
}

/// Least time between two calls of `start` that only keep the clock running, seconds.
const LEAST_PAUSE: u64 = 60;

#[public]
impl LiquidationAuction {
    /// `deployer` may connect the clearing house, once, and has no other power.
    ///
    /// # Errors
    /// None.
    #[constructor]
    pub fn constructor(&mut self, deployer: Address) -> Result<(), Revert> {
        self.deployer.set(deployer);
        Ok(())
    }

    /// Fixes the clearing house, once, by the deployer. Takes vault, factory, settlement and adapter from it.
    ///
    /// # Errors
    /// `NotDeployer`, `AlreadyConnected`, and `NotModule` when that clearing house takes bids from another auction.
    pub fn connect(&mut self, clearing_house: Address) -> Result<(), Revert> {
        let caller = self.vm().msg_sender();
        if caller != self.deployer.get() {
            return Err(refusal(
                ILiquidationAuction::NotDeployer::SELECTOR,
                &[caller.word()],
            ));
        }
        let connected = self.clearing_house.get();
        if !connected.is_zero() {
            return Err(refusal(
                ILiquidationAuction::AlreadyConnected::SELECTOR,
                &[connected.word()],
            ));
        }
        let modules = self.modules_of(clearing_house)?;
        let own = self.vm().contract_address();
        if modules.auction != own {
            return Err(refusal(IClearingHouse::NotModule::SELECTOR, &[own.word()]));
        }
        self.clearing_house.set(clearing_house);
        self.vault.set(modules.vault);
        self.factory.set(modules.factory);
        self.settlement.set(modules.settlement);
        let adapter = self.adapter_of(modules.engine)?;
        self.adapter.set(adapter);
        emit(
            self.vm(),
            &[
                ILiquidationAuction::Connected::SIGNATURE_HASH,
                clearing_house.word(),
            ],
            &[],
        );
        Ok(())
    }

    /// Opens the auction of an account whose maintenance balance is below zero. In an open one it notes that the account is still below its
    /// buffer, so that the clock runs on (see `auction`), and whether it became worth nothing, or something again. Anyone may call.
    ///
    /// # Errors
    /// `NothingToLiquidate`, `UnclaimedCredit`, `Healthy`, `UnconfirmedJump` (see [`jump`]), `GracePeriod` (see [`grace`]), `AuctionExists` when it was noted less than a minute ago, and what the clearing
    /// house reverts with.
    pub fn start(&mut self, account: U256) -> Result<(), Revert> {
        let state = self.state_of(account)?;
        if !state.has_legs {
            return Err(refusal(
                ILiquidationAuction::NothingToLiquidate::SELECTOR,
                &[account.word()],
            ));
        }
        self.check_claimed(account)?;
        let offer = self.offer(account, &state)?;
        let started_at = self.auctions.getter(account).started_at();
        if started_at == 0 {
            if offer.maintenance >= 0 {
                return Err(healthy(account, offer.maintenance));
            }
            self.check_confirmed(account, &offer)?;
            self.check_grace(account, &offer)?;
            let now = self.now();
            self.auctions.setter(account).open(now);
            emit(
                self.vm(),
                &[
                    ILiquidationAuction::AuctionStarted::SIGNATURE_HASH,
                    account.word(),
                    self.vm().msg_sender().word(),
                ],
                &[offer.maintenance.word(), offer.mark.word()],
            );
            self.record_insolvency(account, offer.sale.worthless);
            return Ok(());
        }
        if offer.sale.buffer_margin >= 0 {
            return Err(healthy(account, offer.sale.buffer_margin));
        }
        let now = self.now();
        let noted = self.auctions.setter(account).see(now);
        if !self.record_insolvency(account, offer.sale.worthless) && noted < LEAST_PAUSE {
            return Err(refusal(
                ILiquidationAuction::AuctionExists::SELECTOR,
                &[account.word(), started_at.word()],
            ));
        }
        Ok(())
    }

    /// Takes at most `max_fraction` (1e18 = all) of the account into `bidder`, at most what restores the buffer. `max_net_payment`: most
    /// the bidder pays, fee included, token units; negative: least the insurance must pay him. Ends the auction if the buffer is restored.
    ///
    /// # Errors
    /// `DeadlinePassed`, `BadFraction`, `WrongPool`, `NotAuthorized`, `SelfLiquidation`, `NoAuction`, `StaleVersion`, `Healthy`,
    /// `UnclaimedCredit`, `UnconfirmedJump`, `Slippage`, `InsuranceExhausted`, `Overflow`, and what the clearing house reverts with.
    pub fn bid(
        &mut self,
        account: U256,
        bidder: U256,
        max_fraction: U256,
        max_net_payment: I256,
        expected_version: u64,
        deadline: u64,
    ) -> Result<(U256, U256, U256, U256), Revert> {
        let now = self.now();
        if now > deadline {
            return Err(refusal(
                ILiquidationAuction::DeadlinePassed::SELECTOR,
                &[deadline.word(), now.word()],
            ));
        }
        self.check_bidder(account, bidder)?;
        let state = self.state_of(account)?;
        // Before anything a former bid may have changed, so that its replay is told what it is.
        if state.version != expected_version {
            return Err(refusal(
                ILiquidationAuction::StaleVersion::SELECTOR,
                &[expected_version.word(), state.version.word()],
            ));
        }
        let (sale, bid) = self.terms(account, &state, max_fraction)?;
        let net_payment = net_payment(&bid).ok_or_else(overflow)?;
        let limit = limit(max_net_payment);
        if net_payment > limit {
            return Err(refusal(
                ILiquidationAuction::Slippage::SELECTOR,
                &[net_payment.word(), limit.word()],
            ));
        }
        self.check_insurance(account, bid.insurance_payment)?;

        self.auctions.setter(account).see(now);
        self.record_insolvency(account, sale.worthless);
        let paid_in = sale
            .reserved
            .checked_add(bid.payment)
            .ok_or_else(overflow)?;
        self.auctions.setter(account).set_paid_in(paid_in);
        let terms = [
            bid.fraction.word(),
            bid.payment.word(),
            bid.insurance_fee.word(),
            bid.insurance_payment.word(),
        ];
        emit(
            self.vm(),
            &[
                ILiquidationAuction::AuctionBid::SIGNATURE_HASH,
                account.word(),
                bidder.word(),
            ],
            &terms,
        );
        let [fraction, payment, insurance_fee, insurance_payment] = terms;
        let request = encode(
            &IClearingHouse::liquidateCall::SELECTOR,
            &[
                account.word(),
                bidder.word(),
                fraction,
                sale.reserved.word(),
                payment,
                insurance_fee,
                insurance_payment,
            ],
        );
        let clearing_house = self.clearing_house.get();
        call_encoded(self, clearing_house, &request)?;
        self.close_or_carry(account, paid_in, state.debt)?;
        Ok(amounts(&bid))
    }

    /// Ends the auction of an account whose buffer is restored or that has no legs left. Anyone may call.
    ///
    /// # Errors
    /// `NoAuction`, `Unhealthy`, and what the clearing house reverts with.
    pub fn end(&mut self, account: U256) -> Result<(), Revert> {
        self.check_open(account)?;
        let state = self.state_of(account)?;
        // Without legs no oracle is asked: a lost quorum cannot keep the auction open.
        if state.has_legs {
            let buffer_margin = self.offer(account, &state)?.sale.buffer_margin;
            if buffer_margin < 0 {
                return Err(refusal(
                    ILiquidationAuction::Unhealthy::SELECTOR,
                    &[account.word(), buffer_margin.word()],
                ));
            }
        }
        self.close(account);
        Ok(())
    }

    /// What a bid of `max_fraction` would do now, to the unit, and the version to expect. Whether the insurance can pay is not looked at.
    ///
    /// # Errors
    /// `BadFraction`, `NoAuction`, `Healthy`, `UnclaimedCredit`, `Overflow`, and what the clearing house reverts with.
    pub fn preview(
        &self,
        account: U256,
        max_fraction: U256,
    ) -> Result<(U256, U256, U256, U256, u64), Revert> {
        let state = self.state_of(account)?;
        let (_, bid) = self.terms(account, &state, max_fraction)?;
        let (fraction, payment, insurance_fee, insurance_payment) = amounts(&bid);
        Ok((
            fraction,
            payment,
            insurance_fee,
            insurance_payment,
            state.version,
        ))
    }

    /// Start time (0: none), unix seconds, and cash already paid in, token units.
    ///
    /// # Errors
    /// None.
    pub fn auction_of(&self, account: U256) -> Result<(u64, U256), Revert> {
        let auction = self.auctions.getter(account);
        Ok((auction.started_at(), uint(auction.paid_in())))
    }

    /// The kernel; zero until connected.
    ///
    /// # Errors
    /// None.
    pub fn clearing_house(&self) -> Result<Address, Revert> {
        Ok(self.clearing_house.get())
    }
}
