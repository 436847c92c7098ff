//! Clock and gas of the tests. Each test runs on a thread of its own, which starts at [`START`] with plenty of gas.

use std::cell::Cell;

use stylus_sdk::prelude::*;

/// Where time starts: 2025-01-01.
pub(crate) const START: u64 = 1_735_689_600;

thread_local! {
    static NOW: Cell<u64> = const { Cell::new(START) };
    static GAS_LEFT: Cell<u64> = const { Cell::new(10_000_000) };
}

pub(crate) fn now(_: &dyn Host) -> u64 {
    NOW.get()
}

pub(crate) fn gas_left(_: &dyn Host) -> u64 {
    GAS_LEFT.get()
}

pub(crate) fn set_time(time: u64) {
    NOW.set(time);
}

pub(crate) fn set_gas_left(gas: u64) {
    GAS_LEFT.set(gas);
}
