//! Unit tests: one file per entry point, the reverts first; the arithmetic of the waterfall; whole groups at random.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::unnecessary_wraps,
    clippy::unused_self,
    reason = "numbers of the tests, and stand-ins with the interface of the real contracts"
)]

mod claim;
mod connect;
mod group;
mod kernel;
mod settle;
mod waterfall;

use alloy_primitives::{Address, I256, U256};
use clearing_math::leg::{Leg, OptionKind};
use interfaces::{Revert, ids};
use kernel::Kernel;
use motsu::prelude::*;

use crate::ExpirySettlement;

/// motsu's clock.
const NOW: u32 = 1_735_689_600;
/// An expiry that has just passed, and one to come.
const EXPIRED: u32 = NOW;
const LATER: u32 = NOW + 86_400;
/// Pool of all accounts: settlement asset with 6 decimals, base asset with 8.
const POOL: u32 = 7;
/// One quote unit, one underlying, in token units.
const QUOTE: u128 = 1_000_000;
const BASE: u128 = 100_000_000;
/// One contract, 1e-18.
const ONE: i128 = 1_000_000_000_000_000_000;

/// The settlement, connected to a stand-in of clearing house, vault, factory and oracle adapter.
struct Scene<'a> {
    settlement: &'a Contract<ExpirySettlement>,
    kernel: &'a Contract<Kernel>,
    anyone: Address,
}

impl<'a> Scene<'a> {
    /// The settlement price is 3,000.
    fn new(
        settlement: &'a Contract<ExpirySettlement>,
        kernel: &'a Contract<Kernel>,
        anyone: Address,
    ) -> Self {
        let own = kernel.address();
        kernel.sender(anyone).set_parties(own, settlement.address());
        settlement
            .sender(anyone)
            .constructor(anyone, own, own, own)
            .unwrap();
        settlement.sender(anyone).connect(own).unwrap();
        let scene = Self {
            settlement,
            kernel,
            anyone,
        };
        scene.fix_price(3_000 * ONE as u128);
        scene
    }

    fn fix_price(&self, price: u128) {
        self.kernel.sender(self.anyone).set_price(price);
    }

    fn hold(&self, account: U256, leg: Leg) {
        self.kernel.sender(self.anyone).give_leg(account, &leg);
    }

    /// Balance of a bucket in settlement and base token units.
    fn put(&self, bucket: U256, settlement: u128, base: u128) {
        self.kernel
            .sender(self.anyone)
            .set_balances(bucket, settlement, base);
    }

    fn balances(&self, bucket: U256) -> (u128, u128) {
        self.kernel.sender(self.anyone).balances(bucket)
    }

    fn debt(&self, account: U256) -> u128 {
        self.kernel.sender(self.anyone).debt_of(account)
    }

    fn settle(&self, account: U256) -> Result<I256, Revert> {
        self.settlement
            .sender(self.anyone)
            .settle(account, EXPIRED)
            .motsu_res()
    }

    fn claim(&self, account: U256) -> Result<(U256, U256), Revert> {
        self.settlement
            .sender(self.anyone)
            .claim(account, EXPIRED)
            .motsu_res()
    }

    fn credit(&self, account: U256) -> U256 {
        self.settlement
            .sender(self.anyone)
            .credit_of(account, EXPIRED)
            .unwrap()
    }

    fn unclaimed(&self, account: U256) -> U256 {
        self.settlement
            .sender(self.anyone)
            .unclaimed_of(account)
            .unwrap()
    }

    fn group(&self) -> [u128; 5] {
        let (owed, cash, base, insurance, shortfall) = self
            .settlement
            .sender(self.anyone)
            .group_state(POOL, EXPIRED)
            .unwrap();
        [owed, cash, base, insurance, shortfall].map(|sum| sum.to())
    }
}

/// Account `index` of an owner.
fn account(index: u64) -> U256 {
    ids::account_id(Address::repeat_byte(0xa1), POOL, index)
}

/// Calls struck at 2,000, `contracts` in 1e-18.
fn calls(expiry: u32, contracts: i128) -> Leg {
    Leg {
        expiry,
        strike: 200_000_000_000,
        kind: OptionKind::Call,
        contracts,
    }
}

/// The error as revert data.
fn revert<E: alloy_sol_types::SolError>(error: E) -> Revert {
    error.into()
}

fn units(value: u128) -> U256 {
    U256::from(value)
}

fn int(value: i128) -> I256 {
    I256::try_from(value).unwrap()
}
