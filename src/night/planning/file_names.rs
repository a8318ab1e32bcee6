//! The names of the record files of a plan, each once.

use std::collections::HashMap;
use std::sync::Arc;

/// The names, known by index.
#[derive(Debug, Default)]
pub(super) struct FileNames {
    names: Vec<Arc<str>>,
    indices: HashMap<Arc<str>, u32>,
}

impl FileNames {
    /// The index of a name. A new name is added.
    pub(super) fn index_of(&mut self, name: &str) -> u32 {
        // Most rows are of the same file as the row before.
        if self.names.last().is_some_and(|last| **last == *name) {
            return self.names.len() as u32 - 1;
        }
        if let Some(index) = self.indices.get(name) {
            return *index;
        }
        let (name, index): (Arc<str>, u32) = (name.into(), self.names.len() as u32);
        self.names.push(Arc::clone(&name));
        self.indices.insert(name, index);
        index
    }

    /// The name with this index.
    pub(super) fn get(&self, index: u32) -> &Arc<str> {
        &self.names[index as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_names_than_sixteen_bits_count() {
        let mut names = FileNames::default();
        for number in 0..70_000 {
            assert_eq!(names.index_of(&number.to_string()), number);
        }
        assert_eq!(names.index_of("7"), 7);
        assert_eq!(&**names.get(66_000), "66000");
    }
}
