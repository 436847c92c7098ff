//! The lock of the whole protocol: while an entry of the kernel is at work, every other entry and every view that depends on balances or
//! prices reverts `Locked`. Whatever a token or an oracle source calls back into sees either the state before or nothing.
//!
//! The flag shares a slot with the guardian: where there is one, setting and clearing it rewrites the slot instead of creating and
//! deleting it.
//! A revert needs no clearing: it undoes the flag with everything else.

use interfaces::{IClearingHouse::Locked, Revert};

use crate::ClearingHouse;

impl ClearingHouse {
    /// Errors: `Locked` during an outside call.
    pub(crate) fn only_unlocked(&self) -> Result<(), Revert> {
        if self.locked.get() {
            return Err(Locked {}.into());
        }
        Ok(())
    }

    /// Begins an entry that calls out. Errors: `Locked` when one is under way.
    pub(crate) fn lock(&mut self) -> Result<(), Revert> {
        self.only_unlocked()?;
        self.locked.set(true);
        Ok(())
    }

    /// Ends what [`Self::lock`] began.
    pub(crate) fn unlock(&mut self) {
        self.locked.set(false);
    }
}
