//! Random walks: whatever order of calls arrives, the vault holds what it owes.

use alloc::vec::Vec;
use std::collections::BTreeMap;

use alloy_primitives::{Address, U256};
use interfaces::ids;
use motsu::prelude::*;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::tokens::{Manner, Token};
use super::world::{World, units};

/// One call. Numbers choose buckets and assets; amounts may exceed what is there.
#[derive(Clone, Copy, Debug)]
enum Step {
    Deposit {
        bucket: usize,
        base: bool,
        assets: u64,
        manner: Manner,
    },
    DepositInsurance {
        pool: u32,
        assets: u64,
    },
    Move {
        from: usize,
        to: usize,
        base: bool,
        assets: u64,
    },
    Release {
        bucket: usize,
        base: bool,
        to_vault: bool,
        assets: u64,
        manner: Manner,
    },
    Donate {
        base: bool,
        assets: u64,
    },
}

/// Of all kinds, in two pools, and two ids that are no bucket.
const BUCKETS: usize = 10;

fn buckets(world: &World) -> [U256; BUCKETS] {
    [
        ids::account_id(world.alice, 1, 0),
        ids::account_id(world.alice, 1, 1),
        ids::account_id(world.bob, 1, 0),
        ids::account_id(world.alice, 2, 0),
        ids::account_id(world.bob, 2, 7),
        ids::insurance_bucket(1),
        ids::insurance_bucket(2),
        ids::pot_bucket(1, 1_735_718_400),
        ids::account_id(world.alice, 0, 0),
        ids::account_id(Address::ZERO, 1, 3),
    ]
}

