//! Clock of the tests. Each test runs on a thread of its own, which starts at [`START`].

use std::cell::Cell;

use stylus_sdk::prelude::*;

/// Where time starts: 2025-01-01.
pub(crate) const START: u64 = 1_735_689_600;

thread_local! {
    static NOW: Cell<u64> = const { Cell::new(START) };
}

pub(crate) fn now(_: &dyn Host) -> u64 {
    NOW.get()
}

pub(crate) fn set_time(time: u64) {
    NOW.set(time);
}
