//! What the adapter asks of its host beside storage and calls: the time, and the gas left.
//!
//! Both in one place, because motsu's clock stands still and its gas never runs out: unit tests set them by hand.

#[cfg(not(test))]
use stylus_sdk::prelude::*;

/// Time of the block, unix seconds.
#[cfg(not(test))]
pub(crate) fn now(vm: &dyn Host) -> u64 {
    vm.block_timestamp()
}

/// Gas left to this call.
#[cfg(not(test))]
pub(crate) fn gas_left(vm: &dyn Host) -> u64 {
    vm.evm_gas_left()
}

#[cfg(test)]
pub(crate) use crate::tests::host::{gas_left, now};
