//! A risk profile in storage: the versions that count, and how one follows the other.
//!
//! A version is a data contract and never changes. One that is nowhere milder than the version in effect, and promises all that it does,
//! follows it at once; any other waits [`LOOSENING_DELAY`], in which it can be withdrawn. Either way maintenance margin moves from the old to the new version in a straight line
//! over [`RAMP`], so that no account becomes liquidatable between two blocks; one ramp at a time, for there are only two versions to weigh.

use alloc::vec::Vec;

use alloy_primitives::{Address, U32, U64};
use interfaces::{ISeriesFactory, Revert};
use stylus_sdk::prelude::*;
use stylus_sdk::storage::{StorageAddress, StorageU32, StorageU64};

/// How long a version that demands less somewhere waits: two days, in seconds.
pub const LOOSENING_DELAY: u64 = 172_800;

/// How long maintenance margin takes from one version to the next: a day, in seconds.
pub const RAMP: u64 = 86_400;

/// A profile in storage, slot by slot.
#[storage]
pub struct StoredProfile {
    // Slot 0: all a margin call reads outside of ramps. Never zero once listed.
    current: StorageAddress,
    ramp_start: StorageU32,
    ramp_end: StorageU32,
    version: StorageU32,
    // Slot 1.
    previous: StorageAddress,
    // Slot 2.
    pending: StorageAddress,
    effective_at: StorageU64,
}

/// What a margin call needs of a profile.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Weights {
    /// Data contract of the version in effect.
    pub current: Address,
    /// That of the version before it; zero when maintenance margin has left it behind.
    pub previous: Address,
    /// Unix seconds; zero without `previous`.
    pub ramp_start: u64,
    /// Unix seconds; zero without `previous`.
    pub ramp_end: u64,
}

/// Everything there is to know of a profile.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Versions {
    pub version: u32,
    pub current: Address,
    /// Zero before the first change.
    pub previous: Address,
    pub ramp_start: u64,
    pub ramp_end: u64,
    /// Zero: none.
    pub pending: Address,
    pub effective_at: u64,
}

impl StoredProfile {
    /// Writes version 1.
    pub fn list(&mut self, data: Address) {
        self.current.set(data);
        self.version.set(U32::from(1));
    }

    /// Whether the profile exists.
    pub fn is_listed(&self) -> bool {
        !self.current.get().is_zero()
    }

    /// The version in effect.
    pub fn current(&self) -> Address {
        self.current.get()
    }

    /// What a margin call at `now` needs.
    pub fn weights(&self, now: u64) -> Weights {
        let ramp_end = self.ramp_end.get().to();
        let ramp = (now < ramp_end).then(|| {
            let start: u64 = self.ramp_start.get().to();
            (self.previous.get(), start, ramp_end)
        });
        let (previous, ramp_start, ramp_end) = ramp.unwrap_or_default();
        Weights {
            current: self.current.get(),
            previous,
            ramp_start,
            ramp_end,
        }
    }

    /// All of it.
    pub fn versions(&self) -> Versions {
        Versions {
            version: self.version.get().to(),
            current: self.current.get(),
            previous: self.previous.get(),
            ramp_start: self.ramp_start.get().to(),
            ramp_end: self.ramp_end.get().to(),
            pending: self.pending.get(),
            effective_at: self.effective_at.get().to(),
        }
    }

    /// Lets `data` follow the version in effect at `now`. Returns its number and the end of the ramp. Errors: `RampUnderway`.
    pub fn advance(&mut self, id: u32, data: Address, now: u64) -> Result<(u32, u64), Revert> {
        let ramp_end: u64 = self.ramp_end.get().to();
        if now < ramp_end {
            return Err(ISeriesFactory::RampUnderway {
                riskProfile: id,
                rampEnd: ramp_end,
            }
            .into());
        }
        let ramp_end = now.saturating_add(RAMP);
        self.previous.set(self.current.get());
        self.current.set(data);
        // Unix seconds fit 32 bits until 2106, and so do series.
        self.ramp_start.set(U32::saturating_from(now));
        self.ramp_end.set(U32::saturating_from(ramp_end));
        // One a day at most.
        let version = self.version.get().to::<u32>().saturating_add(1);
        self.version.set(U32::from(version));
        Ok((version, ramp_end))
    }

    /// Lets `data` wait, in place of what waited before. Returns when it may take effect.
    pub fn announce(&mut self, data: Address, now: u64) -> u64 {
        let effective_at = now.saturating_add(LOOSENING_DELAY);
        self.pending.set(data);
        self.effective_at.set(U64::from(effective_at));
        effective_at
    }

    /// The version that waits, no longer waiting. Errors: `NothingPending`.
    pub fn take_pending(&mut self, id: u32) -> Result<(Address, u64), Revert> {
        let (data, effective_at) = (self.pending.get(), self.effective_at.get().to());
        if data.is_zero() {
            return Err(ISeriesFactory::NothingPending { riskProfile: id }.into());
        }
        self.pending.set(Address::ZERO);
        self.effective_at.set(U64::ZERO);
        Ok((data, effective_at))
    }
}
