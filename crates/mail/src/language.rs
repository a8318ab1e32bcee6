//! The language of what a bureau's own people read: work orders, sheets, reports, rejects and warnings.
//!
//! Letters and mailers are French whatever the bureau speaks. Both texts stand side by side at their place of use.

use std::borrow::Cow;
use std::fmt::{self, Display};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::calendar::french_date;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// A language of the bureau's paper and tables.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Language {
    /// French.
    #[default]
    #[serde(rename = "fr")]
    French,
    /// English.
    #[serde(rename = "en")]
    English,
}

impl Language {
    /// The one of two texts that is in this language.
    pub fn of<T>(self, french: T, english: T) -> T {
        match self {
            Language::French => french,
            Language::English => english,
        }
    }

    /// Its code (ISO 639-1), as job files have it.
    pub fn code(self) -> &'static str {
        self.of("fr", "en")
    }

    /// A day: `1er mars 2026`, `1 March 2026`.
    pub fn date(self, day: Date) -> String {
        match self {
            Language::French => french_date(day),
            Language::English => {
                let month = MONTHS.get(day.month().unsigned_abs() as usize - 1).copied().unwrap_or_default();
                format!("{} {month} {}", day.day(), day.year())
            }
        }
    }
}

/// A fault or a remark that speaks both languages. Its `Display` is English.
pub trait Worded: Display {
    /// The French text, with the values of the English one.
    fn french(&self) -> String;

    /// The text in a language.
    fn words(&self, language: Language) -> String {
        match language {
            Language::French => self.french(),
            Language::English => self.to_string(),
        }
    }
}

impl<T: Worded + ?Sized> Worded for &T {
    fn french(&self) -> String {
        (**self).french()
    }
}

/// A message, or a part of one, in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    french: Cow<'static, str>,
    english: Cow<'static, str>,
}

impl Words {
    /// A text that is always the same.
    pub const fn new(french: &'static str, english: &'static str) -> Words {
        Words { french: Cow::Borrowed(french), english: Cow::Borrowed(english) }
    }

    /// A text with values in it, the same in both languages.
    pub fn of(french: String, english: String) -> Words {
        Words { french: Cow::Owned(french), english: Cow::Owned(english) }
    }

    /// A text that is the same in both languages: a name, a value, or a message that was said in the bureau's language already.
    pub fn same(text: String) -> Words {
        Words::of(text.clone(), text)
    }

    /// What a fault says.
    pub fn said(fault: &(impl Worded + ?Sized)) -> Words {
        Words::of(fault.french(), fault.to_string())
    }
}

impl Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.english)
    }
}

impl Worded for Words {
    fn french(&self) -> String {
        self.french.clone().into_owned()
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn days_in_both_languages() {
        let days = [date(2026, 3, 1), date(2026, 12, 23)];
        assert_eq!(days.map(|day| Language::French.date(day)), ["1er mars 2026", "23 décembre 2026"]);
        assert_eq!(days.map(|day| Language::English.date(day)), ["1 March 2026", "23 December 2026"]);
    }
}
