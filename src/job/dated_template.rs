//! The template of a kind of piece: one for all days, or a list of templates, each from a day on.

use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde::Deserialize;

use super::ClosedDay;

/// The template of a kind of piece, as the job file names it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(
    untagged,
    expecting = "name a template, or write a list such as `[{ path = \"templates/a\" }, { from = 2026-12-01, path = \"templates/b\" }]`"
)]
pub(crate) enum DatedTemplate {
    /// The same on all days.
    Always(PathBuf),
    /// Each from its day on, until the next one.
    From(Vec<TemplateFrom>),
}

/// A template from a day on.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TemplateFrom {
    /// The first night that it is used for; `None` for all nights before the next one.
    pub from: Option<ClosedDay>,
    /// A folder, or the name of a built-in template.
    pub path: PathBuf,
}

impl DatedTemplate {
    /// A template for all days.
    pub(super) fn always(name: &str) -> DatedTemplate {
        DatedTemplate::Always(name.into())
    }

    /// The template of a night; `None` for a night before the first one.
    pub(super) fn of(&self, night: Date) -> Option<&Path> {
        match self {
            DatedTemplate::Always(path) => Some(path),
            DatedTemplate::From(list) => {
                let begun = |template: &&TemplateFrom| template.day().is_none_or(|from| from <= night);
                list.iter().take_while(begun).last().map(|template| template.path.as_path())
            }
        }
    }

    /// The first day that it has a template for; `None` where it has one for every day.
    pub(super) fn first_day(&self) -> Option<Date> {
        match self {
            DatedTemplate::Always(_) => None,
            DatedTemplate::From(list) => list.first().and_then(TemplateFrom::day),
        }
    }

    /// What is wrong with it, and the advice.
    pub(super) fn fault(&self) -> Option<&'static str> {
        let DatedTemplate::From(list) = self else { return None };
        if list.is_empty() {
            return Some("the list names no template; name one, such as `[{ path = \"templates/a\" }]`");
        }
        if list.iter().any(|template| template.from.is_some() && template.day().is_none()) {
            return Some("write `from` as a date, such as 2026-12-01");
        }
        let days: Vec<Option<Date>> = list.iter().map(TemplateFrom::day).collect();
        let rising = days.is_sorted_by(|a, b| b.is_some() && a < b);
        (!rising).then_some(
            "the days of its templates do not rise; give each one a later `from` than the one before, and leave `from` out in the first one only",
        )
    }
}

impl TemplateFrom {
    fn day(&self) -> Option<Date> {
        super::closed_day(self.from.as_ref()?)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[derive(Deserialize)]
    struct Table {
        template: DatedTemplate,
    }

    fn read(text: &str) -> DatedTemplate {
        toml::from_str::<Table>(&format!("template = {text}")).expect("a template").template
    }

    #[test]
    fn each_night_has_the_template_of_its_day() {
        let list = read(
            "[{ path = \"a\" }, { from = 2026-12-01, path = \"b\" }, { from = \"2027-01-01\", path = \"c\" }]",
        );
        let of = |year, month, day| list.of(date(year, month, day)).and_then(Path::to_str);
        assert_eq!([of(2026, 11, 30), of(2026, 12, 1), of(2026, 12, 31)], [Some("a"), Some("b"), Some("b")]);
        assert_eq!([of(2027, 1, 1), of(1999, 1, 1)], [Some("c"), Some("a")]);
        assert_eq!((list.fault(), list.first_day()), (None, None));
        assert_eq!(read("\"a\"").of(date(2026, 1, 1)), Some(Path::new("a")));
    }

    #[test]
    fn a_night_before_the_first_day_has_none() {
        let list = read("[{ from = 2026-12-01, path = \"b\" }]");
        assert_eq!(list.of(date(2026, 11, 30)), None);
        assert_eq!(list.first_day(), Some(date(2026, 12, 1)));
    }

    #[test]
    fn lists_that_say_nothing_are_faults() {
        for (text, word) in [
            ("[]", "no template"),
            ("[{ from = \"soon\", path = \"a\" }]", "as a date"),
            ("[{ from = 2026-12-01, path = \"a\" }, { from = 2026-12-01, path = \"b\" }]", "rise"),
            ("[{ from = 2026-12-01, path = \"a\" }, { path = \"b\" }]", "rise"),
            ("[{ path = \"a\" }, { path = \"b\" }]", "rise"),
        ] {
            assert!(read(text).fault().is_some_and(|fault| fault.contains(word)), "{text}");
        }
    }
}
