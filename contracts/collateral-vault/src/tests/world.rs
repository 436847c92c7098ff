//! A connected vault, its pools and its tokens.
//!
//! Pool 1 takes `usd` and `eth`; pool 2 takes `usd` only; pool 3 takes the silent token; others are unknown.

use alloc::vec::Vec;

use alloy_primitives::{Address, U256};
use alloy_sol_types::SolError;
use interfaces::{ICollateralVault, ISeriesFactory, Revert, ids};
use motsu::prelude::*;
use stylus_sdk::prelude::*;
use stylus_sdk::storage::{StorageAddress, StorageMap, StorageU256};

use super::tokens::{SilentToken, Token};
use crate::CollateralVault;

/// Answers `poolAssets`, and counts how often it is asked.
#[storage]
pub struct Registry {
    settlement: StorageMap<u32, StorageAddress>,
    base: StorageMap<u32, StorageAddress>,
    asked: StorageU256,
}

// SAFETY: the test VM starts it as a contract of its own.
unsafe impl TopLevelStorage for Registry {}

#[public]
impl Registry {
    pub fn pool_assets(&mut self, pool: u32) -> Result<(Address, u8, Address, u8), Revert> {
        let asked = self.asked.get().saturating_add(U256::from(1));
        self.asked.set(asked);
        let settlement = self.settlement.get(pool);
        if settlement.is_zero() {
            return Err(ISeriesFactory::UnknownPool { pool }.into());
        }
        Ok((settlement, 6, self.base.get(pool), 18))
    }
}

impl Registry {
    /// Lists a pool, or changes it, as the real factory never does.
    pub fn list(&mut self, pool: u32, settlement: Address, base: Address) {
        self.settlement.insert(pool, settlement);
        self.base.insert(pool, base);
    }

    pub fn asked(&self) -> U256 {
        self.asked.get()
    }
}

/// Every contract of a test. Everyone named here is a different address.
pub struct World {
    pub vault: Contract<CollateralVault>,
    pub registry: Contract<Registry>,
    pub usd: Contract<Token>,
    pub eth: Contract<Token>,
    pub silent: Contract<SilentToken>,
    pub deployer: Address,
    pub house: Address,
    pub alice: Address,
    pub bob: Address,
}

impl World {
    /// The vault constructed, not connected yet.
    pub fn unconnected() -> Self {
        let world = Self {
            vault: Contract::new(),
            registry: Contract::new(),
            usd: Contract::new(),
            eth: Contract::new(),
            silent: Contract::new(),
            deployer: Address::random(),
            house: Address::random(),
            alice: Address::random(),
            bob: Address::random(),
        };
        let factory = world.registry.address();
        world
            .vault
            .sender(world.deployer)
            .constructor(world.deployer, factory)
            .motsu_unwrap();
        let mut registry = world.registry.sender(world.deployer);
        registry.list(1, world.usd.address(), world.eth.address());
        registry.list(2, world.usd.address(), Address::ZERO);
        registry.list(3, world.silent.address(), Address::ZERO);
        drop(registry);
        world
    }

    /// The vault ready for use; alice holds 1,000 units of every token, all approved.
    pub fn new() -> Self {
        let world = Self::unconnected();
        world
            .vault
            .sender(world.deployer)
            .connect(world.house)
            .motsu_unwrap();
        let (alice, vault) = (world.alice, world.vault.address());
        for token in [&world.usd, &world.eth] {
            token.sender(alice).mint(alice, units(1000));
            token.sender(alice).approve(vault, units(1000));
        }
        world.silent.sender(alice).mint(alice, units(1000));
        world.silent.sender(alice).approve(vault, units(1000));
        world
    }

    /// [`World::new`] with 500 usd and 300 eth deposited by alice in her account of pool 1.
    pub fn funded() -> Self {
        let world = Self::new();
        let account = world.account();
        world
            .deposit(account, world.usd.address(), 500)
            .motsu_unwrap();
        world
            .deposit(account, world.eth.address(), 300)
            .motsu_unwrap();
        world
    }

    /// Alice's account in pool 1.
    pub fn account(&self) -> U256 {
        ids::account_id(self.alice, 1, 0)
    }

    /// Bob's account in a pool.
    pub fn account_of_bob(&self, pool: u32) -> U256 {
        ids::account_id(self.bob, pool, 0)
    }

    /// Alice deposits.
    pub fn deposit(&self, account: U256, asset: Address, assets: u64) -> Result<(), Revert> {
        self.vault
            .sender(self.alice)
            .deposit(account, asset, units(assets))
    }

    pub fn balance(&self, bucket: U256, asset: Address) -> U256 {
        self.vault
            .sender(self.bob)
            .balance_of(bucket, asset)
            .motsu_unwrap()
    }

    pub fn total(&self, asset: Address) -> U256 {
        self.vault.sender(self.bob).total_of(asset).motsu_unwrap()
    }

    /// Tokens the vault holds of `usd`.
    pub fn held(&self, token: &Contract<Token>) -> U256 {
        token.sender(self.bob).balance_of(self.vault.address())
    }

    pub fn emitted(&self, event: &impl alloy_sol_types::SolEvent) -> bool {
        self.vault.emitted(event)
    }
}

/// Token units.
pub fn units(amount: u64) -> U256 {
    U256::from(amount)
}

/// Asserts that a call reverts with exactly this error, and takes its effects back.
#[track_caller]
pub fn assert_reverts<T>(result: Result<T, Revert>, error: impl SolError) {
    match result.motsu_res() {
        Ok(_) => panic!("should revert"),
        Err(revert) => assert_eq!(revert, Revert::from(error)),
    }
}

/// The encoded `Locked`.
pub fn locked() -> Vec<u8> {
    ICollateralVault::Locked {}.abi_encode()
}
