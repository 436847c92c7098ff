//! Fields packed into one storage slot, read and written as a whole: one host call each.

use alloy_primitives::{Address, B256};

/// A slot, big-endian; a field is named by its first byte and its width in bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Slot(pub(crate) B256);

impl Slot {
    /// The unsigned integer of `width` bytes (at most 16) at byte `first`.
    pub(crate) fn uint(self, first: usize, width: usize) -> u128 {
        let bytes = self.0.iter().skip(first).take(width);
        bytes.fold(0, |value, byte| (value << 8) | u128::from(*byte))
    }

    /// As [`Slot::uint`], for a width of at most 8.
    #[allow(clippy::cast_possible_truncation, reason = "eight bytes fit")]
    pub(crate) fn small(self, first: usize, width: usize) -> u64 {
        self.uint(first, width) as u64
    }

    /// The address at byte `first`.
    pub(crate) fn address(self, first: usize) -> Address {
        let mut address = Address::ZERO;
        for (to, from) in address.iter_mut().zip(self.0.iter().skip(first)) {
            *to = *from;
        }
        address
    }

    /// With the low `width` bytes of `value` at byte `first`.
    pub(crate) fn with(mut self, first: usize, width: usize, value: u128) -> Self {
        let skipped = 16_usize.saturating_sub(width);
        for (to, from) in self
            .0
            .iter_mut()
            .skip(first)
            .zip(value.to_be_bytes().iter().skip(skipped))
        {
            *to = *from;
        }
        self
    }

    /// With an address at byte `first`.
    pub(crate) fn with_address(mut self, first: usize, value: Address) -> Self {
        for (to, from) in self.0.iter_mut().skip(first).zip(value.iter()) {
            *to = *from;
        }
        self
    }
}
