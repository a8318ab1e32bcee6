//! A store with a limit: what was not used for the longest time goes first.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

/// Values by key, with the size of each.
pub(super) struct Lru<K, V> {
    values: HashMap<K, Entry<V>>,
    /// Keys by when they were last used.
    used: BTreeMap<u64, K>,
    clock: u64,
    size: usize,
    limit: usize,
}

struct Entry<V> {
    value: V,
    size: usize,
    used: u64,
}

impl<K: Hash + Eq + Clone, V: Clone> Lru<K, V> {
    /// A store whose values have `limit` together, in any unit of size.
    pub(super) fn new(limit: usize) -> Lru<K, V> {
        Lru { values: HashMap::new(), used: BTreeMap::new(), clock: 0, size: 0, limit }
    }

    /// The value of a key, which is used by this.
    pub(super) fn get(&mut self, key: &K) -> Option<V> {
        let entry = self.values.get_mut(key)?;
        self.clock += 1;
        self.used.remove(&entry.used);
        entry.used = self.clock;
        self.used.insert(self.clock, key.clone());
        Some(entry.value.clone())
    }

    /// Stores a value. A value larger than the limit is stored alone.
    pub(super) fn put(&mut self, key: K, value: V, size: usize) {
        self.remove(&key);
        while self.size + size > self.limit {
            let Some((_, oldest)) = self.used.pop_first() else { break };
            self.size -= self.values.remove(&oldest).map_or(0, |entry| entry.size);
        }
        self.clock += 1;
        self.size += size;
        self.used.insert(self.clock, key.clone());
        self.values.insert(key, Entry { value, size, used: self.clock });
    }

    fn remove(&mut self, key: &K) {
        if let Some(entry) = self.values.remove(key) {
            self.used.remove(&entry.used);
            self.size -= entry.size;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_used_for_the_longest_time_goes_first() {
        let mut store = Lru::new(10);
        for key in ["a", "b", "c"] {
            store.put(key, key, 3);
        }
        assert_eq!(store.get(&"a"), Some("a"));
        store.put("d", "d", 4);
        assert_eq!(["a", "b", "c", "d"].map(|key| store.get(&key).is_some()), [true, false, true, true]);
        store.put("e", "e", 99);
        assert_eq!(["a", "c", "d", "e"].map(|key| store.get(&key).is_some()), [false, false, false, true]);
        store.put("e", "f", 1);
        assert_eq!((store.get(&"e"), store.size), (Some("f"), 1));
    }
}
