//! Stand-ins for the vault, the factory and the engine: as little of each as the kernel can see.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, I256, U256};
use alloy_sol_types::{SolCall, SolError};
use interfaces::{IClearingHouse, ICollateralVault, Revert};
use stylus_sdk::prelude::*;
use stylus_sdk::storage::{
    StorageAddress, StorageBool, StorageI256, StorageMap, StorageU128, StorageU256,
};

use crate::leg_word::leg_contracts;

/// Settlement asset of every pool.
pub const CASH: Address = Address::repeat_byte(0xca);
/// Base asset of every pool.
pub const BASE: Address = Address::repeat_byte(0xba);

/// A ledger without tokens. `release` may call back, as a hostile token would.
#[storage]
pub struct Vault {
    balances: StorageMap<U256, StorageMap<Address, StorageU256>>,
    house: StorageAddress,
    reenters: StorageBool,
    /// Re-entries that were refused with `Locked`.
    pub refused: StorageU256,
}

unsafe impl TopLevelStorage for Vault {}

impl Vault {
    pub fn give(&mut self, bucket: U256, asset: Address, assets: u128) {
        let held = self.balance(bucket, asset);
        self.balances
            .setter(bucket)
            .setter(asset)
            .set(held + U256::from(assets));
    }

    pub fn call_back(&mut self, house: Address) {
        self.house.set(house);
        self.reenters.set(true);
    }

    fn balance(&self, bucket: U256, asset: Address) -> U256 {
        self.balances.getter(bucket).get(asset)
    }

    fn remove(&mut self, bucket: U256, asset: Address, assets: U256) -> Result<(), Revert> {
        let balance = self.balance(bucket, asset);
        let left = balance
            .checked_sub(assets)
            .ok_or(ICollateralVault::InsufficientBalance {
                bucket,
                asset,
                balance,
                needed: assets,
            })?;
        self.balances.setter(bucket).setter(asset).set(left);
        Ok(())
    }
}

#[public]
impl Vault {
    pub fn balances_of(&self, bucket: U256) -> (U256, U256) {
        (self.balance(bucket, CASH), self.balance(bucket, BASE))
    }

    pub fn move_balance(
        &mut self,
        asset: Address,
        from: U256,
        to: U256,
        assets: U256,
    ) -> Result<(), Revert> {
        self.remove(from, asset, assets)?;
        let held = self.balance(to, asset);
        self.balances.setter(to).setter(asset).set(held + assets);
        Ok(())
    }

    pub fn release(
        &mut self,
        asset: Address,
        account: U256,
        _recipient: Address,
        assets: U256,
    ) -> Result<(), Revert> {
        self.remove(account, asset, assets)?;
        if self.reenters.get() {
            let house = self.house.get();
            for request in re_entries(account) {
                // A panic here could not unwind through the host: count, and let the test judge.
                let answer = interfaces::call_encoded(self, house, &request);
                if answer.is_err_and(|refusal| refusal.data() == IClearingHouse::Locked::SELECTOR) {
                    self.refused.set(self.refused.get() + U256::from(1));
                }
            }
        }
        Ok(())
    }
}

/// One call of every entry and every view that depends on balances or prices.
pub fn re_entries(account: U256) -> Vec<Vec<u8>> {
    use IClearingHouse as abi;
    let zero = U256::ZERO;
    let nobody = Address::ZERO;
    vec![
        abi::setOperatorCall {
            account,
            operator: nobody,
            allowed: true,
        }
        .abi_encode(),
        abi::withdrawCall {
            account,
            asset: CASH,
            assets: zero,
            recipient: nobody,
        }
        .abi_encode(),
        abi::approveTradeCall {
            account,
            buyer: account,
            seller: zero,
            seriesId: zero,
            contracts: zero,
            premium: zero,
            deadline: 0,
            nonce: 0,
        }
        .abi_encode(),
        abi::revokeTradeCall {
            account,
            tradeHash: B256::ZERO,
        }
        .abi_encode(),
        abi::tradeCall {
            buyer: account,
            seller: zero,
            seriesId: zero,
            contracts: zero,
            premium: zero,
            deadline: 0,
            nonce: 0,
        }
        .abi_encode(),
        abi::repayDebtCall { account }.abi_encode(),
        abi::pauseCall { durationSeconds: 0 }.abi_encode(),
        abi::liquidateCall {
            account,
            bidder: zero,
            fraction: zero,
            reserved: zero,
            payment: zero,
            insuranceFee: zero,
            insurancePayment: zero,
        }
        .abi_encode(),
        abi::removeExpiredLegsCall { account, expiry: 0 }.abi_encode(),
        abi::moveForSettlementCall {
            asset: CASH,
            from: zero,
            to: zero,
            assets: zero,
        }
        .abi_encode(),
        abi::addDebtCall {
            account,
            assets: zero,
        }
        .abi_encode(),
        abi::accountStateCall { account }.abi_encode(),
        abi::healthCall { account }.abi_encode(),
    ]
}

/// Lists everything, except a series it is told to forget.
#[storage]
pub struct Factory {
    pub unlisted: StorageU256,
    pub cap: StorageU128,
}

unsafe impl TopLevelStorage for Factory {}

#[public]
impl Factory {
    pub fn is_listed(&self, series: U256) -> bool {
        series != self.unlisted.get()
    }

    pub fn pool_assets(&self, _pool: u32) -> (Address, u8, Address, u8) {
        (CASH, 6, BASE, 18)
    }

    pub fn pool_risk(&self, _pool: u32) -> (B256, u32, u8, u8, u128) {
        (B256::ZERO, 1, 6, 18, self.cap.get().to())
    }
}

/// Requires `PER_SHORT` (maintenance: four fifths) of cash a short contract; base counts twice its units. No price, no offsets.
#[storage]
pub struct Engine {
    pub degraded: StorageBool,
    /// Added to both balances: a market move.
    pub shift: StorageI256,
    /// Reverts when set: an oracle without quorum.
    pub dead: StorageBool,
}

/// Initial requirement of one short contract, settlement token units.
pub const PER_SHORT: i128 = 100;

unsafe impl TopLevelStorage for Engine {}

#[public]
impl Engine {
    pub fn margin(
        &self,
        _pool: u32,
        legs: Vec<B256>,
        cash: I256,
        base: U256,
    ) -> Result<(I256, I256, I256, u32, bool), Revert> {
        if self.dead.get() {
            return Err(interfaces::IOracleAdapter::QuorumLost {
                valid: U256::ZERO,
                needed: U256::from(2),
            }
            .into());
        }
        let short: i128 = legs.iter().map(|leg| -leg_contracts(leg).min(0)).sum();
        let required = PER_SHORT * short / 1_000_000_000_000_000_000;
        let wide = |value: i128| I256::try_from(value).unwrap();
        let owned = cash + I256::from_raw(base * U256::from(2)) + self.shift.get();
        let initial = owned - wide(required);
        let maintenance = owned - wide(required * 4 / 5);
        Ok((initial, maintenance, owned, 7, self.degraded.get()))
    }
}
