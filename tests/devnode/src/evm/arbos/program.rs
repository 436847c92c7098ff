//! What ArbOS knows of an activated program: one packed word by code hash, and its module hash.

use alloy_primitives::{B256, U256};

use super::{Words, entry};
use crate::program::StylusConfig;

const TABLE: &str = "programs";
const MODULES: &str = "program modules";
/// Activation times count hours from here, 2015-01-16 06:00 UTC.
const EPOCH: u64 = 1_421_388_000;
const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;
/// Three bytes hold the hours and the kilobytes.
const MAX_U24: u64 = 0xFF_FFFF;

/// The program word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProgramRecord {
    /// Stylus version it was activated under; 0 when never.
    pub version: u16,
    /// Cost of instantiating it, in gas above the floor.
    pub init_cost: u16,
    /// The same when it is cached.
    pub cached_cost: u16,
    /// Pages it starts with.
    pub footprint: u16,
    /// Hours from [`EPOCH`] to activation.
    pub activated_at: u32,
    /// Size of the native code in kilobytes, rounded up.
    pub asm_kb: u32,
    /// Held by a cache manager.
    pub cached: bool,
}

/// Why a program cannot be called, as the caller is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inactive {
    /// Never activated.
    NotActivated,
    /// Activated under another Stylus version.
    NeedsUpgrade {
        /// Version of the activation.
        version: u16,
        /// Version in force.
        stylus_version: u16,
    },
    /// Too old.
    Expired {
        /// Seconds since activation.
        age: u64,
    },
}

impl ProgramRecord {
    /// The record of a code hash, active or not.
    pub fn load(words: &mut impl Words, code_hash: B256) -> Self {
        let word = words.word(entry(TABLE, code_hash)).to_be_bytes::<32>();
        let pair = |at: usize| u16::from_be_bytes([word[at], word[at + 1]]);
        let triple = |at: usize| u32::from_be_bytes([0, word[at], word[at + 1], word[at + 2]]);
        Self {
            version: pair(0),
            init_cost: pair(2),
            cached_cost: pair(4),
            footprint: pair(6),
            activated_at: triple(8),
            asm_kb: triple(11),
            cached: word[14] != 0,
        }
    }

    /// The record of a program that may be called at `now`.
    pub fn load_active(
        words: &mut impl Words,
        code_hash: B256,
        config: &StylusConfig,
        now: u64,
    ) -> Result<Self, Inactive> {
        let record = Self::load(words, code_hash);
        if record.version == 0 {
            return Err(Inactive::NotActivated);
        }
        if record.version != config.version {
            return Err(Inactive::NeedsUpgrade {
                version: record.version,
                stylus_version: config.version,
            });
        }
        let age = record.age(now);
        if age > u64::from(config.expiry_days) * DAY {
            return Err(Inactive::Expired { age });
        }
        Ok(record)
    }

    /// Writes the record.
    pub fn store(&self, words: &mut impl Words, code_hash: B256) {
        let mut word = [0; 32];
        word[0..2].copy_from_slice(&self.version.to_be_bytes());
        word[2..4].copy_from_slice(&self.init_cost.to_be_bytes());
        word[4..6].copy_from_slice(&self.cached_cost.to_be_bytes());
        word[6..8].copy_from_slice(&self.footprint.to_be_bytes());
        word[8..11].copy_from_slice(&self.activated_at.to_be_bytes()[1..]);
        word[11..14].copy_from_slice(&self.asm_kb.to_be_bytes()[1..]);
        word[14] = u8::from(self.cached);
        words.set_word(entry(TABLE, code_hash), U256::from_be_bytes(word));
    }

    /// Seconds since activation, to the hour activation is recorded with.
    pub fn age(&self, now: u64) -> u64 {
        now.saturating_sub(EPOCH + u64::from(self.activated_at) * HOUR)
    }

    /// Seconds until it expires.
    pub fn time_left(&self, now: u64, config: &StylusConfig) -> u64 {
        (u64::from(config.expiry_days) * DAY).saturating_sub(self.age(now))
    }

