//! Storage through the frame's cache, and transient storage without one.

use super::frame::{Escape, Host};
use crate::program::prices::{
    COLD_SLOAD, EVM_API, HOSTIO, PTR, SSTORE_SENTRY, STORAGE_CACHE_MOST, TRANSIENT,
};

/// Reads a slot, from state only if the frame has not seen it.
pub fn load(host: &mut Host<'_>, key: u32, dest: u32) -> Result<(), Escape> {
    host.buy_ink(HOSTIO + 2 * PTR)?;
    let api_gas = host.state().config.ink_to_gas(EVM_API);
    host.require_gas(COLD_SLOAD + STORAGE_CACHE_MOST + api_gas)?;
    let key = host.read_word(key)?;
    let cache_gas = host.state().storage.read_gas();
    let (value, gas) = match host.state().storage.get(&key) {
        Some(value) => (value, cache_gas),
        None => {
            let (value, gas) = host.api().load_storage(key);
            host.state().storage.remember(key, value);
            (value, cache_gas + gas + api_gas)
        }
    };
    host.buy_gas(gas)?;
    host.write_slice(dest, value.as_slice())
}

/// Writes a slot in the cache.
pub fn cache(host: &mut Host<'_>, key: u32, value: u32) -> Result<(), Escape> {
    host.buy_ink(HOSTIO + 2 * PTR)?;
    host.require_gas(SSTORE_SENTRY + STORAGE_CACHE_MOST)?;
    let key = host.read_word(key)?;
    let value = host.read_word(value)?;
    let gas = host.state().storage.write_gas();
    host.state().storage.write(key, value);
    host.buy_gas(gas)
}

/// Writes the slots that differ to state; `clear` forgets the cache.
pub fn flush(host: &mut Host<'_>, clear: u32) -> Result<(), Escape> {
    host.buy_ink(HOSTIO + EVM_API)?;
    host.require_gas(SSTORE_SENTRY)?;
    let dirty = host.state().storage.flush(clear != 0);
    if dirty.is_empty() {
        return Ok(());
    }
    // One more than there is: a flush that leaves exactly nothing of its budget counts as out of gas, so that one which costs
    // all the gas left passes.
    let budget = host.gas_left().saturating_add(1);
    match host.api().store_storage(&dirty, budget) {
        Ok(gas) => host.buy_gas(gas),
        Err(_) if !host.state().config.flush_runs_out_of_gas => Err(Escape::Failure("flush")),
        Err(failure) => Err(host.fail(failure)),
    }
}

/// Reads a transient slot.
pub fn transient_load(host: &mut Host<'_>, key: u32, dest: u32) -> Result<(), Escape> {
    host.buy_ink(HOSTIO + 2 * PTR + EVM_API)?;
    host.buy_gas(TRANSIENT)?;
    let key = host.read_word(key)?;
    let value = host.api().load_transient(key);
    host.write_slice(dest, value.as_slice())
}

/// Writes a transient slot.
pub fn transient_store(host: &mut Host<'_>, key: u32, value: u32) -> Result<(), Escape> {
    host.buy_ink(HOSTIO + 2 * PTR + EVM_API)?;
    host.buy_gas(TRANSIENT)?;
    let key = host.read_word(key)?;
    let value = host.read_word(value)?;
    let stored = host.api().store_transient(key, value);
    stored.map_err(|failure| host.fail(failure))
}
