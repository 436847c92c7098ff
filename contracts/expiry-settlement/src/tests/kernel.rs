//! A stand-in of clearing house, vault, factory and oracle adapter: legs and a ledger that refuses overdrafts and moves between pools.

use alloc::vec::Vec;

use alloy_primitives::{Address, FixedBytes, U256};
use clearing_math::leg::Leg;
use interfaces::{IClearingHouse, ICollateralVault, IOracleAdapter, Revert, ids};
use stylus_sdk::prelude::*;
use stylus_sdk::storage::{StorageAddress, StorageFixedBytes, StorageMap, StorageU256, StorageVec};

/// Base asset of the pool; the settlement asset has the kernel's address.
pub const BASE_ASSET: Address = Address::repeat_byte(0xba);
/// Feed of the pool.
const FEED: FixedBytes<32> = FixedBytes::repeat_byte(0xfe);

#[storage]
pub struct Kernel {
    own: StorageAddress,
    settlement: StorageAddress,
    price: StorageU256,
    legs: StorageMap<U256, StorageVec<StorageFixedBytes<32>>>,
    shorts: StorageMap<U256, StorageU256>,
    settlement_balances: StorageMap<U256, StorageU256>,
    base_balances: StorageMap<U256, StorageU256>,
    debts: StorageMap<U256, StorageU256>,
}

unsafe impl TopLevelStorage for Kernel {}

impl Kernel {
    pub fn set_parties(&mut self, own: Address, settlement: Address) {
        self.own.set(own);
        self.settlement.set(settlement);
    }

    /// Zero: not fixed yet.
    pub fn set_price(&mut self, price: u128) {
        self.price.set(U256::from(price));
    }

    pub fn give_leg(&mut self, account: U256, leg: &Leg) {
        self.legs
            .setter(account)
            .push(FixedBytes::new(leg.to_word()));
        if leg.contracts < 0 {
            let pot = ids::pot_bucket(ids::account_pool(account), leg.expiry);
            let shorts = self.shorts.get(pot) + U256::from(leg.contracts.unsigned_abs());
            self.shorts.setter(pot).set(shorts);
        }
    }

    pub fn set_balances(&mut self, bucket: U256, settlement: u128, base: u128) {
        self.settlement_balances
            .setter(bucket)
            .set(U256::from(settlement));
        self.base_balances.setter(bucket).set(U256::from(base));
    }

    pub fn balances(&self, bucket: U256) -> (u128, u128) {
        (
            self.settlement_balances.get(bucket).to(),
            self.base_balances.get(bucket).to(),
        )
    }

    pub fn debt_of(&self, account: U256) -> u128 {
        self.debts.get(account).to()
    }

    /// Only the settlement may use the primitives.
    fn only_settlement(&self) -> Result<(), Revert> {
        let caller = self.vm().msg_sender();
        if caller == self.settlement.get() {
            Ok(())
        } else {
            Err(IClearingHouse::NotModule { caller }.into())
        }
    }
}

#[public]
impl Kernel {
    pub fn modules(&self) -> Result<(Address, Address, Address, Address, Address), Revert> {
        let own = self.own.get();
        Ok((own, own, own, own, self.settlement.get()))
    }

    pub fn pool_assets(&self, _pool: u32) -> Result<(Address, u8, Address, u8), Revert> {
        Ok((self.own.get(), 6, BASE_ASSET, 8))
    }

    pub fn pool_risk(&self, _pool: u32) -> Result<(FixedBytes<32>, u32, u8, u8, u128), Revert> {
        Ok((FEED, 1, 6, 8, u128::MAX))
    }

    pub fn settlement_price(&self, feed: FixedBytes<32>, expiry: u32) -> Result<U256, Revert> {
        let price = self.price.get();
        if feed != FEED || price.is_zero() {
            return Err(IOracleAdapter::NotFixed { feed, expiry }.into());
        }
        Ok(price)
    }

    pub fn balances_of(&self, bucket: U256) -> Result<(U256, U256), Revert> {
        Ok((
            self.settlement_balances.get(bucket),
            self.base_balances.get(bucket),
        ))
    }

    pub fn account_state(
        &self,
        account: U256,
    ) -> Result<(Vec<FixedBytes<32>>, U256, U256, U256, u64), Revert> {
        let legs = self.legs.getter(account);
        let words = (0..legs.len()).filter_map(|index| legs.get(index));
        let (cash, base) = self.balances_of(account)?;
        Ok((words.collect(), cash, base, self.debts.get(account), 3))
    }

    pub fn short_interest(&self, pool: u32, expiry: u32) -> Result<U256, Revert> {
        Ok(self.shorts.get(ids::pot_bucket(pool, expiry)))
    }

    pub fn remove_expired_legs(
        &mut self,
        account: U256,
        expiry: u32,
    ) -> Result<Vec<FixedBytes<32>>, Revert> {
        self.only_settlement()?;
        let (words, ..) = self.account_state(account)?;
        let (removed, kept): (Vec<_>, Vec<_>) = words
            .into_iter()
            .partition(|word| word[..4] == expiry.to_be_bytes());
        let mut legs = self.legs.setter(account);
        while legs.pop().is_some() {}
        for word in kept {
            legs.push(word);
        }
        let pot = ids::pot_bucket(ids::account_pool(account), expiry);
        for word in &removed {
            let contracts = Leg::from_word(&word.0).unwrap().contracts;
            if contracts < 0 {
                let shorts = self.shorts.get(pot) - U256::from(contracts.unsigned_abs());
                self.shorts.setter(pot).set(shorts);
            }
        }
        Ok(removed)
    }

    pub fn move_for_settlement(
        &mut self,
        asset: Address,
        from: U256,
        to: U256,
        assets: U256,
    ) -> Result<(), Revert> {
        self.only_settlement()?;
        assert!(!assets.is_zero(), "nothing is moved");
        if ids::account_pool(from) != ids::account_pool(to) {
            return Err(IClearingHouse::WrongPool {
                given: ids::account_pool(to),
                expected: ids::account_pool(from),
            }
            .into());
        }
        let ledger = if asset == BASE_ASSET {
            &mut self.base_balances
        } else {
            &mut self.settlement_balances
        };
        let balance = ledger.get(from);
        let Some(left) = balance.checked_sub(assets) else {
            return Err(ICollateralVault::InsufficientBalance {
                bucket: from,
                asset,
                balance,
                needed: assets,
            }
            .into());
        };
        ledger.setter(from).set(left);
        let sum = ledger.get(to) + assets;
        ledger.setter(to).set(sum);
        Ok(())
    }

    pub fn add_debt(&mut self, account: U256, assets: U256) -> Result<(), Revert> {
        self.only_settlement()?;
        let debt = self.debts.get(account) + assets;
        self.debts.setter(account).set(debt);
        Ok(())
    }
}
