//! The storage cache of one call frame: a program's writes stay here until it flushes, and are lost if it never does.

use std::collections::BTreeMap;

use alloy_primitives::B256;

/// A slot the frame has seen.
#[derive(Clone, Copy, Debug)]
struct Slot {
    /// Value the program sees.
    value: B256,
    /// Value known to be in state; `None` after a write to a slot never read.
    known: Option<B256>,
}

/// Slots the frame has read and written.
#[derive(Clone, Debug, Default)]
pub struct StorageCache {
    /// Ordered by key, so that a flush that runs out of gas runs out at the same slot every time.
    slots: BTreeMap<B256, Slot>,
    reads: u32,
    writes: u32,
}

impl StorageCache {
    /// Gas of the next read: free for the first 32 reads of the frame.
    pub fn read_gas(&mut self) -> u64 {
        self.reads = self.reads.saturating_add(1);
        match self.reads {
            0..=32 => 0,
            33..=128 => 2,
            _ => 10,
        }
    }

    /// Gas of the next write: free for the first 8 writes of the frame.
    pub fn write_gas(&mut self) -> u64 {
        self.writes = self.writes.saturating_add(1);
        match self.writes {
            0..=8 => 0,
            9..=64 => 7,
            _ => 10,
        }
    }

    /// Value of a slot seen before.
    pub fn get(&self, key: &B256) -> Option<B256> {
        self.slots.get(key).map(|slot| slot.value)
    }

    /// Remembers a value read from state.
    pub fn remember(&mut self, key: B256, value: B256) {
        self.slots.insert(
            key,
            Slot {
                value,
                known: Some(value),
            },
        );
    }

    /// Writes to the cache only.
    pub fn write(&mut self, key: B256, value: B256) {
        self.slots
            .entry(key)
            .and_modify(|slot| slot.value = value)
            .or_insert(Slot { value, known: None });
    }

    /// Slots to be written to state, which then count as written; `clear` forgets every slot.
    pub fn flush(&mut self, clear: bool) -> Vec<(B256, B256)> {
        let dirty = self
            .slots
            .iter()
            .filter(|(_, slot)| slot.known != Some(slot.value));
        let dirty = dirty.map(|(key, slot)| (*key, slot.value)).collect();
        if clear {
            self.slots.clear();
        } else {
            for slot in self.slots.values_mut() {
                slot.known = Some(slot.value);
            }
        }
        dirty
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(byte: u8) -> B256 {
        B256::repeat_byte(byte)
    }

    #[test]
    fn only_slots_that_differ_from_state_are_flushed() {
        let mut cache = StorageCache::default();
        cache.remember(word(1), word(10));
        cache.remember(word(2), word(20));
        cache.write(word(2), word(21));
        cache.write(word(2), word(20));
        cache.write(word(1), word(11));
        assert_eq!(cache.flush(false), [(word(1), word(11))]);
        assert_eq!(cache.flush(false), []);
    }

    #[test]
    fn slot_never_read_is_always_flushed() {
        let mut cache = StorageCache::default();
        cache.write(word(3), B256::ZERO);
        assert_eq!(cache.flush(true), [(word(3), B256::ZERO)]);
        assert_eq!(cache.get(&word(3)), None);
    }

    #[test]
    fn touching_costs_more_as_the_cache_grows() {
        let mut cache = StorageCache::default();
        let reads: u64 = (0..129).map(|_| cache.read_gas()).sum();
        assert_eq!(reads, 96 * 2 + 10);
        let writes: u64 = (0..65).map(|_| cache.write_gas()).sum();
        assert_eq!(writes, 56 * 7 + 10);
    }
}
