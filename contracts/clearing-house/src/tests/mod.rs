//! Every entry point under motsu, reverts first. Time is motsu's constant 1735689600; gas, rollback and the storage cache are judged on
//! compiled WASM by the end-to-end tests.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::type_complexity,
    clippy::similar_names,
    clippy::too_many_arguments,
    clippy::needless_pass_by_value,
    clippy::unused_self,
    clippy::must_use_candidate,
    reason = "the numbers of a test are its own"
)]

mod approval;
mod authority;
mod gate;
mod liquidation;
mod lock;
mod router;
mod settlement;
mod stand_ins;
mod trade;
mod withdraw;

use std::sync::{Mutex, MutexGuard, PoisonError};

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::{SolError, SolEvent};
use interfaces::{Revert, ids};
use motsu::prelude::*;

use crate::ClearingHouse;
use crate::leg_word::leg_contracts;
use stand_ins::{CASH, Engine, Factory, Vault};

const NOW: u64 = 1_735_689_600;
const EXPIRY: u32 = 1_735_776_000;
const ONE: u128 = 1_000_000_000_000_000_000;
/// The same, signed.
const CONTRACT: i128 = ONE.cast_signed();
const GUARDIAN: Address = Address::repeat_byte(0x61);
const AUCTION: Address = Address::repeat_byte(0xa1);
const SETTLEMENT: Address = Address::repeat_byte(0x5e);

/// The kernel and its stand-ins.
struct World {
    house: Contract<ClearingHouse>,
    vault: Contract<Vault>,
    factory: Contract<Factory>,
    engine: Contract<Engine>,
    /// Given back last.
    _turn: MutexGuard<'static, ()>,
}

/// Worlds take turns: motsu keeps those of all threads behind a few locks, and gives up on one that a thread holds for ten milliseconds, which on a busy
/// machine needs no more than that it is not running.
static TURN: Mutex<()> = Mutex::new(());

impl World {
    fn new() -> Self {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let world = Self {
            house: Contract::new(),
            vault: Contract::new(),
            factory: Contract::new(),
            engine: Contract::new(),
            _turn: turn,
        };
        world
            .house
            .sender(GUARDIAN)
            .constructor(
                GUARDIAN,
                world.vault.address(),
                world.factory.address(),
                world.engine.address(),
                AUCTION,
                SETTLEMENT,
            )
            .motsu_unwrap();
        let cap = alloy_primitives::U128::from(1_000 * ONE);
        world.factory.sender(GUARDIAN).cap.set(cap);
        world
    }

    /// An account of `owner` in pool 1 holding cash.
    fn fund(&self, owner: Address, cash: u128) -> U256 {
        let account = ids::account_id(owner, 1, 0);
        self.give(account, CASH, cash);
        account
    }

    fn give(&self, bucket: U256, asset: Address, assets: u128) {
        self.vault.sender(GUARDIAN).give(bucket, asset, assets);
    }

    fn balances(&self, bucket: U256) -> (u128, u128) {
        let (cash, base) = self.vault.sender(GUARDIAN).balances_of(bucket);
        (cash.to(), base.to())
    }

    fn cash(&self, bucket: U256) -> u128 {
        self.balances(bucket).0
    }

    /// Contracts of all legs, in storage order.
    fn positions(&self, account: U256) -> Vec<i128> {
        let (legs, ..) = self
            .house
            .sender(GUARDIAN)
            .account_state(account)
            .motsu_unwrap();
        legs.iter().map(leg_contracts).collect()
    }

    fn version(&self, account: U256) -> u64 {
        self.house
            .sender(GUARDIAN)
            .account_state(account)
            .motsu_unwrap()
            .4
    }

    fn debt(&self, account: U256) -> u128 {
        self.house
            .sender(GUARDIAN)
            .account_state(account)
            .motsu_unwrap()
            .3
            .to()
    }

    /// Executes a trade for which the seller approves and the buyer calls; `nonce` makes terms distinct.
    fn trade(
        &self,
        buyer: U256,
        seller: U256,
        series: U256,
        contracts: u128,
        premium: u128,
        nonce: u64,
    ) -> Result<B256, Revert> {
        let terms = (U256::from(contracts), U256::from(premium));
        self.house
            .sender(ids::account_owner(seller))
            .approve_trade(seller, buyer, seller, series, terms.0, terms.1, NOW, nonce)
            .motsu_unwrap();
        self.house
            .sender(ids::account_owner(buyer))
            .trade(buyer, seller, series, terms.0, terms.1, NOW, nonce)
            .motsu_res()
    }

    /// Gives an account without legs `contracts` of each series, and a counterparty the opposite, at once: as many trades would fill motsu's
    /// storage until copying it keeps the tests beside this one waiting for longer than they do.
    fn open(
        &self,
        account: U256,
        counterparty: U256,
        series: impl Iterator<Item = U256>,
        contracts: i128,
    ) {
        let mut house = self.house.sender(GUARDIAN);
        let (mut legs, mut opposite) = (Vec::new(), Vec::new());
        for series in series {
            for (account, legs, contracts) in [
                (account, &mut legs, contracts),
                (counterparty, &mut opposite, -contracts),
            ] {
                let resized = house.resize_position(account, legs, series, contracts);
                assert!(resized.is_ok());
            }
        }
        for (account, legs) in [(account, legs), (counterparty, opposite)] {
            house.write_legs(account, &[], &legs).unwrap();
        }
    }

    #[track_caller]
    fn emitted(&self, event: &impl SolEvent) {
        assert!(self.house.emitted(event), "event was not emitted");
    }

    fn open_interest(&self, series: U256) -> u128 {
        self.house.sender(GUARDIAN).open_interest(series).to()
    }

    fn short_interest(&self) -> u128 {
        self.house.sender(GUARDIAN).short_interest(1, EXPIRY).to()
    }
}

/// A call of pool 1 struck at `strike` (1e-8).
fn call_series(strike: u64) -> U256 {
    ids::series_id(1, EXPIRY, strike, 0)
}

#[track_caller]
fn refused<T: core::fmt::Debug, E: SolError>(result: Result<T, Revert>, error: E) {
    let refusal = result.expect_err("the call is refused");
    assert_eq!(refusal.data(), error.abi_encode());
}
