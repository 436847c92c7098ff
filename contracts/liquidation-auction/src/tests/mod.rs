//! Unit tests: one file per entry point, the reverts first, and the arithmetic of a sale.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::unnecessary_wraps,
    clippy::unused_self,
    reason = "numbers of the tests, and stand-ins with the interface of the real contracts"
)]

mod bid;
mod clock;
mod connect;
mod end;
mod kernel;
mod sale;
mod start;

use alloy_primitives::{Address, I256, U64, U256, uint};
use interfaces::{Revert, ids};
use kernel::{Kernel, Portfolio};
use motsu::prelude::*;

use crate::LiquidationAuction;
use crate::sale::WHOLE;

/// motsu's clock.
const NOW: u64 = 1_735_689_600;
/// Pool of all accounts.
const POOL: u32 = 7;
/// One quote unit of a token with 6 decimals.
const QUOTE: u128 = 1_000_000;
/// One quote unit, WAD.
const WAD: i128 = 1_000_000_000_000_000_000;
/// A fraction of one.
const ALL: U256 = uint!(1_000_000_000_000_000_000_U256);

/// Mark 500, maintenance −200, buffer margin −200 − .15 · 700 = −305.
const UNHEALTHY: Portfolio = Portfolio {
    legs: 2,
    value: -500 * WAD,
    requirement: 700 * WAD,
    cash: 1_000 * QUOTE,
    debt: 0,
};

/// Worth −100 in all, maintenance −300.
const WORTHLESS: Portfolio = Portfolio {
    legs: 1,
    value: -1_100 * WAD,
    requirement: 200 * WAD,
    cash: 1_000 * QUOTE,
    debt: 0,
};

/// The auction, connected to a stand-in of the clearing house, vault and factory, with alice's account and bob to bid for it.
struct Scene<'a> {
    auction: &'a Contract<LiquidationAuction>,
    kernel: &'a Contract<Kernel>,
    bob: Address,
    account: U256,
    bidder: U256,
}

impl<'a> Scene<'a> {
    fn new(
        auction: &'a Contract<LiquidationAuction>,
        kernel: &'a Contract<Kernel>,
        alice: Address,
        bob: Address,
    ) -> Self {
        kernel
            .sender(alice)
            .set_parties(kernel.address(), auction.address());
        auction.sender(alice).constructor(alice).unwrap();
        auction.sender(alice).connect(kernel.address()).unwrap();
        Self {
            auction,
            kernel,
            bob,
            account: ids::account_id(alice, POOL, 0),
            bidder: ids::account_id(bob, POOL, 0),
        }
    }

    /// Gives the account a portfolio.
    fn hold(&self, portfolio: Portfolio) {
        self.kernel
            .sender(self.bob)
            .set_portfolio(self.account, portfolio);
    }

    fn insure(&self, units: u128) {
        self.kernel.sender(self.bob).set_insurance(units);
    }

    fn start(&self) -> Result<(), Revert> {
        self.auction
            .sender(self.bob)
            .start(self.account)
            .motsu_res()
    }

    /// Moves the start of the auction into the past: the clock of motsu stands.
    fn started(&self, seconds_ago: u64) {
        self.auction
            .sender(self.bob)
            .auctions
            .setter(self.account)
            .set_started_at(NOW - seconds_ago);
    }

    /// Moves the last look at the account into the past.
    fn seen(&self, seconds_ago: u64) {
        self.auction
            .sender(self.bob)
            .auctions
            .setter(self.account)
            .seen_at
            .set(U64::from(NOW - seconds_ago));
    }

    /// Bob's bid with no limits.
    fn bid(&self, fraction: U256) -> Result<(U256, U256, U256, U256), Revert> {
        self.bid_within(fraction, I256::MAX, self.version(), NOW)
    }

    fn bid_within(
        &self,
        fraction: U256,
        limit: I256,
        version: u64,
        deadline: u64,
    ) -> Result<(U256, U256, U256, U256), Revert> {
        self.auction
            .sender(self.bob)
            .bid(
                self.account,
                self.bidder,
                fraction,
                limit,
                version,
                deadline,
            )
            .motsu_res()
    }

    fn version(&self) -> u64 {
        self.kernel.sender(self.bob).version_of(self.account)
    }

    fn auction_of(&self) -> (u64, U256) {
        self.auction
            .sender(self.bob)
            .auction_of(self.account)
            .unwrap()
    }

    fn portfolio(&self) -> Portfolio {
        self.kernel.sender(self.bob).portfolio_of(self.account)
    }
}

/// The error as revert data.
fn revert<E: alloy_sol_types::SolError>(error: E) -> Revert {
    error.into()
}

fn int(value: i128) -> I256 {
    I256::try_from(value).unwrap()
}

fn units(value: u128) -> U256 {
    U256::from(value)
}

/// A fraction in percent.
fn percent(value: u64) -> U256 {
    U256::from(WHOLE / 100 * value)
}
