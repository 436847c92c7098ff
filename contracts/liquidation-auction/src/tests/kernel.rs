//! A stand-in of the clearing house, vault, factory, settlement, engine and adapter: portfolios as numbers, moved by the rules of the real kernel.

use alloc::vec::Vec;

use alloy_primitives::{Address, FixedBytes, I256, U256};
use interfaces::{ILiquidationAuction, Revert, ids};
use stylus_sdk::prelude::*;
use stylus_sdk::storage::{
    StorageAddress, StorageBool, StorageI256, StorageMap, StorageU32, StorageU64, StorageU256,
};

/// WAD in a token unit of 6 decimals.
const SCALE: i128 = 1_000_000_000_000;
/// Feed of every pool.
const FEED: FixedBytes<32> = FixedBytes::repeat_byte(0xfe);
const WAD: i128 = 1_000_000_000_000_000_000;

/// An account in numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Portfolio {
    pub legs: u64,
    /// Value of legs and base, WAD.
    pub value: i128,
    /// Maintenance requirement, WAD: maintenance balance is `value + cash − debt − requirement`.
    pub requirement: i128,
    /// Token units.
    pub cash: u128,
    /// Token units.
    pub debt: u128,
}

impl Portfolio {
    pub fn mark(&self) -> i128 {
        self.value + (self.cash as i128 - self.debt as i128) * SCALE
    }

    pub fn maintenance(&self) -> i128 {
        self.mark() - self.requirement
    }
}

#[storage]
pub struct Stored {
    legs: StorageU64,
    value: StorageI256,
    requirement: StorageI256,
    cash: StorageU256,
    debt: StorageU256,
    version: StorageU64,
}

#[storage]
pub struct Kernel {
    own: StorageAddress,
    auction: StorageAddress,
    insurance: StorageU256,
    unclaimed: StorageU256,
    blind: StorageBool,
    refuses: StorageBool,
    grace_until: StorageU64,
    doubts: StorageU32,
    accounts: StorageMap<U256, Stored>,
    operators: StorageMap<U256, StorageMap<Address, StorageBool>>,
}

unsafe impl TopLevelStorage for Kernel {}

impl Kernel {
    pub fn set_parties(&mut self, own: Address, auction: Address) {
        self.own.set(own);
        self.auction.set(auction);
    }

    pub fn set_portfolio(&mut self, account: U256, portfolio: Portfolio) {
        let mut stored = self.accounts.setter(account);
        stored.legs.set(U256::from(portfolio.legs).to());
        stored.value.set(I256::try_from(portfolio.value).unwrap());
        stored
            .requirement
            .set(I256::try_from(portfolio.requirement).unwrap());
        stored.cash.set(U256::from(portfolio.cash));
        stored.debt.set(U256::from(portfolio.debt));
    }

    pub fn portfolio_of(&self, account: U256) -> Portfolio {
        let stored = self.accounts.getter(account);
        Portfolio {
            legs: stored.legs.get().to(),
            value: i128::try_from(stored.value.get()).unwrap(),
            requirement: i128::try_from(stored.requirement.get()).unwrap(),
            cash: stored.cash.get().to(),
            debt: stored.debt.get().to(),
        }
    }

    pub fn version_of(&self, account: U256) -> u64 {
        self.accounts.getter(account).version.get().to()
    }

    pub fn set_insurance(&mut self, units: u128) {
        self.insurance.set(U256::from(units));
    }

    /// What every account won and has not claimed.
    pub fn set_unclaimed(&mut self, units: u128) {
        self.unclaimed.set(U256::from(units));
    }

    pub fn insurance(&self) -> u128 {
        self.insurance.get().to()
    }

    pub fn set_operator(&mut self, account: U256, operator: Address) {
        self.operators.setter(account).setter(operator).set(true);
    }

    /// No health is known any more, as without oracle quorum.
    pub fn set_blind(&mut self) {
        self.blind.set(true);
    }

    /// Until when auctions wait; 0: they do not.
    pub fn set_grace(&mut self, until: u64) {
        self.grace_until.set(U256::from(until).to());
    }

    /// What the adapter doubts.
    pub fn set_doubts(&mut self, doubts: u32) {
        self.doubts.set(U256::from(doubts).to());
    }

    /// Liquidations revert, as under a failing margin gate.
    pub fn set_refuses(&mut self) {
        self.refuses.set(true);
    }
}

#[public]
impl Kernel {
    pub fn modules(&self) -> Result<(Address, Address, Address, Address, Address), Revert> {
        let own = self.own.get();
        Ok((own, own, own, self.auction.get(), own))
    }

