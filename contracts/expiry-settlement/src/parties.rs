//! What the settlement asks of the clearing house, the vault, the factory and the oracle adapter, and what it has them do.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::SolCall;
use clearing_math::leg::Leg;
use interfaces::words::{Word, Words, encode};
use interfaces::{
    IClearingHouse, ICollateralVault, IOracleAdapter, ISeriesFactory, Revert, call_encoded, ids,
    view_encoded,
};
use stylus_sdk::prelude::*;

use crate::ExpirySettlement;
use crate::refusal::overflow;
use crate::waterfall::{Means, Terms, wad_per_unit};

/// Assets of a pool.
pub struct Assets {
    /// Pays premiums and payoffs.
    pub settlement: Address,
    /// May stand in for it as collateral; zero when the pool has none.
    pub base: Address,
    /// WAD quote units in a unit of the settlement token.
    wad_per_unit: u128,
    /// WAD underlying in a unit of the base token.
    wad_per_base_unit: u128,
}

impl ExpirySettlement {
    /// The clock. A function of its own, because unit tests run on a constant one.
    pub(crate) fn now(&self) -> u64 {
        self.vm().block_timestamp()
    }

    /// Settlement module and vault of a clearing house.
    pub(crate) fn modules_of(&self, clearing_house: Address) -> Result<(Address, Address), Revert> {
        let request = encode(&IClearingHouse::modulesCall::SELECTOR, &[]);
        let answer = view_encoded(self, clearing_house, &request)?;
        let mut words = Words::new(&answer);
        let vault = words.address();
        for _other in ["factory", "engine", "auction"] {
            words.word();
        }
        let settlement = words.address();
        words.end().map(|()| (settlement, vault))
    }

    /// Assets of a pool. Errors: `UnknownPool` of the factory.
    pub(crate) fn assets_of(&self, pool: u32) -> Result<Assets, Revert> {
        let request = encode(&ISeriesFactory::poolAssetsCall::SELECTOR, &[pool.word()]);
        let answer = view_encoded(self, self.factory.get(), &request)?;
        let mut words = Words::new(&answer);
        let (settlement, decimals) = (words.address(), words.u32());
        let (base, base_decimals) = (words.address(), words.u32());
        words.end()?;
        Ok(Assets {
            settlement,
            base,
            wad_per_unit: wad_per_unit(decimals).ok_or_else(overflow)?,
            wad_per_base_unit: wad_per_unit(base_decimals).ok_or_else(overflow)?,
        })
    }

    /// Settlement price and scales of a pool's expiry. Errors: `UnknownPool` of the factory, `NotFixed` of the oracle adapter.
    pub(crate) fn terms_of(
        &self,
        pool: u32,
        expiry: u32,
        assets: &Assets,
    ) -> Result<Terms, Revert> {
        let request = encode(&ISeriesFactory::poolRiskCall::SELECTOR, &[pool.word()]);
        let answer = view_encoded(self, self.factory.get(), &request)?;
        let mut words = Words::new(&answer);
        let feed = words.word();
        words.end()?;
        let request = encode(
            &IOracleAdapter::settlementPriceCall::SELECTOR,
            &[feed, expiry.word()],
        );
        let answer = view_encoded(self, self.oracle_adapter.get(), &request)?;
        let mut words = Words::new(&answer);
        let price = words.u128();
        words.end().map_err(|_| overflow())?;
        Ok(Terms {
            price,
            wad_per_unit: assets.wad_per_unit,
            wad_per_base_unit: assets.wad_per_base_unit,
        })
    }

    /// What an account and its pool's insurance have to pay with.
    pub(crate) fn means_of(&self, account: U256) -> Result<Means, Revert> {
        let (cash, base) = self.balances_of(account)?;
        let insurance = ids::insurance_bucket(ids::account_pool(account));
        let (insurance, _) = self.balances_of(insurance)?;
        Ok(Means {
            cash,
            base,
            insurance,
        })
    }

    /// Settlement and base balance of a bucket, token units. Beyond 128 bits it is more than any debit: the most that fits stands for it.
    fn balances_of(&self, bucket: U256) -> Result<(u128, u128), Revert> {
        let request = encode(
            &ICollateralVault::balancesOfCall::SELECTOR,
            &[bucket.word()],
        );
        let answer = view_encoded(self, self.vault.get(), &request)?;
        let mut words = Words::new(&answer);
        let (settlement, base) = (words.u256(), words.u256());
        words.end()?;
        let narrow = |balance: U256| u128::try_from(balance).unwrap_or(u128::MAX);
        Ok((narrow(settlement), narrow(base)))
    }

    /// Short contracts of (pool, expiry) not yet settled.
    pub(crate) fn short_interest(&self, pool: u32, expiry: u32) -> Result<U256, Revert> {
        let answer = self.ask_kernel(
            IClearingHouse::shortInterestCall::SELECTOR,
            &[pool.word(), expiry.word()],
        )?;
        let mut words = Words::new(&answer);
        let contracts = words.u256();
        words.end().map(|()| contracts)
    }

    /// Whether an account has legs.
    pub(crate) fn has_legs(&self, account: U256) -> Result<bool, Revert> {
        let answer = self.ask_kernel(
            IClearingHouse::accountStateCall::SELECTOR,
            &[account.word()],
        )?;
        let mut words = Words::new(&answer);
        // A struct with a dynamic member: its offset, then offset of the legs, cash, base, debt, version, then the number of legs.
        for _skipped in ["head", "offset", "cash", "base", "debt", "version"] {
            words.word();
        }
        let legs = words.u128();
        words.end().map(|()| legs != 0)
    }

    /// Takes an account's legs of one expiry out of the kernel.
    pub(crate) fn remove_legs(&mut self, account: U256, expiry: u32) -> Result<Vec<Leg>, Revert> {
        let answer = self.tell_kernel(
            IClearingHouse::removeExpiredLegsCall::SELECTOR,
            &[account.word(), expiry.word()],
        )?;
        let mut words = Words::new(&answer);
        words.word();
        let count = words.u32();
        words.end()?;
        let mut legs = Vec::new();
        for _leg in 0..count {
            let word = words.word();
            words.end()?;
            // The kernel only stores legs that are well-formed.
            legs.push(Leg::from_word(&word.0).map_err(|_| Revert::empty())?);
        }
        Ok(legs)
    }

    /// Moves token units between an account, the insurance and a pot; nothing when there is nothing to move.
    pub(crate) fn move_balance(
        &mut self,
        asset: Address,
        from: U256,
        to: U256,
        units: u128,
    ) -> Result<(), Revert> {
        if units == 0 {
            return Ok(());
        }
        self.tell_kernel(
            IClearingHouse::moveForSettlementCall::SELECTOR,
            &[asset.word(), from.word(), to.word(), units.word()],
        )
        .map(drop)
    }

    /// Books a debt of an account to its pool's insurance.
    pub(crate) fn add_debt(&mut self, account: U256, units: u128) -> Result<(), Revert> {
        self.tell_kernel(
            IClearingHouse::addDebtCall::SELECTOR,
            &[account.word(), units.word()],
        )
        .map(drop)
    }

    fn ask_kernel(&self, selector: [u8; 4], words: &[B256]) -> Result<Vec<u8>, Revert> {
        view_encoded(self, self.clearing_house.get(), &encode(&selector, words))
    }

    fn tell_kernel(&mut self, selector: [u8; 4], words: &[B256]) -> Result<Vec<u8>, Revert> {
        let clearing_house = self.clearing_house.get();
        call_encoded(self, clearing_house, &encode(&selector, words))
    }
}