    /// True when its life may be extended.
    pub fn may_be_kept_alive(&self, now: u64, config: &StylusConfig) -> bool {
        self.age(now) >= u64::from(config.keepalive_days) * DAY
    }

    /// Size of the native code in bytes, as recorded.
    pub fn asm_size(&self) -> u32 {
        self.asm_kb.saturating_mul(1024)
    }
}

/// A point in time as activation records it.
pub fn hours_since_epoch(now: u64) -> u32 {
    (now.saturating_sub(EPOCH) / HOUR).min(MAX_U24) as u32
}

/// Bytes in kilobytes, rounded up.
pub fn kilobytes(bytes: u32) -> u32 {
    u64::from(bytes.div_ceil(1024)).min(MAX_U24) as u32
}

/// Module hash of an activated program.
pub fn module_hash(words: &mut impl Words, code_hash: B256) -> B256 {
    words.word(entry(MODULES, code_hash)).into()
}

/// Writes the module hash.
pub fn store_module_hash(words: &mut impl Words, code_hash: B256, module_hash: B256) {
    words.set_word(entry(MODULES, code_hash), module_hash.into());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::State;

    fn record() -> ProgramRecord {
        ProgramRecord {
            version: 3,
            init_cost: 0x1234,
            cached_cost: 0x0056,
            footprint: 17,
            activated_at: 0x01_0203,
            asm_kb: 600,
            cached: true,
        }
    }

    #[test]
    fn the_word_is_packed_as_documented() {
        let (mut state, hash) = (State::default(), B256::repeat_byte(7));
        record().store(&mut state, hash);
        // version, init, cached, footprint, hours, kilobytes (600 = 0x258), cached flag
        let expected = "0x0003123400560011010203000258010000000000000000000000000000000000";
        assert_eq!(
            B256::from(state.word(entry(TABLE, hash))).to_string(),
            expected
        );
        assert_eq!(ProgramRecord::load(&mut state, hash), record());
    }

    #[test]
    fn a_program_expires_after_a_year_and_not_a_second_earlier() {
        let (mut state, hash, config) = (State::default(), B256::ZERO, StylusConfig::arbos_61());
        record().store(&mut state, hash);
        let end = EPOCH + 0x01_0203 * HOUR + 365 * DAY;
        let mut at = |now| ProgramRecord::load_active(&mut state, hash, &config, now);
        assert!(at(end).is_ok());
        assert_eq!(at(end + 1), Err(Inactive::Expired { age: 365 * DAY + 1 }));
    }

    #[test]
    fn times_and_sizes_are_rounded_as_the_chain_rounds_them() {
        assert_eq!(hours_since_epoch(1_421_388_000 + 7_199), 1);
        assert_eq!(hours_since_epoch(1_421_388_000 + 7_200), 2);
        assert_eq!((kilobytes(1_024), kilobytes(1_025)), (1, 2));
        let record = ProgramRecord {
            activated_at: 10,
            ..record()
        };
        assert_eq!(record.asm_size(), 614_400);
        assert_eq!(record.age(1_421_388_000 + 36_000 + 5), 5);
        let config = StylusConfig::arbos_61();
        assert_eq!(
            record.time_left(1_421_388_000 + 36_000, &config),
            31_536_000
        );
        // 31 days.
        let at = |age: u64| record.may_be_kept_alive(1_421_388_000 + 36_000 + age, &config);
        assert!(at(2_678_400) && !at(2_678_399));
    }

    #[test]
    fn a_program_of_another_version_needs_upgrade() {
        let (mut state, hash, config) = (State::default(), B256::ZERO, StylusConfig::arbos_61());
        assert_eq!(
            ProgramRecord::load_active(&mut state, hash, &config, EPOCH),
            Err(Inactive::NotActivated)
        );
        ProgramRecord {
            version: 2,
            ..record()
        }
        .store(&mut state, hash);
        assert_eq!(
            ProgramRecord::load_active(&mut state, hash, &config, EPOCH),
            Err(Inactive::NeedsUpgrade {
                version: 2,
                stylus_version: 3
            })
        );
    }
}
