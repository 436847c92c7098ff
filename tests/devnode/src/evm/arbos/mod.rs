//! ArbOS state: what the precompiles keep between transactions.
//!
//! It lives in the storage of one account, as on Arbitrum, and is written through the journal, so a reverted call takes its changes
//! back like any other. Slots are named by hash; Nitro's own layout is different and nothing outside the node depends on it.

mod address_set;
pub mod program;

use alloy_primitives::{Address, B256, U256, address, keccak256};
use revm::{Journal, context_interface::JournalTr};

pub use self::address_set::AddressSet;
use crate::{
    chain::State,
    program::{DataPricer, StylusConfig},
};

/// Account that holds ArbOS state.
pub const ADDRESS: Address = address!("0xA4B05FffffFffFFFFfFFfffFfffFFfffFfFfFFFf");

/// Accounts that may call `ArbOwner`.
pub const CHAIN_OWNERS: AddressSet = AddressSet::named("chain owners");
/// Contracts that may cache programs.
pub const CACHE_MANAGERS: AddressSet = AddressSet::named("wasm cache managers");

/// Where ArbOS words are read and written.
pub trait Words {
    /// The word in a slot; zero when never written.
    fn word(&mut self, slot: U256) -> U256;
    /// Writes a slot.
    fn set_word(&mut self, slot: U256, word: U256);
}

impl Words for State {
    fn word(&mut self, slot: U256) -> U256 {
        self.slot(&ADDRESS, &slot)
    }

    fn set_word(&mut self, slot: U256, word: U256) {
        self.set_slot(ADDRESS, slot, word);
    }
}

impl Words for Journal<State> {
    fn word(&mut self, slot: U256) -> U256 {
        load(self);
        match self.sload(ADDRESS, slot) {
            Ok(word) => word.data,
            Err(never) => match never {},
        }
    }

    fn set_word(&mut self, slot: U256, word: U256) {
        load(self);
        match self.sstore(ADDRESS, slot, word) {
            Ok(_) => self.touch_account(ADDRESS),
            Err(never) => match never {},
        }
    }
}

/// The journal reads and writes slots only of accounts it holds.
fn load(journal: &mut Journal<State>) {
    match journal.load_account(ADDRESS) {
        Ok(_) => {}
        Err(never) => match never {},
    }
}

/// Slot of a single value.
pub fn slot(name: &str) -> U256 {
    keccak256(name).into()
}

/// Slot of an entry of a named table.
pub fn entry(table: &str, key: B256) -> U256 {
    keccak256([table.as_bytes(), key.as_slice()].concat()).into()
}

/// Writes the initial state of a chain that begins as ArbOS `version` and burns `activation_gas` for every activation.
pub fn initialise(state: &mut State, timestamp: u64, version: u64, activation_gas: u64) {
    // A nonce keeps the account from counting as empty, which would delete it.
    state.set_nonce(ADDRESS, 1);
    state.set_word(slot("arbos version"), U256::from(version));
    state.set_word(
        slot("ink price"),
        U256::from(StylusConfig::at_arbos(version).ink_price),
    );
    state.set_word(slot("activation gas"), U256::from(activation_gas));
    store_data_pricer(
        state,
        DataPricer {
            demand: 0,
            last_update: timestamp,
        },
    );
}

/// Makes accounts chain owners.
pub fn add_chain_owners(state: &mut State, owners: impl Iterator<Item = Address>) {
    for owner in owners {
        CHAIN_OWNERS.insert(state, owner);
    }
}

/// Registers a cache manager.
pub fn add_cache_manager(state: &mut State, manager: Address) {
    CACHE_MANAGERS.insert(state, manager);
}

/// ArbOS version in force in a block of time `now`. A scheduled upgrade takes effect with the first block at or after its time.
pub fn version_at(state: &State, now: u64) -> u64 {
    let word = |name| state.slot(&ADDRESS, &slot(name)).saturating_to::<u64>();
    let (version, upgrade) = (word("arbos version"), word("arbos upgrade"));
    if upgrade > version && now >= word("arbos upgrade time") {
        upgrade
    } else {
        version
    }
}

/// Schedules the upgrade from `current` to `version`, from `time` (unix seconds) on, in place of one scheduled before.
pub fn schedule_upgrade(words: &mut impl Words, current: u64, version: u64, time: u64) {
    words.set_word(slot("arbos version"), U256::from(current));
    words.set_word(slot("arbos upgrade"), U256::from(version));
    words.set_word(slot("arbos upgrade time"), U256::from(time));
}

/// Stylus parameters in force under ArbOS `version`.
pub fn stylus_config(words: &mut impl Words, version: u64) -> StylusConfig {
    StylusConfig {
        ink_price: words.word(slot("ink price")).saturating_to(),
        ..StylusConfig::at_arbos(version)
    }
}

/// Sets the price of gas in ink.
pub fn set_ink_price(words: &mut impl Words, ink_price: u32) {
    words.set_word(slot("ink price"), U256::from(ink_price));
}

/// Gas burnt by every activation before any work.
pub fn activation_gas(words: &mut impl Words) -> u64 {
    words.word(slot("activation gas")).saturating_to()
}

/// L1 price in wei per calldata unit. Zero from the start: the set-up of every devnode sets it so.
pub fn l1_price(words: &mut impl Words) -> U256 {
    words.word(slot("l1 price per unit"))
}

/// Sets the L1 price. It is kept and reported; the node charges no L1 fee.
pub fn set_l1_price(words: &mut impl Words, price: U256) {
    words.set_word(slot("l1 price per unit"), price);
}

/// Demand for program data so far.
pub fn data_pricer(words: &mut impl Words) -> DataPricer {
    DataPricer {
        demand: words.word(slot("data demand")).saturating_to(),
        last_update: words.word(slot("data demand updated")).saturating_to(),
    }
}

/// Writes the demand back.
pub fn store_data_pricer(words: &mut impl Words, pricer: DataPricer) {
    words.set_word(slot("data demand"), U256::from(pricer.demand));
    words.set_word(slot("data demand updated"), U256::from(pricer.last_update));
}
