//! What changed between two lists of sentences, and between two sentences word by word.

use std::collections::BTreeSet;

use serde::Serialize;
use template::Facts;

use super::Sentence;

/// How alike two sentences are at least that are one sentence, changed: the share of their words that both have.
const ALIKE: f64 = 0.5;

/// A run of words: in both sentences, or in one of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Words {
    /// Which of the two has them.
    pub of: Side,
    /// The words, with single spaces.
    pub text: String,
}

/// Which of two sentences has words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub(crate) enum Side {
    /// Both.
    Both,
    /// The old one: the words were removed.
    Old,
    /// The new one: the words were added.
    New,
}

/// What became of a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase", tag = "change")]
pub(crate) enum Change {
    /// It is as it was.
    Same,
    /// It is new.
    Added,
    /// Its words changed.
    Changed {
        /// The words of both sentences in order.
        words: Vec<Words>,
    },
    /// Its words are as they were; other variants show it.
    Moved {
        /// The variants that showed it, in words.
        before: String,
    },
}

impl Change {
    /// The change in one sign.
    pub(crate) fn sign(&self) -> &'static str {
        match self {
            Change::Same => " ",
            Change::Added => "+",
            Change::Changed { .. } => "≠",
            Change::Moved { .. } => "↔",
        }
    }

    /// The sentence as it was, or the variants that showed it, where that changed.
    pub(crate) fn before(&self) -> Option<String> {
        match self {
            Change::Same | Change::Added => None,
            Change::Moved { before } => Some(before.clone()),
            Change::Changed { words } => {
                let old = words.iter().filter(|words| words.of != Side::New).map(|words| words.text.as_str());
                Some(old.collect::<Vec<_>>().join(" "))
            }
        }
    }
}

/// The changes of the new sentences in their order, and the indices of the old ones that are gone.
pub(super) fn changes(
    new: (&[Sentence], &[Facts]),
    old: (&[Sentence], &[Facts]),
    describe: &dyn Fn(&Sentence) -> String,
) -> (Vec<Change>, Vec<usize>) {
    let (new, new_variants) = new;
    let (old, old_variants) = old;
    let mut gone: Vec<usize> = Vec::new();
    let mut changes: Vec<Option<Change>> = vec![None; new.len()];
    for (index, sentence) in old.iter().enumerate() {
        let same = new.iter().position(|other| other.key == sentence.key);
        let Some(same) = same else {
            gone.push(index);
            continue;
        };
        let moved = shown_by(&new[same], new_variants) != shown_by(sentence, old_variants);
        changes[same] = Some(match moved {
            true => Change::Moved { before: describe(sentence) },
            false => Change::Same,
        });
    }
    for (index, change) in changes.iter_mut().enumerate().filter(|(_, change)| change.is_none()) {
        let best = gone.iter().map(|old_index| (likeness(&old[*old_index].key, &new[index].key), *old_index));
        let best =
            best.filter(|(alike, _)| *alike >= ALIKE).max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
        *change = Some(match best {
            None => Change::Added,
            Some((_, old_index)) => {
                gone.retain(|other| *other != old_index);
                Change::Changed { words: word_changes(&old[old_index].text, &new[index].text) }
            }
        });
    }
    (changes.into_iter().flatten().collect(), gone)
}

/// The variants that show a sentence, by their facts.
fn shown_by<'f>(sentence: &Sentence, variants: &'f [Facts]) -> BTreeSet<&'f Facts> {
    sentence.variants.iter().filter_map(|index| variants.get(*index)).collect()
}

/// The share of words that two sentences have in common, in order.
fn likeness(old: &str, new: &str) -> f64 {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.split(' ').collect(), new.split(' ').collect());
    let longest = old.len().max(new.len()).max(1);
    let common = common_words(&old, &new).iter().filter(|(side, _)| *side == Side::Both).count();
    common as f64 / longest as f64
}

/// The words of both texts in order. Words are alike whatever spaces stand between them.
pub(super) fn word_changes(old: &str, new: &str) -> Vec<Words> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.split(' ').collect(), new.split(' ').collect());
    let mut runs: Vec<Words> = Vec::new();
    for (of, word) in common_words(&old, &new) {
        match runs.last_mut().filter(|last| last.of == of) {
            Some(last) => {
                last.text.push(' ');
                last.text.push_str(word);
            }
            None => runs.push(Words { of, text: word.to_owned() }),
        }
    }
    runs
}

/// Each word with the side that has it, by a longest common subsequence.
fn common_words<'t>(old: &[&'t str], new: &[&'t str]) -> Vec<(Side, &'t str)> {
    let same = |a: &str, b: &str| a == b || super::plain(a) == super::plain(b);
    let width = new.len() + 1;
    let mut lengths = vec![0_u32; (old.len() + 1) * width];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            lengths[i * width + j] = match same(old[i], new[j]) {
                true => lengths[(i + 1) * width + j + 1] + 1,
                false => lengths[(i + 1) * width + j].max(lengths[i * width + j + 1]),
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut words = Vec::with_capacity(old.len().max(new.len()));
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && same(old[i], new[j]) {
            words.push((Side::Both, new[j]));
            (i, j) = (i + 1, j + 1);
        } else if j == new.len()
            || (i < old.len() && lengths[(i + 1) * width + j] >= lengths[i * width + j + 1])
        {
            words.push((Side::Old, old[i]));
            i += 1;
        } else {
            words.push((Side::New, new[j]));
            j += 1;
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentence(text: &str, variants: &[usize]) -> Sentence {
        Sentence {
            key: super::super::plain(text),
            text: text.to_owned(),
            variants: variants.iter().copied().collect(),
            places: Vec::new(),
        }
    }

    #[test]
    fn sentences_are_the_same_changed_moved_added_or_gone() {
        let variants: Vec<Facts> =
            ["first", "renewal"].map(|reason| Facts::from([("reason".to_owned(), reason.to_owned())])).into();
        let old = [
            sentence("La carte est neuve.", &[0, 1]),
            sentence("Appelez aussitôt le 0 825.", &[0]),
            sentence("Détruisez l’ancienne carte dès réception.", &[1]),
            sentence("Rien.", &[0]),
        ];
        let new = [
            sentence("La carte est\u{a0}neuve.", &[0, 1]),
            sentence("Détruisez l’ancienne carte dès que la nouvelle fonctionne.", &[1]),
            sentence("Appelez aussitôt le 0 825.", &[0, 1]),
            sentence("Tout autre chose ici.", &[0]),
        ];
        let (changes, gone) = changes((&new, &variants), (&old, &variants), &|_| "avant".to_owned());
        assert_eq!(gone, [3]);
        assert_eq!(changes[0], Change::Same);
        assert_eq!(changes[2], Change::Moved { before: "avant".to_owned() });
        assert_eq!(changes[3], Change::Added);
        let Change::Changed { words } = &changes[1] else { panic!("{:?}", changes[1]) };
        let said: Vec<(Side, &str)> = words.iter().map(|words| (words.of, words.text.as_str())).collect();
        assert_eq!(
            said,
            [
                (Side::Both, "Détruisez l’ancienne carte dès"),
                (Side::Old, "réception."),
                (Side::New, "que la nouvelle fonctionne."),
            ]
        );
    }
}
