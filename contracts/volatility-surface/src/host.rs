//! The time, in one place because motsu's clock stands still: unit tests set it by hand.

#[cfg(not(test))]
use stylus_sdk::prelude::*;

/// Time of the block, unix seconds.
#[cfg(not(test))]
pub(crate) fn now(vm: &dyn Host) -> u64 {
    vm.block_timestamp()
}

#[cfg(test)]
pub(crate) use crate::tests::host::now;