    pub fn pool_assets(&self, _pool: u32) -> Result<(Address, u8, Address, u8), Revert> {
        Ok((self.own.get(), 6, Address::ZERO, 0))
    }

    pub fn pool_risk(&self, pool: u32) -> Result<(FixedBytes<32>, u32), Revert> {
        Ok((FEED, pool))
    }

    pub fn oracle_adapter(&self) -> Result<Address, Revert> {
        Ok(self.own.get())
    }

    pub fn grace_until(&self, feed: FixedBytes<32>) -> Result<u64, Revert> {
        if feed != FEED {
            return Err(Revert::from_callee(b"feed".to_vec()));
        }
        Ok(self.grace_until.get().to())
    }

    /// A tuple with lists is encoded as the struct it stands for.
    #[allow(clippy::type_complexity)]
    pub fn market_data(
        &self,
        feed: FixedBytes<32>,
        _expiries: Vec<u32>,
    ) -> Result<
        (
            U256,
            U256,
            U256,
            u64,
            u64,
            u32,
            Vec<FixedBytes<32>>,
            Vec<FixedBytes<32>>,
        ),
        Revert,
    > {
        if feed != FEED {
            return Err(Revert::from_callee(b"feed".to_vec()));
        }
        let one = U256::from(1);
        let doubts = self.doubts.get().to();
        Ok((one, one, one, 1, 1, doubts, Vec::new(), Vec::new()))
    }

    pub fn insurance_of(&self, _pool: u32) -> Result<U256, Revert> {
        Ok(self.insurance.get())
    }

    pub fn unclaimed_of(&self, _account: U256) -> Result<U256, Revert> {
        Ok(self.unclaimed.get())
    }

    pub fn is_authorized(&self, account: U256, caller: Address) -> Result<bool, Revert> {
        let operator = self.operators.getter(account).getter(caller).get();
        Ok(operator || ids::account_owner(account) == caller)
    }

    pub fn account_state(
        &self,
        account: U256,
    ) -> Result<(Vec<FixedBytes<32>>, U256, U256, U256, u64), Revert> {
        let stored = self.accounts.getter(account);
        let legs: u64 = stored.legs.get().to();
        Ok((
            (0..legs).map(|_| FixedBytes::repeat_byte(0xee)).collect(),
            stored.cash.get(),
            U256::from(0xbad_u32),
            stored.debt.get(),
            stored.version.get().to(),
        ))
    }

    pub fn health(&self, account: U256) -> Result<(I256, I256, I256, u32, bool), Revert> {
        if self.blind.get() {
            return Err(Revert::from_callee(b"quorum".to_vec()));
        }
        let portfolio = self.portfolio_of(account);
        Ok((
            I256::MIN,
            I256::try_from(portfolio.maintenance()).unwrap(),
            I256::try_from(portfolio.mark()).unwrap(),
            9,
            !self.doubts.get().is_zero(),
        ))
    }

    #[allow(clippy::too_many_arguments)]
    pub fn liquidate(
        &mut self,
        account: U256,
        _bidder: U256,
        fraction: U256,
        reserved: U256,
        payment: U256,
        insurance_fee: U256,
        insurance_payment: U256,
    ) -> Result<(), Revert> {
        if self.refuses.get() {
            return Err(Revert::from_callee(b"gate".to_vec()));
        }
        let mut portfolio = self.portfolio_of(account);
        let (fraction, reserved): (u128, u128) = (fraction.to(), reserved.to());
        let kept = WAD - fraction as i128;
        let part = |value: i128| value / WAD * kept + value % WAD * kept / WAD;
        portfolio.value = part(portfolio.value);
        portfolio.requirement = part(portfolio.requirement);
        let moved =
            portfolio.cash.saturating_sub(reserved) * (fraction / 1_000_000_000) / 1_000_000_000;
        portfolio.cash = portfolio.cash - moved + payment.to::<u128>();
        let repaid = portfolio.debt.min(portfolio.cash);
        portfolio.debt -= repaid;
        portfolio.cash -= repaid;
        if kept == 0 {
            portfolio.legs = 0;
        }
        self.set_portfolio(account, portfolio);
        let insurance = self
            .insurance
            .get()
            .checked_sub(insurance_payment)
            .ok_or(Revert::from(ILiquidationAuction::Overflow {}))?;
        self.insurance
            .set(insurance + insurance_fee + U256::from(repaid));
        let version = self.version_of(account) + 1;
        self.accounts
            .setter(account)
            .version
            .set(U256::from(version).to());
        Ok(())
    }
}
