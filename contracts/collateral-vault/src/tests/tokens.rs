//! ERC-20 tokens, well and badly behaved.

use alloc::vec::Vec;

use alloy_primitives::{Address, U8, U256};
use stylus_sdk::call::RawCall;
use stylus_sdk::prelude::*;
use stylus_sdk::storage::{
    StorageAddress, StorageBool, StorageBytes, StorageMap, StorageU8, StorageU256,
};

/// How a [`Token`] behaves when it is moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Manner {
    /// Moves what was asked for and returns true.
    Sound = 0,
    /// Keeps one unit of every transfer for itself, and returns true.
    TakesFee = 1,
    /// Delivers one unit more than asked for, and returns true.
    Generous = 2,
    /// Moves, and returns false.
    ReturnsFalse = 3,
    /// Moves, and returns the number 2.
    ReturnsGarbage = 4,
    /// Moves nothing and returns true.
    Idle = 5,
    /// Reverts.
    Reverts = 6,
    /// Takes the same amount from the recipient instead, and returns true.
    Steals = 7,
}

/// Balances and allowances. The tokens differ in what they return.
#[storage]
pub struct Holdings {
    balances: StorageMap<Address, StorageU256>,
    allowances: StorageMap<Address, StorageMap<Address, StorageU256>>,
}

impl Holdings {
    fn mint(&mut self, to: Address, value: U256) {
        let balance = self
            .balances
            .get(to)
            .checked_add(value)
            .expect("test amounts are small");
        self.balances.insert(to, balance);
    }

    fn burn(&mut self, from: Address, value: U256) -> Result<(), Vec<u8>> {
        let rest = self
            .balances
            .get(from)
            .checked_sub(value)
            .ok_or(b"balance".to_vec())?;
        self.balances.insert(from, rest);
        Ok(())
    }

    fn spend(&mut self, owner: Address, spender: Address, value: U256) -> Result<(), Vec<u8>> {
        let mut allowances = self.allowances.setter(owner);
        let rest = allowances
            .get(spender)
            .checked_sub(value)
            .ok_or(b"allowance".to_vec())?;
        allowances.insert(spender, rest);
        Ok(())
    }
}

/// A token that returns a word on transfers, behaves in one of several manners, and may call back first.
#[storage]
pub struct Token {
    holdings: Holdings,
    manner: StorageU8,
    target: StorageAddress,
    request: StorageBytes,
    succeeded: StorageBool,
    answer: StorageBytes,
}

// SAFETY: the test VM starts it as a contract of its own.
unsafe impl TopLevelStorage for Token {}

#[public]
impl Token {
    pub fn mint(&mut self, to: Address, value: U256) {
        self.holdings.mint(to, value);
    }

    pub fn approve(&mut self, spender: Address, value: U256) -> bool {
        let owner = self.vm().msg_sender();
        self.holdings
            .allowances
            .setter(owner)
            .insert(spender, value);
        true
    }

    pub fn balance_of(&self, account: Address) -> U256 {
        self.holdings.balances.get(account)
    }

    pub fn transfer(&mut self, to: Address, value: U256) -> Result<U256, Vec<u8>> {
        let from = self.vm().msg_sender();
        self.behave(from, to, value)
    }

    pub fn transfer_from(
        &mut self,
        from: Address,
        to: Address,
        value: U256,
    ) -> Result<U256, Vec<u8>> {
        let spender = self.vm().msg_sender();
        self.holdings.spend(from, spender, value)?;
        self.behave(from, to, value)
    }
}

impl Token {
    /// Chooses the manner of all later transfers.
    pub fn behave_as(&mut self, manner: Manner) {
        self.manner.set(U8::from(manner as u8));
    }

    /// Calls `target` with `request` in all later transfers, before moving anything.
    pub fn call_back(&mut self, target: Address, request: &[u8]) {
        self.target.set(target);
        self.request.set_bytes(request);
    }

    /// Whether the last call back succeeded, and what it answered.
    pub fn answer(&self) -> (bool, Vec<u8>) {
        (self.succeeded.get(), self.answer.get_bytes())
    }

    fn behave(&mut self, from: Address, to: Address, value: U256) -> Result<U256, Vec<u8>> {
        let target = self.target.get();
        if !target.is_zero() {
            // SAFETY: no reference to storage is held across the call.
            let result = unsafe { RawCall::new().call(target, &self.request.get_bytes()) };
            self.succeeded.set(result.is_ok());
            self.answer.set_bytes(result.unwrap_or_else(|error| error));
        }

        let one = U256::from(1);
        let manner = self.manner.get().to::<u8>();
        let is = |expected: Manner| manner == expected as u8;
        if is(Manner::Reverts) {
            return Err(b"no".to_vec());
        }
        if is(Manner::Steals) {
            self.holdings.burn(to, value)?;
            return Ok(one);
        }
        if !is(Manner::Idle) {
            self.holdings.burn(from, value)?;
            self.holdings.mint(to, value);
        }
        if is(Manner::TakesFee) {
            self.holdings.burn(to, one)?;
        }
        if is(Manner::Generous) {
            self.holdings.mint(to, one);
        }
        Ok(match manner {
            manner if manner == Manner::ReturnsFalse as u8 => U256::ZERO,
            manner if manner == Manner::ReturnsGarbage as u8 => U256::from(2),
            _ => one,
        })
    }
}

/// A token that returns nothing on transfers.
#[storage]
pub struct SilentToken {
    holdings: Holdings,
}

// SAFETY: the test VM starts it as a contract of its own.
unsafe impl TopLevelStorage for SilentToken {}

#[public]
impl SilentToken {
    pub fn mint(&mut self, to: Address, value: U256) {
        self.holdings.mint(to, value);
    }

    pub fn approve(&mut self, spender: Address, value: U256) {
        let owner = self.vm().msg_sender();
        self.holdings
            .allowances
            .setter(owner)
            .insert(spender, value);
    }

    pub fn balance_of(&self, account: Address) -> U256 {
        self.holdings.balances.get(account)
    }

    pub fn transfer(&mut self, to: Address, value: U256) -> Result<(), Vec<u8>> {
        let from = self.vm().msg_sender();
        self.holdings.burn(from, value)?;
        self.holdings.mint(to, value);
        Ok(())
    }

    pub fn transfer_from(
        &mut self,
        from: Address,
        to: Address,
        value: U256,
    ) -> Result<(), Vec<u8>> {
        let spender = self.vm().msg_sender();
        self.holdings.spend(from, spender, value)?;
        self.holdings.burn(from, value)?;
        self.holdings.mint(to, value);
        Ok(())
    }
}
