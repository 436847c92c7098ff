//! Compiled programs in memory, bounded by the bytes of their native code: what was used longest ago goes first.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

/// A cache of values with sizes. Readers do not wait for each other, which is why no list is kept in order of use: a program is looked
/// up at every call, and one is put in seldom.
pub struct ProgramCache<K, V> {
    most_bytes: usize,
    clock: AtomicU64,
    held: RwLock<Held<K, V>>,
}

struct Held<K, V> {
    entries: HashMap<K, Entry<V>>,
    bytes: usize,
}

struct Entry<V> {
    value: Arc<V>,
    bytes: usize,
    used: AtomicU64,
}

impl<K: Copy + Eq + Hash, V> ProgramCache<K, V> {
    /// A cache of at most `most_bytes`, but always of the value put in last.
    pub fn new(most_bytes: usize) -> Self {
        Self {
            most_bytes,
            clock: AtomicU64::new(0),
            held: RwLock::new(Held {
                entries: HashMap::new(),
                bytes: 0,
            }),
        }
    }

    /// The value under `key`, which counts as a use of it.
    pub fn get(&self, key: &K) -> Option<Arc<V>> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        let entry = held.entries.get(key)?;
        entry.used.store(self.tick(), Ordering::Relaxed);
        Some(Arc::clone(&entry.value))
    }

    /// Puts a value of `bytes` in, in place of one that was there, and drops the least recently used others beyond the bound. Whoever
    /// runs a dropped one keeps it until done.
    pub fn insert(&self, key: K, value: Arc<V>, bytes: usize) {
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        let used = AtomicU64::new(self.tick());
        let entry = Entry { value, bytes, used };
        if let Some(before) = held.entries.insert(key, entry) {
            held.bytes -= before.bytes;
        }
        held.bytes += bytes;
        while held.bytes > self.most_bytes && held.entries.len() > 1 {
            let oldest = held
                .entries
                .iter()
                .min_by_key(|(_, entry)| entry.used.load(Ordering::Relaxed))
                .map(|(key, _)| *key);
            let Some(dropped) = oldest.and_then(|key| held.entries.remove(&key)) else {
                return;
            };
            held.bytes -= dropped.bytes;
        }
    }

    /// Bytes held.
    #[cfg(test)]
    fn bytes(&self) -> usize {
        self.held
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .bytes
    }

    fn tick(&self) -> u64 {
        self.clock.fetch_add(1, Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn least_recently_used_values_are_dropped_beyond_the_bound() {
        let cache = ProgramCache::new(100);
        for key in 0..4 {
            cache.insert(key, Arc::new(key), 25);
        }
        assert_eq!(cache.bytes(), 100);
        assert!(cache.get(&0).is_some());
        cache.insert(4, Arc::new(4), 26);
        // 1 and 2 had to go, 0 was used since.
        let held: Vec<u32> = (0..5).filter(|key| cache.get(key).is_some()).collect();
        assert_eq!((held, cache.bytes()), (vec![0, 3, 4], 76));
    }

    #[test]
    fn value_beyond_the_bound_is_held_alone() {
        let cache = ProgramCache::new(10);
        cache.insert(1, Arc::new(()), 5);
        cache.insert(2, Arc::new(()), 11);
        assert!(cache.get(&1).is_none() && cache.get(&2).is_some());
        cache.insert(2, Arc::new(()), 3);
        assert_eq!(cache.bytes(), 3);
    }
}
