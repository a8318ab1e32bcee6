//! Sets of variants in plain French: the shortest description by facts that fits exactly the variants of a set.

use std::collections::{BTreeMap, BTreeSet};

use template::Facts;

/// The set of all variants.
const ALL: &str = "toutes les variantes";

/// Values of a fact, by its name.
type Values<'f> = BTreeMap<&'f str, BTreeSet<&'f str>>;

/// The variants of a template.
pub(super) struct Universe<'f> {
    variants: &'f [Facts],
    /// The values that each fact has among them.
    values: Values<'f>,
}

impl<'f> Universe<'f> {
    pub(super) fn of(variants: &'f [Facts]) -> Universe<'f> {
        let mut values = Values::new();
        for (name, value) in variants.iter().flatten() {
            values.entry(name.as_str()).or_default().insert(value.as_str());
        }
        Universe { variants, values }
    }

    /// A set of variants, given by their indices, in words. Alternatives are separated by ` ; `.
    pub(super) fn describe(&self, set: &BTreeSet<usize>) -> String {
        if set.len() == self.variants.len() {
            return ALL.to_owned();
        }
        let inside = self.cover(set);
        let outside: BTreeSet<usize> = (0..self.variants.len()).filter(|n| !set.contains(n)).collect();
        let excluded = self.cover(&outside);
        let positive = inside.iter().map(|part| self.words(part)).collect::<Vec<_>>().join(" ; ");
        let negative = excluded.iter().map(|part| self.words(part)).collect::<Vec<_>>().join(" ; ");
        let negative = format!("{ALL}, sauf : {negative}");
        let shorter = excluded.len() < inside.len() && negative.len() < positive.len();
        if shorter { negative } else { positive }
    }

    /// Parts that together hold exactly the variants of a set, few and wide.
    fn cover(&self, set: &BTreeSet<usize>) -> Vec<Values<'f>> {
        let names: Vec<&'f str> = self.values.keys().copied().collect();
        orders(&names).iter().map(|order| self.cover_in(order, set)).min_by_key(Vec::len).unwrap_or_default()
    }

    /// The same, widening facts in this order.
    fn cover_in(&self, order: &[&'f str], set: &BTreeSet<usize>) -> Vec<Values<'f>> {
        let mut left = set.clone();
        let mut parts = Vec::new();
        while let Some(first) = left.first().and_then(|first| self.variants.get(*first)) {
            let mut part: Values<'f> =
                first.iter().map(|(name, value)| (name.as_str(), BTreeSet::from([value.as_str()]))).collect();
            for name in order {
                self.widen(&mut part, name, set);
            }
            let held = self.held(&part);
            left.retain(|index| !held.contains(index));
            parts.push(part);
        }
        parts
    }

    /// Adds each value of a fact that leaves the part inside the set.
    fn widen(&self, part: &mut Values<'f>, name: &'f str, set: &BTreeSet<usize>) {
        for value in self.values.get(name).into_iter().flatten() {
            let mut wider = part.clone();
            wider.entry(name).or_default().insert(value);
            if self.held(&wider).is_subset(set) {
                *part = wider;
            }
        }
    }

    /// The variants in a part.
    fn held(&self, part: &Values<'f>) -> BTreeSet<usize> {
        let inside = |facts: &Facts| {
            facts.iter().all(|(name, value)| {
                part.get(name.as_str()).is_some_and(|held| held.contains(value.as_str()))
            })
        };
        (0..self.variants.len()).filter(|index| inside(&self.variants[*index])).collect()
    }

    /// A part in words: the facts that it restricts, as long as the others are not needed.
    fn words(&self, part: &Values<'f>) -> String {
        let held = self.held(part);
        let mut needed = part.clone();
        for (name, all) in &self.values {
            let mut without = needed.clone();
            without.insert(name, all.clone());
            if self.held(&without) == held {
                needed = without;
            }
        }
        // A value that no variant of the part has is not worth a word.
        let shown = |name: &str| -> BTreeSet<&str> {
            held.iter().filter_map(|index| self.variants[*index].get(name).map(String::as_str)).collect()
        };
        let restricted = |(name, values): (&&str, &BTreeSet<&str>)| {
            let all = self.values.get(name)?;
            (values.len() < all.len()).then(|| fact_words(name, &shown(name), all))
        };
        let mut words: Vec<(usize, String)> = needed
            .iter()
            .filter_map(|(name, values)| Some((order_of(name), restricted((name, values))?)))
            .collect();
        words.sort();
        match words.is_empty() {
            true => ALL.to_owned(),
            false => words.into_iter().map(|(_, words)| words).collect::<Vec<_>>().join(", "),
        }
    }
}

/// Every order of a few names.
fn orders<'f>(names: &[&'f str]) -> Vec<Vec<&'f str>> {
    if names.is_empty() {
        return vec![Vec::new()];
    }
    let mut found = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let rest: Vec<&str> =
            names.iter().enumerate().filter(|(n, _)| *n != index).map(|(_, name)| *name).collect();
        found.extend(
            orders(&rest).into_iter().map(|rest| std::iter::once(*name).chain(rest).collect::<Vec<_>>()),
        );
    }
    found
}

