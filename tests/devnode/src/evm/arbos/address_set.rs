//! A set of addresses in ArbOS storage: constant-time membership, and a list in insertion order for the getters.

use alloy_primitives::{Address, B256, U256};

use super::{Words, entry};

/// A named set.
#[derive(Clone, Copy, Debug)]
pub struct AddressSet {
    name: &'static str,
}

impl AddressSet {
    /// The set of that name.
    pub const fn named(name: &'static str) -> Self {
        Self { name }
    }

    /// True when `address` is a member.
    pub fn contains(&self, words: &mut impl Words, address: Address) -> bool {
        !words.word(self.index_slot(address)).is_zero()
    }

    /// Members; removal moves the last one into the gap.
    pub fn all(&self, words: &mut impl Words) -> Vec<Address> {
        let size = self.size(words);
        (1..=size)
            .map(|index| Address::from_word(B256::from(words.word(self.item_slot(index)))))
            .collect()
    }

    /// Adds a member; nothing happens when it is one.
    pub fn insert(&self, words: &mut impl Words, address: Address) {
        if self.contains(words, address) {
            return;
        }
        let index = self.size(words).saturating_add(1);
        words.set_word(self.item_slot(index), address.into_word().into());
        words.set_word(self.index_slot(address), U256::from(index));
        words.set_word(self.item_slot(0), U256::from(index));
    }

    /// Removes a member; false when it was none.
    pub fn remove(&self, words: &mut impl Words, address: Address) -> bool {
        let index: u64 = words.word(self.index_slot(address)).saturating_to();
        if index == 0 {
            return false;
        }
        let last = self.size(words);
        let moved = words.word(self.item_slot(last));
        words.set_word(self.item_slot(index), moved);
        words.set_word(
            self.index_slot(Address::from_word(B256::from(moved))),
            U256::from(index),
        );
        words.set_word(self.item_slot(last), U256::ZERO);
        words.set_word(self.index_slot(address), U256::ZERO);
        words.set_word(self.item_slot(0), U256::from(last - 1));
        true
    }

    /// The number of members is item 0.
    fn size(&self, words: &mut impl Words) -> u64 {
        words.word(self.item_slot(0)).saturating_to()
    }

    fn item_slot(&self, index: u64) -> U256 {
        entry(self.name, B256::from(U256::from(index)))
    }

    /// Member indices have a table of their own, so that no address can name an item.
    fn index_slot(&self, address: Address) -> U256 {
        entry(&format!("{} index", self.name), address.into_word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::State;

    #[test]
    fn removal_keeps_the_others() {
        let (mut state, set) = (State::default(), AddressSet::named("test"));
        let [a, b, c] = [1, 2, 3].map(Address::with_last_byte);
        for address in [a, b, c, b] {
            set.insert(&mut state, address);
        }
        assert_eq!(set.all(&mut state), [a, b, c]);
        assert!(set.remove(&mut state, a));
        assert_eq!(set.all(&mut state), [c, b]);
        assert!(!set.contains(&mut state, a) && set.contains(&mut state, b));
        assert!(!set.remove(&mut state, a));
        assert!(set.remove(&mut state, b) && set.remove(&mut state, c));
        assert!(set.all(&mut state).is_empty());
    }
}