fn manner() -> impl Strategy<Value = Manner> {
    prop_oneof![
        8 => Just(Manner::Sound),
        1 => Just(Manner::TakesFee),
        1 => Just(Manner::Generous),
        1 => Just(Manner::ReturnsFalse),
        1 => Just(Manner::Idle),
        1 => Just(Manner::Reverts),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let bucket = 0..BUCKETS;
    let assets = 0..60_u64;
    prop_oneof![
        4 => (bucket.clone(), any::<bool>(), assets.clone(), manner())
            .prop_map(|(bucket, base, assets, manner)| Step::Deposit { bucket, base, assets, manner }),
        1 => (0..4_u32, assets.clone())
            .prop_map(|(pool, assets)| Step::DepositInsurance { pool, assets }),
        4 => (bucket.clone(), bucket.clone(), any::<bool>(), assets.clone())
            .prop_map(|(from, to, base, assets)| Step::Move { from, to, base, assets }),
        3 => (bucket, any::<bool>(), prop::bool::weighted(0.1), assets.clone(), manner())
            .prop_map(|(bucket, base, to_vault, assets, manner)| {
                Step::Release { bucket, base, to_vault, assets, manner }
            }),
        1 => (any::<bool>(), assets).prop_map(|(base, assets)| Step::Donate { base, assets }),
    ]
}

/// The vault under test, and a ledger kept beside it by other means.
struct Walk {
    world: World,
    buckets: [U256; BUCKETS],
    expected: BTreeMap<(U256, bool), U256>,
    /// How many steps took effect.
    taken: u32,
}

impl Walk {
    fn new() -> Self {
        let world = World::new();
        let buckets = buckets(&world);
        Self {
            world,
            buckets,
            expected: BTreeMap::new(),
            taken: 0,
        }
    }

    fn token(&self, base: bool) -> &Contract<Token> {
        if base {
            &self.world.eth
        } else {
            &self.world.usd
        }
    }

    fn expect(&mut self, bucket: U256, base: bool, change: impl Fn(U256) -> U256) {
        let balance = self.expected.entry((bucket, base)).or_default();
        *balance = change(*balance);
    }

    /// Makes the call and, if it took effect, notes what should have changed.
    fn take(&mut self, step: Step) {
        let house = self.world.house;
        match step {
            Step::Deposit {
                bucket,
                base,
                assets,
                manner,
            } => {
                let bucket = self.buckets[bucket];
                let asset = self.token(base).address();
                self.token(base).sender(house).behave_as(manner);
                if self
                    .world
                    .deposit(bucket, asset, assets)
                    .motsu_res()
                    .is_ok()
                {
                    self.taken += 1;
                    self.expect(bucket, base, |balance| balance + units(assets));
                }
            }
            Step::DepositInsurance { pool, assets } => {
                let mut vault = self.world.vault.sender(self.world.alice);
                if vault
                    .deposit_insurance(pool, units(assets))
                    .motsu_res()
                    .is_ok()
                {
                    drop(vault);
                    self.taken += 1;
                    let bucket = ids::insurance_bucket(pool);
                    self.expect(bucket, false, |balance| balance + units(assets));
                }
            }
            Step::Move {
                from,
                to,
                base,
                assets,
            } => {
                let (from, to) = (self.buckets[from], self.buckets[to]);
                let asset = self.token(base).address();
                let result =
                    self.world
                        .vault
                        .sender(house)
                        .move_balance(asset, from, to, units(assets));
                if result.motsu_res().is_ok() {
                    self.taken += 1;
                    assert_eq!(ids::account_pool(from), ids::account_pool(to));
                    self.expect(from, base, |balance| balance - units(assets));
                    self.expect(to, base, |balance| balance + units(assets));
                }
            }
            Step::Release {
                bucket,
                base,
                to_vault,
                assets,
                manner,
            } => {
                let bucket = self.buckets[bucket];
                let asset = self.token(base).address();
                let recipient = if to_vault {
                    self.world.vault.address()
                } else {
                    self.world.bob
                };
                self.token(base).sender(house).behave_as(manner);
                let result =
                    self.world
                        .vault
                        .sender(house)
                        .release(asset, bucket, recipient, units(assets));
                if result.motsu_res().is_ok() {
                    self.taken += 1;
                    self.expect(bucket, base, |balance| balance - units(assets));
                }
            }
            Step::Donate { base, assets } => {
                let (alice, vault) = (self.world.alice, self.world.vault.address());
                self.token(base).sender(alice).behave_as(Manner::Sound);
                // Alice may have nothing left to give.
                _ = self
                    .token(base)
                    .sender(alice)
                    .transfer(vault, units(assets))
                    .motsu_res();
            }
        }
        for base in [false, true] {
            self.token(base).sender(house).behave_as(Manner::Sound);
        }
    }

    fn check(&self) {
        for base in [false, true] {
            let token = self.token(base);
            let asset = token.address();
            let balances: Vec<_> = self
                .buckets
                .iter()
                .map(|bucket| self.world.balance(*bucket, asset))
                .collect();
            for (bucket, balance) in self.buckets.iter().zip(&balances) {
                let expected = self
                    .expected
                    .get(&(*bucket, base))
                    .copied()
                    .unwrap_or_default();
                assert_eq!(
                    *balance, expected,
                    "every balance is what its calls add up to"
                );
            }
            let sum: U256 = balances.into_iter().sum();
            assert_eq!(
                self.world.total(asset),
                sum,
                "the total is the sum of all buckets"
            );
            let held = self.world.held(token);
            assert!(held >= sum, "the vault holds what it owes: {held} of {sum}");
        }
    }
}

#[motsu::test]
fn the_vault_holds_what_it_owes_after_every_step_of_any_walk() {
    let config = Config {
        cases: 128,
        failure_persistence: None,
        ..Config::default()
    };
    let taken = core::cell::Cell::new(0);
    TestRunner::new(config)
        .run(&prop::collection::vec(step(), 1..60), |steps| {
            let mut walk = Walk::new();
            for step in steps {
                walk.take(step);
                walk.check();
            }
            taken.set(taken.get() + walk.taken);
            Ok(())
        })
        .unwrap();
    // A walk in which every call is refused would prove nothing.
    assert!(taken.get() > 500, "only {} steps took effect", taken.get());
}