/// The order in which facts are named.
fn order_of(name: &str) -> usize {
    composition::FACTS.iter().position(|fact| *fact == name).unwrap_or(usize::MAX)
}

/// The values of a fact in words, those that it lacks where they are fewer.
fn fact_words(name: &str, values: &BTreeSet<&str>, all: &BTreeSet<&str>) -> String {
    let said = |values: Vec<&&str>| values.iter().map(|value| value_words(name, value)).collect::<Vec<_>>();
    let lacking: Vec<&&str> = all.difference(values).collect();
    match values.len() > lacking.len() {
        true => format!("{} sauf {}", plural_words(name), said(lacking).join(" et ")),
        false => said(values.iter().collect()).join(" ou "),
    }
}

/// A value of a fact in words.
pub(super) fn value_words(name: &str, value: &str) -> String {
    let words = match (name, value) {
        ("reason", "first") => "première carte",
        ("reason", "renewal") => "renouvellement",
        ("reason", "incident") => "incident",
        ("reason", "change") => "changement",
        ("reason", "codes_reissue") => "réédition des codes",
        ("codes", "new") => "nouveaux codes",
        ("codes", "kept") => "codes inchangés",
        ("holder", "named") => "carte nominative",
        ("holder", "structure") => "carte non nominative",
        ("replaced", "yes") => "carte remplacée connue",
        ("replaced", "no") => "sans carte remplacée",
        ("family", family) => family,
        (name, value) => return format!("{name} = {value}"),
    };
    words.to_owned()
}

/// All values of a fact in words.
fn plural_words(name: &str) -> &str {
    match name {
        "reason" => "tous les motifs",
        "family" => "toutes les familles",
        other => other,
    }
}

/// A variant in words, each of its facts.
pub(crate) fn variant_words(facts: &Facts) -> String {
    let mut words: Vec<(usize, String)> =
        facts.iter().map(|(name, value)| (order_of(name), value_words(name, value))).collect();
    words.sort();
    words.into_iter().map(|(_, words)| words).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use composition::facts;
    use mail::piece::PieceKind;

    use crate::studio::records::every_record;

    fn variants() -> Vec<Facts> {
        let mut variants: Vec<Facts> = Vec::new();
        for record in every_record(PieceKind::Letter).unwrap() {
            let facts = facts(PieceKind::Letter, &record);
            if !variants.contains(&facts) {
                variants.push(facts);
            }
        }
        variants
    }

    #[test]
    fn sets_have_the_shortest_words_that_fit_them() {
        let variants = variants();
        let universe = Universe::of(&variants);
        let words = |wanted: &dyn Fn(&Facts) -> bool| {
            universe.describe(&(0..variants.len()).filter(|n| wanted(&variants[*n])).collect())
        };
        assert_eq!(words(&|_| true), "toutes les variantes");
        assert_eq!(words(&|facts| facts["reason"] == "renewal"), "renouvellement");
        assert_eq!(
            words(&|facts| facts["reason"] == "renewal" && facts["codes"] == "kept"),
            "renouvellement, codes inchangés"
        );
        assert_eq!(words(&|facts| facts["codes"] == "kept"), "codes inchangés");
        assert_eq!(words(&|facts| facts["family"] != "CPE"), "toutes les familles sauf CPE");
        assert_eq!(words(&|facts| facts["holder"] == "structure"), "carte non nominative");
        assert_eq!(
            words(&|facts| facts["reason"] == "first" || facts["holder"] == "structure"),
            "première carte ; carte non nominative"
        );
        assert_eq!(
            words(&|facts| !(facts["reason"] == "incident" && facts["family"] == "CPS")),
            "toutes les variantes, sauf : incident, CPS"
        );
        assert!(
            variant_words(&variants[0]).starts_with("première carte, nouveaux codes, CPS, carte nominative")
        );
    }

    /// Every description stands for exactly its set: random sets, described by parts that are put together again.
    #[test]
    fn covers_are_exact() {
        let variants = variants();
        let universe = Universe::of(&variants);
        for seed in 0..12_usize {
            let set: BTreeSet<usize> =
                (0..variants.len()).filter(|n| (n * 7 + seed * 13) % (3 + seed) < 2).collect();
            let names: Vec<&str> = universe.values.keys().copied().collect();
            let held: BTreeSet<usize> =
                universe.cover_in(&names, &set).iter().flat_map(|part| universe.held(part)).collect();
            assert_eq!(held, set);
        }
    }
}
