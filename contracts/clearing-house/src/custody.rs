//! What the kernel asks of the vault and the registry.
//!
//! Relied on: the vault moves balances for this contract alone, refuses what a bucket does not hold, and never calls back; a pool's assets
//! never change; only the ERC-20 behind [`ClearingHouse::release`] is foreign code.
//!
//! Amounts are 128 bits here: a balance beyond 3.4e38 token units is refused by [`Words::end`] with empty data.

use alloc::vec::Vec;

use alloy_primitives::{Address, B256, U256};
use alloy_sol_types::SolCall;
use interfaces::IClearingHouse::{InsufficientCash, Overflow};
use interfaces::ICollateralVault::{balancesOfCall, moveBalanceCall, releaseCall};
use interfaces::ISeriesFactory::{isListedCall, poolAssetsCall, poolRiskCall};
use interfaces::words::{Word, Words, encode};
use interfaces::{Revert, call_encoded, view_encoded};

use crate::ClearingHouse;
use crate::positions::pool_of;

/// Settlement and base balance of a bucket, token units.
#[derive(Clone, Copy)]
pub(crate) struct Balances {
    pub(crate) cash: u128,
    pub(crate) base: u128,
}

impl ClearingHouse {
    /// Balances of a bucket.
    pub(crate) fn balances_of(&self, bucket: U256) -> Result<Balances, Revert> {
        let answer = self.ask(self.vault.get(), balancesOfCall::SELECTOR, &[bucket.word()])?;
        let mut words = Words::new(&answer);
        let (cash, base) = (words.u128(), words.u128());
        words.end()?;
        Ok(Balances { cash, base })
    }

    /// Settlement and base asset of an account's pool; base zero when it has none. Errors: the factory's `UnknownPool`.
    pub(crate) fn assets_of(&self, account: U256) -> Result<(Address, Address), Revert> {
        let pool = pool_of(account).word();
        let answer = self.ask(self.factory.get(), poolAssetsCall::SELECTOR, &[pool])?;
        let mut words = Words::new(&answer);
        let (settlement_asset, _decimals) = (words.address(), words.word());
        let base_asset = words.address();
        words.end()?;
        Ok((settlement_asset, base_asset))
    }

    /// Whether a series was listed.
    pub(crate) fn is_listed(&self, series: U256) -> Result<bool, Revert> {
        let answer = self.ask(self.factory.get(), isListedCall::SELECTOR, &[series.word()])?;
        let mut words = Words::new(&answer);
        let listed = words.bool();
        words.end()?;
        Ok(listed)
    }

    /// Most contracts one series of a pool may have open, 1e-18.
    pub(crate) fn open_interest_cap(&self, pool: u32) -> Result<u128, Revert> {
        let answer = self.ask(self.factory.get(), poolRiskCall::SELECTOR, &[pool.word()])?;
        // The fifth of five words.
        let mut words = Words::new(answer.get(4 * 32..).unwrap_or_default());
        let cap = words.u128();
        words.end()?;
        Ok(cap)
    }

    /// Moves between buckets; nothing to move is no call.
    pub(crate) fn move_balance(
        &mut self,
        asset: Address,
        from: U256,
        to: U256,
        assets: u128,
    ) -> Result<(), Revert> {
        if assets == 0 {
            return Ok(());
        }
        let words = [asset.word(), from.word(), to.word(), assets.word()];
        self.tell_vault(moveBalanceCall::SELECTOR, &words)
    }

    /// Sends tokens out: the one call that reaches foreign code.
    pub(crate) fn release(
        &mut self,
        asset: Address,
        account: U256,
        recipient: Address,
        assets: u128,
    ) -> Result<(), Revert> {
        let words = [
            asset.word(),
            account.word(),
            recipient.word(),
            assets.word(),
        ];
        self.tell_vault(releaseCall::SELECTOR, &words)
    }

    #[inline(never)]
    fn ask(&self, to: Address, selector: [u8; 4], words: &[B256]) -> Result<Vec<u8>, Revert> {
        view_encoded(self, to, &encode(&selector, words))
    }

    #[inline(never)]
    fn tell_vault(&mut self, selector: [u8; 4], words: &[B256]) -> Result<(), Revert> {
        let vault = self.vault.get();
        call_encoded(self, vault, &encode(&selector, words))?;
        Ok(())
    }
}

/// What is left of a balance. Errors: `InsufficientCash`.
pub(crate) fn take(account: U256, balance: u128, needed: u128) -> Result<u128, Revert> {
    balance.checked_sub(needed).ok_or_else(|| {
        InsufficientCash {
            account,
            cash: U256::from(balance),
            needed: U256::from(needed),
        }
        .into()
    })
}

/// An amount of the ABI in the kernel's width. Errors: `Overflow`.
pub(crate) fn amount(assets: U256) -> Result<u128, Overflow> {
    u128::try_from(assets).map_err(|_| Overflow {})
}
