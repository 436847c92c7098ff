//! What the auction asks of the clearing house, the vault, the factory and the settlement.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::SolCall;
use interfaces::words::{Word, Words, encode};
use interfaces::{
    IClearingHouse, ICollateralVault, IExpirySettlement, ISeriesFactory, Revert, ids, view_encoded,
};
use stylus_sdk::prelude::*;

use crate::LiquidationAuction;
use crate::refusal::overflow;
use crate::sale::{Account, Sale, sale};
use crate::units::wad_per_unit;

/// Parties of a clearing house that the auction deals with.
pub struct Modules {
    /// Holds all balances.
    pub vault: Address,
    /// Knows the assets of pools.
    pub factory: Address,
    /// Knows the adapter.
    pub engine: Address,
    /// May liquidate.
    pub auction: Address,
    /// Knows what winners have not claimed.
    pub settlement: Address,
}

/// Legs and cash of an account.
pub struct State {
    /// Whether it has any leg.
    pub has_legs: bool,
    /// Cash, token units.
    pub cash: u128,
    /// Debt to the insurance, token units.
    pub debt: u128,
    /// Version of the legs.
    pub version: u64,
}

/// An account as it stands, and what of it an auction would sell.
pub struct Offer {
    /// What is for sale. Depends on the auction's clock, which only runs once it is started; what is worthless does not.
    pub sale: Sale,
    /// Maintenance balance, WAD quote units.
    pub maintenance: i128,
    /// Mark-to-market, WAD quote units.
    pub mark: i128,
    /// Anything about the market is in doubt.
    pub degraded: bool,
}

impl LiquidationAuction {
    /// The clock. A function of its own, because unit tests run on a constant one.
    pub(crate) fn now(&self) -> u64 {
        self.vm().block_timestamp()
    }

    /// The clearing house's answer to a question about an account.
    fn ask(&self, selector: [u8; 4], words: &[B256]) -> Result<Vec<u8>, Revert> {
        view_encoded(self, self.clearing_house.get(), &encode(&selector, words))
    }

    /// The parties a clearing house works with.
    pub(crate) fn modules_of(&self, clearing_house: Address) -> Result<Modules, Revert> {
        let request = encode(&IClearingHouse::modulesCall::SELECTOR, &[]);
        let answer = view_encoded(self, clearing_house, &request)?;
        let mut words = Words::new(&answer);
        let (vault, factory) = (words.address(), words.address());
        let engine = words.address();
        let (auction, settlement) = (words.address(), words.address());
        words.end()?;
        Ok(Modules {
            vault,
            factory,
            engine,
            auction,
            settlement,
        })
    }

    /// Whether `caller` is the owner or an operator of `account`.
    pub(crate) fn is_authorized(&self, account: U256, caller: Address) -> Result<bool, Revert> {
        let answer = self.ask(
            IClearingHouse::isAuthorizedCall::SELECTOR,
            &[account.word(), caller.word()],
        )?;
        let mut words = Words::new(&answer);
        let authorized = words.bool();
        words.end().map(|()| authorized)
    }

    /// What the auction needs of an account's legs and cash.
    pub(crate) fn state_of(&self, account: U256) -> Result<State, Revert> {
        let answer = self.ask(
            IClearingHouse::accountStateCall::SELECTOR,
            &[account.word()],
        )?;
        let mut words = Words::new(&answer);
        // A struct with a dynamic member: its offset, then offset of the legs, cash, base, debt, version, then the number of legs.
        words.word();
        words.word();
        let cash = words.u128();
        words.word();
        let state = State {
            cash,
            debt: words.u128(),
            version: words.u64(),
            has_legs: words.u128() != 0,
        };
        words.end().map(|()| state)
    }

    /// Maintenance balance and mark of an account, WAD quote units, and whether anything about the market is in doubt.
    pub(crate) fn health_of(&self, account: U256) -> Result<(i128, i128, bool), Revert> {
        let answer = self.ask(IClearingHouse::healthCall::SELECTOR, &[account.word()])?;
        let mut words = Words::new(&answer);
        words.word();
        let (maintenance, mark) = (words.i128(), words.i128());
        words.word();
        let health = (maintenance, mark, words.bool());
        // Only a number beyond 128 bits fails here: the clearing house never answers short.
        words.end().map_err(|_| overflow())?;
        Ok(health)
    }

    /// Price feed of a pool.
    pub(crate) fn feed_of(&self, pool: u32) -> Result<B256, Revert> {
        let request = encode(&ISeriesFactory::poolRiskCall::SELECTOR, &[pool.word()]);
        let answer = view_encoded(self, self.factory.get(), &request)?;
        let mut words = Words::new(&answer);
        let feed = words.word();
        words.end().map(|()| feed)
    }

    /// Balance of a pool's insurance, token units.
    pub(crate) fn insurance_of(&self, pool: u32) -> Result<U256, Revert> {
        let request = encode(&ICollateralVault::insuranceOfCall::SELECTOR, &[pool.word()]);
        let answer = view_encoded(self, self.vault.get(), &request)?;
        let mut words = Words::new(&answer);
        let balance = words.u256();
        words.end().map(|()| balance)
    }

    /// What an account won and has not claimed, token units.
    pub(crate) fn unclaimed_of(&self, account: U256) -> Result<U256, Revert> {
        let request = encode(
            &IExpirySettlement::unclaimedOfCall::SELECTOR,
            &[account.word()],
        );
        let answer = view_encoded(self, self.settlement.get(), &request)?;
        let mut words = Words::new(&answer);
        let credit = words.u256();
        words.end().map(|()| credit)
    }

    /// Decimals of a pool's settlement asset, as WAD quote units in a token unit.
    fn wad_per_unit_of(&self, pool: u32) -> Result<u128, Revert> {
        let request = encode(&ISeriesFactory::poolAssetsCall::SELECTOR, &[pool.word()]);
        let answer = view_encoded(self, self.factory.get(), &request)?;
        let mut words = Words::new(&answer);
        words.word();
        let decimals = words.u32();
        words.end()?;
        wad_per_unit(decimals).ok_or_else(overflow)
    }

    /// What an auction of the account sells, given its state.
    pub(crate) fn offer(&self, account: U256, state: &State) -> Result<Offer, Revert> {
        let (maintenance, mark, degraded) = self.health_of(account)?;
        let auction = self.auctions.getter(account);
        let clock = auction.clock(self.now());
        let account = Account {
            maintenance,
            mark,
            cash: state.cash,
            debt: state.debt,
            paid_in: auction.paid_in(),
            wad_per_unit: self.wad_per_unit_of(ids::account_pool(account))?,
        };
        Ok(Offer {
            sale: sale(&account, &clock).ok_or_else(overflow)?,
            maintenance,
            mark,
            degraded,
        })
    }
}
